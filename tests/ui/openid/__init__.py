"""A real OpenID provider: npm's `oidc-provider`, installed by its lock file when it is first wanted."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from alertmesh.config.oidc import OidcConfig, RoleRule
from scripts.build_ui import install, wheel_node
from tests.real.local import free_port

HERE = Path(__file__).parent
_ROLES = (RoleRule("groups", "admins", "admin"), RoleRule("groups", "oncall", "responder"))


@asynccontextmanager
async def provider(home: str) -> AsyncIterator[OidcConfig]:
    """Run a provider that knows an AlertMesh at `home`; return the settings that fit it.

    It is called `localhost`, so that for a browser it is another site than 127.0.0.1.
    """
    node = wheel_node()
    await asyncio.to_thread(install, HERE, node)
    issuer, secret = f"http://localhost:{free_port()}", secrets.token_urlsafe(32)
    process = await asyncio.create_subprocess_exec(
        *(node, HERE / "provider.mjs", issuer, home, secret),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            assert await process.stdout.readline() == b"listening\n"
        yield OidcConfig(issuer, "alertmesh", SecretStr(secret), "Test SSO", roles=_ROLES)
    finally:
        process.kill()
        await process.wait()
