"""Events as one `chat.completion` body, for a client that did not ask for a stream."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from time import time
from typing import assert_never

import orjson
from attrs import define, field

from gateway.events import Event, OpaqueEvent
from gateway.fold import ChatReply, collect
from gateway.losses import Losses
from gateway.model import (
    ChatRequest,
    Json,
    Media,
    Opaque,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    own,
)
from gateway_openai.chat.fields import DIALECT, form, put_back
from gateway_openai.chat.media import data_url
from gateway_openai.chat.names import FINISH_OUT
from gateway_openai.chat.reply_fields import REFUSED, note_reply_extra, split_finish
from gateway_openai.chat.seals import FIELD, to_client
from gateway_openai.chat.thinking import detail_to_client
from gateway_openai.chat.usage import write_usage

NO_ARGUMENTS = "{}"


@define
class _Message:
    """The message in the making."""

    text: list[str] = field(factory=list)
    refusal: list[str] = field(factory=list)
    thoughts: list[str] = field(factory=list)
    details: list[dict[str, Json]] = field(factory=list)
    calls: list[dict[str, Json]] = field(factory=list)
    images: list[dict[str, Json]] = field(factory=list)
    content: dict[str, Json] | None = None


class BodyEncoder:
    """A writer that gives the whole body at the end."""

    content_type = "application/json"

    def __init__(
        self, request: ChatRequest, losses: Losses, now: Callable[[], float] = time
    ) -> None:
        self._request = request
        self._losses = losses
        self._now = now
        self._events: list[Event] = []

    def feed(self, events: list[Event]) -> bytes:
        self._events += events
        return b""

    def close(self) -> bytes:
        for event in self._events:
            if isinstance(event, OpaqueEvent):
                self._losses.add("reply", f"a piece that only {event.dialect} knows")
        reply = collect(self._events)
        return orjson.dumps(self._body(reply))

    def _body(self, reply: ChatReply) -> dict[str, Json]:
        for extra in (reply.extra, reply.finish.extra):
            note_reply_extra(extra, self._losses)
        made = _Message()
        for part in reply.parts:
            self._add(part, made)
        top, more, choice = split_finish(reply.finish)
        created = form(reply.extra, "created")
        message = {**_written(made, reply), **more}
        body = {
            "id": reply.id or f"chatcmpl-{secrets.token_hex(12)}",
            "object": "chat.completion",
            "created": int(self._now()) if created is None else created,
            "model": reply.model or self._request.model,
            **own(reply.extra, DIALECT),
            "choices": [
                {"index": 0, "message": message, "finish_reason": _reason(made, reply), **choice}
            ],
            **top,
        }
        if reply.usage is not None:
            body["usage"] = write_usage(reply.usage)
        return body

    def _add(self, part: Part, made: _Message) -> None:
        if not isinstance(part, Opaque):
            note_reply_extra(part.extra, self._losses)
        match part:
            case Text():
                (made.refusal if form(part.extra, "refusal") else made.text).append(part.text)
                if part.seal is not None:
                    made.content = to_client(part.seal)
            case Thinking():
                _add_thought(part, made)
            case ToolCall():
                made.calls.append(_call(part))
            case Media():
                url = part.url or data_url(part)
                made.images.append({"type": "image_url", "image_url": {"url": url}})
            case Opaque():
                pass
            case ToolResult():
                self._losses.add("reply", "a tool result is no part of a reply here")
            case _:
                assert_never(part)


def _add_thought(part: Thinking, made: _Message) -> None:
    made.thoughts.append(part.text)
    if part.seal is not None:
        made.details.append(detail_to_client(part, len(made.details)))


def _call(call: ToolCall) -> dict[str, Json]:
    if call.kind == "custom":
        within = {"name": call.name, "input": call.arguments}
    else:
        within = {"name": call.name, "arguments": call.arguments or NO_ARGUMENTS}
    kind = "custom" if call.kind == "custom" else "function"
    out = {"id": call.id or f"call_{secrets.token_hex(12)}", "type": kind, kind: within}
    if call.seal is not None:
        out[FIELD] = to_client(call.seal)
    return put_back(out, call.extra)


def _written(made: _Message, reply: ChatReply) -> dict[str, Json]:
    """The message; `content` and `refusal` are always there, null when they say nothing."""
    refusal = "".join(made.refusal) or None
    if refusal is None and reply.finish.reason == "refusal":
        refusal = REFUSED
    thoughts = "".join(made.thoughts)
    rest = {
        "reasoning_content": thoughts or None,
        "reasoning_details": made.details,
        "tool_calls": made.calls,
        "images": made.images,
        FIELD: made.content,
    }
    has_more = made.calls or made.images or refusal
    content = "".join(made.text) or (None if has_more else "")
    said = {name: value for name, value in rest.items() if value}
    return {"role": "assistant", "content": content, "refusal": refusal, **said}


def _reason(made: _Message, reply: ChatReply) -> str:
    reason = reply.finish.reason
    return "stop" if reason == "refusal" and made.refusal else FINISH_OUT[reason]
