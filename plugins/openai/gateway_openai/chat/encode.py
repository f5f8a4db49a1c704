"""Events as a client's stream of `chat.completion.chunk`.

The constant head of a chunk is made once as bytes; a delta is that head, one orjson text, and a
constant end. The shapes are those that the openai SDK's stream helper demands: calls are numbered
from 0 without gaps, a call's id and name come first, and one chunk has the finish reason.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from time import time

import orjson
from attrs import define

from gateway.errors import GatewayError, UpstreamError
from gateway.events import (
    Delta,
    Event,
    Failure,
    Finish,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Ping,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.losses import Losses
from gateway.model import ChatRequest, Json, Seal, Thinking, own
from gateway.sse import comment
from gateway_openai.chat.errors import error_object
from gateway_openai.chat.fields import DIALECT, form, put_back
from gateway_openai.chat.names import FINISH_OUT
from gateway_openai.chat.reply_fields import REFUSED, note_reply_extra, split_finish
from gateway_openai.chat.seals import FIELD, to_client
from gateway_openai.chat.thinking import detail_to_client
from gateway_openai.chat.usage import write_usage

END = b"}]}\n\n"
OPEN_END = b'},"finish_reason":null' + END
DONE = b"data: [DONE]\n\n"
NO_ARGUMENTS = "{}"
BETWEEN = b",\n  "
"""Between two texts of an indented list, and nowhere else: no JSON string holds a line break."""


@define
class _Part:
    """An open part: what stands before and after each of its texts.

    call: its number among the calls. said: the texts so far, for a part that is told whole.
    """

    start: PartStart
    before: bytes
    after: bytes
    call: int | None = None
    said: list[str] | None = None
    grown: bool = False
    seal: Seal | None = None


class ChatEncoder:
    """A streaming writer for one exchange."""

    content_type = "text/event-stream"

    def __init__(
        self, request: ChatRequest, losses: Losses, now: Callable[[], float] = time
    ) -> None:
        self._request = request
        self._losses = losses
        self._now = now
        self._head = b""
        self._parts: dict[int, _Part] = {}
        self._calls = 0
        self._thoughts = 0
        self._usage: Usage | None = None
        self._refused = False
        self._over = False

    def feed(self, events: list[Event]) -> bytes:
        out: list[bytes] = []
        texts: list[str] = []
        at = -1
        for event in events:
            if type(event) is Delta:
                if event.index != at and texts:
                    self._grow(at, texts, out)
                at = event.index
                texts.append(event.text)
            else:
                if texts:
                    self._grow(at, texts, out)
                self._write(event, out)
        if texts:
            self._grow(at, texts, out)
        return b"".join(out)

    def close(self) -> bytes:
        if self._over:
            return b""
        return self.feed([Failure(UpstreamError.truncated())])

    def _grow(self, index: int, texts: list[str], out: list[bytes]) -> None:
        """Write a chunk for each of the texts, which are a part's next ones, and empty the list."""
        part = self._parts[index]
        part.grown = True
        if part.said is not None:
            part.said += texts
        if part.before:
            lines = orjson.dumps(texts, option=orjson.OPT_INDENT_2)[4:-2]
            out += (part.before, lines.replace(BETWEEN, part.after + part.before), part.after)
        texts.clear()

    def _write(self, event: Event, out: list[bytes]) -> None:
        match event:
            case Start():
                self._begin(event)
            case PartStart():
                self._open(event, out)
            case Sealed():
                self._parts[event.index].seal = event.seal
            case PartEnd():
                self._end(event, out)
            case UsageSeen():
                self._usage = self._usage.merged(event.usage) if self._usage else event.usage
            case Finish():
                self._finish(event, out)
            case Failure():
                self._fail(event.error, out)
            case Ping():
                out.append(comment("ping"))
            case OpaqueEvent():
                self._losses.add("reply", f"a piece that only {event.dialect} knows")
            case Delta():
                pass

    def _begin(self, start: Start) -> None:
        """Make the head that every chunk shares."""
        note_reply_extra(start.extra, self._losses)
        created = form(start.extra, "created")
        head = {
            "id": start.id or f"chatcmpl-{secrets.token_hex(12)}",
            "object": "chat.completion.chunk",
            "created": int(self._now()) if created is None else created,
            "model": start.model or self._request.model,
            **own(start.extra, DIALECT),
        }
        self._head = b"data: " + orjson.dumps(head)[:-1] + b","

    def _first(self, out: list[bytes], content: Json) -> None:
        """Before anything else: who speaks."""
        if not self._head:
            self._begin(Start())
        if not self._parts:
            self._delta({"role": "assistant", "content": content}, out)

    def _delta(self, delta: dict[str, Json], out: list[bytes]) -> None:
        out += (self._head, b'"choices":[{"index":0,"delta":', orjson.dumps(delta))
        out.append(OPEN_END[1:])

    def _around(self, before: bytes, after: bytes = b"") -> tuple[bytes, bytes]:
        return self._head + b'"choices":[{"index":0,"delta":{' + before, after + OPEN_END

    def _open(self, start: PartStart, out: list[bytes]) -> None:
        self._first(out, "" if start.kind == "text" else None)
        note_reply_extra(start.extra, self._losses)
        call, said = None, None
        match start.kind:
            case "text" if form(start.extra, "refusal"):
                self._refused = True
                around = self._around(b'"refusal":')
            case "text":
                around = self._around(b'"content":')
            case "thinking":
                around, said = self._around(b'"reasoning_content":'), list[str]()
            case "media":
                around, said = (b"", b""), list[str]()
            case "tool_call":
                call, around = self._calls, self._open_call(start, out)
        self._parts[start.index] = _Part(start, *around, call, said)

    def _open_call(self, start: PartStart, out: list[bytes]) -> tuple[bytes, bytes]:
        number, self._calls = self._calls, self._calls + 1
        kind = "custom" if start.tool == "custom" else "function"
        text = b"input" if kind == "custom" else b"arguments"
        call = {
            "index": number,
            "id": start.id or f"call_{secrets.token_hex(12)}",
            "type": kind,
            kind: {"name": start.name or "", text.decode(): ""},
        }
        self._delta({"tool_calls": [call]}, out)
        before = b'"tool_calls":[{"index":%d,"%s":{"%s":' % (number, kind.encode(), text)
        return self._around(before, b"}}]")

    def _end(self, end: PartEnd, out: list[bytes]) -> None:
        part = self._parts[end.index]
        note_reply_extra(end.extra, self._losses)
        match part.start.kind:
            case "tool_call":
                self._end_call(part, end, out)
            case "thinking" if part.seal is not None:
                self._delta({"reasoning_details": [self._detail(part)]}, out)
            case "media":
                url = f"data:{part.start.mime};base64,{''.join(part.said or ())}"
                self._delta({"images": [{"type": "image_url", "image_url": {"url": url}}]}, out)
            case "text" if part.seal is not None:
                self._delta({FIELD: to_client(part.seal)}, out)
            case _:
                pass

    def _detail(self, part: _Part) -> dict[str, Json]:
        text, start = "".join(part.said or ()), part.start
        self._thoughts += 1
        return detail_to_client(
            Thinking(text, start.redacted, part.seal, extra=start.extra), self._thoughts - 1
        )

    def _end_call(self, part: _Part, end: PartEnd, out: list[bytes]) -> None:
        """Finish a call: clients parse its arguments, so none at all are an empty object."""
        is_custom = part.start.tool == "custom"
        if not part.grown and not is_custom:
            out += (part.before, orjson.dumps(NO_ARGUMENTS), part.after)
        if part.seal is None and not part.start.extra and not end.extra:
            return
        within = {"custom": {"input": ""}} if is_custom else {"function": {"arguments": ""}}
        more = put_back(put_back({"index": part.call, **within}, part.start.extra), end.extra)
        if part.seal is not None:
            more[FIELD] = to_client(part.seal)
        self._delta({"tool_calls": [more]}, out)

    def _finish(self, finish: Finish, out: list[bytes]) -> None:
        self._over = True
        self._first(out, "")
        note_reply_extra(finish.extra, self._losses)
        top, message, choice = split_finish(finish)
        if finish.reason == "refusal" and not self._refused:
            message["refusal"] = REFUSED
        last = {"index": 0, "delta": message, "finish_reason": self._reason(finish), **choice}
        out += (self._head, _members(top), b'"choices":[', orjson.dumps(last), b"]}\n\n")
        if self._usage is not None and form(self._request.extra, "include_usage"):
            usage = orjson.dumps(write_usage(self._usage))
            out += (self._head, b'"choices":[],"usage":', usage, b"}\n\n")
        out.append(DONE)

    def _reason(self, finish: Finish) -> str:
        return "stop" if finish.reason == "refusal" and self._refused else FINISH_OUT[finish.reason]

    def _fail(self, error: GatewayError, out: list[bytes]) -> None:
        """The error in place of an end: no `[DONE]` follows, so that nobody takes it for one."""
        self._over = True
        out.append(b"data: " + orjson.dumps({"error": error_object(error)}) + b"\n\n")


def _members(fields: dict[str, Json]) -> bytes:
    return orjson.dumps(fields)[1:-1] + b"," if fields else b""
