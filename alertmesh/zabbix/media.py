"""Our media type as the file holds it, beside what a server has."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from alertmesh.core.errors import BadConfig

_SOURCES = {"TRIGGERS": 0, "SERVICE": 4}
_MODES = {"PROBLEM": 0, "RECOVERY": 1, "UPDATE": 2}
_FIELDS = {"attempts": "maxattempts", "max_sessions": "maxsessions", "timeout": "timeout"}


def media_type(text: str) -> dict[str, Any]:
    """Return the one media type of an export file, in the form of `mediatype.get`.

    Raises BadConfig for a file that is none.
    """
    try:
        [given] = yaml.safe_load(text)["zabbix_export"]["media_types"]
        return {
            "name": given["name"],
            "script": given["script"],
            "description": given.get("description", ""),
            "attempt_interval": given.get("attempt_interval", "10s"),
            "parameters": given["parameters"],
            "message_templates": [_template(one) for one in given["message_templates"]],
        } | {theirs: given[ours] for ours, theirs in _FIELDS.items()}
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise BadConfig([f"this is no export of one Zabbix media type: {error!r}"]) from error


def fits(found: Any, wanted: Any) -> bool:
    """Tell whether all that is wanted is there; what else is there does not matter.

    Numbers are texts in Zabbix' answers, and line ends come back as a web form sends them.

    >>> fits({"a": "1", "b": [{"c": "x\\r\\n"}]}, {"a": 1, "b": [{"c": "x"}]})
    True
    """
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(fits(found.get(name), wanted[name]) for name in wanted)
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        if not isinstance(found, Sequence) or isinstance(found, str) or len(found) != len(wanted):
            return False
        return all(fits(one, other) for one, other in zip(found, wanted, strict=True))
    return _plain(found) == _plain(wanted)


def _template(given: Mapping[str, str]) -> dict[str, Any]:
    return {
        "eventsource": _SOURCES[given["event_source"]],
        "recovery": _MODES[given["operation_mode"]],
        "subject": given["subject"],
        "message": given["message"],
    }


def _plain(value: Any) -> str:
    return str(value).replace("\r\n", "\n").rstrip("\n")
