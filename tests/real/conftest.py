"""What the tests against real servers share."""

from collections.abc import Iterator

import pytest

from tests.real.zabbix import Zabbix


@pytest.fixture(scope="session")
def zabbix() -> Iterator[Zabbix]:
    """Return a real Zabbix that all tests of a run share: each makes hosts of its own."""
    with Zabbix() as running:
        yield running
