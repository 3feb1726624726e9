"""The way to a stand-in behind a port."""

import pytest

from alertmesh.notify.transport import AiohttpTransport


@pytest.fixture
async def http():
    """Return a transport that may speak to this machine."""
    transport = AiohttpTransport({"127.0.0.1"})
    yield transport
    await transport.close()
