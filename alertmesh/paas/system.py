"""AlertMesh itself, as a module: how it is, who did what, who may come in, what is plugged in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alertmesh.core.audit import Sought, search
from alertmesh.core.module import (
    Choice,
    Done,
    Facts,
    Field,
    FieldType,
    Given,
    Hands,
    Module,
    ModuleAction,
    ModulePage,
    ModuleTask,
    Views,
)
from alertmesh.core.sheet import (
    Block,
    Button,
    Buttons,
    Chart,
    Column,
    Figure,
    Figures,
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
from alertmesh.paas import samples

_RING = "samples"
_MINUTE = timedelta(minutes=1)
_ROWS = 100
_SCAN = 2_000
_TREND = 60
_QUEUE_WARNS = 1_000
_SPANS = {"1h": 1, "3h": 3, "6h": 6, "12h": 12}
_PLUGIN = {
    "good": State(Words("works", "可用"), Tone.GOOD),
    "bad": State(Words("cannot be used", "不可用"), Tone.BAD),
}


async def _overview(view: Views, given: Given) -> Sheet:
    facts, now = view.facts(), view.now()
    span = timedelta(hours=_SPANS[given.text("span")])
    found = samples.read(view.kept(_RING)).last(now, span)
    return Sheet([*_troubles(facts), _figures(facts, now, found), *_charts(found), _buttons()])


def _troubles(facts: Facts) -> list[Block]:
    """Return what is wrong, if anything is."""
    if facts.health.ready:
        return []
    said = "\n".join(f"- {reason}" for reason in facts.health.reasons)
    text = Words(f"Work cannot be taken now:\n\n{said}", f"暂时无法受理：\n\n{said}")
    return [Prose(text=text, tone=Tone.BAD)]


def _figures(facts: Facts, now: datetime, found: Sequence[samples.Sample | None]) -> Figures:
    lately = [one for one in found if one is not None][-_TREND:]
    levels, queue = facts.levels, facts.health.queue
    waits = Words("Entries of the log that nothing was decided on yet", "日志中尚未处理的条目")
    return Figures(
        figures=[
            Figure(label=Words("Version", "版本"), value=facts.version, type=Type.TEXT),
            Figure(
                label=Words("Running for", "已运行"),
                value=(now - facts.started_at).total_seconds(),
                type=Type.DURATION,
            ),
            Figure(
                label=Words("Waiting", "排队"),
                value=queue,
                tone=Tone.WARNING if queue >= _QUEUE_WARNS else Tone.PLAIN,
                trend=[one.queue for one in lately],
                about=waits,
            ),
            Figure(
                label=Words("Open incidents", "未关闭事件"),
                value=sum(levels.incidents.values()),
                trend=[one.incidents for one in lately],
                to="/incidents",
            ),
            Figure(label=Words("Alerts known", "已知告警"), value=levels.instances),
            Figure(label=Words("Series", "告警序列"), value=levels.series),
            Figure(
                label=Words("Store on disk", "存储占用"), value=facts.store_bytes or None, type=Type.BYTES
            ),
            Figure(
                label=Words("Memory", "内存"),
                value=facts.memory_bytes or None,
                type=Type.BYTES,
                trend=[one.memory_bytes for one in lately],
            ),
        ]
    )


def _charts(found: Sequence[samples.Sample | None]) -> list[Block]:
    places = samples.places(found)
    if not places:
        text = Words(
            "Charts begin with the first minute that was measured.", "首个一分钟的测量完成后开始显示图表。"
        )
        return [Prose(text=text)]
    per_minute = Words("per minute", "每分钟")
    return [
        Chart(
            title=Words("Alerts and decisions", "告警与决策"),
            times=places,
            shape=Shape.AREA,
            unit=per_minute,
            series=[
                Series(label=Words("alerts taken", "收到告警"), values=_line(found, "alerts")),
                Series(label=Words("entries decided", "处理条目"), values=_line(found, "decided")),
            ],
        ),
        Chart(
            title=Words("Memory", "内存"),
            times=places,
            type=Type.BYTES,
            series=[
                Series(label=Words("held", "占用"), values=_line(found, "memory_bytes")),
            ],
        ),
    ]


def _line(found: Sequence[samples.Sample | None], name: str) -> list[float | None]:
    return [None if one is None else float(getattr(one, name)) for one in found]


def _buttons() -> Buttons:
    return Buttons(buttons=[Button("reload"), Button("test-page")])


async def _audit(view: Views, given: Given) -> Sheet:
    before = given.text("before")
    sought = Sought(
        actor=given.text("actor"),
        action=given.text("action"),
        target=given.text("target"),
        since=given.moment("from"),
        until=given.moment("to"),
    )
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found, after = search(view.audit, sought, start or None, _ROWS, _SCAN)
    table = Table(
        columns=[
            Column(name="at", title=Words("When", "时间"), type=Type.MOMENT),
            Column(name="actor", title=Words("Who", "操作者")),
            Column(name="action", title=Words("What", "动作")),
            Column(name="target", title=Words("To what", "对象")),
            Column(name="detail", title=Words("In detail", "详情"), sortable=False),
        ],
        rows=[[one.at, one.actor, one.action, one.target, one.detail] for _, one in found],
        empty=Words("Nobody did anything of the kind.", "没有符合条件的操作。"),
        pager="before",
        next=None if after is None else str(after),
    )
    return Sheet([table])


async def _access(view: Views, _given: Given) -> Sheet:
    tokens = Table(
        title=Words("Access tokens", "访问令牌"),
        columns=[
            Column(name="name", title=Words("Name", "名称")),
            Column(name="scopes", title=Words("May", "权限")),
            Column(name="created", title=Words("Made", "创建时间"), type=Type.MOMENT),
        ],
        rows=[[one.name, ", ".join(one.scopes), one.created_at] for one in view.tokens()],
        empty=Words(
            "There is no token. `alertmesh token create` makes one.",
            "没有令牌，可用 `alertmesh token create` 创建。",
        ),
    )
    return Sheet([tokens])


async def _plugins(view: Views, _given: Given) -> Sheet:
    table = Table(
        columns=[
            Column(name="group", title=Words("Kind", "类别")),
            Column(name="name", title=Words("Name", "名称")),
            Column(name="state", title=Words("State", "状态"), type=Type.STATE, states=_PLUGIN),
            Column(name="value", title=Words("Where", "位置")),
            Column(name="error", title=Words("Why not", "原因"), sortable=False),
        ],
        rows=[
            [one.group, one.name, "bad" if one.error else "good", one.value, one.error]
            for one in view.plugins()
        ],
    )
    return Sheet([table])


async def _reload(hands: Hands, _given: Given, _actor: str) -> Done:
    await hands.reload()
    return Done(Words("Configuration and rules were read anew.", "配置与规则已重新加载。"))


async def _test_page(hands: Hands, given: Given, _actor: str) -> Done:
    person = given.text("person")
    ways = await hands.test(person)
    text = Words(
        f"A test message to {person} is on its way, by {ways} {'way' if ways == 1 else 'ways'}.",
        f"已向 {person} 发送测试消息，共 {ways} 条途径。",
    )
    return Done(text, "/delivery")


async def _measure(hands: Hands) -> None:
    """Take one sample."""
    facts = hands.facts()
    levels = (
        facts.decided,
        facts.alerts,
        facts.health.queue,
        sum(facts.levels.incidents.values()),
        facts.memory_bytes,
    )
    grown = samples.read(hands.kept(_RING)).grown(hands.now(), levels)
    await hands.keep(_RING, samples.written(grown))


_SPAN = Field(
    name="span",
    label=Words("Time", "时段"),
    type=FieldType.CHOICE,
    default="3h",
    required=True,
    choices=[Choice(name, Words(f"{hours} h", f"{hours} 小时")) for name, hours in _SPANS.items()],
)
_AUDIT_FIELDS = (
    Field(name="actor", label=Words("Who", "操作者"), most=200),
    Field(name="action", label=Words("What", "动作"), most=200),
    Field(
        name="target",
        label=Words("To what", "对象"),
        most=200,
        hint=Words("how it begins, such as incident/7", "前缀，例如 incident/7"),
    ),
    Field(name="from", label=Words("From", "从"), type=FieldType.MOMENT),
    Field(name="to", label=Words("Until", "到"), type=FieldType.MOMENT),
    Field(name="before", label=both("before"), type=FieldType.PLACE, most=18),
)

MODULE = Module(
    name="system",
    title=both("AlertMesh"),
    summary=Words(
        "How AlertMesh itself is, and who did what with it.", "AlertMesh 自身的运行状况，以及谁做了什么。"
    ),
    pages=[
        ModulePage(name="overview", title=Words("Overview", "概览"), draw=_overview, fields=[_SPAN]),
        ModulePage(
            name="audit",
            title=Words("Audit log", "审计日志"),
            about=Words(
                "Every action of people and their tools, the newest first.",
                "人员与工具的每一次操作，最新的在前。",
            ),
            draw=_audit,
            fields=_AUDIT_FIELDS,
            refresh_s=0,
        ),
        ModulePage(
            name="access",
            title=Words("Tokens", "令牌"),
            about=Words(
                "What is good for what. Their secrets are kept by nobody.", "令牌及其权限，密文不予保存。"
            ),
            draw=_access,
            scope="admin",
            refresh_s=0,
        ),
        ModulePage(name="plugins", title=Words("Plugins", "插件"), draw=_plugins, refresh_s=0),
    ],
    actions=[
        ModuleAction(
            name="reload",
            label=Words("Reload configuration", "重新加载配置"),
            about=Words("A bad file keeps what is in force.", "配置有误时继续使用现有配置。"),
            run=_reload,
            scope="admin",
            confirm=Words("Read configuration and rules anew?", "重新加载配置与规则？"),
        ),
        ModuleAction(
            name="test-page",
            label=Words("Send a test message", "发送测试消息"),
            about=Words(
                "By every way to somebody; it asks for nothing.", "通过该人员的全部途径发送，无需响应。"
            ),
            run=_test_page,
            fields=[
                Field(name="person", label=Words("To whom", "接收人"), type=FieldType.PERSON, required=True)
            ],
        ),
    ],
    tasks=[ModuleTask(name="measure", every=_MINUTE, run=_measure)],
)
