"""`generationConfig` of a client: how the model picks its words, and the form of the answer."""

from __future__ import annotations

from gateway.model import NO_EXTRA, Extra, Fields, Json, Output, Path, Sampling
from gateway.reading import NUMBER, get, noted, wrong
from gateway_gemini.names import DIALECT
from gateway_gemini.schemas import from_gemini, in_json_schema

CONFIG = frozenset(
    [
        *("temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "seed"),
        *("candidateCount", "presencePenalty", "frequencyPenalty", "responseLogprobs"),
        *("logprobs", "responseMimeType", "responseSchema", "responseJsonSchema"),
        "thinkingConfig",
    ]
)
"""The fields that the hub has names for, in camelCase."""
JSON = "application/json"
PLAIN = "text/plain"


def read_sampling(config: dict[str, Json], path: Path) -> Sampling:
    """Raises BadRequest."""
    return Sampling(
        temperature=get(config, "temperature", NUMBER, path),
        top_p=get(config, "topP", NUMBER, path),
        top_k=get(config, "topK", int, path),
        max_tokens=get(config, "maxOutputTokens", int, path),
        stop=_stop(config, path),
        seed=get(config, "seed", int, path),
        frequency_penalty=get(config, "frequencyPenalty", NUMBER, path),
        presence_penalty=get(config, "presencePenalty", NUMBER, path),
        logprobs=get(config, "responseLogprobs", bool, path),
        top_logprobs=get(config, "logprobs", int, path),
        n=get(config, "candidateCount", int, path),
    )


def read_output(config: dict[str, Json], path: Path) -> Output | None:
    """The form of the answer; None when the client did not say. Raises BadRequest.

    A media type that only Gemini knows ("text/x.enum") goes home as a field of its own.
    """
    mime = get(config, "responseMimeType", str, path)
    own = get(config, "responseSchema", dict, path)
    plain = get(config, "responseJsonSchema", dict, path)
    if own is not None and plain is not None:
        raise wrong((*path, "responseSchema"), "left out beside responseJsonSchema")
    extra: Extra = NO_EXTRA
    if mime not in (None, JSON, PLAIN):
        extra = {DIALECT: Fields({"responseMimeType": mime}, path)}
    extra = noted(extra, DIALECT, path, mime=mime)
    if own is not None:
        wire = ["responseSchema", own]
        return Output("schema", from_gemini(own), extra=noted(extra, DIALECT, path, schema=wire))
    if plain is not None:
        wire = ["responseJsonSchema", plain]
        extra = noted(extra, DIALECT, path, schema=wire)
        return Output("schema", in_json_schema(plain), extra=extra)
    if mime is None:
        return None
    return Output("json" if mime == JSON else "text", extra=extra)


def _stop(config: dict[str, Json], path: Path) -> list[str] | None:
    stop = get(config, "stopSequences", list, path)
    for at, one in enumerate(stop or ()):
        if not isinstance(one, str):
            raise wrong((*path, "stopSequences", at), "a string", one)
    return stop
