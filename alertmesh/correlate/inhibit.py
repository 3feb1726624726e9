"""Know which alert hides which: the effect of a known cause is shown, but pages nobody."""

from collections.abc import Mapping, Sequence
from zlib import crc32

from msgspec import Struct, json

from alertmesh.core.matchers import Matcher, matches_all, parse_matchers
from alertmesh.correlate.attributes import Profile, host

_MEMO = 4096
Slot = tuple[str, str]  # rule id, and the values that both sides must agree on


class InhibitRule(Struct, frozen=True):
    """While an alert matching `source` fires, those matching `target` page nobody.

    `source` and `target` are Alertmanager matchers. Every label of `equal` must be there and the
    same on both sides; `node` and `instance` are compared without their port. Both sides must
    also be of one cluster.
    """

    id: str
    source: str
    target: str
    equal: tuple[str, ...] = ()


class _Sides:
    """One rule, ready to be asked."""

    def __init__(self, rule: InhibitRule) -> None:
        self.rule = rule
        self.source: tuple[Matcher, ...] = parse_matchers(rule.source)
        self.target: tuple[Matcher, ...] = parse_matchers(rule.target)


class Inhibitor:
    """Tell for each series which rules it is the source of and which the target of.

    `fingerprint` is another number for other rules, and 0 for none.

    >>> rules = [InhibitRule("node-down", 'alertname="NodeDown"', 'alertname="PodDown"', ("node",))]
    >>> Inhibitor(rules).known([("node-down", "prod/n1"), ("gone", "prod/n1")])
    (('node-down', 'prod/n1'),)
    """

    def __init__(self, rules: Sequence[InhibitRule]) -> None:
        self.fingerprint = crc32(json.encode(rules)) if rules else 0
        self._rules = [_Sides(rule) for rule in rules]
        self._ids = frozenset(rule.id for rule in rules)
        named = {matcher.name for sides in self._rules for matcher in (*sides.source, *sides.target)}
        self._names = sorted(named)
        self._memo: dict[tuple[str | None, ...], tuple[list[InhibitRule], list[InhibitRule]]] = {}
        self._sources: dict[Slot, dict[str, None]] = {}
        self._targets: dict[Slot, dict[str, None]] = {}
        self._least: dict[Slot, str] = {}  # the source that answers for its slot: the smallest id
        self._pool: dict[tuple[Slot, ...], tuple[Slot, ...]] = {}

    def known(self, slots: Sequence[Slot]) -> tuple[Slot, ...]:
        """Return the slots whose rule still exists."""
        return self._shared(tuple([slot for slot in slots if slot[0] in self._ids]))

    def slots(self, labels: Mapping[str, str], profile: Profile) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
        """Return where a series stands as a source and where as a target."""
        key = tuple(labels.get(name) for name in self._names)
        sides = self._memo.get(key)
        if sides is None:
            if len(self._memo) >= _MEMO:
                self._memo.clear()
            sides = self._memo[key] = self._match(labels)
        sources, targets = (_slots(rules, labels, profile) if rules else () for rules in sides)
        return self._shared(sources), self._shared(targets)

    def enter(self, series: str, sources: Sequence[Slot], targets: Sequence[Slot]) -> list[str]:
        """Note that a series fires; return the firing targets that had no source until now."""
        fresh = [slot for slot in sources if slot not in self._sources]
        for slot in sources:
            _put(self._sources, slot, series)
            self._least[slot] = min(self._least.get(slot, series), series)
        for slot in targets:
            _put(self._targets, slot, series)
        return self._targets_of(series, fresh) if fresh else []

    def leave(self, series: str, sources: Sequence[Slot], targets: Sequence[Slot]) -> list[str]:
        """Note that a series fires no more; return the firing targets that lost a source by it."""
        for held, slots in ((self._sources, sources), (self._targets, targets)):
            for slot in slots:
                inside = held.get(slot)
                if inside is not None:
                    inside.pop(series, None)
                    if not inside:
                        del held[slot]
        for slot in sources:
            if self._least.get(slot) == series:
                self._relieve(slot)
        return self._targets_of(series, [slot for slot in sources if slot not in self._sources])

    def source_of(
        self, series: str, sources: Sequence[Slot], targets: Sequence[Slot]
    ) -> tuple[str, str] | None:
        """Return the firing series that hides this one and the rule, or None.

        A series on both sides of a rule is not hidden by others on both sides of it: else two
        equal alerts would hide each other and nobody would be paged.
        """
        for slot in targets:
            inside = self._sources.get(slot)
            if not inside:
                continue
            if slot not in sources:
                return self._least[slot], slot[0]
            both = self._targets.get(slot, {})
            able = [other for other in inside if other != series and other not in both]
            if able:
                return min(able), slot[0]
        return None

    def _relieve(self, slot: Slot) -> None:
        """Find who answers for a slot now that its smallest source is gone."""
        inside = self._sources.get(slot)
        if inside:
            self._least[slot] = min(inside)
        else:
            del self._least[slot]

    def _shared(self, slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
        """Return the one tuple that stands for all equal ones, since many series have the same."""
        if not slots:
            return ()
        known = self._pool.get(slots)
        if known is None:
            if len(self._pool) >= _MEMO:
                self._pool.clear()
            known = self._pool[slots] = slots
        return known

    def _targets_of(self, series: str, slots: Sequence[Slot]) -> list[str]:
        found = {target for slot in slots for target in self._targets.get(slot, {}) if target != series}
        return sorted(found)

    def _match(self, labels: Mapping[str, str]) -> tuple[list[InhibitRule], list[InhibitRule]]:
        sources = [sides.rule for sides in self._rules if matches_all(sides.source, labels)]
        targets = [sides.rule for sides in self._rules if matches_all(sides.target, labels)]
        return sources, targets


def _put(held: dict[Slot, dict[str, None]], slot: Slot, series: str) -> None:
    inside = held.get(slot)
    if inside is None:
        held[slot] = {series: None}
    else:
        inside[series] = None


def _slots(rules: Sequence[InhibitRule], labels: Mapping[str, str], profile: Profile) -> tuple[Slot, ...]:
    placed: list[Slot] = []
    for rule in rules:
        values = [_value(label, labels, profile) for label in rule.equal]
        if "" not in values:
            placed.append((rule.id, "\x1f".join((profile.cluster, *values))))
    return tuple(placed)


def _value(label: str, labels: Mapping[str, str], profile: Profile) -> str:
    if label == "node":
        return profile.node
    if label == "instance":
        return host(labels.get("instance", ""))
    if label == "cluster":
        return profile.cluster
    return labels.get(label, "")
