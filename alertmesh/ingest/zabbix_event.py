"""Describe a problem event of Zabbix, and the alert that it is by whichever way it came."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from alertmesh.core.alert import Sighting
from alertmesh.core.labels import fingerprint

SERVER = "zabbix"
"""How a server is called that nobody gave a name."""

SEVERITIES = ("not classified", "information", "warning", "average", "high", "disaster")
"""Zabbix's own words for its severities 0 to 5; `rules/priority.yaml` knows them."""

TRIGGER_EVENT, SERVICE_EVENT = 0, 4
"""The event sources that are taken: problems of triggers, and of services made of them."""

_FUTURE = timedelta(minutes=5)
_MOST_TAGS = 40
_NAME_CHARS, _VALUE_CHARS = 128, 1024
_OWN = frozenset(("alertname", "severity", "host", "hostgroup", "zabbix_server"))
_NOT_A_NAME = re.compile(r"\W+")
_ADDRESS = r"(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?"
_ONLY_ADDRESS = re.compile(_ADDRESS)
_BESIDE_ADDRESS = re.compile(
    rf"(?P<first>[^\s@(\[<]+)(?:\s*@\s*{_ADDRESS}|\s*[(\[<]\s*{_ADDRESS}\s*[)\]>])"
    rf"|{_ADDRESS}[\s_@/|,;]+(?P<last>[^\s_@/|,;]\S*)"
)
_ONE_OF_MANY = re.compile(r"\d[a-z]?(?:\.|$)", re.IGNORECASE)
_PORT = re.compile(r"([^:]+):\d{1,5}")
_SERVICE = re.compile(r'Status of service "(?P<name>.+)" changed to [^"]*')


class ZabbixEvent(Struct, frozen=True, kw_only=True):
    """One problem event as it stands, whether Zabbix told it or was asked for it.

    `server` is the name that people gave this Zabbix, `event_id` the id of the problem (never that
    of its recovery). `firing` says whether the problem is open. `cancelled` says that its trigger,
    item or host was switched off or deleted, so that nobody will tell its end: it is over for us.
    `clock` and `recovery_clock` are by Zabbix's clock, None where unknown. `trigger_name` is
    the name as configured, with its macros unexpanded (the API's `description`), `name` what it
    was when the problem began. `severity` is 0 to 5, as it is now; None where unknown. `host`
    is the technical, `host_name` the visible name. `tags` are pairs of name and value; names may
    come more than once. `zabbix_url` is the address of the frontend. `acknowledged` and
    `suppressed` are None where nobody said. `action`, `message` and `user` tell the last update,
    if it was one (`updated`). `service` is the service's name where `source` is 4. `cut` says that
    Zabbix cut the message, so that some of this is missing.
    """

    event_id: str
    firing: bool
    server: str = SERVER
    source: int = TRIGGER_EVENT
    cancelled: bool = False
    updated: bool = False
    cut: bool = False
    trigger_id: str = ""
    recovery_id: str = ""
    clock: datetime | None = None
    recovery_clock: datetime | None = None
    name: str = ""
    trigger_name: str = ""
    severity: int | None = None
    host_id: str = ""
    host: str = ""
    host_name: str = ""
    host_dns: str = ""
    host_ip: str = ""
    host_port: str = ""
    groups: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    opdata: str = ""
    trigger_url: str = ""
    zabbix_url: str = ""
    acknowledged: bool | None = None
    suppressed: bool | None = None
    action: str = ""
    message: str = ""
    user: str = ""
    service: str = ""


def event_fingerprint(server: str, event_id: str) -> str:
    """Return the fingerprint of a problem: by server and event id alone, since all else changes.

    >>> event_fingerprint("zabbix", "17") == event_fingerprint("zabbix", "017")
    True
    """
    return fingerprint({"zabbix_server": server, "zabbix_event_id": event_id.lstrip("0") or "0"})


def api_door(server: str) -> str:
    """Return the name of the door by which a server's answers come, beside that of its messages."""
    return f"{server}-api"


def sighting(event: ZabbixEvent, received: datetime) -> Sighting:
    """Return the alert that an event is, the same by push and by pull."""
    firing = event.firing and not event.cancelled
    ends_at = None
    if not firing:
        ended = None if event.cancelled else event.recovery_clock
        ends_at = received if ended is None else min(ended, received)
    severity = severity_word(event.severity)
    return Sighting(
        identity=event_fingerprint(event.server, event.event_id),
        firing=firing,
        labels=_labels(event, severity),
        annotations=_annotations(event),
        starts_at=_start(event, received, ends_at),
        ends_at=ends_at,
        generator_url=event_link(event.zabbix_url, event.trigger_id, event.event_id),
        keyed=True,
        revision=severity,
    )


def severity_word(severity: int | None) -> str:
    """Return Zabbix's word for a severity; empty for one that is none.

    >>> severity_word(4), severity_word(9)
    ('high', '')
    """
    return SEVERITIES[severity] if severity is not None and 0 <= severity < len(SEVERITIES) else ""


def event_link(zabbix_url: str, trigger_id: str, event_id: str) -> str:
    """Return the address of the event's page in Zabbix's frontend; empty if that is not known."""
    if not zabbix_url.startswith(("http://", "https://")) or not trigger_id:
        return ""
    return f"{zabbix_url.rstrip('/')}/tr_events.php?triggerid={trigger_id}&eventid={event_id}"


def host_label(event: ZabbixEvent) -> str:
    """Return what other monitors call the host: without port and address, a name where there is one.

    >>> host_label(ZabbixEvent(event_id="1", firing=True, host="web-01 (10.0.0.7)"))
    'web-01'
    >>> host_label(ZabbixEvent(event_id="1", firing=True, host="10.0.0.7", host_name="web-01:10050"))
    'web-01'
    """
    for candidate in (event.host, event.host_name, event.host_dns):
        name = _bare(candidate)
        if name:
            return name
    return _portless(event.host.strip()) or event.host_ip


def tag_labels(tags: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return tags as labels: names that a matcher can say, values of one name in sorted order.

    >>> tag_labels([("service", "shop"), ("service", "orders"), ("Scope / kind", "x"), ("host", "a")])
    {'Scope_kind': 'x', 'service': 'orders,shop', 'tag_host': 'a'}
    """
    found: dict[str, set[str]] = {}
    for name, value in tags:
        label = _NOT_A_NAME.sub("_", name).strip("_")[:_NAME_CHARS]
        if label in _OWN:
            label = f"tag_{label}"
        if label and value:
            found.setdefault(label, set()).add(value)
    kept = sorted(found)[:_MOST_TAGS]
    return {name: ",".join(sorted(found[name]))[:_VALUE_CHARS] for name in kept}


def _labels(event: ZabbixEvent, severity: str) -> dict[str, str]:
    own = {
        "alertname": _alertname(event),
        "severity": severity,
        "host": host_label(event),
        "hostgroup": ",".join(sorted(set(event.groups))),
        "zabbix_server": event.server,
    }
    labels = tag_labels(event.tags)
    if event.source == SERVICE_EVENT:
        labels["service"] = _service(event)
    labels.update(own)
    return {name: value[:_VALUE_CHARS] for name, value in labels.items() if value}


def _alertname(event: ZabbixEvent) -> str:
    if event.source == SERVICE_EVENT:
        return "Zabbix service status"
    return event.trigger_name or event.name or f"Zabbix trigger {event.trigger_id}".rstrip()


def _service(event: ZabbixEvent) -> str:
    hit = _SERVICE.fullmatch(event.name)
    return event.service or (hit["name"] if hit else event.name)


def _annotations(event: ZabbixEvent) -> dict[str, str]:
    said = ": ".join(part for part in (event.user, event.action, event.message) if part)
    link = event.trigger_url
    found = {
        "summary": event.name or _alertname(event),
        "opdata": event.opdata,
        "runbook_url": link if link.startswith(("http://", "https://")) else "",
        "zabbix_update": said,
        "zabbix_host": event.host_name,
        "zabbix_address": _address(event),
        "zabbix_event_id": event.event_id,
        "zabbix_trigger_id": event.trigger_id,
        "zabbix_host_id": event.host_id,
    }
    return {name: text for name, text in found.items() if text}


def _address(event: ZabbixEvent) -> str:
    place = event.host_ip or event.host_dns
    return f"{place}:{event.host_port}" if place and event.host_port else place


def _start(event: ZabbixEvent, received: datetime, ends_at: datetime | None) -> datetime | None:
    """Return when the problem began, unless that clock is plainly wrong."""
    clock = event.clock
    if clock is None or clock - received > _FUTURE:
        return None
    return clock if ends_at is None else min(clock, ends_at)


def _bare(text: str) -> str:
    """Return a host's name without the port and address that people write beside it.

    The address stays where without it many hosts might have one name, as in `worker (10.0.0.7)`.
    """
    text = text.strip()
    if _ONLY_ADDRESS.fullmatch(text):
        return ""
    hit = _BESIDE_ADDRESS.fullmatch(text)
    name = (hit["first"] or hit["last"]) if hit else ""
    return _portless(name if _ONE_OF_MANY.search(name) else text)


def _portless(text: str) -> str:
    hit = _PORT.fullmatch(text)
    return hit[1] if hit else text
