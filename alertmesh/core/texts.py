"""Texts that were read from files."""

import hashlib

from msgspec import Struct


class TextFile(Struct, frozen=True):
    """A file that was read: its name, where it is, and what stands in it."""

    name: str
    path: str
    text: str


def digest_of(text: str) -> str:
    """Return what tells a text from another: the first 16 digits of its SHA-256.

    >>> digest_of("")
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]
