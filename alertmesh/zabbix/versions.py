"""What differs between the versions of the Zabbix API, from 6.0 on, in one table.

An unknown option is ignored without a word by 6.0 and refused by later ones, so what is asked
has to be chosen by version.
"""

import re

from msgspec import Struct

Version = tuple[int, int]

_NUMBERS = re.compile(r"(\d+)\.(\d+)")
OLDEST: Version = (6, 0)


class Dialect(Struct, frozen=True):
    """How one version is spoken to: names of options, and of what comes back.

    `host_groups` asks host.get for groups, which come back as `groups_key`. `acknowledges` asks
    event.get for acknowledges. `bearer` tells that the token goes into a header.
    """

    host_groups: str
    groups_key: str
    acknowledges: str
    bearer: bool


# (from which version on, what changed): the row holds until a later one says otherwise.
_TABLE: tuple[tuple[Version, Dialect], ...] = (
    ((6, 0), Dialect("selectGroups", "groups", "select_acknowledges", False)),
    ((6, 2), Dialect("selectHostGroups", "hostgroups", "select_acknowledges", False)),
    ((6, 4), Dialect("selectHostGroups", "hostgroups", "select_acknowledges", True)),
    ((7, 2), Dialect("selectHostGroups", "hostgroups", "selectAcknowledges", True)),
)


def parse(text: str) -> Version:
    """Return major and minor version; ValueError for what is no version.

    >>> parse("7.0.0alpha3")
    (7, 0)
    """
    found = _NUMBERS.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no version")
    return int(found[1]), int(found[2])


def dialect(version: Version) -> Dialect:
    """Return how a version is spoken to; one older than all is tried as the oldest.

    >>> dialect((6, 0)).host_groups, dialect((7, 4)).acknowledges
    ('selectGroups', 'selectAcknowledges')
    """
    fits = [spoken for since, spoken in _TABLE if since <= version]
    return fits[-1] if fits else _TABLE[0][1]
