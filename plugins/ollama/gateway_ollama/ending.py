"""The end of a reply: why it ended, how much was read and written, and how long it took."""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import define

from gateway.events import Finish, Start, Usage
from gateway.losses import Losses
from gateway.model import ChatRequest, Json, own
from gateway_ollama.fields import form, note_reply
from gateway_ollama.names import DIALECT, FINISH_OUT
from gateway_ollama.usage import write_usage

SECOND = 1_000_000_000


@define
class Clock:
    """When a reply was asked for and when it began, in seconds since the epoch."""

    asked: float
    began: float | None = None

    def durations(self, now: float) -> dict[str, int]:
        """Nanoseconds, as clients take them to work out tokens a second: none is 0 by accident."""
        began = now if self.began is None else self.began
        return {
            "total_duration": _ns(now - self.asked),
            "load_duration": 0,
            "prompt_eval_duration": _ns(began - self.asked),
            "eval_duration": _ns(now - began),
        }


def head_of(start: Start, request: ChatRequest, now: float) -> dict[str, Json]:
    """The fields that every line begins with; an upstream's own time wins."""
    created = form(start.extra, "created") or _iso(now)
    return {"model": start.model or request.model, "created_at": created}


def note_start(start: Start, losses: Losses) -> None:
    """Record what the beginning of a reply says and Ollama has no place for."""
    note_reply(start.extra, losses)
    if start.id is not None:
        losses.add("reply.id", "Ollama's replies have no id", "hint")


def last_fields(
    finish: Finish, usage: Usage | None, durations: dict[str, int], losses: Losses
) -> dict[str, Json]:
    """The fields of a last line, without the message's own. An upstream's own times win."""
    note_reply(finish.extra, losses)
    if finish.reason == "pause":
        losses.add("reply.finish", f"Ollama has no word for {finish.reason}", "hint")
    if finish.stop_sequence is not None:
        losses.add("reply.stop_sequence", "Ollama does not say which one it was", "hint")
    said = {k: v for k, v in own(finish.extra, DIALECT).items() if not k.startswith("message.")}
    return {
        "done": True,
        "done_reason": form(finish.extra, "reason") or FINISH_OUT[finish.reason],
        **durations,
        **write_usage(usage),
        **said,
    }


def message_fields(finish: Finish) -> dict[str, Json]:
    """What only an Ollama server said in its message."""
    said = own(finish.extra, DIALECT)
    return {name[8:]: value for name, value in said.items() if name.startswith("message.")}


def _ns(seconds: float) -> int:
    return max(1, round(seconds * SECOND))


def _iso(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
