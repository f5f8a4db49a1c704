"""Events -> the `GenerateContentResponse` objects of one reply."""

from __future__ import annotations

from attrs import define, field

from gateway.errors import GatewayError
from gateway.events import (
    Delta,
    Event,
    Failure,
    Finish,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.losses import Losses
from gateway.model import Extra, Json, Seal, note
from gateway.seals import tagged, tagged_redacted
from gateway_gemini.names import DIALECT, REASON_OF, REASON_TO
from gateway_gemini.responses import RAW, arguments_object
from gateway_gemini.spelling import put_back
from gateway_gemini.usage import write_usage

GROWING = ("text", "thinking")
SIGNATURE = "thoughtSignature"


@define
class _Part:
    """A part that is not all written. raw: of a part that came whole, for Gemini alone."""

    start: PartStart | None = None
    pieces: list[str] = field(factory=list)
    seal: Seal | None = None
    closed: bool = False
    raw: Json = None


class ReplyWriter:
    """Writes one part after the other: text as it comes, a call when it is whole.

    Parts that interleave wait for their turn.
    """

    def __init__(self, model: str, losses: Losses) -> None:
        self._model = model
        self._losses = losses
        self._id: str | None = None
        self._parts: dict[int, _Part] = {}
        self._usage: Usage | None = None
        self._last: Finish | None = None
        self.ended = False
        self.error: GatewayError | None = None

    def take(self, events: list[Event]) -> list[dict[str, Json]]:
        """The response that `events` make, if any: the next parts, the end, or both."""
        for event in events:
            if not self.ended:
                self._take(event)
        parts: list[Json] = []
        self._write(parts)
        last, self._last = self._last, None
        return [self._response(parts, last)] if parts or last else []

    def _take(self, event: Event) -> None:
        match event:
            case Delta():
                self._parts[event.index].pieces.append(event.text)
            case PartStart():
                self._parts[event.index] = _Part(event)
                self._note(event.extra, event.index)
            case PartEnd():
                self._parts[event.index].closed = True
                self._note(event.extra, event.index)
            case Sealed():
                self._parts[event.index].seal = event.seal
            case OpaqueEvent():
                self._opaque(event)
            case UsageSeen():
                self._usage = self._usage.merged(event.usage) if self._usage else event.usage
            case Start():
                self._id, self._model = event.id, event.model or self._model
                self._note(event.extra)
            case Finish():
                self._finish(event)
            case Failure():
                self.error, self.ended = event.error, True
            case _:
                pass

    def _opaque(self, event: OpaqueEvent) -> None:
        if event.dialect == DIALECT and event.index is not None:
            self._parts[event.index] = _Part(raw=event.raw, closed=True)
        else:
            place = "reply" if event.index is None else f"reply.parts[{event.index}]"
            weight = "hint" if event.index is None else "meaning"
            self._losses.add(place, f"only {event.dialect} knows it", weight)  # type: ignore[arg-type]

    def _finish(self, finish: Finish) -> None:
        self._last, self.ended = finish, True
        for part in self._parts.values():
            part.closed = True
        self._note(finish.extra)
        if finish.stop_sequence is not None:
            self._losses.add("reply.stop_sequence", "Gemini does not say which one", "hint")

    def _note(self, extra: Extra, index: int | None = None) -> None:
        """Record the fields that other dialects left."""
        place = "reply" if index is None else f"reply.parts[{index}]"
        for dialect, fields in extra.items():
            for key in fields if dialect != DIALECT else ():
                if not key.startswith("$"):
                    self._losses.add(f"{place}.{key}", f"{DIALECT} has no such field")

    def _write(self, parts: list[Json]) -> None:
        """Move to `parts` what can be written now, in the order of the parts."""
        for index in sorted(self._parts):
            part = self._parts[index]
            start = part.start
            if start is None:
                parts.append(part.raw)
            elif start.kind in GROWING:
                parts += _grown(part, start)
            elif part.closed:
                parts.append(self._whole(part, start))
            if not part.closed:
                return
            del self._parts[index]

    def _whole(self, part: _Part, start: PartStart) -> Json:
        if start.kind == "media":
            mime = start.mime or "application/octet-stream"
            out: dict[str, Json] = {"inlineData": {"mimeType": mime, "data": "".join(part.pieces)}}
        else:
            out = {"functionCall": self._call(part, start)}
        return put_back({**out, **_signature(part, start)}, start.extra)

    def _call(self, part: _Part, start: PartStart) -> dict[str, Json]:
        text = "".join(part.pieces)
        args = arguments_object(text)
        if args is None:
            place = f"reply.parts[{start.index}].arguments"
            self._losses.add(place, f"no JSON object; sent as {RAW}", "hint")
            args = {RAW: text}
        call: dict[str, Json] = {"name": start.name or ""}
        if start.id:
            call["id"] = start.id
        return {**call, "args": args}

    def _response(self, parts: list[Json], last: Finish | None) -> dict[str, Json]:
        candidate: dict[str, Json] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        response: dict[str, Json] = {"candidates": candidate}
        if last is not None:
            candidate["finishReason"] = _reason(last)
            put_back(response, last.extra)
            if self._usage:
                response["usageMetadata"] = write_usage(self._usage, self._losses)
        response["candidates"] = [response["candidates"]]
        response["modelVersion"] = self._model
        if self._id:
            response["responseId"] = self._id
        return response


def _grown(part: _Part, start: PartStart) -> list[Json]:
    """What a text or a thought has grown by; its seal at its end."""
    text = "".join(part.pieces)
    part.pieces.clear()
    signature = _signature(part, start) if part.closed else {}
    if not text and not signature:
        return []
    thought = {"thought": True} if start.kind == "thinking" else {}
    return [put_back({"text": text, **thought, **signature}, start.extra)]


def _signature(part: _Part, start: PartStart) -> dict[str, str]:
    """A seal tagged with its issuer: the client gives it back to us as it is."""
    if part.seal is None:
        return {}
    return {SIGNATURE: tagged_redacted(part.seal) if start.redacted else tagged(part.seal, DIALECT)}


def _reason(finish: Finish) -> str:
    """The finish reason, in the upstream's own word where it still says the same."""
    said = note(finish.extra, DIALECT, "reason")
    known = REASON_OF.get(said, "stop") if said else None
    same = known == finish.reason or (known == "stop" and finish.reason == "tool_use")
    return str(said) if said and same else REASON_TO[finish.reason]
