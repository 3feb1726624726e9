"""Read the name of a host out of what monitors write in its place."""

HOST_LABELS = ("node", "kubernetes_node", "nodename", "host", "hostname")
"""Labels that name the host a thing is on."""


def host_of(text: str) -> str:
    """Return the host of `host:port`, `[v6]:port` or a URL; any other text is returned as it is.

    >>> [host_of(text) for text in ("web-01:9100", "[fd00::1]:9100", "https://shop.example:8443/a")]
    ['web-01', 'fd00::1', 'shop.example']
    """
    _, scheme, rest = text.partition("://")
    if scheme:
        text = rest.partition("/")[0].rpartition("@")[2]
    if text.startswith("["):
        return text[1:].partition("]")[0] or text
    name, colon, port = text.rpartition(":")
    if colon and name and ":" not in name and port.isdigit():
        return name
    return text or rest
