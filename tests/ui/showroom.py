"""A module that shows every kind of block, with something to do, to page through and to fail at."""

from datetime import UTC, datetime, timedelta

from alertmesh.core.errors import BadCommand, BadPayload
from alertmesh.core.module import (
    Choice,
    Done,
    Field,
    FieldType,
    Given,
    Hands,
    Module,
    ModuleAction,
    ModulePage,
    Views,
)
from alertmesh.core.sheet import (
    Button,
    Buttons,
    Chart,
    Code,
    Column,
    Figure,
    Figures,
    Link,
    Log,
    Prose,
    Series,
    Shape,
    Sheet,
    State,
    Table,
    Tone,
    Type,
    Words,
    both,
)

START = datetime(2026, 11, 23, tzinfo=UTC)
STATES = {
    "up": State(Words("up", "正常"), Tone.GOOD),
    "down": State(Words("down", "故障"), Tone.BAD),
}
ROWS = [
    [
        f"pod-{number}",
        "down" if number % 7 == 3 else "up",
        number * 1_500_000,
        number * 61.0,
        number / 40,
        START + timedelta(hours=number),
        Link("logs", "https://logs.example.org/"),
        Button("restart", {"pod": f"pod-{number}"}),
    ]
    for number in range(30)
]


async def _everything(view: Views, given: Given) -> Sheet:
    if given.text("show") == "fail":
        raise RuntimeError("the cluster does not answer")
    return Sheet([*_words(), *_figures(), *_charts(), _table(given.text("after")), _act()])


def _words() -> list[Prose | Log | Code]:
    text = Words(
        "One **node** is `NotReady`, see [incidents](/incidents).\n\n- first\n- second",
        "一个 **节点** 处于 `NotReady`，见 [事件](/incidents)。\n\n- 其一\n- 其二",
    )
    log = [f"04:0{number} line {number} of the log" for number in range(8)]
    return [
        Prose(text=text, title=Words("What it means", "含义"), tone=Tone.WARNING),
        Log(lines=log, title=Words("Log", "日志")),
        Code(text="kubectl get nodes", language="sh", title=Words("By hand", "手工执行")),
    ]


def _figures() -> list[Figures]:
    figures = [
        Figure(label=Words("Nodes", "节点"), value=1_234_567, trend=[1, 3, 2, 5, 4, 8]),
        Figure(label=Words("Memory", "内存"), value=3_400_000_000, type=Type.BYTES, tone=Tone.WARNING),
        Figure(label=Words("Ready", "就绪"), value=0.973, type=Type.PERCENT, tone=Tone.GOOD),
        Figure(label=Words("Uptime", "运行时间"), value=93_784, type=Type.DURATION),
        Figure(label=Words("Rate", "速率"), value=12.5, unit=Words("per second", "每秒")),
        Figure(label=Words("Unknown", "未知"), value=None),
        Figure(label=Words("Leads on", "跳转"), value=8, to="/incidents", tone=Tone.BAD),
    ]
    return [Figures(figures=figures, title=Words("Figures", "数值"))]


def _charts() -> list[Chart]:
    times = [START + timedelta(minutes=5 * number) for number in range(24)]
    cpu = [None if number in (7, 8) else 20 + (number * 7) % 30 for number in range(24)]
    groups = Chart(
        title=Words("By namespace", "按命名空间"),
        groups=["shop", "payments", "kube-system"],
        series=[
            Series(label=Words("pods", "容器组"), values=[12, 7, 31]),
            Series(label=Words("failed", "失败"), values=[0, 2, None], tone=Tone.BAD),
        ],
    )
    over_time = Chart(
        title=Words("CPU", "处理器"),
        times=times,
        shape=Shape.AREA,
        series=[Series(label=Words("cores", "核"), values=cpu)],
    )
    return [over_time, groups]


def _table(after: str) -> Table:
    first = int(after) if after.isdigit() else 0
    return Table(
        title=Words("Pods", "容器组列表"),
        columns=[
            Column(name="name", title=Words("Name", "名称")),
            Column(name="state", title=Words("State", "状态"), type=Type.STATE, states=STATES),
            Column(name="memory", title=Words("Memory", "内存"), type=Type.BYTES),
            Column(name="age", title=Words("Age", "时长"), type=Type.DURATION),
            Column(name="share", title=Words("Share", "占比"), type=Type.PERCENT),
            Column(name="started", title=Words("Started", "启动时间"), type=Type.MOMENT),
            Column(name="logs", title=Words("Logs", "日志"), type=Type.LINK, sortable=False),
            Column(name="do", title=Words("Do", "操作"), type=Type.ACTION, sortable=False),
        ],
        rows=ROWS[first : first + 12],
        pager="after",
        next=str(first + 12) if first + 12 < len(ROWS) else None,
    )


def _act() -> Buttons:
    return Buttons(buttons=[Button("scale")])


async def _restart(hands: Hands, given: Given, actor: str) -> Done:
    pod = given.text("pod")
    if pod == "pod-3":
        raise BadCommand("pod-3 is being drained")
    return Done(Words(f"{pod} restarts", f"{pod} 正在重启"))


async def _scale(hands: Hands, given: Given, actor: str) -> Done:
    if (given.whole("replicas") or 0) > 5:
        raise BadPayload("has room for 5 at most", "replicas")
    text = f"{given.text('workload')} has {given.whole('replicas')} replicas"
    return Done(Words(text, text), "/m/showroom/everything?show=all")


SHOW = Field(
    name="show",
    label=Words("Show", "显示"),
    type=FieldType.CHOICE,
    required=True,
    default="all",
    choices=[Choice("all", Words("all", "全部")), Choice("fail", Words("failure", "故障"))],
)

SHOWROOM = Module(
    name="showroom",
    title=Words("Showroom", "展示"),
    summary=Words("Every kind of block", "各类区块"),
    pages=[
        ModulePage(
            name="everything",
            title=Words("Everything", "全部"),
            draw=_everything,
            fields=[SHOW, Field(name="after", label=both("after"), type=FieldType.PLACE)],
        ),
    ],
    actions=[
        ModuleAction(
            name="restart",
            label=Words("Restart", "重启"),
            run=_restart,
            fields=[Field(name="pod", label=Words("Pod", "容器组"), required=True)],
            confirm=Words("Restart this pod?", "重启该容器组？"),
            danger=True,
        ),
        ModuleAction(
            name="scale",
            label=Words("Scale", "扩缩容"),
            run=_scale,
            fields=[
                Field(name="workload", label=Words("Workload", "工作负载"), default="cart", required=True),
                Field(
                    name="replicas",
                    label=Words("Replicas", "副本数"),
                    type=FieldType.WHOLE,
                    required=True,
                    least=0,
                    most=50,
                ),
                Field(name="person", label=Words("Person", "人员"), type=FieldType.PERSON),
                Field(name="when", label=Words("When", "时间"), type=FieldType.MOMENT),
                Field(name="note", label=Words("Note", "备注"), type=FieldType.LINES),
                Field(name="drain", label=Words("Drain first", "先驱逐"), type=FieldType.FLAG),
            ],
        ),
    ],
)
