"""The rules of one group, and when they hold."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from gateway.context import Context
from gateway.model import ChatRequest
from gateway.settings import Group
from gateway_prompt_rewrite.prompts import placed
from gateway_prompt_rewrite.replacements import replaced
from gateway_prompt_rewrite.settings import Pattern, PromptRule, Ratio, Replacement, When
from gateway_prompt_rewrite.tools import without


@frozen
class Rules:
    """What a group says. ratio: of temperatures; None where it changes nothing."""

    prompts: Sequence[PromptRule] = ()
    replacements: Sequence[Replacement] = ()
    deny_tools: Sequence[Pattern] = ()
    ratio: float | None = None

    @classmethod
    def of(cls, group: Group) -> Rules:
        said = group.extra
        ratio: Ratio | None = said.get("temperature_ratio")
        return cls(
            said.get("prompts", ()),
            said.get("replacements", ()),
            said.get("deny_tools", ()),
            None if ratio is None or ratio.value == 1 else ratio.value,
        )

    def may_touch(self, context: Context) -> bool:
        """Whether a rule may change a request that was not read yet."""
        if self.replacements or self.deny_tools or self.ratio is not None:
            return True
        return any(_may_hold(rule.when, context) for rule in self.prompts)

    def rewritten(self, request: ChatRequest, context: Context) -> ChatRequest:
        """Tools first, as prompts ask for them; what prompts add is not replaced in."""
        request = without(request, self.deny_tools)
        for replacement in self.replacements:
            request = replaced(request, replacement)
        for rule in self.prompts:
            if _may_hold(rule.when, context) and _fits_tools(rule.when, request):
                request = placed(request, rule)
        return request


def _may_hold(when: When, context: Context) -> bool:
    """Whether all that can be told without the request holds."""
    named = (
        (when.models, _model_names(context)),
        (when.dialects, (context.endpoint.dialect,)),
        (when.clients, (context.client, context.client.partition("/")[0])),
    )
    return all(
        not patterns or any(pattern.matches(*names) for pattern in patterns)
        for patterns, names in named
    )


def _fits_tools(when: When, request: ChatRequest) -> bool:
    return when.tools is None or when.tools == bool(request.tools)


def _model_names(context: Context) -> tuple[str, ...]:
    """By what names a rule may mean the model: without the group of `group@alias`."""
    asked = context.model.removeprefix(f"{context.group.name}@")
    return asked, context.target.model, str(context.target)
