"""Every stand-in can be run by itself."""

import asyncio
import re
import sys

import pytest


@pytest.mark.parametrize(
    ("command", "end"),
    [
        (("dingtalk", "--token", "mine"), b"/robot/send?access_token=mine"),
        (("dingapp",), b""),
        (("aliyun",), b""),
        (("wecom",), b"/cgi-bin/webhook/send?key=demo"),
        (("feishu",), b"/open-apis/bot/v2/hook/demo"),
    ],
)
async def test_it_runs_as_a_process_of_its_own(command, end):
    name, *options = command
    asked = (sys.executable, "-m", f"alertmesh.demo.{name}", *options)
    process = await asyncio.create_subprocess_exec(*asked, stdout=asyncio.subprocess.PIPE)
    first = (await process.stdout.readline()).strip()
    process.terminate()
    await process.communicate()
    assert re.fullmatch(rb"http://127\.0\.0\.1:\d+" + re.escape(end), first)
    assert process.returncode == 0
