"""Work that hangs keeps nobody from going on."""

import threading

import pytest

from alertmesh.auditor.aside import Aside, Hanging


async def test_what_hangs_is_waited_for_only_so_long_and_not_begun_twice():
    let_go, begun = threading.Event(), []
    aside = Aside[int](OSError)

    def work():
        begun.append(1)
        let_go.wait(10)
        return len(begun)

    for _ in range(3):
        with pytest.raises(Hanging, match=r"within 0\.01 s"):
            await aside.do(work, 0.01)
    let_go.set()
    assert await aside.do(work, 10) == 1
    assert await aside.do(work, 10) == 2


async def test_its_error_is_ours():
    def work():
        raise OSError("gone")

    aside = Aside[None](OSError)
    for _ in range(2):
        with pytest.raises(OSError, match="gone"):
            await aside.do(work, 10)
