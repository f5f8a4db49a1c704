"""How much the model thinks: `thinkingConfig`, both ways.

Gemini API thinking guide, read 2026-11: models up to 2.5 take a budget in tokens (0 is off, -1
leaves it to the model; Pro can't be switched off), later ones a level and, for older clients, a
budget. Thoughts are shown only on request.
"""

from __future__ import annotations

import re

from gateway.attempt import Attempt, Target
from gateway.model import Fields, Json, Path, Reasoning, note
from gateway.reading import get, noted
from gateway_gemini.names import DIALECT, EFFORT_OF, LEVEL_TO
from gateway_gemini.spelling import camel, put_back, rest, together

KNOWN = frozenset({"includeThoughts", "thinkingBudget", "thinkingLevel"})
BUDGETS = {
    "minimal": 512,
    "low": 1024,
    "medium": 8192,
    "high": 16384,
    "xhigh": 24576,
    "max": 24576,
}
"""Ours; the provider publishes no figures."""
MODELS_DECIDE = -1
BY_LEVEL = re.compile(r"gemini-(?:[3-9]|\d\d)")
ALWAYS_THINKS = re.compile(r"gemini-2\.5-pro")
LEAST_OF_PRO = 128
MOST = (
    (re.compile(r"gemini-2\.5-pro"), 32_768),
    (re.compile(r"gemini-2\.5-flash"), 24_576),
)


def read_reasoning(raw: dict[str, Json] | None, path: Path) -> Reasoning | None:
    """The hub's form; None when the client said nothing. Raises BadRequest."""
    if raw is None:
        return None
    path = (*path, "thinkingConfig")
    thinking = camel(raw)
    budget = get(thinking, "thinkingBudget", int, path)
    level = get(thinking, "thinkingLevel", str, path)
    effort = EFFORT_OF.get(level.upper()) if level else None
    extra = rest(raw, KNOWN, path)
    if level and effort is None:
        extra = together(path, extra, {DIALECT: Fields({"thinkingLevel": level}, path)})
    reasoning = Reasoning(
        effort=effort,
        budget=budget if budget is not None and budget > 0 else None,
        include=get(thinking, "includeThoughts", bool, path),
        extra=noted(extra, DIALECT, path, level=level),
    )
    if budget is not None:
        reasoning.mode = "off" if budget == 0 else "on" if budget > 0 else "adaptive"
    return reasoning


def write_reasoning(reasoning: Reasoning, attempt: Attempt) -> dict[str, Json] | None:
    """`thinkingConfig`; None for none."""
    if attempt.client == DIALECT:
        return put_back(_at_home(reasoning), reasoning.extra)
    if attempt.target.facts.get("thinking") is False:
        attempt.losses.add("reasoning", "the model does not think", "hint")
        return None
    if reasoning.mode == "off" or reasoning.effort == "none":
        return _off(attempt)
    out = _amount(reasoning, attempt)
    if (out and reasoning.include is not False) or reasoning.include:
        out["includeThoughts"] = True
    return out or None


def thinks_by_level(target: Target) -> bool:
    """Whether the model takes a level. The quirk `thinking` is "level" or "budget"."""
    quirk = target.quirks.get("thinking")
    return quirk == "level" if quirk else bool(BY_LEVEL.match(target.model))


def _at_home(reasoning: Reasoning) -> dict[str, Json]:
    """What the client said, in its own words where they still hold."""
    out: dict[str, Json] = {}
    if reasoning.include is not None:
        out["includeThoughts"] = reasoning.include
    if reasoning.budget is not None:
        out["thinkingBudget"] = reasoning.budget
    elif reasoning.mode is not None:
        out["thinkingBudget"] = 0 if reasoning.mode == "off" else MODELS_DECIDE
    if reasoning.effort is not None:
        said = note(reasoning.extra, DIALECT, "level") or ""
        same = EFFORT_OF.get(said.upper()) == reasoning.effort
        out["thinkingLevel"] = said if same else LEVEL_TO.get(reasoning.effort, "HIGH")
    return out


def _amount(reasoning: Reasoning, attempt: Attempt) -> dict[str, Json]:
    effort = reasoning.effort
    if effort is not None and effort not in LEVEL_TO:
        attempt.losses.add("reasoning.effort", "Gemini has no such level", "hint")
        effort = None
    if reasoning.budget is not None:
        if effort is not None:
            attempt.losses.add("reasoning.effort", "the budget says it", "hint")
        return {"thinkingBudget": _within(reasoning.budget, attempt)}
    if effort is not None and thinks_by_level(attempt.target):
        return {"thinkingLevel": _level(effort, attempt)}
    if effort is not None:
        return {"thinkingBudget": _within(BUDGETS[effort], attempt)}
    return {"thinkingBudget": MODELS_DECIDE} if reasoning.mode else {}


def _level(effort: str, attempt: Attempt) -> str:
    level = LEVEL_TO[effort]
    if level == "MINIMAL" and "pro" in attempt.target.model:
        return "LOW"
    return level


def _off(attempt: Attempt) -> dict[str, Json]:
    model = attempt.target.model
    if thinks_by_level(attempt.target):
        attempt.losses.add("reasoning", "the model always thinks; asked for the least", "hint")
        return {"thinkingLevel": _level("minimal", attempt)}
    if ALWAYS_THINKS.match(model):
        attempt.losses.add("reasoning", "the model always thinks; asked for the least", "hint")
        return {"thinkingBudget": LEAST_OF_PRO}
    return {"thinkingBudget": 0}


def _within(budget: int, attempt: Attempt) -> int:
    """The budget within what the model takes; beyond that it refuses the request."""
    most = next((most for model, most in MOST if model.match(attempt.target.model)), budget)
    if budget > most:
        attempt.losses.add("reasoning.budget", f"the model takes at most {most}", "hint")
    return min(budget, most)
