"""A form takes what it was made for, and nothing else."""

import pytest

from alertmesh.chinese.forms import Catalogue, is_chinese, one_of

INNER = Catalogue([("it {}", "它 {}")])
FORMS = Catalogue(
    [
        ("{person} saw {series} for {span}", "{0} 看到 {1}，已 {2}"),
        ("a {} thing", "{} 物"),
        ("{*} beside {**}", "{} 旁边是 {}"),
        ("{colour} by {inner}", "{}：{}"),
    ],
    colour=one_of({"red": "红", "reddish": "微红"}),
    inner=INNER.place(),
)


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("li saw CPU on n1 for 2 h 5 min", "李 看到 n1 的 CPU，已 2 小时 5 分钟"),
        ("li saw CPU for a moment", "李 看到 CPU，已 片刻"),
        ("a small thing", "small 物"),
        ("a very small thing", None),
        ("one thing beside another; and {more}", "one thing 旁边是 another; and {more}"),
        ("reddish by it glows", "微红：它 glows"),
        ("red by nothing known", "红：nothing known"),
        ("green by it glows", None),
        ("", None),
    ],
)
def test_a_text_is_told_by_the_form_that_takes_all_of_it(text, chinese):
    assert FORMS.told(text, lambda name: {"li": "李"}.get(name, name)) == chinese


@pytest.mark.parametrize(
    ("language", "expected"), [("zh", True), ("zh-CN", True), ("en", False), ("", False)]
)
def test_chinese_is_known_by_its_tag(language, expected):
    assert is_chinese(language) is expected
