"""Refuse a request that the demo model can't hold, before anything is started for it."""

from __future__ import annotations

from gateway.errors import PromptTooLong
from gateway.estimate import estimate_tokens
from gateway.model import ChatRequest


def refuse_if_too_long(request: ChatRequest, context: int) -> None:
    """Raise PromptTooLong, with how to go on, when `request` is longer than `context` tokens."""
    tokens = estimate_tokens(request)
    if tokens > context:
        raise PromptTooLong(
            f"prompt is too long: about {tokens} tokens > {context} maximum of the demo model, "
            "which proves the connection and is not for real work. Add a provider: set "
            "ANTHROPIC_API_KEY, OPENAI_API_KEY or another provider's variable and start the "
            "gateway again, or write an [upstreams] table (`babelgate init` writes one)."
        )
