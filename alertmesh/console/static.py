"""Hand out the console: one page for every address of it, and the files that page loads."""

import os
from importlib import resources
from pathlib import Path

from aiohttp import web

from alertmesh.console.problems import Refused
from alertmesh.console.tells import tells

PAGES = (
    "incidents",
    "oncall",
    "delivery",
    "silences",
    "noise",
    "rules",
    "sources",
    "reports",
    "first",
    "settings",
    "m",
)
"""The first part of every address that the console knows, besides `/` itself."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""What a page of ours may load and do: nothing of others, no script and no style within the page."""

_SAFE = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FOR_GOOD = "public, max-age=31536000, immutable"  # their names change with their content
_UNBUILT = (
    "this AlertMesh was installed without the console (ALERTMESH_NO_UI); everything is there under /api/v1"
)


class Static:
    """The handlers of the console's own files; they tell nothing, so they need no token.

    ALERTMESH_UI names another folder, for those who work on the console.
    """

    def __init__(self, folder: Path | None = None) -> None:
        built = Path(str(resources.files("alertmesh.console"))) / "static"
        self._folder = folder or Path(os.environ.get("ALERTMESH_UI") or built)

    @tells(None, media="text/html")
    async def page(self, _request: web.Request) -> web.StreamResponse:
        """Return the page; what it shows is decided by its address, in the browser."""
        file = self._folder / "index.html"
        if not file.is_file():
            raise Refused(404, "no-console", _UNBUILT)
        return web.FileResponse(file, headers={**_SAFE, "Cache-Control": "no-cache"})

    @tells(None, media="*/*")
    async def asset(self, request: web.Request) -> web.StreamResponse:
        """Return a script, a style or a picture, compressed if the browser takes it so."""
        file = self._folder / "assets" / request.match_info["name"]
        if not file.is_file():
            raise Refused(404, "not-found", "there is nothing at this path")
        return web.FileResponse(file, headers={**_SAFE, "Cache-Control": _FOR_GOOD})


def add_static(app: web.Application, static: Static) -> None:
    """Add the paths of the console."""
    app.router.add_get("/", static.page)
    app.router.add_get(f"/{{area:{'|'.join(PAGES)}}}", static.page)
    app.router.add_get(f"/{{area:{'|'.join(PAGES)}}}/{{rest:.*}}", static.page)
    app.router.add_get("/assets/{name:[A-Za-z0-9._-]+}", static.asset)
