"""ChatRequest -> a request to an Ollama server."""

from __future__ import annotations

from attrs import evolve

from gateway.attempt import Attempt, Target
from gateway.errors import BadRequest
from gateway.losses import note_foreign
from gateway.model import ChatRequest, Json, Message, Output, Reasoning, ToolCall
from gateway.wire import UpstreamWire
from gateway_ollama.fields import form, put_back
from gateway_ollama.names import ALL_OPTIONS, CHAT, DIALECT, GENERATE, LEVELS, OPTIONS
from gateway_ollama.outbound_messages import PARAGRAPH, write_messages
from gateway_ollama.tools import write_tools
from gateway_ollama.writing import Writing

THINKERS = ("gpt-oss",)
"""Models that are known to take `think`, by how their names begin; facts say so of others."""


def write_request(request: ChatRequest, attempt: Attempt) -> UpstreamWire:
    """The request for `attempt.target`. Raises BadRequest for what no Ollama model can do."""
    if (request.sampling.n or 1) > 1:
        raise BadRequest("several answers at once (n > 1) are not possible here", param="n")
    note_foreign(request, DIALECT, attempt.losses)
    writing = Writing(attempt, _called(request.messages))
    path, body = _conversation(request, writing)
    _write_output(request.output, body, writing)
    _write_options(request, body)
    _write_thinking(request.reasoning, body, writing)
    stream = bool(request.stream)
    if not (stream and form(request.extra, "home") and form(request.extra, "said_stream") is None):
        body["stream"] = stream
    put_back(body, request.extra)
    _note_hints(request, writing)
    return UpstreamWire(path, with_settings(body, attempt.target))


def with_settings(body: dict[str, Json], target: Target) -> dict[str, Json]:
    """`body` with the target's defaults under it and its params over all.

    The names of options go among the options; so `temperature = 0.7` means what it says.
    """
    if not (target.defaults or target.params):
        return body
    defaults, params = _placed(target.defaults), _placed(target.params)
    out = {**defaults, **body, **params}
    layers = (defaults, body, params)
    options: dict[str, Json] = {}
    for layer in layers:
        options.update(layer.get("options") or {})
    return {**out, "options": options} if options else out


def _placed(said: Json) -> dict[str, Json]:
    top = {name: value for name, value in said.items() if name not in ALL_OPTIONS}
    options = {name: value for name, value in said.items() if name in ALL_OPTIONS}
    return {**top, "options": {**top.get("options", {}), **options}} if options else top


def _called(messages: list[Message]) -> dict[str, ToolCall]:
    return {
        part.id: part
        for message in messages
        for part in message.parts
        if isinstance(part, ToolCall)
    }


def _conversation(request: ChatRequest, writing: Writing) -> tuple[str, dict[str, Json]]:
    """Where the request goes, and its conversation: a bare prompt stays one where it can."""
    body: dict[str, Json] = {"model": writing.attempt.target.model}
    if form(request.extra, "prompts") and len(request.messages) <= 1:
        return GENERATE, {**body, **_prompt(request, writing)}
    body["messages"] = write_messages(request, writing)
    write_tools(request, body, writing)
    return CHAT, body


def _prompt(request: ChatRequest, writing: Writing) -> dict[str, Json]:
    said = write_messages(evolve(request, system=[]), writing)
    turn = said[0] if said else {}
    system = PARAGRAPH.join(text.text for text in request.system if text.text)
    texts = {"prompt": turn.get("content", ""), "system": system}
    empty = form(request.extra, "texts") or ()
    out: dict[str, Json] = {name: text for name, text in texts.items() if text or name in empty}
    if turn.get("images"):
        out["images"] = turn["images"]
    return out


def _write_output(output: Output | None, body: dict[str, Json], writing: Writing) -> None:
    if output is None or output.kind == "text":
        return
    for name in ("name", "description", "strict"):
        if getattr(output, name) is not None:
            writing.losses.add(f"output.{name}", "Ollama takes the schema alone", "hint")
    body["format"] = output.schema if output.kind == "schema" and output.schema else "json"


def _write_options(request: ChatRequest, body: dict[str, Json]) -> None:
    sampling, extra = request.sampling, request.extra
    options = {
        wire: value
        for name, wire in OPTIONS.items()
        if (value := getattr(sampling, name)) is not None
    }
    if form(extra, "one_stop") and len(options.get("stop", ())) == 1:
        options["stop"] = options["stop"][0]
    if options or form(extra, "empty_options"):
        body["options"] = options
    if form(extra, "empty_format"):
        body.setdefault("format", "")
    for name in ("logprobs", "top_logprobs"):
        if getattr(sampling, name) is not None:
            body[name] = getattr(sampling, name)


def _write_thinking(reasoning: Reasoning | None, body: dict[str, Json], writing: Writing) -> None:
    """Ask for thinking where the model is known to think: others refuse the whole request.

    Models that think do so unless told not to, so that nothing is said of "adaptive" alone.
    """
    if reasoning is None:
        return
    if reasoning.include is False:
        writing.losses.add("reasoning.include", "Ollama shows what a model thinks", "hint")
    think = form(reasoning.extra, "think")
    if think is not None:
        body["think"] = think
    elif reasoning.mode == "off" or reasoning.effort == "none":
        body["think"] = False
    elif reasoning.effort or reasoning.budget or reasoning.mode == "on":
        _ask_to_think(reasoning, body, writing)


def _ask_to_think(reasoning: Reasoning, body: dict[str, Json], writing: Writing) -> None:
    target, losses = writing.attempt.target, writing.losses
    if not (target.facts.get("thinking") or target.model.startswith(THINKERS)):
        losses.add("reasoning", f"{target} is not known to think (set thinking = true)", "hint")
        return
    level = LEVELS.get(reasoning.effort or "")
    if reasoning.effort and level != reasoning.effort:
        losses.add("reasoning.effort", f"{reasoning.effort} became {level or 'on'}", "hint")
    if reasoning.budget is not None:
        losses.add("reasoning.budget", "Ollama has no budget of tokens for thinking", "hint")
    body["think"] = level or True


def _note_hints(request: ChatRequest, writing: Writing) -> None:
    """What helps providers in their business, and nobody here."""
    for name in ("user", "cache_key", "metadata"):
        if getattr(request, name) is not None:
            writing.losses.add(name, "Ollama has no such field", "hint")
    for where, marked in _marked(request):
        if marked.cache_control is not None:
            writing.losses.add(f"{where}.cache_control", "Ollama caches by itself", "hint")


def _marked(request: ChatRequest) -> list[tuple[str, Json]]:
    parts = [part for message in request.messages for part in message.parts]
    inner = [one for part in parts for one in getattr(part, "parts", ())]
    return [
        *(("system", text) for text in request.system),
        *(("tools", tool) for tool in request.tools or ()),
        *(("messages", part) for part in (*parts, *inner) if hasattr(part, "cache_control")),
    ]
