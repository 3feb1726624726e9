"""Read from the name of an alert what kind of trouble it tells of."""

import re
from enum import IntEnum
from itertools import pairwise

from msgspec import Struct

_TOKEN = re.compile(r"[pP]\d{2,3}(?!\d)|\d[xX]{2}|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_MEMO = 4096


class Kind(IntEnum):
    """What an alert tells of, from what a thing does to others to what others do to it."""

    DOWN = 0
    RESOURCE = 1
    ERROR = 2
    LATENCY = 3
    TRAFFIC = 4
    OTHER = 5


class RootWords(Struct, frozen=True, kw_only=True):
    """Set the words by which alerts are told apart; of several kinds the first that is listed counts.

    A word in Latin letters stands for a word of the name or two joined (`notready`), any other
    for a part of it. `outward` marks what a thing sees of those it calls; a thing with a word of
    `indirect` in its name only hands on what others do.
    """

    down: tuple[str, ...] = (
        *("down", "unreachable", "unavailable", "notready", "offline", "dead", "lost", "missing", "absent"),
        *("crash", "crashed", "crashing", "crashloop", "looping", "oom", "killed", "restart", "restarts"),
        *("restarted", "restarting", "evicted", "stuck", "waiting", "pending", "mismatch", "unhealthy"),
        *(
            "panic",
            "noleader",
            "reboot",
            "rebooted",
            "failover",
            "readonly",
            "notrunning",
            "stopped",
            "unschedulable",
        ),
        *("宕机", "不可达", "离线", "重启", "崩溃", "失联", "掉线", "驱逐", "不健康", "未就绪", "停止"),
    )
    resource: tuple[str, ...] = (
        *("cpu", "memory", "mem", "disk", "filesystem", "inode", "inodes", "swap", "load", "throttled"),
        *("throttling", "saturation", "saturated", "pressure", "space", "storage", "volume", "quota"),
        *("heap", "gc", "pool", "thread", "threads", "descriptors", "fd", "iops", "iowait", "exhausted"),
        *("utilization", "utilisation", "temperature", "fan", "power", "backlog", "queue", "certificate"),
        *("内存", "磁盘", "负载", "空间", "句柄", "线程", "连接池", "存储", "温度", "处理器", "积压", "证书"),
    )
    error: tuple[str, ...] = (
        *("error", "errors", "err", "errs", "fail", "fails", "failed", "failing", "failure", "failures"),
        *("exception", "exceptions", "fault", "faults", "degraded", "availability", "successrate", "5xx"),
        *("4xx", "500", "502", "503", "504", "timeout", "timeouts", "rejected", "refused", "aborted"),
        *("错误", "失败", "异常", "可用性", "成功率", "降级", "报错", "故障", "超时", "拒绝"),
    )
    latency: tuple[str, ...] = (
        *("latency", "latencies", "slow", "slowness", "duration", "responsetime", "rtt", "delay", "delayed"),
        *("lag", "lagging", "p50", "p90", "p95", "p99", "p999", "apdex", "elapsed"),
        *("延迟", "时延", "慢", "耗时", "响应时间", "滞后"),
    )
    traffic: tuple[str, ...] = (
        *("traffic", "request", "requests", "rate", "throughput", "qps", "rps", "tps", "bandwidth", "net"),
        *("network", "packets", "bytes", "receive", "transmit", "rx", "tx", "operations", "calls"),
        *("流量", "请求量", "吞吐", "带宽", "网络", "访问量"),
    )
    outward: tuple[str, ...] = (
        *("client", "outbound", "outgoing", "egress", "upstream", "caller", "dependency"),
        *("客户端", "出站", "上游", "依赖"),
    )
    indirect: tuple[str, ...] = (
        *("client", "remote", "elb", "alb", "nlb", "lb", "loadbalancer", "proxy", "ingress", "gateway"),
        *("客户端", "代理", "网关", "负载均衡"),
    )


class Reading(Struct, frozen=True, gc=False):
    """What the name of an alert says: which kind of trouble, and whether with those it calls."""

    kind: Kind
    outward: bool


class Reader:
    """Reads names by a set of words; what it read is kept, up to a bound."""

    def __init__(self, words: RootWords) -> None:
        listed = (words.down, words.resource, words.error, words.latency, words.traffic)
        self._kinds = [(kind, *_split(listed[kind])) for kind in Kind if kind is not Kind.OTHER]
        self._outward = _split(words.outward)
        self._indirect = _split(words.indirect)
        self._memo: dict[str, Reading] = {}
        self._indirect_memo: dict[str, bool] = {}

    def read(self, name: str) -> Reading:
        """Return what an alert's name says.

        >>> Reader(RootWords()).read("PodClientLatencyP99High")
        Reading(kind=<Kind.LATENCY: 3>, outward=True)
        """
        known = self._memo.get(name)
        if known is None:
            if len(self._memo) >= _MEMO:
                self._memo.clear()
            known = self._memo[name] = self._read(name)
        return known

    def is_indirect(self, entity: str) -> bool:
        """Tell whether a thing, by its name, only hands on what others do."""
        known = self._indirect_memo.get(entity)
        if known is None:
            if len(self._indirect_memo) >= _MEMO:
                self._indirect_memo.clear()
            known = self._indirect_memo[entity] = _says(_tokens(entity), entity, *self._indirect)
        return known

    def _read(self, name: str) -> Reading:
        tokens = _tokens(name)
        found = (kind for kind, latin, parts in self._kinds if _says(tokens, name, latin, parts))
        return Reading(next(found, Kind.OTHER), _says(tokens, name, *self._outward))


def _split(words: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    latin = frozenset(word for word in words if word.isascii())
    return latin, tuple(word for word in words if not word.isascii())


def _tokens(name: str) -> frozenset[str]:
    words = [word.lower() for word in _TOKEN.findall(name)]
    return frozenset((*words, *(a + b for a, b in pairwise(words))))


def _says(tokens: frozenset[str], name: str, latin: frozenset[str], parts: tuple[str, ...]) -> bool:
    return not latin.isdisjoint(tokens) or any(part in name for part in parts)
