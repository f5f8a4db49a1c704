"""The client's temperature, times the group's ratio, within what the target takes."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.attempt import Target
from gateway.context import Context
from gateway.model import ChatRequest

QUIRK = "max_temperature"
"""An upstream's or a model's own highest temperature."""
HIGHEST = 2.0
HIGHEST_OF_DIALECT: Mapping[str, float] = {"claude": 1.0}
"""Anthropic Messages takes 0 to 1; OpenAI, Gemini and Ollama 0 to 2 (API references, 2026-11)."""
FIXED_WHILE_THINKING = frozenset({"claude"})
"""Anthropic Messages refuses any temperature but 1 while the model thinks (read 2026-11)."""
DIGITS = 4


def scaled(
    temperature: float, ratio: float, request: ChatRequest, context: Context
) -> float | None:
    """The temperature to ask for; None leaves it as it is. A cut at the top is a recorded hint."""
    target = context.target
    if target.speaks in FIXED_WHILE_THINKING and _thinks(request):
        return None
    wanted, most = round(temperature * ratio, DIGITS), _highest(target)
    if wanted > most:
        why = f"{wanted:g} ({temperature:g} times {ratio:g}) is more than {target} takes ({most:g})"
        context.losses.add("sampling.temperature", why, "hint")
    return min(most, max(0.0, wanted))


def _highest(target: Target) -> float:
    said = target.quirks.get(QUIRK)
    if isinstance(said, int | float) and not isinstance(said, bool):
        return float(said)
    return HIGHEST_OF_DIALECT.get(target.speaks or "", HIGHEST)


def _thinks(request: ChatRequest) -> bool:
    return request.reasoning is not None and request.reasoning.mode in ("on", "adaptive")
