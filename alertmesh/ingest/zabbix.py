"""Read what Zabbix's webhook media type sends: one event a request."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from alertmesh.core.alert import Parsed, Rejected
from alertmesh.core.errors import BadPayload
from alertmesh.core.ports import Source
from alertmesh.ingest import salvage
from alertmesh.ingest.zabbix_event import SERVER, SERVICE_EVENT, TRIGGER_EVENT, ZabbixEvent, sighting

_REFUSED = {"1": "discovery", "2": "autoregistration", "3": "internal"}
_UNKNOWN = "*UNKNOWN*"
_MACRO = re.compile(r"\{[$#?]?[A-Z][A-Z0-9_.]*(?::[^{}]*)?\}")
_ID = re.compile(r"[0-9]{1,20}")
_LATER = re.compile(r"^(?:z_)+")  # sorts what may be long to the end, where Zabbix cuts
_SWITCHED_OFF = re.compile(r"NOTE: Escalation cancell?ed: (?:trigger|item|host) ")
_ACKNOWLEDGED = {"yes": True, "no": False}


def parse(body: bytes, received: datetime) -> Parsed:
    """Turn a body into the sighting of its event; what can never be taken is refused by name.

    Raises BadPayload when the body is not a JSON object.
    """
    given = salvage.load(body)
    if not isinstance(given, dict):
        raise BadPayload(f"expected an object, got {salvage.word(given)}")
    try:
        event = read_event(given)
    except BadPayload as error:
        return Parsed([], [], [Rejected(0, error.placed)])
    return Parsed([sighting(event, received)], [0], [])


def read_event(given: Mapping[str, Any]) -> ZabbixEvent:
    """Return the event that the parameters of a message tell.

    They stand in `params`, or in the message itself. Raises BadPayload, naming the parameter, for
    an event of a kind that is no problem of a trigger or service.
    """
    params = given.get("params", given)
    if not isinstance(params, dict):
        raise BadPayload(f"expected an object, got {salvage.word(params)}", "params")
    said = _present(params)
    source = _source(said)
    event_id = said.get("event_id", "")
    if not event_id:
        raise BadPayload("is required; a test of the media type by hand has none", "event_id")
    if not _ID.fullmatch(event_id):
        raise BadPayload("expected digits", "event_id")
    return ZabbixEvent(
        event_id=event_id,
        source=source,
        firing=_firing(said),
        server=said.get("server", SERVER)[:128],
        cancelled=_SWITCHED_OFF.match(said.get("alert_message", "")) is not None,
        updated=said.get("event_update_status") == "1",
        cut=given.get("cut") in (True, "true", "1") or said.get("cut") in ("true", "1"),
        trigger_id=_digits(said, "trigger_id"),
        recovery_id=_digits(said, "recovery_id"),
        clock=_moment(said, "event"),
        recovery_clock=_moment(said, "recovery"),
        name=said.get("event_name", ""),
        trigger_name=said.get("trigger_name_orig", ""),
        severity=_severity(said),
        host_id=_digits(said, "host_id"),
        host=said.get("host_host", ""),
        host_name=said.get("host_name", ""),
        host_dns=said.get("host_dns", ""),
        host_ip=said.get("host_ip", ""),
        host_port=said.get("host_port", ""),
        groups=tuple(part for part in said.get("trigger_hostgroups", "").split(", ") if part),
        tags=_tags(said),
        opdata=said.get("event_opdata", ""),
        trigger_url=said.get("trigger_url", ""),
        zabbix_url=said.get("frontend_url") or said.get("zabbix_url", ""),
        acknowledged=_ACKNOWLEDGED.get(said.get("event_ack_status", "").lower()),
        action=said.get("event_update_action", ""),
        message=said.get("event_update_message", ""),
        user=said.get("user_fullname", ""),
        service=said.get("service_name", ""),
    )


def is_absent(text: str) -> bool:
    """Tell whether a parameter's text is what Zabbix leaves for a macro without a value.

    >>> [is_absent(text) for text in ("{EVENT.RECOVERY.ID}", "*UNKNOWN*", "", "{HOST.NAME} is down")]
    [True, True, True, False]
    """
    return text in ("", _UNKNOWN) or _MACRO.fullmatch(text) is not None


def _present(params: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters that have a value; a name may begin with `z_` to sort it to the end."""
    said: dict[str, str] = {}
    for name, value in params.items():
        text = value if isinstance(value, str) else _written(value)
        if not is_absent(text):
            said[_LATER.sub("", name)] = text
    return said


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value) if isinstance(value, int) else ""


def _source(said: Mapping[str, str]) -> int:
    source = said.get("event_source", str(TRIGGER_EVENT))
    if source in (str(TRIGGER_EVENT), str(SERVICE_EVENT)):
        return int(source)
    word = _REFUSED.get(source, "unknown")
    raise BadPayload(f"{word} events are not taken, only those of triggers and services", "event_source")


def _firing(said: Mapping[str, str]) -> bool:
    """Tell whether the problem is open: by its value, else by its status, else by its recovery's id."""
    value = said.get("event_value")
    if value in ("0", "1"):
        return value == "1"
    status = said.get("event_status", "").upper()
    if status in ("PROBLEM", "RESOLVED", "OK"):
        return status == "PROBLEM"
    if "recovery_id" in said:
        return False
    raise BadPayload("expected 0 or 1", "event_value")


def _severity(said: Mapping[str, str]) -> int | None:
    number = said.get("event_nseverity", "")
    return int(number) if number in ("0", "1", "2", "3", "4", "5") else None


def _digits(said: Mapping[str, str], name: str) -> str:
    text = said.get(name, "")
    return text if _ID.fullmatch(text) else ""


def _moment(said: Mapping[str, str], what: str) -> datetime | None:
    """Return a date and a time of the message, which are in UTC by agreement."""
    if said.get("clock_zone", "UTC") != "UTC":
        return None
    text = f"{said.get(f'{what}_date', '')} {said.get(f'{what}_time', '')}"
    try:
        return datetime.strptime(text, "%Y.%m.%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _tags(said: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the event's tags; those of a list that was cut or is no list are left out."""
    try:
        listed = msgspec.json.decode(said.get("event_tags_json", "[]"))
    except salvage.UNREADABLE:
        return ()
    if not isinstance(listed, list):
        return ()
    pairs = [(one.get("tag"), one.get("value")) for one in listed if isinstance(one, dict)]
    return tuple((tag, value) for tag, value in pairs if isinstance(tag, str) and isinstance(value, str))


_SAMPLE = b"""{"params": {"event_source": "0", "event_value": "1", "event_update_status": "0",
  "event_id": "17", "host_host": "web-01", "event_nseverity": "4", "event_name": "web-01 does not answer",
  "trigger_name_orig": "Host does not answer"}}"""

SOURCE = Source("zabbix", timedelta(hours=24), parse, sample=_SAMPLE)
