"""Texts that were read from files."""

from msgspec import Struct


class TextFile(Struct, frozen=True):
    """A file that was read: its name, where it is, and what stands in it."""

    name: str
    path: str
    text: str
