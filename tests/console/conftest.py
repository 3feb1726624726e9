from collections.abc import AsyncIterator

import pytest

from tests.console.fakes import Caller, FakeService, Server


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
async def api(service: FakeService) -> AsyncIterator[Caller]:
    async with Server(service) as caller:
        yield caller
