"""Read a reply: the chunks of a stream, or one whole body, as events.

A whole body is read as one chunk whose `message` is its `delta`, so both give the same events.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from gateway.attempt import Attempt
from gateway.errors import UpstreamError
from gateway.events import Event, Failure, Finish, FinishReason, Start, Usage, UsageSeen
from gateway.model import NO_EXTRA, Extra, Fields, Json
from gateway_openai.chat.accumulate import accumulate
from gateway_openai.chat.calls import new_call_id
from gateway_openai.chat.delta import DeltaReader
from gateway_openai.chat.errors import failure_of
from gateway_openai.chat.fields import DIALECT, with_notes
from gateway_openai.chat.names import FINISH_FAILED, FINISH_IN
from gateway_openai.chat.usage import read_usage

CHUNK = frozenset({"id", "object", "created", "model", "choices", "usage", "obfuscation", "error"})
TEXTS = frozenset({"role", "content", "reasoning_content", "reasoning"})
CHOICE = frozenset({"index", "delta", "message", "finish_reason", "stop_reason", "usage"})


@define
class ReplyReader:
    """One reply, as far as it has come. finished: its finish reason has come. over: its end."""

    attempt: Attempt
    new_id: Callable[[], str] = new_call_id
    finished: bool = False
    over: bool = False
    _started: bool = False
    _known: frozenset[str] = CHUNK
    _usage: Usage | None = None
    _reason: str | None = None
    _stop: str | None = None
    _rest: dict[str, Json] = field(factory=dict)
    _choice: dict[str, Json] = field(factory=dict)
    _delta: DeltaReader = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._delta = DeltaReader(self.attempt, self.new_id)

    @property
    def answered(self) -> bool:
        """Whether anything of an answer has come."""
        return self._delta.parts > 0 or self.finished

    def read(self, chunk: dict[str, Json], out: list[Event]) -> None:
        """Read one chunk of a stream, or a whole body."""
        error = chunk.get("error")
        if error:
            self.fail(failure_of(error), out)
            return
        if not self._started:
            self._start(chunk, out)
        elif not chunk.keys() <= self._known:
            _keep(chunk, self._known, self._rest)
        choices = chunk.get("choices")
        if choices and isinstance(choices, list) and isinstance(choices[0], dict):
            self._read_choice(choices[0], out)
        usage = chunk.get("usage")
        if usage:
            self._read_usage(usage, out)

    def said_text_only(self, chunk: dict[str, Json]) -> bool:
        """Whether a chunk just read, which gave one text, would always do no more than that."""
        if chunk.get("usage") or self._delta.may_think or not chunk.keys() <= self._known:
            return False
        choice = chunk["choices"][0]
        delta = choice.get("delta") or {}
        return not any(choice[name] for name in choice if name not in ("index", "delta")) and all(
            name in TEXTS and isinstance(value, str) for name, value in delta.items() if value
        )

    def end(self, out: list[Event]) -> None:
        """The reply is complete: close what is open, and finish."""
        if self.over:
            return
        self._delta.close(out)
        if not self._delta.calls.end_all(out):
            self.fail(UpstreamError.garbage("a tool call has no name"), out)
            return
        self.over = True
        out.append(Finish(self._finish_reason(), self._stop, self._finish_extra()))

    def fail(self, error: UpstreamError, out: list[Event]) -> None:
        """End the reply in an error, once."""
        if not self.over:
            self.over = True
            out.append(Failure(error))

    def _start(self, chunk: dict[str, Json], out: list[Event]) -> None:
        self._started = True
        said: dict[str, Json] = {}
        if not chunk.keys() <= CHUNK:
            _keep(chunk, CHUNK, said)
            self._known = CHUNK | chunk.keys()
        extra: Extra = {DIALECT: Fields(said, ())} if said else NO_EXTRA
        created = chunk.get("created")
        extra = with_notes(extra, (), created=created if isinstance(created, int) else None)
        out.append(Start(_text(chunk.get("id")), _text(chunk.get("model")), extra=extra))

    def _read_choice(self, choice: dict[str, Json], out: list[Event]) -> None:
        if choice.get("index") not in (0, None):
            return
        delta = choice.get("delta")
        if delta:
            if isinstance(delta, dict):
                self._delta.read(delta, out)
        elif isinstance(message := choice.get("message"), dict):
            self._delta.read_message(message, out)
        if not choice.keys() <= CHOICE:
            _keep(choice, CHOICE, self._choice)
        stop = choice.get("stop_reason")
        if isinstance(stop, str):
            self._stop = stop
        if choice.get("usage"):
            self._read_usage(choice["usage"], out)
        reason = choice.get("finish_reason")
        if reason:
            self._finish(str(reason), out)

    def _finish(self, reason: str, out: list[Event]) -> None:
        if reason in FINISH_FAILED:
            self.fail(failure_of(f"the upstream ended its reply with {reason!r}"), out)
            return
        self.finished, self._reason = True, reason

    def _read_usage(self, usage: Json, out: list[Event]) -> None:
        """Counts are cumulative: the largest of each kind holds."""
        if not isinstance(usage, dict):
            return
        seen = read_usage(usage)
        merged = self._usage.merged(seen) if self._usage else seen
        if merged != self._usage:
            self._usage = merged
            out.append(UsageSeen(merged))

    def _finish_reason(self) -> FinishReason:
        """What the calls and refusals say wins over a plain "stop"."""
        reason = FINISH_IN.get(self._reason or "stop", "stop")
        if self._delta.refused and reason in ("stop", "content_filter"):
            return "refusal"
        if reason != "stop":
            return reason
        if self._delta.calls.calls:
            return "tool_use"
        return "stop_sequence" if self._stop is not None else "stop"

    def _finish_extra(self) -> Extra:
        said = dict(self._rest)
        for place, fields in (("message", self._delta.rest), ("choice", self._choice)):
            said.update((f"{place}.{name}", value) for name, value in fields.items())
        extra: Extra = {DIALECT: Fields(said, ())} if said else NO_EXTRA
        is_new = self._reason is not None and self._reason not in FINISH_IN
        return with_notes(extra, (), reason=self._reason if is_new else None)


def _keep(obj: dict[str, Json], known: frozenset[str], kept: dict[str, Json]) -> None:
    for name, value in obj.items():
        if name not in known and value is not None:
            accumulate(kept, name, value)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
