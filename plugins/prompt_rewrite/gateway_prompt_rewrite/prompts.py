"""One prompt rule, applied: where its text goes, and why there.

A provider caches the beginning of a request up to the client's cache markers, so the beginning
has to stay as it was. A text is a piece of its own and never joins one of the client's; one that
is appended comes last, behind every marker, so that what was cached before is found again. One that
replaces others takes over the last of their markers.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from gateway.model import NO_EXTRA, ChatRequest, Extra, Fields, Message, Part, Text, ToolResult
from gateway_prompt_rewrite.settings import PromptRule


def placed(request: ChatRequest, rule: PromptRule) -> ChatRequest:
    """The request with the rule's text in it."""
    if rule.position == "system":
        return evolve(request, system=_in_system(request.system, rule))
    at = _last_user(request.messages)
    if at is None:
        return request
    messages = list(request.messages)
    messages[at] = evolve(messages[at], parts=_in_user(messages[at].parts, rule))
    return evolve(request, messages=messages)


def _in_system(system: list[Text], rule: PromptRule) -> list[Text]:
    if rule.mode == "append":
        return [*system, Text(rule.words)]
    if rule.mode == "prepend":
        return _led(system, rule.words)
    return [_instead_of(system, rule.words)] if rule.words else []


def _led(system: list[Text], words: str) -> list[Text]:
    """A first text takes over the notes on how the system text begins."""
    if not system or not _notes(system[0].extra):
        return [Text(words), *system]
    first, *rest = system
    return [Text(words, extra=first.extra), evolve(first, extra=NO_EXTRA), *rest]


def _last_user(messages: Sequence[Message]) -> int | None:
    """Where the last message stands that the user wrote; None: the user wrote none.

    Tool results come as user messages too. Those are passed over, since in a tool loop they would
    move the text with every step, away from the beginning that the provider has cached.
    """
    users = [at for at, message in enumerate(messages) if message.role == "user"]
    for is_written in (_holds_no_result, _holds_more_than_results):
        found = [at for at in users if is_written(messages[at])]
        if found:
            return found[-1]
    return None


def _holds_no_result(message: Message) -> bool:
    return not any(isinstance(part, ToolResult) for part in message.parts)


def _holds_more_than_results(message: Message) -> bool:
    return not all(isinstance(part, ToolResult) for part in message.parts)


def _in_user(parts: list[Part], rule: PromptRule) -> list[Part]:
    """Behind the results, which must come first, where the text leads."""
    if rule.mode == "append":
        return [*parts, Text(rule.words)]
    results = [part for part in parts if isinstance(part, ToolResult)]
    others = [part for part in parts if not isinstance(part, ToolResult)]
    if rule.mode == "prepend":
        return [*results, Text(rule.words), *others]
    texts = [part for part in others if isinstance(part, Text)]
    rest = [part for part in others if not isinstance(part, Text)]
    return [*results, _instead_of(texts, rule.words), *rest]


def _instead_of(texts: list[Text], words: str) -> Text:
    """One text for several: with the last of their cache markers, and the form of the first."""
    markers = [text.cache_control for text in texts if text.cache_control is not None]
    notes = _notes(texts[0].extra) if texts else NO_EXTRA
    return Text(words, cache_control=markers[-1] if markers else None, extra=notes)


def _notes(extra: Extra) -> Extra:
    """The notes on the wire form that dialects left, without the client's own fields."""
    kept = {
        dialect: Fields({key: fields[key] for key in fields if key.startswith("$")}, fields.path)
        for dialect, fields in extra.items()
    }
    return {dialect: fields for dialect, fields in kept.items() if fields}
