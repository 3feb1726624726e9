"""What is left of English in a text."""

import re

_KEPT = re.compile(r"Kubernetes|`[^`]*`")


def english(text: str) -> list[str]:
    """Return the English words in a text; names and values in tests have no small letters."""
    return re.findall("[a-z]{2,}", _KEPT.sub("", text))
