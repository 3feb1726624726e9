"""A small Zabbix behind the stand-in: hosts, triggers, problems and what people did to them."""

from itertools import count
from typing import Any

from alertmesh.zabbix.versions import dialect, parse
from tests.zabbix.standin import Refusal, ZabbixStandin

ME, OTHER = "9", "1"
CLOCK = 1_795_430_000
NAMES = {ME: "mesh", OTHER: "Admin"}


class World:
    """What the API tells of; tests change it through the methods, or in place."""

    def __init__(self, standin: ZabbixStandin) -> None:
        self.standin = standin
        self.events: dict[str, dict[str, Any]] = {}
        self.triggers: dict[str, dict[str, Any]] = {}
        self.hosts: dict[str, dict[str, Any]] = {}
        self.forbidden: set[str] = set()
        self.may_change_severity = True
        self._ids, self._acks = count(100), count(1)
        self.now = CLOCK
        self._spoken = dialect(parse(standin.version))
        standin.methods |= {
            "user.checkAuthentication": lambda _: {"userid": ME},
            "problem.get": self._problems,
            "event.get": self._events,
            "trigger.get": self._triggers,
            "host.get": self._hosts,
            "event.acknowledge": self._acknowledge,
        }

    def fire(self, host: str = "web-01", name: str = "Disk is full", **fields: Any) -> str:
        """Begin a problem of a trigger of its own; return its id."""
        trigger = fields.pop("trigger", f"7{len(self.triggers)}")
        close = fields.pop("manual_close", "1")
        self.hosts.setdefault(host, _host(host))
        known = {
            "triggerid": trigger,
            "hosts": [host],
            "manual_close": close,
            "description": name,
            "on": True,
        }
        self.triggers.setdefault(trigger, known)
        id = str(next(self._ids))
        self.events[id] = {
            "eventid": id, "objectid": trigger, "value": "1", "clock": str(self.now), "opdata": "",
            "severity": "5", "acknowledged": "0", "suppressed": "0", "r_eventid": "0",
            "name": f"{name} on {host}",
            "tags": [], "acknowledges": [], "suppress_until": 0,
        } | fields  # fmt: skip
        return id

    def recover(self, id: str) -> str:
        """End a problem; return the id of its recovery."""
        ended = str(next(self._ids))
        event = self.events[id]
        self.events[ended] = event | {
            "eventid": ended,
            "value": "0",
            "clock": str(self.now + 30),
            "r_eventid": "0",
        }
        event["r_eventid"] = ended
        return ended

    def act(self, id: str, action: int, message: str = "", user: str = OTHER, severity: int = 0) -> None:
        """Do what event.acknowledge does, as some user."""
        event = self.events[id]
        if action & 8 and not self.may_change_severity:
            raise Refusal(-32500, "No permissions to change problem severity.")
        event["severity"] = str(severity) if action & 8 else event["severity"]
        if action & 1 and self.triggers[event["objectid"]]["manual_close"] == "0":
            raise Refusal(-32500, "Cannot close problem: trigger does not allow manual closing.")
        if len(message) > 2048:
            raise Refusal(-32602, 'Invalid parameter "/message": value is too long.')
        if action & 1 and event["r_eventid"] == "0":
            self.recover(id)
        event["acknowledged"] = "1" if action & 2 else "0" if action & 16 else event["acknowledged"]
        done = {
            "acknowledgeid": str(next(self._acks)),
            "userid": user,
            "clock": str(self.now),
            "message": message,
        }
        event["acknowledges"].insert(0, done | {"action": str(action), "username": NAMES[user]})

    def ours(self, id: str) -> list[dict[str, Any]]:
        """Return what was done to a problem in our name, oldest first."""
        return [one for one in reversed(self.events[id]["acknowledges"]) if one["userid"] == ME]

    def _acknowledge(self, params: dict[str, Any]) -> Any:
        if self.forbidden & set(params["eventids"]):
            raise Refusal(-32500, "No permissions to referred object or it does not exist!")
        for id in params["eventids"]:
            self.act(id, int(params["action"]), params.get("message", ""), ME, int(params.get("severity", 0)))
        return {"eventids": [int(id) for id in params["eventids"]]}

    def _problems(self, params: dict[str, Any]) -> Any:
        found = self._chosen(
            params, [e for e in self.events.values() if e["value"] == "1" and e["r_eventid"] == "0"]
        )
        for one in found:
            one["suppression_data"] = [{"suppress_until": str(one["suppress_until"])}] * int(
                one["suppressed"]
            )
        return [_cut(one, params, ("suppression_data",)) for one in found]

    def _events(self, params: dict[str, Any]) -> Any:
        values = {str(value) for value in params.get("value", (0, 1))}
        found = self._chosen(params, [one for one in self.events.values() if one["value"] in values])
        for one in found:
            trigger = self.triggers.get(one["objectid"])
            one["hosts"] = [self.hosts[name] for name in trigger["hosts"]] if trigger else []
            one["relatedObject"] = dict(trigger) if trigger else []
        shown = ("hosts", "relatedObject", "tags")
        if self._spoken.acknowledges in params:
            shown = (*shown, "acknowledges")
        return [_cut(one, params, shown) for one in found]

    def _hosts(self, params: dict[str, Any]) -> Any:
        found = [dict(self.hosts[id]) for id in params.get("hostids", self.hosts)]
        for one in found:
            groups = one.pop("groups")
            if self._spoken.host_groups in params:
                one[self._spoken.groups_key] = groups
        return found

    def _chosen(self, params: dict[str, Any], events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        wanted = set(params["eventids"]) if "eventids" in params else {one["eventid"] for one in events}
        least = int(params.get("eventid_from", 0))
        found = [dict(one) for one in events if one["eventid"] in wanted and int(one["eventid"]) >= least]
        found.sort(key=lambda one: int(one["eventid"]), reverse=params.get("sortorder") == "DESC")
        return found[: params.get("limit")]

    def _triggers(self, params: dict[str, Any]) -> Any:
        wanted = params.get("triggerids", self.triggers)
        found = [self.triggers[id] for id in wanted if id in self.triggers]
        found = [one for one in found if one["on"] or not params.get("monitored")]
        hosts = [[self.hosts[name] for name in one["hosts"]] for one in found]
        return [
            one | {"hosts": named, "dependencies": one.get("needs", [])}
            for one, named in zip(found, hosts, strict=True)
        ]


def _cut(one: dict[str, Any], params: dict[str, Any], more: tuple[str, ...]) -> dict[str, Any]:
    return {name: one[name] for name in (*params["output"], *more) if name in one}


def _host(name: str) -> dict[str, Any]:
    return {"hostid": name, "host": name, "name": name.title(), "interfaces": [], "groups": [{"name": "All"}]}
