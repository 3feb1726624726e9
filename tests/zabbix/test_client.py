import asyncio

import pytest

from alertmesh.core.errors import MonitorDenied, MonitorRefused, MonitorUnavailable
from alertmesh.zabbix.client import Account, ZabbixClient
from tests.zabbix.standin import PASSWORD, TOKEN, USER, Refusal, ZabbixStandin

BLOCKED = "Incorrect user name or password or account is temporarily blocked."


def _known(params):
    if params != {"token": TOKEN}:
        raise Refusal(-32500, "Not authorized.")
    return {"userid": "9", "username": "mesh"}


class Server:
    """A stand-in with clients that are closed at the end; their waits are only noted."""

    def __init__(self, standin):
        self.standin = standin
        self.waits = []
        self.clients = []

    def client(self, **account):
        account = account or {"token": TOKEN}
        made = ZabbixClient(Account(self.standin.url, **account), sleep=self._note)
        self.clients.append(made)
        return made

    async def _note(self, seconds):
        self.waits.append(seconds)


@pytest.fixture(params=["6.0.14", "6.4.20", "7.0.5", "7.2.1"])
async def server(request):
    async with ZabbixStandin(request.param) as standin:
        standin.methods["problem.get"] = lambda _: [{"eventid": "5"}]
        standin.methods["event.acknowledge"] = lambda params: {"eventids": params["eventids"]}
        standin.methods["user.checkAuthentication"] = _known
        found = Server(standin)
        yield found
        for client in found.clients:
            await client.close()


@pytest.fixture
async def old(request):
    async with ZabbixStandin() as standin:
        standin.methods["problem.get"] = lambda _: []
        standin.methods["event.acknowledge"] = lambda _: {}
        found = Server(standin)
        yield found
        for client in found.clients:
            await client.close()


async def test_a_token_is_enough(server):
    assert await server.client().call("problem.get", output=["eventid"]) == [{"eventid": "5"}]
    assert server.standin.calls("problem.get") == [{"output": ["eventid"]}]
    assert server.standin.logins == 0


async def test_the_key_goes_where_the_version_wants_it(server):
    await server.client().call("problem.get")
    head, bearer = server.standin.heads[-1], server.standin.version > "6.4"
    assert head["header"] == (f"Bearer {TOKEN}" if bearer else None)
    assert head["auth"] == (None if bearer else TOKEN)


async def test_one_login_serves_all_threads(server):
    client = server.client(user=USER, password=PASSWORD)
    await asyncio.gather(*(client.call("problem.get") for _ in range(8)))
    assert server.standin.logins == 1


@pytest.mark.parametrize(
    ("account", "id"), [({"token": TOKEN}, "9"), ({"user": USER, "password": PASSWORD}, "7")]
)
async def test_it_knows_who_it_is(server, account, id):
    assert await server.client(**account).user_id() == id


async def test_a_token_of_nobody_is_told(server):
    with pytest.raises(MonitorDenied, match="new API token"):
        await server.client(token="another").user_id()


async def test_a_session_that_ended_is_renewed_once(server):
    client = server.client(user=USER, password=PASSWORD)
    await client.call("problem.get")
    server.standin.sessions.clear()
    assert await client.call("problem.get") == [{"eventid": "5"}]
    assert server.standin.logins == 2


async def test_eight_calls_on_a_session_that_ended_make_one_login(server):
    client = server.client(user=USER, password=PASSWORD)
    await client.call("problem.get")
    server.standin.sessions.clear()
    await asyncio.gather(*(client.call("problem.get") for _ in range(8)))
    assert server.standin.logins == 2


async def test_a_token_that_was_withdrawn_is_told(server):
    server.standin.sessions.clear()
    with pytest.raises(MonitorDenied, match="Make a new API token"):
        await server.client().call("problem.get")


async def test_a_login_that_is_refused_is_not_tried_again_at_once(old):
    client = old.client(user=USER, password="wrong")
    for _ in range(3):
        with pytest.raises(MonitorUnavailable) as caught:
            await client.call("problem.get")
        assert caught.value.retry_after_s > 50
    assert len(old.standin.calls("user.login")) == 1
    assert old.waits == []


SICK = Refusal(-32500, "SQL statement execution has failed")


@pytest.mark.parametrize("fault", [500, 503, 429, b"<html>", b"", SICK], ids=str)
async def test_a_question_is_asked_again(old, fault):
    client = old.client()
    await client.call("problem.get")
    old.standin.faults = [fault, fault]
    assert await client.call("problem.get") == []
    assert len(old.waits) == 2
    assert old.waits[1] > old.waits[0]


async def test_a_question_is_not_asked_for_ever(old):
    client = old.client()
    await client.call("problem.get")
    old.standin.faults = [503] * 10
    with pytest.raises(MonitorUnavailable, match="answered HTTP 503"):
        await client.call("problem.get")
    assert len(old.standin.calls("problem.get")) == 4


async def test_an_order_is_given_once(old):
    client = old.client()
    await client.version()
    old.standin.faults = [503]
    with pytest.raises(MonitorUnavailable):
        await client.call("event.acknowledge", eventids=["1"], action=2)
    assert len(old.standin.calls("event.acknowledge")) == 1


async def test_a_no_comes_with_its_words_and_is_not_asked_again(old):
    client = old.client()
    await client.version()
    old.standin.faults = [Refusal(-32500, "No permissions to referred object or it does not exist!")]
    with pytest.raises(MonitorRefused, match="No permissions") as caught:
        await client.call("problem.get")
    assert caught.value.code == -32500
    assert old.waits == []


async def test_another_address_is_told():
    async with ZabbixStandin() as standin:
        client = ZabbixClient(Account(standin.url + "/nothing", token=TOKEN))
        with pytest.raises(MonitorRefused, match="give as url what comes before"):
            await client.version()
        await client.close()


async def test_a_server_that_is_not_there_is_told(unused_tcp_port):
    waits = []

    async def note(seconds):
        waits.append(seconds)

    client = ZabbixClient(Account(f"http://127.0.0.1:{unused_tcp_port}", token=TOKEN), sleep=note)
    with pytest.raises(MonitorUnavailable, match="cannot be reached"):
        await client.version()
    assert len(waits) == 2
    await client.close()


async def test_a_list_may_be_given(old):
    old.standin.methods["host.delete"] = lambda params: params
    assert await old.client().call("host.delete", "1", "2") == ["1", "2"]


def test_an_account_hides_its_secrets():
    shown = repr(Account("http://z", token="tok", user="u", password="pw"))
    assert "tok" not in shown
    assert "pw" not in shown
