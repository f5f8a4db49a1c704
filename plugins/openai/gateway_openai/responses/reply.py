"""One reply of an upstream: its events, or its whole body, as the hub's events."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import orjson
from attrs import define, field

from gateway.attempt import Attempt
from gateway.errors import UpstreamError
from gateway.events import Event, Failure, Finish, FinishReason, Start, UsageSeen
from gateway.model import NO_EXTRA, Json
from gateway_openai.responses.decode_items import BadItem, ItemReader, whole_number
from gateway_openai.responses.errors import failure_of
from gateway_openai.responses.fields import object_of, objects_of, text_of, unknown, with_notes
from gateway_openai.responses.names import INCOMPLETE_IN
from gateway_openai.responses.usage import read_usage

KNOWN = frozenset(
    {
        *("id", "object", "created_at", "status", "error", "incomplete_details", "model"),
        *("output", "usage", "completed_at", "stop_sequence", "output_text"),
        *("background", "instructions", "max_output_tokens", "max_tool_calls", "metadata"),
        *("parallel_tool_calls", "previous_response_id", "prompt_cache_key", "reasoning"),
        *("prompt_cache_retention", "safety_identifier", "store", "temperature", "text"),
        *("tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user"),
    }
)
"""What a response says that the hub has a name for, or that only repeats the request."""
GROWTH: dict[str, tuple[str, str]] = {
    "response.output_text.delta": ("message", "content"),
    "response.refusal.delta": ("message", "content"),
    "response.reasoning_summary_text.delta": ("reasoning", "summary"),
    "response.reasoning_text.delta": ("reasoning", "content"),
    "response.function_call_arguments.delta": ("function_call", "content"),
    "response.custom_tool_call_input.delta": ("custom_tool_call", "content"),
}
"""Which type of item a delta belongs to, and what counts its places."""


@define
class ReplyReader:
    """Reads one reply. over: its last event has been given."""

    attempt: Attempt
    over: bool = False
    started: bool = False
    items: ItemReader = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.items = ItemReader(self.attempt)

    def read(self, event: dict[str, Json], data: bytes, out: list[Event]) -> None:
        """One event of a stream. Events that say nothing new are passed over."""
        kind = text_of(event.get("type"))
        if not kind and event.get("error"):
            kind = "error"
        read = self.EVENTS.get(kind)
        if read is None and kind not in GROWTH:
            return
        if kind not in ("error", "response.failed"):
            self._start(object_of(event.get("response")), out)
        try:
            if read is not None:
                read(self, event, data, out)
            else:
                self.items.grow(GROWTH[kind][0], event, GROWTH[kind][1], out)
        except BadItem as error:
            self.fail(UpstreamError.garbage(str(error)), out)

    def read_body(self, response: dict[str, Json], data: bytes, out: list[Event]) -> None:
        """A whole response."""
        if response.get("error") or response.get("status") == "failed":
            self.fail(failure_of(response.get("error") or {}, data), out)
        elif not isinstance(response.get("output"), list):
            said = text_of(response.get("message")) or text_of(response.get("detail"))
            self.fail(UpstreamError.garbage(said[:300] or "it has no output"), out)
        elif response.get("status", "completed") not in ("completed", "incomplete"):
            self.fail(UpstreamError.garbage(f"its status is {response['status']!r:.80}"), out)
        else:
            self._start(response, out)
            try:
                self._finish(response, out)
            except BadItem as error:
                self.fail(UpstreamError.garbage(str(error)), out)

    def fail(self, error: UpstreamError, out: list[Event]) -> None:
        if not self.over:
            self.over = True
            out.append(Failure(error))

    def _start(self, response: dict[str, Json], out: list[Event]) -> None:
        if self.started:
            return
        self.started = True
        created = response.get("created_at")
        known = created if isinstance(created, int | float) else None
        out.append(
            Start(
                text_of(response.get("id")) or None,
                text_of(response.get("model")) or None,
                extra=with_notes(NO_EXTRA, (), created=known),
            )
        )

    def _added(self, event: dict[str, Json], _: bytes, out: list[Event]) -> None:
        item = event.get("item")
        if isinstance(item, dict):
            self.items.add(item, whole_number(event.get("output_index")), out)

    def _part_added(self, event: dict[str, Json], _: bytes, out: list[Event]) -> None:
        self.items.add_part(event, out)

    def _done(self, event: dict[str, Json], _: bytes, out: list[Event]) -> None:
        item = event.get("item")
        if isinstance(item, dict):
            self.items.end(item, whole_number(event.get("output_index")), out)

    def _nothing(self, event: dict[str, Json], _: bytes, out: list[Event]) -> None:
        """The event says only that the reply has begun."""

    def _ended(self, event: dict[str, Json], data: bytes, out: list[Event]) -> None:
        response = object_of(event.get("response"))
        if response.get("error") or response.get("status") == "failed":
            self._failed(event, data, out)
            return
        incomplete = event["type"] == "response.incomplete"
        status = "incomplete" if incomplete else response.get("status", "completed")
        self._finish({**response, "status": status}, out)

    def _failed(self, event: dict[str, Json], _: bytes, out: list[Event]) -> None:
        error = object_of(event.get("response")).get("error") or {}
        body = orjson.dumps({"error": error}) if error else b""
        self.fail(failure_of(error, body), out)

    def _error(self, event: dict[str, Json], _: bytes, out: list[Event]) -> None:
        said = event.get("error") or {k: event.get(k) for k in ("code", "message", "param")}
        self.fail(failure_of(said, orjson.dumps({"error": said})), out)

    def _finish(self, response: dict[str, Json], out: list[Event]) -> None:
        for at, item in enumerate(objects_of(response.get("output"))):
            self.items.end(item, at, out)
        self.items.end_all(out)
        usage = response.get("usage")
        if isinstance(usage, dict):
            out.append(UsageSeen(read_usage(usage)))
        self.over = True
        stop = text_of(response.get("stop_sequence")) or None
        out.append(Finish(self._reason(response, stop), stop, unknown(response, KNOWN, ())))

    def _reason(self, response: dict[str, Json], stop: str | None) -> FinishReason:
        if response.get("status") == "incomplete":
            why = text_of(object_of(response.get("incomplete_details")).get("reason"))
            return INCOMPLETE_IN.get(why, "length")
        if self.items.called:
            return "tool_use"
        if self.items.refused:
            return "refusal"
        return "stop_sequence" if stop else "stop"

    EVENTS: ClassVar[
        dict[str, Callable[[ReplyReader, dict[str, Json], bytes, list[Event]], None]]
    ] = {
        "response.created": _nothing,
        "response.in_progress": _nothing,
        "response.queued": _nothing,
        "response.output_item.added": _added,
        "response.content_part.added": _part_added,
        "response.output_item.done": _done,
        "response.completed": _ended,
        "response.done": _ended,
        "response.incomplete": _ended,
        "response.failed": _failed,
        "error": _error,
    }
