"""Templates say the same as the built-in texts, are checked where they are read, and never cost a page."""

import pytest

from alertmesh.config.folder import default_rules_dir
from alertmesh.config.messages import read_templates
from alertmesh.core.errors import BadConfig
from alertmesh.core.page import PageKind
from alertmesh.core.texts import TextFile
from alertmesh.notify.codes import Codes
from alertmesh.notify.compose import Composer
from alertmesh.notify.facts import Briefing, facts_of
from alertmesh.notify.render import of_facts
from alertmesh.notify.samples import briefings, style
from alertmesh.notify.templates import KINDS, Templates
from tests.notify.fakes import T0, Talker, attempt, incident, page, response
from tests.notify.golden import CASES, LANGUAGES, rendered, style_in

CHANNELS = ("dingtalk", "aliyun-sms", "sms-gateway")
SHIPPED = read_templates(default_rules_dir(), [])


def templates(**texts: str) -> Templates:
    """Return templates of the given texts alone, by name with _ for dots."""
    files = [TextFile(name.replace("_", "."), f"{name}.j2", text) for name, text in texts.items()]
    return Templates(files, CHANNELS)


def faults(text: str, name: str = "page_en") -> list[str]:
    """Return what is wrong with a template, without its file."""
    with pytest.raises(BadConfig) as raised:
        templates(**{name: text})
    return [problem.removeprefix(f"{name}.j2:") for problem in raised.value.problems]


def said(made: Templates, language: str = "en", kind: str = "dingtalk", about: str = "page") -> str:
    """Return what a sample message says, its title first."""
    manner = style(language, kind)
    facts = facts_of(briefings(about), manner)
    told = made.dress(of_facts(facts, manner), facts, kind)
    return f"{told.title}\n{told.text}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(CASES))
def test_shipped_templates_say_what_the_built_in_texts_say(name, language):
    made = Templates(SHIPPED, CHANNELS)
    manner = style_in(language)
    built = rendered(name, language)
    assert made.dress(built, facts_of(CASES[name], manner), "dingtalk") == built


def test_each_kind_of_message_has_a_template_in_both_languages():
    assert {f"{kind}.{language}.txt.j2" for kind in KINDS for language in LANGUAGES} <= {
        file.name for file in SHIPPED
    }


def test_the_first_line_is_the_title_and_empty_lines_are_left_out():
    made = templates(page_en="\n  {{ priority }} {{ title }}\n\n{{ where }}\n \n{{ url }}")
    assert said(made) == (
        "P1 NodeDiskFull node-7 (+118)\n"
        "cluster prod, namespace shop, service shop, cart, pay and 2 more, host node-7\n"
        "https://alertmesh.example.org/p/7K2M9QXA"
    )


@pytest.mark.parametrize(
    ("kind", "language", "expected"),
    [
        ("aliyun-sms", "zh", "exact"),
        ("sms-gateway", "zh", "family"),
        ("dingtalk", "zh-CN", "common"),
        ("dingtalk", "fr", "english"),
    ],
)
def test_the_most_particular_template_writes(kind, language, expected):
    names = {
        "page_aliyun-sms_zh": "exact",
        "page_sms_zh": "family",
        "page_zh": "common",
        "page_en": "english",
    }
    assert said(templates(**names), language, kind).splitlines()[0] == expected


@pytest.mark.parametrize("kind", ["update", "closing"])
def test_news_asks_for_nothing(kind):
    made = Composer(
        {}.get, {}.get, "https://mesh.example.org", Codes(b"secret"), Templates(SHIPPED, CHANNELS)
    )
    told = made.compose([attempt(kind=PageKind(kind))], "k", Talker(), T0)
    assert (told.fields["code"], told.url) == ("", "https://mesh.example.org/incidents/42")
    assert made.rows([attempt(kind=PageKind(kind))], "k", T0) == []


def test_an_sms_tells_how_to_answer():
    lines = said(Templates(SHIPPED, CHANNELS), "zh", "sms-gateway").splitlines()
    assert lines[2:] == [
        "1 认领，2 转研发，或回复：确认 7K2M9QXA",
        "https://alertmesh.example.org/p/7K2M9QXA",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ titel }}", "1:4 there is no 'titel' to say"),
        ("a\n{% if root %}", "2:1 Unexpected end of template"),
        ("a\nb {{ root.entity }}", "2:3 'None' has no attribute 'entity'"),
        ("a\n{% if root %}{{ root.entyti }}{% endif %}", "2:1 'dict object' has no attribute 'entyti'"),
        ("x {{ title|replace('a', 'b') }}", "1:12 'replace' is not one of cut, default"),
        ("{{ title.upper() }}", "1:1 call is not possible in a message"),
        ("{{ title * 1000000 }}", "1:1 mul is not possible in a message"),
        ("{% set a = 1 %}{{ a }}", "1:1 assign is not possible in a message"),
        ("{% include '/etc/passwd' %}", "1:1 include is not possible in a message"),
        ("{% macro f() %}{{ f() }}{% endmacro %}x", "1:1 macro is not possible in a message"),
        ("{% for a in incidents recursive %}{{ a }}{% endfor %}x", "1:1 loops stand at most 2 deep"),
        ("{% for a in 'x' ~ title %}{{ a }}{% endfor %}x", "1:1 a loop is over something"),
        ("{{ 1" + "+1" * 5_000 + " }}", "1:1 is nested too deeply"),
        ("{{ " + "9" * 5_000 + " }}", "1:1 Exceeds the limit"),
        ("{{ " + "(" * 5_000 + " }}", "1:1 is nested too deeply"),
        ("{{ title.__class__ }}", "1:1 access to attribute '__class__'"),
        ("\n  \n", "1:1 comes to nothing"),
        ("x" * 20_000, "1:1 is longer than 16000 characters"),
    ],
)
def test_a_bad_template_is_told_with_its_place(text, problem):
    assert [one for one in faults(text) if one.startswith(problem)]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("pgae_en", "1:1 is not named as a template is"),
        ("page", "1:1 is not named as a template is"),
        ("page_pigeon_en", "1:1 there is no kind of channel 'pigeon', only"),
    ],
)
def test_a_template_is_named_by_what_it_is_for(name, problem):
    assert [one for one in faults("x", name) if one.startswith(problem)]


def test_a_template_that_fails_gives_way_to_the_built_in_text():
    made = templates(page_en="{% if age == '0 min' %}{{ root.entity }}{% endif %}{{ title }}")
    manner = style("en")
    young = Briefing(pages=(page(),), incident=incident(opened_at=manner.now, causes=()))
    facts = facts_of([young], manner)
    told = of_facts(facts, manner)
    assert (made.dress(told, facts, "dingtalk"), made.failures) == (told, {"page.en": 1})


def test_what_a_template_writes_is_bounded():
    made = templates(bundle_en="{% for a in incidents %}{{ a.title }}" + "x" * 500 + "{% endfor %}")
    many = [Briefing(pages=(page(number),), incident=incident(number)) for number in range(1, 61)]
    facts = facts_of(many, style("en"))
    told = of_facts(facts, style("en"))
    assert (made.dress(told, facts, "dingtalk"), made.failures) == (told, {"bundle.en": 1})


@pytest.mark.parametrize(
    "value", ["{{ 7 * 7 }}\n[P1] forged", "x\u2028[P1] forged", "{% raw %}" * 90, "\x00\ud7fc"]
)
def test_no_label_can_forge_a_line_or_a_tag(value):
    wild = incident(title=value, summary=value, labels={"cluster": value, "node": value}, services=())
    facts = facts_of([Briefing(pages=(page(),), incident=wild, response=response())], style("en"))
    told = Templates(SHIPPED, CHANNELS).dress(of_facts(facts, style("en")), facts, "dingtalk")
    assert told == of_facts(facts, style("en"))
    assert not any(line.startswith("[P1] forged") for line in told.text.splitlines())
