"""The templates of a configuration: whose files hold, and what a bad one does to a running program."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from alertmesh.config import load
from alertmesh.core.errors import BadConfig
from alertmesh.core.page import AttemptState
from alertmesh.core.texts import TextFile
from alertmesh.messages import templates
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.fakes import until
from tests.scenarios.people import staffed
from tests.test_runtime import a_runtime, tell

MINE = TextFile("page.en.txt.j2", "rules/messages/page.en.txt.j2", "Mine: {{ title }}")
BAD = changed(MINE, text="{{ rot }}")


def with_messages(*files: TextFile):
    return replace(staffed("console"), messages=files)


def test_a_file_of_ones_own_stands_in_for_the_shipped_one_and_the_others_stay(tmp_path):
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "page.en.txt.j2").write_text("Mine: {{ title }}")
    shipped, own = (load(None, folder, {}).messages for folder in (None, tmp_path))
    assert {file.name for file in own} == {file.name for file in shipped}
    assert [file.text for file in own if file not in shipped] == ["Mine: {{ title }}"]


def test_another_template_is_another_version_of_the_configuration(tmp_path):
    before = load(None, tmp_path, {}).version
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "page.en.txt.j2").write_text("Mine: {{ title }}")
    assert load(None, tmp_path, {}).version != before


def test_a_bad_template_keeps_the_program_from_starting_and_from_reloading():
    with pytest.raises(BadConfig, match=r"rules/messages/page.en.txt.j2:1:4 there is no 'rot'"):
        templates(with_messages(BAD))
    with pytest.raises(BadConfig, match="'rot'"):
        Wiring(with_messages(MINE), lambda: with_messages(BAD)).fresh()


async def test_a_page_says_what_the_templates_of_the_moment_say():
    config = with_messages(MINE)
    fresh = with_messages(changed(MINE, text="Now: {{ title }}"))
    runtime = a_runtime(MemoryStore(), config=config, reload=lambda: fresh)
    await runtime.start()
    try:
        await tell(runtime, "Down")
        await until(lambda: [one for one in runtime.attempts(1) if one.state is AttemptState.SENT])
        await runtime.reload()
        await tell(runtime, "Other")
        await until(lambda: [one for one in runtime.attempts(2) if one.state is AttemptState.SENT])
    finally:
        await runtime.stop()
    bodies = [runtime.store.attempts(number)[0].message.decode() for number in (1, 2)]
    assert ["Mine: Down" in bodies[0], "Now: Other" in bodies[1]] == [True, True]
