"""Settings of the OpenID provider: what keeps everybody out or stands in the open is refused."""

from pathlib import Path

import pytest

from alertmesh.config import load
from alertmesh.core.errors import BadConfig

GOOD = """
external_url: https://alerts.example.com
oidc:
  title: Keycloak
  issuer: https://sso.example.com/realms/ops/
  client_id: alertmesh
  client_secret: file:secret
  roles:
    - {claim: groups, contains: admins, role: admin}
"""


def read(folder: Path, text: str):
    (folder / "secret").write_text("s3cret\n")
    (folder / "alertmesh.yaml").write_text(text)
    return load(folder / "alertmesh.yaml", None, {})


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(BadConfig) as caught:
        read(folder, text)
    return [problem.partition("alertmesh.yaml:")[2] for problem in caught.value.problems]


def test_a_provider_is_read_and_its_secret_does_not_show(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert found.oidc.issuer == "https://sso.example.com/realms/ops/"
    assert found.oidc.client_secret.get_secret_value() == "s3cret"
    assert ("s3cret" in repr(found), [one for one in found.warnings if "oidc" in one]) == (False, [])


def test_without_the_section_there_is_no_provider(tmp_path: Path) -> None:
    assert read(tmp_path, "").oidc is None


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("external_url: https://alerts.example.com\n", "", "3:3 external_url is needed"),
        ("file:secret", "s3cret", "7:18 client_secret: write it as ${NAME} or file:PATH"),
        ("https://sso", "http://sso", "5:11 oidc.issuer: should be the https address"),
        ("ops/", "ops?a=b", "5:11 oidc.issuer: should be the https address"),
        ("role: admin", "role: root", "9:47 oidc.roles.0.role: should be 'viewer', 'responder' or 'admin'"),
        ("client_id: alertmesh", "scopes: [profile]\n  client_id: a", "6:11 scopes: openid must be one"),
        ("title: Keycloak", "ca_file: /none.pem", "4:12 ca_file '/none.pem' is of no use: No such file"),
        (
            "title: Keycloak",
            "ca_file: /etc/hostname",
            "4:12 ca_file '/etc/hostname' is of no use: it holds no",
        ),
        ("  roles:\n    - {claim: groups, contains: admins, role: admin}", "", "4:3 nobody could sign in"),
    ],
)
def test_what_keeps_everybody_out_is_refused(tmp_path: Path, before: str, after: str, fault: str) -> None:
    (found,) = faults(tmp_path, GOOD.replace(before, after))
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("https://alerts", "http://alerts", "external_url begins with http"),
        ("title: Keycloak", "default_role: admin", "default_role is admin"),
    ],
)
def test_what_should_not_be_left_so_is_told(tmp_path: Path, before: str, after: str, told: str) -> None:
    assert [one for one in read(tmp_path, GOOD.replace(before, after)).warnings if told in one]


def test_a_provider_on_this_machine_needs_no_tls(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD.replace("https://sso.example.com", "http://127.0.0.1:8080"))
    assert found.oidc.issuer.startswith("http://127.0.0.1:8080/")
