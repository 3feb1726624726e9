"""Serve HTTP on connections, and tell of those that went wrong without a word of what they carried."""

import logging
import sys
import traceback
from pathlib import PurePath
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

_LINGER_S = 2.0
_IDLE_S = 75.0  # longer than the 60 s after which common reverse proxies let go, so that they close first
_DEEPEST = 4  # calls that are told of an error, the innermost ones

log = structlog.get_logger()


def runner(app: web.Application, idle_s: float = _IDLE_S) -> web.AppRunner:
    """Return what serves `app`.

    A connection that is without a whole head of a request for `idle_s` seconds is closed, be it idle or
    slow. Bodies are inflated by `bodies`, which counts while it does so. There is no access log, since
    the address of a request may hold a token.
    """
    return web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=idle_s,
        lingering_time=_LINGER_S,
        handle_signals=False,
        logger=_ServerLog("aiohttp.server"),
    )


def place(error: BaseException) -> str:
    """Return where an error was raised, the innermost call first; its own words may hold what came in."""
    calls = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    return " < ".join(f"{PurePath(one.filename).name}:{one.lineno}" for one in reversed(calls))


class _ServerLog(logging.Logger):
    """What aiohttp says about connections, in one line each.

    Its own lines repeat the request that could not be read, and with it tokens, cookies and codes of pages.
    """

    def exception(self, msg: object, *args: object, exc_info: Any = True, **_more: Any) -> None:
        """Tell who sent what cannot be read, or where our own code failed."""
        error = exc_info if isinstance(exc_info, BaseException) else sys.exc_info()[1]
        peer = args[0] if args else None
        if isinstance(error, ConnectionError):
            return  # who asked went away
        if isinstance(error, HttpProcessingError):
            log.warning("request_unreadable", peer=peer, error=type(error).__name__)
        else:
            told = place(error) if error is not None else ""
            log.error("request_failed", peer=peer, error=type(error).__name__, place=told)

    def debug(self, msg: object, *args: object, **_more: Any) -> None:
        """Say nothing of what aiohttp takes for common."""
