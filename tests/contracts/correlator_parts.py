"""The parts of the correlator that hold state: how to build, feed and ask each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from msgspec.structs import astuple, replace

from alertmesh.core.changes import ChangeEvent
from alertmesh.core.entries import Action, Feedback
from alertmesh.core.series import Change, ChangeKind, Series
from alertmesh.correlate import CorrelateSettings, CorrelateStage
from alertmesh.correlate.adapt import Adapter
from alertmesh.correlate.attributes import Describer, Profile
from alertmesh.correlate.changes import Changes
from alertmesh.correlate.decisions import Decision, Decisions, Weighed
from alertmesh.correlate.explain import ALONE
from alertmesh.correlate.judgement import People
from alertmesh.correlate.live import Belonging
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.rarity import Rarity
from alertmesh.correlate.relations import BESIDE, OWN, SCOPE, Relations, RelationSettings
from alertmesh.correlate.root_adapt import RootAdapter
from alertmesh.correlate.root_evidence import PIECES
from alertmesh.correlate.settings import LearnedSettings
from alertmesh.correlate.tempo import Tempo
from alertmesh.correlate.topology import Topology
from alertmesh.correlate.topologysettings import TopologySettings
from alertmesh.correlate.vocabulary import Vocabulary
from alertmesh.correlate.words import spoken
from tests.correlate.fakes import START, series
from tests.correlate.learned import MODEL

SMALL = CorrelateSettings(
    max_groups=100,
    max_series=200,
    max_values=500,
    max_verdicts=50,
    max_judgements=50,
    max_changes=300,
    learned=LearnedSettings(max_beats=500, max_decisions=300),
    topology=TopologySettings(max_learned=300, max_things=300, max_told=100),
)
DESCRIBER = Describer(SMALL)


@dataclass(frozen=True)
class Part:
    """One part: `feed` gives it the next of endlessly many distinct things, `ask` what it makes of them.

    `most` is how many rows it may hold. `shuffles` says that the order of what comes at one moment
    makes no difference, `slowness` by how much less of it is fed, `step_s` how long after each other.
    """

    build: Callable[[], Any]
    feed: Callable[[Any, int, datetime], None]
    ask: Callable[[Any], object]
    most: int
    shuffles: bool = False
    slowness: int = 1
    step_s: float = 1.0


def tables(part: Any) -> tuple[Any, ...]:
    """Return the durable tables of a part, by whichever name it shows them."""
    if isinstance(part, Memory):
        return (part.members, part.standings, part.sessions, part.verdicts.table, part.counters)
    if isinstance(part, Society):
        return (*tables(part.memory), *part.people.tables)
    found = getattr(part, "tables", None)
    return (part.table,) if found is None else tuple(found)


def restored(part: Any) -> None:
    """Have a part rebuild what it keeps in memory only."""
    work = getattr(part, "restored", None)
    if work is not None:
        work()


class Society:
    """People with the memory that they judge in."""

    def __init__(self) -> None:
        self.memory = Memory(SMALL)
        self.people = People(SMALL, self.memory)

    @property
    def dropped(self) -> int:
        """Return what was let go of."""
        return self.memory.dropped + self.people.dropped

    def restored(self) -> None:
        """Rebuild both."""
        self.memory.restored()
        self.people.restored()


def one(number: int) -> Series:
    """Return a series that shares its service with three more."""
    labels = {
        "namespace": f"ns-{number // 40}",
        "service": f"app-{number // 4}",
        "peer": f"app-{number // 4 + 1}",
        "node": f"node-{number // 8}",
    }
    told = series(f"Kind{number % 40}", job=str(number), **labels)
    return replace(told, summary=f"订单 order-{number // 3} 支付失败 on disk-{number}")


def profile(number: int) -> Profile:
    """Return what such a series is about."""
    return DESCRIBER.profile(one(number))


def belonging(number: int, group: int, at: datetime) -> Belonging:
    """Return a place for such a series."""
    name = f"Kind{number % 40}"
    return Belonging(group=group, join=ALONE, joined_at=at, name=name, profile=profile(number))


def _weigh(part: Decisions, number: int, at: datetime) -> None:
    weighed = (Weighed(number, 0.4, (1.0, -1.0, 0.0, 0.0, 0.0)),)
    part.note(f"s{number}", Decision(at, number % 3, weighed))


def _observe(part: Relations, number: int, at: datetime) -> None:
    here, beside = f"t{number // 2}", f"t{number // 2 + 1}"
    part.observe(f"Kind{number % 500}", f"scope-{number // 50}", (here, beside), at)


def _ask_relations(part: Relations) -> object:
    pairs = [(f"Kind{n}", f"Kind{n + 1}") for n in range(20)]
    lifts = [part.affinity(src, dst, hop) for src, dst in pairs for hop in (OWN, BESIDE, SCOPE)]
    return lifts, part.edges()


def _learn(part: Topology, number: int, at: datetime) -> None:
    part.learn(part.labelled(one(number)), profile(number), at)


def _ask_topology(part: Topology) -> object:
    names = [f"app-{n}" for n in range(40)]
    edges = sorted((known.source, *astuple(known.edge), str(known.until)) for known in part.known())
    around = [(part.callers("prod", name), part.callees("prod", name)) for name in names]
    return edges, around, [part.distance("prod", "app-1", name) for name in names]


def _join(memory: Memory, number: int, at: datetime) -> list[str]:
    home = memory.session("prod/")
    live = memory.groups.groups.get(home[0]) if home is not None and number % 3 else None
    live = live or memory.open("prod", at)
    memory.join(live, f"s{number}", belonging(number, live.id, at))
    if number % 5 == 0:
        memory.refire(f"s{number}", memory.members[f"s{number}"], False, at)
    if number % 7 == 6 and memory.home(f"s{number - 1}") not in (None, live):
        memory.verdicts.part((f"s{number}",), (f"s{number - 1}",))
    gone = memory.retire(memory.excess())
    over = memory.overflow()
    return [*gone, *over, *memory.retire(memory.let_go(over))]


def _ask_memory(memory: Memory) -> object:
    groups = [
        (
            live.id,
            sorted(live.members),
            live.firing,
            live.names,
            live.namespaces,
            live.lately,
            live.sides,
            live.standing.cleared_at,
            {name: (thing.series, thing.count) for name, thing in sorted(live.subjects.items())},
        )
        for live in memory.groups.groups.values()
    ]
    judged = {name: memory.judged(name) for name in sorted(memory.members)}
    active = [live.id for live in memory.groups.active("prod")]
    return sorted(groups, key=lambda group: group[0]), judged, active


def _judge(society: Society, number: int, at: datetime) -> None:
    society.people.forget(_join(society.memory, number, at))
    action = (Action.MERGE, Action.SPLIT, Action.ROOT)[number % 3]
    said = Feedback(action=action, actor="ann", at=at, a=f"s{number}", b=f"s{max(0, number - 1)}")
    if number:
        society.people.feedback(said)


def _ask_society(society: Society) -> object:
    people, members = society.people, sorted(society.memory.members)
    rooted = [people.rooted(live, ()) for _, live in sorted(society.memory.groups.groups.items())]
    return _ask_memory(society.memory), [people.is_placed(name) for name in members], rooted


def _change(part: Changes, number: int, at: datetime) -> None:
    event = ChangeEvent(id=f"c{number}", at=at, entity=f"app-{number}", level="service", kind="deploy")
    part.note(event, at)


def _ask_changes(part: Changes) -> object:
    names = {event.entity for event in part.events()}
    return sorted(names), [event.id for event in part.before(names, "prod", START + timedelta(hours=1))]


def stage() -> CorrelateStage:
    """Return the whole correlator, with a model."""
    return CorrelateStage(SMALL, [], (), MODEL)


def _fire(part: CorrelateStage, number: int, at: datetime) -> None:
    told = one(number)
    part.feed([Change(kind=ChangeKind.OPENED, series=told, fingerprint=told.id, at=at)], at)


def _ask_stage(part: CorrelateStage) -> object:
    said = part.explainer(str)
    members = sorted(part.tables[0])
    groups = sorted({found.group for name in members if (found := said.why(name)) is not None})
    apart = [said.apart(one, other) for one, other in pairwise(groups)]
    return [said.why(name) for name in members], apart, [part.causes(group) for group in groups]


def _arrive(part: Tempo, number: int, at: datetime) -> None:
    part.arrive(f"s{number}", f"Kind{number % 40}", f"c{number // 100}", at.timestamp())


def _ask_tempo(part: Tempo) -> object:
    at = (START + timedelta(hours=1)).timestamp()
    return [part.known(f"s{n}", f"Kind{n % 40}", f"c{n // 100}", at) for n in range(200)]


def _rare(part: Rarity) -> object:
    at = START + timedelta(hours=1)
    window = part.window(at)
    items = [item for number in range(0, 200, 4) for item in profile(number).attributes]
    return [part.of(item, part.active("prod", window), window) for item in items]


class Speech:
    """A vocabulary with the rarity that it asks how long a cluster is known."""

    def __init__(self) -> None:
        self.rarity = Rarity(SMALL)
        self.words = Vocabulary(SMALL, self.rarity)
        self.tables = (self.rarity.table, self.words.table)

    @property
    def dropped(self) -> int:
        """Return how many words were let go of."""
        return self.words.dropped

    def restored(self) -> None:
        """Rebuild the rarity."""
        self.rarity.restored()


def _hear(part: Speech, number: int, at: datetime) -> None:
    part.rarity.observe(profile(number), at)
    part.words.hear(one(number), profile(number), at)


def _ask_words(part: Speech) -> object:
    at = START + timedelta(hours=1)
    window = part.rarity.window(at)
    active = part.rarity.active("prod", window)
    said = [word for number in range(200) for word in spoken(one(number))]
    return [part.words.telling("prod", word, active, window) for word in said]


def _taught(part: Adapter, number: int, _at: datetime) -> None:
    part.learn({"time": float(number % 3), "likeness": -1.0}, bool(number % 2))


def _named(part: RootAdapter, number: int, _at: datetime) -> None:
    added = np.array(
        [[float((number * row + piece) % 5 - 2) for piece in range(len(PIECES))] for row in (1, 2)]
    )
    part.learn(added, [1.0, 0.0, float(number % 3)], (1, None)[number % 2])


PARTS: dict[str, Part] = {
    "tempo": Part(lambda: Tempo(500), _arrive, _ask_tempo, 500, shuffles=True),
    "rarity": Part(
        lambda: Rarity(SMALL),
        lambda part, number, at: part.observe(profile(number), at),
        _rare,
        510,
        shuffles=True,
        slowness=4,
    ),
    "vocabulary": Part(Speech, _hear, _ask_words, 1010, slowness=4),
    "decisions": Part(
        lambda: Decisions(300),
        _weigh,
        lambda part: [part.of(f"s{n}") for n in range(400)],
        300,
        shuffles=True,
    ),
    "adapter": Part(
        Adapter, _taught, lambda part: part.odds({"time": 1.0, "likeness": 1.0}), 10, slowness=10
    ),
    "named roots": Part(
        RootAdapter,
        _named,
        lambda part: ([part.factor(piece) for piece in PIECES], part.bias),
        len(PIECES) + 2,
        slowness=10,
    ),
    "relations": Part(
        lambda: Relations(RelationSettings(max_kinds=100, max_partners=8, max_places=200, save_s=0.0)),
        _observe,
        _ask_relations,
        110,
        slowness=4,
    ),
    "topology": Part(lambda: Topology((), SMALL), _learn, _ask_topology, 1000, slowness=10),
    "memory": Part(lambda: Memory(SMALL), _join, _ask_memory, 900, slowness=10),
    "people": Part(Society, _judge, _ask_society, 2000, slowness=20),
    "changes": Part(lambda: Changes(SMALL), _change, _ask_changes, 300, shuffles=True),
    "stage": Part(stage, _fire, _ask_stage, 4000, slowness=50, step_s=100.0),
}
"""Every part that holds state, and the whole of them."""
