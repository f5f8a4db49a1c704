"""A client's request, read into the neutral model.

Field by field as in OpenAI's API reference (Responses, read 2026-11) and as Codex 0.169 sends it.
The gateway keeps no conversations: what leans on one that the provider keeps is refused here, and
passes only where the request is relayed.
"""

from __future__ import annotations

from gateway.errors import BadRequest
from gateway.losses import Losses
from gateway.model import (
    NO_EXTRA,
    ChatRequest,
    Extra,
    Json,
    Message,
    Output,
    Reasoning,
    Sampling,
    Text,
)
from gateway.reading import NUMBER, get, need, wrong
from gateway.wire import InboundWire
from gateway_openai.responses.fields import joined, unknown, with_notes
from gateway_openai.responses.items import Conversation, read_input
from gateway_openai.responses.names import SEALED
from gateway_openai.responses.tools import read_choice, read_tools

KNOWN = frozenset(
    {
        *("model", "input", "instructions", "stream", "tools", "tool_choice", "text"),
        *("parallel_tool_calls", "temperature", "top_p", "max_output_tokens", "top_logprobs"),
        *("reasoning", "user", "safety_identifier", "prompt_cache_key", "metadata", "include"),
        *("previous_response_id", "conversation", "store"),
    }
)
REASONING = frozenset({"effort", "summary"})
TEXT = frozenset({"format"})
FORMAT = frozenset({"type", "name", "description", "schema", "strict"})
KEPT = ("previous_response_id", "conversation")
"""Fields that name a conversation that the provider keeps."""
HEADERS = (
    *("openai-beta", "session-id", "session_id", "thread-id", "x-client-request-id", "originator"),
)
"""Headers with a meaning of their own; they go home. Codex's `x-codex-*` repeat what the body's
`client_metadata` says; account headers belong to the client's key, not to the gateway's."""
NO_EFFORT = "none"
COUNT_PATH = "/input_tokens"
"""How long instructions and tools are may be asked without any input."""


def read_request(wire: InboundWire, _losses: Losses) -> ChatRequest:
    """The neutral form of a request. Raises BadRequest, which names the path of a wrong value."""
    body = wire.json()
    _refuse_kept(body)
    conversation = _conversation(body, wire)
    given = get(body, "tools", list, ())
    tools = None if given is None else read_tools(given)
    return ChatRequest(
        model=need(body, "model", str, ()),
        system=[*_instructions(body), *conversation.system],
        messages=conversation.messages,
        tools=[*(tools or ()), *conversation.tools] if conversation.tools else tools,
        tool_choice=read_choice(body),
        sampling=Sampling(
            temperature=get(body, "temperature", NUMBER, ()),
            top_p=get(body, "top_p", NUMBER, ()),
            max_tokens=get(body, "max_output_tokens", int, ()),
            top_logprobs=get(body, "top_logprobs", int, ()),
        ),
        reasoning=_reasoning(body),
        output=_output(body),
        stream=get(body, "stream", bool, ()),
        user=_user(body),
        cache_key=get(body, "prompt_cache_key", str, ()),
        metadata=get(body, "metadata", dict, ()),
        extra=_extra(body, wire),
    )


def _refuse_kept(body: dict[str, Json]) -> None:
    for name in KEPT:
        if body.get(name) is not None:
            raise BadRequest(
                f"{name}: this gateway keeps no conversations; send the whole conversation in"
                " input, or ask a model whose upstream speaks this dialect and is relayed",
                param=name,
            )
    if body.get("background") is True:
        raise BadRequest(
            "background: this gateway keeps no responses to ask for later; send false",
            param="background",
        )


def _conversation(body: dict[str, Json], wire: InboundWire) -> Conversation:
    if body.get("input") is None and wire.path.endswith(COUNT_PATH):
        return Conversation()
    said = need(body, "input", (str, list), ())
    if isinstance(said, str):
        text = Text(said, extra=with_notes(NO_EXTRA, ("input",), string=True))
        return Conversation(messages=[Message("user", [text])])
    return read_input(said)


def _instructions(body: dict[str, Json]) -> list[Text]:
    said = get(body, "instructions", str, ())
    if said is None:
        return []
    return [Text(said, extra=with_notes(NO_EXTRA, ("instructions",), instructions=True))]


def _reasoning(body: dict[str, Json]) -> Reasoning | None:
    """A summary of the thoughts that is worded by the provider is the hub's `include`."""
    said = get(body, "reasoning", dict, ())
    if said is None:
        return None
    path = ("reasoning",)
    effort, summary = get(said, "effort", str, path), get(said, "summary", str, path)
    style = {} if summary in (None, "auto") else {"summary": summary}
    return Reasoning(
        mode="off" if effort == NO_EFFORT else None,
        effort=effort,
        include=True if summary is not None and summary != NO_EFFORT else None,
        extra=with_notes(
            joined(
                unknown(said, REASONING, (), under="reasoning"),
                unknown(style, frozenset(), (), under="reasoning"),
            ),
            path,
            said=True,
        ),
    )


def _output(body: dict[str, Json]) -> Output | None:
    text = get(body, "text", dict, ())
    said = get(text, "format", dict, ("text",)) if text else None
    if said is None:
        return None
    path = ("text", "format")
    kind, extra = need(said, "type", str, path), unknown(said, FORMAT, path)
    if kind == "text":
        return Output("text", extra=extra)
    if kind == "json_object":
        return Output("json", extra=extra)
    if kind != "json_schema":
        raise wrong((*path, "type"), "text, json_object or json_schema")
    return Output(
        "schema",
        schema=get(said, "schema", dict, path),
        name=get(said, "name", str, path),
        description=get(said, "description", str, path),
        strict=get(said, "strict", bool, path),
        extra=extra,
    )


def _user(body: dict[str, Json]) -> str | None:
    user = get(body, "user", str, ())
    return get(body, "safety_identifier", str, ()) if user is None else user


def _extra(body: dict[str, Json], wire: InboundWire) -> Extra:
    more: dict[str, Json] = {}
    include = get(body, "include", list, ())
    if include is not None and include != [SEALED]:
        more["include"] = include
    if body.get("user") is not None and body.get("safety_identifier") is not None:
        more["safety_identifier"] = body["safety_identifier"]
    store = get(body, "store", bool, ())
    if store:
        more["store"] = store
    for name in HEADERS:
        if name in wire.headers:
            more[f"headers.{name}"] = wire.headers[name]
    text = get(body, "text", dict, ()) or {}
    extra = joined(
        unknown(body, KNOWN, ()),
        unknown(more, frozenset(), ()),
        unknown(text, TEXT, (), under="text"),
    )
    return with_notes(
        extra,
        (),
        sealed=include == [SEALED] or None,
        unstored=store is False or None,
        user=next((n for n in ("user", "safety_identifier") if body.get(n) is not None), None),
        string=isinstance(body.get("input"), str) or None,
    )
