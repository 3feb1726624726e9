import pytest

from alertmesh.core.alert import Priority
from alertmesh.core.digest import Noise, Proposal, Remedy
from tests.console.fakes import NOW, Caller, FakeService

PATH = "/api/v1/digest"


def a_proposal(name: str, noise: Noise) -> Proposal:
    return Proposal(
        series=name * 16,
        name=name,
        owner={"team": "db"},
        priority=Priority.P3,
        noise=noise,
        since=NOW,
        numbers={"episodes": 42.0},
        remedy=Remedy.TUNE,
        why="it began 42 times",
    )


@pytest.fixture(autouse=True)
def _some_noise(service: FakeService) -> None:
    kinds = {"a": Noise.ALWAYS_ON, "b": Noise.RECURRING, "c": Noise.RECURRING}
    service.proposals = [a_proposal(name, noise) for name, noise in kinds.items()]


@pytest.mark.parametrize(
    ("query", "names", "total"),
    [
        ("", ["a", "b", "c"], 3),
        ("?noise=recurring", ["b", "c"], 2),
        ("?noise=recurring&limit=1", ["b"], 2),
        ("?noise=routine", [], 0),
    ],
)
async def test_filters(api: Caller, query: str, names: list[str], total: int) -> None:
    answer = await (await api.get(PATH + query)).json()
    assert ([one["name"] for one in answer["proposals"]], answer["total"]) == (names, total)


async def test_a_proposal_says_who_should_do_what_and_why(api: Caller) -> None:
    [first, *_] = (await (await api.get(PATH)).json())["proposals"]
    assert (first["owner"], first["remedy"], first["why"]) == ({"team": "db"}, "tune", "it began 42 times")
    assert (first["priority"], first["noise"], first["numbers"]) == ("P3", "always_on", {"episodes": 42.0})


async def test_an_unknown_kind_is_refused(api: Caller) -> None:
    assert (await api.get(f"{PATH}?noise=loud")).status == 400


async def test_reading_takes_the_scope_for_it(service: FakeService, api: Caller) -> None:
    service.add_token("secret", "ingest")
    assert (await api.get(PATH, Authorization="Bearer secret")).status == 403
