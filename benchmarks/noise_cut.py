"""Measure what the dedup rules keep away from people, and that no real trouble is kept away.

    python -m benchmarks.noise_cut
    python -m benchmarks.noise_cut --seeds 1 --days 3 --nodes 500
    ALERTMESH_DATA=... python -m benchmarks.noise_cut --streams ait_ads/original/shaw

Each week of `benchmarks.cluster_week` is replayed twice in this process: without any rule, and
with the shipped ones. Nobody answers the pages. Evaluation seeds were not used to build the rules.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from alertmesh.config import load
from alertmesh.core.series import Mark
from alertmesh.recorded import RecordedAlert, read_recorded
from alertmesh.replay import Replay
from alertmesh.tally import Tally
from alertmesh.wiring import Wiring
from benchmarks.cluster_ground import Shape, moment
from benchmarks.cluster_week import Week
from benchmarks.convert import convert
from benchmarks.noise_judge import MARKS, NOISE, Judged, Verdict, judge

_DEVELOPMENT, _EVALUATION = (1, 2, 3), (101, 102, 103)
_PAGE_GOALS = {"healing": 0.90, "routine": 0.90}
_MESSAGE_GOALS = {"flapping": 0.95}
_NOISE_HEAD = (
    *("kind", "episodes", "firings"),
    *("no rules", "rules", "avoided", "goal"),
    *("by change", "rules", "avoided", "goal"),
)


def run(
    alerts: Iterable[RecordedAlert], rules: Path | None, *, bare: bool, since: int | None = None
) -> Tally:
    """Replay a recording, with the rules or `bare` of them, and return the count."""
    wiring = Wiring(load(None, rules, {}))
    if bare:
        wiring.pipeline.dedup.rules = ()
    tally = Tally() if since is None else Tally(moment(since))
    Replay(wiring, tally).run(alerts)
    return tally


def measure(seed: int, shape: Shape, rules: Path | None) -> Judged:
    """Return what one week came to."""
    week = Week(seed, shape)
    began = time.process_time()
    without = run(week.alerts(), rules, bare=True, since=shape.begin)
    middle = time.process_time()
    with_rules = run(week.alerts(), rules, bare=False, since=shape.begin)
    seconds = (middle - began, time.process_time() - middle)
    return judge(week, without, with_rules, seconds)


def show(title: str, weeks: Sequence[Judged]) -> None:
    """Print the sums over some weeks."""
    total = weeks[0]
    for week in weeks[1:]:
        total = total + week
    print(f"\n== {title}: {total.lines} alerts in, {total.events} firings that count")
    _show_noise(total)
    _show_rules(total)
    _show_trouble(total)
    _show_marks(total)
    before, after = total.seconds
    print(f"processor seconds: {before:.1f} without rules, {after:.1f} with them")


def _show_noise(total: Judged) -> None:
    row = "{:<10} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6} {:>10} {:>10} {:>8} {:>6}"
    print(row.format("", "", "", "pages", "", "", "", "messages", "", "", ""))
    print(row.format(*_NOISE_HEAD))
    for kind in NOISE:
        item = total.noise[kind]
        spared = _share(item.pages_before - item.pages_after, item.pages_before)
        kept = _share(item.changes - item.messages_after, item.changes)
        pages = (item.pages_before, item.pages_after, spared, _goal(_PAGE_GOALS, kind))
        messages = (item.changes, item.messages_after, kept, _goal(_MESSAGE_GOALS, kind))
        print(row.format(kind, item.episodes, item.firings, *pages, *messages))
    for kind in _PAGE_GOALS:
        item = total.noise[kind]
        before, after = item.pages_before - item.due_before, item.pages_after - item.due_after
        print(
            f"{kind}: {item.due_before} pages without rules, {item.due_after} with them, are about what"
            f" outlives its bound; of the others {_share(before - after, before)} are avoided"
        )
    left = ", ".join(f"{case} {count}" for (_, case), count in total.left.most_common() if count)
    print(f"pages about noise that are left: {left or 'none'}")
    print(f"firings of noise in an incident of real trouble: {total.covered} of {total.noise_firings}")


def _goal(goals: dict[str, float], kind: str) -> str:
    return f"{goals[kind]:.0%}" if kind in goals else ""


def _show_rules(total: Judged) -> None:
    print(
        f"in all: {total.changes_after} changes out, {total.held} of them with a hold; pages"
        f" {total.pages_before} without rules, {total.pages_after} with them"
    )
    if total.rules:
        said = ", ".join(f"{rule} {count}" for rule, count in sorted(total.rules.items()))
        print(f"said by rule: {said}")
    else:
        print("no rule said anything")


def _show_trouble(total: Judged) -> None:
    row = "{:<24} {:>6} {:>6} {:>6} {:>9} {:>9} {:>9} {:>9} {:>6}"
    print(row.format("must page", "asked", "never", "lost", "p50 s", "p99 s", "more p50", "more p99", "late"))
    for case in ["in all", *sorted({item.case for item in total.verdicts})]:
        items = [item for item in total.verdicts if case in ("in all", item.case)]
        print(row.format(case, *_delays(items)))


def _delays(items: Sequence[Verdict]) -> tuple[object, ...]:
    told = [item for item in items if item.after is not None]
    delays = sorted(item.after for item in told if item.after is not None)
    more = sorted(
        item.after - item.before for item in told if item.after is not None and item.before is not None
    )
    never = sum(1 for item in items if item.before is None and item.after is None)
    lost = sum(1 for item in items if item.lost)
    late = sum(1 for item in items if item.late)
    return (
        len(items),
        never,
        lost,
        _quantile(delays, 0.5),
        _quantile(delays, 0.99),
        _quantile(more, 0.5),
        _quantile(more, 0.99),
        late,
    )


def _show_marks(total: Judged) -> None:
    row = "{:<10} {:>8} {:>8} {:>8} {:>10} {:>8}"
    print(row.format("mark", "right", "wrong", "missed", "precision", "recall"), "wrong on")
    for mark in MARKS:
        right, wrong, missed = total.marks[mark]
        precision, recall = _share(right, right + wrong), _share(right, right + missed)
        print(row.format(mark.value, right, wrong, missed, precision, recall), _wrong_on(total, mark))


def _wrong_on(total: Judged, mark: Mark) -> str:
    cases = {case: count for (found, case), count in total.wrong_on.most_common() if found is mark}
    return ", ".join(f"{case} {count}" for case, count in list(cases.items())[:5])


def show_stream(name: str, rules: Path | None) -> None:
    """Print what the rules do to a recorded stream, about which no truth of this kind is known."""
    root = Path(os.environ.get("ALERTMESH_DATA", "."))
    found = next((path for path in (root / name, root / f"{name}.csv.gz") if path.exists()), None)
    if found is None:
        raise SystemExit(f"{name}: ALERTMESH_DATA has no such stream")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "alerts.jsonl"
        lines = convert(found, path)
        before, after = (run(read_recorded(path), rules, bare=bare) for bare in (True, False))
    pages = [sum(len(account.pages) for account in tally.accounts()) for tally in (before, after)]
    marked = {mark.value: len(after.marked(mark)) for mark in MARKS}
    print(
        f"{name:<32} {lines:>8} in {after.changes.total():>8} changes {after.held:>7} held"
        f" {pages[0]:>6} -> {pages[1]:>6} pages; series marked {marked}",
        flush=True,
    )


def _streams() -> list[str]:
    root = Path(os.environ.get("ALERTMESH_DATA", "."))
    return [path.relative_to(root).as_posix() for path in sorted((root / "microservices").glob("*/"))]


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _quantile(values: Sequence[float], share: float) -> str:
    return f"{values[min(len(values) - 1, int(share * len(values)))]:.0f}" if values else "-"


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", help="these only, instead of all six")
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--warmup", type=int, default=21)
    parser.add_argument("--nodes", type=int, default=2000)
    parser.add_argument("--rules", type=Path, help="directory of rules; default: those shipped")
    parser.add_argument(
        "--streams", nargs="*", help="streams below $ALERTMESH_DATA instead; none named: microservices"
    )
    given = parser.parse_args()
    if given.streams is not None:
        for name in given.streams or _streams():
            show_stream(name, given.rules)
        return
    shape = Shape(given.nodes, given.days, given.warmup)
    sets = (
        {"seeds given": given.seeds}
        if given.seeds
        else {"development seeds": _DEVELOPMENT, "evaluation seeds": _EVALUATION}
    )
    for title, seeds in sets.items():
        weeks = [measure(seed, shape, given.rules) for seed in seeds]
        show(f"{title} {', '.join(map(str, seeds))}", weeks)


if __name__ == "__main__":
    main()
