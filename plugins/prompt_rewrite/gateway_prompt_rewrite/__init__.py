"""Per group: what is added to prompts and replaced in them, which tools are kept back, how hot."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.context import Context
from gateway.hooks import Touch, hookimpl
from gateway.model import ChatRequest

API_VERSION = 1


@hookimpl
def register_settings() -> Mapping[str, type]:
    from gateway_prompt_rewrite.settings import PLACES

    return PLACES


@hookimpl
def touches(context: Context) -> set[Touch] | None:
    """The request, where a rule may hold; never the reply."""
    if not context.group.extra:
        return None
    from gateway_prompt_rewrite.rules import Rules

    return {"request"} if Rules.of(context.group).may_touch(context) else None


@hookimpl
def rewrite_prompt(request: ChatRequest, context: Context) -> ChatRequest | None:
    from gateway_prompt_rewrite.rules import Rules

    changed = Rules.of(context.group).rewritten(request, context)
    return None if changed is request else changed


@hookimpl
def adjust_temperature(temperature: float, request: ChatRequest, context: Context) -> float | None:
    from gateway_prompt_rewrite.rules import Rules
    from gateway_prompt_rewrite.temperature import scaled

    ratio = Rules.of(context.group).ratio
    return None if ratio is None else scaled(temperature, ratio, request, context)
