"""One host's trouble, seen by three monitors under three names, is one incident once the names are known."""

from pathlib import Path

import pytest

from alertmesh.config import load
from alertmesh.examples import failures

TROUBLE = """
examples:
  - name: three monitors see the host go
    given:
      - at: "10:00"
        source: prometheus
        labels: {alertname: NodeDown, instance: "10.0.0.7:9100", severity: critical}
      - at: "10:01"
        source: zabbix
        labels: {alertname: Agent is silent, host: agent-17.dc1.example.com, severity: high}
      - at: "10:01"
        source: nagios
        labels: {alertname: Host state, host: node-1, severity: critical}
    expect: {at: "10:10", incidents: %d}
"""
NAMES = "domains: [dc1.example.com]\nhosts: [{name: node-1, also: [10.0.0.7, agent-17]}]\n"


@pytest.mark.parametrize(("names", "incidents"), [(NAMES, 1), ("", 3)], ids=["known", "unknown"])
def test_known_names_make_one_incident(tmp_path: Path, names: str, incidents: int) -> None:
    (tmp_path / "aliases.yaml").write_text(names + TROUBLE % incidents)
    assert failures(load(None, tmp_path, {})) == []
