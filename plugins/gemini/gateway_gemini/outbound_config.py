"""`generationConfig` for a Gemini model: sampling, thinking, and the form of the answer."""

from __future__ import annotations

from gateway.attempt import Attempt
from gateway.model import ChatRequest, Json, Output, Sampling, note
from gateway.schema import compile_schema
from gateway_gemini.inbound_config import JSON, PLAIN
from gateway_gemini.names import DIALECT
from gateway_gemini.schemas import ANSWER_RULES, from_gemini, in_json_schema
from gateway_gemini.spelling import put_back
from gateway_gemini.thinking import write_reasoning

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
SEED_AT_MOST = 2**31 - 1


def write_config(request: ChatRequest, attempt: Attempt) -> dict[str, Json]:
    """The object; {} when there is nothing to say."""
    config = {
        wire: value
        for name, wire in SAMPLING.items()
        if (value := getattr(request.sampling, name)) is not None
    }
    if attempt.client != DIALECT:
        _fit(config, request.sampling, attempt)
    if request.output:
        config.update(_output(request.output, attempt))
    if request.reasoning:
        thinking = write_reasoning(request.reasoning, attempt)
        if thinking is not None:
            config["thinkingConfig"] = thinking
    return config


def _fit(config: dict[str, Json], sampling: Sampling, attempt: Attempt) -> None:
    """Keep the numbers of other dialects within what Gemini takes."""
    losses, stops = attempt.losses, [stop for stop in sampling.stop or () if stop]
    if sampling.stop is not None:
        config["stopSequences"] = stops[:STOPS_AT_MOST]
        if len(stops) > STOPS_AT_MOST:
            losses.add("sampling.stop", f"only the first {STOPS_AT_MOST} were sent", "meaning")
    if not stops:
        config.pop("stopSequences", None)
    most = attempt.target.facts.get("max_output")
    if isinstance(most, int) and (sampling.max_tokens or 0) > most:
        losses.add("sampling.max_tokens", f"the model writes at most {most}", "meaning")
        config["maxOutputTokens"] = most
    if sampling.seed is not None and abs(sampling.seed) > SEED_AT_MOST:
        losses.add("sampling.seed", f"Gemini takes at most {SEED_AT_MOST}; folded", "hint")
        config["seed"] = sampling.seed % SEED_AT_MOST


def _output(output: Output, attempt: Attempt) -> dict[str, Json]:
    home = attempt.client == DIALECT
    mime = note(output.extra, DIALECT, "mime")
    for name in ("name", "description", "strict"):
        if getattr(output, name) is not None:
            attempt.losses.add(f"output.{name}", "Gemini's schemas have none", "hint")
    if output.kind == "text":
        out: dict[str, Json] = {"responseMimeType": mime or PLAIN} if home else {}
    elif output.kind == "json":
        out = {"responseMimeType": mime or JSON}
    else:
        out = {"responseMimeType": mime or JSON, **_schema(output, attempt)}
        if home and mime is None and note(output.extra, DIALECT, "schema") is not None:
            del out["responseMimeType"]
    return put_back(out, output.extra)


def _schema(output: Output, attempt: Attempt) -> dict[str, Json]:
    """The schema, as the client wrote it where it still says the same."""
    wire = note(output.extra, DIALECT, "schema")
    if wire is not None:
        name, raw = wire
        read = from_gemini(raw) if name == "responseSchema" else in_json_schema(raw)
        if read == output.schema:
            return {name: raw}
    if attempt.client == DIALECT:
        return {"responseJsonSchema": output.schema}
    path = ("output", "schema")
    compiled = compile_schema(output.schema, ANSWER_RULES, attempt.losses, path)
    return {"responseJsonSchema": compiled.schema}
