"""Thoughts, both ways: asking for them, and giving earlier ones back.

OpenAI's chat dialect has no field for thoughts. Its providers use `reasoning_content` (DeepSeek,
Moonshot, vLLM) or `reasoning` (OpenRouter, Groq), and OpenRouter's list `reasoning_details`, whose
entries have text, a signature, or encrypted data (each provider's reference, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from gateway.attempt import Target
from gateway.model import NO_EXTRA, Extra, Json, Path, Reasoning, Thinking
from gateway.reading import entries, get
from gateway_openai.chat.fields import form, put_back, unknown, with_notes
from gateway_openai.chat.seals import TAG, goes_home, origin, seal_from
from gateway_openai.chat.writing import Writing

FIELDS = ("reasoning_content", "reasoning")
DETAIL = frozenset({"type", "text", "summary", "data", "signature", "index", TAG})
ENCRYPTED = "reasoning.encrypted"
SUMMARY = "reasoning.summary"
TEXT = "reasoning.text"
WORDS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
BUDGETS = ((2_048, "low"), (8_192, "medium"))
"""Up to so many tokens of thinking, the effort is called so; above, it is high."""
BUDGET_OF: Mapping[str, int] = MappingProxyType(
    {"minimal": 1_024, "low": 2_048, "medium": 8_192, "high": 24_576, "xhigh": 32_768}
)


def read_thinking(
    message: dict[str, Json], path: Path, target: Target | None = None
) -> list[Thinking]:
    """The thoughts of a message, in the pieces that they were sealed in.

    target: who sent the message; None for one in a client's history.
    """
    names = [name for name in FIELDS if isinstance(message.get(name), str)]
    text = message[names[0]] if names else ""
    details = get(message, "reasoning_details", list, path) or []
    within = (*path, "reasoning_details")
    sealed = [read_detail(detail, at, target) for at, detail in entries(details, within)]
    parts = _spread(text, sealed) if text else sealed
    if parts and names and target is None:
        parts[0].extra = with_notes(parts[0].extra, path, fields=names)
    return parts


def read_detail(detail: dict[str, Json], path: Path, target: Target | None = None) -> Thinking:
    """One entry of `reasoning_details`; in a reply, of the `target` that sent it.

    In a reply, a tagged entry is another gateway's, and its form says nothing of the provider.
    """
    kind = detail.get("type")
    extra = unknown(detail, DETAIL, path)
    if target is None or TAG not in detail:
        extra = with_notes(extra, path, detail=kind, at=detail.get("index"))
    value = detail.get("data") if kind == ENCRYPTED else detail.get("signature")
    return Thinking(
        detail_text(detail),
        redacted=kind == ENCRYPTED,
        seal=seal_from(value, detail.get(TAG), target) if isinstance(value, str) else None,
        extra=extra,
    )


def detail_text(detail: dict[str, Json]) -> str:
    """The readable text of an entry of `reasoning_details`."""
    text = detail.get("summary") if detail.get("type") == SUMMARY else detail.get("text")
    return text if isinstance(text, str) else ""


def write_detail(part: Thinking, index: int) -> dict[str, Json]:
    """An entry of `reasoning_details` without its origin."""
    kind = form(part.extra, "detail") or (ENCRYPTED if part.redacted else TEXT)
    out: dict[str, Json] = {"type": kind}
    if part.text:
        out["summary" if kind == SUMMARY else "text"] = part.text
    if part.seal is not None and part.seal.value:
        out["data" if kind == ENCRYPTED else "signature"] = part.seal.value
    at = form(part.extra, "at")
    if at is not None or not form(part.extra, "detail"):
        out["index"] = index if at is None else at
    return put_back(out, part.extra)


def detail_to_client(part: Thinking, index: int) -> dict[str, Json]:
    """A sealed thought for a client, whole, tagged with its origin.

    index: its place in the list; the openai SDK joins the entries of a stream by it.
    """
    tag = origin(part.seal) if part.seal else {}
    return {**write_detail(part, index), "index": index, TAG: tag}


def write_thinking(parts: list[Thinking], out: dict[str, Json], writing: Writing) -> None:
    """Give thoughts back in the fields that the provider takes; the rest is a loss."""
    details = [part for part in parts if _fits_detail(part, writing)]
    if details and writing.quirks.reasoning_field != "":
        out["reasoning_details"] = [write_detail(part, at) for at, part in enumerate(details)]
    names = _field_names(parts, writing)
    text = "".join(part.text for part in parts)
    for name in names if text else ():
        out[name] = text
    if text and not names and len(details) < len(parts):
        writing.losses.add("thinking", f"{writing.attempt.target} takes no thoughts back")
    for part in parts:
        if part.seal and part.seal.value and not goes_home(part.seal, writing.attempt.target):
            writing.losses.add("seal", f"only {part.seal.dialect} can read it")


def read_reasoning(body: dict[str, Json], path: Path = ()) -> Reasoning | None:
    """How much the client wants the model to think."""
    effort = get(body, "reasoning_effort", str, path)
    if effort is None:
        return None
    extra: Extra = with_notes(NO_EXTRA, path, said=True)
    return Reasoning(mode="off" if effort == "none" else None, effort=effort, extra=extra)


def write_reasoning(reasoning: Reasoning | None, body: dict[str, Json], writing: Writing) -> None:
    """Ask for thinking as the provider takes it. A client's own word goes on as it is."""
    if reasoning is None:
        return
    if form(reasoning.extra, "said") and reasoning.effort:
        body["reasoning_effort"] = reasoning.effort
        return
    quirks, target = writing.quirks, writing.attempt.target
    ask = ASKING.get(quirks.reasoning_request or "")
    if ask is None or not quirks.reasons(target.model) or target.facts.get("thinking") is False:
        if reasoning.mode != "off":
            writing.losses.add("reasoning", f"{target} can't be asked for thinking", "hint")
        return
    ask(reasoning, body, writing)


def _spread(text: str, sealed: list[Thinking]) -> list[Thinking]:
    """`text` cut where its sealed pieces stand; what is between them is unsealed thought."""
    parts: list[Thinking] = []
    cursor = 0
    for piece in sealed:
        at = text.find(piece.text, cursor) if piece.text else cursor
        if at < 0:
            return sealed
        if at > cursor:
            parts.append(Thinking(text[cursor:at]))
        parts.append(piece)
        cursor = at + len(piece.text)
    return [*parts, Thinking(text[cursor:])] if cursor < len(text) else parts


def _fits_detail(part: Thinking, writing: Writing) -> bool:
    if part.seal is not None and part.seal.value:
        return goes_home(part.seal, writing.attempt.target)
    return form(part.extra, "detail") is not None


def _field_names(parts: list[Thinking], writing: Writing) -> list[str]:
    field = writing.quirks.reasoning_field
    if field is not None:
        return [field] if field else []
    return next((names for part in parts if (names := form(part.extra, "fields"))), [])


def _effort(reasoning: Reasoning, writing: Writing) -> str:
    """The nearest word that the provider takes."""
    if reasoning.mode == "off":
        return "none"
    budget = reasoning.budget
    word = reasoning.effort
    if word is None and budget is not None:
        word = next((name for most, name in BUDGETS if budget <= most), "high")
        writing.losses.add("reasoning.budget", f"{budget} tokens became effort {word}", "hint")
    return _nearest(word or "medium", writing)


def _nearest(word: str, writing: Writing) -> str:
    known = writing.quirks.efforts
    if word in known or word not in WORDS:
        return word
    rank = WORDS.index(word)
    nearest = min(known, key=lambda name: abs(WORDS.index(name) - rank))
    writing.losses.add("reasoning.effort", f"{word} became {nearest}", "hint")
    return nearest


def _by_effort(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    if reasoning.mode == "off" and "none" not in writing.quirks.efforts:
        writing.losses.add("reasoning.mode", "thinking can't be turned off here", "hint")
        return
    if reasoning.mode == "adaptive" and reasoning.effort is None:
        return
    body["reasoning_effort"] = _effort(reasoning, writing)


def _by_switch(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    body["thinking"] = {"type": "disabled" if reasoning.mode == "off" else "enabled"}
    if reasoning.effort is not None or reasoning.budget is not None:
        writing.losses.add("reasoning", "only on and off can be said here", "hint")


def _by_budget(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    body["enable_thinking"] = reasoning.mode != "off"
    budget = reasoning.budget
    if budget is None and reasoning.effort is not None:
        budget = BUDGET_OF.get(reasoning.effort)
        writing.losses.add("reasoning.effort", f"became a budget of {budget} tokens", "hint")
    if budget is not None and reasoning.mode != "off":
        body["thinking_budget"] = budget


def _by_object(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    if reasoning.mode == "off":
        body["reasoning"] = {"enabled": False}
    elif reasoning.budget is not None:
        body["reasoning"] = {"max_tokens": reasoning.budget}
    elif reasoning.effort is not None:
        body["reasoning"] = {"effort": _nearest(reasoning.effort, writing)}
    else:
        body["reasoning"] = {"enabled": True}


ASKING: Mapping[str, Callable[[Reasoning, dict[str, Json], Writing], None]] = MappingProxyType(
    {
        "effort": _by_effort,
        "thinking": _by_switch,
        "enable_thinking": _by_budget,
        "reasoning": _by_object,
    }
)
