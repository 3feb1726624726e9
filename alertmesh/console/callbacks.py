"""The door of providers: what became of a message, and what people replied to it."""

from aiohttp import web
from msgspec.structs import replace

from alertmesh.console.bodies import read_body
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.core.errors import BadPayload
from alertmesh.core.ports import Inbound, Reporting
from alertmesh.notify.callbacks import Proving

_MOST_BYTES = 256 * 1024  # also of what proves its sender by a signature, which takes the whole of it


class Callbacks:
    """The handlers for `/api/v1/callbacks/{channel}`.

    Providers have no token of ours: each channel tells by its own means whether a request is theirs.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(None, media="*/*")
    async def take(self, request: web.Request) -> web.Response:
        """Take what a provider says."""
        name = request.match_info["channel"]
        channel = self._service.channel(name)
        if not isinstance(channel, Reporting):
            raise Refused(404, "unknown-channel", f"no channel {name!r} hears from its provider", "channel")
        try:
            if isinstance(channel, Proving):
                channel.prove(request.query)
            heard = channel.hear(await self._inbound(request))
        except BadPayload as error:
            raise Refused(400, "unreadable", str(error), error.field or "body") from None
        said = await self._service.heard(name, heard)
        status, body, kind = heard.say(said) if said and heard.say else heard.answer
        if said and not body and request.method == "GET":
            body, kind = said.encode(), "text/plain; charset=utf-8"  # what a gateway sends back as an SMS
        return web.Response(status=status, body=body, headers={"Content-Type": kind} if kind else {})

    async def _inbound(self, request: web.Request) -> Inbound:
        limits = self._service.limits
        return Inbound(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers=dict(request.headers),
            body=await read_body(request, replace(limits, body_bytes=min(limits.body_bytes, _MOST_BYTES))),
            at=self._service.clock.now(),
        )
