"""A client's request to /api/chat or /api/generate -> ChatRequest.

Field by field as in Ollama's API reference, read 2026-11. Both stream unless `stream` is false.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from gateway.errors import BadRequest
from gateway.hooks import Endpoint
from gateway.model import (
    NO_EXTRA,
    ChatRequest,
    Extra,
    Json,
    Message,
    Output,
    Part,
    Path,
    Reasoning,
    Sampling,
    Text,
    Tool,
)
from gateway.reading import NUMBER, entries, get, need, wrong
from gateway.wire import InboundWire
from gateway_ollama.fields import unknown, with_notes
from gateway_ollama.inbound_messages import read_messages
from gateway_ollama.media import read_images
from gateway_ollama.names import GENERATE, LEVELS, OPTIONS

COMMON = frozenset({"model", "format", "options", "think", "stream", "logprobs", "top_logprobs"})
CHAT_FIELDS = COMMON | {"messages", "tools"}
GENERATE_FIELDS = COMMON | {"prompt", "system", "images"}
KNOWN_OPTIONS = frozenset(OPTIONS.values())
TOOL = frozenset({"type", "function"})
FUNCTION = frozenset({"name", "description", "parameters"})
LEVEL = "true, false, low, medium or high"


def read_request(wire: InboundWire, endpoint: Endpoint) -> ChatRequest:
    """The neutral form of a request. Raises BadRequest, which names the path of a wrong value."""
    body = wire.json()
    prompts = endpoint.path == GENERATE
    system, messages = _prompt(body) if prompts else _chat(body)
    return ChatRequest(
        model=need(body, "model", str, ()),
        system=system,
        messages=messages,
        tools=None if prompts else _tools(body),
        sampling=_sampling(body),
        reasoning=_reasoning(body),
        output=_output(body),
        stream=streams(body),
        extra=_extra(body, GENERATE_FIELDS if prompts else CHAT_FIELDS, prompts=prompts),
    )


def streams(body: Mapping[str, Json]) -> bool:
    """Whether the reply is to be streamed, which it is unless the client says no."""
    said = get(dict(body), "stream", bool, ())
    return said is None or said


def _chat(body: dict[str, Json]) -> tuple[list[Text], list[Message]]:
    return read_messages(get(body, "messages", list, ()) or [])


def _prompt(body: dict[str, Json]) -> tuple[list[Text], list[Message]]:
    """A bare prompt: a conversation of one turn."""
    system, prompt = get(body, "system", str, ()), get(body, "prompt", str, ())
    parts: list[Part] = [*([Text(prompt)] if prompt else []), *read_images(body, ())]
    return [Text(system)] if system else [], [Message("user", parts)] if parts else []


def _tools(body: dict[str, Json]) -> list[Tool] | None:
    tools = get(body, "tools", list, ())
    if tools is None:
        return None
    return [_tool(item, path) for path, item in entries(tools, ("tools",))]


def _tool(item: dict[str, Json], path: Path) -> Tool:
    kind = get(item, "type", str, path)
    if kind not in (None, "", "function"):
        raise wrong((*path, "type"), "function")
    function, at = need(item, "function", dict, path), (*path, "function")
    extra = unknown(item, TOOL, path, {"function": FUNCTION})
    return Tool(
        need(function, "name", str, at),
        description=get(function, "description", str, at),
        schema=get(function, "parameters", dict, at),
        extra=with_notes(extra, path, home=True, untyped=True if kind is None else None),
    )


def _sampling(body: dict[str, Json]) -> Sampling:
    options, at = get(body, "options", dict, ()) or {}, ("options",)
    stop, limit = get(options, "stop", (str, list), at), get(options, "num_predict", int, at)
    return Sampling(
        temperature=get(options, "temperature", NUMBER, at),
        top_p=get(options, "top_p", NUMBER, at),
        top_k=get(options, "top_k", int, at),
        max_tokens=limit if limit is not None and limit > 0 else None,
        stop=[stop] if isinstance(stop, str) else _words(stop),
        seed=get(options, "seed", int, at),
        frequency_penalty=get(options, "frequency_penalty", NUMBER, at),
        presence_penalty=get(options, "presence_penalty", NUMBER, at),
        logprobs=get(body, "logprobs", bool, ()),
        top_logprobs=get(body, "top_logprobs", int, ()),
    )


def _words(stop: list[Json] | None) -> list[str] | None:
    for index, word in enumerate(stop or ()):
        if not isinstance(word, str):
            raise wrong(("options", "stop", index), "a string", word)
    return stop


def _reasoning(body: dict[str, Json]) -> Reasoning | None:
    think = body.get("think")
    if think is None:
        return None
    mode: Literal["off", "on", "adaptive"]
    effort: str | None = None
    if isinstance(think, bool):
        mode = "on" if think else "off"
    elif isinstance(think, str) and think in LEVELS:
        mode, effort = "adaptive", think
    else:
        raise wrong(("think",), LEVEL)
    extra = with_notes(NO_EXTRA, ("think",), think=think)
    return Reasoning(mode, effort=effort, include=True if mode != "off" else None, extra=extra)


def _output(body: dict[str, Json]) -> Output | None:
    wanted = get(body, "format", (str, dict), ())
    if wanted is None or wanted == "":
        return None
    if isinstance(wanted, dict):
        return Output("schema", schema=wanted)
    if wanted != "json":
        raise BadRequest('format must be "json" or a JSON Schema', param="format")
    return Output("json")


def _extra(body: dict[str, Json], known: frozenset[str], *, prompts: bool) -> Extra:
    options = body.get("options")
    limit = options.get("num_predict") if isinstance(options, dict) else None
    inner = KNOWN_OPTIONS if limit is None or limit > 0 else KNOWN_OPTIONS - {"num_predict"}
    return with_notes(
        unknown(body, known, (), {"options": inner}),
        (),
        home=True,
        prompts=True if prompts else None,
        said_stream=body.get("stream"),
        empty_options=True if options == {} else None,
        empty_format=True if body.get("format") == "" else None,
        one_stop=True if isinstance((options or {}).get("stop"), str) else None,
        texts=[name for name in ("prompt", "system") if body.get(name) == ""] if prompts else None,
    )
