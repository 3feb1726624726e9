"""Judge links as Alertmanager does, which refuses a whole request for one bad link."""

import re
from functools import lru_cache

_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY = re.compile(r"//(?P<authority>[^/]*)")
_USER = re.compile(r"(?:[A-Za-z0-9\-._:~!$&'()*+,;=@]|%[0-9A-Fa-f]{2})*")
_HOST = re.compile(r"""(?:\[[^\]]*\]|(?:[A-Za-z0-9\-_.~!$&'()*+,;=<>":\[\]]|[^\x00-\x7f])*?)(?::[0-9]*)?""")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@lru_cache(maxsize=4096)
def is_request_uri(text: str) -> bool:
    """Tell whether `text` is an absolute URI or an absolute path.

    Remembers its answers: all alerts of one rule carry the same link.

    >>> [is_request_uri(text) for text in ("http://h:9090/graph?x=1", "/x", "mailto:a", "not a url")]
    [True, True, True, False]
    """
    if _CONTROL.search(text):
        return False
    scheme = _SCHEME.match(text)
    rest = (text[scheme.end() :] if scheme else text).split("?", 1)[0]
    if not rest.startswith("/"):
        return scheme is not None
    authority = _AUTHORITY.match(rest) if scheme else None
    if authority is None:
        return _BAD_PERCENT.search(rest) is None
    user, _, host = authority["authority"].rpartition("@")
    if not _USER.fullmatch(user) or not _is_host(host):
        return False
    return _BAD_PERCENT.search(rest, authority.end()) is None


def _is_host(text: str) -> bool:
    if text.startswith("["):
        return re.fullmatch(r"\[[^\]]*\](?::[0-9]*)?", text) is not None
    name, colon, port = text.rpartition(":")
    if colon and not (port == "" or (port.isascii() and port.isdigit())):
        return False
    return _HOST.fullmatch(name if colon else text) is not None
