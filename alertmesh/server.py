"""One AlertMesh process: runtime, HTTP server and signals."""

import asyncio
import gc
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog
from aiohttp import web

from alertmesh.config import Config, load
from alertmesh.console.app import build_app
from alertmesh.console.connections import runner
from alertmesh.core.clock import Clock, SystemClock
from alertmesh.core.errors import BadConfig, StoreUnavailable
from alertmesh.core.ports import Store
from alertmesh.coverage import refuse_gaps, uncovered
from alertmesh.links import Links
from alertmesh.logs import configure_logs
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.store import open_store
from alertmesh.wiring import Wiring

_GC_YOUNG, _GC_MIDDLE, _GC_OLD = 50_000, 20, 50

log = structlog.get_logger()


class Server:
    """Run one configuration on one clock and answer HTTP."""

    def __init__(self, wiring: Wiring, clock: Clock, store: Store | None = None) -> None:
        self.wiring = wiring
        self.metrics = Metrics()
        self.runtime = Runtime(wiring, store or open_store(wiring.config.store), clock, self.metrics)
        self.links = Links(wiring.config, self.runtime, self.metrics)
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> str:
        """Become ready and return the address that is listened on."""
        try:
            await self.runtime.start()
            self._tell_barred()
            self._refuse_open_door()
            self._runner = runner(build_app(self.runtime, self.metrics))
            await self._runner.setup()
            self.url = await self._listen(self._runner)
            self.links.start()
        except BaseException:
            await self.stop()
            raise
        return self.url

    async def stop(self) -> None:
        """Answer what is under way, then finish and let go."""
        if self._runner is not None:
            await self._runner.cleanup()
        await self.links.stop()
        await self.runtime.stop()

    def _refuse_open_door(self) -> None:
        known = self.runtime.tokens or self.runtime.desks.signin.accounts or self.wiring.config.oidc
        if not self.wiring.loopback and not known:
            raise BadConfig(
                [
                    f"listen: {self.wiring.config.listen} can be reached from outside, and there is no "
                    "token and no account yet; make one first: alertmesh token create NAME --scope admin, "
                    "or alertmesh user add NAME --role admin"
                ]
            )

    def _tell_barred(self) -> None:
        """Say which silences hide nothing, since this version does not take their expressions any more."""
        for silence, _ in self.runtime.silences():
            for fault in filter(None, (one.matcher().fault for one in silence.matchers)):
                log.warning("silence_hides_nothing", silence=silence.id, problem=fault)

    async def _listen(self, runner: web.AppRunner) -> str:
        host, port = self.wiring.address
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise BadConfig([f"listen: cannot listen on {host}:{port}: {error.strerror}"]) from error
        bound = runner.addresses[0][1]
        return f"http://{host}:{bound}" if ":" not in host else f"http://[{host}]:{bound}"


def wired(read: Callable[[], Config], clock: Clock) -> Wiring:
    """Return a configuration made into working parts, to be reloaded from where it was read.

    A time ahead at which tier 1 has nobody is refused by a reload, and only told at the start: it may
    have come nearer since the rules were checked, and who does not start pages nobody at all.
    """

    def fresh() -> Config:
        found = read()
        refuse_gaps(found, clock.now())
        return found

    first = read()
    for gap in uncovered(first, clock.now()):
        log.warning("nobody_on_duty", problem=gap)
    return Wiring(first, reload=fresh)


async def serve_forever(config: Path | None, rules: Path | None, overrides: Mapping[str, str]) -> None:
    """Serve until SIGINT or SIGTERM; SIGHUP reloads configuration and rules."""
    configure_logs()

    clock = SystemClock()
    server = Server(wired(lambda: load(config, rules, overrides), clock), clock)
    stop = asyncio.Event()
    reloads: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()

    def reload() -> None:
        task = asyncio.ensure_future(_reload(server))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, stop.set)
    url = await server.start()
    settle_garbage()
    log.info("listening", url=url, store=server.wiring.config.store)
    await stop.wait()
    log.info("stopping")
    await server.stop()


async def _reload(server: Server) -> None:
    try:
        await server.runtime.reload()
    except BadConfig as error:
        log.error("reload_refused", problems=error.problems)
    except StoreUnavailable as error:
        log.error("reload_not_written", error=str(error))


def settle_garbage() -> None:
    """Look for garbage cycles seldom: the state is large, lives long and has none to be found."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_YOUNG, _GC_MIDDLE, _GC_OLD)
