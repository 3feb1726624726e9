"""Read request bodies without ever holding more of them than the limit."""

import asyncio
import zlib
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from msgspec import Meta

from alertmesh.console.problems import Refused
from alertmesh.core.ports import HttpLimits

T = TypeVar("T")

Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""A number as the store can keep it."""

_GZIP = 16 + zlib.MAX_WBITS
_ENCODER = msgspec.json.Encoder()
_ACTION_BYTES = 64 * 1024


async def read_body(request: web.Request, limits: HttpLimits) -> bytes:
    """Return the body, inflated if it came as gzip.

    The server must not inflate by itself (`connections.runner` sees to that), or a small body could
    become a huge one before anybody counts. Raises Refused with 400, 408, 413 or 415.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise Refused(415, "encoding", "a body may be plain or gzip", "Content-Encoding")
    body = await _raw(request, limits)
    if "gzip" in encoding and body:
        return _inflated(body, limits.body_bytes)
    return body


def send_json(body: object, status: int = 200) -> web.Response:
    """Return a JSON answer that nobody keeps."""
    return web.Response(
        status=status,
        body=_ENCODER.encode(body),
        content_type="application/json",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


async def read_json(request: web.Request, decoder: msgspec.json.Decoder[T], most: int = _ACTION_BYTES) -> T:
    """Return a JSON body of `most` bytes, small unless told; none at all counts as `{}`.

    Only `application/json` is read, which a form on a foreign page cannot send. Raises Refused
    with 400 or 415, and 422 that names the field which does not fit.
    """
    body = await read_body(request, HttpLimits(body_bytes=most))
    if body and request.content_type != "application/json":
        raise Refused(415, "content-type", "send application/json", "Content-Type")
    try:
        return decoder.decode(body or b"{}")
    except msgspec.ValidationError as error:
        why, _, place = str(error).partition(" - at ")
        field = place.strip("`$.") or _quoted(why) or "body"
        raise Refused(422, "wrong-type", why, field) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, "not-json", str(error), "body") from error


def _quoted(why: str) -> str:
    parts = why.split("`")
    return parts[1] if "field" in parts[0] and len(parts) > 1 else ""


async def _raw(request: web.Request, limits: HttpLimits) -> bytes:
    most = limits.body_bytes
    if (request.content_length or 0) > most:
        raise _too_large(most)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_s):
            while chunk := await request.content.readany():
                chunks.append(chunk)
                size += len(chunk)
                if size > most:
                    raise _too_large(most)
    except TimeoutError as error:
        raise Refused(408, "slow-body", f"the body did not arrive in {limits.body_s:g} s", "body") from error
    except (web.RequestPayloadError, HttpProcessingError) as error:
        raise Refused(400, "broken-body", "the body is not framed as HTTP says", "body") from error
    except ConnectionError as error:
        raise Refused(400, "broken-body", "the sender went away before its end", "body") from error
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _inflated(body: bytes, most: int) -> bytes:
    parts: list[bytes] = []
    room = most + 1
    try:
        while body:
            stream = zlib.decompressobj(_GZIP)
            parts.append(stream.decompress(body, room))
            room -= len(parts[-1])
            if room <= 0:
                raise _too_large(most)
            if not stream.eof:
                raise Refused(400, "bad-gzip", "the gzip body ends too early", "body")
            body = stream.unused_data
    except zlib.error as error:
        raise Refused(400, "bad-gzip", "the body is not gzip", "body") from error
    return b"".join(parts)


def _too_large(most: int) -> Refused:
    return Refused(413, "too-large", f"a body may hold at most {most} bytes", "body")
