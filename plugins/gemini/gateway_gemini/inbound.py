"""A Gemini client's request -> ChatRequest.

Source: Gemini API reference, `models.generateContent`, read 2026-11; both spellings everywhere.
"""

from __future__ import annotations

from attrs import evolve

from gateway.errors import BadRequest
from gateway.losses import Losses
from gateway.model import (
    ChatRequest,
    Fields,
    Json,
    Message,
    Output,
    Path,
    Reasoning,
    Sampling,
    Text,
    Tool,
    ToolChoice,
)
from gateway.reading import NUMBER, entries, get, need, noted, rest, wrong
from gateway.wire import InboundWire
from gateway_gemini.names import DIALECT, EFFORT_OF_LEVEL, MODE_OF, ROLE_OF
from gateway_gemini.parts import History, read_part
from gateway_gemini.schemas import from_gemini
from gateway_gemini.spelling import camel

KNOWN = frozenset(
    ["contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "model"]
)
CONFIG = frozenset(
    [
        *("temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "seed"),
        *("candidateCount", "presencePenalty", "frequencyPenalty", "responseLogprobs"),
        *("logprobs", "responseMimeType", "responseSchema", "responseJsonSchema"),
        "thinkingConfig",
    ]
)
THINKING = frozenset({"includeThoughts", "thinkingBudget", "thinkingLevel"})
DECLARATION = frozenset({"name", "description", "parameters", "parametersJsonSchema"})
CALLING = frozenset({"mode", "allowedFunctionNames"})
MESSAGE = frozenset({"role", "parts"})
NO_MODEL = "the model stands in the path: /v1beta/models/MODEL:generateContent"


def read_request(wire: InboundWire, losses: Losses, *, stream: bool | None = None) -> ChatRequest:
    """The neutral form of a generateContent request. Raises BadRequest.

    stream: what the verb in the path says. A countTokens body may wrap a whole request.
    """
    body = camel(wire.json())
    wrapped = body.get("generateContentRequest")
    if isinstance(wrapped, dict):
        body = camel(wrapped)
    model = wire.args.get("model") or str(body.get("model", "")).removeprefix("models/")
    if not model:
        raise BadRequest(NO_MODEL, param="model")
    history = History()
    config = camel(get(body, "generationConfig", dict, ()) or {})
    contents = need(body, "contents", (str, list), ())
    extra = noted(rest(body, KNOWN, DIALECT, ()), DIALECT, (), alt=wire.query.get("alt"))
    request = ChatRequest(
        model=model,
        messages=_messages(contents, history),
        system=_system(body, history),
        sampling=_sampling(config),
        reasoning=_reasoning(config),
        output=_output(config),
        stream=stream,
        extra=_with_config(extra, body, config),
    )
    return _with_tools(request, body)


def _messages(contents: Json, history: History) -> list[Message]:
    if isinstance(contents, str):
        return [Message("user", [Text(contents)])]
    return [_message(camel(one), path, history) for path, one in entries(contents, ("contents",))]


def _message(raw: dict[str, Json], path: Path, history: History) -> Message:
    said = get(raw, "role", str, path)
    role = ROLE_OF.get(said or "user")
    if role is None:
        raise wrong((*path, "role"), "user, model or function", said)
    parts = get(raw, "parts", list, path) or []
    extra = rest(raw, MESSAGE, DIALECT, path)
    if said != "model" and said != "user":
        extra = noted(extra, DIALECT, path, role=said)
    read = [read_part(part, where, history) for where, part in entries(parts, (*path, "parts"))]
    return Message(role, read, extra)  # type: ignore[arg-type]


def _system(body: dict[str, Json], history: History) -> list[Text]:
    raw = get(body, "systemInstruction", (str, dict), ())
    if raw is None:
        return []
    if isinstance(raw, str):
        return [Text(raw)]
    path: Path = ("systemInstruction",)
    content = camel(raw)
    texts = []
    for where, part in entries(get(content, "parts", list, path) or [], (*path, "parts")):
        text = read_part(part, where, history)
        if not isinstance(text, Text):
            raise wrong(where, "a part with text: a system instruction can hold nothing else")
        texts.append(text)
    if texts and content.get("role") is not None:
        texts[0] = evolve(
            texts[0], extra=noted(texts[0].extra, DIALECT, path, role=content["role"])
        )
    return texts


def _sampling(config: dict[str, Json]) -> Sampling:
    path: Path = ("generationConfig",)
    stop = get(config, "stopSequences", list, path)
    return Sampling(
        temperature=get(config, "temperature", NUMBER, path),
        top_p=get(config, "topP", NUMBER, path),
        top_k=get(config, "topK", int, path),
        max_tokens=get(config, "maxOutputTokens", int, path),
        stop=[str(one) for one in stop] if stop is not None else None,
        seed=get(config, "seed", int, path),
        frequency_penalty=get(config, "frequencyPenalty", NUMBER, path),
        presence_penalty=get(config, "presencePenalty", NUMBER, path),
        logprobs=get(config, "responseLogprobs", bool, path),
        top_logprobs=get(config, "logprobs", int, path),
        n=get(config, "candidateCount", int, path),
    )


def _reasoning(config: dict[str, Json]) -> Reasoning | None:
    path: Path = ("generationConfig", "thinkingConfig")
    raw = get(config, "thinkingConfig", dict, path[:1])
    if raw is None:
        return None
    thinking = camel(raw)
    budget = get(thinking, "thinkingBudget", int, path)
    level = get(thinking, "thinkingLevel", str, path)
    effort = EFFORT_OF_LEVEL.get(level.upper()) if level else None
    return Reasoning(
        mode=_mode(budget, effort),  # type: ignore[arg-type]
        effort=effort,
        budget=budget if budget is not None and budget > 0 else None,
        include=get(thinking, "includeThoughts", bool, path),
        extra=noted(rest(thinking, THINKING, DIALECT, path), DIALECT, path, raw=dict(thinking)),
    )


def _mode(budget: int | None, effort: str | None) -> str | None:
    """A budget of 0 turns thinking off, -1 leaves it to the model."""
    if budget is None:
        return "adaptive" if effort else None
    if budget == 0:
        return "off"
    return "on" if budget > 0 else "adaptive"


def _output(config: dict[str, Json]) -> Output | None:
    path: Path = ("generationConfig",)
    mime = get(config, "responseMimeType", str, path)
    own = get(config, "responseSchema", dict, path)
    plain = get(config, "responseJsonSchema", dict, path)
    extra = noted({}, DIALECT, path, mime=mime)
    if own is not None:
        extra = noted(extra, DIALECT, path, own=own)
        return Output("schema", schema=from_gemini(own), extra=extra)
    if plain is not None:
        return Output("schema", schema=plain, extra=extra)
    if mime is None:
        return None
    if mime == "text/plain":
        return Output("text", extra=extra)
    if mime == "application/json":
        return Output("json", extra=extra)
    return Output("text", extra={DIALECT: Fields({"responseMimeType": mime}, path)})


def _with_config(extra: Json, body: dict[str, Json], config: dict[str, Json]) -> Json:
    """`extra` with the generation settings that the hub has no name for, kept for home."""
    unknown = {key: value for key, value in config.items() if key not in CONFIG}
    if unknown:
        extra = {
            **extra,
            DIALECT: Fields({**extra.get(DIALECT, {}), "generationConfig": unknown}, ()),
        }
    if "generationConfig" in body and not config:
        extra = noted(extra, DIALECT, (), empty_config=True)
    return extra


def _with_tools(request: ChatRequest, body: dict[str, Json]) -> ChatRequest:
    raw = get(body, "tools", (list, dict), ())
    choice = _choice(get(body, "toolConfig", dict, ()))
    if raw is None:
        return evolve(request, tool_choice=choice)
    tools: list[Tool] = []
    for path, one in entries([raw] if isinstance(raw, dict) else raw, ("tools",)):
        tools += _tools(camel(one), path)
    return evolve(request, tools=tools, tool_choice=choice)


def _tools(entry: dict[str, Json], path: Path) -> list[Tool]:
    """The functions of one entry, and its server tools (`googleSearch: {}`)."""
    found = []
    declared = get(entry, "functionDeclarations", list, path)
    for where, raw in entries(declared or (), (*path, "functionDeclarations")):
        found.append(_function(camel(raw), where))
    for key, value in entry.items():
        if key != "functionDeclarations":
            found.append(Tool(key, kind="server", extra={DIALECT: Fields({key: value}, path)}))
    return found


def _function(raw: dict[str, Json], path: Path) -> Tool:
    plain = get(raw, "parametersJsonSchema", dict, path)
    own = get(raw, "parameters", dict, path)
    extra = rest(raw, DECLARATION, DIALECT, path)
    if own is not None:
        extra = noted(extra, DIALECT, path, own=own)
    return Tool(
        name=need(raw, "name", str, path),
        description=get(raw, "description", str, path),
        schema=plain if plain is not None else from_gemini(own),
        extra=extra,
    )


def _choice(raw: dict[str, Json] | None) -> ToolChoice | None:
    if raw is None:
        return None
    config = camel(raw)
    path: Path = ("toolConfig", "functionCallingConfig")
    calling = camel(get(config, "functionCallingConfig", dict, path[:1]) or {})
    mode = (get(calling, "mode", str, path) or "").upper()
    allowed = get(calling, "allowedFunctionNames", list, path)
    extra = rest(config, frozenset({"functionCallingConfig"}), DIALECT, path[:1])
    inner = rest(calling, CALLING, DIALECT, path)
    extra = noted({**extra, **inner}, DIALECT, path, mode=mode or None)
    if mode in ("ANY", "VALIDATED") and allowed and len(allowed) == 1 and mode == "ANY":
        return ToolChoice("tool", name=str(allowed[0]), extra=extra)
    names = [str(name) for name in allowed] if allowed else None
    neutral = MODE_OF.get(mode, "auto") if mode else None
    return ToolChoice(neutral, allowed=names, extra=extra)  # type: ignore[arg-type]
