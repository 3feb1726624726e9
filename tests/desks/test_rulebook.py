"""Rules are read, checked, changed and taken back, by the loader's own judgement, on a whole server."""

import asyncio
import itertools
import os
import shutil
from datetime import timedelta

import pytest

from alertmesh.config import default_rules_dir
from alertmesh.config.keyhelp import key_help
from alertmesh.core.errors import BadCommand, BadConfig
from alertmesh.core.ports import Batch
from alertmesh.desks.rulebook import BadRules, Change
from alertmesh.desks.rulebook_files import RuleFiles, kind_of
from alertmesh.desks.rulebook_history import MOST, How, VersionBook
from alertmesh.store import MemoryStore
from tests.desks.rules import house
from tests.fakes import NOW

STORM = "/rules/dedup/storm.yaml"


async def storm(home):
    """Return the text of the storm rules and its etag."""
    found = await home.get(STORM)
    return found["text"], found["file"]["etag"]


@pytest.mark.parametrize(
    "path",
    [
        "../alertmesh.yaml",
        "dedup/../../alertmesh.yaml",
        "/etc/passwd",
        "dedup/.hidden.yaml",
        "dedup/a/b.yaml",
        "secrets/a.yaml",
        "dedup/storm.txt",
        "storm.yaml",
        "messages/page.yaml",
        "messages.yaml",
        "dedup/\0.yaml",
        "",
    ],
)
def test_what_is_no_rule_has_no_path(path):
    with pytest.raises(BadCommand):
        kind_of(path)


async def test_shipped_rules_are_read_and_say_what_to_do_to_change_them(tmp_path):
    async with house(tmp_path, rules=default_rules_dir()) as home:
        page = await home.get("/rules?limit=500")
        text, etag = await storm(home)
        status, refused = await home.ask("PUT", STORM, {"text": text, "etag": etag})
    assert {one["origin"] for one in page["files"]} == {"shipped"}
    assert "--rules DIR" in page["why_not"]
    assert (status, refused["type"]) == (409, "urn:alertmesh:read-only")


async def test_a_first_change_takes_the_section_along_and_is_in_force(tmp_path):
    async with house(tmp_path) as home:
        text, etag = await storm(home)
        before = home.server.runtime.config.version
        changed = text.replace("enabled: true", "enabled: false")
        status, saved = await home.ask("PUT", STORM, {"text": changed, "etag": etag})
        assert status == 200, saved
        assert home.server.runtime.config.section("dedup")["storm"]["enabled"] is False
        assert saved["rules"] == home.server.runtime.config.version != before
        names = {path.name for path in (home.rules / "dedup").iterdir()}
        assert names == {path.name for path in (default_rules_dir() / "dedup").iterdir()}
        files = {one["path"]: one for one in (await home.get("/rules?limit=500"))["files"]}
        assert files["dedup/flap.yaml"]["version"]["how"] == "adopted"
        assert (files["dedup/storm.yaml"]["origin"], files["dedup/storm.yaml"]["pending"]) == ("own", False)
        assert home.told() == ["rules/dedup/storm.yaml"]


async def test_a_draft_with_mistakes_is_told_where_and_changes_nothing(tmp_path):
    bad = "storm:\n  enabled: true\n  facter: 3\n"
    async with house(tmp_path) as home:
        _, etag = await storm(home)
        _, verdict = await home.ask("POST", "/rules/check", {"files": {"dedup/storm.yaml": bad}})
        status, refused = await home.ask("PUT", STORM, {"text": bad, "etag": etag})
        assert home.told() == []
    (fault,) = verdict["faults"]
    assert (fault["path"], fault["line"], fault["column"]) == ("dedup/storm.yaml", 3, 3)
    assert "facter: unknown key; did you mean 'factor'?" in fault["message"]
    assert (status, refused["problems"]) == (422, [f"dedup/storm.yaml:3:3 {fault['message']}"])
    assert list(home.rules.iterdir()) == []


async def test_faults_are_told_in_the_language_that_is_asked_for(tmp_path):
    bad = "storm:\n  enabled: true\n  facter: 3\n"
    async with house(tmp_path) as home:
        _, etag = await storm(home)
        files = {"files": {"dedup/storm.yaml": bad}}
        _, verdict = await home.ask("POST", "/rules/check?language=zh", files)
        _, refused = await home.ask("PUT", f"{STORM}?language=zh", {"text": bad, "etag": etag})
    (fault,) = verdict["faults"]
    assert "facter：未知的键；是否应为 'factor'？" in fault["message"]
    assert refused["problems"] == [f"dedup/storm.yaml:3:3 {fault['message']}"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rosters:\n  - {name: night, members: [nobody]}\n", "there is no user 'nobody'"),
        ("channels: [{name: c, kind: pigeon}]\n", "pigeon"),
    ],
    ids=["across files", "what cannot be built"],
)
async def test_a_check_looks_at_the_whole_set(text, said, tmp_path):
    path = f"{text.partition(':')[0]}/extra.yaml"
    async with house(tmp_path) as home:
        _, verdict = await home.ask("POST", "/rules/check", {"files": {path: text}})
    assert said in " ".join(fault["message"] for fault in verdict["faults"])


async def test_a_reference_beside_the_rules_still_leads_there(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "hook").write_text("https://example.com/hook")
    channel = "channels:\n  - {name: hook, kind: webhook, settings: {url: 'file:../../secrets/hook'}}\n"
    async with house(tmp_path) as home:
        _, verdict = await home.ask("POST", "/rules/check", {"files": {"channels/hook.yaml": channel}})
    assert verdict["faults"] == []


async def test_who_is_late_is_told_so(tmp_path):
    async with house(tmp_path) as home:
        text, etag = await storm(home)
        await home.ask("PUT", STORM, {"text": text + "# one\n", "etag": etag})
        status, refused = await home.ask("PUT", STORM, {"text": text + "# two\n", "etag": etag})
        assert (status, refused["type"]) == (409, "urn:alertmesh:changed-meanwhile")
        assert (home.rules / "dedup" / "storm.yaml").read_text().endswith("# one\n")


async def test_an_older_version_is_taken_back(tmp_path):
    async with house(tmp_path) as home:
        text, etag = await storm(home)
        for change in ("# one\n", "# two\n"):
            _, saved = await home.ask("PUT", STORM, {"text": text + change, "etag": etag})
            etag = saved["file"]["etag"]
        status, saved = await home.ask("POST", f"{STORM}/rollback", {"version": 1, "etag": etag})
        found = await home.get(STORM)
        assert (status, found["text"]) == (200, text + "# one\n")
        assert [(one["number"], one["how"], one["actor"]) for one in found["versions"]] == [
            (3, "rollback", "local"),
            (2, "saved", "local"),
            (1, "saved", "local"),
        ]
        assert (await home.get(f"{STORM}?version=2"))["text"] == text + "# two\n"
        status, _ = await home.ask("POST", f"{STORM}/rollback", {"version": 9, "etag": ""})
        assert status == 404


async def test_the_shipped_file_holds_again_once_the_own_one_is_deleted(tmp_path):
    path = "/rules/priority.yaml"
    async with house(tmp_path) as home:
        shipped = await home.get(path)
        _, saved = await home.ask("PUT", path, {"text": "unknown: P1\n", "etag": shipped["file"]["etag"]})
        status, gone = await home.ask("DELETE", f"{path}?etag={saved['file']['etag']}")
        again = await home.get(path)
        assert (status, gone["version"]["how"], gone["file"]["origin"]) == (200, "deleted", "shipped")
        assert (again["text"], again["versions"][0]["digest"]) == (shipped["text"], "")
        assert home.server.runtime.config.section("priority")["unknown"] != "P1"


async def test_what_the_loader_refuses_after_all_is_put_back(tmp_path):
    async with house(tmp_path) as home:
        text, etag = await storm(home)
        mine = text + "# mine\n"

        async def refuses():
            assert (home.rules / "dedup" / "storm.yaml").read_text() == mine
            raise BadConfig(["the sky fell"])

        change = Change(draft={"dedup/storm.yaml": mine}, how=How.SAVED, actor="ann")
        with pytest.raises(BadRules, match="the sky fell"):
            await home.server.runtime.desks.rulebook.save(change, etag, refuses)
        assert not (home.rules / "dedup").exists()
        assert (await home.get(STORM))["versions"] == []


class Killed(BaseException):
    """The end of a process, which nothing that it does survives."""


def files_of(section, folder):
    files = RuleFiles(folder)
    return {one.path: files.text(one) for one in files.all() if one.kind == section}


@pytest.mark.parametrize(
    ("path", "lies_there"),
    [
        ("runbooks/hosts.yaml", ()),
        ("runbooks/hosts.yaml", ("README.md", ".gitkeep")),
        ("runbooks/own.yaml", ()),
        ("runbooks.yaml", ()),
        ("priority/own.yaml", ()),
    ],
)
def test_wherever_a_first_save_is_stopped_no_rule_is_missing(path, lies_there, tmp_path, monkeypatch):
    section = kind_of(path)
    shipped = files_of(section, default_rules_dir())
    for last in range(1, 200):
        folder = tmp_path / str(last)
        (folder / section if lies_there else folder).mkdir(parents=True)
        for name in lies_there:
            (folder / section / name).touch()
        draft = RuleFiles(folder).adopted({path: "# mine\n"})
        if stopped(folder, draft, last, monkeypatch):
            assert files_of(section, folder) in (shipped, draft)
        else:
            break
        RuleFiles(folder).write(draft)  # it is tried again after the restart
        assert files_of(section, folder) == draft
    assert files_of(section, folder) == draft
    assert all((folder / section / name).exists() for name in lies_there)
    before = dict.fromkeys(draft)
    for last in range(1, 200):
        if not stopped(folder, before, last, monkeypatch):
            break
        assert files_of(section, folder) in (shipped, draft)
    assert files_of(section, folder) == shipped


def stopped(folder, draft, last, monkeypatch):
    """Write a draft, and tell whether that was stopped at this step on the disk."""
    steps = itertools.count(1)

    def step(real):
        def done(*args, **more):
            if next(steps) == last:
                raise Killed
            return real(*args, **more)

        return done

    with monkeypatch.context() as patch:
        for name in ("fsync", "mkdir", "rename", "replace", "rmdir", "unlink"):
            patch.setattr(os, name, step(getattr(os, name)))
        try:
            RuleFiles(folder).write(draft)
        except Killed:
            return True
    return False


async def test_nobody_loads_rules_while_they_are_written(tmp_path):
    async with house(tmp_path) as home:
        text, etag = await storm(home)
        runtime = home.server.runtime
        others = []

        async def reload():
            others.append(asyncio.create_task(runtime.reload()))
            for _ in range(100):
                await asyncio.sleep(0)
            assert not others[0].done()
            await runtime.reload()

        change = Change(draft={"dedup/storm.yaml": text + "# mine\n"}, how=How.SAVED, actor="ann")
        await runtime.desks.rulebook.save(change, etag, reload)
        await others[0]


async def test_what_somebody_changes_on_the_disk_is_kept_as_such(tmp_path):
    store = MemoryStore()
    own = tmp_path / "rules" / "priority.yaml"
    async with house(tmp_path, store=store) as home:
        etag = (await home.get("/rules/priority.yaml"))["file"]["etag"]
        await home.ask("PUT", "/rules/priority.yaml", {"text": "unknown: P2\n", "etag": etag})
    own.write_text("unknown: P4\n")
    async with house(tmp_path, store=store) as home:
        await home.server.runtime.desks.rulebook.look()
        own.write_text("unknown: P1\n")
        await home.server.runtime.desks.rulebook.look()
        found = await home.get("/rules/priority.yaml")
        assert [one["how"] for one in found["versions"]] == ["by_hand", "by_hand", "saved"]
        assert found["file"]["pending"] is True
        own.unlink()
        await home.server.runtime.desks.rulebook.look()
        assert (await home.get("/rules/priority.yaml"))["versions"][0]["how"] == "gone"
        (home.rules / "inhibit.yaml").write_text("[]\n")
        await home.server.runtime.desks.rulebook.look()
        (home.rules / "inhibit.yaml").unlink()
        await home.server.runtime.desks.rulebook.look()
        assert (await home.get("/rules?limit=500"))["gone"] == ["inhibit.yaml"]


async def test_a_link_that_leads_outside_is_not_written(tmp_path):
    outside = tmp_path / "elsewhere.yaml"
    outside.write_text("unknown: P2\n")
    async with house(tmp_path) as home:
        (home.rules / "priority.yaml").symlink_to(outside)
        found = await home.get("/rules/priority.yaml")
        body = {"text": "unknown: P1\n", "etag": found["file"]["etag"]}
        status, refused = await home.ask("PUT", "/rules/priority.yaml", body)
    assert (status, refused["type"]) == (409, "urn:alertmesh:read-only")
    assert outside.read_text() == "unknown: P2\n"


async def test_no_more_versions_are_kept_than_there_is_room_for():
    store = MemoryStore()
    await store.open()
    book = VersionBook(store)
    for number in range(MOST + 5):
        rows = book.added("dedup/a.yaml", f"{number}", How.SAVED, NOW + timedelta(seconds=number))
        await store.write(Batch(rows=rows))
    kept = book.versions("dedup/a.yaml")
    assert (len(kept), kept[0].text, kept[-1].text) == (MOST, f"{MOST + 4}", "5")


def test_shipped_mappings_hold_beside_own_ones(tmp_path):
    (tmp_path / "mappings").mkdir()
    shutil.copy(default_rules_dir() / "mappings" / "nagios.yaml", tmp_path / "mappings" / "own.yaml")
    found = {one.path: one.own for one in RuleFiles(tmp_path).all() if one.kind == "mappings"}
    assert (found["mappings/own.yaml"], found["mappings/grafana.yaml"]) == (True, False)


async def test_a_schema_says_what_each_key_is_for_in_the_language_of_the_reader(tmp_path):
    async with house(tmp_path) as home:
        english = (await home.get("/rules/schema/dedup"))["x-help"]
        chinese = (await home.get("/rules/schema/dedup?language=zh"))["x-help"]
        status, _ = await home.ask("GET", "/rules/schema/nothing")
        shipped = (await home.get("/rules/schema/dedup"))["x-shipped"]
    assert english == key_help("dedup")
    assert (shipped["flap.stable"], shipped["flap.bounds"]) == ("15m", "{P1: 0s, P2: 5m, P3: 30m, P4: 30m}")
    assert chinese == key_help("dedup", "zh")
    assert status == 404
