"""Show who reports to us, and whether it still does."""

from aiohttp import web

from alertmesh.console.bodies import send_json
from alertmesh.console.service import Service


class Sources:
    """The handler of `/api/v1/sources`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def index(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return every sender that was heard: when last, how often, and how far its clock is off."""
        return send_json({"sources": self._service.senders()})
