"""The page behind the link of a message: GET only shows, so that a preview acks nothing; POST acts."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader

from alertmesh.answering import told
from alertmesh.console.pageview import Reader, Shown, view
from alertmesh.console.pagewords import LANGUAGES, PageWords, page_words
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.session import address_of
from alertmesh.console.static import POLICY
from alertmesh.console.tells import tells
from alertmesh.core.page import PageKind
from alertmesh.desks.guessing import Guesses, neighbourhood
from alertmesh.notify.codes import Code
from alertmesh.notify.replies import Verb, Wish
from alertmesh.reports.load import zones

_BUTTONS = (Verb.ACK, Verb.ESCALATE, Verb.UNACK)
_FOLDER = Path(__file__).parent / "templates"
_FOR_GOOD = "public, max-age=31536000, immutable"  # the address changes with the content
_MOST_FULL = 3  # shown in full; of the others the heads, so that a page stays small
_MOST_SHOWN = 60
# A whole office may ask from one address: it mistypes less than this in a quarter of an hour, and waits
# for a moment if not. Of 2^40 codes somebody who guesses sees so few that none is found in its one day.
_FREE_MISSES, _LONGEST_S, _MOST_ADDRESSES = 50, 5.0, 10_000
_SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


class Pages:
    """The handlers for `/p/{code}`; whoever has the code was paged, and needs no other token."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._misses = Guesses(free=_FREE_MISSES, longest_s=_LONGEST_S, most=_MOST_ADDRESSES)

    @tells(None, media="text/html", may=(429,))
    async def show(self, request: web.Request) -> web.Response:
        """Show what was asked, and the buttons."""
        code, wait_s = self._find(request)
        reader = self._reader(request, code)
        return self._page(request, code, reader, []) if code else _gone(request, reader, wait_s)

    @tells(None, media="text/html", may=(429,))
    async def act(self, request: web.Request) -> web.Response:
        """Do what a button says to everything that was asked, and show what came of it."""
        code, wait_s = self._find(request)
        reader = self._reader(request, code)
        words = reader.words
        if code is None:
            return _gone(request, reader, wait_s)
        form = await request.post()
        wanted, person = str(form.get("do", "")), str(form.get("person", ""))
        if not person and len(code.people) == 1:
            person = code.people[0]
        if wanted not in _BUTTONS or person not in code.people:
            return self._page(request, code, reader, [words.pick], status=400)
        wish = Wish(verb=Verb(wanted))
        answers = await self._service.answering.answer(code, person, wish)
        return self._page(request, code, reader, told(answers, wish, words.language).splitlines())

    @tells(None, media="*/*")
    async def look(self, request: web.Request) -> web.Response:
        """Return the style or the script of the page; they need no code, and tell nothing."""
        found = _looks().get(request.match_info["name"])
        if found is None:
            raise Refused(404, "not-found", "there is nothing at this path")
        kind, text = found
        return web.Response(text=text, content_type=kind, headers={**_SAFE, "Cache-Control": _FOR_GOOD})

    def _find(self, request: web.Request) -> tuple[Code | None, float]:
        """Return what a code stands for, or None and how many seconds its address has to wait still.

        A right code takes no miss back: whoever has one could guess at others for nothing.
        """
        address, now_s = neighbourhood(address_of(request)), self._service.clock.monotonic()
        wait_s = self._misses.wait_s(address, now_s)
        if wait_s > 0:
            return None, wait_s
        code = self._service.answering.code(request.match_info["code"])
        if code is None:
            self._misses.count(address, now_s)
        return code, 0.0

    def _reader(self, request: web.Request, code: Code | None) -> Reader:
        """Return the words of the address, of whoever was paged, or else of the browser; and their zone."""
        oncall = self._service.duties.oncall()
        paged = [oncall.users[name] for name in (code.people if code else ()) if name in oncall.users]
        language = paged[0].language if paged else request.headers.get("Accept-Language", "en")[:2]
        asked = request.query.get("lang", "")
        return Reader(
            words=page_words(asked if asked in LANGUAGES else language),
            zone=zones(oncall)(paged[0].name) if paged else "UTC",
            now=self._service.clock.now(),
            users=oncall.users,
        )

    def _page(
        self, request: web.Request, code: Code, reader: Reader, said: Sequence[str], status: int = 200
    ) -> web.Response:
        words = reader.words
        views = [self._view(one.incident, reader) for one in code.asked[:_MOST_SHOWN]]
        shown = [one for one in views if one is not None]
        count = len(code.asked)
        first = f"{shown[0].priority} #{shown[0].id} {shown[0].title}" if shown else "AlertMesh"
        return _rendered(
            request,
            reader,
            status,
            heading=first if count == 1 else words.title.format(count=count),
            said=said,
            incidents=shown,
            buttons=_buttons(code, shown, words),
            people=[(name, reader.called(name)) for name in code.people],
        )

    def _view(self, number: int, reader: Reader) -> Shown | None:
        """Return what is shown of an incident; None for one that nothing is kept of any more."""
        found = self._service.incident(number)
        pages = [one for one in self._service.attempts(number) if one.page.kind is PageKind.PAGE]
        return None if found is None or not pages else view(*found, pages, reader)


def _buttons(code: Code, shown: Sequence[Shown], words: PageWords) -> list[tuple[str, str]]:
    """Return what can be answered: nothing when all is over, and no ack by who has it already."""
    open = [one for one in shown if one.is_open]
    labels = {
        Verb.ACK: words.ack if len(code.asked) == 1 else words.ack_all.format(count=len(code.asked)),
        Verb.ESCALATE: words.escalate,
        Verb.UNACK: words.unack,
    }
    if open and all(one.owners == code.people for one in open):
        del labels[Verb.ACK]
    return [(verb.value, label) for verb, label in labels.items()] if open else []


def _gone(request: web.Request, reader: Reader, wait_s: float) -> web.Response:
    """Say that there is no such code, or that too many there were not came from this address."""
    words, seconds = reader.words, ceil(wait_s)
    status, said = (429, words.wait.format(seconds=seconds)) if seconds else (404, words.gone)
    answer = _rendered(
        request, reader, status, heading="AlertMesh", said=[said], incidents=[], buttons=[], people=[]
    )
    if seconds:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _rendered(request: web.Request, reader: Reader, status: int, **values: Any) -> web.Response:
    lang = request.query.get("lang", "")
    words = reader.words
    text = _template().render(
        words=words,
        full=_MOST_FULL,
        version=_version(),
        now=reader.now.isoformat(),
        asof=reader.clock(reader.now),
        here=f"?lang={words.language}" if lang in LANGUAGES else "",
        other=f"?lang={'en' if words.language == 'zh' else 'zh'}",
        **values,
    )
    answer = web.Response(status=status, text=text, content_type="text/html", headers=_SAFE)
    answer.enable_compression()
    return answer


@cache
def _looks() -> dict[str, tuple[str, str]]:
    kinds = {"page.css": "text/css", "page.js": "text/javascript"}
    return {name: (kind, (_FOLDER / name).read_text(encoding="utf-8")) for name, kind in kinds.items()}


@cache
def _version() -> str:
    """Return what changes with style and script, so that browsers may keep them for good."""
    return sha256("".join(text for _, text in _looks().values()).encode()).hexdigest()[:12]


@cache
def _template() -> Any:
    loader = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True)
    return loader.get_template("page.html")
