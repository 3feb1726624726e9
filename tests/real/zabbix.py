"""A real Zabbix 6.0 on loopback: PostgreSQL, server, agent, and the API behind PHP's own web server."""

import gzip
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self
from urllib.request import Request, urlopen

from tests.real.local import free_port, wait_until

SERVER, AGENT = Path("/usr/sbin/zabbix_server"), Path("/usr/sbin/zabbix_agentd")
_SQL, _FRONTEND = Path("/usr/share/zabbix-server-pgsql"), Path("/usr/share/zabbix")
_CONFIG_PATH = "/etc/zabbix/zabbix.conf.php"
_START_S, _STOP_S = 60.0, 10.0

# The stock templates take far longer to load, and to read again every second, than all else.
_STOCK = re.compile(
    r"(hosts?|items?|triggers?|valuemap|widget|dashboard|sysmaps?|lld)(_.*)?|hostmacro|interface|functions"
    r"|graphs(_.*)?|group_prototype|optemplate"
)
_POSTGRES = {
    **dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off"),
    "shared_buffers": "64MB",
    "max_connections": "120",
}
_SERVER_CONFIG = {
    "ListenIP": "127.0.0.1",
    "SourceIP": "127.0.0.1",
    "DBName": "zabbix",
    "DBUser": "zabbix",
    "StatsAllowedIP": "127.0.0.1",
    "Timeout": "10",
    "CacheUpdateFrequency": "1",
    "HousekeepingFrequency": "0",
    "ServiceManagerSyncFrequency": "5",
    "CacheSize": "64M",
    **dict.fromkeys(("StartPollers", "StartEscalators", "StartDBSyncers"), "2"),
    **dict.fromkeys(("StartTrappers", "StartAlerters"), "4"),
    **dict.fromkeys(("StartPollersUnreachable", "StartHistoryPollers", "StartPreprocessors"), "1"),
    **dict.fromkeys(("StartPingers", "StartDiscoverers", "StartHTTPPollers", "StartODBCPollers"), "0"),
}
_PHP = {
    "memory_limit": "1G",
    "post_max_size": "64M",
    "max_execution_time": "300",
    "date.timezone": "UTC",
    "display_errors": "0",
    "error_reporting": "E_ERROR",
}


class ZabbixError(Exception):
    """What the API answered instead of a result."""


class Zabbix:
    """One Zabbix of a test's own; use it as a context manager.

    `url` is the frontend, `user` and `password` are those of the super administrator. Everything
    runs as an unprivileged user, in a directory of its own that is gone afterwards.
    """

    user, password = "Admin", "zabbix"

    def __init__(self) -> None:
        self.trapper_port, self.agent_port, self._web, self._database = (free_port() for _ in range(4))
        self.url = f"http://127.0.0.1:{self._web}"
        self._home = Path()
        self._owner = "postgres" if os.geteuid() == 0 else None
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stack = ExitStack()
        self._token = ""
        self._ids = itertools.count(1)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._home = Path(tempfile.mkdtemp(prefix="zabbix-", dir="/tmp"))  # a short path, for sockets
            stack.callback(shutil.rmtree, self._home, ignore_errors=True)
            stack.callback(self._stop_all)
            try:
                self._start_all()
            except Exception as error:
                raise AssertionError(f"{error}\n{self._logs()}") from error
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def call(self, method: str, params: Any = None, /, **named: Any) -> Any:
        """Return the result of an API call as the administrator; raise ZabbixError for a refusal."""
        if not self._token and method not in ("apiinfo.version", "user.login"):
            self._token = self.call("user.login", username=self.user, password=self.password)
        asked = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params or named}
        if method not in ("apiinfo.version", "user.login"):
            asked["auth"] = self._token
        request = Request(  # noqa: S310  # always http on loopback
            f"{self.url}/api_jsonrpc.php",
            json.dumps(asked).encode(),
            {"Content-Type": "application/json-rpc"},
        )
        with urlopen(request, timeout=60) as answer:  # noqa: S310  # always http on loopback
            said = json.load(answer)
        if "error" in said:
            raise ZabbixError(f"{method}: {said['error']['message']} {said['error']['data']}")
        return said["result"]

    def send(self, host: str, key: str, value: object, within_s: float = 20.0) -> None:
        """Send a value for a trapper item, again until the server knows the item."""
        wait_until(f"the server to take {key} of {host}", within_s, lambda: self._sent(host, key, value))

    def make_host(
        self, name: str, items: dict[str, str], triggers: dict[str, dict[str, Any]], **more: Any
    ) -> dict[str, str]:
        """Make a host with trapper items (key to type: 0 float, 3 unsigned, 4 text) and triggers.

        `triggers` maps a name to the fields of `trigger.create`; in its expression `HOST` stands
        for the host. Returns ids: of the host under its name, of triggers under theirs.
        """
        groups = self.call("hostgroup.get", filter={"name": "Under test"})
        group = groups[0]["groupid"] if groups else self._made("hostgroup", name="Under test")
        host = self._made("host", **{"host": name, "groups": [{"groupid": group}]} | more)
        for key, kind in items.items():
            self._made("item", name=key, key_=key, hostid=host, type=2, value_type=int(kind))
        ids = {name: host}
        for title, fields in triggers.items():
            fields = fields | {"expression": fields["expression"].replace("HOST", name)}
            ids[title] = self._made("trigger", description=title, **fields)
        # Items may be known before their triggers are: the server reads them anew every second.
        time.sleep(2.2)
        return ids

    def problems(self, **params: Any) -> list[dict[str, Any]]:
        """Return the open problems."""
        found: list[dict[str, Any]] = self.call("problem.get", output="extend", **params)
        return found

    def stop(self, part: str) -> None:
        """Stop one part: postgres, server, agent or web."""
        process = self._running.pop(part)
        if part != "web":
            # PostgreSQL waits for its clients when asked to terminate; an interrupt sends them away.
            process.send_signal(signal.SIGINT if part == "postgres" else signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_S)
        # PHP's workers outlive their master, but not the session that it began.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def start(self, part: str) -> None:
        """Start a part that was stopped, and wait until it works."""
        {
            "postgres": self._start_postgres,
            "server": self._start_server,
            "agent": self._start_agent,
            "web": self._start_web,
        }[part]()

    def _start_all(self) -> None:
        for folder in ("log", "tmp", "run"):
            (self._home / folder).mkdir()
        self._home.chmod(0o755)
        if self._owner is not None:
            for folder in (self._home, *self._home.iterdir()):
                shutil.chown(folder, self._owner, self._owner)
        data = self._home / "data"
        self._run(
            _postgres("initdb"),
            "-D",
            data,
            "-U",
            "zabbix",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "-N",
            "--locale=C.UTF-8",
        )
        self._start_postgres()
        self._load()
        self._start_server()
        self._start_web()
        self._start_agent()

    def _start_postgres(self) -> None:
        settings = [f"-c{name}={value}" for name, value in _POSTGRES.items()]
        where = ("-p", self._database, "-h", "127.0.0.1", "-k", self._home / "run")
        (self._home / "data" / "postmaster.pid").unlink(missing_ok=True)
        self._spawn("postgres", _postgres("postgres"), "-D", self._home / "data", *where, *settings)
        asked = [
            _postgres("pg_isready"),
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(self._database),
            "-d",
            "postgres",
        ]
        wait_until("PostgreSQL", _START_S, lambda: subprocess.run(asked, check=False).returncode == 0)

    def _load(self) -> None:
        """Make the database of what the package brings, without the stock templates."""
        psql = [_postgres("psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-h", str(self._home / "run")]
        psql += ["-p", str(self._database), "-U", "zabbix"]
        self._run(*psql, "-d", "postgres", "-c", "create database zabbix")
        for name in ("schema", "images", "data"):
            with gzip.open(_SQL / f"{name}.sql.gz", "rt", encoding="utf-8") as file:
                text = "".join(_without_stock(file))
            self._run(*psql, "-d", "zabbix", "-f", "-", given=text.encode())

    def _start_server(self) -> None:
        config = _SERVER_CONFIG | {
            "ListenPort": self.trapper_port,
            "DBHost": self._home / "run",
            "DBPort": self._database,
            "SocketDir": self._home / "run",
            "LogFile": self._home / "log" / "server-own.log",
            "PidFile": self._home / "run" / "server.pid",
            "AlertScriptsPath": self._home / "tmp",
            "AllowRoot": 1,
        }
        self._spawn("server", SERVER, "-f", "-c", self._config("server", config))
        wait_until("Zabbix' server", _START_S, self._answers_sender)

    def _start_agent(self) -> None:
        config = {
            "ListenIP": "127.0.0.1",
            "ListenPort": self.agent_port,
            "Server": "127.0.0.1",
            "StartAgents": 1,
            "Hostname": "agent",
            "LogFile": self._home / "log" / "agent-own.log",
            "PidFile": self._home / "run" / "agent.pid",
            "AllowRoot": 1,
        }
        self._spawn("agent", AGENT, "-f", "-c", self._config("agent", config))
        wait_until("Zabbix' agent", _START_S, lambda: _listens(self.agent_port))

    def _start_web(self) -> None:
        """Serve a copy of the frontend: where it finds its configuration is written in its source."""
        root, config = self._home / "web", self._home / "zabbix.conf.php"
        if not root.exists():
            shutil.copytree(_FRONTEND, root, ignore_dangling_symlinks=True)
            reader = root / "include" / "classes" / "core" / "CConfigFile.php"
            source = reader.read_text(encoding="utf-8")
            assert _CONFIG_PATH in source
            reader.chmod(0o644)
            reader.write_text(source.replace(_CONFIG_PATH, str(config)), encoding="utf-8")
            config.write_text(_frontend_config(self._database, self.trapper_port), encoding="utf-8")
        settings = itertools.chain(*(("-d", f"{name}={value}") for name, value in _PHP.items()))
        sessions = ("-d", f"session.save_path={self._home / 'tmp'}")
        address = f"127.0.0.1:{self._web}"
        self._spawn("web", "php", "-q", *settings, *sessions, "-S", address, "-t", root)
        wait_until("Zabbix' API", _START_S, self._answers_api)

    def _spawn(self, part: str, *command: object) -> None:
        environment = os.environ | {"PHP_CLI_SERVER_WORKERS": "4", "TMPDIR": str(self._home / "tmp")}
        with (self._home / "log" / f"{part}.log").open("ab") as log:
            self._running[part] = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._home / "tmp",
                env=environment,
                start_new_session=True,
                **self._as_owner(),
            )

    def _run(self, *command: object, given: bytes = b"") -> None:
        done = subprocess.run(
            [str(word) for word in command],
            input=given,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self._home / "tmp",
            check=False,
            **self._as_owner(),
        )
        assert done.returncode == 0, f"{command[0]}: {done.stderr.decode()[-2000:]}"

    def _as_owner(self) -> dict[str, Any]:
        if self._owner is None:
            return {}
        return {"user": self._owner, "group": self._owner, "extra_groups": []}

    def _config(self, part: str, settings: dict[str, Any]) -> Path:
        file = self._home / f"{part}.conf"
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
        return file

    def _made(self, kind: str, **fields: Any) -> str:
        [made] = next(iter(self.call(f"{kind}.create", **fields).values()))
        return str(made)

    def _sent(self, host: str, key: str, value: object) -> bool:
        return "failed: 0" in self._sender(host, key, value)

    def _answers_sender(self) -> bool:
        return "failed: 1" in self._sender("nobody", "nothing", 0)

    def _sender(self, host: str, key: str, value: object) -> str:
        where = ["-z", "127.0.0.1", "-p", str(self.trapper_port)]
        done = subprocess.run(
            ["zabbix_sender", *where, "-s", host, "-k", key, "-o", str(value)],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    def _answers_api(self) -> bool:
        try:
            return bool(self.call("user.login", username=self.user, password=self.password))
        except (OSError, ValueError):
            return False

    def _stop_all(self) -> None:
        for part in ("web", "agent", "server", "postgres"):
            if part in self._running:
                self.stop(part)

    def _logs(self) -> str:
        logs = sorted((self._home / "log").glob("*.log"))
        return "\n".join(f"{path.name}:\n{path.read_text(errors='replace')[-1500:]}" for path in logs)


def _postgres(program: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    assert found, "PostgreSQL is not installed; ./test installs the Debian package postgresql"
    return str(found[-1])


def _without_stock(lines: Iterator[str]) -> Iterator[str]:
    """Leave out the rows of the stock templates; a row may go over several lines."""
    skipping = False
    for line in lines:
        if line.startswith("INSERT INTO "):
            skipping = _STOCK.fullmatch(line.split(maxsplit=3)[2]) is not None
        elif line.startswith("COMMIT"):
            skipping = False
        if not skipping:
            yield line


def _frontend_config(database: int, trapper: int) -> str:
    settings: dict[str, Any] = {
        "TYPE": "POSTGRESQL",
        "SERVER": "127.0.0.1",
        "PORT": str(database),
        "DATABASE": "zabbix",
        "USER": "zabbix",
        **dict.fromkeys(("PASSWORD", "SCHEMA", "KEY_FILE", "CERT_FILE", "CA_FILE", "CIPHER_LIST"), ""),
        **dict.fromkeys(("VAULT_URL", "VAULT_DB_PATH", "VAULT_TOKEN"), ""),
        **dict.fromkeys(("ENCRYPTION", "VERIFY_HOST"), False),
        "DOUBLE_IEEE754": True,
    }
    pairs = ", ".join(f"'{name}' => {json.dumps(value)}" for name, value in settings.items())
    return (
        f"<?php\n$DB = [{pairs}];\n$ZBX_SERVER = '127.0.0.1';\n$ZBX_SERVER_PORT = '{trapper}';\n"
        "$ZBX_SERVER_NAME = 'under test';\n$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;\n"
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
