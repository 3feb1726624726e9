"""Replay the recorded past with other rules, and say what would have been different.

The log of a store is replayed twice, once with each configuration. Nobody answers in a replay,
on either side, so the two differ by their rules alone.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec
from msgspec import Struct

from alertmesh.config import Config
from alertmesh.core.comparison import Comparison, Difference, DifferenceKind
from alertmesh.core.entries import (
    Changed,
    Command,
    Ended,
    Feedback,
    Fired,
    LogEntry,
    Outcome,
    OverrideAnswered,
    OverrideEnded,
    OverrideSet,
    Proposed,
    RulesChanged,
    SilenceExpired,
    SilenceSet,
    Tick,
    TopologySet,
)
from alertmesh.core.ports import Store
from alertmesh.dedup.tracker import InstanceState
from alertmesh.replay import Replay
from alertmesh.tally import Account, Tally, counts
from alertmesh.wiring import Wiring

_READ = 5_000
_STEP = 0.01  # of the whole, before progress is told again
_SAME_S = 1.0  # a first page that moves by less is the same
_LASTING = (
    SilenceSet | SilenceExpired | OverrideSet | OverrideAnswered | OverrideEnded | TopologySet | Changed
)


class Window(Struct, frozen=True):
    """From `learn_from` to `end` is replayed, from `begin` on is counted."""

    learn_from: datetime
    begin: datetime
    end: datetime


class Past(Struct, frozen=True):
    """What a store remembers: what held when the replay begins, and how many instances it forgot.

    `opening` are the firings that were not over by then, and what was told before it. A forgotten
    instance fired before the log begins and ended since; its labels are known no more.
    """

    opening: list[LogEntry]
    forgotten: int


Progress = Callable[[float], None]
"""Called now and then with the share that is done, from 0 to 1."""


def compare(
    store: Store, window: Window, then: Config, now: Config, progress: Progress = lambda done: None
) -> Comparison:
    """Replay what `store` recorded with both configurations and hold them against each other."""
    past = opening(store, window.learn_from)
    before, after = (
        _run(_watched(store, window, half, progress), window, past, config)
        for half, config in enumerate((then, now))
    )
    wanted = (entry for entry in heard(store, window.begin, window.end) if isinstance(entry, Fired))
    return Comparison(
        begin=window.begin,
        end=window.end,
        alerts=sum(1 for _ in wanted),
        forgotten=past.forgotten,
        then=counts(before),
        now=counts(after),
        differences=differences(before.accounts(), after.accounts()),
    )


def opening(store: Store, begin: datetime) -> Past:
    """Return what held at `begin`, by the log and, for what is older, by the state."""
    firing: dict[str, Fired] = {}
    lasting: list[LogEntry] = []
    logged: set[str] = set()
    older: set[str] = set()
    for entry in heard(store):
        if isinstance(entry, Fired):
            name = entry.alert.fingerprint
            if entry.at < begin:
                firing[name] = entry
        elif isinstance(entry, Ended):
            name = entry.fingerprint
            if entry.at < begin:
                firing.pop(name, None)
            elif name not in logged:
                older.add(name)
        else:
            if entry.at < begin and isinstance(entry, _LASTING):
                lasting.append(entry)
            continue
        logged.add(name)
    forgotten = _add_older(store, begin, firing, logged, older)
    entries = [*sorted(firing.values(), key=lambda entry: entry.alert.fingerprint), *lasting]
    return Past(sorted(entries, key=lambda entry: entry.at), forgotten)


def _add_older(
    store: Store, begin: datetime, firing: dict[str, Fired], logged: set[str], older: set[str]
) -> int:
    """Add the instances that fire since before the log begins; return how many are known no more."""
    decode = msgspec.msgpack.Decoder(InstanceState).decode
    found = 0
    for _, body in store.rows("instances"):
        state = decode(body)
        name = state.alert.fingerprint
        found += name in older
        if name in older or (name not in logged and state.ended_at is None):
            firing[name] = Fired(state.alert, min(state.alert.received_at, begin))
    return len(older) - found


def heard(store: Store, begin: datetime | None = None, end: datetime | None = None) -> Iterator[LogEntry]:
    """Read what a log has from outside, in order, from `begin` up to but not including `end`.

    Time is not from outside: a replay makes its own. What people did to an incident or said of
    a group, and what became of a page, belongs to incidents that a replay may not have.
    """
    after = 0
    while page := store.tail(after, _READ):
        after = page[-1].seq
        for stored in page:
            entry = stored.entry
            if isinstance(entry, Tick | Command | Feedback | Outcome | RulesChanged | Proposed):
                continue
            if end is not None and entry.at >= end:
                return
            if begin is None or entry.at >= begin:
                yield entry


def differences(then: Iterable[Account], now: Iterable[Account]) -> list[Difference]:
    """Match the incidents of two runs by the firings they share, and list what has no equal."""
    old = {account.incident.id: account for account in then}
    new = {account.incident.id: account for account in now}
    shared = _shared(old, new)
    pairs = _pairs(shared)
    found = [_moved(old[a], new[b]) for a, b in pairs.items() if _page_moved(old[a], new[b])]
    taken = set(pairs.values())
    heirs = {a: b for (a, b), _ in sorted(shared.items(), key=lambda item: item[1])}
    origins = {b: a for (a, b), _ in sorted(shared.items(), key=lambda item: item[1])}
    for number, account in old.items():
        if number not in pairs:
            found.append(_alone(DifferenceKind.ONLY_THEN, account, heirs.get(number)))
    for number, account in new.items():
        if number not in taken:
            found.append(_alone(DifferenceKind.ONLY_NOW, account, origins.get(number)))
    return sorted(found, key=lambda item: (item.opened_at, item.kind, item.then or 0, item.now or 0))


def _watched(store: Store, window: Window, half: int, progress: Progress) -> Iterator[LogEntry]:
    """Read the entries of one of the two runs, and tell how far in time they are."""
    whole = (window.end - window.learn_from).total_seconds()
    told = half / 2
    for entry in heard(store, window.learn_from, window.end):
        done = (half + (entry.at - window.learn_from).total_seconds() / whole) / 2
        if done >= told + _STEP:
            told = done
            progress(round(done, 3))
        yield entry


def _run(entries: Iterable[LogEntry], window: Window, past: Past, config: Config) -> Tally:
    tally = Tally(window.begin)
    replay = Replay(Wiring(config), tally)
    replay.follow(past.opening)
    replay.follow(entries)
    replay.advance(window.end)
    return tally


def _shared(old: dict[int, Account], new: dict[int, Account]) -> dict[tuple[int, int], int]:
    """Count the firings that incidents of both runs share."""
    homes = {firing: number for number, account in new.items() for firing in account.firings}
    shared: dict[tuple[int, int], int] = {}
    for number, account in old.items():
        for firing in account.firings:
            home = homes.get(firing)
            if home is not None:
                shared[number, home] = shared.get((number, home), 0) + 1
    return shared


def _pairs(shared: dict[tuple[int, int], int]) -> dict[int, int]:
    """Pair incidents one to one, those that share most first."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for (a, b), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if a not in pairs and b not in taken:
            pairs[a] = b
            taken.add(b)
    return pairs


def _page_moved(then: Account, now: Account) -> bool:
    a, b = then.first_page, now.first_page
    if a is None or b is None:
        return a is not b
    return abs((a - b).total_seconds()) >= _SAME_S


def _moved(then: Account, now: Account) -> Difference:
    return Difference(
        kind=DifferenceKind.PAGE_MOVED,
        title=then.incident.title,
        priority=then.incident.priority.name,
        opened_at=then.incident.opened_at,
        then=then.incident.id,
        now=now.incident.id,
        then_page=then.first_page,
        now_page=now.first_page,
    )


def _alone(kind: DifferenceKind, account: Account, other: int | None) -> Difference:
    is_then = kind is DifferenceKind.ONLY_THEN
    number, page = account.incident.id, account.first_page
    side = "now" if is_then else "then"
    return Difference(
        kind=kind,
        title=account.incident.title,
        priority=account.incident.priority.name,
        opened_at=account.incident.opened_at,
        then=number if is_then else None,
        now=None if is_then else number,
        then_page=page if is_then else None,
        now_page=None if is_then else page,
        note=f"{side} no incident" if other is None else f"{side} part of #{other}",
    )
