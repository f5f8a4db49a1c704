"""The rules of a group keep what every change of a request must keep."""

from __future__ import annotations

from gateway.settings import Group
from gateway.testing.laws import RuleLaws
from gateway_prompt_rewrite.settings import PromptRule, Ratio, Replacement

RULES = {
    "prompts": [
        PromptRule(text="Answer in English."),
        PromptRule(mode="prepend", position="last_user", text="Think first."),
    ],
    "replacements": [Replacement("Claude Code", "the assistant")],
    "temperature_ratio": Ratio(0.6),
}


class TestRules(RuleLaws):
    plugin = "gateway_prompt_rewrite"
    group = Group("ruled", extra=RULES)
