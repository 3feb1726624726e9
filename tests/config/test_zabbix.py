import pytest

from alertmesh.config import load
from alertmesh.core.errors import BadConfig

BASE = "url: http://zbx.example/zabbix"


def loaded(entry):
    return load(None, None, {"zabbix": f"[{{{entry}}}]"})


def test_a_token_is_enough_and_the_rest_has_defaults():
    (server,) = loaded(f"{BASE}/, token: secret-token").zabbix
    assert (server.name, server.url) == ("zabbix", "http://zbx.example/zabbix")
    assert (server.every_s, server.reconcile_s, server.inventory_s) == (15, 60, 300)
    assert server.write_back
    assert server.token.get_secret_value() == "secret-token"


def test_no_secret_is_shown():
    assert "secret" not in repr(loaded(f"{BASE}, user: u, password: secret-word").zabbix)


@pytest.mark.parametrize(
    "account", ["", ", user: u", ", password: p", ", token: t, user: u, password: p"], ids=str
)
def test_one_account_is_needed(account):
    with pytest.raises(BadConfig, match="give either token"):
        loaded(f"{BASE}{account}")


@pytest.mark.parametrize("wrong", ["url: ''", "url: zbx", "name: a/b", "every_s: 0", "reconcile: 5"])
def test_what_is_wrong_is_said(wrong):
    with pytest.raises(BadConfig):
        loaded(f"{BASE}, token: t, {wrong}" if "url" not in wrong else f"{wrong}, token: t")


def test_a_name_is_given_once():
    one = f"{{{BASE}, token: t}}"
    with pytest.raises(BadConfig, match="given already"):
        load(None, None, {"zabbix": f"[{one}, {one}]"})


def test_a_secret_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("ZABBIX_TOKEN", "from-outside")
    path = tmp_path / "alertmesh.yaml"
    path.write_text(f"zabbix:\n  - {BASE}\n    token: ${{ZABBIX_TOKEN}}\n")
    (server,) = load(path, None, {}).zabbix
    assert server.token.get_secret_value() == "from-outside"
