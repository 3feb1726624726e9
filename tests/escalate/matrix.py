"""Draw the table of states and events as the machine has it; `python -m tests.escalate.matrix` writes it."""

from pathlib import Path

from alertmesh.core.response import State
from alertmesh.escalate.events import EventKind
from alertmesh.escalate.machine import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "escalation.md"
BEGIN, END = "<!-- begin: matrix -->", "<!-- end: matrix -->"


def matrix() -> str:
    """Return a row per event and a column per state, with the id of what happens."""
    head = ["event", *(f"`{state}`" for state in State)]
    rows = [[f"`{kind}`", *(TABLE.pairs[state, kind].id for state in State)] for kind in EventKind]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def on_page() -> str:
    """Return what stands between the marks of the page."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    return rest.partition(END)[0].strip()


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{matrix()}\n\n{END}{after}", encoding="utf-8")
