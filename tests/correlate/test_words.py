"""Words are read from texts, Chinese and English, and those that are always said tell nothing."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from alertmesh.core.series import Series
from alertmesh.correlate.attributes import describe
from alertmesh.correlate.rarity import Rarity
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.vocabulary import Vocabulary
from alertmesh.correlate.words import spoken, words
from tests.correlate.fakes import START, series

SETTINGS = CorrelateSettings()


def says(text: str, name: str = "A", /, **labels: Any) -> Series:
    return replace(series(name, **labels), summary=text)


def hear(vocabulary: Vocabulary, rarity: Rarity, one: Series, hour: float = 0.0) -> tuple[str, ...]:
    profile, at = describe(one, SETTINGS), START + timedelta(hours=hour)
    rarity.observe(profile, at)
    return vocabulary.hear(one, profile, at)


def parts(**settings: int) -> tuple[Vocabulary, Rarity]:
    made = CorrelateSettings(**settings)  # type: ignore[arg-type]
    rarity = Rarity(made)
    return Vocabulary(made, rarity), rarity


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("p99 is 330.000 vs 165.614 (80.5%)", ["p99", "is", "vs"]),
        ("waited 1h30m, 250ms, 3.2e-05s since 2026-11-26 04:00:00", ["waited", "since"]),
        ("receives 3812415 bytes/s, 20000000 B free", ["receives", "bytes", "free"]),
        ("at 1735948786 of 20261126", ["at", "of"]),
        ("主机db-07响应超时 120秒", ["主机", "db-07", "响应", "应超", "超时"]),
        ("ORA-01555 on 10.0.0.3:1521", ["ora-01555", "on", "10.0.0.3"]),
        ("订单 88213377 支付失败", ["订单", "88213377", "支付", "付失", "失败"]),
    ],
)
def test_the_words_of_a_text(text: str, want: list[str]) -> None:
    assert list(words(text)) == want


def test_what_the_labels_hold_is_not_said_once_more() -> None:
    one = says("pod web-0 of DB-07 calls pay: disk sda", node="db-07:9100", pod="web-0", device="/dev/sda")
    assert spoken(one) == ("pod", "of", "calls", "pay", "disk")


def test_a_name_that_is_a_sentence_is_text() -> None:
    assert "db-07" in spoken(says("", "磁盘 /data01 空间不足 db-07"))
    assert spoken(says("", "DiskFull")) == ()


def test_a_name_tells_at_once_and_a_word_of_the_language_only_later() -> None:
    vocabulary, rarity = parts()
    assert hear(vocabulary, rarity, says("timeout of db-07")) == ("db-07",)
    for hour in range(1, 40):
        hear(vocabulary, rarity, says(f"host-{hour} slow", host=f"h{hour}"), hour)
    assert hear(vocabulary, rarity, says("timeout of pay-3", host="x"), 40) == ("of", "pay-3", "timeout")


def test_what_is_always_said_tells_nothing() -> None:
    vocabulary, rarity = parts()
    for hour in range(60):
        hear(vocabulary, rarity, says("x509 of 证书过期", "Cert", host=f"h{hour}"), hour)
    assert hear(vocabulary, rarity, says("x509 of 证书过期, vault-2", "Other", host="x"), 60) == ("vault-2",)


def test_few_words_are_kept_of_a_long_text() -> None:
    vocabulary, rarity = parts()
    assert len(hear(vocabulary, rarity, says(" ".join(f"disk-{n}" for n in range(200))))) == 12


def test_words_are_bounded_and_do_not_push_out_values() -> None:
    vocabulary, rarity = parts(max_values=100)
    for hour in range(300):
        hear(vocabulary, rarity, says(f"order-{hour} failed", host="h"), hour)
    assert (len(vocabulary.table) <= 100, vocabulary.dropped > 0, rarity.dropped) == (True, True, 0)
