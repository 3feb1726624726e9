"""What to do about a kind of trouble, in steps that people tick off."""

from msgspec import Struct

from alertmesh.core.sheet import Words


class RunbookStep(Struct, frozen=True, kw_only=True, gc=False):
    """One thing to do; `command` is what may be copied and run, empty for none."""

    text: Words
    command: str = ""


class Runbook(Struct, frozen=True, kw_only=True, gc=False):
    """Steps for a kind of trouble.

    It fits a series that `match` accepts (Alertmanager matchers), that has one of the `alerts` as its
    name, or that belongs to one of the `services`, by the catalogue, by a label or because it is about it.
    """

    name: str
    title: Words
    steps: tuple[RunbookStep, ...]
    match: str = ""
    alerts: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    link: str = ""
