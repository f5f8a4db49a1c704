"""Read what a reply's `delta` (or whole `message`) holds: texts, thoughts, images and calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from attrs import define, field

from gateway.attempt import Attempt
from gateway.errors import BadRequest
from gateway.events import Delta, Event, PartEnd, PartStart, Sealed
from gateway.model import NO_EXTRA, Extra, Json, Thinking
from gateway_openai.chat.accumulate import accumulate
from gateway_openai.chat.calls import CallReader
from gateway_openai.chat.fields import with_notes
from gateway_openai.chat.seals import FIELD, TAG, from_extra_content, seal_from
from gateway_openai.chat.think_tags import ThinkTags
from gateway_openai.chat.thinking import ENCRYPTED, detail_text, read_detail, read_thinking
from gateway_openai.quirks import quirks_of

THOUGHTS = ("reasoning_content", "reasoning")
DETAILS = "reasoning_details"
DATA_URL = "data:"


@define
class _Open:
    """The part that grows now; calls grow beside it. at: its index in `reasoning_details`."""

    kind: str
    index: int
    at: Json = None


@define
class DeltaReader:
    """The parts of one reply, as far as they have come.

    refused: the model refused. rest: fields of the message that the hub has no name for.
    """

    attempt: Attempt
    new_id: Callable[[], str]
    parts: int = 0
    refused: bool = False
    rest: dict[str, Json] = field(factory=dict)
    _open: _Open | None = None
    _tags: ThinkTags | None = None
    calls: CallReader = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.calls = CallReader(self.attempt, self._next_part, self.new_id)
        if quirks_of(self.attempt.target).think_tags:
            self._tags = ThinkTags()

    def read(self, delta: dict[str, Json], out: list[Event]) -> None:
        """Read one delta. Its fields are taken in the order in which a model says them."""
        for key, read in self.READERS:
            value = delta.get(key)
            if value:
                if self._tags is not None and key != "content":
                    self._end_tags(out)
                read(self, value, out, delta)
        if not delta.keys() <= KNOWN:
            for key, value in delta.items():
                if key not in KNOWN and value is not None:
                    accumulate(self.rest, key, value)

    def read_message(self, message: dict[str, Json], out: list[Event]) -> None:
        """Read a whole message, whose sealed thoughts are known before their text is split."""
        if message.get(DETAILS):
            try:
                thoughts = read_thinking(message, ("message",), self.attempt.target)
            except BadRequest:
                thoughts = []
            if thoughts:
                self._tags = None
            for thought in thoughts:
                self._whole_thought(thought, out)
            if thoughts:
                message = {k: v for k, v in message.items() if k not in (*THOUGHTS, DETAILS)}
        self.read(message, out)

    def close(self, out: list[Event]) -> None:
        """The reply is complete: end the part that grows now."""
        self._end_tags(out)
        self._shut(out)

    @property
    def may_think(self) -> bool:
        """Whether the text that comes next may be a thought, by its tags."""
        return self._tags is not None

    def _shut(self, out: list[Event]) -> None:
        if self._open is not None:
            out.append(PartEnd(self._open.index))
            self._open = None

    def _next_part(self) -> int:
        self.parts += 1
        return self.parts - 1

    def _switch(self, kind: str, out: list[Event], extra: Extra = NO_EXTRA, at: Json = None) -> int:
        """Open a new part, and end what grew before it."""
        self._shut(out)
        if self.calls.calls:
            self.calls.end_complete(out)
        index = self._next_part()
        self._open = _Open(kind, index, at)
        out.append(PartStart(index, "thinking" if kind == "thinking" else "text", extra=extra))
        return index

    def _grow(self, kind: str, text: str, out: list[Event], extra: Extra = NO_EXTRA) -> None:
        now = self._open
        index = now.index if now and now.kind == kind else self._switch(kind, out, extra)
        out.append(Delta(index, text))

    def _content(self, value: Json, out: list[Event], _: Json) -> None:
        if isinstance(value, str):
            if self._tags is None:
                self._grow("text", value, out)
            else:
                self._tagged_text(value, self._tags, out)
        elif isinstance(value, list):
            for item in value:
                self._content_part(item, out)

    def _tagged_text(self, text: str, tags: ThinkTags, out: list[Event]) -> None:
        for kind, piece in tags.feed(text):
            self._grow(kind, piece, out)
        if tags.over:
            self._tags = None

    def _end_tags(self, out: list[Event]) -> None:
        """Something else than text begins, or nothing: give what was held back for its tag."""
        if self._tags is not None:
            for kind, piece in self._tags.close():
                self._grow(kind, piece, out)
            self._tags = None

    def _content_part(self, item: Json, out: list[Event]) -> None:
        """A part of a content list, as Mistral sends them."""
        if not isinstance(item, dict):
            return
        kind, text = item.get("type"), item.get("text")
        if kind == "text" and isinstance(text, str) and text:
            self._grow("text", text, out)
        elif kind == "thinking":
            inner = item.get("thinking")
            pieces = inner if isinstance(inner, list) else [{"text": inner}]
            for piece in pieces:
                words = piece.get("text") if isinstance(piece, dict) else None
                if isinstance(words, str) and words:
                    self._grow("thinking", words, out)
        elif kind == "image_url":
            self._images([item], out, None)
        else:
            accumulate(self.rest, "content_parts", [item])

    def _refusal(self, value: Json, out: list[Event], _: Json) -> None:
        if isinstance(value, str):
            self.refused = True
            self._grow("refusal", value, out, with_notes(NO_EXTRA, (), refusal="field"))

    def _thought(self, value: Json, out: list[Event], delta: Json) -> None:
        if not isinstance(value, str) or _is_detailed(delta):
            return
        now = self._open
        if now and now.kind == "thinking" and now.at is not None:
            self._shut(out)
        self._grow("thinking", value, out)

    def _second_thought(self, value: Json, out: list[Event], delta: Json) -> None:
        if not delta.get("reasoning_content"):
            self._thought(value, out, delta)

    def _details(self, value: Json, out: list[Event], _: Json) -> None:
        for detail in value if isinstance(value, list) else ():
            if isinstance(detail, dict):
                self._detail(detail, out)

    def _detail(self, detail: dict[str, Json], out: list[Event]) -> None:
        if detail.get("type") == ENCRYPTED:
            self._whole_thought(read_detail(detail, (DETAILS,), self.attempt.target), out)
            return
        if TAG in detail:
            self._tagged(detail, out)
            return
        now, at = self._open, detail.get("index", 0)
        if not (now and now.kind == "thinking" and now.at in (None, at)):
            extra = read_detail(detail, (DETAILS,), self.attempt.target).extra
            self._switch("thinking", out, extra, at)
        assert self._open is not None
        index, text, value = self._open.index, detail_text(detail), detail.get("signature")
        if text:
            out.append(Delta(index, text))
        if isinstance(value, str) and value:
            out.append(Sealed(index, seal_from(value, None, self.attempt.target)))

    def _tagged(self, detail: dict[str, Json], out: list[Event]) -> None:
        """The seal of another gateway, whose text has come as `reasoning_content` already."""
        now = self._open
        index = now.index if now and now.kind == "thinking" else self._switch("thinking", out)
        value = detail.get("signature")
        if isinstance(value, str):
            out.append(Sealed(index, seal_from(value, detail[TAG])))
        self._shut(out)

    def _whole_thought(self, thought: Thinking, out: list[Event]) -> None:
        self._shut(out)
        index = self._next_part()
        start = PartStart(index, "thinking", redacted=thought.redacted, extra=thought.extra)
        text: list[Event] = [Delta(index, thought.text)] if thought.text else []
        seal: list[Event] = [Sealed(index, thought.seal)] if thought.seal else []
        out += [start, *text, *seal, PartEnd(index)]

    def _images(self, value: Json, out: list[Event], _: Json) -> None:
        """Images that a model made, as OpenRouter sends them: data URLs."""
        for item in value if isinstance(value, list) else ():
            link = item.get("image_url") if isinstance(item, dict) else None
            url = link.get("url") if isinstance(link, dict) else link
            head, comma, data = url.partition(",") if isinstance(url, str) else ("", "", "")
            if not (comma and head.startswith(DATA_URL) and head.endswith(";base64")):
                accumulate(self.rest, "images", [item])
                continue
            self._shut(out)
            index = self._next_part()
            out += [PartStart(index, "media", mime=head[5:-7]), Delta(index, data), PartEnd(index)]

    def _seal(self, value: Json, out: list[Event], _: Json) -> None:
        """A seal of the message: it belongs to the text that grows now, or to one of its own."""
        seal = from_extra_content(value, self.attempt.target)
        if seal is not None:
            now = self._open
            index = now.index if now and now.kind == "text" else self._switch("text", out)
            out.append(Sealed(index, seal))

    def _tool_calls(self, value: Json, out: list[Event], _: Json) -> None:
        self._shut(out)
        self.calls.read(value, out)

    def _function_call(self, value: Json, out: list[Event], _: Json) -> None:
        self._shut(out)
        self.calls.read_legacy(value, out)

    READERS: ClassVar[
        tuple[tuple[str, Callable[[DeltaReader, Json, list[Event], Json], None]], ...]
    ] = (
        (DETAILS, _details),
        ("reasoning_content", _thought),
        ("reasoning", _second_thought),
        ("content", _content),
        (FIELD, _seal),
        ("refusal", _refusal),
        ("images", _images),
        ("tool_calls", _tool_calls),
        ("function_call", _function_call),
    )


KNOWN = frozenset({"role", *(key for key, _ in DeltaReader.READERS)})


def _is_detailed(delta: Json) -> bool:
    """Whether the same thought also stands in `reasoning_details`, where it is said better."""
    details = delta.get(DETAILS)
    if not isinstance(details, list):
        return False
    return any(isinstance(d, dict) and TAG not in d and detail_text(d) for d in details)
