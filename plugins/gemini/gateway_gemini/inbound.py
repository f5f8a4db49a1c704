"""A Gemini client's request -> ChatRequest.

Source: Gemini API reference, `models.generateContent`, read 2026-11; both spellings everywhere.
"""

from __future__ import annotations

from gateway.errors import BadRequest
from gateway.model import ChatRequest, Extra, Json, Message, Path, Text
from gateway.reading import entries, get, need, noted, wrong
from gateway.wire import InboundWire
from gateway_gemini.call_ids import CallIds
from gateway_gemini.endpoints import model_of
from gateway_gemini.inbound_config import CONFIG, read_output, read_sampling
from gateway_gemini.inbound_parts import read_part
from gateway_gemini.inbound_tools import read_choice, read_tools
from gateway_gemini.names import DIALECT, ROLE_OF
from gateway_gemini.spelling import camel, rest, together
from gateway_gemini.thinking import read_reasoning

KNOWN = frozenset(
    ["contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "model"]
)
MESSAGE = frozenset({"role", "parts"})
NO_MODEL = "the model stands in the path: /v1beta/models/MODEL:generateContent"


def read_request(wire: InboundWire, *, stream: bool | None = None) -> ChatRequest:
    """The neutral form of a generateContent request. Raises BadRequest.

    stream: what the verb in the path says. A countTokens body may wrap a whole request.
    """
    raw = _unwrapped(wire.json())
    body = camel(raw)
    model = model_of(wire) or str(body.get("model", "")).removeprefix("models/")
    if not model:
        raise BadRequest(NO_MODEL, param="model")
    ids = CallIds()
    path: Path = ("generationConfig",)
    config_raw = get(body, "generationConfig", dict, ()) or {}
    config = camel(config_raw)
    choice, choice_extra = read_choice(get(body, "toolConfig", dict, ()))
    system, system_extra = _system(body, ids)
    extra = together(
        (),
        rest(raw, KNOWN, ()),
        rest(config_raw, CONFIG, (), "generationConfig"),
        choice_extra,
        system_extra,
    )
    return ChatRequest(
        model=model,
        messages=_messages(contents_of(raw), ids),
        system=system,
        tools=read_tools(get(body, "tools", list, ())),
        tool_choice=choice,
        sampling=read_sampling(config, path),
        reasoning=read_reasoning(get(config, "thinkingConfig", dict, path), path),
        output=read_output(config, path),
        stream=stream,
        extra=_with_notes(extra, body, wire),
    )


def contents_of(body: dict[str, Json]) -> Json:
    """The conversation in a body, possibly a wrapped one. Raises BadRequest when there is none."""
    return need(_unwrapped(body), "contents", (str, list), ())


def _unwrapped(body: dict[str, Json]) -> dict[str, Json]:
    for key in ("generateContentRequest", "generate_content_request"):
        if isinstance(body.get(key), dict):
            return body[key]  # type: ignore[no-any-return]
    return body


def _with_notes(extra: Extra, body: dict[str, Json], wire: InboundWire) -> Extra:
    """alt: "sse" for server-sent events. config: the object was there, however empty."""
    has_config = body.get("generationConfig") is not None
    return noted(extra, DIALECT, (), alt=wire.query.get("alt"), config=has_config)


def _messages(contents: Json, ids: CallIds) -> list[Message]:
    if isinstance(contents, str):
        return [Message("user", [Text(contents)])]
    return [_message(one, path, ids) for path, one in entries(contents, ("contents",))]


def _message(raw: dict[str, Json], path: Path, ids: CallIds) -> Message:
    content = camel(raw)
    said = get(content, "role", str, path)
    role = ROLE_OF.get(said or "user")
    if role is None:
        raise wrong((*path, "role"), f"user, model or function; it is '{said}'")
    parts = get(content, "parts", list, path)
    extra = rest(raw, MESSAGE, path)
    if said not in ("model", "user"):
        extra = noted(extra, DIALECT, path, role=said)
    if parts is None:
        extra = noted(extra, DIALECT, path, parts=None)
    read = [read_part(part, at, ids) for at, part in entries(parts or (), (*path, "parts"))]
    return Message(role, read, extra)


def _system(body: dict[str, Json], ids: CallIds) -> tuple[list[Text], Extra]:
    """The system instruction's texts, and what else it holds."""
    path: Path = ("systemInstruction",)
    raw = get(body, "systemInstruction", (str, dict), ())
    if raw is None or isinstance(raw, str):
        return [Text(raw)] if raw else [], {}
    texts = []
    for at, part in entries(get(raw, "parts", list, path) or (), (*path, "parts")):
        text = read_part(part, at, ids)
        if not isinstance(text, Text):
            raise wrong(at, "a part with text: a system instruction can hold nothing else")
        texts.append(text)
    extra = rest(raw, MESSAGE, (), "systemInstruction")
    if raw.get("role") is not None:
        extra = noted(extra, DIALECT, (), system_role=raw["role"])
    return texts, extra
