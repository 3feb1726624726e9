"""Remember which kinds of alerts came last to each place, and when."""

from alertmesh.correlate.relation_counts import Visit

_UNKNOWN_GAP_S = 21_600.0  # what has come only once is taken to come this rarely
_NEWER = 0.3  # how much the newest gap counts in the usual one


class Visits:
    """The kinds that came last to one place, the newest last; at most `limit` of them."""

    __slots__ = ("_limit", "_visits")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._visits: dict[str, Visit] = {}

    def last(self, kind: str) -> float:
        """Return when a kind last came; minus infinity when it never did."""
        visit = self._visits.get(kind)
        return visit[0] if visit is not None else float("-inf")

    def note(self, kind: str, at: float) -> Visit:
        """Note that a kind came; return the visit."""
        visits = self._visits
        before = visits.pop(kind, None)
        if before is None:
            visit = (at, _UNKNOWN_GAP_S)
            if len(visits) >= self._limit:
                del visits[next(iter(visits))]
        else:
            then, usual = before
            gap = at - then
            visit = (at, gap if usual == _UNKNOWN_GAP_S else usual + (gap - usual) * _NEWER)
        visits[kind] = visit
        return visit

    def since(self, before: float, most: int, but: str) -> list[tuple[str, Visit]]:
        """Return what came after `before`, the newest first: at most `most` kinds, and not `but`."""
        found: list[tuple[str, Visit]] = []
        for item in reversed(self._visits.items()):
            if item[1][0] <= before or len(found) == most:
                break
            if item[0] != but:
                found.append(item)
        return found


class Place:
    """What came to a thing itself, and what came to those that name it as one step away."""

    __slots__ = ("beside", "own")

    def __init__(self, limit: int) -> None:
        self.own = Visits(limit)
        self.beside = Visits(limit)


class Places:
    """A bounded number of places; the one that nothing was about for longest is forgotten."""

    __slots__ = ("_kinds", "_limit", "_places", "dropped")

    def __init__(self, limit: int, kinds: int) -> None:
        self.dropped = 0
        self._limit = limit
        self._kinds = kinds
        self._places: dict[str, Place] = {}

    def at(self, token: str) -> Place:
        """Return a place, made when it is new."""
        place = self._places.get(token)
        return place if place is not None else self._made(token)

    def visit(self, token: str) -> Place:
        """Return a place, made when it is new, and take it for the one visited last."""
        place = self._places.pop(token, None)
        if place is None:
            return self._made(token)
        self._places[token] = place
        return place

    def _made(self, token: str) -> Place:
        places = self._places
        if len(places) >= self._limit:
            del places[next(iter(places))]
            self.dropped += 1
        place = places[token] = Place(self._kinds)
        return place
