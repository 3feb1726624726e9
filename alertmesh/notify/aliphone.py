"""What text messages and calls of Alibaba Cloud have in common."""

from typing import Self

from alertmesh.core.ports import Quota
from alertmesh.notify.aliyun import Client
from alertmesh.notify.callbacks import read_secret
from alertmesh.notify.phone import MOBILE
from alertmesh.notify.settings import Settings


class AliyunPhone:
    """A channel whose messages go to one number each. Keys and secrets never show."""

    idempotent = False
    per_minute = 0

    def __init__(self, name: str, api: Client) -> None:
        self.name = name
        self.contact = MOBILE
        self.quotas: tuple[Quota, ...] = ()
        self.report_s = 0.0
        self.language = "zh"
        self.hosts = (api.host,)
        self._api = api
        self._secret = ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def set_up(self, given: Settings, quotas: str, report_s: int) -> Self:
        """Read the settings that both have, with these defaults; BadConfig lists every fault."""
        self._secret = read_secret(given)
        self.contact = given.text("contact", MOBILE)
        self.quotas = given.quotas("quotas", quotas)
        self.report_s = float(given.number("report_s", report_s))
        self.language = given.text("language", self.language)
        given.done()
        return self
