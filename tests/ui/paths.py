"""Where things lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "alertmesh/console/ui/node_modules/axe-core/axe.min.js"
