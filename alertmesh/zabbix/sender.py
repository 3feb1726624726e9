"""Send values to a Zabbix server as zabbix_sender does."""

import asyncio
import re
import struct
from collections.abc import Sequence

import msgspec

from alertmesh.core.errors import MonitorUnavailable

PORT = 10051
_HEAD = b"ZBXD\x01"
_LENGTHS = struct.Struct("<II")
_MOST = 1 << 20
_PROCESSED = re.compile(r"processed: (\d+)")


async def send_values(
    address: tuple[str, int], values: Sequence[tuple[str, str, str]], timeout_s: float = 10.0
) -> int:
    """Send (host, key, value) each; return how many the server knew and took.

    Raises MonitorUnavailable when there is no server.
    """
    data = [{"host": host, "key": key, "value": value} for host, key, value in values]
    try:
        async with asyncio.timeout(timeout_s):
            answer = await _exchange(address, msgspec.json.encode({"request": "sender data", "data": data}))
    except (OSError, EOFError, TimeoutError) as error:
        where = f"{address[0]}:{address[1]}"
        raise MonitorUnavailable(f"{where}: no Zabbix server takes values there: {error!r}") from error
    hit = _PROCESSED.search(answer)
    return int(hit[1]) if hit else 0


async def _exchange(address: tuple[str, int], body: bytes) -> str:
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(_HEAD + _LENGTHS.pack(len(body), 0) + body)
        await writer.drain()
        head = await reader.readexactly(len(_HEAD) + _LENGTHS.size)
        length, _ = _LENGTHS.unpack(head[len(_HEAD) :])
        return (await reader.readexactly(min(length, _MOST))).decode("utf-8", "replace")
    finally:
        writer.close()
