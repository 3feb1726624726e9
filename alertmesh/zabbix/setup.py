"""Make all that a Zabbix server needs to tell AlertMesh of its problems, and change what differs.

Everything is found by its name, so it can be done again at any time: what is as it should be is
left alone.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from alertmesh.core.errors import MonitorRefused
from alertmesh.zabbix.media import fits, media_type

NAME = "AlertMesh"
"""How media type, role, group, action and token are called."""

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
_TEXT, _SECRET = 0, 1
_SUPER_ADMIN = 3
_MAY = ("acknowledge_problems", "add_problem_comments", "change_severity", "close_problems")
_MAY_NOT = ("edit_dashboards", "edit_maps", "execute_scripts", "edit_maintenance", "manage_api_tokens")
_PROBLEMS, _SERVICES = 0, 4
_REPEAT = "1h"


class Api(Protocol):
    """Whatever calls methods of a Zabbix API."""

    async def call(self, method: str, *args: Any, **params: Any) -> Any:
        """Call a method and return its result."""
        ...


class Step(Struct, frozen=True):
    """One thing that was looked at: `done` is created, updated or unchanged."""

    what: str
    done: str
    note: str = ""


class Wanted(Struct, frozen=True, kw_only=True):
    """What a server shall know.

    `alertmesh_url` is where it sends, `alertmesh_token` what it shows there (empty: leave as it
    is). `server` is what it is called in AlertMesh, `frontend_url` its own address for links
    back, unless it has one. `media` is the text of the media type's file. `user` gets the messages;
    `role` is an existing role for that user, empty for one of our own that may read all and
    answer problems.
    """

    alertmesh_url: str
    frontend_url: str
    media: str
    alertmesh_token: str = ""
    server: str = "zabbix"
    user: str = "alertmesh"
    role: str = ""

    def __repr__(self) -> str:
        return f"Wanted({self.alertmesh_url!r}, {self.server!r})"


class Made(Struct, frozen=True):
    """The ids of the user who gets the messages, and of the media type."""

    user: str
    media: str


class Setup:
    """The work on one server; `tell` hears of each step when it is done."""

    def __init__(self, api: Api, wanted: Wanted, tell: Callable[[Step], None]) -> None:
        self._api = api
        self._wanted = wanted
        self._tell = tell

    async def run(self) -> Made:
        """Do it all; return what it came to. Raises MonitorRefused when Zabbix says no."""
        await self._macros()
        media = await self._media()
        role = await self._role()
        group = await self._group()
        user = await self._user(role, group, media)
        await self._action(NAME, _PROBLEMS, user, media)
        await self._action(f"{NAME} services", _SERVICES, user, media)
        return Made(user, media)

    async def make_token(self, user: str) -> str:
        """Return a new API token of the user; one that was made before is void from now on."""
        found = await self._api.call("token.get", userids=[user], filter={"name": NAME}, output=["tokenid"])
        if found:
            token = str(found[0]["tokenid"])
        else:
            made = await self._api.call("token.create", name=NAME, userid=user)
            token = str(made["tokenids"][0])
        self._tell(Step(f"API token of user {self._wanted.user}", UPDATED if found else CREATED))
        [generated] = await self._api.call("token.generate", token)
        return str(generated["token"])

    async def _macros(self) -> None:
        wanted = self._wanted
        found = await self._api.call("usermacro.get", globalmacro=True, output="extend")
        known = {one["macro"]: one for one in found}
        await self._macro(known, "{$ALERTMESH.URL}", wanted.alertmesh_url)
        if wanted.alertmesh_token:
            await self._macro(known, "{$ALERTMESH.TOKEN}", wanted.alertmesh_token, _SECRET)
        await self._macro(known, "{$ALERTMESH.SERVER}", wanted.server)
        if wanted.frontend_url and "{$ZABBIX.URL}" not in known:
            await self._macro(known, "{$ZABBIX.URL}", wanted.frontend_url)

    async def _macro(self, known: Mapping[str, Any], macro: str, value: str, kind: int = _TEXT) -> None:
        """Set a macro. Zabbix never tells a secret, so its description says which one it is."""
        shape: dict[str, Any] = {"macro": macro, "type": kind, "value": value}
        if kind == _SECRET:
            shape["description"] = f"Token of AlertMesh, {hashlib.sha256(value.encode()).hexdigest()[:8]}"
        comparable = {name: given for name, given in shape.items() if kind != _SECRET or name != "value"}
        there = known.get(macro)
        if there is None:
            await self._api.call("usermacro.createglobal", **shape)
        elif not fits(there, comparable):
            await self._api.call("usermacro.updateglobal", globalmacroid=there["globalmacroid"], **shape)
        self._say(f"global macro {macro}", there, comparable)

    async def _media(self) -> str:
        shape = media_type(self._wanted.media)
        there = await self._found_media(shape["name"])
        if there is None or not fits(there, shape):
            rules = {"mediaTypes": {"createMissing": True, "updateExisting": True}}
            await self._api.call(
                "configuration.import", format="yaml", rules=rules, source=self._wanted.media
            )
        self._say(f"media type {shape['name']}", there, shape)
        made = there or await self._found_media(shape["name"])
        if made is None:
            raise MonitorRefused(f"the media type {shape['name']} was imported but is not there")
        if str(made["status"]) != "0":
            await self._api.call("mediatype.update", mediatypeid=made["mediatypeid"], status=0)
            self._tell(Step(f"media type {shape['name']}", UPDATED, "it was switched off"))
        return str(made["mediatypeid"])

    async def _found_media(self, name: str) -> dict[str, Any] | None:
        return await self._found(
            "mediatype", {"name": name}, output="extend", selectMessageTemplates="extend"
        )

    async def _role(self) -> str:
        """Return a role that sees all hosts, those of groups to come as well, and may do little."""
        if self._wanted.role:
            chosen = await self._found("role", {"name": self._wanted.role}, output=["roleid"])
            if chosen is None:
                raise MonitorRefused(f"there is no role called {self._wanted.role!r}")
            self._tell(Step(f"role {self._wanted.role}", UNCHANGED))
            return str(chosen["roleid"])
        may = [{"name": name, "status": 1} for name in _MAY]
        may_not = [{"name": name, "status": 0} for name in _MAY_NOT]
        rules = {
            "api.access": 1,
            "api.mode": 1,
            "api": ["*.get", "event.acknowledge"],
            "actions": [*may, *may_not],
            "actions.default_access": 0,
            "modules.default_access": 0,
        }
        there = await self._found("role", {"name": NAME}, output="extend", selectRules="extend")
        same = {"type": _SUPER_ADMIN, "rules": {**rules, "actions": _statuses(rules["actions"])}}
        if there is not None:
            there["rules"]["actions"] = _statuses(there["rules"].get("actions", ()), of=(*_MAY, *_MAY_NOT))
        return await self._keep("role", there, {"name": NAME, "type": _SUPER_ADMIN, "rules": rules}, same)

    async def _group(self) -> str:
        there = await self._found("usergroup", {"name": NAME}, output="extend")
        shape = {"name": NAME, "users_status": 0}
        return await self._keep("usergroup", there, shape, shape, key="usrgrpid", said=f"user group {NAME}")

    async def _user(self, role: str, group: str, media: str) -> str:
        name = self._wanted.user
        there = await self._found(
            "user", {"username": name}, output="extend", selectMedias="extend", selectUsrgrps=["usrgrpid"]
        )
        ours = {
            "mediatypeid": media,
            "sendto": "alertmesh",
            "active": 0,
            "severity": 63,
            "period": "1-7,00:00-24:00",
        }
        shape: dict[str, Any] = {"username": name, "roleid": role, "timezone": "UTC", "medias": [ours]}
        if there is None:
            # Nobody is to log in with it: whoever needs a way in makes a token.
            more = {"passwd": secrets.token_urlsafe(30), "usrgrps": [{"usrgrpid": group}]}
            return await self._keep("user", None, shape | more, shape, said=f"user {name}")
        others = [one for one in there["medias"] if one["mediatypeid"] != media]
        groups = [one["usrgrpid"] for one in there["usrgrps"]]
        there["medias"] = [one for one in there["medias"] if one["mediatypeid"] == media]
        joins = [{"usrgrpid": one} for one in (*groups, *(() if group in groups else (group,)))]
        there["joins"] = [one for one in joins if one["usrgrpid"] in groups]
        told = shape | {"medias": [*(_media(one) for one in others), ours], "usrgrps": joins}
        return await self._keep("user", there, told, shape | {"joins": joins}, said=f"user {name}")

    async def _action(self, name: str, source: int, user: str, media: str) -> None:
        """Keep an action that tells all: repeats are how a lost message is made up for."""
        there = await self._found(
            "action",
            {"name": name},
            output="extend",
            selectFilter="extend",
            selectOperations="extend",
            selectRecoveryOperations="extend",
            selectUpdateOperations="extend",
        )
        message = {
            "operationtype": 0,
            "opmessage": {"default_msg": 1, "mediatypeid": media},
            "opmessage_usr": [{"userid": user}],
        }
        always = {"esc_step_from": 1, "esc_step_to": 0, "esc_period": "0"}
        shape = {
            "name": name,
            "status": 0,
            "esc_period": _REPEAT,
            "operations": [message | always],
            "recovery_operations": [message],
            "update_operations": [message],
        }
        made = shape | {"eventsource": source, "filter": {"evaltype": 0, "conditions": []}}
        # What an administrator narrowed down by conditions stays so.
        await self._keep("action", there, made if there is None else shape, shape, said=f"action {name}")

    async def _found(self, kind: str, by: Mapping[str, Any], **output: Any) -> dict[str, Any] | None:
        found = await self._api.call(f"{kind}.get", filter=dict(by), **output)
        return dict(found[0]) if found else None

    async def _keep(
        self,
        kind: str,
        there: Mapping[str, Any] | None,
        shape: Mapping[str, Any],
        same: Mapping[str, Any],
        *,
        key: str = "",
        said: str = "",
    ) -> str:
        """Create what is not there, or change it unless it is the `same`; return its id."""
        key, said = key or f"{kind}id", said or f"{kind} {NAME}"
        if there is None:
            made = await self._api.call(f"{kind}.create", **shape)
            there_id = str(made[f"{key}s"][0])
        else:
            there_id = str(there[key])
            if not fits(there, same):
                await self._api.call(f"{kind}.update", **{key: there_id}, **shape)
        self._say(said, there, same)
        return there_id

    def _say(self, what: str, there: Mapping[str, Any] | None, same: Mapping[str, Any]) -> None:
        done = CREATED if there is None else UNCHANGED if fits(there, same) else UPDATED
        self._tell(Step(what, done))


def _statuses(actions: Any, of: tuple[str, ...] = ()) -> dict[str, str]:
    return {one["name"]: str(one["status"]) for one in actions if not of or one["name"] in of}


def _media(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("mediatypeid", "sendto", "active", "severity", "period")}
