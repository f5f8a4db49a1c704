"""The responses of one reply -> events: which part is open, and how the reply ends."""

from __future__ import annotations

import secrets

import orjson

from gateway.attempt import Attempt
from gateway.errors import UpstreamError
from gateway.events import (
    Delta,
    Event,
    Failure,
    Finish,
    FinishReason,
    OpaqueEvent,
    PartEnd,
    PartKind,
    PartStart,
    Sealed,
    Start,
    UsageSeen,
)
from gateway.model import NO_EXTRA, Extra, Fields, Json, Seal
from gateway.seals import TAG, is_redacted, tagged, untagged
from gateway_gemini.errors import error_of
from gateway_gemini.inbound_parts import CALL, PART_OF_CALL, TEXT
from gateway_gemini.media import BLOB
from gateway_gemini.names import DIALECT, MALFORMED, REASON_OF
from gateway_gemini.spelling import camel, rest, together
from gateway_gemini.usage import read_usage

CANDIDATE = frozenset({"content", "finishReason", "index"})
RESPONSE = frozenset({"candidates", "usageMetadata", "modelVersion", "responseId"})
GROWING = ("citationMetadata", "logprobsResult")
"""Fields of a candidate that each response brings more of; of others the last one counts."""
BLOCKED = "PROHIBITED_CONTENT"
"""The finish reason of a prompt that was blocked before there was a candidate."""


class ReplyReader:
    """Turns parsed responses into events; keeps which part is open. Only candidate 0 counts."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._started = False
        self._index = -1
        self._open: PartKind | None = None
        self._called = False
        self._reason: str | None = None
        self._extra: dict[str, Json] = {}
        self.done = False

    def read(self, response: Json) -> list[Event]:
        """The events of one response. After the end there are none."""
        if self.done:
            return []
        if not isinstance(response, dict):
            return self.fail(UpstreamError.garbage("a response that is no object"))
        if "error" in response:
            return self.fail(error_of(response))
        said = camel(response)
        events = self._start(said)
        for candidate in _objects(said.get("candidates")):
            if candidate.get("index", 0) in (0, None):
                events += self._candidate(camel(candidate))
        usage = said.get("usageMetadata")
        if isinstance(usage, dict):
            events.append(UsageSeen(read_usage(usage)))
        self._extra.update({k: v for k, v in said.items() if k not in RESPONSE})
        feedback = said.get("promptFeedback")
        if isinstance(feedback, dict) and camel(feedback).get("blockReason"):
            self._reason = self._reason or BLOCKED
        return events

    def close(self) -> list[Event]:
        """The end: `Finish` where a reason was given, a failure where the reply was cut."""
        if self.done:
            return []
        if self._reason is None:
            return self.fail(UpstreamError.truncated())
        if self._reason in MALFORMED and self._index < 0 and self._attempt.client != DIALECT:
            return self.fail(self._malformed())
        events = self._end()
        self.done = True
        return [*events, Finish(self._finish(self._reason), extra=self._last_extra())]

    def fail(self, error: UpstreamError) -> list[Event]:
        """End the reply in a failure, once."""
        if self.done:
            return []
        self.done = True
        return [Failure(error)]

    def _finish(self, reason: str) -> FinishReason:
        """A turn that calls ends in "tool_use", whatever stop there is: clients go by that."""
        finish = REASON_OF.get(reason, "stop")
        return "tool_use" if self._called and finish == "stop" else finish

    def _last_extra(self) -> Extra:
        if self._reason not in ("STOP", None):
            self._extra["$reason"] = self._reason
        return {DIALECT: Fields(self._extra, ())} if self._extra else NO_EXTRA

    def _malformed(self) -> UpstreamError:
        """No answer came; as an error the client may try again."""
        words = self._extra.get("candidates.finishMessage") or "no answer came"
        return UpstreamError(f"the model's answer failed ({self._reason}): {words}")

    def _start(self, response: dict[str, Json]) -> list[Event]:
        if self._started:
            return []
        self._started = True
        return [Start(_text(response.get("responseId")), _text(response.get("modelVersion")))]

    def _candidate(self, candidate: dict[str, Json]) -> list[Event]:
        events: list[Event] = []
        content = candidate.get("content")
        if isinstance(content, dict):
            for part in _objects(content.get("parts")):
                events += self._part(part)
        reason = candidate.get("finishReason")
        if isinstance(reason, str) and reason:
            self._reason = reason
        for key, value in candidate.items():
            if key not in CANDIDATE:
                name = f"candidates.{key}"
                known = self._extra.get(name)
                self._extra[name] = _grown(known, value) if key in GROWING else value
        return events

    # --- parts ---

    def _part(self, raw: dict[str, Json]) -> list[Event]:
        part = camel(raw)
        signature = _text(part.get("thoughtSignature"))
        if isinstance(part.get("functionCall"), dict):
            return self._call(raw, part["functionCall"], signature)
        if isinstance(part.get("inlineData"), dict):
            return self._media(raw, part["inlineData"])
        text = part.get("text")
        if isinstance(text, str) or (signature and part.keys() == {"thoughtSignature"}):
            kind: PartKind = "thinking" if part.get("thought") is True else "text"
            return self._grow(kind, text or "", signature, rest(raw, TEXT, ()))
        events = self._end()
        self._index += 1
        return [*events, OpaqueEvent(DIALECT, raw, self._index)]

    def _grow(self, kind: PartKind, text: str, signature: str | None, extra: Extra) -> list[Event]:
        """More text. A signature ends its part, and so do fields that belong to this piece."""
        redacted = kind == "thinking" and not text and is_redacted(signature or "")
        alone = bool(extra) or redacted
        events: list[Event] = []
        if self._open != kind or alone:
            events = [*self._end(), self._begin(kind, extra)]
            events[-1].redacted = redacted  # type: ignore[union-attr]
        if text:
            events.append(Delta(self._index, text))
        if signature:
            events.append(self._sealed(signature))
        return [*events, *self._end()] if signature or alone else events

    def _call(
        self, raw: dict[str, Json], call_raw: dict[str, Json], signature: str | None
    ) -> list[Event]:
        call, registry = camel(call_raw), self._attempt.registry
        lowered = _text(call.get("name"))
        if lowered is None:
            return self.fail(UpstreamError.garbage("a function call without a name"))
        self._called = True
        beside = rest(raw, PART_OF_CALL, ())
        inner = rest(call_raw, CALL, (), "functionCall")
        events = self._end()
        start = self._begin("tool_call", together((), beside, inner))
        start.id = _text(call.get("id")) or "call_" + secrets.token_hex(12)
        start.namespace, start.name = registry.raise_in(lowered)
        start.tool = "custom" if registry.is_custom(lowered) else "function"
        args = call.get("args")
        text = "" if args is None else orjson.dumps(args).decode()
        events.append(start)
        if text:
            events.append(Delta(self._index, registry.raise_arguments(lowered, text)))
        if signature:
            events.append(self._sealed(signature))
        return [*events, *self._end()]

    def _media(self, raw: dict[str, Json], blob_raw: dict[str, Json]) -> list[Event]:
        """A medium. The hub has no place for its signature, which goes home as a field, tagged."""
        blob = camel(blob_raw)
        signature = camel(raw).get("thoughtSignature")
        sealed: Extra = NO_EXTRA
        if isinstance(signature, str):
            sealed = {DIALECT: Fields({"thoughtSignature": self._tagged(signature)}, ())}
        extra = together(
            (),
            sealed,
            rest(raw, frozenset({"inlineData", "thoughtSignature"}), ()),
            rest(blob_raw, BLOB - {"displayName"}, (), "inlineData"),
        )
        events = self._end()
        start = self._begin("media", extra)
        start.mime = _text(blob.get("mimeType"))
        return [*events, start, Delta(self._index, _text(blob.get("data")) or ""), *self._end()]

    def _begin(self, kind: PartKind, extra: Extra) -> PartStart:
        self._index += 1
        self._open = kind
        return PartStart(self._index, kind, extra=extra)

    def _end(self) -> list[Event]:
        if self._open is None:
            return []
        self._open = None
        return [PartEnd(self._index)]

    def _sealed(self, signature: str) -> Event:
        return Sealed(self._index, self._seal(signature))

    def _tagged(self, signature: str) -> str:
        return tagged(self._seal(signature), DIALECT)

    def _seal(self, signature: str) -> Seal:
        """The seal, marked with who issued it; a tag of another gateway's is kept as it is."""
        if signature.startswith(TAG):
            return untagged(signature, DIALECT)
        target = self._attempt.target
        return Seal(signature, DIALECT, target.upstream, target.model)


def _grown(known: Json, value: Json) -> Json:
    """`known` with more: lists add up, objects are joined."""
    if isinstance(known, list) and isinstance(value, list):
        return [*known, *value]
    if isinstance(known, dict) and isinstance(value, dict):
        return {**known, **{key: _grown(known.get(key), inner) for key, inner in value.items()}}
    return value


def _objects(value: Json) -> list[dict[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
