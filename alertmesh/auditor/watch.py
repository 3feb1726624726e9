"""Look at the pager again and again: ping while all is well, and say so when it is not."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.auditor.aside import Aside, Hanging
from alertmesh.auditor.checks import judge, server
from alertmesh.auditor.heartbeat import Heartbeat, Summary
from alertmesh.auditor.knock import Knock, ready_url
from alertmesh.auditor.look import INVARIANTS, Bounds, Check, Finding, Look, bounds_of
from alertmesh.auditor.survey import Survey, Unreadable
from alertmesh.auditor.vigil import Vigil
from alertmesh.auditor.voice import Voice
from alertmesh.auditor.words import said
from alertmesh.channels import built
from alertmesh.config import Config
from alertmesh.config.auditor import NOT_ASKED
from alertmesh.core.clock import Clock
from alertmesh.core.ports import Channel
from alertmesh.notify.transport import AiohttpTransport, hosts_of

T = TypeVar("T")
log = structlog.get_logger()


class Round(Struct, frozen=True):
    """What one round found: the look, None when there was none, and the findings.

    `is_clean` is false also while something is amiss that is no finding yet.
    """

    at: datetime
    look: Look | None
    findings: tuple[Finding, ...]
    is_clean: bool


class Auditor:
    """Watch the store at `url` and the server beside it, by one configuration on one clock."""

    def __init__(self, config: Config, url: str, clock: Clock) -> None:
        settings = config.auditor
        asked = "" if settings.ready_url == NOT_ASKED else settings.ready_url or ready_url(config.listen)
        beat = settings.heartbeat_url.get_secret_value()
        channels = built(config.channels[name] for name in settings.channels)
        people = [config.oncall.users[name] for name in settings.people]
        self._http = AiohttpTransport(_hosts(channels, beat, asked))
        self._clock = clock
        self._every_s = settings.every_s
        self._read_s = settings.read_s
        self._bounds = bounds_of(settings)
        self._version = config.version
        self._survey = Survey(url, config.channels)
        self._aside: Aside[Look] = Aside(Unreadable)
        self._has_read = False
        self._unread_since: datetime | None = None
        self._knock = Knock(asked, self._http)
        self._heartbeat = Heartbeat(beat, settings.heartbeat_method, settings.file, self._http)
        self._vigil = Vigil(settings.repeat_s)
        self._voice = Voice(channels, people, self._http, config.external_url)
        self._logged: frozenset[tuple[str, int, str]] = frozenset()

    async def close(self) -> None:
        """Let go of all connections."""
        await self._http.close()

    async def once(self) -> Round:
        """Look once, and tell nobody: a server that does not answer is a finding at once."""
        return await self._look(replace(self._bounds, server=timedelta()))

    async def watch(self, show: Callable[[Round], None]) -> None:
        """Go on for ever; each round is given to `show`. An error of ours ends it, for all to see."""
        loop = asyncio.get_running_loop()
        while True:
            begun_s = loop.time()
            show(await self.round(begun_s))
            await asyncio.sleep(max(0.0, begun_s + self._every_s - loop.time()))

    async def round(self, at_s: float) -> Round:
        """Look, and ping or say what is wrong; `at_s` is of a clock that nobody sets."""
        found = await self._look(self._bounds)
        self._log(found)
        saying = self._vigil.note(found.findings, at_s, found.is_clean)
        if found.is_clean and found.look is not None:
            await self._heartbeat.beat(self._summary(found.look))
        if saying is not None and await self._voice.say(saying, found.at):
            self._vigil.told(saying, at_s)
        return found

    async def _look(self, bounds: Bounds) -> Round:
        now = self._clock.now()
        state = await self._knock.ask(now)
        try:
            look = await self._aside.do(partial(self._survey.look, now), self._read_s)
        except (Unreadable, Hanging) as error:
            blind = Look(at=now, server=state)
            return Round(now, None, (*server(blind, bounds), self._unread(error, now)), is_clean=False)
        self._has_read, self._unread_since = True, None
        look = replace(look, server=state)
        findings = judge(look, bounds)
        return Round(now, look, findings, is_clean=not findings and not state.trouble)

    def _unread(self, error: Exception, now: datetime) -> Finding:
        """Return the finding that there was nothing to judge; sure unless the server may not have begun."""
        self._unread_since = self._unread_since or now
        facts = {"error": str(error)}
        return Finding(check=Check.STORE, since=self._unread_since, facts=facts, sure=self._has_read)

    def _summary(self, look: Look) -> Summary:
        return Summary(
            at=look.at,
            clean=True,
            responses=len(look.responses),
            open_attempts=len(look.open_attempts),
            version=self._version,
        )

    def _log(self, found: Round) -> None:
        """Write what is new, and that it is over."""
        keys = frozenset(finding.key for finding in found.findings)
        for finding in found.findings:
            if finding.key not in self._logged:
                what, _ = said(finding)
                log.warning("finding", check=finding.check.value, incident=finding.incident, what=what)
        if self._logged and not keys:
            log.info("no_findings")
        self._logged = keys


async def look_once(config: Config, url: str, clock: Clock) -> Round:
    """Return what one look finds."""
    return await _with(Auditor(config, url, clock), Auditor.once)


async def watch_forever(config: Config, url: str, clock: Clock, show: Callable[[Round], None]) -> None:
    """Watch until SIGINT or SIGTERM; raises what ended it otherwise."""

    async def work(auditor: Auditor) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for wanted in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(wanted, stop.set)
        log.info("watching", store=url)
        watching = asyncio.create_task(auditor.watch(show), name="watch")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait([watching, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in (watching, stopping):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        log.info("stopping")

    await _with(Auditor(config, url, clock), work)


def as_data(found: Round) -> dict[str, Any]:
    """Return a round as plain data."""
    return {
        "at": found.at,
        "clean": found.is_clean,
        "read": found.look is not None,
        "findings": [_finding(one) for one in found.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    what, do = said(finding)
    return {
        "check": finding.check,
        "invariant": INVARIANTS.get(finding.check, ""),
        "incident": finding.incident or None,
        "subject": finding.subject,
        "since": finding.since,
        "what": what,
        "do": do,
    }


async def _with(auditor: Auditor, work: Callable[[Auditor], Awaitable[T]]) -> T:
    try:
        return await work(auditor)
    finally:
        await auditor.close()


def _hosts(channels: dict[str, Channel], *urls: str) -> frozenset[str]:
    own = {urlsplit(url).hostname or "" for url in urls if url}
    return hosts_of(channels.values()) | own
