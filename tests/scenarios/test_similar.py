"""A trouble that was there before says so: who handled it then, and how."""


def _handled(table):
    """Have wang end a full disk of 10:00 by hand, with a word; it is archived half an hour later."""
    table.fires("DiskFull", node="n1").between("10:00", "10:00").page("wang")
    table.at("10:01").ack("wang").at("10:10").clears("DiskFull", node="n1")
    table.at("10:11").does("wang", "resolve", text="cleaned old images")
    return table.between("10:11", "10:11").closing("wang").at("10:50")


def test_the_page_of_its_like_tells_who_handled_it_and_how(table):
    _handled(table).at("11:00").fires("DiskFull", node="n2", cluster="west")
    table.between("11:00", "11:00").page("wang", incident=2)
    told = next(line for line in table.program.chat.messages[-1].text.splitlines() if "Seen before" in line)
    assert told.endswith("handled by wang, “cleaned old images”")


def test_the_same_thing_again_is_counted(table):
    _handled(table).at("11:00").fires("DiskFull", node="n1")
    table.between("11:00", "11:00").page("wang", incident=2)
    assert table.program.chat.messages[-1].text.count("2nd time in 30 days on n1") == 1


def test_a_restart_shows_the_same(table):
    _handled(table).restart().at("11:00").fires("DiskFull", node="n2")
    table.between("11:00", "11:00").page("wang", incident=2)
    told = table.incident(2).similar
    table.restart()
    assert (told[0].resolved_by, table.incident(2).similar) == ("wang", told)


def test_another_trouble_names_nothing(table):
    _handled(table).at("11:00").fires("CertificateExpired", service="shop")
    table.between("11:00", "11:00").page("wang", incident=2)
    assert table.incident(2).similar == ()
