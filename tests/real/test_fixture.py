"""The rig of real servers does what the end-to-end tests rely on."""

import pytest

from tests.real.local import Receiver, wait_until
from tests.real.prometheus import Monitors, Wiring

RULES = """
groups:
- name: rig
  rules:
  - alert: DiskFull
    expr: disk_used_ratio > 0.9
    labels: {severity: critical}
    annotations: {summary: '{{ $labels.host }} 磁盘已满'}
"""


@pytest.mark.prometheus
def test_an_alert_arrives_by_the_webhook_and_straight_from_prometheus(tmp_path):
    with Receiver() as receiver:
        wiring = Wiring(f"{receiver.url}/hook", f"127.0.0.1:{receiver.port}", token="s3cret")
        with Monitors(tmp_path, RULES, wiring) as monitors:
            monitors.exporter.set_series("disk_used_ratio", {"host": 'web-"01"'}, 0.97)
            wanted = {"/hook", "/from/prom/api/v2/alerts"}
            wait_until("both posts", 15, lambda: wanted <= {post.path for post in receiver.posted})
    for post in receiver.posted:
        alerts = post.body["alerts"] if post.path == "/hook" else post.body
        assert alerts[0]["labels"]["host"] == 'web-"01"'
        assert alerts[0]["annotations"] == {"summary": 'web-"01" 磁盘已满'}
        assert post.headers["Authorization"] == "Bearer s3cret"
