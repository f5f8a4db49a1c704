"""How much the model thinks: `thinking` and `output_config.effort`, both ways.

Anthropic's extended and adaptive thinking guides, read 2026-11: a budget is at least 1024 and less
than `max_tokens`; models up to 4.5 take budgets, later ones an effort; thinking goes with neither
a forced tool nor a temperature other than 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from gateway.attempt import Target
from gateway.model import Json, Path, Reasoning, own
from gateway.reading import get, need, rest
from gateway_claude.names import NAME

KNOWN = frozenset(["type", "budget_tokens", "display"])
MODES: Mapping[str, Literal["on", "adaptive", "off"]] = MappingProxyType(
    {"enabled": "on", "adaptive": "adaptive", "disabled": "off"}
)
TYPES = {mode: type_ for type_, mode in MODES.items()}
DISPLAYS: Mapping[str, bool] = MappingProxyType({"summarized": True, "omitted": False})
SHOWN = {include: display for display, include in DISPLAYS.items()}
LEAST_BUDGET = 1024
BUDGETS: Mapping[str, int] = MappingProxyType(
    {
        "minimal": 1024,
        "low": 4096,
        "medium": 10_000,
        "high": 24_000,
        "xhigh": 32_000,
        "max": 64_000,
    }
)
"""Ours; the provider publishes no figures."""
EFFORTS: Mapping[str, str] = MappingProxyType({"minimal": "low"})
"""Efforts of other dialects that Claude has no word for."""
BY_EFFORT = re.compile(r"claude-(?:[a-z]+-)?(?:4-[6-9]|4-\d\d(?!\d)|[5-9]|\d\d(?!\d))")
"""Models that think by effort. ("claude-sonnet-4-20250514" is not one: its 20 starts a date.)"""


def read_reasoning(thinking: dict[str, Json] | None, effort: str | None) -> Reasoning | None:
    """The hub's form; None when the client said nothing, or what only Claude understands."""
    path: Path = ("thinking",)
    mode = MODES.get(need(thinking, "type", str, path)) if thinking is not None else None
    if thinking is None or mode is None:
        return Reasoning(effort=effort) if effort is not None else None
    display = get(thinking, "display", str, path)
    return Reasoning(
        mode,
        effort=effort,
        budget=get(thinking, "budget_tokens", int, path),
        include=DISPLAYS.get(display or ""),
        extra=rest(thinking, _known(display), NAME, path),
    )


def write_thinking(reasoning: Reasoning) -> dict[str, Json] | None:
    """The `thinking` object as Claude's own client would send it; None for none."""
    if reasoning.mode is None:
        return None
    out: dict[str, Json] = {"type": TYPES[reasoning.mode]}
    if reasoning.budget is not None:
        out["budget_tokens"] = reasoning.budget
    if reasoning.include is not None and reasoning.mode != "off":
        out["display"] = SHOWN[reasoning.include]
    return {**out, **own(reasoning.extra, NAME)}


def adapted(reasoning: Reasoning, target: Target) -> Reasoning:
    """What another dialect's client asked for, in the way that this target thinks.

    Quirk `thinking` of the target: "effort" or "budget"; without it the model's name decides.
    """
    if reasoning.mode == "off" or reasoning.effort == "none":
        return Reasoning("off")
    if reasoning.mode is None and reasoning.effort is None and reasoning.budget is None:
        return Reasoning()
    if thinks_by_effort(target):
        effort = reasoning.effort or _effort_of(reasoning.budget)
        return Reasoning("adaptive", EFFORTS.get(effort or "", effort), include=reasoning.include)
    budget = reasoning.budget or BUDGETS.get(reasoning.effort or "", BUDGETS["medium"])
    return Reasoning("on", budget=max(budget, LEAST_BUDGET), include=reasoning.include)


def thinks_by_effort(target: Target) -> bool:
    """Whether the target's model takes an effort, and no budget."""
    quirk = target.quirks.get("thinking")
    return quirk == "effort" if quirk else bool(BY_EFFORT.match(target.model))


def _effort_of(budget: int | None) -> str | None:
    if budget is None:
        return None
    return next((effort for effort, most in BUDGETS.items() if budget <= most), "max")


def _known(display: str | None) -> frozenset[str]:
    return KNOWN if display is None or display in DISPLAYS else KNOWN - {"display"}
