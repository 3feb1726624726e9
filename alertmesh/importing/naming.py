"""Give what is imported names that our files take."""

import re

_LONGEST = 64
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class Names:
    """Names of one kind, each given once.

    >>> names = Names()
    >>> names.fresh("db team"), names.fresh("db.team"), names.fresh("db team"), names.fresh("值班")
    ('db-team', 'db.team', 'db-team-2', 'import')
    """

    def __init__(self) -> None:
        self._given: set[str] = set()

    def fresh(self, wanted: str) -> str:
        """Return a name like `wanted` that was not given yet."""
        base = _UNFIT.sub("-", wanted).strip("-._")[: _LONGEST - 5] or "import"
        name, number = base, 2
        while name in self._given:
            name, number = f"{base}-{number}", number + 1
        self._given.add(name)
        return name
