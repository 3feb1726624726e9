"""Show what each rule against noise did."""

from aiohttp import web

from alertmesh.console.bodies import send_json
from alertmesh.console.reports import span
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.desks.noise import NoiseFound


class NoiseRules:
    """The handler of `/api/v1/noise`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(NoiseFound, query=("from", "to"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return from alerts to pages what is left, and what each rule took away."""
        start, end = span(request, self._service.clock.now())
        return send_json(await self._service.desks.noise.report(start, end))
