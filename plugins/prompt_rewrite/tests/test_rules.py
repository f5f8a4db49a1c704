"""When a group's rules hold, in which order, and what they want to see of an exchange."""

from __future__ import annotations

import pytest

from gateway.model import ChatRequest, Message, Text, Tool
from gateway_prompt_rewrite import rewrite_prompt, touches

REQUEST = ChatRequest("m", [Message("user", [Text("Hi")])], tools=[Tool("Read")])


def rule(when="", text="Be brief."):
    return f'[[groups.kimi.prompts]]\ntext = "{text}"\nwhen = {{ {when} }}\n'


def words(request):
    return [text.text for text in request.system] if request else None


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("", True),
        ('models = ["claude-*"]', True),
        ('models = ["gpt-*", "claude-sonnet-4-?"]', True),
        ('models = ["k2"]', True),
        ('models = ["moonshot/*"]', True),
        ('models = ["gpt-*"]', False),
        ('models = ["Claude-*"]', False),
        ('dialects = ["openai", "claude"]', True),
        ('dialects = ["openai"]', False),
        ('clients = ["claude-cli"]', True),
        ('clients = ["claude-cli/2.1.*"]', True),
        ('clients = ["codex*"]', False),
        ("tools = true", True),
        ('models = ["claude-*"], dialects = ["openai"]', False),
        ('models = ["claude-*"], dialects = ["claude"], clients = ["claude-*"]', True),
    ],
)
def test_a_rule_holds_when_all_its_conditions_do(context, when, holds):
    there = context(rule(when))

    assert touches(there) == ({"request"} if holds else None)
    assert words(rewrite_prompt(REQUEST, there)) == (["Be brief."] if holds else None)


def test_a_rule_may_want_requests_without_tools(context):
    there = context(rule("tools = false"))

    assert touches(there) == {"request"}
    assert rewrite_prompt(REQUEST, there) is None
    assert words(rewrite_prompt(ChatRequest("m", []), there)) == ["Be brief."]


def test_a_model_of_another_group_is_asked_for_by_its_own_name(context):
    there = context(rule('models = ["claude-sonnet-*"]'), model="kimi@claude-sonnet-4-5", real="x")

    assert words(rewrite_prompt(REQUEST, there)) == ["Be brief."]


def test_rules_are_applied_in_order(context):
    there = context(rule(text="one") + rule(text="two"))

    assert words(rewrite_prompt(REQUEST, there)) == ["one", "two"]


def test_denied_tools_are_no_tools_for_a_condition(context):
    there = context(rule("tools = true") + '[groups.kimi]\ndeny_tools = ["Read"]')

    out = rewrite_prompt(REQUEST, there)

    assert (words(out), out.tools) == ([], None)


def test_a_rule_s_own_text_is_not_replaced_in(context):
    lines = '[[groups.kimi.replacements]]\nfind = "brief"\nwith = "long"\n'
    request = ChatRequest("m", [], system=[Text("Be brief!")])

    out = rewrite_prompt(request, context(rule() + lines))

    assert words(out) == ["Be long!", "Be brief."]


def test_replacements_are_made_one_after_the_other(context):
    one = '[[groups.kimi.replacements]]\nfind = "a"\nwith = "b"\n'
    two = '[[groups.kimi.replacements]]\nfind = "b"\nwith = "c"\n'

    out = rewrite_prompt(ChatRequest("m", [], system=[Text("a")]), context(one + two))

    assert words(out) == ["c"]


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "[groups.kimi]\ntemperature_ratio = 1",
        "[groups.kimi]\ndeny_tools = []",
    ],
)
def test_a_group_without_rules_is_not_touched(context, lines):
    assert touches(context(lines)) is None
    assert rewrite_prompt(REQUEST, context(lines)) is None


@pytest.mark.parametrize(
    "lines",
    [
        "[groups.kimi]\ntemperature_ratio = 0.5",
        '[groups.kimi]\ndeny_tools = ["x"]',
        '[[groups.kimi.replacements]]\nfind = "a"\nwith = "b"\nscope = "tools"',
    ],
)
def test_every_kind_of_rule_wants_the_request_alone(context, lines):
    assert touches(context(lines)) == {"request"}


def test_a_group_that_extends_another_has_its_own_rules_first(context):
    lines = '[groups.base.models]\na = "echo/a"\n[groups.kimi]\nextends = "base"\n' + rule(
        text="own"
    )
    base = '[[groups.base.prompts]]\ntext = "base"\n[groups.base]\ntemperature_ratio = 0.5'

    out = rewrite_prompt(REQUEST, context(lines + base))

    assert words(out) == ["own", "base"]
