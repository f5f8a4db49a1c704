"""How much the model is to think: read from a client, and asked for in each vendor's own form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from gateway.model import NO_EXTRA, Extra, Json, Path, Reasoning
from gateway.reading import get
from gateway_openai.chat.fields import form, with_notes
from gateway_openai.chat.writing import Writing
from gateway_openai.templates import template_of
from gateway_openai.vendors import matches

WORDS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
WEAK = ("minimal", "low", "medium")
BUDGETS = ((2_048, "low"), (8_192, "medium"))
"""Up to so many tokens of thinking, the effort is called so; above, it is high."""
BUDGET_OF: Mapping[str, int] = MappingProxyType(
    {
        "minimal": 1_024,
        "low": 2_048,
        "medium": 8_192,
        "high": 24_576,
        "xhigh": 32_768,
        "max": 38_912,
    }
)


def read_reasoning(body: dict[str, Json], path: Path = ()) -> Reasoning | None:
    """How much the client wants the model to think."""
    effort = get(body, "reasoning_effort", str, path)
    if effort is None:
        return None
    extra: Extra = with_notes(NO_EXTRA, path, said=True)
    return Reasoning(mode="off" if effort == "none" else None, effort=effort, extra=extra)


def write_reasoning(reasoning: Reasoning | None, body: dict[str, Json], writing: Writing) -> None:
    """Ask for thinking as the provider takes it.

    A client's own word goes on as it is where nothing else is known of the provider.
    """
    quirks, target = writing.quirks, writing.attempt.target
    if not writing.attempt.stream and matches(target.model, quirks.thinks_in_streams):
        _only_in_streams(reasoning, body, writing)
        return
    if reasoning is None:
        return
    said = form(reasoning.extra, "said") and reasoning.effort
    if said and quirks.reasoning_request is None:
        body["reasoning_effort"] = reasoning.effort
        return
    ask = FORMS.get(quirks.reasoning_request or "")
    if ask is None or not quirks.reasons(target.model) or target.facts.get("thinking") is False:
        if reasoning.mode != "off":
            writing.losses.add("reasoning", f"{target} can't be asked for thinking", "hint")
        return
    ask(reasoning, body, writing)


def _only_in_streams(reasoning: Reasoning | None, body: dict[str, Json], writing: Writing) -> None:
    body["enable_thinking"] = False
    if reasoning is not None and reasoning.mode != "off":
        target = writing.attempt.target
        writing.losses.add("reasoning", f"{target} thinks in streams only", "hint")


def _is_off(reasoning: Reasoning) -> bool:
    return reasoning.mode == "off" or reasoning.effort == "none"


def _word(reasoning: Reasoning, writing: Writing) -> str:
    """The client's effort; a budget counts as one, which is a loss."""
    if reasoning.effort is None and reasoning.budget is not None:
        budget = reasoning.budget
        word = next((name for most, name in BUDGETS if budget <= most), "high")
        writing.losses.add("reasoning.budget", f"{budget} tokens became effort {word}", "hint")
        return word
    return reasoning.effort or "medium"


def _nearest(word: str, known: tuple[str, ...], writing: Writing) -> str:
    """The nearest of the `known` words, of two the stronger; thinking isn't turned off by it."""
    if word in known or word not in WORDS:
        return word
    rank = WORDS.index(word)
    awake = [name for name in known if name != "none"]
    nearest = min(awake, key=lambda n: (abs(WORDS.index(n) - rank), -WORDS.index(n)))
    writing.losses.add("reasoning.effort", f"{word} became {nearest}", "hint")
    return nearest


def _by_effort(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    known = tuple(writing.quirks.efforts)
    if _is_off(reasoning):
        if "none" in known:
            body["reasoning_effort"] = "none"
        else:
            writing.losses.add("reasoning.mode", "thinking can't be turned off here", "hint")
    elif not _is_left_open(reasoning):
        body["reasoning_effort"] = _nearest(_word(reasoning, writing), known, writing)


def _is_left_open(reasoning: Reasoning) -> bool:
    """Whether the model itself decides how much it thinks."""
    return reasoning.mode == "adaptive" and reasoning.effort is None


def _by_switch(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    body["thinking"] = {"type": "disabled" if _is_off(reasoning) else "enabled"}
    if not _is_off(reasoning) and (reasoning.effort or reasoning.budget) is not None:
        writing.losses.add("reasoning", "only on and off can be said here", "hint")


def _by_switch_and_effort(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    """An effort beside thinking that is off is refused, so off goes alone."""
    off = _is_off(reasoning)
    body["thinking"] = {"type": "disabled" if off else "enabled"}
    if not off and (reasoning.effort or reasoning.budget) is not None:
        known = tuple(writing.quirks.efforts)
        body["reasoning_effort"] = _nearest(_word(reasoning, writing), known, writing)


def _by_budget(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    body["enable_thinking"] = not _is_off(reasoning)
    if _is_off(reasoning):
        return
    budget = reasoning.budget
    if budget is None and reasoning.effort is not None:
        budget = BUDGET_OF.get(reasoning.effort)
        became = f"a budget of {budget} tokens" if budget else "thinking without a budget"
        writing.losses.add("reasoning.effort", f"{reasoning.effort} became {became}", "hint")
    if budget is not None:
        body["thinking_budget"] = budget


def _by_object(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    if _is_off(reasoning):
        body["reasoning"] = {"enabled": False}
    elif reasoning.budget is not None:
        body["reasoning"] = {"max_tokens": reasoning.budget}
    elif reasoning.effort is not None:
        known = tuple(writing.quirks.efforts)
        body["reasoning"] = {"effort": _nearest(reasoning.effort, known, writing)}
    else:
        body["reasoning"] = {"enabled": True}


def _by_split(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    """The model always thinks; its thoughts can be split off the text."""
    body["reasoning_split"] = True
    if _is_off(reasoning):
        writing.losses.add("reasoning.mode", "thinking can't be turned off here", "hint")
    elif (reasoning.effort or reasoning.budget) is not None:
        writing.losses.add("reasoning", "how much can't be said here", "hint")


def _by_template(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    target = writing.attempt.target
    template = template_of(target.model)
    if template is None:
        if reasoning.mode != "off":
            writing.losses.add("reasoning", f"{target} can't be asked for thinking", "hint")
        return
    if _is_off(reasoning):
        said = dict(template.off)
    elif _is_left_open(reasoning) and template.adaptive is not None:
        said = dict(template.adaptive)
    else:
        said = dict(template.on)
    amount = None if _is_off(reasoning) else reasoning.effort or reasoning.budget
    if amount is not None:
        word = _word(reasoning, writing)
        if template.effort is not None:
            said[template.effort] = _nearest(word, tuple(template.efforts), writing)
        elif template.low and word in WEAK:
            said.update(template.low)
        elif not template.low:
            writing.losses.add("reasoning", "only on and off can be said here", "hint")
    if said:
        body["chat_template_kwargs"] = said


FORMS: Mapping[str, Callable[[Reasoning, dict[str, Json], Writing], None]] = MappingProxyType(
    {
        "effort": _by_effort,
        "thinking": _by_switch,
        "thinking_effort": _by_switch_and_effort,
        "enable_thinking": _by_budget,
        "reasoning": _by_object,
        "reasoning_split": _by_split,
        "template": _by_template,
    }
)
"""Each way to ask: `reasoning_effort`; `thinking.type`, alone or with an effort; `enable_thinking`
and `thinking_budget`; a `reasoning` object; `reasoning_split`; `chat_template_kwargs`."""
