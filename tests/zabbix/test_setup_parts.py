"""Parts of the setup that need no server."""

import asyncio
import os
import struct
import sys

import pytest

from alertmesh.core.errors import BadConfig, MonitorUnavailable
from alertmesh.zabbix.media import fits, media_type
from alertmesh.zabbix.sender import send_values
from alertmesh.zabbix.setup import Wanted
from tests.ingest.samples import ROOT
from tests.zabbix.standin import TOKEN, ZabbixStandin

MEDIA = (ROOT / "rules" / "zabbix" / "media_alertmesh.yaml").read_text(encoding="utf-8")


def test_the_shipped_media_type_is_read_whole():
    found = media_type(MEDIA)
    assert (found["name"], found["maxattempts"], found["timeout"]) == ("AlertMesh", "5", "10s")
    assert [(one["eventsource"], one["recovery"]) for one in found["message_templates"]] == [
        (source, mode) for source in (0, 4) for mode in (0, 1, 2)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "zabbix_export: {}",
        "zabbix_export: {media_types: []}",
        "a: [",
        MEDIA.replace("PROBLEM", "X"),
    ],
)
def test_a_file_that_is_none_is_told(text):
    with pytest.raises(BadConfig, match="no export of one Zabbix media type"):
        media_type(text)


@pytest.mark.parametrize(
    ("found", "wanted", "same"),
    [
        ({"a": "1", "more": "x"}, {"a": 1}, True),
        ({"a": "2"}, {"a": 1}, False),
        ({}, {"a": ""}, False),
        ({"a": [{"b": "1"}]}, {"a": [{"b": "1"}, {"b": "2"}]}, False),
        ({"a": "[]"}, {"a": []}, False),
        ({"a": "x\r\ny\r\n"}, {"a": "x\ny"}, True),
        (None, {"a": 1}, False),
    ],
)
def test_what_differs_is_seen(found, wanted, same):
    assert fits(found, wanted) is same


def test_a_token_is_not_shown():
    wanted = Wanted(alertmesh_url="http://a", frontend_url="", media="", alertmesh_token="secret")
    assert "secret" not in repr(wanted)


async def answered(answer: bytes) -> int:
    """Send one value to a server that answers so."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(13)
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        address = server.sockets[0].getsockname()
        return await send_values(address, [("web-01", "key", "1")], 2.0)


def framed(text: str) -> bytes:
    return b"ZBXD\x01" + struct.pack("<II", len(text), 0) + text.encode()


@pytest.mark.parametrize(
    ("said", "taken"),
    [("processed: 1; failed: 0; total: 1", 1), ("processed: 0; failed: 1; total: 1", 0), ("hello", 0)],
)
async def test_how_many_values_were_taken_is_told(said, taken):
    assert await answered(framed(said)) == taken


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400", framed("processed: 1")[:-3]])
async def test_what_is_no_zabbix_server_is_told(answer):
    with pytest.raises(MonitorUnavailable, match="no Zabbix server takes values there"):
        await answered(answer)


async def test_nobody_there_is_told():
    with pytest.raises(MonitorUnavailable, match=r"127\.0\.0\.1:9"):
        await send_values(("127.0.0.1", 9), [("web-01", "key", "1")], 2.0)


async def test_a_server_that_is_too_old_is_told():
    words = ("zabbix", "setup", "--alertmesh-url", "http://127.0.0.1:9")
    async with ZabbixStandin("5.0.40") as old:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "alertmesh", *words, "--url", old.url),
            env=os.environ | {"ZABBIX_TOKEN": TOKEN},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
    assert process.returncode == 1
    assert b"is Zabbix 5.0; 6.0 or newer is needed" in said
    assert [name for name, _ in old.asked if name.endswith((".create", ".update", ".import"))] == []
