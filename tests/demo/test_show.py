"""The demo can be read where there is no terminal, and ends quietly."""

import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from alertmesh.core.clock import SystemClock
from alertmesh.demo.world import QuickClock
from tests.real.local import wait_until

COMMAND = [sys.executable, "-u", "-m", "alertmesh", "demo", "--port", "0"]


def test_a_quick_clock_runs_faster_and_never_back():
    clock = QuickClock(1000)
    first = clock.now()
    wait_until("a second of its time", 10, lambda: clock.now() - first > timedelta(seconds=1))


def test_a_quick_clock_with_a_past_is_soon_as_late_as_the_machines():
    clock = QuickClock(1000, timedelta(minutes=30))
    assert SystemClock().now() - clock.now() > timedelta(seconds=20)
    wait_until("the present", 30, lambda: abs(SystemClock().now() - clock.now()) < timedelta(seconds=0.1))
    first, at = clock.now(), clock.monotonic()
    wait_until("a tenth", 10, lambda: clock.monotonic() > at + 0.1)
    assert clock.now() - first < timedelta(seconds=5)


@pytest.fixture(scope="module")
def told():
    """Return what the demo printed into a pipe in a few seconds."""
    return subprocess.run(
        [*COMMAND, "--speed", "100", "--seconds", "4"], capture_output=True, text=True, timeout=60, check=True
    )


def test_it_names_its_address_first(told):
    assert told.stdout.splitlines()[0].startswith("AlertMesh runs at http://127.0.0.1:")


def test_it_tells_of_incidents_and_messages_in_order_of_time(told):
    lines = told.stdout.splitlines()[1:-2]
    assert any("incident #1 P1 t1_paging: NodeFilesystem" in line for line in lines)
    assert any("DingTalk: #### [P1] #1" in line for line in lines)
    assert all(line[2] == line[5] == ":" for line in lines)


def test_it_ends_with_what_the_storm_came_to(told):
    last = told.stdout.splitlines()[-1]
    assert "alerts became" in last
    assert last.endswith("messages.")


def test_it_prints_no_errors(told):
    assert told.stderr == ""
    assert "\x1b" not in told.stdout


def test_ctrl_c_ends_it_quietly():
    # Who starts the tests in the background may have switched Ctrl-C off, for all that they start too.
    command = ["env", "--default-signal=INT", *COMMAND, "--speed", "50"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        try:
            assert demo.stdout.readline().startswith("AlertMesh runs at")
            demo.send_signal(signal.SIGINT)
            out, err = demo.communicate(timeout=30)
        finally:
            demo.kill()
    assert (demo.returncode, err) == (0, "")
    assert out.splitlines()[-1].endswith("messages.")
