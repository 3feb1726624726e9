from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.labels import fingerprint

LABELS = st.dictionaries(st.text(max_size=8), st.text(max_size=40), max_size=8)


def byte_by_byte(labels: dict[str, str]) -> str:
    value = 0xCBF29CE484222325
    for name in sorted(labels):
        for byte in b"%b\xff%b\xff" % (name.encode(), labels[name].encode()):
            value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


@settings(max_examples=100)
@given(st.lists(LABELS, max_size=4))
def test_what_is_remembered_of_other_labels_changes_nothing(several: list[dict[str, str]]) -> None:
    assert [fingerprint(labels) for labels in several] == [byte_by_byte(labels) for labels in several]


def test_long_values_that_share_their_beginning_differ() -> None:
    names = [f"a-workload-of-some-length-7d9f8b6c5-{end}" for end in ("x2x7k", "x2x7m", "é")]
    assert [fingerprint({"pod": name}) for name in names] == [byte_by_byte({"pod": name}) for name in names]
