"""A server asked and told things by its API, as somebody else would."""

import asyncio
import itertools
from typing import Any

from aiohttp import ClientSession

_NUMBERS = itertools.count(1)


async def asked(url: str, path: str) -> Any:
    """Return what the server answers."""
    async with ClientSession() as session, session.get(f"{url}/api/v1/{path}") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def posted(url: str, path: str, body: object) -> Any:
    """Tell the server something, and return its answer."""
    async with ClientSession() as session, session.post(f"{url}/api/{path}", json=body) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json() if answer.content_type.endswith("json") else None


async def stand(url: str, number: int) -> dict[str, Any]:
    """Return how an incident stands by the server's word."""
    return dict(await asked(url, f"incidents/{number}"))


async def trouble(url: str, *alerts: dict[str, str]) -> int:
    """Have alerts come that are one incident in a cluster of its own, and return its number."""
    cluster = f"c{next(_NUMBERS)}"
    told = [
        {
            "labels": {"cluster": cluster, **{name: one[name] for name in one if name != "summary"}},
            "annotations": {"summary": one.get("summary", "")},
        }
        for one in alerts
    ]
    await posted(url, "v2/alerts", told)
    for _ in range(200):
        found = (await asked(url, f'incidents?filter=cluster="{cluster}"'))["incidents"]
        if found and found[0]["counts"]["series"] == len(told):
            return int(found[0]["id"])
        await asyncio.sleep(0.05)  # what is waited for is in another program
    raise AssertionError(f"{found} is not one incident of {len(told)}")
