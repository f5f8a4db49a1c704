"""What a turn is found by: the ids of its calls, or a digest of what of it can be seen.

A digest covers the reply (its words without their white space; its calls by name and arguments) and
the user's words and results right before it, so that two conversations that say "OK" differ.
Clients write a reply's white space and JSON in their own ways; neither changes a digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import orjson

from gateway.attempt import Target
from gateway.model import Message, Part, Text, ToolResult

LENGTH = 16
Call = tuple[str, str]
"""Name and arguments."""


def origin_of(target: Target) -> str:
    """Whose seals a turn may hold."""
    return f"{target.upstream}/{target.model}/{target.speaks}"


def call_key(owner: str | None, origin: str, call_id: str) -> bytes:
    """The key of the turn that made this call. owner: the proxy key's id; None without one."""
    return _key(owner, origin, "call", call_id)


def turn_key(
    owner: str | None, origin: str, before: Iterable[Message], text: str, calls: Sequence[Call]
) -> bytes:
    """The key of a turn by what can be seen: the messages right before it, and what it says."""
    asked = [words.strip() for message in before for words in _words(message.parts)]
    seen = [[name, canonical(arguments)] for name, arguments in calls]
    return _key(owner, origin, "turn", orjson.dumps([asked, bare(text), seen]).decode())


def since_reply(messages: Sequence[Message]) -> Sequence[Message]:
    """The messages after the last of the assistant's."""
    at = len(messages)
    while at and messages[at - 1].role != "assistant":
        at -= 1
    return messages[at:]


def bare(text: str) -> str:
    """`text` without white space."""
    return "".join(text.split())


def text_digest(text: str) -> str:
    """What a visible text is recognised by; "" for one that can't be seen."""
    plain = bare(text)
    return (
        blake2b(plain.encode("utf-8", "replace"), digest_size=LENGTH).hexdigest() if plain else ""
    )


def canonical(arguments: str) -> str:
    """A call's arguments in one spelling: JSON with its keys in order, else no white space."""
    try:
        value = orjson.loads(arguments or "{}")
    except orjson.JSONDecodeError:
        return bare(arguments)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _key(owner: str | None, origin: str, kind: str, value: str) -> bytes:
    whose = orjson.dumps([owner, origin, kind])
    return blake2b(whose + value.encode("utf-8", "replace"), digest_size=LENGTH).digest()


def _words(parts: Iterable[Part]) -> Iterable[str]:
    for part in parts:
        match part:
            case Text():
                yield part.text
            case ToolResult():
                yield from _words(part.parts)
