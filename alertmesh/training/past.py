"""Make a recording of what a store remembers, with the word of people for the truth."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from alertmesh.config import Config
from alertmesh.core.entries import Ended, Fired
from alertmesh.core.errors import BadPayload
from alertmesh.core.incident import Member
from alertmesh.core.judgement import Judgement
from alertmesh.core.ports import Store
from alertmesh.recorded import RecordedAlert
from alertmesh.replay import Replay
from alertmesh.training.recording import Recording
from alertmesh.whatif import heard
from alertmesh.wiring import Wiring

_PAGE = 500
_member = msgspec.msgpack.Decoder(Member)
_judgement = msgspec.msgpack.Decoder(Judgement)


class Stay(NamedTuple):
    """Since when a series is in an incident."""

    since: datetime
    incident: int


def remembered(store: Store, config: Config, name: str) -> Recording:
    """Return what a store remembers of the incidents that people merged, split or moved series of.

    The truth is the incident in which a series ended up. Firings in no incident are noise. Those in an
    incident that nobody touched are left out: that nobody complained does not make it right.
    """
    stays = _stays(store)
    touched = _touched(store, stays)
    if not touched:
        raise BadPayload(
            f"{name}: nobody merged, split or moved anything yet; there is nothing to learn from"
        )
    alerts = _firings(store)
    kept, truth = [], []
    for alert, series in zip(alerts, _series_of(alerts, config), strict=True):
        stay = _stay_at(stays.get(series, []), alert.time)
        if stay is None or stay.incident in touched:
            kept.append(alert)
            truth.append("" if stay is None else str(stay.incident))
    if not any(truth):
        raise BadPayload(f"{name}: the log no longer has the alerts that people spoke of")
    return Recording(name=name, alerts=kept, truth=truth)


def _stays(store: Store) -> dict[str, list[Stay]]:
    """Return the incidents of each series in order of time, open ones and those over."""
    found: dict[str, list[Stay]] = {}
    for number in _numbers(store, "incident"):
        for _, body in store.prefixed("member", f"{number:010d}/"):
            member = _member.decode(body)
            found.setdefault(member.series.id, []).append(Stay(member.joined_at, number))
    return {series: sorted(stays) for series, stays in found.items()}


def _touched(store: Store, stays: dict[str, list[Stay]]) -> set[int]:
    """Return the incidents that hold what a person spoke of, as they were when that was said."""
    found = set()
    for number in _numbers(store, "correlate_judgement"):
        body = store.row("correlate_judgement", number)
        if body is None:
            continue
        word = _judgement.decode(body)
        for party in (*word.left, *word.right, *word.behind):
            stay = _stay_at(stays.get(party.series, []), word.at)
            if stay is not None:
                found.add(stay.incident)
    return found


def _stay_at(stays: list[Stay], at: datetime) -> Stay | None:
    """Return the last one begun by then; the first if none was, for who is moved joins anew."""
    before = [stay for stay in stays if stay.since <= at]
    return before[-1] if before else next(iter(stays), None)


def _firings(store: Store) -> list[RecordedAlert]:
    """Return each firing of the log as a line of a recording, with the end that it had."""
    lines: list[RecordedAlert] = []
    open_at: dict[str, int] = {}
    last: datetime | None = None
    for entry in heard(store):
        last = entry.at
        if isinstance(entry, Fired):
            alert = entry.alert
            open_at[alert.fingerprint] = len(lines)
            lines.append(
                RecordedAlert(
                    id=str(len(lines) + 1),
                    time=entry.at,
                    status="firing",
                    labels=alert.labels,
                    source=alert.source,
                    annotations=alert.annotations,
                    starts_at=alert.starts_at,
                )
            )
        elif isinstance(entry, Ended) and entry.fingerprint in open_at:
            place = open_at.pop(entry.fingerprint)
            lines[place].ends_at = entry.at
    for place in open_at.values():
        lines[place].ends_at = last
    return lines


def _series_of(alerts: list[RecordedAlert], config: Config) -> Iterator[str]:
    """Return the series of each firing, by the rules of deduplication."""
    wiring = Wiring(config)
    found: list[str] = []
    fingerprints: dict[str | int, str] = {}

    def told() -> Iterator[RecordedAlert]:
        for alert in alerts:
            yield alert
            found.append(_series(wiring, alert, fingerprints))

    Replay(wiring).run(told())
    return iter(found)


def _series(wiring: Wiring, alert: RecordedAlert, fingerprints: dict[str | int, str]) -> str:
    sighting = alert.sighting()
    name = fingerprints.get(sighting.identity)
    if name is None:
        door = wiring.recorded_door(alert.source)
        name = wiring.normaliser.describe(door, sighting, alert.time).fingerprint
        fingerprints[sighting.identity] = name
    return wiring.pipeline.dedup.series_of(name) or ""


def _numbers(store: Store, table: str) -> Iterator[int]:
    """Yield the numbers of the rows of a table, newest first."""
    before: int | None = None
    while page := store.scan(table, before, _PAGE):
        for number, _ in page:
            yield number
        before = page[-1][0]
