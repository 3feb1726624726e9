"""The page on SMS and voice is right: its examples can be used, and it names every setting."""

import re

import pytest
import yaml

from alertmesh.notify import gateway, sms, voice
from tests.notify.phones import ACCOUNT, SECRET
from tests.reference import DOCS

KINDS = {module.NOTIFIER.name: module.NOTIFIER for module in (sms, voice, gateway)}
PAGE = (DOCS / "sms.md").read_text(encoding="utf-8")
EXAMPLES = [
    pytest.param(entry, id=f"{number}-{entry['name']}")
    for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
    for entry in yaml.safe_load(block)["channels"]
]
LEAST = {
    "aliyun-sms": {**ACCOUNT, "sign_name": "值班", "template": "SMS_1"},
    "aliyun-voice": {**ACCOUNT, "template": "TTS_1"},
    "sms-gateway": {"url": "https://h", "body": "{number}{text}"},
}


class Asked(dict):
    """Settings that remember which of them were looked for."""

    def __init__(self, given: dict[str, str]) -> None:
        super().__init__(given)
        self.names: set[str] = set()

    def get(self, key, default=None):
        """Return a setting, and remember its name."""
        self.names.add(key)
        return super().get(key, default)


@pytest.mark.parametrize("entry", EXAMPLES)
def test_an_example_can_be_used(entry):
    settings = {
        name: SECRET if str(value).startswith("${") else str(value)
        for name, value in entry["settings"].items()
    }
    assert KINDS[entry["kind"]].build(entry["name"], settings).name == entry["name"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_setting_is_explained(kind):
    asked = Asked(LEAST[kind])
    KINDS[kind].build("phone", asked)
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))
    told = set(re.findall(r"`([a-z_]+)`", rows))
    assert asked.names - told == set()
