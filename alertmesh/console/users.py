"""Show the people who can be paged. Their numbers are never shown whole."""

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import send_json
from alertmesh.console.queries import page
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.core.oncall import OnCall, User

_SHOWN = 4


class UserView(Struct, frozen=True, kw_only=True):
    """How the API shows a person; `mobile` has its last digits alone.

    `rosters` are those in which they take turns, `leads` those that they lead.
    """

    name: str
    display: str
    language: str
    mobile: str
    channels: tuple[str, ...]
    reachable: bool
    rosters: list[str]
    leads: list[str]


class UserPage(Struct, frozen=True):
    """A page of people by name; `next` is the next `after`."""

    users: list[UserView]
    next: str | None


class Users:
    """The handler of `/api/v1/users`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(UserPage, query=("after", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the people, a page at a time."""
        oncall = self._service.duties.oncall()
        found = [oncall.users[name] for name in sorted(oncall.users)]
        shown, after = page(request, found, self._service.limits.page, lambda user: user.name)
        return send_json(UserPage([_show(one, oncall) for one in shown], after))


def masked(number: str) -> str:
    """Return a number with all but its last digits hidden; a short one is hidden as a whole.

    >>> masked("13800000001"), masked("112")
    ('*******0001', '***')
    """
    shown = number[-_SHOWN:] if len(number) > 2 * _SHOWN else ""
    return "*" * (len(number) - len(shown)) + shown


def _show(user: User, oncall: OnCall) -> UserView:
    rosters = sorted(oncall.rosters.values(), key=lambda roster: roster.name)
    return UserView(
        name=user.name,
        display=user.display,
        language=user.language,
        mobile=masked(user.mobile),
        channels=user.channels,
        reachable=bool(user.channels),
        rosters=[one.name for one in rosters if any(user.name in layer.members for layer in one.layers)],
        leads=[one.name for one in rosters if one.lead == user.name],
    )
