"""The `user` commands work on the store; a password never stands among the arguments."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from alertmesh import cli
from alertmesh.store import open_reader
from alertmesh.store.accounts import fits, listed
from tests.real.local import LocalServer

CONFIG = """
external_url: https://alerts.example.com
oidc: {{issuer: "{issuer}", client_id: alertmesh, default_role: viewer}}
"""


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/mesh.db"


def run(url, *words, typed=""):
    return CliRunner().invoke(cli.app, ["user", *words, "--store", url], input=typed)


def kept(url):
    async def read():
        store = open_reader(url)
        await store.open()
        found = listed(store)
        await store.close()
        return found

    return asyncio.run(read())


def test_an_account_has_the_password_of_the_first_line(url):
    made = run(url, "add", "wang", "--role", "admin", typed="correct horse\nand more\n")
    (account,) = kept(url)
    assert (made.output, account.name, account.role) == ("wang may sign in as admin\n", "wang", "admin")
    assert fits("correct horse", account.password)


def test_another_password_takes_the_place_of_the_first(url):
    run(url, "add", "wang", typed="correct horse\n")
    run(url, "passwd", "wang", typed="battery staple\n")
    (account,) = kept(url)
    assert (account.role, fits("battery staple", account.password)) == ("responder", True)


def test_accounts_are_listed_without_their_passwords(url):
    run(url, "add", "wang", typed="correct horse\n")
    run(url, "role", "wang", "viewer")
    listing = json.loads(run(url, "list", "--json").output)
    assert [(one["name"], one["role"]) for one in listing] == [("wang", "viewer")]
    assert set(listing[0]) == {"name", "role", "created_at", "changed_at"}
    assert "wang" in run(url, "list").output


def test_an_account_is_handed_over_to_the_provider(url):
    run(url, "add", "wang", typed="correct horse\n")
    assert "password of" in run(url, "list").output
    assert run(url, "sso", "wang").output == "wang signs in by the provider from now on\n"
    assert (kept(url)[0].password, "by the provider" in run(url, "list").output) == (None, True)


def test_nothing_is_handed_over_that_is_not_there(url):
    refused = run(url, "sso", "wang")
    assert refused.exit_code != 0


class Tells(LocalServer):
    """A provider that tells of itself, though not always well."""

    issuer = ""

    def answer(self, method, path, headers, body):
        if path == "/keys":
            return 200, b'{"keys": [{"kty": "RSA", "kid": "a"}]}'
        places = {name: f"{self.url}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
        told = {"issuer": self.issuer or self.url, "jwks_uri": self.url + "/keys", **places}
        return 200, json.dumps(told).encode()


def ask(folder, issuer):
    (folder / "alertmesh.yaml").write_text(CONFIG.format(issuer=issuer) if issuer else "")
    return CliRunner().invoke(cli.app, ["user", "provider", "-c", str(folder / "alertmesh.yaml")])


def test_a_provider_is_asked_about_itself_and_what_to_register_there_is_told(tmp_path):
    with Tells() as provider:
        told = ask(tmp_path, provider.url)
    lines = [" ".join(line.split()) for line in told.output.splitlines()]
    assert (told.exit_code, lines) == (
        0,
        [
            f"issuer {provider.url}",
            f"people sign in at {provider.url}/authorization_endpoint",
            "people sign out at nowhere: who signs out here stays signed in there",
            "more about them nowhere: the ID token has to tell it all",
            "keys 1",
            "register to come back to https://alerts.example.com/api/v1/session/oidc/callback",
            "and after https://alerts.example.com/",
        ],
    )


def test_a_provider_that_nobody_could_sign_in_by_is_told(tmp_path):
    with Tells() as provider:
        provider.issuer = "https://sso.example.com"
        told = ask(tmp_path, provider.url)
    assert (told.exit_code, "calls itself 'https://sso.example.com'" in told.output) == (1, True)


def test_without_a_provider_there_is_nothing_to_ask(tmp_path):
    told = ask(tmp_path, "")
    assert (told.exit_code, "write a section oidc" in told.output) == (1, True)


def test_a_removed_account_is_gone(url):
    run(url, "add", "wang", typed="correct horse\n")
    assert [run(url, "remove", "wang").exit_code for _ in range(2)] == [0, 1]
    assert run(url, "list").output == ""


@pytest.mark.parametrize("command", ["add", "passwd"])
@pytest.mark.parametrize("typed", ["", "short\n"])
def test_a_weak_password_is_refused(url, command, typed):
    refused = run(url, command, "wang", typed=typed)
    assert (refused.exit_code, "at least 10" in refused.output) == (1, True)
