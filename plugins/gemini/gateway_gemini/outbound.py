"""ChatRequest -> a request to a Gemini model.

At home (the client speaks this dialect) everything is written as it was read. What came from
another dialect is made fit first: turns, names, schemas, thinking, signatures.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from attrs import evolve

from gateway.attempt import Attempt, Target
from gateway.errors import BadRequest
from gateway.history import merged, paired
from gateway.losses import note_foreign
from gateway.model import ChatRequest, Json, Message, Part, Text, ToolCall, note
from gateway.wire import UpstreamWire
from gateway_gemini.inbound_config import CONFIG
from gateway_gemini.names import DIALECT
from gateway_gemini.outbound_config import write_config
from gateway_gemini.outbound_parts import PartWriter
from gateway_gemini.outbound_tools import write_choice, write_tools
from gateway_gemini.spelling import camel, put_back

MARK = "<system>\n{}\n</system>"
NO_FIELD = "Gemini has no such field"


def write_request(request: ChatRequest, attempt: Attempt) -> UpstreamWire:
    """The request for `attempt.target`. Raises BadRequest for what only a relay can carry."""
    if (request.sampling.n or 1) > 1:
        raise BadRequest(
            "several answers (n, candidateCount) are only possible where the request is passed on"
            " as it is; ask for one",
            param="n",
        )
    note_foreign(request, DIALECT, attempt.losses)
    _record_hints(request, attempt)
    body: dict[str, Json] = {"contents": _contents(request, attempt)}
    if system := _system(request, attempt):
        body["systemInstruction"] = system
    if tools := write_tools(request.tools, attempt):
        body["tools"] = tools
    if choice := write_choice(request.tool_choice, bool(tools), attempt):
        body["toolConfig"] = choice
    config = write_config(request, attempt)
    if config or note(request.extra, DIALECT, "config"):
        body["generationConfig"] = config
    body = with_settings(put_back(body, request.extra), attempt.target)
    verb = "streamGenerateContent" if request.stream else "generateContent"
    return UpstreamWire(
        f"/models/{quote(attempt.target.model, safe='')}:{verb}",
        body,
        query={"alt": "sse"} if request.stream else {},
    )


def with_settings(body: dict[str, Json], target: Target) -> dict[str, Json]:
    """`body` with the configured defaults beneath it and the configured params on top.

    Objects are joined; a name that belongs into `generationConfig` goes there.
    """
    if not target.defaults and not target.params:
        return body
    return _over(_over(_in_place(target.defaults), body), _in_place(target.params))


def placed(message: Message) -> Message:
    """A system message inside the conversation as marked text of the user's."""
    if message.role != "system" or note(message.extra, DIALECT, "role") is not None:
        return message
    parts: list[Part] = [
        evolve(part, text=MARK.format(part.text)) if isinstance(part, Text) else part
        for part in message.parts
    ]
    return evolve(message, role="user", parts=parts)


def _contents(request: ChatRequest, attempt: Attempt) -> list[Json]:
    """The turns. Raises BadRequest when nothing is left to say."""
    home = attempt.client == DIALECT
    messages = [placed(message) for message in request.messages]
    if not home:
        messages = merged(paired(messages, attempt.losses))
    calls = (part for message in messages for part in message.parts if isinstance(part, ToolCall))
    writer = PartWriter(attempt, {call.id: (call.namespace, call.name) for call in calls})
    contents = []
    for index, message in enumerate(messages):
        parts = writer.write(message, ("messages", index, "parts"))
        if parts or home:
            contents.append(_content(message, parts))
    if not contents and not home:
        raise BadRequest("the conversation has no message; Gemini needs one", param="messages")
    return contents


def _content(message: Message, parts: list[Json]) -> Json:
    role = "model" if message.role == "assistant" else "user"
    out: dict[str, Json] = {"role": role, "parts": parts}
    notes: Mapping[str, Json] = message.extra.get(DIALECT, {})
    if "$role" in notes:
        out["role"] = notes["$role"]
        if out["role"] is None:
            del out["role"]
    if "$parts" in notes and not parts:
        del out["parts"]
    return put_back(out, message.extra)


def _system(request: ChatRequest, attempt: Attempt) -> dict[str, Json]:
    """The system instruction; empty texts say nothing and are refused."""
    writer = PartWriter(attempt, {})
    texts = [text for text in request.system if text.text or attempt.client == DIALECT]
    parts = [writer.text(text, ("system", index)) for index, text in enumerate(texts)]
    role = note(request.extra, DIALECT, "system_role")
    if not parts and role is None:
        return {}
    return {"parts": parts, **({"role": role} if role is not None else {})}


def _record_hints(request: ChatRequest, attempt: Attempt) -> None:
    for name in ("user", "cache_key", "metadata"):
        if getattr(request, name) is not None:
            attempt.losses.add(name, NO_FIELD, "hint")


def _in_place(settings: object) -> dict[str, Json]:
    found: dict[str, Json] = dict(settings)  # type: ignore[call-overload]
    config = {key: value for key, value in found.items() if camel({key: 0}).keys() <= CONFIG}
    if not config:
        return found
    body = {key: value for key, value in found.items() if key not in config}
    return _over(body, {"generationConfig": camel(config)})


def _over(below: dict[str, Json], above: dict[str, Json]) -> dict[str, Json]:
    """`below` with `above` on top; what is an object in both is joined."""
    out = dict(below)
    for key, value in above.items():
        known = out.get(key)
        both = isinstance(known, dict) and isinstance(value, dict)
        out[key] = _over(known, value) if both else value  # type: ignore[arg-type]
    return out
