"""The neutral request, written for an upstream that speaks Responses.

The order of fields and items follows the request alone, so that the same input gives the same
bytes and the provider's prompt cache keeps hitting.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.attempt import Attempt, Target
from gateway.errors import BadRequest
from gateway.losses import note_foreign
from gateway.model import ChatRequest, Json, Output, Reasoning
from gateway.wire import UpstreamWire
from gateway_openai.chat.asking import BUDGETS, WORDS
from gateway_openai.chat.outbound import LONGEST_USER
from gateway_openai.chat.writing import Writing
from gateway_openai.quirks import quirks_of
from gateway_openai.responses.fields import DIALECT, form, put_back
from gateway_openai.responses.names import SEALED
from gateway_openai.responses.outbound_items import write_items, write_system
from gateway_openai.responses.outbound_parts import Wire
from gateway_openai.responses.outbound_tools import write_choice, write_tools
from gateway_openai.vendors import matches

PATH = "/responses"
UNKNOWN = (*("top_k", "stop", "seed", "frequency_penalty", "presence_penalty", "logprobs"),)
"""Sampling that this dialect has no field for."""


def write_request(request: ChatRequest, attempt: Attempt) -> UpstreamWire:
    """The upstream's request. Raises BadRequest for what only a relay can carry (`n` above 1)."""
    writing = Writing(attempt, quirks_of(attempt.target), attempt.client == DIALECT)
    if (request.sampling.n or 1) > 1:
        raise BadRequest("n above 1 is not possible here; send n = 1", param="n")
    note_foreign(request, DIALECT, attempt.losses)
    body: Wire = {"model": attempt.target.model}
    leading = write_system(request.system, body, writing)
    items = [*leading, *write_items(request, writing)]
    body["input"] = items[0]["content"] if _is_string(request, items) else items
    _write_tools(request, body, writing)
    _write_sampling(request, body, writing)
    if request.reasoning is not None:
        _write_reasoning(request.reasoning, body, writing)
    _write_text(request, body)
    _write_identity(request, body, writing)
    if attempt.stream:
        body["stream"] = True
    elif request.stream is not None:
        body["stream"] = False
    put_back(body, request.extra)
    return UpstreamWire(PATH, with_settings(body, attempt.target), headers=headers_of(request))


def with_settings(body: Wire, target: Target) -> Wire:
    """`body` with the target's defaults where the client said nothing, and its params over all."""
    for name, value in target.defaults.items():
        body.setdefault(name, value)
    body.update(target.params)
    return body


def headers_of(request: ChatRequest) -> Mapping[str, str]:
    """The headers that go home."""
    return put_back({}, request.extra, "headers")


def _is_string(request: ChatRequest, items: list[Wire]) -> bool:
    """Whether the client sent a string, and nothing was added to it since."""
    plain = len(items) == 1 and isinstance(items[0].get("content"), str)
    return bool(form(request.extra, "string")) and plain


def _write_tools(request: ChatRequest, body: Wire, writing: Writing) -> None:
    if request.tools is not None:
        written = write_tools(request.tools, writing)
        if written or writing.home:
            body["tools"] = written
    choice = request.tool_choice
    if choice is None:
        return
    said = write_choice(choice, writing)
    if said is not None and (request.tools or writing.home):
        body["tool_choice"] = said
    elif said not in (None, "auto", "none"):
        writing.losses.add("tool_choice", "there is no tool to choose")
    if choice.parallel is not None:
        body["parallel_tool_calls"] = choice.parallel


def _write_sampling(request: ChatRequest, body: Wire, writing: Writing) -> None:
    sampling = request.sampling
    most = sampling.max_tokens
    said = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_output_tokens": None if most is None else writing.within_limit(most),
        "top_logprobs": sampling.top_logprobs,
    }
    body.update({name: value for name, value in said.items() if value is not None})
    for name in UNKNOWN:
        if getattr(sampling, name) not in (None, [], False):
            writing.losses.add(f"sampling.{name}", "this dialect has no such field")


def _write_reasoning(reasoning: Reasoning, body: Wire, writing: Writing) -> None:
    """Ask for thinking, and of other dialects' clients for its seal; a home word goes as it is."""
    if form(reasoning.extra, "said"):
        out: Wire = {} if reasoning.effort is None else {"effort": reasoning.effort}
        put_back(out, reasoning.extra, "reasoning")
        if reasoning.include:
            out.setdefault("summary", "auto")
        body["reasoning"] = out
        return
    target = writing.attempt.target
    barred = matches(target.model, writing.quirks.no_reasoning)
    if barred or target.facts.get("thinking") is False:
        if reasoning.mode != "off":
            writing.losses.add("reasoning", f"{target} can't be asked for thinking", "hint")
        return
    effort = _effort(reasoning, writing)
    said = {"effort": effort} if effort else {}
    if reasoning.include and effort != "none":
        said["summary"] = "auto"
    if said:
        body["reasoning"] = said
    if said and effort != "none":
        body["include"] = [SEALED]


def _effort(reasoning: Reasoning, writing: Writing) -> str | None:
    """The nearest word that the provider takes; None leaves it to the provider."""
    known = writing.quirks.efforts
    if reasoning.mode == "off":
        if "none" not in known and writing.quirks.reasoning_request is not None:
            writing.losses.add("reasoning.mode", "thinking can't be turned off here", "hint")
            return None
        return "none"
    word, budget = reasoning.effort, reasoning.budget
    if word is None and budget is not None:
        word = next((name for most, name in BUDGETS if budget <= most), "high")
        writing.losses.add("reasoning.budget", f"{budget} tokens became effort {word}", "hint")
    if word is None or word in known or word not in WORDS:
        return word
    rank = WORDS.index(word)
    nearest = min(known, key=lambda name: abs(WORDS.index(name) - rank))
    writing.losses.add("reasoning.effort", f"{word} became {nearest}", "hint")
    return nearest


def _write_text(request: ChatRequest, body: Wire) -> None:
    text: Wire = {}
    if request.output is not None:
        text["format"] = put_back(_format(request.output), request.output.extra)
    put_back(text, request.extra, "text")
    if text:
        body["text"] = text


def _format(output: Output) -> Wire:
    if output.kind != "schema":
        return {"type": "json_object" if output.kind == "json" else "text"}
    said: dict[str, Json] = {
        "name": output.name if output.name is not None else "answer",
        "description": output.description,
        "schema": output.schema,
        "strict": output.strict,
    }
    kept = {key: value for key, value in said.items() if value is not None}
    return {"type": "json_schema", **kept}


def _write_identity(request: ChatRequest, body: Wire, writing: Writing) -> None:
    """Who asks, and what belongs together. Nobody else's conversation is kept by the provider."""
    home, losses = writing.home, writing.losses
    if request.user is not None:
        if home or len(request.user) <= LONGEST_USER:
            body[form(request.extra, "user") or "safety_identifier"] = request.user
        else:
            losses.add("user", f"longer than {LONGEST_USER} characters; left out", "hint")
    if request.cache_key is not None:
        body["prompt_cache_key"] = request.cache_key
    if request.metadata is not None:
        if home:
            body["metadata"] = request.metadata
        else:
            losses.add("metadata", "another dialect's metadata goes home only", "hint")
    if form(request.extra, "sealed"):
        body["include"] = [SEALED]
    if not home or form(request.extra, "unstored"):
        body["store"] = False
