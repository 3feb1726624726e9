"""The kinds of value that settings have."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from alertmesh.config.values import Address, Duration, Matchers, Name, Seconds, Url, Zone


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("5m", 300),
        ("8h", 28_800),
        ("1d", 86_400),
        ("1h30m", 5_400),
        ("250ms", 0.25),
        (0, 0),
        ("0", 0),
    ],
)
def test_durations(text: object, seconds: float) -> None:
    assert TypeAdapter(Duration).validate_python(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["30", 30, "5 m", "m", "-5m", "1y", "", True, None, "99999999999d"])
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValidationError, match="should be a duration"):
        TypeAdapter(Duration).validate_python(text)


@pytest.mark.parametrize(("given", "seconds"), [(300, 300.0), ("5m", 300.0), (0.5, 0.5)])
def test_seconds_may_be_written_as_a_duration(given: object, seconds: float) -> None:
    assert TypeAdapter(Seconds).validate_python(given) == seconds


@pytest.mark.parametrize("text", ["127.0.0.1:9393", "[::1]:80", ":9393", "host:0"])
def test_addresses(text: str) -> None:
    assert TypeAdapter(Address).validate_python(text) == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Address, "9393"),
        (Address, "::1:80"),
        (Address, "h:99999"),
        (Url, "ftp://x"),
        (Url, "x"),
        (Url, "http://[x"),
        (Zone, "Mars/Base"),
        (Zone, "../etc"),
        (Matchers, 'a="'),
        (Matchers, 'a=~"["'),
        (Name, "a/b"),
        (Name, ""),
    ],
)
def test_what_is_refused(kind: type[str], text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(text)


def test_a_url_loses_its_last_slash() -> None:
    assert TypeAdapter(Url).validate_python("https://a.example/x/") == "https://a.example/x"
