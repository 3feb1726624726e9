"""What is wrong with a body: its framing, its JSON, and each part that is not what it should be."""

from alertmesh.chinese.forms import Called, Catalogue, Forms, Place, one_of

_TYPES = {
    "object": "对象",
    "array": "列表",
    "str": "文本",
    "int": "整数",
    "float": "数字",
    "bool": "布尔值",
    "null": "空值",
    "datetime": "时间",
    "date": "日期",
    "time": "时刻",
    "duration": "时长",
}
_MALFORMED = (
    ("object keys must be strings", "键应为文本"),
    ("invalid character", "有无效的字符"),
    ("invalid escape character in string", "文本中有无效的转义"),
    ("invalid character in unicode escape", "文本中有无效的转义"),
    ("unexpected end of escaped utf-16 surrogate pair", "文本中的转义不完整"),
    ("invalid utf-16 surrogate pair", "文本中有无效的转义"),
    ("invalid number", "数字有误"),
    ("trailing characters", "末尾有多余的内容"),
    ("trailing comma in array", "列表末尾有多余的逗号"),
    ("trailing comma in object", "对象末尾有多余的逗号"),
    ("expected {**}", "应为 {}"),
)


def _types(text: str, _called: Called) -> str:
    return "或".join(_TYPES.get(one, one) for one in text.strip("`").split(" | "))


TYPE = Place(r"`[^`]+`", _types)
SORT = one_of(
    {
        "null": "空值",
        "a boolean": "布尔值",
        "a number": "数字",
        "text": "文本",
        "a list": "列表",
        "an object": "对象",
    }
)
MALFORMED = Catalogue(_MALFORMED).place()

_BODIES = (
    ("a body may be plain or gzip", "请求内容应为原文或 gzip"),
    ("a body may hold at most {} bytes", "请求内容最多 {} 字节"),
    ("send application/json, not {**}", "请发送 application/json，而不是 {}"),
    ("send application/json or text/csv", "请发送 application/json 或 text/csv"),
    ("send application/json", "请发送 application/json"),
    ("the body did not arrive in {} s", "请求内容未在 {} 秒内到达"),
    ("the body is not framed as HTTP says", "请求内容不符合 HTTP 格式"),
    ("the body is not gzip", "请求内容不是 gzip"),
    ("the gzip body ends too early", "gzip 内容不完整"),
    ("the sender went away before its end", "发送方中途断开"),
)
_JSON = (
    ("{inner} - at {**}", "{1}：{0}"),
    ("Expected {type}, got {type}", "应为{}，不能是{}"),
    ("Expected {type} of length >= {}", "{}的长度至少为 {}"),
    ("Expected {type} of length <= {}", "{}的长度最多为 {}"),
    ("Expected {type} of length {}", "{}的长度应为 {}"),
    ("Expected {type} >= {}", "应为不小于 {1} 的{0}"),
    ("Expected {type} <= {}", "应为不大于 {1} 的{0}"),
    ("Expected {type} matching regex {**}", "{}应符合 {}"),
    ("Expected {type} with a timezone component", "{}须带时区"),
    ("Expected {type}", "应为{}"),
    ("Object contains unknown field {**}", "未知的字段 {}"),
    ("Object missing required field {**}", "缺少字段 {}"),
    ("Invalid enum value {**}", "不支持的值 {}"),
    ("Invalid RFC3339 encoded datetime", "时间应如 2026-11-23T04:00:00Z"),
    ("Invalid RFC3339 encoded date", "日期应如 2026-11-23"),
    ("Invalid RFC3339 encoded time", "时刻应如 04:00:00"),
    ("Invalid ISO8601 duration", "时长应如 PT1H"),
    ("Invalid base64 encoded string", "不是有效的 base64"),
    ("Number out of range", "数字超出范围"),
    ("Integer value out of range", "整数超出范围"),
    ("Input data was truncated", "内容不完整"),
    ("JSON is malformed: {malformed} (byte {})", "JSON 有误（第 {1} 字节）：{0}"),
    ("{**} codec can't decode {**} in position {}: {**}", "不是 UTF-8 文本（第 {2} 字节）"),
    ("maximum recursion depth exceeded", "嵌套过深"),
    ("maximum recursion depth exceeded {**}", "嵌套过深"),
    ("nested too deep", "嵌套过深"),
    ("expected an object or a list, got {sort}", "应为对象或列表，不能是{}"),
    ("expected an object, got {sort}", "应为对象，不能是{}"),
    ("expected a list, got {sort}", "应为列表，不能是{}"),
    ("expected text, got {sort}", "应为文本，不能是{}"),
)
_TABLES = (
    ("{inner} (and {} more)", "{}（另有 {} 处）"),
    (
        "the first line names the columns: a,b,kind or a,b,kind,cluster",
        "第一行应为列名：a,b,kind 或 a,b,kind,cluster",
    ),
    ("has not {} values", "应有 {} 个值"),
    ("must not be empty", "不能为空"),
    (
        "must be at most {} printable characters, without spaces around them",
        "最多 {} 个可打印字符，首尾不能有空格",
    ),
    ("must be another thing than {}", "不能与 {} 相同"),
    ("unexpected end of data", "内容不完整"),
    ("{} expected after {}", "{1} 之后应为 {0}"),
    ("line contains NUL", "有空字符"),
    ("field larger than field limit ({})", "一个值超过 {} 个字符"),
    ("new-line character seen in unquoted field - {**}", "值中有未加引号的换行"),
)
_ALERTS = (
    ("is required; a test of the media type by hand has none", "缺少此项；手工测试媒介类型时没有此项"),
    ("is required", "缺少此项"),
    ("at most {} changes in one request", "一次最多 {} 条变更"),
    ("at most {} alerts in one body", "一次最多 {} 条告警"),
    ("name one of service, workload and node", "请写明 service、workload、node 之一"),
    ("is no address", "不是地址"),
    ("is longer than {} characters", "超过 {} 个字符"),
    ("lies in the future", "时间在将来"),
    ("at least one label pair required", "至少要有一个标签"),
    ('invalid label set: invalid name ""', "标签名不能为空"),
    ('invalid annotations: invalid name ""', "注释名不能为空"),
    ("date out of range", "日期超出范围"),
    ("start time must be before end time", "开始时间应早于结束时间"),
    ("{**} is no moment", "{} 不是时刻"),
    ("{**} says neither firing nor resolved", "{} 既不表示触发，也不表示恢复"),
    ("is no form, nor JSON", "既不是表单，也不是 JSON"),
    ("more than {} labels", "标签超过 {} 个"),
    ("name longer than {}", "名称超过 {} 个字符"),
    ("value longer than {}", "值超过 {} 个字符"),
    (
        "{**} events are not taken, only those of triggers and services",
        "不接收 {} 事件，只接收触发器和服务的事件",
    ),
    ("expected 0 or 1", "应为 0 或 1"),
    ("expected digits", "应为数字"),
)
_CALLBACKS = (
    ("set callback_secret, or nobody knows who is calling", "请设置 callback_secret，否则无法确认来者"),
    ("set card_secret, or nobody knows who is calling", "请设置 card_secret，否则无法确认来者"),
    ("is wrong or missing", "有误或缺少"),
    ("is wrong", "有误"),
    ("is missing: nobody knows who is calling", "缺少此项，无法确认来者"),
    ("is missing: nobody knows which message is meant", "缺少此项，无法确认是哪条消息"),
    ("is missing, and it is no reply either", "缺少此项，也不是回复"),
    ("is more than an hour off: check the clock of this machine", "相差超过一小时，请检查本机时钟"),
    ("is not a list of reports or replies: {inner}", "不是回执或回复的列表：{}"),
    ("is not a list of calls: {inner}", "不是通话的列表：{}"),
    ("is not a message to a robot: {inner}", "不是发给机器人的消息：{}"),
    ("is not a press of a card's button: {inner}", "不是卡片按钮的操作：{}"),
    ("is no button of ours", "不是 AlertMesh 的按钮"),
    ("is neither a form nor JSON: {inner}", "既不是表单，也不是 JSON：{}"),
)
_MODULES = (
    ("is not known; known are none", "未知的字段；没有可用的字段"),
    ("is not known; known are {**}", "未知的字段；可用：{}"),
    ("is one of {**}", "应为 {} 之一"),
    ("must be a text", "应为文本"),
    ("must be one line of characters that can be printed", "应为一行可打印字符"),
    ("must have {} to {} characters", "应有 {} 至 {} 个字符"),
    ("must be a whole number", "应为整数"),
    ("must be a number", "应为数字"),
    ("must be from {} on and up to {}", "应为 {} 至 {}"),
    ("must be from {} on", "应不小于 {}"),
    ("must be up to {}", "应不大于 {}"),
    ("must be true or false", "应为 true 或 false"),
    ("must be a moment such as {}", "应为时刻，如 {}"),
    ("module {}: page {} is not as it says: {**}", "模块 {} 的页面 {} 与其说明不符：{}"),
    ("module {}: {part} {} took longer than {} s", "模块 {} 的{} {} 超过 {} 秒未完成"),
    ("module {}: {part} {} failed: {**}", "模块 {} 的{} {} 出错：{}"),
)
FORMS: Forms = (*_BODIES, *_JSON, *_TABLES, *_ALERTS, *_CALLBACKS, *_MODULES)
