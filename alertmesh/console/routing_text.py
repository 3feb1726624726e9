"""Write the escalation policies as Alertmanager's routing tree, which its tools know how to read."""

from collections.abc import Iterable
from json import dumps

from alertmesh.core.matchers import parse_matchers
from alertmesh.core.oncall import Policy


def routing(policies: Iterable[Policy]) -> str:
    """Return YAML in which each policy is a route and a receiver of its name, in the order of asking.

    The last one takes what none accepts, as with us. Nothing else is told: a policy's people and
    times have no place in that form.
    """
    known = list(policies)
    if not known:
        return "route:\n  receiver: none\nreceivers:\n- name: none\n"
    lines = ["route:", f"  receiver: {_text(known[-1].name)}", "  group_by: ['...']"]
    routes = [policy for policy in known if policy.matchers.strip(" {}")]
    lines += ["  routes:"] if routes else []
    for policy in routes:
        conditions = ", ".join(_text(str(matcher)) for matcher in parse_matchers(policy.matchers))
        lines += [f"  - receiver: {_text(policy.name)}", f"    matchers: [{conditions}]"]
    lines += ["receivers:", *(f"- name: {_text(policy.name)}" for policy in known)]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    return dumps(text, ensure_ascii=False)  # a JSON string is a YAML string
