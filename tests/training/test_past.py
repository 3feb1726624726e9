"""What people said of incidents becomes the truth of a recording; what nobody touched does not."""

from datetime import UTC, datetime, timedelta

import pytest

from alertmesh.config import load
from alertmesh.core.alert import Sighting
from alertmesh.core.entries import Action, Ended, Feedback, Fired
from alertmesh.core.errors import BadPayload
from alertmesh.core.ports import Batch, StoredEntry
from alertmesh.store import MemoryStore
from alertmesh.training.past import remembered
from alertmesh.wiring import Wiring

START = datetime(2026, 11, 2, tzinfo=UTC)
CONFIG = load(None, None, {"models": "none"})


class Life:
    """A pipeline whose log and rows are kept in a store, as in a server."""

    def __init__(self):
        self.wiring = Wiring(CONFIG)
        self.store = MemoryStore()
        self.seq = 0

    async def fire(self, service, minute):
        labels = {"alertname": f"Down{service}", "service": service, "cluster": service}
        at = START + timedelta(minutes=minute)
        sighting = Sighting(identity=service, firing=True, labels=labels, annotations={}, starts_at=at)
        alert = self.wiring.normaliser.describe(self.wiring.recorded_door("prometheus"), sighting, at)
        await self.log(Fired(alert, at))
        return alert.fingerprint

    async def say(self, action, one, other, minute):
        series = [self.wiring.pipeline.dedup.series_of(name) for name in (one, other)]
        at = START + timedelta(minutes=minute)
        await self.log(Feedback(action=action, actor="ann", at=at, a=series[0], b=series[1]))

    async def log(self, entry):
        self.seq += 1
        done = self.wiring.pipeline.feed([StoredEntry(self.seq, entry)])
        assert done.refused == {}
        await self.store.write(Batch(entries=[entry], rows=done.rows))


@pytest.fixture
async def life():
    made = Life()
    await made.store.open()
    return made


async def test_what_people_merged_is_one_incident_and_the_rest_is_left_out(life):
    cart, mail, _ = [await life.fire(name, minute) for minute, name in enumerate(("cart", "mail", "disk"))]
    await life.say(Action.MERGE, cart, mail, 5)
    found = remembered(life.store, CONFIG, "shop")
    assert [alert.labels["service"] for alert in found.alerts] == ["cart", "mail"]
    assert found.truth == ["1", "1"]


async def test_what_people_split_are_two_incidents(life):
    cart, mail = [await life.fire(name, minute) for minute, name in enumerate(("cart", "mail"))]
    await life.say(Action.MERGE, cart, mail, 5)
    await life.say(Action.SPLIT, cart, mail, 6)
    found = remembered(life.store, CONFIG, "shop")
    assert (len(found.alerts), len(set(found.truth))) == (2, 2)


async def test_an_end_is_told_with_the_firing(life):
    cart, mail = [await life.fire(name, minute) for minute, name in enumerate(("cart", "mail"))]
    over = START + timedelta(minutes=9)
    await life.say(Action.MERGE, cart, mail, 5)
    await life.log(Ended(cart, over, over))
    assert [alert.ends_at for alert in remembered(life.store, CONFIG, "shop").alerts] == [over, over]


async def test_where_nobody_said_anything_there_is_nothing_to_learn(life):
    await life.fire("cart", 0)
    with pytest.raises(BadPayload, match="shop: nobody merged"):
        remembered(life.store, CONFIG, "shop")
