"""A ChatRequest as a Messages request.

At home (the client speaks this dialect) everything is written as it was read. What came from
another dialect is made fit first: turns, numbers, thinking, names.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from gateway.attempt import Attempt, Target
from gateway.losses import note_foreign
from gateway.model import ChatRequest, Json, Reasoning, Text, note, own
from gateway.wire import EMPTY, UpstreamWire
from gateway_claude.carry import Carrier
from gateway_claude.key_order import as_sent
from gateway_claude.limits import (
    fitted,
    max_tokens,
    refuses_thinking,
    within,
    write_sampling,
)
from gateway_claude.names import BILLING_FIELD, NAME
from gateway_claude.outbound_blocks import plain, write_message, write_text
from gateway_claude.thinking import adapted, write_thinking
from gateway_claude.tools import offered, write_choice, write_tool
from gateway_claude.turns import arranged, in_bare_loop

MESSAGES = "/messages"
COUNT = "/messages/count_tokens"
JSON_ONLY = "Answer with one JSON value and nothing else: no prose and no code fence."
UNCOUNTED = frozenset(
    ["max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences", "metadata"]
)
"""Fields that the count_tokens endpoint does not take."""


def write_request(request: ChatRequest, attempt: Attempt) -> UpstreamWire:
    """The upstream's request; a client's token count goes to the counting endpoint.

    Raises BadRequest for what no Claude target can be asked.
    """
    note_foreign(request, NAME, attempt.losses)
    counting = bool(note(request.extra, NAME, "count"))
    body = _body(_prepared(request, attempt), attempt, counting)
    return UpstreamWire(
        COUNT if counting else MESSAGES,
        with_settings(as_sent(body, note(request.extra, NAME, "body")), attempt.target),
        query=note(request.extra, NAME, "query") or EMPTY,
        headers=note(request.extra, NAME, "headers") or EMPTY,
    )


def write_count(request: ChatRequest, attempt: Attempt) -> UpstreamWire:
    """The request that asks how long `request` is; configured settings don't count."""
    query = note(request.extra, NAME, "query") or EMPTY
    headers = note(request.extra, NAME, "headers") or EMPTY
    written = _body(_prepared(request, attempt), attempt, counting=True)
    body = {key: value for key, value in written.items() if key not in UNCOUNTED}
    return UpstreamWire(COUNT, body, query=query, headers=headers)


def with_settings(body: dict[str, Json], target: Target) -> dict[str, Json]:
    """`body` with the configured defaults beneath it and the configured params on top."""
    if not target.defaults and not target.params:
        return body
    return {**target.defaults, **body, **target.params}


def _prepared(request: ChatRequest, attempt: Attempt) -> ChatRequest:
    """The request as this target can take it."""
    carrier = Carrier(attempt)
    messages = carrier.carry(request.messages)
    if not carrier.home:
        messages = arranged(messages, attempt)
    if messages is not request.messages:
        request = evolve(request, messages=messages)
    if not carrier.home:
        return _foreign(request, attempt)
    request = _shortened(request, attempt)
    if carrier.lost_thinking and in_bare_loop(request.messages):
        return _unthinking(request, attempt, "the tool loop's own thinking is gone")
    return request


def _shortened(request: ChatRequest, attempt: Attempt) -> ChatRequest:
    """A client's own request, whose thinking fits into what the model writes at most."""
    reasoning, asked = request.reasoning, request.sampling.max_tokens
    limit = max_tokens(asked, reasoning, attempt)
    if reasoning is None or limit == asked:
        return request
    return evolve(request, reasoning=within(reasoning, limit, attempt.losses))


def _foreign(request: ChatRequest, attempt: Attempt) -> ChatRequest:
    """Another dialect's request, whose messages have been made fit, as Claude takes it."""
    losses = attempt.losses
    for name in ("cache_key", "metadata"):
        if getattr(request, name) is not None:
            losses.add(name, "Claude has no such field", "hint")
    reasoning = _reasoning(request, attempt)
    limit = max_tokens(request.sampling.max_tokens, reasoning, attempt)
    reasoning = within(reasoning, limit, losses)
    sampling = fitted(request.sampling, reasoning, attempt)
    if limit != sampling.max_tokens:
        sampling = evolve(sampling, max_tokens=limit)
    return _instructed(evolve(request, reasoning=reasoning, sampling=sampling), attempt)


def _reasoning(request: ChatRequest, attempt: Attempt) -> Reasoning:
    reasoning = adapted(request.reasoning or Reasoning(), attempt.target)
    if reasoning.mode not in ("on", "adaptive"):
        return reasoning
    broken_loop = reasoning.mode == "on" and in_bare_loop(request.messages)
    why = refuses_thinking(request, broken_loop=broken_loop)
    if attempt.target.facts.get("thinking") is False:
        why = "the model does not think"
    if why is None:
        return reasoning
    attempt.losses.add("reasoning", why, "hint")
    return Reasoning()


def _unthinking(request: ChatRequest, attempt: Attempt, why: str) -> ChatRequest:
    reasoning = request.reasoning
    if reasoning is None or reasoning.mode != "on":
        return request
    attempt.losses.add("thinking", why, "hint")
    return evolve(request, reasoning=Reasoning(effort=reasoning.effort))


def _instructed(request: ChatRequest, attempt: Attempt) -> ChatRequest:
    """JSON without a schema: Claude has no such mode, so it is asked for in words."""
    output = request.output
    if output is None:
        return request
    for name in ("name", "description"):
        if getattr(output, name) is not None:
            attempt.losses.add(f"output.{name}", "Claude's schemas have none", "hint")
    if output.strict is False:
        attempt.losses.add("output.strict", "Claude always holds the schema", "hint")
    if output.kind != "json":
        return request
    attempt.losses.add("output", "Claude has no JSON mode; asked for in words", "meaning")
    return evolve(request, system=[*request.system, Text(JSON_ONLY)], output=None)


def _body(request: ChatRequest, attempt: Attempt, counting: bool) -> dict[str, Json]:
    body: dict[str, Json] = {"model": attempt.target.model}
    if not counting or request.sampling.max_tokens is not None:
        asked = request.sampling.max_tokens
        body["max_tokens"] = max_tokens(asked, request.reasoning, attempt)
    system = _system(request)
    if system is not None:
        body["system"] = system
    body["messages"] = [write_message(message, attempt) for message in request.messages]
    body.update(_tools(request, attempt))
    body.update(write_sampling(request.sampling))
    body.update(_thinking(request))
    if request.user is not None:
        body["metadata"] = {"user_id": request.user}
    if attempt.stream or request.stream is not None:
        body["stream"] = attempt.stream or request.stream
    return _with_kept(body, own(request.extra, NAME))


def _system(request: ChatRequest) -> Json:
    """The system field: None for none; with Claude Code's billing block in its place."""
    billing = own(request.extra, NAME).get(BILLING_FIELD)
    blocks = [write_text(text) for text in request.system if text.text]
    form = note(request.extra, NAME, "system")
    if billing is not None:
        return [billing, *blocks]
    if form == "string":
        return plain(blocks)
    return blocks if blocks or form == "list" else None


def _tools(request: ChatRequest, attempt: Attempt) -> dict[str, Json]:
    if request.tools is None:
        choice = request.tool_choice
        if choice and choice.mode in ("required", "tool") and attempt.client != NAME:
            attempt.losses.add("tool_choice", "there are no tools to choose from", "meaning")
            return {}
    out: dict[str, Json] = {}
    if request.tools is not None:
        written = [write_tool(t, attempt) for t in offered(request.tools, request.tool_choice)]
        out["tools"] = [tool for tool in written if tool is not None]
    if request.tool_choice is not None and (out.get("tools") or attempt.client == NAME):
        choice_out = write_choice(request.tool_choice, request.tools, attempt)
        if choice_out is not None:
            out["tool_choice"] = choice_out
    return out


def _thinking(request: ChatRequest) -> dict[str, Json]:
    """`thinking` and `output_config`, where both the effort and the answer's form stand."""
    out: dict[str, Json] = {}
    reasoning, output = request.reasoning, request.output
    thinking = write_thinking(reasoning) if reasoning else None
    if thinking is not None:
        out["thinking"] = thinking
    config: dict[str, Json] = {}
    if reasoning and reasoning.effort is not None:
        config["effort"] = reasoning.effort
    if output is not None and output.kind == "schema":
        form = {"type": "json_schema", "schema": output.schema, **own(output.extra, NAME)}
        place = note(output.extra, NAME, "place")
        (out if place else config)[place or "format"] = form
    return {**out, "output_config": config} if config else out


def _with_kept(body: dict[str, Json], kept: Mapping[str, Json]) -> dict[str, Json]:
    """`body` with what the hub had no name for; objects that stand in both are joined."""
    for key, value in kept.items():
        if key == BILLING_FIELD:
            continue
        known = body.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            value = {**known, **value}  # noqa: PLW2901 - both halves of one object
        body[key] = value
    return body
