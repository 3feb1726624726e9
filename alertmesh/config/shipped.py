"""Say what the shipped rules have for each key, as somebody would write it on one line."""

from collections.abc import Iterator
from functools import cache

import yaml

from alertmesh.config.folder import RulesFolder, default_rules_dir
from alertmesh.config.keyhelp import key_help
from alertmesh.config.loading import MERGED


@cache
def shipped_values(kind: str) -> dict[str, str]:
    """Return the values of a kind of rule file by path, as `key_help` has it.

    Only keys whose value is written in a word or in brackets have one, and none of an entry of a list.
    Kinds whose files hold one thing each, such as a channel or a mapping, have no common values.

    >>> shipped_values("incidents")["watch_priorities"], shipped_values("mappings")
    ('[P4]', {})
    """
    if kind not in MERGED:
        return {}
    found: dict[str, str] = {}
    for document in RulesFolder(default_rules_dir()).documents(kind):
        root = yaml.compose(document.text, Loader=yaml.CSafeLoader)
        found.update(_values(root) if isinstance(root, yaml.MappingNode) else ())
    known = key_help(kind)
    return {path: text for path, text in found.items() if path in known}


def _values(node: yaml.MappingNode, path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.value:
        own = f"{path}.{key.value}" if path else str(key.value)
        if isinstance(value, yaml.ScalarNode) or value.flow_style:
            yield own, _written(value)
        elif isinstance(value, yaml.MappingNode):
            yield from _values(value, own)


def _written(node: yaml.Node) -> str:
    """Return a value on one line, without the comments that may stand in it."""
    if isinstance(node, yaml.MappingNode):
        pairs = ", ".join(f"{_written(key)}: {_written(value)}" for key, value in node.value)
        return f"{{{pairs}}}"
    if isinstance(node, yaml.SequenceNode):
        return f"[{', '.join(map(_written, node.value))}]"
    quote = node.style if isinstance(node, yaml.ScalarNode) and node.style in ("'", '"') else ""
    return f"{quote}{node.value}{quote}"
