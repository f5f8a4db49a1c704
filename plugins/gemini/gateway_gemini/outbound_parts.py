"""Parts of a message, as a Gemini model gets them."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define

from gateway.attempt import Attempt
from gateway.model import (
    Extra,
    Json,
    Media,
    Message,
    Opaque,
    Part,
    Path,
    Seal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    note,
    own,
)
from gateway.registry import lower_id
from gateway.seals import belongs_to, untagged
from gateway_gemini.media import write_media
from gateway_gemini.names import DIALECT
from gateway_gemini.outbound_tools import wire_name
from gateway_gemini.responses import RAW, arguments_object, response_of, told
from gateway_gemini.spelling import camel, put_back

UNSIGNED = "skip_thought_signature_validator"
"""What Google's own documentation gives for calls that another model made (thought signatures,
read 2026-11). Gemini 3 wants a signature on the first call of a turn."""
SIGNATURE = "thoughtSignature"
Out = dict[str, Json]


@define
class PartWriter:
    """Writes the parts of one conversation.

    names: namespace and name of each call's tool, by call id.
    """

    attempt: Attempt
    names: Mapping[str, tuple[str | None, str]]

    @property
    def home(self) -> bool:
        return self.attempt.client == DIALECT

    def write(self, message: Message, path: Path) -> list[Json]:
        """The parts of one turn; media of tool results follow all the results."""
        parts: list[Json] = []
        after: list[Json] = []
        signing = True
        for index, part in enumerate(message.parts):
            at = (*path, index)
            self._note_marker(part, at)
            match part:
                case ToolCall():
                    parts += self._call(part, at, must_sign=signing)
                    signing = signing and part.kind == "server"
                case ToolResult():
                    parts.append(self._result(part, at, after))
                case _:
                    parts += self._plain(part, at)
        return parts + after

    def text(self, part: Text, path: Path) -> Out:
        """A text part."""
        said = note(part.extra, DIALECT, "thought")
        out: Out = {"text": part.text}
        if note(part.extra, DIALECT, "only_signature") and not part.text and part.seal:
            out = {}
        elif said is not None:
            out["thought"] = said
        self._sign(out, part.seal, path)
        return self._kept(out, part.extra)

    def _note_marker(self, part: Part, path: Path) -> None:
        if not isinstance(part, Opaque) and part.cache_control is not None:
            where = (*path, "cache_control")
            self.attempt.losses.add(where, "Gemini caches by itself", "hint")

    def _plain(self, part: Part, path: Path) -> list[Json]:
        match part:
            case Text():
                if part.text or part.seal or self.home:
                    return [self.text(part, path)]
            case Thinking():
                return self._thinking(part, path)
            case Media():
                return [self._kept(write_media(part, self.attempt, path), part.extra)]
            case Opaque(dialect="gemini"):
                return [part.raw]
            case Opaque() if part.text:
                return [{"text": part.text}]
        return []

    def _thinking(self, part: Thinking, path: Path) -> list[Json]:
        """A thought of this model's own; any other model's is of no use to it."""
        losses, seal = self.attempt.losses, part.seal
        mine = belongs_to(seal, self.attempt.target) if seal else self.home
        if not mine:
            losses.add((*path, "thinking"), "another model's thoughts are not replayed", "hint")
            return []
        if part.redacted:
            losses.add((*path, "redacted"), "Gemini knows no redacted thoughts", "hint")
        out: Out = {"text": part.text, "thought": True}
        self._sign(out, seal, path)
        return [self._kept(out, part.extra)]

    def _sign(self, out: Out, seal: Seal | None, path: Path) -> None:
        if seal is None or not seal.value:
            return
        if belongs_to(seal, self.attempt.target):
            out[SIGNATURE] = seal.value
        else:
            whose = seal.upstream or seal.dialect
            self.attempt.losses.add((*path, "seal"), f"only {whose} reads it", "hint")

    def _kept(self, out: Out, extra: Extra) -> Out:
        """`out` with the fields kept for home; a signature among them only for its issuer."""
        whole = put_back(out, extra)
        kept = camel(dict(own(extra, DIALECT))).get(SIGNATURE)
        if isinstance(kept, str):
            del whole[SIGNATURE]
            self._sign(whole, untagged(kept, DIALECT), ("messages",))
        return whole

    def _call(self, part: ToolCall, path: Path, *, must_sign: bool) -> list[Json]:
        if part.kind == "server":
            self.attempt.losses.add(path, "another provider's own tool call", "meaning")
            return []
        name = wire_name(part.name, part.namespace, self.attempt)
        call: Out = {"name": name}
        if not note(part.extra, DIALECT, "no_id"):
            call["id"] = part.id if self.home else lower_id(part.id)
        args = self._arguments(part, name, path)
        if args is not None:
            call["args"] = args
        out: Out = {"functionCall": call}
        self._sign(out, part.seal, path)
        if must_sign and SIGNATURE not in out and (not self.home or part.seal is not None):
            out[SIGNATURE] = UNSIGNED
            if self.attempt.losses.keeps_seals:
                why = "none of this model's is kept; Gemini is told to skip its check"
                self.attempt.losses.add((*path, "seal"), why, "hint")
        return [put_back(out, part.extra)]

    def _arguments(self, part: ToolCall, name: str, path: Path) -> Json:
        if part.kind == "custom":
            return {"input": part.arguments}
        if not part.arguments.strip():
            return None if self.home else {}
        given = arguments_object(part.arguments)
        if given is not None:
            return self.attempt.registry.lower_arguments(name, given)
        self.attempt.losses.add((*path, "arguments"), f"no JSON object; sent as {RAW}", "hint")
        return {RAW: part.arguments}

    def _result(self, part: ToolResult, path: Path, after: list[Json]) -> Json:
        namespace, called = self.names.get(part.call_id, (None, part.name or part.call_id))
        name = wire_name(part.name or called, namespace, self.attempt)
        result: Out = {"name": name}
        if not note(part.extra, DIALECT, "no_id"):
            result["id"] = part.call_id if self.home else lower_id(part.call_id)
        texts, others = self._sorted(part.parts, path)
        if others and self.home:
            result["parts"] = others
        elif others:
            after += [{"text": f"Attached by the result of {name}:"}, *others]
            texts = texts or ["The result is attached below the results."]
        response = self._response(part, "\n".join(texts))
        if response is not None:
            result["response"] = response
        return self._kept({"functionResponse": result}, part.extra)

    def _sorted(self, parts: list[Part], path: Path) -> tuple[list[str], list[Json]]:
        """The words of a result, and its other parts as they are written."""
        texts: list[str] = []
        others: list[Json] = []
        for index, part in enumerate(parts):
            at = (*path, "parts", index)
            self._note_marker(part, at)
            match part:
                case Text():
                    texts.append(part.text)
                case Opaque() if part.dialect != DIALECT:
                    texts += [part.text] if part.text else []
                case _:
                    others += self._plain(part, at)
        return texts, others

    def _response(self, part: ToolResult, text: str) -> Json:
        """The response as the client wrote it where it still says the same."""
        notes: Mapping[str, Json] = part.extra.get(DIALECT, {})
        if "$response" in notes and told(notes["$response"] or {}) == text:
            return notes["$response"]
        return response_of(text, failed=bool(part.is_error))
