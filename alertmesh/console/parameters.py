"""The query parameters of the API, each told once."""

from typing import Any

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.digest import Noise
from alertmesh.core.incident import Condition
from alertmesh.core.oncall import OverrideState
from alertmesh.core.page import AttemptState
from alertmesh.core.response import State
from alertmesh.core.topology import EdgeKind


class Parameter(Struct, frozen=True):
    """What a parameter means, its JSON Schema, and its name where the table knows it by another."""

    about: str
    shape: dict[str, Any]
    name: str = ""


_TEXT: dict[str, Any] = {"type": "string"}
_MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}
_YES: dict[str, Any] = {"type": "boolean"}


def _whole(least: int = 0) -> dict[str, Any]:
    return {"type": "integer", "minimum": least}


def _some(*values: str) -> dict[str, Any]:
    """Return the schema of a parameter that may be given more than once."""
    return {"type": "array", "items": {"type": "string", "enum": sorted(values)}}


PARAMETERS = {
    "action": Parameter("What was done", _TEXT),
    "active": Parameter("Whether alerts that nothing keeps quiet are wanted", _YES),
    "actor": Parameter("Who did it", _TEXT),
    "after": Parameter("The `next` of the page before", _TEXT),
    "incidents.after": Parameter("The `next` of the page before", _whole()),
    "at": Parameter("The moment that is asked about, now unless told", _MOMENT),
    "before": Parameter("The `next` of the page before", _whole(1)),
    "changes.before": Parameter("The `next` of the page before", _TEXT),
    "by": Parameter("What a line stands for", {"type": "string"}),
    "channel": Parameter("The name of a channel", _TEXT),
    "incidents.channel": Parameter("A kind of channel", _TEXT),
    "cluster": Parameter("A cluster", _TEXT),
    "code": Parameter("What the provider gives for whoever signed in there", _TEXT),
    "condition": Parameter("Whether it fires", _some(*Condition)),
    "error": Parameter("Why the provider let nobody in", _TEXT),
    "etag": Parameter("The etag of the text that is meant", _TEXT),
    "each": Parameter("The most items of each name, all unless told", _whole(1)),
    "entity": Parameter("The name of a thing", _TEXT),
    "filter": Parameter("Alertmanager's matchers", {"type": "array", "items": _TEXT}),
    "from": Parameter("The beginning", _MOMENT),
    "hours": Parameter("How far back, in hours", _whole(1)),
    "inhibited": Parameter("Whether alerts that others hide are wanted", _YES),
    "iss": Parameter("The provider that answers", _TEXT),
    "kind": Parameter("A kind", _TEXT),
    "topology.kind": Parameter("How one stands to the other", _some(*EdgeKind)),
    "language": Parameter("The language", {"type": "string", "enum": ["en", "zh"]}),
    "limit": Parameter("The most items of one answer, 50 unless told", _whole(1)),
    "member_after": Parameter("The `next` of the page before", _TEXT, "after"),
    "name": Parameter("A name", _TEXT),
    "next": Parameter("The page of the console to go on with, as a path", _TEXT),
    "noise": Parameter("How it is noise", _some(*Noise)),
    "open": Parameter("Only those that people still have to do with", _YES),
    "owner": Parameter("Whose it is", _TEXT),
    "page": Parameter("The id of a page", _TEXT),
    "person": Parameter("The name of a person", _TEXT),
    "priority": Parameter("The priority in force", _some(*Priority.__members__)),
    "receiver": Parameter("A regular expression for the names of policies", _TEXT),
    "roster": Parameter("The name of a roster", _TEXT),
    "send": Parameter("Whether a test alert is let through", _YES),
    "series": Parameter("The ids of series", {"type": "array", "items": _TEXT}),
    "silenced": Parameter("Whether silenced alerts are wanted", _YES),
    "since": Parameter("Nothing older than this", _MOMENT),
    "live.since": Parameter("The id of the last event that was seen", _TEXT),
    "source": Parameter("Whose edges they are", _TEXT),
    "source_instance": Parameter("The name of an instance of the source", _TEXT, "from"),
    "state": Parameter("The state", _TEXT),
    "session.state": Parameter("What the provider was sent with", _TEXT),
    "incidents.state": Parameter("The state of the response", _some(*State)),
    "alerts.state": Parameter("Whether it fires", _some("firing", "resolved")),
    "digest.state": Parameter("What was said to it", _some("open", "dismissed", "applied")),
    "oncall.state": Parameter("Whether it holds", _some(*OverrideState)),
    "pages.state": Parameter("What became of the try", _some(*AttemptState)),
    "deliveries.state": Parameter("What became of the try", _some(*AttemptState)),
    "target": Parameter("What it was done to", _TEXT),
    "to": Parameter("The end", _MOMENT),
    "ttl": Parameter("For how long it holds, such as 1h", _TEXT),
    "unprocessed": Parameter("Whether alerts that are not decided upon yet are wanted", _YES),
    "until": Parameter("Nothing newer than this", _MOMENT),
    "version": Parameter("The number of a version", _whole(1)),
    "zone": Parameter("The time zone whose days are counted, UTC unless told", _TEXT),
}
"""By name, or by tag and name where one tag means something else by it."""
