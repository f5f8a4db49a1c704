"""ChatRequest -> a request to a Gemini model."""

from __future__ import annotations

from urllib.parse import quote

from gateway.attempt import Attempt
from gateway.errors import BadRequest
from gateway.history import merged, paired
from gateway.losses import note_foreign
from gateway.model import ChatRequest, Json, Message, Output, Reasoning, Text, Tool, note, own
from gateway.schema import compile_schema
from gateway.wire import UpstreamWire
from gateway_gemini.names import DIALECT, LEVEL_OF_EFFORT, MODE_TO
from gateway_gemini.schemas import RULES
from gateway_gemini.write_parts import write_parts

BUDGET_OF_EFFORT = {
    "none": 0,
    "minimal": 512,
    "low": 1024,
    "medium": 4096,
    "high": 8192,
    "xhigh": 16384,
    "max": 24576,
}
SAMPLING = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "max_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "seed": "seed",
    "frequency_penalty": "frequencyPenalty",
    "presence_penalty": "presencePenalty",
    "logprobs": "responseLogprobs",
    "top_logprobs": "logprobs",
    "n": "candidateCount",
}
STOPS_AT_MOST = 5


def write_request(request: ChatRequest, attempt: Attempt) -> UpstreamWire:
    """The request for `attempt.target`. Raises BadRequest for what no Gemini model can do."""
    if (request.sampling.n or 1) > 1 and attempt.client != DIALECT:
        raise BadRequest("several answers at once (n > 1) are not possible here", param="n")
    note_foreign(request, DIALECT, attempt.losses)
    body: dict[str, Json] = {"contents": _contents(request, attempt)}
    if request.system:
        body["systemInstruction"] = _system(request.system)
    tools = _tools(request, attempt)
    if tools:
        body["tools"] = tools
    if choice := _choice(request, attempt):
        body["toolConfig"] = choice
    config = _config(request, attempt)
    fields = dict(own(request.extra, DIALECT))
    config.update(fields.pop("generationConfig", {}))
    if config or note(request.extra, DIALECT, "empty_config"):
        body["generationConfig"] = config
    _record_hints(request, attempt)
    body.update(fields)
    verb = "streamGenerateContent" if request.stream else "generateContent"
    model = quote(attempt.target.model, safe="")
    query = {"alt": "sse"} if request.stream else {}
    return UpstreamWire(f"/models/{model}:{verb}", body, query=query)


def _contents(request: ChatRequest, attempt: Attempt) -> list[Json]:
    """The turns. What stands in the middle as system text becomes marked text of the user's."""
    messages = [_placed(message) for message in request.messages]
    at_home = attempt.client == DIALECT
    if not at_home:
        messages = merged(paired(messages, attempt.losses))
    calls = {
        part.id: part.name for message in messages for part in message.parts if hasattr(part, "id")
    }
    contents = []
    for message in messages:
        parts = write_parts(message, attempt, calls)
        if parts or at_home:
            contents.append(_content(message, parts))
    return contents


def _content(message: Message, parts: list[Json]) -> Json:
    role = note(message.extra, DIALECT, "role") if "role" in _notes(message) else _role(message)
    fields = dict(own(message.extra, DIALECT))
    return {"parts": parts, **({"role": role} if role else {}), **fields}


def _notes(message: Message) -> set[str]:
    fields = message.extra.get(DIALECT) or {}
    return {key[1:] for key in fields if key.startswith("$")}


def _role(message: Message) -> str:
    return "model" if message.role == "assistant" else "user"


def _placed(message: Message) -> Message:
    if message.role != "system" or "role" in _notes(message):
        return message
    text = "\n".join(part.text for part in message.parts if isinstance(part, Text))
    return Message("user", [Text(f"<system>\n{text}\n</system>")])


def _system(system: list[Text]) -> Json:
    parts = [{"text": text.text, **own(text.extra, DIALECT)} for text in system if text.text]
    role = note(system[0].extra, DIALECT, "role")
    return {"parts": parts, **({"role": role} if role else {})}


def _tools(request: ChatRequest, attempt: Attempt) -> list[Json]:
    functions, servers = [], []
    for index, tool in enumerate(request.tools or ()):
        if tool.kind == "server":
            if DIALECT in tool.extra:
                servers.append(dict(own(tool.extra, DIALECT)))
            else:
                attempt.losses.add(("tools", index), f"only its own provider runs '{tool.name}'")
        else:
            functions.append(_function(tool, index, attempt))
    return [*([{"functionDeclarations": functions}] if functions else []), *servers]


def _function(tool: Tool, index: int, attempt: Attempt) -> Json:
    name = attempt.registry.lower(tool.name)
    out: dict[str, Json] = {"name": name}
    if tool.description is not None:
        out["description"] = tool.description
    wire = note(tool.extra, DIALECT, "own")
    if wire is not None:
        out["parameters"] = wire
    elif attempt.client == DIALECT:
        if tool.schema is not None:
            out["parametersJsonSchema"] = tool.schema
    elif tool.kind == "custom":
        out["parametersJsonSchema"] = attempt.registry.wrap_custom(name)
    elif isinstance(tool.schema, dict) and tool.schema.get("properties"):
        path = ("tools", index, "schema")
        compiled = compile_schema(tool.schema, RULES, attempt.losses, path)
        attempt.registry.renamed(name, compiled.renames)
        out["parametersJsonSchema"] = compiled.schema
    out.update(own(tool.extra, DIALECT))
    return out


def _choice(request: ChatRequest, attempt: Attempt) -> Json:
    choice = request.tool_choice
    if choice is None:
        return None
    if choice.parallel is False:
        attempt.losses.add("tool_choice.parallel", "Gemini can't be held to one call at a time")
    if choice.mode is None and DIALECT not in choice.extra:
        return None
    calling: dict[str, Json] = {}
    mode = note(choice.extra, DIALECT, "mode") or MODE_TO.get(choice.mode or "")
    names = [choice.name] if choice.name else choice.allowed
    if names and mode == "AUTO" and attempt.client != DIALECT:
        mode = "VALIDATED"
    if mode:
        calling["mode"] = mode
    if names:
        calling["allowedFunctionNames"] = [attempt.registry.lower(name) for name in names]
    return {"functionCallingConfig": calling, **own(choice.extra, DIALECT)}


def _config(request: ChatRequest, attempt: Attempt) -> dict[str, Json]:
    sampling = request.sampling
    config = {
        wire: value
        for name, wire in SAMPLING.items()
        if (value := getattr(sampling, name)) is not None
    }
    stops = config.get("stopSequences")
    if stops is not None and attempt.client != DIALECT:
        if len(stops) > STOPS_AT_MOST:
            attempt.losses.add("sampling.stop", f"only the first {STOPS_AT_MOST} were sent")
        config["stopSequences"] = stops[:STOPS_AT_MOST]
    if request.output:
        config.update(_output(request.output, attempt))
    if request.reasoning and (thinking := _thinking(request.reasoning, attempt)):
        config["thinkingConfig"] = thinking
    return config


def _output(output: Output, attempt: Attempt) -> dict[str, Json]:
    fields = dict(own(output.extra, DIALECT))
    mime = note(output.extra, DIALECT, "mime")
    wire = note(output.extra, DIALECT, "own")
    if output.kind == "text":
        return {**({"responseMimeType": mime} if mime else {}), **fields}
    out = {"responseMimeType": mime or "application/json"}
    if output.kind == "json":
        return {**out, **fields}
    if wire is not None:
        return {**out, "responseSchema": wire, **fields}
    if attempt.client == DIALECT:
        return {**out, "responseJsonSchema": output.schema, **fields}
    compiled = compile_schema(output.schema, RULES, attempt.losses, ("output", "schema"))
    return {**out, "responseJsonSchema": compiled.schema}


def _thinking(reasoning: Reasoning, attempt: Attempt) -> Json:
    raw = note(reasoning.extra, DIALECT, "raw")
    if raw is not None:
        return raw
    out: dict[str, Json] = {}
    if reasoning.mode == "off" or reasoning.effort == "none":
        out["thinkingBudget"] = 0
    elif attempt.target.quirks.get("thinking_level") and reasoning.effort:
        out["thinkingLevel"] = LEVEL_OF_EFFORT.get(reasoning.effort, "HIGH")
    elif reasoning.budget is not None:
        out["thinkingBudget"] = reasoning.budget
    elif reasoning.effort:
        out["thinkingBudget"] = BUDGET_OF_EFFORT.get(reasoning.effort, -1)
    elif reasoning.mode in ("on", "adaptive"):
        out["thinkingBudget"] = -1
    if (
        out.get("thinkingBudget") != 0 and reasoning.include is not False and out
    ) or reasoning.include:
        out["includeThoughts"] = True
    return out


def _record_hints(request: ChatRequest, attempt: Attempt) -> None:
    losses = attempt.losses
    for name in ("user", "cache_key", "metadata"):
        if getattr(request, name) is not None:
            losses.add(name, "Gemini has no such field", "hint")
    for index, tool in enumerate(request.tools or ()):
        if tool.cache_control is not None:
            losses.add(("tools", index, "cache_control"), "Gemini caches by itself", "hint")
        if tool.strict is not None:
            losses.add(("tools", index, "strict"), "Gemini has no such field", "hint")
    for index, text in enumerate(request.system):
        if text.cache_control is not None:
            losses.add(("system", index, "cache_control"), "Gemini caches by itself", "hint")
