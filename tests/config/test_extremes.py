"""Whatever a number in the rules is, the least and the most that is allowed can be worked with."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, get_args

import pytest
from pydantic import ValidationError

from alertmesh.config import Config, load
from alertmesh.config.rulefiles import CorrelateFile, DedupFile, IncidentsFile, given
from alertmesh.config.values import Model
from alertmesh.core.alert import Priority
from alertmesh.core.changes import ChangeEvent
from alertmesh.core.entries import Changed
from alertmesh.core.incident import Incident
from alertmesh.recorded import RecordedAlert
from alertmesh.replay import Replay
from alertmesh.wiring import Wiring
from tests.config.folders import problems, written
from tests.scenarios.people import staffed

BEGIN = datetime(2026, 11, 23, 4, tzinfo=UTC)
FILES: dict[str, type[Model]] = {"dedup": DedupFile, "correlate": CorrelateFile, "incidents": IncidentsFile}
RISING = (0, "0", 5e-324, "1ms", 1e-6, 0.5, 1, 2, 3, 8)
FALLING = (1e300, 10**15, 10**12, 315_360_000, "3650d", 1_000_000, 3_650, 1_000, 7, 1, 0.9, 0.25, 0.05)
PLAIN = staffed("console")
LEARNED = staffed("console", load(None, None, {}).models)


class Setting(NamedTuple):
    """One number of a section, and a value that the rules may give it."""

    section: str
    path: tuple[str, ...]
    value: Any

    def __str__(self) -> str:
        return f"{self.section}.{'.'.join(self.path)}={self.value}"

    def rules(self) -> dict[str, Any]:
        """Return the section with nothing else in it, as the stage gets it; ValidationError if refused."""
        found: Any = self.value
        for key in reversed(self.path):
            found = {key: found}
        return given(FILES[self.section].model_validate(found))

    def is_number(self) -> bool:
        """Tell whether the rules take it, as a number or a duration."""
        try:
            read: Any = self.rules()
        except ValidationError:
            return False
        for key in self.path:
            read = read[key]
        return isinstance(read, int | float | timedelta) and not isinstance(read, bool)


def paths(model: type[Model]) -> Iterator[tuple[str, ...]]:
    """Yield the way to each setting that is no section of its own; of one by priority, to that of P2."""
    for name, field in model.model_fields.items():
        kinds = [kind for kind in get_args(field.annotation) if isinstance(kind, type)]
        inner = [kind for kind in kinds if issubclass(kind, Model)]
        if inner:
            yield from ((name, *path) for path in paths(inner[0]))
        else:
            yield (name,)
            yield (name, "P2")


def extremes() -> Iterator[Setting]:
    """Yield each number of the stages with the least and the most that it may be."""
    for section, model in FILES.items():
        for path in paths(model):
            for values in (RISING, FALLING):
                allowed = (one for value in values if (one := Setting(section, path, value)).is_number())
                yield from [first for first in [next(allowed, None)] if first is not None]


def numbered(rules: dict[str, Any]) -> dict[str, Any]:
    """Return the section of incidents with priorities as the loader gives them."""
    return {
        key: {int(Priority.P2): value["P2"]} if isinstance(value, dict) and "P2" in value else value
        for key, value in rules.items()
    }


def stream() -> list[RecordedAlert]:
    """Return troubles of three services on two hosts that come, flap, end and come again."""
    found = []
    for hour in (0, 8):
        for place, (service, node) in enumerate([("cart", "n1"), ("shop", "n1"), ("mail", "n2")]):
            for turn in range(4):
                second = hour * 3600 + place * 20 + turn * 90
                labels = {
                    "alertname": ("Down", "Slow")[turn % 2],
                    "severity": ("critical", "warning")[turn // 2],
                    "cluster": "east",
                    "namespace": "web",
                    "service": service,
                    "pod": f"{service}-5d4f8c7b9d-xkz2{turn}",
                    "node": node,
                    "destination_service": "db",
                    "shelf": "s1",
                }
                found.append((second, "firing", labels))
                found.append((second + 60, "resolved", labels))
    return [
        RecordedAlert(
            id=str(number),
            time=BEGIN + timedelta(seconds=second),
            status=status,
            labels=labels,
            annotations={"summary": f"no route from {labels['service']} to the payment gateway"},
        )
        for number, (second, status, labels) in enumerate(sorted(found, key=lambda one: one[0]))
    ]


ALERTS = stream()
CHANGES = [
    Changed(
        ChangeEvent(
            id=f"{hour}{service}",
            entity=service,
            level="service",
            kind="deploy",
            at=BEGIN + timedelta(hours=hour),
            cluster="east",
            namespace="web",
            actor="li",
            summary="release 7",
        ),
        BEGIN + timedelta(hours=hour, seconds=-20),
    )
    for hour in (0, 8)
    for service in ("cart", "shop")
]


def replayed(config: Config, sections: Mapping[str, dict[str, Any]]) -> list[Incident]:
    """Return the incidents of the stream under some rules, with changes told as they are made."""
    run = Replay(Wiring(replace(config, sections={**config.sections, **sections})))
    later = BEGIN + timedelta(hours=7)
    for is_later in (False, True):
        run.follow(one for one in CHANGES if (one.at > later) is is_later)
        run.run(one for one in ALERTS if (one.time > later) is is_later)
    run.advance(BEGIN + timedelta(hours=9))
    return run.incidents()


def test_numbers_of_every_section_are_found():
    found = {(one.section, one.path) for one in extremes()}
    assert len(found) > 120
    assert ("correlate", ("batch", "max_group")) in found
    assert ("dedup", ("flap", "bounds", "P2")) in found


@pytest.mark.parametrize("setting", [*extremes()], ids=str)
def test_the_stream_can_be_replayed(setting):
    """One section at a time, with the trained model and without where that makes a difference."""
    rules = {setting.section: numbered(setting.rules())}
    for config in (PLAIN, LEARNED) if setting.section == "correlate" else (PLAIN,):
        assert replayed(config, rules)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("correlate", "rarity_window_s: 0", "1:18 rarity_window_s: should be greater than or equal to 1"),
        ("correlate", "trust_windows: 0", "1:16 trust_windows: should be greater than 0"),
        ("correlate", "change_reach_s: 0s", "1:17 change_reach_s: should be greater than 0"),
        ("correlate", "change_days: 9999", "1:14 change_days: should be less than or equal to 3650"),
        ("correlate", "topology: {together_s: 0.1}", "together_s: should be greater than or equal to 1"),
        ("correlate", "window_s: 1000000000000", "1:11 window_s: should be less than or equal to 315360000"),
        ("correlate", "trust_windows: inf", "1:16 trust_windows: should be a finite number"),
        ("dedup", "contacts: {factor: 9999}", "contacts.factor: should be less than or equal to 1000"),
        ("incidents", "similar: {recurs_days: 9999}", "recurs_days: should be less than or equal to 3650"),
    ],
)
def test_what_could_not_be_worked_with_is_refused(tmp_path, name, text, said):
    file = f"{name}.yaml" if name == "incidents" else f"{name}/own.yaml"
    [problem] = problems(written(tmp_path, text, file))
    assert said in problem
