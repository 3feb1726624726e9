import pytest

from alertmesh.correlate.root_words import Kind, Reader, RootWords

READER = Reader(RootWords())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("KubePodCrashLooping", Kind.DOWN),
        ("KubeNodeNotReady", Kind.DOWN),
        ("OOMKilled", Kind.DOWN),
        ("主机宕机", Kind.DOWN),
        ("node_disk_space_low", Kind.RESOURCE),
        ("CPUThrottlingHigh", Kind.RESOURCE),
        ("内存使用率过高", Kind.RESOURCE),
        ("HighRequestErrorRate", Kind.ERROR),
        ("http-5xx-ratio", Kind.ERROR),
        ("SuccessRateLow", Kind.ERROR),
        ("Service is degraded", Kind.ERROR),
        ("HighRequestLatency", Kind.LATENCY),
        ("Response time is too high", Kind.LATENCY),
        ("接口响应时间过长", Kind.LATENCY),
        ("NoRequestsReceived", Kind.TRAFFIC),
        ("PodNetRxAnomalous", Kind.TRAFFIC),
        ("SomethingOdd", Kind.OTHER),
        ("", Kind.OTHER),
    ],
)
def test_the_name_tells_the_kind(name: str, kind: Kind) -> None:
    assert READER.read(name).kind is kind


@pytest.mark.parametrize(("name", "outward"), [("ClientLatencyHigh", True), ("ServerLatencyHigh", False)])
def test_the_name_tells_whether_it_is_about_those_it_calls(name: str, outward: bool) -> None:
    assert READER.read(name).outward is outward


@pytest.mark.parametrize(
    ("thing", "indirect"),
    [("shop-lb", True), ("a.elb.example.com", True), ("订单网关", True), ("orders", False), ("album", False)],
)
def test_what_hands_on_is_known_by_its_name(thing: str, indirect: bool) -> None:
    assert READER.is_indirect(thing) is indirect


def test_other_words_may_be_set() -> None:
    assert Reader(RootWords(down=("kaputt",))).read("db_kaputt").kind is Kind.DOWN
