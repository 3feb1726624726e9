import pytest

from alertmesh.config import load
from alertmesh.core.errors import BadConfig


def loaded(entry: str):  # type: ignore[no-untyped-def]
    return load(None, None, {"modules": f"[{{{entry}}}]"}).modules


def test_a_module_is_set_up():
    found = loaded(
        "name: system, hosts: [Prom.example.org, .example.com, '10.0.0.1'], settings: {deep: true}"
    )
    assert found["system"].hosts == ("prom.example.org", ".example.com", "10.0.0.1")
    assert (found["system"].enabled, found["system"].reveal()) == (True, {"deep": "true"})


def test_no_setting_is_shown():
    assert "hush" not in repr(loaded("name: system, settings: {token: hush}"))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("name: sytem", "there is no module 'sytem'"),
        ("name: system, hosts: ['https://h']", "without scheme"),
        ("name: system, hosts: ['h:80']", "without scheme"),
        ("name: system, colour: red", "colour"),
    ],
)
def test_what_is_wrong_is_said(entry, said):
    with pytest.raises(BadConfig, match=said):
        loaded(entry)
