"""Read, check and change rules over HTTP; try them against the past before they hold."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.config import schemas
from alertmesh.config.keyhelp import key_help
from alertmesh.config.shipped import shipped_values
from alertmesh.console.bodies import Count, read_json, send_json
from alertmesh.console.problems import Refused
from alertmesh.console.queries import number, page, wording
from alertmesh.console.service import Service
from alertmesh.console.tells import Object, tells
from alertmesh.console.wording import ENGLISH, Wording
from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.desks.rulebook import BadRules, Change, NotWritable, Rulebook, Shown
from alertmesh.desks.rulebook_check import Fault, Verdict
from alertmesh.desks.rulebook_files import KINDS, TEMPLATES
from alertmesh.desks.rulebook_history import Brief, How
from alertmesh.desks.rulebook_trial import Busy, Trial

T = TypeVar("T")

_BODY = 2 * 1024 * 1024
_WEEK = timedelta(days=7)


class RuleView(Struct, frozen=True, kw_only=True):
    """One rule file.

    `schema` names the JSON Schema it follows, None for a template. `origin` is `own` or `shipped`: a
    shipped file holds while the directory has none of its section. `version` is its newest version in
    history, None for one that has none. `pending` says that it was changed on the disk and is not in force
    as it stands. `why_not` says why it cannot be changed here and what to do; empty when it can.
    """

    path: str
    kind: str
    schema: str | None
    origin: str
    size: int
    etag: str
    version: Brief | None
    pending: bool
    why_not: str


class RulesPage(Struct, frozen=True, kw_only=True):
    """The rule files that hold, by path. `folder` is where they are, `version` that of the set in force.

    `gone` are files that were taken away and whose versions are kept.
    """

    folder: str
    version: str
    writable: bool
    why_not: str
    kinds: list[str]
    files: list[RuleView]
    gone: list[str]
    next: str | None


class RuleText(Struct, frozen=True, kw_only=True):
    """A rule file with its text and its versions, the newest first.

    `text` is that of `version`, if one was asked for: None where the file was taken away by then. `file` is
    None for one that is gone.
    """

    path: str
    file: RuleView | None
    text: str | None
    version: Brief | None
    versions: list[Brief]


class SaveBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new text, and the `etag` of the one it was made from: empty for a file that was not there."""

    text: str
    etag: str = ""
    note: str = ""


class RollbackBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which version to take back, and the `etag` of the text that stands there now."""

    version: Count
    etag: str = ""


class DraftBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Texts by path as they would be; null takes a file away."""

    files: dict[str, str | None]


class TrialBody(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}
):
    """A draft, and over which time to try it: the last seven days unless told."""

    files: dict[str, str | None]
    start: datetime | None = None
    end: datetime | None = None


class Saved(Struct, frozen=True, kw_only=True):
    """A change that is in force: the version of the file, None when it is gone, and that of the whole set."""

    path: str
    file: RuleView | None
    version: Brief
    rules: str


class TrialsPage(Struct, frozen=True, kw_only=True):
    """The dry runs that are remembered, the newest first."""

    trials: list[Trial]
    next: None = None


class Rules:
    """The handlers of `/api/v1/rules`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(RulesPage, query=("after", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the rule files that hold."""
        book = self._book
        found = await plainly(book.files())
        shown, after = page(request, found, self._service.limits.page, lambda one: one.file.path)
        why = book.why_not()
        return send_json(
            RulesPage(
                folder=book.folder,
                version=book.version,
                writable=not why,
                why_not=why,
                kinds=list(KINDS),
                files=[show_rule(one) for one in shown],
                gone=[path for path in book.gone() if path not in {one.file.path for one in found}],
                next=after,
            )
        )

    @tells(RuleText, query=("version",), may=(422,))
    async def show(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return a rule file with its text, or one of its versions with `version`."""
        path, book = request.match_info["path"], self._book
        versions = await plainly(book.versions(path))
        file, text, version = None, None, None
        try:
            shown, text = await plainly(book.file(path))
            file = show_rule(shown)
        except KeyError as error:
            if not versions:
                raise Refused(404, "unknown-rule", f"there is no rule file {path!r}", "path") from error
        if "version" in request.query:
            wanted = number(request, "version", 0)
            found = next((one for one in versions if one.number == wanted), None)
            if found is None:
                raise Refused(404, "unknown-version", f"version {wanted} of {path} is not kept", "version")
            text, version = found.text, found.brief
        briefs = [one.brief for one in versions]
        return send_json(RuleText(path=path, file=file, text=text, version=version, versions=briefs))

    @tells(Object, query=("language",))
    async def schema(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the JSON Schema of a kind of file.

        `x-help` says what each key is for, `x-shipped` what the shipped rules have for it.
        """
        name = request.match_info["name"]
        found = schemas().get(name)
        if found is None:
            raise Refused(404, "unknown-schema", f"there is no schema {name[:40]!r}", "name")
        said = wording(request, self._service)
        more = {"x-help": key_help(name, said.language), "x-shipped": shipped_values(name)}
        return send_json(found | more)

    @tells(Verdict, takes=DraftBody, query=("language",))
    async def check(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Say what is wrong with the rules once a draft is in place."""
        body = await read_json(request, _DRAFT, _BODY)
        found: Verdict = await plainly(self._book.check(body.files))
        said = wording(request, self._service)
        return send_json(Verdict(faults=_told(found.faults, said), warnings=_told(found.warnings, said)))

    @tells(Saved, takes=SaveBody, query=("language",), may=(409,))
    async def save(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Put a text into force."""
        path = request.match_info["path"]
        body = await read_json(request, _SAVE, _BODY)
        change = Change(draft={path: body.text}, how=How.SAVED, actor=actor, note=body.note[:200])
        said = wording(request, self._service)
        work = self._book.save(change, body.etag, self._service.reload)
        version = await plainly(work, said)
        return await self._saved(path, version)

    @tells(Saved, query=("etag", "language"), may=(409, 422))
    async def delete(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Take a rule file away; `etag` names the text that is meant."""
        path = request.match_info["path"]
        change = Change(draft={path: None}, how=How.DELETED, actor=actor)
        etag = request.query.get("etag")
        if not etag:
            raise Refused(400, "bad-query", "etag must be that of the text which is to go", "etag")
        said = wording(request, self._service)
        work = self._book.save(change, etag, self._service.reload)
        version = await plainly(work, said)
        return await self._saved(path, version)

    @tells(Saved, takes=RollbackBody, query=("language",), may=(409,))
    async def roll_back(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Put an older version of a rule file into force again."""
        path = request.match_info["path"]
        body = await read_json(request, _ROLLBACK)
        said = wording(request, self._service)
        work = self._book.roll_back(path, body.version, actor, body.etag, self._service.reload)
        try:
            version = await plainly(work, said)
        except KeyError as error:
            detail = f"version {body.version} of {path} is not kept"
            raise Refused(404, "unknown-version", detail, "version") from error
        return await self._saved(path, version)

    @tells(Trial, status=202, takes=TrialBody, query=("language",), may=(409,))
    async def try_out(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Begin a dry run over the past."""
        body = await read_json(request, _TRIAL, _BODY)
        end = body.end or self._service.clock.now()
        start = body.start or end - _WEEK
        if start.tzinfo is None or end.tzinfo is None:
            raise Refused(422, "unfit", "moments need an offset, such as 2026-11-23T04:00:00Z", "from")
        said = wording(request, self._service)
        work = self._service.desks.trials.begin(body.files, start, end, actor)
        trial = await plainly(work, said)
        return send_json(trial, 202)

    @tells(TrialsPage)
    async def trials(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the dry runs that are remembered."""
        return send_json(TrialsPage(trials=self._service.desks.trials.trials()))

    @tells(Trial)
    async def trial(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return a dry run as it stands."""
        try:
            return send_json(self._service.desks.trials.trial(request.match_info["id"]))
        except KeyError as error:
            raise _no_trial() from error

    @tells(Trial)
    async def cancel(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Stop a dry run."""
        try:
            return send_json(await self._service.desks.trials.cancel(request.match_info["id"]))
        except KeyError as error:
            raise _no_trial() from error

    @property
    def _book(self) -> Rulebook:
        return self._service.desks.rulebook

    async def _saved(self, path: str, version: Brief) -> web.StreamResponse:
        return send_json(await saved(self._book, path, version))


async def saved(book: Rulebook, path: str, version: Brief) -> Saved:
    """Return the answer to a change that is in force."""
    try:
        shown, _ = await book.file(path)
    except KeyError:
        return Saved(path=path, file=None, version=version, rules=book.version)
    return Saved(path=path, file=show_rule(shown), version=version, rules=book.version)


def show_rule(shown: Shown) -> RuleView:
    """Return how the API shows a rule file."""
    file = shown.file
    return RuleView(
        path=file.path,
        kind=file.kind,
        schema=None if file.kind == TEMPLATES else file.kind,
        origin="own" if file.own else "shipped",
        size=file.size,
        etag=file.digest,
        version=shown.newest,
        pending=shown.pending,
        why_not=shown.why_not,
    )


async def plainly(work: Awaitable[T], said: Wording = ENGLISH) -> T:
    """Await work on rules; what it refuses is told as a problem."""
    try:
        return await work
    except NotWritable as error:
        raise Refused(409, "read-only", str(error)) from error
    except BadRules as error:
        refused = Refused(422, "bad-rules", str(error))
        refused.problems = tuple(str(fault) for fault in _told(error.faults, said))
        raise refused from error
    except StaleCommand as error:
        raise Refused(409, "changed-meanwhile", str(error), "etag") from error
    except Busy as error:
        raise Refused(409, "busy", str(error)) from error
    except BadCommand as error:
        field, _, _ = str(error).partition(": ")
        raise Refused(422, "unfit", str(error), field) from error


def _told(faults: tuple[Fault, ...], said: Wording) -> tuple[Fault, ...]:
    return tuple(replace(fault, message=said.problem(fault.message)) for fault in faults)


def _no_trial() -> Refused:
    return Refused(404, "unknown-trial", "this dry run is not remembered", "id")


_DRAFT = msgspec.json.Decoder(DraftBody)
_ROLLBACK = msgspec.json.Decoder(RollbackBody)
_SAVE = msgspec.json.Decoder(SaveBody)
_TRIAL = msgspec.json.Decoder(TrialBody)
