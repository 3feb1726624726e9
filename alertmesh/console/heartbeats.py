"""Take the calls that stand for a heartbeat, and show how it stands with all of them."""

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import send_json
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.core.contact import HeartbeatStatus


class BeatTaken(Struct, frozen=True):
    """The heartbeat that was heard."""

    heartbeat: str


class HeartbeatList(Struct, frozen=True):
    """Every heartbeat, declared or seen."""

    heartbeats: list[HeartbeatStatus]


class Heartbeats:
    """The handlers of `/api/v1/heartbeats`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(BeatTaken, status=202)
    async def call(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Note that a job lives; 202 once it is known durably, 404 for a name that nobody waits for."""
        name = request.match_info["name"]
        try:
            await self._service.beat(name)
        except KeyError as error:
            detail = f"no heartbeat {name!r} is declared with `ping`, and none with `auto`"
            raise Refused(404, "unknown-heartbeat", detail, "name") from error
        return send_json(BeatTaken(name), 202)

    @tells(HeartbeatList)
    async def index(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return every heartbeat, declared or seen."""
        return send_json(HeartbeatList(self._service.heartbeats()))
