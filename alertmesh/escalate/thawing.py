"""Read responses back from their rows quickly: a policy that many of them hold is read once."""

from typing import Any

import msgspec
from msgspec.structs import FieldInfo, fields

from alertmesh.core.oncall import Policy
from alertmesh.core.response import Response

_NAMES = tuple(field.name for field in fields(Response) if field.name != "policy")


def _form() -> type[msgspec.Struct]:
    """Return the form of a response whose policy is left as the bytes it is."""
    made = [
        (one.name, msgspec.Raw if one.name == "policy" else one.type, _default(one))
        for one in fields(Response)
    ]
    return msgspec.defstruct("Frozen", made, kw_only=True, frozen=True)


def _default(one: FieldInfo) -> Any:
    if one.default_factory is not msgspec.NODEFAULT:
        return msgspec.field(default_factory=one.default_factory)
    return msgspec.field() if one.default is msgspec.NODEFAULT else one.default


class Thawing:
    """Make responses of bytes. Policies that are written alike become one object.

    A policy is most of a response's row and takes most of the time to read it.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Policy] = {}
        self._frozen = msgspec.msgpack.Decoder(_form())
        self._policy = msgspec.msgpack.Decoder(Policy)

    def __call__(self, body: bytes) -> Response:
        """Return the response that was written as `body`."""
        frozen: Any = self._frozen.decode(body)
        written = bytes(frozen.policy)
        policy = self._known.get(written)
        if policy is None:
            policy = self._known[written] = self._policy.decode(written)
        return Response(policy=policy, **{name: getattr(frozen, name) for name in _NAMES})
