"""Speak to one Zabbix server from worker threads: one login for all, one connection each."""

import threading
from collections.abc import Mapping
from typing import Any

import requests
from msgspec import Struct
from pyzabbix.api import ZabbixAPI, ZabbixAPIException

from alertmesh.core.errors import MonitorDenied, MonitorRefused, MonitorUnavailable
from alertmesh.zabbix import versions

BLOCKED_S = 60.0
"""How long no login is tried after one that was refused: Zabbix blocks an account for 30 s."""

_TIMEOUT_S = (3, 30)  # to connect, to answer
_LONGEST = 300
_LOST = ("re-login", "not authori", "session terminated")
_INTERNAL = (-32603, -32400, -32300)
_SICK = ("sql statement", "database", "system information is not available")
_BLOCKED = "temporarily blocked"


class Account(Struct, frozen=True):
    """Where a server is and who we are there: an API token, or else a user with a password."""

    url: str
    token: str = ""
    user: str = ""
    password: str = ""
    ca_file: str = ""

    def __repr__(self) -> str:
        return f"Account({self.url!r}, {self.user!r})"


class Login(Struct, frozen=True):
    """What a login gave: the key that goes with each call; `user_id` is empty with a token."""

    key: str
    version: Any
    user_id: str = ""


class Sessions:
    """Make calls from any thread. Everything here blocks: only worker threads may come here."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._local = threading.local()
        self._login: Login | None = None
        self._opened: list[requests.Session] = []

    def ask(self, method: str, params: Any) -> Any:
        """Call a method and return its result; a session that is lost is renewed once.

        Raises MonitorUnavailable, MonitorDenied or MonitorRefused.
        """
        login = self.login()
        try:
            return self._call(login, method, params)
        except MonitorDenied:
            if self._account.token:
                raise
            return self._call(self.login(instead_of=login), method, params)

    def login(self, instead_of: Login | None = None) -> Login:
        """Return the login in force, after making one if there is none or only `instead_of`."""
        with self._lock:
            if self._login is None or self._login is instead_of:
                self._login = None
                self._login = self._enter()
            return self._login

    def close(self) -> None:
        """Let go of all connections. A session on the server ends by itself."""
        with self._lock:
            for session in self._opened:
                session.close()
            self._opened.clear()

    def _enter(self) -> Login:
        """Learn the version and get in; the version is asked for without a key."""
        api, account = self._api(), self._account
        with_errors(self._account, lambda: api.login(api_token=account.token or "none"))
        if account.token:
            return Login(account.token, api.version)
        api.auth, api.use_api_token = "", False
        name = "username" if versions.parse(str(api.version)) >= (5, 4) else "user"
        told = {name: account.user, "password": account.password, "userData": True}
        found = with_errors(self._account, lambda: api.do_request("user.login", told)["result"])
        return Login(found["sessionid"], api.version, str(found["userid"]))

    def _call(self, login: Login, method: str, params: Any) -> Any:
        api = self._api()
        api.auth, api.version = login.key, login.version
        return with_errors(self._account, lambda: api.do_request(method, params)["result"])

    def _api(self) -> Any:
        api = getattr(self._local, "api", None)
        if api is None:
            session = requests.Session()
            session.trust_env = False  # no proxy, and no password of a netrc file in place of our key
            session.verify = self._account.ca_file or True
            api = self._local.api = ZabbixAPI(self._account.url, session, timeout=_TIMEOUT_S)
            self._opened.append(session)
        return api


def with_errors(account: Account, call: Any) -> Any:
    """Return what `call` returns; what it raises becomes an error that says what to do."""
    where = account.url
    try:
        return call()
    except ZabbixAPIException as error:
        raise _refusal(account, error) from error
    except requests.exceptions.SSLError as error:
        raise MonitorUnavailable(f"{where}: the certificate is not trusted: set ca_file: {error}") from error
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        raise _bad_status(where, status) from error
    except requests.Timeout as error:
        raise MonitorUnavailable(f"{where}: no answer within {_TIMEOUT_S[1]} s") from error
    except (requests.RequestException, OSError, ValueError) as error:
        raise MonitorUnavailable(f"{where}: cannot be reached: {_cut(str(error))}") from error


def _bad_status(where: str, status: int) -> MonitorUnavailable | MonitorRefused:
    if status >= 500 or status in (408, 429):
        return MonitorUnavailable(f"{where}: answered HTTP {status}")
    if status == 404:
        return MonitorRefused(
            f"{where}: there is no Zabbix API here: give as url what comes before /api_jsonrpc.php", 404
        )
    return MonitorRefused(f"{where}: answered HTTP {status}; is something else in front of Zabbix?", status)


def _refusal(account: Account, error: Any) -> MonitorUnavailable | MonitorRefused:
    detail: Mapping[str, Any] = error.error or {}
    if not detail:
        text = "what answers is not the Zabbix API, or it failed; see the log of its web server"
        return MonitorUnavailable(f"{account.url}: {text}: {_cut(str(error))}")
    said, code = str(detail.get("data") or detail.get("message")), int(detail.get("code", 0))
    low = said.lower()
    if code in _INTERNAL or any(word in low for word in _SICK):
        return MonitorUnavailable(f"{account.url}: Zabbix itself is in trouble: {_cut(said)}")
    if _BLOCKED in low:
        return MonitorUnavailable(
            f"{account.url}: {said} Check user and password; they are not tried again for {BLOCKED_S:.0f} s",
            BLOCKED_S,
        )
    if "token expired" in low or (account.token and any(word in low for word in _LOST)):
        return MonitorDenied(f"{account.url}: {said} Make a new API token in Zabbix and set it", code)
    if any(word in low for word in _LOST) or "incorrect user" in low or "login name or password" in low:
        return MonitorDenied(f"{account.url}: {said} Check user and password", code)
    return MonitorRefused(f"{account.url}: {_cut(said)}", code)


def _cut(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}..."
