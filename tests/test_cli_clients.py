"""What the commands print of an answer."""

from alertmesh.cli_clients import seen_before

PAST = {
    "incident": 31,
    "score": 0.82,
    "title": "DiskFull on n1",
    "resolved_by": "wang",
    "note": "cleaned old images",
    "shared": "the same alerts: DiskFull",
}
AGAIN = {"entity": "n1", "times": 4, "days": 30}


def test_past_incidents_are_told_with_who_and_how():
    assert seen_before({"similar": [PAST], "recurrence": AGAIN}) == [
        "4 times in 30 days on n1, this one included",
        "like #31 (82%) DiskFull on n1, handled by wang: cleaned old images",
        "  the same alerts: DiskFull",
    ]


def test_what_nobody_handled_is_told_without_a_name():
    told = seen_before({"similar": [PAST | {"resolved_by": "", "note": ""}], "recurrence": None})
    assert told[0] == "like #31 (82%) DiskFull on n1"


def test_the_first_of_its_kind_says_nothing():
    assert seen_before({"similar": [], "recurrence": None}) == []
