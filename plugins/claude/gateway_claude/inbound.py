"""A client's Messages request, as a ChatRequest."""

from __future__ import annotations

from typing import cast

from gateway.losses import Losses
from gateway.model import (
    NO_EXTRA,
    ChatRequest,
    Extra,
    Fields,
    Json,
    Message,
    Output,
    Role,
    Sampling,
    Text,
)
from gateway.reading import NUMBER, entries, get, need, noted, rest, wrong
from gateway.wire import InboundWire
from gateway_claude.inbound_blocks import read_content, read_text
from gateway_claude.names import BILLING_FIELD, BILLING_HEADER, MEANINGFUL_HEADERS, NAME
from gateway_claude.session import session_key
from gateway_claude.thinking import read_reasoning
from gateway_claude.tools import read_choice, read_tools

ROLES = ("user", "assistant", "system")
MESSAGE = frozenset(["role", "content"])
KNOWN = frozenset(
    [
        *("model", "messages", "system", "max_tokens", "stream", "temperature", "top_p", "top_k"),
        *("stop_sequences", "tools", "tool_choice", "thinking", "output_config", "output_format"),
        "metadata",
    ]
)
FORMAT = frozenset(["type", "schema"])
COUNT_PATH = "/count_tokens"


def read_request(wire: InboundWire, losses: Losses) -> ChatRequest:  # noqa: ARG001 - reads all
    """The neutral form. Raises BadRequest, naming the path of what is wrong.

    A request to count tokens may leave out `max_tokens`.
    """
    body = wire.json()
    counting = wire.path.endswith(COUNT_PATH)
    system, billing, system_form = _system(body)
    config = get(body, "output_config", dict, ()) or {}
    request = ChatRequest(
        need(body, "model", str, ()),
        _messages(body),
        system=system,
        tools=read_tools(get(body, "tools", list, ())),
        sampling=_sampling(body, counting=counting),
        reasoning=read_reasoning(
            get(body, "thinking", dict, ()), get(config, "effort", str, ("output_config",))
        ),
        output=_output(body, config),
        stream=get(body, "stream", bool, ()),
    )
    choice = get(body, "tool_choice", dict, ())
    request.tool_choice = read_choice(choice) if choice else None
    metadata = get(body, "metadata", dict, ()) or {}
    request.user = get(metadata, "user_id", str, ("metadata",))
    request.cache_key = session_key(request.user, wire.headers)
    kept = _kept(body, request, config, billing)
    notes = {"body": body, "system": system_form, "count": counting or None, **_wire_notes(wire)}
    said = {key: value for key, value in notes.items() if value is not None}
    request.extra = noted(kept, NAME, (), **said) if said else kept
    return request


def _messages(body: dict[str, Json]) -> list[Message]:
    messages = need(body, "messages", list, ())
    return [_message(raw, path) for path, raw in entries(messages, ("messages",))]


def _message(raw: dict[str, Json], path: tuple[str | int, ...]) -> Message:
    role = need(raw, "role", str, path)
    if role not in ROLES:
        raise wrong((*path, "role"), f"one of {', '.join(ROLES)}")
    if raw.get("content") is None:
        raise wrong((*path, "content"), "a string or a list of blocks")
    more = rest(raw, MESSAGE, NAME, path) if len(raw) > len(MESSAGE) else NO_EXTRA
    parts, extra = read_content(raw, path, more)
    return Message(cast("Role", role), parts, extra)


def _system(body: dict[str, Json]) -> tuple[list[Text], Json, str | None]:
    """The system texts, Claude Code's billing block if there is one, and the form of the field."""
    system = get(body, "system", (str, list), ())
    if system is None:
        return [], None, None
    if isinstance(system, str):
        return [Text(system)] if system else [], None, "string"
    billing = None
    texts = []
    for path, raw in entries(system, ("system",)):
        text = read_text(raw, path)
        if path[1] == 0 and text.text.startswith(BILLING_HEADER):
            billing = raw
        else:
            texts.append(text)
    return texts, billing, None if system else "list"


def _sampling(body: dict[str, Json], *, counting: bool) -> Sampling:
    read = get if counting else need
    stop = get(body, "stop_sequences", list, ())
    for index, sequence in enumerate(stop or ()):
        if not isinstance(sequence, str):
            raise wrong(("stop_sequences", index), "a string", sequence)
    return Sampling(
        temperature=get(body, "temperature", NUMBER, ()),
        top_p=get(body, "top_p", NUMBER, ()),
        top_k=get(body, "top_k", int, ()),
        max_tokens=read(body, "max_tokens", int, ()),
        stop=stop,
    )


def _output(body: dict[str, Json], config: dict[str, Json]) -> Output | None:
    """Structured output; older clients say `output_format` at the top."""
    old = get(body, "output_format", dict, ())
    form = old or get(config, "format", dict, ("output_config",))
    if form is None or form.get("type") != "json_schema":
        return None
    path = ("output_format",) if old else ("output_config", "format")
    extra = rest(form, FORMAT, NAME, path)
    if old:
        extra = noted(extra, NAME, path, place="output_format")
    return Output("schema", need(form, "schema", dict, path), extra=extra)


def _kept(
    body: dict[str, Json], request: ChatRequest, config: dict[str, Json], billing: Json
) -> Extra:
    """What the hub has no name for, the parts of known fields included."""
    fields = Fields(rest(body, KNOWN, NAME, ()).get(NAME, {}), ())
    if billing is not None:
        fields[BILLING_FIELD] = billing
    if request.tool_choice is None and body.get("tool_choice"):
        fields["tool_choice"] = body["tool_choice"]
    mode = request.reasoning.mode if request.reasoning else None
    if mode is None and body.get("thinking"):
        fields["thinking"] = body["thinking"]
    told = {"effort", *(["format"] if request.output and not body.get("output_format") else [])}
    unknown = {key: value for key, value in config.items() if key not in told}
    if unknown or (config == {} and body.get("output_config") is not None):
        fields["output_config"] = unknown
    if request.output is None and body.get("output_format"):
        fields["output_format"] = body["output_format"]
    metadata = body.get("metadata")
    if metadata is not None and (request.user is None or len(metadata) > 1):
        fields["metadata"] = {key: value for key, value in metadata.items() if key != "user_id"}
    return {NAME: fields} if fields else {}


def _wire_notes(wire: InboundWire) -> dict[str, Json]:
    headers = {name: wire.headers[name] for name in MEANINGFUL_HEADERS if name in wire.headers}
    query = {name: value for name, value in wire.query.items() if name != "key"}
    return {"headers": headers or None, "query": query or None}
