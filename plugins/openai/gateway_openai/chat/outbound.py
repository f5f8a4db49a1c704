"""The neutral request, written for an upstream that speaks OpenAI chat completions.

The order of fields, messages and tools follows the request alone, so that the same input gives
the same bytes and the provider's prompt cache keeps hitting.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.attempt import Attempt, Target
from gateway.errors import BadRequest
from gateway.losses import note_foreign
from gateway.model import ChatRequest, Json, Output, ToolCall, own
from gateway.wire import UpstreamWire
from gateway_openai.chat.asking import write_reasoning
from gateway_openai.chat.fields import DIALECT, form, put_back
from gateway_openai.chat.outbound_messages import write_messages
from gateway_openai.chat.tools import write_tools
from gateway_openai.chat.writing import Writing
from gateway_openai.quirks import quirks_of

PATH = "/chat/completions"
LONGEST_USER = 64
TEMPLATE = "chat_template_kwargs"
SAMPLING = (
    *("temperature", "top_p", "seed", "frequency_penalty", "presence_penalty"),
    *("logprobs", "top_logprobs", "n"),
)
LIMITS = frozenset({"max_tokens", "max_completion_tokens"})
ANSWER_IN_JSON = "Answer with a JSON object only, without any other text."
ANSWER_BY_SCHEMA = "Answer with a JSON object only, one that fits this JSON Schema:\n"


def write_request(request: ChatRequest, attempt: Attempt) -> UpstreamWire:
    """The upstream's request. Raises BadRequest for what only a relay can carry (`n` above 1)."""
    writing = _writing(request, attempt)
    if (request.sampling.n or 1) > 1:
        raise BadRequest(
            "n above 1 is only possible where the request is passed on as it is; send n = 1",
            param="n",
        )
    note_foreign(request, DIALECT, attempt.losses)
    output = request.output
    told = _words_for(output, writing) if output else None
    body: dict[str, Json] = {
        "model": attempt.target.model,
        "messages": write_messages(request, told, writing),
    }
    write_tools(request, body, writing)
    _write_sampling(request, body, writing)
    write_reasoning(request.reasoning, body, writing)
    if output:
        body["response_format"] = _write_output(output, writing)
    _write_identity(request, body, writing)
    _write_stream(request, body, writing)
    _write_extra(request, body)
    return UpstreamWire(PATH, with_settings(body, attempt.target), headers=headers_of(request))


def _writing(request: ChatRequest, attempt: Attempt) -> Writing:
    quirks = quirks_of(attempt.target)
    thinks = request.reasoning is None or request.reasoning.mode != "off"
    replays = quirks.reasoning_replay and thinks and _has_calls(request)
    return Writing(attempt, quirks, bool(form(request.extra, "home")), replays, request.tools or ())


def _has_calls(request: ChatRequest) -> bool:
    return any(isinstance(part, ToolCall) for turn in request.messages for part in turn.parts)


def with_settings(body: dict[str, Json], target: Target) -> dict[str, Json]:
    """`body` with the target's defaults where the client said nothing, and its params over all."""
    for name, value in target.defaults.items():
        if not (name in LIMITS and LIMITS & body.keys()):
            body.setdefault(name, value)
    body.update(target.params)
    return body


def headers_of(request: ChatRequest) -> Mapping[str, str]:
    """The headers that go home."""
    kept = own(request.extra, DIALECT)
    return {key[8:]: value for key, value in kept.items() if key.startswith("headers.")}


def _write_sampling(request: ChatRequest, body: dict[str, Json], writing: Writing) -> None:
    sampling = request.sampling
    for name in SAMPLING:
        value = getattr(sampling, name)
        if value is not None:
            body[name] = value
    if sampling.max_tokens is not None:
        name = form(request.extra, "limit") or writing.quirks.max_tokens_field
        body[name] = writing.within_limit(sampling.max_tokens)
    stop = sampling.stop if writing.home else [text for text in sampling.stop or () if text]
    if stop:
        one = form(request.extra, "one_stop") and len(stop) == 1
        body["stop"] = stop[0] if one else stop
    if sampling.top_k is None:
        return
    if writing.home or writing.quirks.top_k:
        body["top_k"] = sampling.top_k
    else:
        writing.losses.add("sampling.top_k", f"{writing.attempt.target} has no top_k")


def _words_for(output: Output, writing: Writing) -> str | None:
    """What the model is told, where the form of the answer can't be demanded in full."""
    if writing.quirks.json_schema or output.kind == "text":
        return None
    if output.kind == "json":
        return None if writing.home else ANSWER_IN_JSON
    return ANSWER_BY_SCHEMA + orjson.dumps(output.schema).decode()


def _write_output(output: Output, writing: Writing) -> dict[str, Json]:
    if output.kind == "text":
        return put_back({"type": "text"}, output.extra)
    if output.kind == "json":
        return put_back({"type": "json_object"}, output.extra)
    if not writing.quirks.json_schema:
        writing.losses.add("output.schema", "the schema is told in words; nothing enforces it")
        return {"type": "json_object"}
    said = {
        "name": output.name if output.name is not None or writing.home else "answer",
        "description": output.description,
        "schema": output.schema,
        "strict": output.strict,
    }
    schema = {key: value for key, value in said.items() if value is not None}
    return put_back({"type": "json_schema", "json_schema": schema}, output.extra)


def _write_identity(request: ChatRequest, body: dict[str, Json], writing: Writing) -> None:
    """Who asks, and what belongs together: never a reason to fail."""
    home, quirks, losses = writing.home, writing.quirks, writing.losses
    if request.user is not None:
        if home or len(request.user) <= LONGEST_USER:
            body[form(request.extra, "user") or "user"] = request.user
        else:
            losses.add("user", f"longer than {LONGEST_USER} characters; left out", "hint")
    if request.cache_key is not None:
        if home or quirks.cache_key:
            body["prompt_cache_key"] = request.cache_key
        else:
            losses.add("cache_key", f"{writing.attempt.target} takes no cache key", "hint")
    if request.metadata is not None:
        if home:
            body["metadata"] = request.metadata
        else:
            losses.add("metadata", "another dialect's metadata goes home only", "hint")


def _write_stream(request: ChatRequest, body: dict[str, Json], writing: Writing) -> None:
    """Ask for a stream as the client did, and for the token counts that end it."""
    if writing.attempt.stream:
        body["stream"] = True
    elif request.stream is not None:
        body["stream"] = False
    options = dict(own(request.extra, DIALECT).get("stream_options", {}))
    if writing.attempt.stream and writing.quirks.stream_usage:
        options["include_usage"] = True
    if options and writing.attempt.stream:
        body["stream_options"] = options


def _write_extra(request: ChatRequest, body: dict[str, Json]) -> None:
    for key, value in own(request.extra, DIALECT).items():
        if key == TEMPLATE and isinstance(value, dict) and key in body:
            body[key] = {**body[key], **value}
        elif key != "stream_options" and not key.startswith("headers."):
            body.setdefault(key, value)
