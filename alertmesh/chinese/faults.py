"""What is wrong with rules, as the loader words it: our own faults, and the common ones of its libraries."""

import re

from alertmesh.chinese import channels
from alertmesh.chinese.duty import FAULT
from alertmesh.chinese.forms import Catalogue, Place, as_it_is, is_chinese, one_of

_KINDS = {
    "calendar": "日历",
    "channel": "渠道",
    "kind of channel": "渠道类型",
    "kind of source": "来源类型",
    "module": "模块",
    "policy": "策略",
    "roster": "值班表",
    "rule": "规则",
    "runbook": "预案",
    "service": "服务",
    "source": "来源",
    "user": "人员",
    "window": "维护窗口",
    "Zabbix server": "Zabbix 服务器",
}
_HINT = (
    ("did you mean {**}?", "是否应为 {}？"),
    ("known: {**}", "可用：{}"),
    ("none is known", "没有可用的值"),
)
_LOADER = (
    ("unknown key; {hint}", "未知的键；{}"),
    ("is missing", "缺少此项"),
    ("should be keys with values", "应为键值对"),
    ("there is no {kind} {**}; {hint}", "没有{} {}；{}"),
    ("{kind} {**} was given already at {**}", "{} {} 已在 {} 定义"),
    ("{kind} {**} was given already", "{} {} 已定义"),
    ("{kind} {**} is there already, as a plugin", "{} {} 已由插件提供"),
    ("{**} is given twice", "{} 重复"),
    ("cannot be read: {**}", "无法读取：{}"),
    ("is not UTF-8 text", "不是 UTF-8 文本"),
    ("is not UTF-8", "不是 UTF-8 文本"),
    ("is not YAML here: {yaml}", "此处不是有效的 YAML：{}"),
    ("is not YAML: {**}", "不是有效的 YAML：{}"),
    ("is inside something that has no keys", "其上级没有键"),
    ("an alias cannot contain itself", "别名不能包含自身"),
    ("is no directory of rules", "不是规则目录"),
    ("is no section of the rules; {hint}", "不是规则的一部分；{}"),
    ("is no template: its name must end with {}", "不是模板：名称须以 {} 结尾"),
    ("the environment variable {} is not set", "环境变量 {} 未设置"),
    (
        "{**} is no name of an environment variable; {**} stands for {**} itself",
        "{} 不是环境变量名；{} 表示 {} 本身",
    ),
    ("the file {**} cannot be read: {**}", "文件 {} 无法读取：{}"),
    (
        "write a secret as {**} or file:PATH, so that it does not stand in this file",
        "请以 {} 或 file:PATH 写密钥，不要写在本文件中",
    ),
)
_PEOPLE = (
    (
        "{**} cannot be paged; name a channel in `channels` of that user",
        "无法呼叫 {}，请为其在 `channels` 中写渠道",
    ),
    (
        "no step ever reaches anybody: roster {**} has no {lacking}",
        "没有能联系到人的步骤：值班表 {} 没有 {}",
    ),
    (
        "no rnd_steps of policy {**} ever reach anybody at {**}: roster {**} has no {lacking}",
        "策略 {0} 在 {1} 的 rnd_steps 联系不到任何人：值班表 {2} 没有 {3}",
    ),
    (
        "when {**} is the likely root, the policy's rnd_roster is paged: {fault}",
        "{} 为可能根因时呼叫策略的 rnd_roster：{}",
    ),
    (
        'no policy takes everything; write one with matchers: ""',
        '没有策略能接收所有事件，请写一个 matchers: ""',
    ),
    (
        "roster {**} is tier 1, and {gap}; add members, or a layer for that time",
        "值班表 {} 为一线，{}；请增加成员，或为该时段增加班次层",
    ),
    ("roster {**} has {} more gaps in the next {} days", "值班表 {0} 在今后 {2} 天内还有 {1} 处空档"),
    ("should name one of `members` at least, or have `layers`", "`members` 至少要有一人，或写 `layers`"),
    ("`layers` should have different names", "`layers` 的名称不能重复"),
    ("write {**} inside the layers, or no `layers`", "{} 应写在班次层内，或不用 `layers`"),
    ("`begins_then` needs a `start`", "`begins_then` 需要 `start`"),
    ("needs `channels`, or ways in `reach`", "需要 `channels`，或在 `reach` 中写联系方式"),
    ("`weekend` should leave a day to work on", "`weekend` 至少留出一个工作日"),
    ("{} cannot be both in `workdays` and in `holidays`", "{} 不能同时在 `workdays` 和 `holidays` 中"),
)
_VALUES = (
    ("should be longer than 0", "应大于 0"),
    ("should be a duration such as 30s, 5m, 8h or 1d", "应为时长，如 30s、5m、8h 或 1d"),
    ("should be a duration of ten years at most", "时长最多十年"),
    ("should be a moment of the years {} to {}", "应为 {} 年至 {} 年之间的时刻"),
    (
        "{**} is no time zone; write one such as Asia/Shanghai or UTC",
        "{} 不是时区，应写如 Asia/Shanghai 或 UTC",
    ),
    ("should be HOST:PORT, such as {**} or {**}", "应为 HOST:PORT，如 {} 或 {}"),
    (
        "should be the https address that the provider calls itself by, without a query",
        "应为提供方自称的 https 地址，不带查询参数",
    ),
    ("should be an address such as {**}", "应为地址，如 {}"),
    (
        "should be the name or address of a host, without scheme, port and path",
        "应为主机名或地址，不带协议、端口和路径",
    ),
    (
        "should be a time of day such as 04:00 or 04:00:30, on a later day 3d 04:00",
        "应为时刻，如 04:00 或 04:00:30，之后某天写 3d 04:00",
    ),
    ("should be a time of day such as 02:00 or 23:30, in quotes", "应为带引号的时刻，如 02:00 或 23:30"),
    ("should say which alerts, for example {**}", "应说明哪些告警，例如 {}"),
    (
        "write either `begins` and `ends`, such as 02:00 and 04:00, or `starts_at` and `ends_at`",
        "请写 `begins` 和 `ends`（如 02:00 和 04:00），或 `starts_at` 和 `ends_at`",
    ),
    ("`last_day` should not be before `first_day`", "`last_day` 不能早于 `first_day`"),
    ("`ends_at` should be after `starts_at`", "`ends_at` 应晚于 `starts_at`"),
    ("`until` should be after `start`", "`until` 应晚于 `start`"),
    ("`low` should not be above `high`", "`low` 不能高于 `high`"),
    (
        "needs `matchers`, or `ping: true` to be called by its address",
        "需要 `matchers`，或以 `ping: true` 按地址调用",
    ),
    (
        "should be in order of `after`, each later than the one before",
        "应按 `after` 的顺序排列，且逐个递增",
    ),
    ("should be in order of `after`", "应按 `after` 的顺序排列"),
    (
        "without `words` every severity word is unknown; copy them from the shipped rules/priority.yaml",
        "没有 `words` 时所有严重程度词都是未知的，请从自带的 rules/priority.yaml 复制",
    ),
    ("{**} cannot mean both {} and {}", "{} 不能同时表示 {} 和 {}"),
    ("{**} cannot depend on itself", "{} 不能依赖自身"),
    ("`depends_on` should name each thing once", "`depends_on` 中每个对象只能写一次"),
    ("{**} stands for {**} already", "{} 已表示 {}"),
    ("should name what is expected, such as incidents: 1", "应写明期望的结果，如 incidents: 1"),
    ("should hold at least one alert", "至少要有一条告警"),
    (
        "should hold alertname, or * for all labels that are sent",
        "应包含 alertname，或以 * 表示发来的全部标签",
    ),
    ("of `*` only `value` counts; leave out {**}", "`*` 只看 `value`，请去掉 {}"),
    (
        "`*` takes the fields of an object, and a text with holes has none; write a path",
        "`*` 取对象的全部字段，带占位的文本没有字段，请写路径",
    ),
    (
        "a time has no scheme, port or path, and is lost with `host`; leave it out",
        "时间没有协议、端口和路径，使用 `host` 会丢失时间，请去掉",
    ),
    (
        "with a `map` every time that is not in it is lost; leave it out",
        "使用 `map` 会丢失其中没有的时间，请去掉",
    ),
    (
        "`default` should be a time such as {**}, or seconds since 1970",
        "`default` 应为时间，如 {}，或自 1970 年起的秒数",
    ),
    (
        "a link without its scheme is not kept; leave out `host`",
        "没有协议的链接不会保留，请去掉 `host`",
    ),
    (
        "{**} is no link; write one that begins with http:// or https://",
        "{} 不是链接，应以 http:// 或 https:// 开头",
    ),
    (
        "should say what it is for: `match`, `alerts` or `services`",
        "应说明用于什么：`match`、`alerts` 或 `services`",
    ),
    (
        "give either token, an API token of Zabbix, or user and password",
        "请写 token（Zabbix 的 API token），或用户和密码",
    ),
    ("is no pattern: {**}", "不是有效的正则表达式：{}"),
    ("{inner}; write matchers as {**}", "{}；匹配条件应写作 {}"),
    ("cannot read matcher at character {} of {**}", "{1} 的第 {0} 个字符处无法识别"),
    ("expected a comma at character {} of {**}", "{1} 的第 {0} 个字符处缺少逗号"),
    ("bad regular expression {expression}: {syntax}", "正则表达式 {} 有误：{}"),
    ("{**} write a literal text as 'text', not between backticks", "{} 文本应写作 'text'，不用反引号"),
    ("{**} is nested too deep", "{} 嵌套过深"),
    ("{**} there is no function {**}; {hint}", "{} 没有函数 {}；{}"),
    ("{**} has a hole {hole} that is not closed", "{} 有未闭合的 {}"),
    ("has a hole {hole} that is not closed", "有未闭合的 {}"),
)
_LIBRARY = (
    ("should be a valid integer, unable to parse string as an integer", "应为整数，无法识别该文本"),
    ("should be a valid integer, got a number with a fractional part", "应为整数，不能有小数部分"),
    ("should be a valid integer", "应为整数"),
    ("should be a valid number, unable to parse string as a number", "应为数字，无法识别该文本"),
    ("should be a valid number", "应为数字"),
    ("should be a finite number", "应为有限的数字"),
    ("should be a valid string", "应为文本"),
    ("should be a valid boolean, unable to interpret input", "应为 true 或 false"),
    ("should be a valid boolean", "应为 true 或 false"),
    ("should be a valid list", "应为列表"),
    ("should be a valid tuple", "应为列表"),
    ("should be a valid set", "应为列表"),
    ("should be a valid dictionary", "应为键值对"),
    ("should be greater than or equal to {}", "应大于或等于 {}"),
    ("should be greater than {}", "应大于 {}"),
    ("should be less than or equal to {}", "应小于或等于 {}"),
    ("should be less than {}", "应小于 {}"),
    ("should be {either}", "应为 {}"),
    ("String should have at least {} character{s}", "至少 {} 个字符{}"),
    ("String should have at most {} character{s}", "最多 {} 个字符{}"),
    ("String should match pattern {**}", "应符合 {}"),
    ("{sort} should have at least {} item{s} after validation, not {}", "{}至少 {} 项{}，现有 {} 项"),
    ("{sort} should have at most {} item{s} after validation, not {}", "{}最多 {} 项{}，现有 {} 项"),
    ("should be a valid date or datetime, {**}", "应为日期或时间（{}）"),
    ("should be a valid date in the format YYYY-MM-DD, {**}", "应为 YYYY-MM-DD 形式的日期（{}）"),
    ("should be a valid datetime, {**}", "应为时间（{}）"),
    ("should have timezone info", "应带有时区"),
)
_YAML = (
    ("mapping values are not allowed in this context", "此处不能有键值对，请检查缩进和冒号"),
    ("block sequence entries are not allowed in this context", "此处不能有列表项，请检查缩进"),
    ("could not find expected ':'", "缺少冒号"),
    ("did not find expected key", "缺少键，请检查缩进"),
    ("did not find expected node content", "缺少值"),
    ("did not find expected '-' indicator", "此处应为列表项，请检查缩进"),
    ("did not find expected {either}", "缺少 {}"),
    ("found character that cannot start any token", "有不能用在此处的字符，如制表符"),
    ("found unexpected end of stream", "引号没有闭合"),
    ("found undefined alias", "没有此别名"),
)
_RE2 = (
    ("missing ]: {**}", "缺少 ]：{}"),
    ("missing ): {**}", "缺少 )：{}"),
    ("unexpected ): {**}", "多余的 )：{}"),
    ("trailing \\", "末尾有多余的 \\"),
    ("no argument for repetition operator: {**}", "重复符号前没有内容：{}"),
    ("bad repetition operator: {**}", "重复符号不能连用：{}"),
    ("invalid repetition size: {**}", "重复次数过大：{}"),
    ("invalid character class range: {**}", "字符范围有误：{}"),
    ("invalid character class: {**}", "字符集有误：{}"),
    ("invalid named capture group: {**}", "命名分组有误：{}"),
    ("invalid UTF-8", "不是 UTF-8 文本"),
    ("pattern too large - compile failed", "表达式过大"),
    ("{**}: {**}, which RE2 does not have", "RE2 不支持 {1}"),
)
_LACKING = re.compile(r" and no ")
_KEY = re.compile(r"([\w.*/-]+): (.+)", re.DOTALL)


def problem_in(language: str, message: str) -> str:
    """Return what is wrong with a rule in a language; the key before it stays.

    >>> problem_in("zh", "policies.0.loops: should be greater than 0")
    'policies.0.loops：应大于 0'
    """
    return told(message) if is_chinese(language) else message


def told(message: str, _called: object = str) -> str:
    """Return a fault in Chinese, or as it came."""
    whole = _FAULTS.told(message)
    keyed = _KEY.fullmatch(message) if whole is None else None
    if keyed is None:
        return whole or message
    return f"{keyed[1]}：{_FAULTS.told(keyed[2]) or keyed[2]}"


def _either(text: str, _called: object) -> str:
    return text.replace(", '", "、'").replace("' or '", "' 或 '")


_EITHER = Place(r"'.+'", _either)
_FAULTS = Catalogue(
    [*_LOADER, *_PEOPLE, *_VALUES, *_LIBRARY, *channels.FORMS],
    kind=one_of(_KINDS),
    hint=Catalogue(_HINT).place(r"(?:did you mean|known:|none is) ?.*"),
    fault=Place(r"there is no .+", told),
    gap=FAULT,
    lacking=Place(r".+", lambda text, _called: "、".join(_LACKING.split(text))),
    either=_EITHER,
    inner=Place(r".+", told),
    sort=one_of({"List": "列表", "Tuple": "列表", "Dictionary": "键值对", "Set": "列表"}),
    expression=Place(r"'.*'|\".*\"", as_it_is),
    syntax=Catalogue(_RE2).place(),
    hole=Place(r"\{\{ … \}\}", as_it_is),
    s=Place(r"s?", lambda _text, _called: ""),
    yaml=Catalogue(_YAML, either=_EITHER).place(),
)
