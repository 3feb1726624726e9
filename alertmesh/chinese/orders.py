"""Why an order was refused, as escalation, grouping, delivery and the rulebook word it."""

from alertmesh.chinese.forms import Forms, Place, one_of
from alertmesh.chinese.noise import proposal_in

_ORDERS = {
    "ack": "认领",
    "unack": "放弃",
    "escalate": "转研发",
    "resolve": "解决",
    "snooze": "延后",
    "assign": "指派",
    "return": "退回",
    "merge": "合并",
    "split": "拆分",
    "move": "移动",
    "root": "标记根因",
    "unrelated": "标记无关",
    "note": "添加备注",
    "close": "关闭",
    "priority": "调整优先级",
    "step": "勾选步骤",
    "accept": "采纳",
    "dismiss": "忽略",
}
_BETWEEN = ", "

ORDER = Place(r"[^\s;]+", lambda text, _called: _ORDERS.get(text, text))
ORDERS = Place(r".*", lambda text, _called: "、".join(_ORDERS.get(one, one) for one in text.split(_BETWEEN)))
PROPOSAL = Place(r".+", lambda text, _called: proposal_in("zh", text))
COVER = one_of(
    {"asked": "待回应", "agreed": "已同意", "declined": "已拒绝", "ended": "已结束", "over": "已过期"}
)
SENT = one_of(
    {
        "queued": "排队中",
        "claimed": "发送中",
        "sent": "已发送",
        "delivered": "已送达",
        "read": "已读",
        "failed": "失败",
        "unknown": "未收到回应",
        "withdrawn": "已撤回",
    }
)

_INCIDENTS = (
    ("{order} is out of date", "未能{}，事件已发生变化"),
    ("incident {} is not open", "事件 #{} 已不在处理中"),
    ("group {} is not open", "分组 {} 已不在处理中"),
    ("a step needs its runbook and its number", "须写明预案和步骤序号"),
    ("there is no person {**} who can be paged", "没有可呼叫的人员 {}"),
    ("there is no person {**}; sign as one of the users", "没有人员 {}，请以用户名接班"),
    ("nothing of {**} waits; write what is to be kept", "{} 没有待接手的事件，请写备注"),
    ("{**} is not the number of another incident", "{} 不是另一个事件的编号"),
    ("name the other incident", "请写明另一个事件"),
    ("an incident cannot be held against itself", "事件不能与自身比较"),
    ("a split must leave something behind", "不能拆分全部序列"),
    ("nothing is left in it that could have a root", "该事件已无告警，无法指定根因"),
    ("name the series or the entity that is the root", "请写明作为根因的序列或对象"),
    ("not in this incident: no series named", "没有写明本事件的序列"),
    ("not in this incident: {**}", "不属于本事件：{}"),
    ("suggestion {**} is not made here, or not any more", "此处没有建议 {}，或已失效"),
    ("{} is not something that groups know", "分组不支持 {}"),
    ("{} is not something that series know", "序列不支持 {}"),
    ("{} is together with nothing", "{} 没有与其他序列归在一起"),
    ("{order} needs two series", "{}需要两个序列"),
    ("{**} is not a source that can be imported", "不能导入来源 {}"),
    (
        "that would be {} imported edges; max_told allows {}",
        "导入后将有 {} 条拓扑关系，max_told 最多允许 {} 条",
    ),
    (
        "an error of ours kept this from being carried out; the server's log has it",
        "AlertMesh 内部出错，未能执行，详情见服务器日志",
    ),
)
_COVERS = (
    ("is agreed or asked when an override is made", "新建代班时应为 agreed 或 asked"),
    (
        "ask for a time that is still ahead; to give duty at once, name who has it instead",
        "只能为将来的时段找人代班；要立即交班，请写明由谁接",
    ),
    ("must not overlap the time that it is in return for", "不能与所换的时段重叠"),
    ("{**} was asked, so nobody else can take it", "询问的是 {}，其他人不能接"),
    ("{**} was asked, so nobody else can decline", "询问的是 {}，其他人不能拒绝"),
    ("{**} asked for this and cannot take it", "{} 是发起人，不能自己接"),
    ("nobody was asked by name; who will not take it need not answer", "没有指名询问，不接的人无需回应"),
    (
        "the place of the primary in {**} is given away from {**} to {**} UTC by override {}; end it first",
        "{} 的主值在 {} 至 {} UTC 已由代班 {} 替换，请先结束该代班",
    ),
    (
        "the place of {**} in {**} is given away from {**} to {**} UTC by override {}; end it first",
        "{0} 在 {1} 的班次在 {2} 至 {3} UTC 已由代班 {4} 替换，请先结束该代班",
    ),
    ("{**} does not belong to roster {**}, so has nothing to swap", "{} 不在值班表 {} 中，没有班次可换"),
    ("{**} does not belong to roster {**}", "{} 不在值班表 {} 中"),
    ("say who has duty instead", "请写明由谁值班"),
    ("there is nobody called {**}", "没有名为 {} 的人员"),
    ("{**} has no channel and could not be paged", "{} 没有通知渠道，无法呼叫"),
    ("{**} cannot take their own place", "{} 不能代自己的班"),
    ("a swap is between two people; name both", "换班须写明双方"),
    ("must end after it starts", "结束时间应晚于开始时间"),
    ("is in the past", "时间已过"),
    ("may last {} days at most; change the roster for longer", "最长 {} 天，更久请修改值班表"),
    ("there is an override {} already", "已有代班 {}"),
    ("override {} waits for no answer, it is {cover}", "代班 {} 不在等待回应，现为{}"),
    ("override {} holds no more, it is {cover}", "代班 {} 已不生效，现为{}"),
    ("there is no override {**}", "没有代班 {}"),
    ("there are {} overrides agreed or asked for; end one first", "已有 {} 个代班，请先结束一个"),
)
_SILENCES = (
    ("the silence would be over already", "静默的结束时间已过"),
    ("silence {} is over since {**} UTC", "静默 {} 已于 {} UTC 结束"),
    ("silence {} covers something else by now", "静默 {} 的告警范围已被修改"),
    ("there is no silence {**}", "没有静默 {}"),
    ("there are {} silences; end one first", "已有 {} 个静默，请先结束一个"),
)
_DELIVERIES = (
    ("{**} cannot be reached by any channel, only by none at all", "没有能通知到 {} 的途径"),
    ("{**} cannot be reached by {**}, only by none at all", "{} 不能通过 {} 通知，也没有其他途径"),
    ("{**} cannot be reached by any channel, only by {**}", "{} 只能通过 {} 通知"),
    ("{**} cannot be reached by {**}, only by {**}", "{} 不能通过 {} 通知，只能通过 {}"),
    ("{**} did not fail, it is {sent}; only what failed is tried again", "{} {}，只能重新发送失败的消息"),
    ("{**} asks for somebody who is no longer needed", "{} 所通知的人已无需处理"),
    ("{**} is being tried again already", "{} 正在重新发送"),
    ("channel {**} is of kind {}, which cannot be asked how it is", "途径 {} 的类型 {} 不支持探测"),
    (
        "a test message to {**} still waits; it is over in ten minutes at most",
        "上一条发给 {} 的测试消息仍在等待，最多等待十分钟",
    ),
)
_RULES = (
    ("at most {} at once", "一次最多 {} 个"),
    ("may have {} KiB at most", "最多 {} KiB"),
    ("{**} was changed meanwhile; read it again", "{} 已被修改，请重新读取"),
    (
        "this server was started without files that could be read again",
        "服务器启动时没有使用可重新读取的文件",
    ),
    (
        "{**} is no place for rules; write one like dedup/flap.yaml",
        "{} 不是规则文件的位置，应如 dedup/flap.yaml",
    ),
    ("{**} is no template: its name must end with {}", "{} 不是模板，名称须以 {} 结尾"),
    ("{**} must end with .yaml", "{} 应以 .yaml 结尾"),
    ("{**} is no section of the rules; known: {**}", "{} 不是规则的一部分，可用：{}"),
    ("there is no rule to write for it: {proposal}", "没有可写的规则：{}"),
    ("what is proposed has no name", "建议没有名称"),
    ("must be before to", "应早于 to"),
    ("at most {} days before to", "最多比 to 早 {} 天"),
    (
        "what is in memory alone cannot be replayed; use a store on disk",
        "内存中的记录无法重放，请使用磁盘存储",
    ),
    ("dry run {} goes on; wait for it or cancel it", "试运行 {} 正在进行，请等待或停止"),
    (
        "these are the shipped rules, which an update replaces; make an empty directory and start with "
        "`alertmesh serve --rules DIR`, or name it as `rules` in alertmesh.yaml: what you change here is "
        "then copied into it",
        "当前是内置规则，更新时会被替换；请建一个空目录，用 `alertmesh serve --rules DIR` 启动，"
        "或在 alertmesh.yaml 中写为 `rules`：此后所做的修改会复制到其中",
    ),
    (
        "{**} cannot be written by this process; give it the right to, or edit the rules there",
        "本进程无权写入 {}，请授予权限，或直接在该处修改规则",
    ),
    ("{**} is a link to a place outside of the rules; edit it there", "{} 链接到规则目录之外，请在该处修改"),
    ("the rules: {inner}", "规则：{}"),
)
_LIMITS = (
    ("{} entries are waiting to be decided", "有 {} 条记录等待处理，请稍后重试"),
    ("nothing is being decided any more", "AlertMesh 已停止处理，请查看服务器日志"),
    ("too many people sign in at this moment", "当前登录人数过多，请稍后重试"),
    ("AlertMesh is starting", "AlertMesh 正在启动"),
    ("a module keeps at most {} bytes under a key", "模块的一个键最多保存 {} 字节"),
    ("a module keeps at most {} keys", "模块最多保存 {} 个键"),
    ("a key has 1 to {} characters", "键应有 1 至 {} 个字符"),
)
_SYSTEM = (
    ("Permission denied", "没有权限"),
    ("No space left on device", "磁盘已满"),
    ("Disk quota exceeded", "超出磁盘配额"),
    ("Read-only file system", "文件系统只读"),
    ("Input/output error", "磁盘读写出错"),
    ("Too many open files", "打开的文件过多"),
    ("No such file or directory", "文件不存在"),
    ("Is a directory", "是目录"),
    ("Not a directory", "不是目录"),
    ("File name too long", "文件名过长"),
)
FORMS: Forms = (*_INCIDENTS, *_COVERS, *_SILENCES, *_DELIVERIES, *_RULES, *_LIMITS, *_SYSTEM)
