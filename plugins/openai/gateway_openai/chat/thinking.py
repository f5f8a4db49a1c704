"""Thoughts, both ways: reading them, and giving earlier ones back. `asking.py` asks for them.

OpenAI's chat dialect has no field for thoughts. Its providers use `reasoning_content` (DeepSeek,
Moonshot, vLLM) or `reasoning` (OpenRouter, Groq), and OpenRouter's list `reasoning_details`, whose
entries have text, a signature, or encrypted data (each provider's reference, read 2026-11).
"""

from __future__ import annotations

from gateway.attempt import Target
from gateway.model import Json, Path, Thinking
from gateway.reading import entries, get
from gateway_openai.chat.fields import form, put_back, unknown, with_notes
from gateway_openai.chat.seals import TAG, goes_home, origin, seal_from
from gateway_openai.chat.writing import Writing

FIELDS = ("reasoning_content", "reasoning")
DETAIL = frozenset({"type", "text", "summary", "data", "signature", "index", TAG})
ENCRYPTED = "reasoning.encrypted"
SUMMARY = "reasoning.summary"
TEXT = "reasoning.text"
TAGS = ("<think>", "</think>")


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
    text = "".join(part.text for part in parts)
    if text and writing.quirks.reasoning_field == TAGS[0]:
        out["content"] = _tagged(text, out.get("content"))
        text = ""
    names = _field_names(parts, writing)
    for name in names if text else ():
        out[name] = text
    if text and not names and len(details) < len(parts):
        writing.losses.add("thinking", f"{writing.attempt.target} takes no thoughts back")
    for part in parts:
        if part.seal and part.seal.value and not goes_home(part.seal, writing.attempt.target):
            writing.losses.add("seal", f"only {part.seal.dialect} can read it")


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


def _tagged(text: str, content: Json) -> Json:
    """An assistant's content with its thoughts in tags before it."""
    thoughts = TAGS[0] + text + TAGS[1] + "\n\n"
    if isinstance(content, list):
        return [{"type": "text", "text": thoughts}, *content]
    return thoughts + (content or "")


def _fits_detail(part: Thinking, writing: Writing) -> bool:
    if part.seal is not None and part.seal.value:
        return goes_home(part.seal, writing.attempt.target)
    return form(part.extra, "detail") is not None


def _field_names(parts: list[Thinking], writing: Writing) -> list[str]:
    field = writing.quirks.reasoning_field
    if field is not None:
        return [field] if field else []
    return next((names for part in parts if (names := form(part.extra, "fields"))), [])
