"""Messages on a stream."""

import io

import msgspec
import pytest

from alertmesh.core.errors import BadConfig
from alertmesh.core.page import ReceiptState
from alertmesh.notify.stdout import NOTIFIER, Stdout
from tests.notify.fakes import T0
from tests.notify.test_robot import said


async def nowhere(*_args, **_named):
    raise AssertionError("a stream needs no network")


async def test_a_message_is_one_json_line():
    stream = io.StringIO()
    await Stdout("out", stream=stream).send(said(), T0, nowhere)
    line = msgspec.json.decode(stream.getvalue())
    assert (stream.getvalue().count("\n"), line["key"], line["channel"]) == (1, "k1", "out")


async def test_a_message_can_be_a_block_to_read():
    stream = io.StringIO()
    await Stdout("out", "text", stream).send(said(), T0, nowhere)
    assert stream.getvalue().startswith("04:00:00 out\n[P1] #42 disk\nWhere: node-7\n")


async def test_the_default_is_standard_output(capsys):
    await NOTIFIER.build("out", {}).send(said(), T0, nowhere)
    assert '"k1"' in capsys.readouterr().out


async def test_a_closed_stream_is_a_dead_channel():
    stream = io.StringIO()
    stream.close()
    assert (await Stdout("out", stream=stream).send(said(), T0, nowhere)).state is ReceiptState.DEAD


def test_an_unknown_form_is_refused():
    with pytest.raises(BadConfig, match="json or text"):
        NOTIFIER.build("out", {"form": "xml"})
