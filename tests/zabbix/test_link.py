"""What is open in Zabbix fires here, and what people do on one side reaches the other, once."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.web import HTTPForbidden

from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import Action, Command
from alertmesh.core.errors import MonitorRefused, MonitorUnavailable
from alertmesh.core.incident import Condition
from alertmesh.core.response import State
from alertmesh.links import RuntimeMesh
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from alertmesh.zabbix.client import Account
from alertmesh.zabbix.link import Link, Pace
from alertmesh.zabbix.pull import Site
from tests.fakes import until
from tests.scenarios.people import staffed
from tests.zabbix.standin import TOKEN, ZabbixStandin
from tests.zabbix.world import CLOCK, World

NOW = datetime.fromtimestamp(CLOCK + 60, UTC)


class Side:
    """AlertMesh with a link to a small Zabbix; `restart` keeps the store and nothing else."""

    def __init__(self, world):
        self.world = world
        self.store = MemoryStore()
        self.clock = ManualClock(NOW)

    async def begin(self):
        self.runtime = Runtime(Wiring(staffed("console")), self.store, self.clock, Metrics())
        await self.runtime.start()
        account = Account(self.world.standin.url, token=TOKEN)
        self.link = Link(Site("zabbix", self.world.standin.url), account, Pace(), RuntimeMesh(self.runtime))

    async def end(self):
        await self.link.stop()
        await self.runtime.stop()

    async def restart(self):
        await self.end()
        await self.begin()

    async def poll(self):
        self.link._due["reconcile"] = float("inf")
        await self.link.round()
        await self.decided()

    async def reconcile(self):
        await self.link.reconcile()
        await self.decided()

    async def decided(self):
        await until(lambda: not self.store.tail(self.store.cursor(), 1))

    async def incident(self, number=1):
        incident, response = await until(lambda: self.runtime.incident(number))
        return incident, response

    async def do(self, action, number=1, actor="wang", **args):
        await self.runtime.command(
            Command(action=Action(action), incident=number, actor=actor, at=self.clock.now(), args=args)
        )

    def firing(self):
        return [alert for alert, ended_at in self.runtime.alerts() if ended_at is None]

    def kinds(self, number=1):
        return [stored.line.kind for stored in self.runtime.timeline(number, 0, 1000)]


VERSIONS = pytest.mark.parametrize("side", ["6.0.14", "6.4.20", "7.0.5", "7.2.1"], indirect=True)


@pytest.fixture
async def side(request):
    async with ZabbixStandin(getattr(request, "param", "6.0.14")) as standin:
        made = Side(World(standin))
        await made.begin()
        yield made
        await made.end()


# Pull


@VERSIONS
async def test_a_problem_that_was_missed_appears(side):
    event = side.world.fire(severity="4")
    await side.reconcile()
    [alert] = side.firing()
    assert (alert.name, alert.labels["host"], alert.severity) == ("Disk is full", "web-01", "high")
    assert (alert.annotations["zabbix_event_id"], alert.labels["hostgroup"]) == (event, "All")


async def test_a_problem_is_taken_once(side):
    side.world.fire()
    for _ in range(3):
        await side.reconcile()
    assert side.kinds().count("opened") == 1
    assert side.link.pull.tally.problems == 1


async def test_an_end_that_was_missed_ends_it_when_zabbix_says(side):
    event = side.world.fire()
    await side.reconcile()
    side.world.recover(event)
    await side.reconcile()
    ((_, ended_at),) = side.runtime.alerts()
    assert ended_at == datetime.fromtimestamp(CLOCK + 30, UTC)
    assert (await side.incident())[0].condition is Condition.CLEARED


async def test_new_ones_and_ends_are_found_by_id_between_two_looks(side):
    await side.reconcile()
    event = side.world.fire()
    await side.poll()
    assert len(side.firing()) == 1
    side.world.recover(event)
    await side.poll()
    assert side.firing() == []


async def test_a_recovery_during_a_restart_is_found(side):
    event = side.world.fire()
    await side.reconcile()
    side.world.recover(event)
    await side.restart()
    await side.reconcile()
    assert side.firing() == []


@pytest.mark.parametrize("how", ["deleted", "off", "forgotten"])
async def test_what_nobody_watches_any_more_is_over_and_stays_so(side, how):
    event = side.world.fire()
    await side.reconcile()
    trigger = side.world.events[event]["objectid"]
    if how == "off":
        side.world.triggers[trigger]["on"] = False
    else:
        del side.world.triggers[trigger]
    if how == "forgotten":
        del side.world.events[event]
    await side.reconcile()
    assert len(side.firing()) == 1
    await side.reconcile()
    await side.poll()
    assert side.firing() == []
    notes = [stored.line.text for stored in side.runtime.timeline(1, 0, 100) if stored.line.kind == "note"]
    assert ["deleted or switched off in Zabbix: Disk is full" in text for text in notes] == [True]


async def test_an_answer_that_lacks_everything_for_a_moment_ends_nothing(side):
    side.world.fire()
    await side.reconcile()
    methods = side.world.standin.methods
    before = dict(methods)
    methods |= {"problem.get": lambda _: [], "event.get": lambda _: []}
    await side.reconcile()
    methods |= before
    await side.reconcile()
    assert len(side.firing()) == 1


async def test_a_problem_that_is_pushed_during_a_look_is_not_ended(side):
    event = side.world.fire()
    await side.reconcile()
    listed = side.world.standin.methods["problem.get"]
    side.world.standin.methods["problem.get"] = lambda _: []
    for _ in range(2):
        await side.reconcile()
    side.world.standin.methods["problem.get"] = listed
    assert [alert.annotations["zabbix_event_id"] for alert in side.firing()] == [event]


async def test_another_severity_is_taken(side):
    event = side.world.fire(severity="2")
    await side.reconcile()
    side.world.events[event]["severity"] = "5"
    await side.reconcile()
    assert [alert.severity for alert in side.firing()] == ["disaster"]


async def test_a_thousand_and_more_come_in_pages(side):
    for number in range(1_203):
        side.world.fire(host=f"h{number % 7}", trigger=f"t{number % 7}", severity="0")
    await side.reconcile()
    assert len(side.firing()) == 1_203
    asked = [params for params in side.world.standin.calls("event.get") if "selectTags" in params]
    assert max(len(params["eventids"]) for params in asked) == 200


# Maintenance


@VERSIONS
async def test_what_zabbix_suppresses_pages_nobody_until_that_ends(side):
    event = side.world.fire(suppressed="1", suppress_until=CLOCK + 3600)
    await side.reconcile()
    assert (await side.incident())[1].state is State.SUPPRESSED
    [(silence, _)] = side.runtime.silences()
    assert (silence.created_by, silence.ends_at) == ("zabbix:zabbix", NOW + timedelta(seconds=3600 + 60))
    side.world.events[event]["suppressed"] = "0"
    await side.reconcile()
    assert (await side.incident())[1].state is State.T1_PAGING


async def test_one_silence_is_enough_over_many_looks_and_a_restart(side):
    side.world.fire(suppressed="1", suppress_until=CLOCK + 3600)
    await side.reconcile()
    await side.restart()
    await side.reconcile()
    assert len(side.runtime.silences()) == 1


async def test_a_problem_that_is_not_suppressed_keeps_its_like_visible(side):
    side.world.fire(suppressed="1", suppress_until=CLOCK + 3600, trigger="t")
    side.world.fire(trigger="t")
    await side.reconcile()
    assert (await side.incident())[1].state is not State.SUPPRESSED


# Write-back and acks


@VERSIONS
async def test_an_ack_here_is_told_once_and_not_taken_back(side):
    event = side.world.fire()
    await side.reconcile()
    await side.link.tell()
    await side.do("ack", text="on it")
    for _ in range(3):
        await side.link.tell()
        await side.reconcile()
    [told] = side.world.ours(event)
    assert told["action"] == "6"
    assert "wang" in told["message"]
    assert "on it" in told["message"]
    assert side.kinds().count("ack") == 1


@VERSIONS
async def test_an_ack_there_is_taken_once_and_not_told_back(side):
    event = side.world.fire()
    await side.reconcile()
    side.world.act(event, 6, "I know")
    for _ in range(3):
        await side.reconcile()
        await side.link.tell()
    assert (await side.incident())[1].owner == "zabbix:Admin"
    assert side.kinds().count("ack") == 1
    assert side.world.ours(event) == []


async def test_an_ack_there_acknowledges_the_others_of_the_incident(side):
    first, other = side.world.fire(trigger="t"), side.world.fire(trigger="t")
    await side.reconcile()
    side.world.act(first, 2)
    await side.reconcile()
    assert [one["action"] for one in side.world.ours(other)] == ["6"]


async def test_an_ack_that_was_there_first_is_taken(side):
    event = side.world.fire()
    side.world.act(event, 2)
    await side.reconcile()
    assert (await side.incident())[1].owner == "zabbix:Admin"


async def test_an_ack_that_was_taken_is_not_taken_again_after_its_time(side):
    event = side.world.fire()
    side.world.act(event, 2)
    await side.reconcile()
    await side.do("unack")
    await side.restart()
    await side.reconcile()
    assert (await side.incident())[1].owner == ""


async def test_an_ack_taken_back_there_is_given_up_here(side):
    event = side.world.fire()
    side.world.act(event, 2)
    await side.reconcile()
    side.world.act(event, 16)
    await side.reconcile()
    await side.reconcile()
    assert (await side.incident())[1].owner == ""
    assert side.world.ours(event) == []


async def test_an_ack_taken_back_here_is_taken_back_there_if_it_was_ours(side):
    ours, theirs = side.world.fire(trigger="t"), side.world.fire(trigger="t")
    side.world.act(theirs, 2)
    await side.reconcile()
    await side.link.tell()
    await side.do("unack")
    await side.link.tell()
    assert side.world.events[ours]["acknowledged"] == "0"
    assert side.world.events[theirs]["acknowledged"] == "1"


async def test_somebody_who_took_an_ack_back_there_is_not_contradicted(side):
    event = side.world.fire()
    await side.reconcile()
    await side.link.tell()
    await side.do("ack")
    await side.link.tell()
    side.world.act(event, 16)
    for _ in range(3):
        await side.reconcile()
    assert side.world.events[event]["acknowledged"] == "0"
    assert (await side.incident())[1].owner == "wang"


async def test_a_note_is_told_also_of_what_is_over(side):
    event = side.world.fire()
    await side.reconcile()
    await side.link.tell()
    side.world.recover(event)
    await side.reconcile()
    await side.do("note", text="x" * 5000)
    await side.link.tell()
    [told] = side.world.ours(event)
    assert (told["action"], len(told["message"])) == ("4", 2048)


@VERSIONS
@pytest.mark.parametrize(
    ("said", "told"),
    [("P4", ("1", "1", "12", "12")), ("P3", ("3", "2", "12", "4"))],
    ids=["both", "the-worse"],
)
async def test_a_priority_set_here_lowers_what_is_worse_there(side, said, told):
    worse, milder = side.world.fire(trigger="t"), side.world.fire(trigger="t", severity="2")
    await side.reconcile()
    await side.link.tell()
    await side.do("priority", priority=said, text="one host of ten")
    for _ in range(2):
        await side.link.tell()
        await side.reconcile()
    [first], [second] = side.world.ours(worse), side.world.ours(milder)
    severities = [side.world.events[id]["severity"] for id in (worse, milder)]
    assert (*severities, first["action"], second["action"]) == told
    assert "wang" in first["message"]
    assert "one host of ten" in first["message"]


async def test_a_priority_raised_here_raises_the_worst_there_and_pages_nobody_twice(side):
    worst, milder = side.world.fire(trigger="t", severity="4"), side.world.fire(trigger="t", severity="2")
    await side.reconcile()
    await side.link.tell()
    await side.do("ack")
    await side.do("priority", priority="P1")
    await side.do("ack")
    await side.link.tell()
    await side.reconcile()
    assert [side.world.events[id]["severity"] for id in (worst, milder)] == ["5", "2"]
    assert (await side.incident())[1].state is State.T1_ACKED


async def test_a_severity_that_we_may_not_change_is_told_in_words(side):
    side.world.may_change_severity = False
    event = side.world.fire()
    await side.reconcile()
    await side.link.tell()
    await side.do("priority", priority="P2")
    await side.link.tell()
    assert [one["action"] for one in side.world.ours(event)] == ["4"]


@pytest.mark.parametrize(("manual_close", "action"), [("1", "5"), ("0", "6")])
async def test_the_end_by_hand_closes_what_may_be_closed(side, manual_close, action):
    event = side.world.fire(manual_close=manual_close)
    await side.reconcile()
    await side.link.tell()
    await side.do("resolve", text="fixed")
    await side.link.tell()
    assert [one["action"] for one in side.world.ours(event)] == [action]


async def test_what_we_may_not_touch_keeps_nothing_from_the_others(side):
    first, other = side.world.fire(trigger="t"), side.world.fire(trigger="t")
    await side.reconcile()
    await side.link.tell()
    side.world.forbidden = {first}
    await side.do("note", text="look")
    await side.link.tell()
    assert (len(side.world.ours(first)), len(side.world.ours(other))) == (0, 1)
    assert side.link.writeback.refused == 1


async def test_what_was_said_before_the_first_start_is_not_told(side):
    event = side.world.fire()
    await side.reconcile()
    await side.do("note", text="long ago")
    await side.link.tell()
    assert side.world.ours(event) == []


async def test_what_could_not_be_told_is_told_after_a_restart_and_once(side):
    event = side.world.fire()
    await side.reconcile()
    await side.link.tell()
    await side.do("note", text="first")
    side.world.standin.faults = [503] * 4
    with pytest.raises(MonitorUnavailable):
        await side.link.tell()
    side.world.standin.faults = []
    await side.restart()
    for _ in range(2):
        await side.link.tell()
    assert len(side.world.ours(event)) == 1


async def test_what_something_in_front_of_zabbix_refuses_is_told_later(side):
    event = side.world.fire()
    await side.reconcile()
    await side.link.tell()
    await side.do("note", text="look")
    carry_out = side.world.standin.methods["event.acknowledge"]

    def refuse(_):
        raise HTTPForbidden

    side.world.standin.methods["event.acknowledge"] = refuse
    with pytest.raises(MonitorRefused):
        await side.link.tell()
    side.world.standin.methods["event.acknowledge"] = carry_out
    await side.link.tell()
    assert len(side.world.ours(event)) == 1


async def test_what_was_carried_out_though_no_answer_came_is_not_told_twice(side):
    event = side.world.fire()
    await side.reconcile()
    await side.link.tell()
    await side.do("note", text="once")
    carry_out = side.world.standin.methods["event.acknowledge"]

    def and_break(params):
        carry_out(params)
        side.world.standin.faults = [500]
        raise ConnectionResetError

    side.world.standin.methods["event.acknowledge"] = and_break
    with pytest.raises(MonitorUnavailable):
        await side.link.tell()
    side.world.standin.faults = []
    side.world.standin.methods["event.acknowledge"] = carry_out
    side.world.now = int(side.clock.now().timestamp())
    await side.link.tell()
    assert len(side.world.ours(event)) == 1


# A link as a whole


async def test_a_server_that_fails_is_asked_again_later_and_harms_nothing(side):
    side.world.standin.faults = [404] * 50
    side.link.start()
    await until(lambda: side.link.status.failures)
    assert "no Zabbix API here" in side.link.status.error
    assert side.runtime.health().ready


async def test_an_answer_of_another_shape_is_a_failure_and_no_end(side):
    side.world.standin.methods["problem.get"] = lambda _: [{"surprise": 1}]
    side.link.start()
    await until(lambda: side.link.status.failures)
    assert not side.link._tasks[0].done()


async def test_dependencies_and_addresses_join_the_topology(side):
    side.world.fire(host="web-01", trigger="a")
    side.world.fire(host="db-01", trigger="b")
    side.world.triggers["a"]["needs"] = [{"triggerid": "b"}]
    side.world.hosts["db-01"]["interfaces"] = [{"ip": "10.0.0.7", "dns": "", "port": "10050", "main": "1"}]
    await side.link.inventory.refresh()
    await side.decided()
    told = {(known.edge.a, known.edge.b, known.edge.kind) for known in side.runtime.edges()}
    assert told >= {("web-01", "db-01", "calls"), ("10.0.0.7", "db-01", "linked")}


async def test_it_runs_by_itself(side):
    event = side.world.fire()
    side.link.start()
    await until(lambda: side.runtime.incident(1))
    await until(lambda: side.store.row("zabbix_written", "zabbix"))
    await side.do("ack")
    await until(lambda: side.world.ours(event))
