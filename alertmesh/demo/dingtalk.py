"""A stand-in for DingTalk behind a local port: `python -m alertmesh.demo.dingtalk --port 9494`.

`POST /robot/send` behaves as the real one, `GET /messages` shows what the group saw, and
`POST /faults` with `{"kind": "html", "times": 1}` makes the next requests fail.
"""

import argparse
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from alertmesh.core.clock import Clock, SystemClock
from alertmesh.demo.robot import Accepted, Robot
from alertmesh.demo.standin import HANG_S, SLOW_S, StandIn, serve

TOKEN = "demo"  # noqa: S105  # opens nothing but the stand-in
SECRET = "SECdemo"  # noqa: S105


class DingTalkStandIn(StandIn):
    """Serve a `Robot` over HTTP on loopback.

    `robots` maps access tokens to signing secrets.
    """

    def __init__(
        self,
        clock: Clock,
        robots: Mapping[str, str] | None = None,
        port: int = 0,
        slow_s: float = SLOW_S,
        hang_s: float = HANG_S,
    ) -> None:
        self.robot = Robot(clock, {TOKEN: SECRET} if robots is None else robots)
        self._token = next(iter(robots)) if robots else TOKEN
        super().__init__(self.robot, port, slow_s, hang_s)

    @property
    def messages(self) -> list[Accepted]:
        """Return what the group sees, oldest first."""
        return self.robot.messages

    @property
    def duplicates(self) -> int:
        """Return how many repeats were dropped."""
        return self.robot.duplicates

    async def start(self) -> str:
        """Begin to listen; return the address of the first robot, with its access token."""
        return f"{await super().start()}/robot/send?access_token={self._token}"

    def routes(self) -> Iterable[web.RouteDef]:
        """Return where messages are sent to."""
        return [web.post("/robot/send", self.receive)]

    def state(self) -> Mapping[str, Any]:
        """Return what the group saw, and what was not shown to it."""
        return {
            "messages": self.messages,
            "duplicates": self.duplicates,
            "arrivals": self.robot.arrivals,
            "refused": self.robot.refused,
        }


def main(arguments: list[str] | None = None) -> None:
    """Run a stand-in until it is told to end; the robot's address is the first line it prints."""
    parser = argparse.ArgumentParser(prog="python -m alertmesh.demo.dingtalk", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--secret", default=SECRET)
    options = parser.parse_args(arguments)
    serve(DingTalkStandIn(SystemClock(), {options.token: options.secret}, options.port))


if __name__ == "__main__":
    main()
