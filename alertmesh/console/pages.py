"""The page behind the link of a message: GET only shows, so that a preview acks nothing; POST acts."""

import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader

from alertmesh.answering import told
from alertmesh.console.pagewords import PageWords, page_words
from alertmesh.console.service import Service
from alertmesh.core.oncall import Tier
from alertmesh.core.page import AttemptState, PageKind
from alertmesh.core.response import Response, State, Timer
from alertmesh.notify.codes import Code
from alertmesh.notify.facts import Briefing, Facts, Style, facts_of
from alertmesh.notify.replies import Verb, Wish

_BUTTONS = (Verb.ACK, Verb.ESCALATE, Verb.UNACK)
_OVER = frozenset({State.RESOLVED, State.CLOSED, State.MERGED})
_MOST_SENDS = 12
_MOST_SHOWN = 60
_SAFE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


class Pages:
    """The handlers for `/p/{code}`; whoever has the code was paged, and needs no other token."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def show(self, request: web.Request) -> web.Response:
        """Show what was asked, and the buttons."""
        code = self._service.answering.code(request.match_info["code"])
        words = page_words(self._language(request, code))
        return self._page(code, words, []) if code else _gone(words)

    async def act(self, request: web.Request) -> web.Response:
        """Do what a button says to everything that was asked, and show what came of it."""
        code = self._service.answering.code(request.match_info["code"])
        words = page_words(self._language(request, code))
        if code is None:
            return _gone(words)
        form = await request.post()
        wanted, person = str(form.get("do", "")), str(form.get("person", ""))
        if not person and len(code.people) == 1:
            person = code.people[0]
        if wanted not in _BUTTONS or person not in code.people:
            return self._page(code, words, [words.pick], status=400)
        wish = Wish(verb=Verb(wanted))
        answers = await self._service.answering.answer(code, person, wish)
        return self._page(code, words, told(answers, wish, words.language).splitlines())

    def _language(self, request: web.Request, code: Code | None) -> str:
        """Return the language of whoever was paged, or else of the browser."""
        users = self._service.duties.oncall().users
        paged = [users[name].language for name in (code.people if code else ()) if name in users]
        return paged[0] if paged else request.headers.get("Accept-Language", "en")[:2]

    def _page(self, code: Code, words: PageWords, said: Sequence[str], status: int = 200) -> web.Response:
        views = [self._view(one.incident, words) for one in code.asked[:_MOST_SHOWN]]
        shown = [view for view in views if view is not None]
        is_open = any(view["open"] for view in shown)
        count = len(code.asked)
        first = f"#{shown[0]['facts'].incident} {shown[0]['facts'].title}" if shown else "AlertMesh"
        labels = {
            Verb.ACK: words.ack if count == 1 else words.ack_all.format(count=count),
            Verb.ESCALATE: words.escalate,
            Verb.UNACK: words.unack,
        }
        return _rendered(
            words,
            status,
            heading=first if count == 1 else words.title.format(count=count),
            said=said,
            incidents=shown,
            buttons=[(verb.value, labels[verb]) for verb in _BUTTONS] if is_open else [],
            people=code.people,
        )

    def _view(self, number: int, words: PageWords) -> dict[str, Any] | None:
        """Return what is shown of an incident; None for one that nothing is kept of any more."""
        found = self._service.incident(number)
        sends = [one for one in self._service.attempts(number) if one.page.kind is PageKind.PAGE]
        if found is None or not sends:
            return None
        incident, response = found
        briefing = Briefing(pages=(sends[-1].page,), incident=incident, response=response)
        facts = facts_of([briefing], Style(key="", now=self._service.clock.now(), language=words.language))
        due = _due(response, words)
        return {
            "open": response is not None and response.state not in _OVER,
            "priority": f"P{(response or incident).priority:d}",
            "facts": facts,
            "told": _told(facts, response, words),
            "since": incident.opened_at.isoformat(),
            "due": due[0].format(left=f"{due[1]:%H:%M} UTC") if due else "",
            "due_text": due[0] if due else "",
            "due_at": due[1].isoformat() if due else "",
            "paged": [
                words.paged.format(
                    person=one.page.person,
                    tier=one.page.tier,
                    channel=one.channel,
                    state=words.sends[AttemptState(one.state)],
                )
                for one in sends[-_MOST_SENDS:]
            ],
        }


def _told(facts: Facts, response: Response | None, words: PageWords) -> list[tuple[str, str]]:
    """Return what is told of an incident, each with what it is; what is not known is left out."""
    alerts = words.alerts_told.format(alerts=facts.alerts, series=facts.series, firing=facts.firing)
    lines = [(words.where, facts.where), (words.since, f"{facts.since} UTC"), (words.alerts, alerts)]
    if facts.root is not None:
        root = words.root_told.format(entity=facts.root.entity, percent=facts.root.percent)
        lines += [(words.root, root), (words.changed, facts.root.changed)]
    if response is not None:
        state = words.states[response.state]
        owner = words.owner.format(state=state, owner=response.owner) if response.owner else state
        lines += [(words.state, owner), (words.team, response.rnd_roster)]
    return [(name, text) for name, text in lines if text]


def _due(response: Response | None, words: PageWords) -> Any:
    """Return what comes next and when; None when nothing does."""
    if response is None:
        return None
    if response.tier is Tier.OPS and Timer.TIER in response.deadlines:
        return words.tier, response.deadlines[Timer.TIER]
    step = response.deadlines.get(Timer.STEP) or response.deadlines.get(Timer.LOOP)
    return (words.step, step) if step else None


def _gone(words: PageWords) -> web.Response:
    return _rendered(words, 404, heading="AlertMesh", said=[words.gone], incidents=[], buttons=[], people=())


def _rendered(words: PageWords, status: int, **values: Any) -> web.Response:
    nonce = secrets.token_urlsafe(12)
    text = _template().render(words=words, nonce=nonce, **values)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {**_SAFE, "Content-Security-Policy": policy}
    return web.Response(status=status, text=text, content_type="text/html", headers=headers)


@cache
def _template() -> Any:
    folder = Path(__file__).parent / "templates"
    loader = Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True)
    return loader.get_template("page.html")
