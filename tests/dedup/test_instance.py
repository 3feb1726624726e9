"""The keys of a door are a cache with a bound."""

from alertmesh.dedup.instance import Aliases, Instance


def known(number: int) -> Instance:
    instance = Instance(f"{number:016x}")
    instance.known = True
    return instance


def test_keys_of_forgotten_instances_are_given_up() -> None:
    aliases = Aliases()
    stays = known(0)
    aliases.add("stays", stays, limit=100_000)
    for number in range(5_000):
        gone = known(number)
        aliases.add(number, gone, limit=100_000)
        gone.known = False
    assert len(aliases.known) <= 1_024
    assert aliases.known["stays"] is stays


def test_keys_above_the_limit_are_all_given_up() -> None:
    aliases = Aliases()
    for number in range(11):
        aliases.add(number, known(number), limit=10)
    assert list(aliases.known) == [10]


def test_the_map_stays_the_same_object() -> None:
    aliases = Aliases()
    before = aliases.known
    for number in range(3_000):
        aliases.add(number, known(number), limit=2_000)
    assert aliases.known is before
