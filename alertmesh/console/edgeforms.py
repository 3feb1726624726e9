"""Read the edges of an import, JSON or CSV; every fault names its row and field."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

import msgspec
from msgspec import Struct

from alertmesh.console.problems import Refused
from alertmesh.core.topology import MOST_CHARS, Edge, EdgeKind

_COLUMNS = ("a", "b", "kind", "cluster")
_NEEDED = _COLUMNS[:3]
_KINDS = frozenset(EdgeKind)
_TOLD = 20  # faults that one answer lists


class _EdgeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """One edge as JSON has it."""

    a: str
    b: str
    kind: str
    cluster: str = ""


_DECODER = msgspec.json.Decoder(list[_EdgeBody])


def read_edges(body: bytes, content_type: str) -> tuple[Edge, ...]:
    """Return the edges of a body, each once; Refused with every fault when one of them is bad."""
    if content_type == "application/json":
        rows = _from_json(body)
    elif content_type == "text/csv":
        rows = _from_csv(body)
    else:
        raise Refused(415, "content-type", "send application/json or text/csv", "Content-Type")
    faults: list[tuple[str, str]] = []
    edges: dict[Edge, None] = {}
    for place, edge in rows:
        found = list(_faults(edge))
        faults += [(f"{place}.{field}", why) for field, why in found]
        if not found:
            edges[edge] = None
    if faults:
        raise _bad(faults)
    return tuple(edges)


def _from_json(body: bytes) -> Iterator[tuple[str, Edge]]:
    try:
        decoded = _DECODER.decode(body)
    except msgspec.ValidationError as error:
        why, _, place = str(error).partition(" - at ")
        raise _bad([(place.strip("`").removeprefix("$").lstrip(".") or "body", why)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, "not-json", str(error), "body") from error
    for index, item in enumerate(decoded):
        yield f"[{index}]", Edge(item.a, item.b, item.kind, item.cluster)


def _from_csv(body: bytes) -> Iterator[tuple[str, Edge]]:
    try:
        rows = csv.DictReader(StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        columns = rows.fieldnames or ()
        missing = [name for name in _NEEDED if name not in columns]
        unknown = [name for name in columns if name not in _COLUMNS]
        if missing or unknown or len(set(columns)) < len(columns):
            why = "the first line names the columns: a,b,kind or a,b,kind,cluster"
            raise _bad([(f"line 1.{(missing or unknown or columns)[0]}", why)])
        for row in rows:
            place = f"line {rows.line_num}"
            if None in row or None in row.values():
                raise _bad([(place, f"has not {len(columns)} values")])
            yield place, Edge(row["a"], row["b"], row["kind"], row.get("cluster", ""))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(400, "not-csv", str(error), "body") from error


def _faults(edge: Edge) -> Iterator[tuple[str, str]]:
    for field in ("a", "b", "cluster"):
        name = getattr(edge, field)
        if not name and field != "cluster":
            yield field, "must not be empty"
        elif len(name) > MOST_CHARS or not name.isprintable() or name != name.strip():
            yield field, f"must be at most {MOST_CHARS} printable characters, without spaces around them"
    if edge.kind not in _KINDS:
        yield "kind", f"is one of {', '.join(sorted(_KINDS))}"
    if edge.a and edge.a == edge.b:
        yield "b", "must be another thing than a"


def _bad(faults: Iterable[tuple[str, str]]) -> Refused:
    told = [f"{field}: {why}" for field, why in faults]
    field = told[0].partition(": ")[0]
    more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
    refused = Refused(422, "bad-edge", f"{told[0]}{more}", field)
    refused.problems = tuple(told[:_TOLD])
    return refused
