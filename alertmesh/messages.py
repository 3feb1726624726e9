"""The templates of messages that a configuration comes with, ready to be filled in."""

from alertmesh import registry
from alertmesh.config import Config
from alertmesh.core.errors import BadConfig
from alertmesh.notify.templates import Templates


def templates(config: Config) -> Templates:
    """Return the templates; BadConfig has every fault of every one as `file:line:col message`."""
    return Templates(config.messages, registry.notifiers())


def unwritable(config: Config) -> list[str]:
    """Return what is wrong with the templates, as `file:line:col message`."""
    try:
        templates(config)
    except BadConfig as error:
        return list(error.problems)
    return []


def channel_kinds(config: Config) -> dict[str, str]:
    """Return the kind of each configured channel by its name."""
    return {name: channel.kind for name, channel in config.channels.items()}
