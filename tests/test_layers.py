"""The source keeps the rules of the house: who imports whom, what is pure, how long things are."""

import sys
from typing import NamedTuple

import pytest

from tests.source import Module, cycle, edges, modules

MODULE_LINES = 400
FUNCTION_LINES = 60
CLOCK = "alertmesh.core.clock"
STAGES = frozenset({"dedup", "correlate", "incidents", "escalate"})
FACES = frozenset(
    {
        "cli",
        "cli_auditor",
        "cli_clients",
        "cli_import",
        "cli_learn",
        "cli_message",
        "cli_report",
        "cli_oncall",
        "cli_oncallimport",
        "cli_page",
        "cli_whatif",
        "cli_route",
        "cli_silences",
        "cli_source",
        "cli_topology",
        "cli_user",
        "cli_why",
        "cli_zabbix",
        "__main__",
        "demo",
    }
)  # what people start; nothing else imports them
LATE = frozenset(
    {
        "alertmesh.correlate.batch",  # a library that only a worker needs, and that takes a second
        "alertmesh.oidc.provider",  # one for tokens, that takes 0.2 s and few installations need
    }
)
CLIENTS = frozenset({"aiohttp", "aiosmtplib", "dingtalkchatbot", "pyzabbix", "redis", "sqlite3"})
OUTSIDE_WORLD = frozenset(
    {
        "asyncio",
        "concurrent",
        "http",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "secrets",
    }
    | {"select", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading"}
    | {"time", "urllib", "uuid"}
)


class Layer(NamedTuple):
    """What a layer may import: which packages of ours, which libraries, what not of the standard library."""

    ours: frozenset[str]
    libraries: frozenset[str] | None = None  # None: any that pyproject.toml declares
    barred: frozenset[str] = frozenset()


def _stage(*more: str) -> Layer:
    libraries = {"msgspec", "orjson", "xxhash", "numpy", "sklearn", "river", *more}
    return Layer(frozenset({"core"}), frozenset(libraries), OUTSIDE_WORLD)


def _seam(*libraries: str) -> Layer:
    return Layer(frozenset({"core"}), frozenset({"msgspec", "orjson", "xxhash", "structlog", *libraries}))


INNER = {
    "": Layer(frozenset(), frozenset()),
    "core": Layer(frozenset(), frozenset({"msgspec", "re2"}), OUTSIDE_WORLD),
    **{name: _stage() for name in STAGES},
    "escalate": _stage("chinese_calendar"),
    "ingest": Layer(
        frozenset({"core", "expressions"}),
        frozenset({"msgspec", "orjson", "xxhash", "structlog", "aiohttp", "pyzabbix"}),
    ),
    "chinese": Layer(frozenset({"core"}), frozenset(), OUTSIDE_WORLD),
    "notify": Layer(
        frozenset({"core", "chinese"}),
        frozenset({"msgspec", "orjson", "xxhash", "structlog"})
        | {"aiohttp", "aiosmtplib", "dingtalkchatbot", "jinja2"},
    ),
    "store": _seam("redis"),
    "bus": _seam("redis"),
    "answerwords": Layer(frozenset(), frozenset({"msgspec"}), OUTSIDE_WORLD),
    "answering": Layer(
        frozenset({"core", "notify", "duty", "answerwords"}), frozenset({"msgspec", "structlog"})
    ),
    "zabbix": Layer(
        frozenset({"core", "ingest"}),
        frozenset({"msgspec", "structlog", "pyzabbix", "requests", "prometheus_client", "yaml"}),
    ),
    "pipeline": Layer(STAGES | {"core"}, frozenset({"msgspec"}), OUTSIDE_WORLD),
    "recorded": Layer(frozenset({"core"}), frozenset({"msgspec", "orjson", "xxhash"})),
    "history": Layer(frozenset({"core", "pipeline"}), frozenset({"msgspec"}), OUTSIDE_WORLD),
    "standings": Layer(frozenset({"core", "pipeline"}), frozenset({"msgspec"}), OUTSIDE_WORLD),
    "moments": Layer(frozenset({"config", "escalate"}), frozenset(), OUTSIDE_WORLD),
    "duty": Layer(frozenset({"core", "escalate"}), frozenset({"msgspec"}), OUTSIDE_WORLD),
    "reports": Layer(frozenset({"core"}), frozenset({"msgspec"}), OUTSIDE_WORLD),
    "accounts": Layer(frozenset({"core", "reports"}), frozenset({"msgspec"}), OUTSIDE_WORLD),
    "reporting": Layer(
        frozenset({"core", "pipeline", "duty", "reports", "accounts"}),
        frozenset({"msgspec"}),
        OUTSIDE_WORLD - {"asyncio"},
    ),
    "paas": Layer(frozenset({"core"})),
    "expressions": Layer(frozenset({"core"}), frozenset({"jmespath"})),
    "registry": Layer(frozenset({"core"}), frozenset({"msgspec", "structlog"})),
    "config": Layer(
        frozenset({"core", "expressions"}), frozenset({"msgspec", "pydantic", "pydantic_core", "yaml"})
    ),
    "oidc": Layer(frozenset({"core", "config", "notify"}), frozenset({"msgspec", "joserfc"})),
    "logs": Layer(frozenset(), frozenset({"structlog"})),
    "channels": Layer(frozenset({"core", "config", "registry"}), frozenset()),
    "messages": Layer(frozenset({"core", "config", "registry", "notify"}), frozenset()),
    "auditor": Layer(
        frozenset({"core", "config", "store", "notify", "registry", "escalate", "channels"}),
        frozenset({"msgspec", "structlog"}),
    ),
    "metrics": Layer(frozenset({"core"}), frozenset({"prometheus_client"})),
    "client": Layer(frozenset({"core"}), frozenset({"msgspec"})),
    "feedback": Layer(frozenset({"core"}), frozenset({"msgspec"})),
    "scoring": Layer(frozenset({"core"}), frozenset({"numpy"})),
    "coverage": Layer(frozenset({"core", "config", "escalate"}), frozenset(), OUTSIDE_WORLD),
    "rosterimport": Layer(
        frozenset({"core", "escalate"}), frozenset({"msgspec", "icalendar", "dateutil"}), OUTSIDE_WORLD
    ),
    "forecast": Layer(STAGES | {"core", "config", "ingest"}, frozenset({"msgspec"}), OUTSIDE_WORLD),
    "importing": Layer(frozenset({"core", "config"}), frozenset({"msgspec", "yaml"})),
    "learned": Layer(frozenset({"core", "correlate"}), frozenset({"msgspec"})),
}
SHELL = frozenset(
    {
        "wiring",
        "deliveries",
        "journal",
        "timekeeping",
        "secondlook",
        "runtime",
        "replay",
        "links",
        "listening",
        "showing",
        "desks",
    }
)
# A replay, and what is made of it.
OFFLINE = frozenset({"tally", "examples", "mapping_examples", "training", "whatif", "whatif_report"})
LAYERS = {
    **INNER,
    **{name: Layer(frozenset(INNER) | SHELL) for name in SHELL},
    **{name: Layer(frozenset(INNER) | OFFLINE | {"wiring", "replay"}) for name in OFFLINE},
    "console": Layer(
        frozenset({"core", "runtime", "registry", "config", "metrics", "reports", "reporting"})
        | {"answering", "chinese", "deliveries", "desks", "notify", "oidc"}
    ),
    "server": Layer(frozenset(INNER) | SHELL | {"console"}),
    **{name: Layer(frozenset(INNER) | SHELL | OFFLINE | FACES | {"console", "server"}) for name in FACES},
}
each_module = pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)


def strays(module: Module) -> set[str]:
    """Return the imports that the module's layer does not allow."""
    assert module.layer in LAYERS, f"say in LAYERS what {module.layer} may import"
    layer = LAYERS[module.layer]
    allowed = layer.ours | {module.layer}
    found = set()
    for name in module.imported:
        top, _, rest = name.partition(".")
        if top == "alertmesh":
            below = rest.partition(".")[0]
            stray = below in LAYERS and below not in allowed
        elif top in sys.stdlib_module_names:
            stray = top in layer.barred and (module.name, top) != (CLOCK, "time")
        else:
            stray = layer.libraries is not None and top not in layer.libraries
        if stray:
            found.add(name)
    return found


@each_module
def test_a_module_imports_only_what_its_layer_may(module):
    assert strays(module) == set()


@each_module
def test_a_seam_module_talks_to_one_client_library(module):
    used = CLIENTS & {name.partition(".")[0] for name in module.imported}
    assert module.layer not in {"ingest", "notify", "store", "bus"} or len(used) <= 1


@each_module
def test_imports_stand_at_the_top(module):
    assert module.layer in FACES or module.name in LATE or module.late_imports == []


@each_module
def test_only_the_clock_tells_the_time(module):
    assert module.name == CLOCK or module.impure_calls == []


@each_module
def test_only_the_shell_catches_everything(module):
    shell = {"alertmesh.runtime", "alertmesh.registry", "alertmesh.console.problems"}
    assert module.name in shell or module.broad_excepts == []


@each_module
def test_a_module_is_short(module):
    assert len(module.source.splitlines()) <= MODULE_LINES


@each_module
def test_functions_are_short(module):
    sizes = {function.name: function.end_lineno - function.lineno + 1 for function in module.functions()}
    assert {name: size for name, size in sizes.items() if size > FUNCTION_LINES} == {}


def test_no_import_goes_in_circles():
    assert cycle(edges(modules())) == []


def test_a_circle_is_found():
    a = Module("alertmesh.a", "from alertmesh.b import x")
    b = Module("alertmesh.b", "import alertmesh.a")
    assert cycle(edges([a, b])) == ["alertmesh.a", "alertmesh.b", "alertmesh.a"]


@pytest.mark.parametrize(
    "source",
    [
        "from alertmesh.correlate.stage import CorrelateStage",
        "import alertmesh.notify",
        "from alertmesh import runtime",
        "import time",
        "from os import path",
        "import aiohttp",
        "def late():\n    import socket",
    ],
)
def test_a_stray_import_of_a_stage_is_found(source):
    assert strays(Module("alertmesh.dedup.planted", source))


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\ndatetime.now()",
        "from datetime import datetime as d\nstamp = d.utcnow",
        "import datetime\ndatetime.date.today()",
        "from time import time\ntime()",
        "import time as t\nt.sleep(1)",
        "import random\nrandom.choice([1])",
        "from random import shuffle\nshuffle([])",
    ],
)
def test_a_look_at_the_clock_is_found(source):
    assert Module("alertmesh.planted", source).impure_calls


@pytest.mark.parametrize(
    ("last", "found"), [("pass", [3]), ("raise ValueError from None", [3]), ("raise", [])]
)
def test_a_broad_except_is_found_unless_it_raises_on(last, found):
    source = f"try:\n    pass\nexcept (OSError, Exception):\n    {last}\n"
    assert Module("alertmesh.planted", source).broad_excepts == found
