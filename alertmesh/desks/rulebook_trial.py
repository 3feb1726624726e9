"""Replay the past with rules that are not in force yet, in a process of its own, one at a time.

The process is `alertmesh whatif`: it reads the store beside the server and writes nothing.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.config import Origin
from alertmesh.core.clock import Clock
from alertmesh.core.comparison import Comparison
from alertmesh.core.errors import BadCommand
from alertmesh.desks.rulebook import BadRules, Rulebook
from alertmesh.desks.rulebook_check import drafted, told
from alertmesh.desks.rulebook_files import Draft

LONGEST = timedelta(days=31)
"""The longest time that can be replayed."""

_TIME_S = 900.0
_LEARN = "7d"
_KEPT = 8
_DIFFERENCES = 500
_NICE = 10
_SERVED = frozenset({"listen", "store"})
_PROGRESS = b"progress "

log = structlog.get_logger()


class TrialState(StrEnum):
    """How a dry run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TOO_LONG = "too_long"


class Outcome(Comparison, kw_only=True):
    """What a dry run found; nobody answers in either run.

    `differences` are the first 500 of `differ`.
    """

    differ: int = 0


class Trial(Struct, frozen=True, kw_only=True):
    """One dry run; `progress` goes from 0 to 1."""

    id: str
    state: TrialState
    actor: str
    files: tuple[str, ...]
    begin: datetime
    end: datetime
    started_at: datetime
    ended_at: datetime | None = None
    progress: float = 0.0
    outcome: Outcome | None = None
    error: str = ""


class Busy(BadCommand):
    """A dry run goes on; `trial` is its id."""

    def __init__(self, trial: str) -> None:
        super().__init__(f"dry run {trial} goes on; wait for it or cancel it")
        self.trial = trial


class Trials:
    """Make dry runs, and remember the last ones while the server runs."""

    def __init__(self, rulebook: Rulebook, store_url: str, clock: Clock) -> None:
        self._rulebook = rulebook
        self._store_url = store_url
        self._clock = clock
        self._trials: dict[str, Trial] = {}
        self._running: asyncio.Task[None] | None = None
        self._count = 0

    async def begin(self, draft: Draft, start: datetime, end: datetime, actor: str) -> Trial:
        """Begin a dry run over a span of time.

        Raises BadRules when the draft is none to be taken, Busy while another runs, and BadCommand for
        a span or a store that cannot be replayed.
        """
        self._refuse(start, end)
        verdict = await self._rulebook.check(draft)
        if verdict.faults:
            raise BadRules(verdict.faults)
        self._refuse(start, end)
        self._count += 1
        trial = Trial(
            id=f"{self._clock.now():%m%d%H%M%S}-{self._count}",
            state=TrialState.RUNNING,
            actor=actor,
            files=tuple(sorted(draft)),
            begin=start,
            end=end,
            started_at=self._clock.now(),
        )
        self._trials[trial.id] = trial
        for old in list(self._trials)[:-_KEPT]:
            del self._trials[old]
        self._running = asyncio.create_task(self._run(trial, self._rulebook.whole(draft)), name="dry run")
        return trial

    def trial(self, name: str) -> Trial:
        """Return a dry run as it stands; KeyError for one that is not remembered."""
        return self._trials[name]

    def trials(self) -> list[Trial]:
        """Return the dry runs that are remembered, the newest first."""
        return list(self._trials.values())[::-1]

    async def cancel(self, name: str) -> Trial:
        """Stop a dry run if it goes on; KeyError for one that is not remembered."""
        if self._trials[name].state is TrialState.RUNNING and self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            if self._trials[name].state is TrialState.RUNNING:  # it had not begun yet
                ended = replace(self._trials[name], state=TrialState.CANCELLED, ended_at=self._clock.now())
                self._trials[name] = ended
        return self._trials[name]

    async def stop(self) -> None:
        """Let go of what runs."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def _refuse(self, start: datetime, end: datetime) -> None:
        for trial in self._trials.values():
            if trial.state is TrialState.RUNNING:
                raise Busy(trial.id)
        if not start < end:
            raise BadCommand("from: must be before to")
        if end - start > LONGEST:
            raise BadCommand(f"from: at most {LONGEST.days} days before to")
        if self._store_url == "memory://":
            raise BadCommand("store: what is in memory alone cannot be replayed; use a store on disk")

    async def _run(self, trial: Trial, draft: Draft) -> None:
        state, outcome, error = TrialState.CANCELLED, None, ""
        try:
            with ExitStack() as stack:
                origin = self._rulebook.origin
                folder = await asyncio.to_thread(stack.enter_context, drafted(origin.rules, draft))
                async with asyncio.timeout(_TIME_S):
                    outcome, error = await self._replay(trial, origin, folder)
            state = TrialState.FAILED if outcome is None else TrialState.DONE
        except TimeoutError:
            state = TrialState.TOO_LONG
            error = f"it took longer than {_TIME_S / 60:g} minutes; try a shorter time"
        except OSError as failed:
            state, error = TrialState.FAILED, f"it could not be started: {failed.strerror or failed}"
        finally:
            told_so_far = self._trials.get(trial.id, trial)
            self._trials[trial.id] = replace(
                told_so_far, state=state, outcome=outcome, error=error, ended_at=self._clock.now()
            )
            log.info("dry_run_ended", id=trial.id, state=state.value)

    async def _replay(self, trial: Trial, origin: Origin, folder: Path) -> tuple[Outcome | None, str]:
        process = await asyncio.create_subprocess_exec(
            *_command(trial, origin, folder, self._store_url),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        try:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
            said, body = await asyncio.gather(self._listen(process, trial), _all(process.stdout))
            if await process.wait() == 0:
                return await asyncio.to_thread(_outcome, body), ""
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        return None, told(said, origin, folder) or "it ended without a word"

    async def _listen(self, process: asyncio.subprocess.Process, trial: Trial) -> str:
        """Follow what the process tells; return the last of it that is no progress."""
        last: list[str] = []
        while process.stderr is not None and (line := await process.stderr.readline()):
            if line.startswith(_PROGRESS):
                now = self._trials[trial.id]
                done = float(line.removeprefix(_PROGRESS))
                self._trials[trial.id] = replace(now, progress=done)
            else:
                last = [*last[-19:], line.decode(errors="replace").rstrip()]
        return "\n".join(last).removeprefix("alertmesh: ")


async def _all(stream: asyncio.StreamReader | None) -> bytes:
    return await stream.read() if stream is not None else b""


def _command(trial: Trial, origin: Origin, folder: Path, store: str) -> Sequence[str]:
    span = ("--from", trial.begin.isoformat(), "--to", trial.end.isoformat(), "--learn", _LEARN)
    rules = ("--rules", str(folder), "--present", str(origin.rules), "--store", store)
    config = ("--config", str(origin.file)) if origin.file is not None else ()
    settings = [f"{name}={text}" for name, text in origin.overrides.items() if name not in _SERVED]
    sets = [part for setting in settings for part in ("--set", setting)]
    options = (*span, *rules, *config, *sets, "--json", "--progress")
    return (sys.executable, "-m", "alertmesh", "whatif", *options)


def _outcome(body: bytes) -> Outcome:
    found = msgspec.json.decode(body, type=Outcome)
    return replace(found, differences=found.differences[:_DIFFERENCES], differ=len(found.differences))
