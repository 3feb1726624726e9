"""The door of providers: what became of a message, and what people replied to it."""

from aiohttp import web

from alertmesh.console.bodies import read_body
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.core.errors import BadPayload
from alertmesh.core.ports import Inbound, Reporting


class Callbacks:
    """The handlers for `/api/v1/callbacks/{channel}`.

    Providers have no token of ours: each channel tells by its own means whether a request is theirs.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    async def take(self, request: web.Request) -> web.Response:
        """Take what a provider says."""
        name = request.match_info["channel"]
        channel = self._service.channel(name)
        if not isinstance(channel, Reporting):
            raise Refused(404, "unknown-channel", f"no channel {name!r} hears from its provider", "channel")
        inbound = Inbound(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers=dict(request.headers),
            body=await read_body(request, self._service.limits),
            at=self._service.clock.now(),
        )
        try:
            heard = channel.hear(inbound)
        except BadPayload as error:
            raise Refused(400, "unreadable", str(error), error.field or "body") from None
        said = await self._service.heard(name, heard)
        status, body, kind = heard.say(said) if said and heard.say else heard.answer
        if said and not body and inbound.method == "GET":
            body, kind = said.encode(), "text/plain; charset=utf-8"  # what a gateway sends back as an SMS
        return web.Response(status=status, body=body, headers={"Content-Type": kind} if kind else {})
