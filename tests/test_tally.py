"""What a replay decided is counted once, and put down to the right incident."""

from datetime import UTC, datetime, timedelta

import pytest

from alertmesh.config import load
from alertmesh.core.labels import fingerprint
from alertmesh.recorded import RecordedAlert
from alertmesh.replay import Replay
from alertmesh.tally import Firing, Tally, counts
from alertmesh.wiring import Wiring

START = datetime(2026, 11, 23, 4, tzinfo=UTC)
WEB = {"alertname": "ServiceDown", "service": "web", "severity": "critical"}
SLOW = {"alertname": "ServiceSlow", "service": "db", "severity": "warning"}
INFO = {"alertname": "Restarted", "service": "mail", "severity": "info"}


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def line(minutes, labels, status="firing"):
    ends_at = at(minutes) if status == "resolved" else at(10_000)
    return RecordedAlert(id=f"{minutes}", time=at(minutes), status=status, labels=labels, ends_at=ends_at)


def tallied(*lines, until=60.0, since=None):
    tally = Tally() if since is None else Tally(at(since))
    replay = Replay(Wiring(load(None, None, {"models": "none"})), tally)
    replay.run(lines)
    replay.advance(at(until))
    return tally


def test_an_incident_knows_when_it_was_first_paged():
    [account] = tallied(line(0, SLOW), until=10).accounts()
    assert account.first_page == at(2)


def test_an_incident_knows_its_firings():
    [account] = tallied(line(0, WEB), until=1).accounts()
    assert account.firings == {Firing(fingerprint(WEB), START)}


def test_a_closing_message_is_no_page():
    [account] = tallied(line(0, SLOW), line(5, SLOW, "resolved"), until=30).accounts()
    assert (len(account.pages), len(account.messages)) == (1, 2)


def test_what_opened_no_incident_is_watched():
    tally = tallied(line(0, INFO))
    assert (tally.watched(), tally.accounts()) == (1, [])


def test_the_figures_add_up():
    found = counts(tallied(line(0, WEB), line(1, SLOW), line(2, INFO), until=4))
    assert (found.series, found.incidents, found.watched) == (3, 2, 1)
    assert found.priorities == {"P1": 1, "P2": 0, "P3": 1, "P4": 0}
    assert sum(found.people.values()) == found.pages


def test_what_came_before_is_followed_but_not_counted():
    tally = tallied(line(0, SLOW), line(20, SLOW, "resolved"), since=10)
    assert tally.changes.total() == 1
    assert counts(tally).incidents == 0


def test_an_incident_from_before_that_pages_on_is_listed():
    [account] = tallied(line(0, WEB), since=1, until=4).accounts()
    assert [page.at for page in account.pages] == [at(3)]


@pytest.mark.parametrize(("since", "watched"), [(0, 1), (5, 0)])
def test_the_watch_list_counts_what_fired_since(since, watched):
    assert tallied(line(1, INFO), since=since).watched() == watched


def test_the_series_of_a_firing_is_known():
    tally = tallied(line(0, WEB))
    assert tally.series[tally.homes()[Firing(fingerprint(WEB), START)]] == "ServiceDown"
