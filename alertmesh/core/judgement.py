"""What people said of alerts: which belong together, which do not, and which is the root."""

from datetime import datetime

from msgspec import Struct

from alertmesh.core.entries import Action


class Party(Struct, frozen=True, array_like=True, gc=False):
    """A series that a judgement speaks of: its id, its alertname and the thing it is about.

    Thing and alertname are empty for a series that nobody knows any more.
    """

    series: str
    name: str = ""
    subject: str = ""


class Judgement(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One judgement of a person, kept so that the machine can learn from it.

    `merge`: each of `left` belongs with each of `right`. `split` and `unrelated`: none of `left`
    belongs with any of `right`. `move`: `left` belongs with `right` and with nothing of `behind`.
    `root`: the root is `entity`, told by the series of `left`, if any. The groups are those of
    both sides before; 0 for a side that was in none, or of which something long over was said.
    """

    at: datetime
    actor: str
    action: Action
    left: tuple[Party, ...]
    right: tuple[Party, ...] = ()
    behind: tuple[Party, ...] = ()
    groups: tuple[int, int] = (0, 0)
    entity: str = ""
