"""A data set's rows become recorded alerts, and the answers in them stay behind."""

import gzip

from alertmesh.recorded import read_recorded
from benchmarks.convert import convert, convert_topology

ALERTS = """alert_id,t,end,source,name,severity,cluster,namespace,service,pod,node,peer,text,group,truth_note
7,60.5,120.5,zabbix,DiskFull,warning,c1,,db,,n3,,磁盘 97%,i042,secret
"""


def stream(tmp_path):
    with gzip.open(tmp_path / "alerts.csv.gz", "wt") as out:
        out.write(ALERTS)
    (tmp_path / "topology.csv").write_text("cluster,a,b,kind\nc1,db,n3,runs_on\n")
    return tmp_path


def test_labels_are_the_columns_that_say_something(tmp_path):
    convert(stream(tmp_path), tmp_path / "out.jsonl")
    [alert] = read_recorded(tmp_path / "out.jsonl")
    wanted = {"alertname": "DiskFull", "severity": "warning", "cluster": "c1", "service": "db", "node": "n3"}
    assert alert.labels == wanted
    assert alert.annotations == {"summary": "磁盘 97%"}


def test_times_are_utc(tmp_path):
    convert(stream(tmp_path), tmp_path / "out.jsonl")
    [alert] = read_recorded(tmp_path / "out.jsonl")
    assert (alert.ends_at - alert.time).total_seconds() == 60
    assert alert.time.isoformat() == "1970-01-01T00:01:00.500000+00:00"


def test_the_answer_is_not_carried_over(tmp_path):
    convert(stream(tmp_path), tmp_path / "out.jsonl")
    text = (tmp_path / "out.jsonl").read_text()
    assert "i042" not in text
    assert "secret" not in text


def test_topology_has_the_columns_that_replay_reads(tmp_path):
    convert_topology(stream(tmp_path), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "a,b,kind,cluster\ndb,n3,runs_on,c1\n"


def test_telecom_alarms_are_read_in_order_of_time(tmp_path):
    with gzip.open(tmp_path / "alarms.csv.gz", "wt") as out:
        out.write("alert_id,alarm,device,start,end\n1,11,28,90,95\n2,3,28,60,70\n")
    convert(tmp_path, tmp_path / "out.jsonl")
    names = [alert.labels["alertname"] for alert in read_recorded(tmp_path / "out.jsonl")]
    assert names == ["Alarm3", "Alarm11"]
