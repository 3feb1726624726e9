from alertmesh.core.records import Outgoing, Records, Row


def test_who_puts_late_is_asked_before_a_drain() -> None:
    late = {"a": 1}

    def settle() -> None:
        for key in sorted(late):
            records.put(key, late.pop(key))

    records = Records[str, int]("table", int, settle)
    assert (records.drain(), records.drain()) == ([Row("table", "a", b"\x01")], [])


def test_outgoing_records_are_gone_once_drained() -> None:
    records = Outgoing[str, int]("table", int)
    records.put("a", 1)
    assert (len(records.drain()), records.get("a")) == (1, None)


def test_an_outgoing_record_can_be_dropped_after_it_is_gone() -> None:
    records = Outgoing[str, int]("table", int)
    records.put("a", 1)
    records.drain()
    records.drop("a")
    assert records.drain() == [Row("table", "a", None)]


def test_restored_records_are_there_until_released() -> None:
    records = Outgoing[str, int]("table", int)
    records.restore([("a", b"\x01")])
    before = list(records.values())
    records.release()
    assert (before, list(records.values()), records.drain()) == ([1], [], [])


def test_a_record_is_found_after_a_restore() -> None:
    records = Records[str, int]("table", int)
    records.put("old", 2)
    records.restore([("a", b"\x01")])
    assert (records.get("a"), records.get("old")) == (1, None)
