"""Find the runbooks and services of an incident, and which steps were ticked."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from heapq import nsmallest

from msgspec import Struct

from alertmesh.core.catalogue import Catalogue
from alertmesh.core.group import Cause
from alertmesh.core.incident import Member, TimelineEntry
from alertmesh.core.matchers import Matcher, matches_all, parse_matchers
from alertmesh.core.runbook import Runbook
from alertmesh.core.series import Series
from alertmesh.core.sheet import Words
from alertmesh.core.topology import Service

_LOOKED_AT = 1_000
_MOST = 8
_NAMED = 5
_ADDRESS = ("http://", "https://")
_ROOT, _NAMED_BY_SERVICE, _PART = 2.0, 1.0, 1.0


class StepView(Struct, frozen=True, kw_only=True):
    """A step, counted from 1; `by` and `at` tell who ticked it last, or took that back, and when."""

    step: int
    text: Words
    command: str
    done: bool
    by: str
    at: datetime | None


class RunbookView(Struct, frozen=True, kw_only=True):
    """A runbook that fits: because of alerts called `alerts`, and as well as `score` says, likeliest first.

    `root` tells that it is for what is likely the root, `done` counts the steps that are ticked.
    """

    name: str
    title: Words
    link: str
    score: float
    root: bool
    alerts: list[str]
    done: int
    steps: list[StepView]


class ServiceView(Struct, frozen=True, kw_only=True):
    """A service of the catalogue that is hit: whom to ask, empty for unknown, and addresses to read at."""

    name: str
    owner: str
    links: list[str]


class Tick(Struct, frozen=True):
    """The last word on a step."""

    done: bool
    by: str
    at: datetime


Ticks = Mapping[tuple[str, int], Tick]


class _Fitting:
    """One runbook, ready to be held against many series."""

    def __init__(self, book: Runbook) -> None:
        self.book = book
        self._matchers: tuple[Matcher, ...] = parse_matchers(book.match) if book.match else ()
        self._alerts = frozenset(book.alerts)
        self._services = frozenset(book.services)

    def fits(self, series: Series, service: str) -> bool:
        """Tell whether it is for a series, which belongs to `service` of the catalogue."""
        if series.name in self._alerts:
            return True
        about = (service, series.entity.name, *_services(series.labels))
        if self._services and not self._services.isdisjoint(about):
            return True
        return bool(self._matchers) and matches_all(self._matchers, series.labels)


class Shelf:
    """The runbooks of one configuration, and the services of its catalogue, which name some of them."""

    def __init__(self, books: Iterable[Runbook], services: Sequence[Service]) -> None:
        self._fittings = [_Fitting(book) for book in books]
        self._services = {service.name: service for service in services}
        self._catalogue = Catalogue(services)

    def find(self, name: str) -> Runbook | None:
        """Return a runbook by name."""
        return next((one.book for one in self._fittings if one.book.name == name), None)

    def fitting(
        self, members: Sequence[Member], causes: Sequence[Cause], services: Collection[str], ticks: Ticks
    ) -> list[RunbookView]:
        """Return the runbooks that fit an incident, best first; one that was begun is never left out.

        `services` are those that its series name by themselves.
        """
        looked = _looked_at(members)
        belongs = [self._catalogue.of(one.series) for one in looked]
        roots = {cause.series: cause.score for cause in causes}
        named = {name for service in self._hit(belongs, services) for name in service.runbooks}
        begun = {name for name, _ in ticks}
        found = []
        for fitting in self._fittings:
            fits = (fitting.fits(one.series, service) for one, service in zip(looked, belongs, strict=True))
            hits = [one for one, does in zip(looked, fits, strict=True) if does]
            book = fitting.book
            if hits or book.name in named or book.name in begun:
                root = max((roots.get(one.series.id, 0.0) for one in hits), default=0.0)
                score = _ROOT * root + _PART * len(hits) / max(1, len(looked))
                score += _NAMED_BY_SERVICE * (book.name in named)
                found.append((book.name in begun, score, _view(book, score, root, hits, ticks)))
        found.sort(key=lambda item: (not item[0], -item[1], item[2].name))
        return sorted((view for _, _, view in found[:_MOST]), key=lambda view: (-view.score, view.name))

    def services(self, members: Sequence[Member], services: Collection[str]) -> list[ServiceView]:
        """Return the services hit of which the catalogue tells whom to ask or where to read, worst first."""
        hit = self._hit([self._catalogue.of(one.series) for one in _looked_at(members)], services)
        views = (
            ServiceView(
                name=one.name,
                owner=one.owner,
                links=[place for place in one.runbooks if place.startswith(_ADDRESS)],
            )
            for one in hit
        )
        return [view for view in views if view.owner or view.links][:_MOST]

    def _hit(self, belongs: Iterable[str], services: Collection[str]) -> list[Service]:
        """Return the services of the catalogue that are hit, those with most series first."""
        counts = Counter(dict.fromkeys(services, 0))
        counts.update(belongs)
        return [self._services[name] for name, _ in counts.most_common() if name in self._services]


def _looked_at(members: Sequence[Member]) -> list[Member]:
    return nsmallest(_LOOKED_AT, members, key=lambda one: (one.series.priority, one.joined_at))


def ticks(lines: Iterable[TimelineEntry]) -> dict[tuple[str, int], Tick]:
    """Read from the lines of a timeline which steps were ticked last, and which taken back."""
    found = {}
    for line in lines:
        number = line.data.get("step", "") if line.kind == "step" else ""
        if number.isdecimal():
            done = line.data.get("done", "true") == "true"
            found[line.data.get("runbook", ""), int(number)] = Tick(done, line.actor, line.at)
    return found


def _view(book: Runbook, score: float, root: float, hits: Sequence[Member], ticks: Ticks) -> RunbookView:
    steps = [_step(book, number, ticks) for number in range(1, len(book.steps) + 1)]
    return RunbookView(
        name=book.name,
        title=book.title,
        link=book.link,
        score=round(score, 4),
        root=root > 0,
        alerts=sorted({one.series.name for one in hits})[:_NAMED],
        done=sum(step.done for step in steps),
        steps=steps,
    )


def _step(book: Runbook, number: int, ticks: Ticks) -> StepView:
    step, tick = book.steps[number - 1], ticks.get((book.name, number))
    return StepView(
        step=number,
        text=step.text,
        command=step.command,
        done=tick is not None and tick.done,
        by=tick.by if tick is not None else "",
        at=tick.at if tick is not None else None,
    )


def _services(labels: Mapping[str, str]) -> list[str]:
    return [labels[name] for name in ("service", "service_name", "app") if name in labels]
