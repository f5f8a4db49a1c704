"""A client's chat-completions request, read into the neutral model.

Field by field as in OpenAI's API reference (chat, read 2026-11). What the hub has no name for
stays in `extra`; the deprecated `functions` and `function_call` are refused off relay.
"""

from __future__ import annotations

from gateway.errors import BadRequest
from gateway.losses import Losses
from gateway.model import ChatRequest, Extra, Json, Output, Sampling
from gateway.reading import NUMBER, get, need, wrong
from gateway.wire import InboundWire
from gateway_openai.chat.asking import read_reasoning
from gateway_openai.chat.fields import DIALECT, unknown, with_notes
from gateway_openai.chat.inbound_messages import read_messages
from gateway_openai.chat.tools import read_choice, read_tools

KNOWN = frozenset(
    {
        *("model", "messages", "stream", "stream_options", "tools", "tool_choice"),
        *("parallel_tool_calls", "temperature", "top_p", "top_k", "max_tokens"),
        *("max_completion_tokens", "stop", "seed", "frequency_penalty", "presence_penalty"),
        *("logprobs", "top_logprobs", "n", "reasoning_effort", "response_format", "user"),
        *("safety_identifier", "prompt_cache_key", "metadata", "functions", "function_call"),
    }
)
FORMAT = frozenset({"type", "json_schema"})
SCHEMA = frozenset({"name", "description", "schema", "strict"})
HEADERS = ("openai-beta",)
"""Headers with a meaning of their own; they go home. Account headers (`openai-organization`,
`openai-project`) belong to the client's key, not to the gateway's, and stay here."""


def read_request(wire: InboundWire, _losses: Losses) -> ChatRequest:
    """The neutral form of a request. Raises BadRequest, which names the path of a wrong value."""
    body = wire.json()
    _refuse_deprecated(body)
    system, messages = read_messages(need(body, "messages", list, ()))
    return ChatRequest(
        model=need(body, "model", str, ()),
        system=system,
        messages=messages,
        tools=read_tools(body),
        tool_choice=read_choice(body),
        sampling=_sampling(body),
        reasoning=read_reasoning(body),
        output=_output(body),
        stream=get(body, "stream", bool, ()),
        user=_user(body),
        cache_key=get(body, "prompt_cache_key", str, ()),
        metadata=get(body, "metadata", dict, ()),
        extra=_extra(body, wire),
    )


def _refuse_deprecated(body: dict[str, Json]) -> None:
    for name, instead in (("functions", "tools"), ("function_call", "tool_choice")):
        if body.get(name) is not None:
            raise BadRequest(f"{name} is no longer understood; send {instead}", param=name)


def _sampling(body: dict[str, Json]) -> Sampling:
    stop = get(body, "stop", (str, list), ())
    limit = get(body, "max_completion_tokens", int, ())
    older = get(body, "max_tokens", int, ())
    return Sampling(
        temperature=get(body, "temperature", NUMBER, ()),
        top_p=get(body, "top_p", NUMBER, ()),
        top_k=get(body, "top_k", int, ()),
        max_tokens=older if limit is None else limit,
        stop=[stop] if isinstance(stop, str) else _words(stop),
        seed=get(body, "seed", int, ()),
        frequency_penalty=get(body, "frequency_penalty", NUMBER, ()),
        presence_penalty=get(body, "presence_penalty", NUMBER, ()),
        logprobs=get(body, "logprobs", bool, ()),
        top_logprobs=get(body, "top_logprobs", int, ()),
        n=get(body, "n", int, ()),
    )


def _words(stop: list[Json] | None) -> list[str] | None:
    for index, word in enumerate(stop or ()):
        if not isinstance(word, str):
            raise wrong(("stop", index), "a string", word)
    return stop


def _output(body: dict[str, Json]) -> Output | None:
    said = get(body, "response_format", dict, ())
    if said is None:
        return None
    path = ("response_format",)
    kind = need(said, "type", str, path)
    if kind == "text":
        return Output("text", extra=unknown(said, FORMAT, path))
    if kind == "json_object":
        return Output("json", extra=unknown(said, FORMAT, path))
    if kind != "json_schema":
        raise wrong((*path, "type"), "text, json_object or json_schema")
    within, at = need(said, "json_schema", dict, path), (*path, "json_schema")
    return Output(
        "schema",
        schema=get(within, "schema", dict, at),
        name=get(within, "name", str, at),
        description=get(within, "description", str, at),
        strict=get(within, "strict", bool, at),
        extra=unknown(said, FORMAT, path, {"json_schema": SCHEMA}),
    )


def _user(body: dict[str, Json]) -> str | None:
    user = get(body, "user", str, ())
    return get(body, "safety_identifier", str, ()) if user is None else user


def _extra(body: dict[str, Json], wire: InboundWire) -> Extra:
    extra = dict(unknown(body, KNOWN, ()).get(DIALECT, {}))
    options = get(body, "stream_options", dict, ()) or {}
    rest = {key: value for key, value in options.items() if key != "include_usage"}
    if rest:
        extra["stream_options"] = rest
    for both, only in (("max_completion_tokens", "max_tokens"), ("user", "safety_identifier")):
        if body.get(both) is not None and body.get(only) is not None:
            extra[only] = body[only]
    for name in HEADERS:
        if name in wire.headers:
            extra[f"headers.{name}"] = wire.headers[name]
    return with_notes(
        unknown(extra, frozenset(), ()),
        (),
        home=True,
        include_usage=get(options, "include_usage", bool, ("stream_options",)),
        limit=_first(body, "max_completion_tokens", "max_tokens"),
        user=_first(body, "user", "safety_identifier"),
        one_stop=isinstance(body.get("stop"), str) or None,
    )


def _first(body: dict[str, Json], *names: str) -> str | None:
    return next((name for name in names if body.get(name) is not None), None)
