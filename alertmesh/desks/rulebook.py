"""The desk at which rules are read, changed and taken back.

A change is checked as a whole, kept in history with who made it, written, and loaded. When the loader
refuses it after all, what stood there before is put back. Changes that somebody makes on the disk are
noticed and kept as well.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import structlog
from msgspec import Struct

from alertmesh.config import Origin, default_rules_dir
from alertmesh.core.clock import Clock
from alertmesh.core.errors import AlertMeshError, BadCommand, BadConfig, StaleCommand, StoreUnavailable
from alertmesh.core.ports import AuditEntry, Batch, Store
from alertmesh.core.records import Row
from alertmesh.core.texts import digest_of
from alertmesh.desks.rulebook_check import Fault, Verdict, check
from alertmesh.desks.rulebook_files import LONGEST, Draft, RuleFile, RuleFiles, Signature, kind_of
from alertmesh.desks.rulebook_history import Brief, How, Version, VersionBook
from alertmesh.wiring import Wiring

_LOOK_S = 5.0
_NO_FILES = "this server was started without files that could be read again"
_MOST_FILES = 64

Reload = Callable[[], Awaitable[None]]

log = structlog.get_logger()


class BadRules(AlertMeshError):
    """Rules that cannot be taken; `faults` lists everything that is wrong with them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults[:3]))
        self.faults = faults


class NotWritable(AlertMeshError):
    """A rule file that cannot be changed here; says why and what to do."""


class Change(Struct, frozen=True, kw_only=True):
    """What a person wants done to rule files. `note` says more about why."""

    draft: Draft
    how: How
    actor: str
    note: str = ""


class Shown(Struct, frozen=True, kw_only=True):
    """A file as it stands: the newest version that is kept of it, and whether it holds as it stands.

    `pending` says that it was changed on the disk since the rules were loaded.
    """

    file: RuleFile
    newest: Brief | None
    pending: bool
    why_not: str


class Rulebook:
    """Read and change the rules in force."""

    def __init__(self, store: Store, wiring: Wiring, clock: Clock) -> None:
        self._store = store
        self._wiring = wiring
        self._clock = clock
        self._book = VersionBook(store)
        self._turn = asyncio.Lock()
        self._checking = asyncio.Lock()
        self._still = asyncio.Lock()
        self._writing: asyncio.Task[Any] | None = None
        self._newest: dict[str, Brief] = {}
        self._seen: Signature | None = None
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take note of what is there, and go on looking for changes."""
        if self._wiring.config.origin is not None:
            self._newest = await asyncio.to_thread(self._read_newest)
            self._watching = asyncio.create_task(self._watch(), name="rules")

    async def stop(self) -> None:
        """Look no more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    @property
    def version(self) -> str:
        """Return the version of the configuration in force."""
        return self._wiring.config.version

    @property
    def origin(self) -> Origin:
        """Return where the rules in force were read; NotWritable when there are no files behind them."""
        origin = self._wiring.config.origin
        if origin is None:
            raise NotWritable(_NO_FILES)
        return origin

    @property
    def folder(self) -> str:
        """Return the directory in force."""
        return str(self.origin.rules)

    def why_not(self, path: str = "") -> str:
        """Return why nothing, or a file, can be changed here, and what to do; empty when it can."""
        if self._wiring.config.origin is None or not self._wiring.can_reload:
            return _NO_FILES
        return self._files().why_not_writable(path)

    async def files(self) -> list[Shown]:
        """Return every file that holds, by path."""
        return await asyncio.to_thread(self._all)

    def gone(self) -> list[str]:
        """Return the files that were taken away and whose versions are kept, by path."""
        return sorted(path for path, newest in self._newest.items() if not newest.digest)

    async def file(self, path: str) -> tuple[Shown, str]:
        """Return a file and its text; KeyError when there is none, BadCommand for what is no path."""
        return await asyncio.to_thread(self._one, path)

    async def versions(self, path: str) -> list[Version]:
        """Return the versions of a file, the newest first; BadCommand for what is no path."""
        kind_of(path)
        return self._book.versions(path)

    async def check(self, draft: Draft) -> Verdict:
        """Return what is wrong with the whole set once a draft is in place; BadCommand when that is none."""
        origin, now = self.origin, self._clock.now()
        async with self._checking:  # one at a time: each takes a good part of a core
            return await asyncio.to_thread(lambda: check(origin, self.whole(draft), now))

    def whole(self, draft: Draft) -> Draft:
        """Return a draft with the files it takes along; BadCommand when it is none."""
        if len(draft) > _MOST_FILES:
            raise BadCommand(f"files: at most {_MOST_FILES} at once")
        for path, text in draft.items():
            kind_of(path)
            if text is not None and len(text.encode()) > LONGEST:
                raise BadCommand(f"{path}: may have {LONGEST // 1024} KiB at most")
        return self._files().adopted(draft)

    async def save(self, change: Change, digest: str | None, reload: Reload) -> Brief:
        """Put a change of one file into force and return its new version.

        `digest` is that of the text the person began with, empty for a file that was not there, None not
        to ask. Raises StaleCommand when it was changed since, NotWritable, BadRules, BadCommand for
        what is no draft, and StoreUnavailable.
        """
        async with self._turn:
            path = next(iter(change.draft))
            whole = self.whole(change.draft)
            before = {name: self._own_text(name) for name in whole}
            self._refuse(path, digest)
            verdict = await self.check(change.draft)
            if verdict.faults:
                raise BadRules(verdict.faults)
            self._refuse(path, digest)
            await self._notice()
            rows = self._rows(change, whole)
            now = self._clock.now()
            detail = change.note or change.how.value
            audit = AuditEntry(
                at=now, actor=change.actor, action="rules", target=f"rules/{path}", detail=detail
            )
            await self._store.write(Batch(rows=rows, audit=[audit]))
            async with self.still():
                await self._take(whole, before, rows, reload)
            self._renew(whole)
            log.info("rules_changed", path=path, how=change.how.value, actor=change.actor)
            return self._newest[path]

    @asynccontextmanager
    async def still(self) -> AsyncIterator[None]:
        """Wait until no change is being written, and let none be while this lasts.

        Whoever loads the rules does it meanwhile, lest half a change is loaded; the one who writes them
        may as well.
        """
        if self._writing is not None and self._writing is asyncio.current_task():
            yield
            return
        async with self._still:
            self._writing = asyncio.current_task()
            try:
                yield
            finally:
                self._writing = None

    async def look(self) -> None:
        """Keep what somebody changed on the disk since it was looked at last."""
        async with self._turn:
            await self._notice()

    async def roll_back(self, path: str, number: int, actor: str, digest: str, reload: Reload) -> Brief:
        """Put an older version into force again; KeyError when it is not kept, else as `save`."""
        kind_of(path)
        version = self._book.version(path, number)
        if version is None:
            raise KeyError(number)
        change = Change(
            draft={path: version.text}, how=How.ROLLBACK, actor=actor, note=f"back to version {number}"
        )
        return await self.save(change, digest, reload)

    async def _take(self, whole: Draft, before: Draft, rows: list[Row], reload: Reload) -> None:
        files = self._files()
        try:
            await asyncio.to_thread(files.write, whole)
            await reload()
        except (BadConfig, StoreUnavailable, OSError) as error:
            try:
                await asyncio.to_thread(files.write, before)
            except OSError as stuck:
                log.error("rules_not_put_back", path=str(stuck.filename), error=str(stuck.strerror))
            with suppress(StoreUnavailable):
                await self._store.write(Batch(rows=self._book.withdrawn(rows)))
            if isinstance(error, OSError):
                raise NotWritable(f"{error.filename or 'the rules'}: {error.strerror}") from error
            if isinstance(error, BadConfig):
                faults = (Fault(path="", line=0, column=0, message=text) for text in error.problems)
                raise BadRules(tuple(faults)) from error
            raise

    def _refuse(self, path: str, digest: str | None) -> None:
        why = self.why_not(path)
        if why:
            raise NotWritable(why)
        found = self._files().one(path)
        if digest is not None and digest != (found.digest if found else ""):
            raise StaleCommand(f"{path} was changed meanwhile; read it again")

    def _rows(self, change: Change, whole: Draft) -> list[Row]:
        now = self._clock.now()
        rows: list[Row] = []
        for path, text in whole.items():
            how = change.how if path in change.draft else How.ADOPTED
            rows += self._book.added(path, text, how, now, change.actor, change.note)
        return rows

    def _own_text(self, path: str) -> str | None:
        files = self._files()
        found = files.one(path)
        return files.text(found) if found is not None and found.own else None

    def _files(self) -> RuleFiles:
        return RuleFiles(self.origin.rules)

    def _all(self) -> list[Shown]:
        return [self._shown(one) for one in self._files().all()]

    def _one(self, path: str) -> tuple[Shown, str]:
        files = self._files()
        found = files.one(path)
        if found is None:
            raise KeyError(path)
        return self._shown(found), files.text(found)

    def _shown(self, file: RuleFile) -> Shown:
        origin = self.origin
        place = (origin.rules if file.own else default_rules_dir()) / file.path
        return Shown(
            file=file,
            newest=self._newest.get(file.path) if file.own else None,
            pending=file.own and origin.digests.get(str(place), "") != file.digest,
            why_not=self.why_not(file.path),
        )

    def _renew(self, paths: Iterable[str]) -> None:
        for path in paths:
            self._newest[path] = self._book.versions(path)[0].brief

    def _read_newest(self) -> dict[str, Brief]:
        with self._store.aside() as past:
            return VersionBook(past).known()

    # What others do to the files

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except (OSError, StoreUnavailable) as error:
                log.warning("rules_not_looked_at", error=str(error))
            await asyncio.sleep(_LOOK_S)

    async def _notice(self) -> None:
        files = self._files()
        signature = await asyncio.to_thread(files.signature)
        if signature == self._seen:
            return
        there = await asyncio.to_thread(lambda: {one.path: files.text(one) for one in files.own()})
        news = self._news(there, self._clock.now())
        if news:
            await self._store.write(Batch(rows=[row for rows in news.values() for row in rows]))
            self._renew(news)
        self._seen = signature

    def _news(self, there: Mapping[str, str], now: datetime) -> dict[str, list[Row]]:
        news: dict[str, list[Row]] = {}
        for path, text in there.items():
            newest = self._newest.get(path)
            if newest is None or newest.digest != digest_of(text):
                how = How.FOUND if newest is None else How.BY_HAND
                news[path] = self._book.added(path, text, how, now)
        for path, newest in self._newest.items():
            if path not in there and newest.digest:
                news[path] = self._book.added(path, None, How.GONE, now)
        return news
