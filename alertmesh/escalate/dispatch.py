"""Carry out what the machine asks for: resolve targets to people, and effects to messages."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.oncall import OnCall, Tier
from alertmesh.core.page import Attempt, Page, PageKind
from alertmesh.core.response import Response
from alertmesh.escalate.delivery import Deliveries
from alertmesh.escalate.events import Closing, Effect, Line, PageWanted, Tell, Withdraw
from alertmesh.escalate.outbound import Escalated, attempts_of, news_for, page_for
from alertmesh.escalate.roster import USER, Resolved, Rota
from alertmesh.escalate.routing import NoIncidents, OpenIncidents, Route, Router, is_staffed

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Case(Struct):
    """One response under way: what it is now, when, and where everything it causes is collected.

    `gap` is the step that reached nobody, if one did.
    """

    response: Response
    now: datetime
    out: Escalated
    rule: str = ""
    actor: str = ""
    gap: PageWanted | None = None

    def write(self, kind: str, text: str, data: Mapping[str, str] = _NOTHING) -> None:
        """Add one timeline line; `data` stands beside the state in it."""
        entry = TimelineEntry(
            incident=self.response.incident,
            at=self.now,
            kind=kind,
            text=text,
            rule=self.rule,
            actor=self.actor,
            data={
                **data,
                "state": str(self.response.state),
                "epoch": str(self.response.epoch),
                "priority": self.response.priority.name,
            },
        )
        self.out.timeline.append(entry)


class Dispatcher:
    """Turn effects into messages to whoever is on duty at that moment.

    `incidents` is set by whoever has that stage; without it tier 2 is the policy's.
    """

    def __init__(self, oncall: OnCall, deliveries: Deliveries) -> None:
        self.incidents: OpenIncidents = NoIncidents()
        self._deliveries = deliveries
        self.adopt(oncall)

    def adopt(self, oncall: OnCall) -> None:
        """Go by other people, rosters and services from here on."""
        self.oncall = oncall
        self.rota = Rota(oncall)
        self._router = Router(oncall)

    def carry_out(self, case: Case, effects: Iterable[Effect]) -> None:
        """Add everything that `effects` ask for to the case, and the people paged to its response."""
        wanted: list[PageWanted] = []
        for effect in effects:
            if isinstance(effect, Line):
                case.write(effect.kind, effect.text, effect.data)
            elif isinstance(effect, Withdraw):
                case.out.withdraw(case.response.incident, effect.tier)
                self._deliveries.withdraw(case.response.incident, effect.tier)
            elif isinstance(effect, Tell):
                self._tell(case, (effect.person,), PageKind.UPDATE, effect.text)
            elif isinstance(effect, Closing):
                self._tell(case, case.response.paged, PageKind.CLOSING, effect.text)
            elif isinstance(effect, PageWanted):
                wanted.append(effect)
        if wanted:
            self._page(case, wanted)

    def page_lead(self, case: Case, gap: Case, already: Collection[str]) -> None:
        """Page the first lead that can be reached about `gap`, the tier's own before the other's.

        Nobody in `already` is paged a second time at the same moment.
        """
        wanted = gap.gap
        if wanted is None:
            return
        for tier in (wanted.tier, *Tier):
            for lead in self._people(case, tier, ("lead",)).people:
                if lead not in already:
                    page = page_for(gap.response, lead, replace(wanted, reason="nobody is on duty"), case.now)
                    self._deliveries.add(page.incident, page.id, self._send(case, page))
                    paged = tuple(dict.fromkeys((*case.response.paged, lead)))
                    case.response = replace(case.response, paged=paged)
                return
        kind = "undeliverable" if case.response.priority <= Priority.P2 else "coverage_gap"
        case.write(kind, "no lead can be reached either")

    def roster(self, response: Response, tier: Tier) -> str:
        """Return the roster that is paged for `tier`; the policy's for a tier 2 that is not decided yet."""
        policy = response.policy
        return policy.ops_roster if tier is Tier.OPS else response.rnd_roster or policy.rnd_roster

    def tier_of(self, response: Response, person: str, now: datetime) -> Tier | None:
        """Return the tier whose roster alone has `person`, None when that does not tell.

        Whoever is in neither is a developer if any service's roster or the policy's has them.
        """
        found = [tier for tier in Tier if self.rota.has(self.roster(response, tier), person, now)]
        if not found:
            developers = (response.policy.rnd_roster, *self._router.rosters)
            return Tier.RND if any(self.rota.has(roster, person, now) for roster in developers) else None
        return found[0] if len(found) == 1 else None

    def _people(self, case: Case, tier: Tier, targets: tuple[str, ...]) -> Resolved:
        return self.rota.resolve(targets, self.roster(case.response, tier), case.now)

    def _tell(self, case: Case, people: Iterable[str], kind: PageKind, text: str) -> None:
        for person in people:
            page = news_for(case.response, person, kind, text, case.now)
            case.out.attempts.extend(attempts_of(page, self.oncall.users))

    def _page(self, case: Case, wanted: list[PageWanted]) -> None:
        pages: dict[str, Page] = {}
        route = self._route(case, wanted)
        for effect in wanted:
            if _asks_team(effect) and case.response.rnd_why:
                effect = replace(effect, reason=f"{effect.reason}; {case.response.rnd_why}")
            found = self._people(case, effect.tier, effect.targets)
            if found.missing:
                text = f"nobody can be reached as {', '.join(found.missing)} of {effect.tier}"
                case.write("coverage_gap", text)
            for person in found.people:
                pages.setdefault(person, page_for(case.response, person, effect, case.now))
        case.gap = None if pages else wanted[0]
        sends = {page.id: self._send(case, page) for page in pages.values()}
        if sends:
            self._deliveries.begin(case.response.incident, sends)
        people = tuple(dict.fromkeys((*case.response.paged, *pages)))
        case.response = replace(case.response, paged=people)
        if route is not None:
            self._let_hear(case, route, pages)

    def _route(self, case: Case, wanted: list[PageWanted]) -> Route | None:
        """Decide which team tier 2 is, and return how if that changed.

        It stays for a cycle, save that a round that nobody answered is followed by one to the new owner if
        the likely root is another's by now. A team in which nobody can be reached gives way to the policy's.
        """
        first = next(filter(_asks_team, wanted), None)
        if first is None:
            return None
        default, before = case.response.policy.rnd_roster, case.response.rnd_loop
        response = case.response = replace(case.response, rnd_loop=first.loop)
        route = Route(roster=response.rnd_roster, why=response.rnd_why)
        is_new_round = first.loop not in (0, before)
        if not route.roster or (is_new_round and not response.rnd_asked):
            incident = self.incidents.incident(response.incident)
            route = Route(roster=default)
            if incident is not None:
                route = self._router.route(incident, self.incidents.members(incident.id), default)
        gap = ""
        if route.roster != default and not is_staffed(self.rota, route.roster, case.now):
            gap = f"nobody of {route.roster} can be reached"
            route = replace(route, roster=default, why=f"{default}: {gap}")
        if route.roster == response.rnd_roster:
            return None
        case.response = replace(response, rnd_roster=route.roster, rnd_why=route.why)
        if gap:
            case.write("coverage_gap", gap)
        if route.why:
            case.write("routed", route.why)
        return route

    def _let_hear(self, case: Case, route: Route, paged: Collection[str]) -> None:
        """Tell whoever has duty for others that are hit, or may own the root."""
        told: dict[str, str] = {}
        for one in route.hears:
            for person in self.rota.resolve(("primary",), one.roster, case.now).people:
                told.setdefault(person, one.text)
        for person, text in told.items():
            if person not in paged:
                self._tell(case, (person,), PageKind.UPDATE, f"{text}; tier 2 is paged: {route.why}")

    def _send(self, case: Case, page: Page) -> list[Attempt]:
        made = attempts_of(page, self.oncall.users)
        case.out.attempts.extend(made)
        channels = ", ".join(attempt.channel for attempt in made)
        text = f"{page.person} ({page.tier}, step {page.step + 1}, round {page.loop + 1}) by {channels}"
        data = {"page": page.id, "person": page.person, "tier": page.tier}
        entry = TimelineEntry(incident=page.incident, at=page.at, kind="page", text=text, data=data)
        case.out.timeline.append(entry)
        return made


def _asks_team(wanted: PageWanted) -> bool:
    """Tell whether somebody is paged for having duty in a team of tier 2."""
    return wanted.tier is Tier.RND and any(not target.startswith(USER) for target in wanted.targets)
