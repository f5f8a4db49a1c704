"""Writes docs/matrix.md: every client's dialect, every upstream's, and what survives between them.

    python -m tests.matrix.page

Nothing here is an opinion. A request of the kit's corpus is written as a client of the inbound
dialect would write it, read, and written for the upstream; the loss ledger says what it cost.
A reply goes the other way, and what the client's own dialect reads of it is compared as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs
import orjson
from attrs import evolve, frozen

from gateway.errors import GatewayError, UpstreamError
from gateway.losses import Loss
from gateway.model import ChatRequest, Json, Media, Message, Text, Tool
from gateway.testing import corpus
from gateway.testing.journeys import decode, encode
from gateway.testing.pairs import Essence, across, essence
from gateway.testing.subject import Subject
from tests.matrix import embeddings
from tests.matrix.pairs import FACES, SUBJECT

PAGE = Path(__file__).parents[2] / "docs/matrix.md"
UNSAID = "·"
LOSSLESS = "✓"
REFUSED = "refused"
COMPARED = ("thinking", "calls", "finish", "tokens", "failed")
MOST = 3
"""Lost fields that a cell names."""


@frozen
class Cell:
    """One feature in one pair. losses are None where the sender's dialect can't say it at all."""

    losses: list[Loss] | None
    refused: str | None = None


@frozen
class Feature:
    """One row. shows: what a request with the feature says of itself (see `said`)."""

    make: Callable[[str], ChatRequest]
    shows: str


def _entry(name: str, shows: str) -> Feature:
    return Feature(lambda home: corpus.request(name, home), shows)


def _sampled(shows: str, **given: Json) -> Feature:
    def made(home: str) -> ChatRequest:
        plain = corpus.request("text", home)
        return evolve(plain, sampling=evolve(plain.sampling, **given))

    return Feature(made, shows)


def _with(shows: str, **given: Json) -> Feature:
    return Feature(lambda home: evolve(corpus.request("text", home), **given), shows)


SOUND = Media("audio", mime="audio/wav", data="UklGRiQAAABXQVZFZm10IA==")
FREE = Tool("apply_patch", "Changes files.", kind="custom")
REQUESTS: Mapping[str, Feature] = {
    "text, several turns": _entry("text_turns", "Text.text"),
    "system prompt": _entry("system_text", "ChatRequest.system"),
    "system prompt in pieces": _entry("system_pieces", "ChatRequest.system"),
    "system message between turns": _entry("system_inside", "Message.role=system"),
    "tools": _entry("tool_turn", "ToolResult.parts"),
    "parallel tool calls": _entry("tool_parallel", "ToolCall.id"),
    "tool names over 64 characters": _entry("tool_long_name", "Tool.name"),
    "JSON Schema's rarer words": _entry("schema_words", "Tool.schema"),
    "custom tools (free text)": _with("Tool.kind=custom", tools=[FREE]),
    "tool choice: none": _entry("choice_none", "ToolChoice.mode=none"),
    "tool choice: any": _entry("choice_required", "ToolChoice.mode=required"),
    "tool choice: one tool": _entry("choice_tool", "ToolChoice.name"),
    "one call at a time": _entry("choice_serial", "ToolChoice.parallel=False"),
    "tool result: failed": _entry("tool_is_error", "ToolResult.is_error=True"),
    "tool result: image": _entry("tool_image_result", "Media.kind=image"),
    "image, inline": _entry("image_data", "Media.data"),
    "image, by URL": _entry("image_url", "Media.url"),
    "PDF": _entry("pdf", "Media.kind=document"),
    "audio": _with("Media.kind=audio", messages=[Message("user", [SOUND, Text("Who speaks?")])]),
    "thinking: effort": _entry("effort_high", "Reasoning.effort"),
    "thinking of earlier turns, signed": _entry("thinking_sealed", "Thinking.seal"),
    "thinking of earlier turns, redacted": _entry("thinking_redacted", "Thinking.redacted=True"),
    "structured output: JSON": _entry("output_json", "Output.kind=json"),
    "structured output: schema": _entry("output_schema", "Output.kind=schema"),
    "temperature": _entry("sampling", "Sampling.temperature"),
    "top_p": _entry("sampling", "Sampling.top_p"),
    "top_k": _entry("sampling_top_k", "Sampling.top_k"),
    "length": _entry("text", "Sampling.max_tokens"),
    "seed": _sampled("Sampling.seed", seed=7),
    "stop sequences": _entry("stop", "Sampling.stop"),
    "frequency penalty": _sampled("Sampling.frequency_penalty", frequency_penalty=0.5),
    "presence penalty": _sampled("Sampling.presence_penalty", presence_penalty=0.25),
    "logprobs": _sampled("Sampling.logprobs", logprobs=True),
    "n": _sampled("Sampling.n", n=2),
    "cache markers": _entry("cache_markers", "Text.cache_control"),
    "end user's id": _with("ChatRequest.user", user="user-7f3a"),
    "cache key": _with("ChatRequest.cache_key", cache_key="session-19"),
}
OWN_WORDS: Mapping[str, Mapping[str, Mapping[str, Json]]] = {
    "thinking: effort": {"openai": {"reasoning_effort": "high"}},
    "logprobs": {"responses": {"top_logprobs": 2}},
    "n": {
        "gemini": {"generationConfig": {"candidateCount": 2}},
        "openai": {"n": 2},
    },
    "cache key": {"openai": {"prompt_cache_key": "session-19"}},
    "server tools (search)": {
        "claude": {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        "gemini": {"tools": [{"googleSearch": {}}]},
        "openai": {"web_search_options": {}},
        "responses": {"tools": [{"type": "web_search"}]},
    },
}
"""What clients say in words that the kit's own requests never get: fields of the dialect's body."""
REPLIES: Mapping[str, str] = {
    "text": "text",
    "tool calls": "tool_one",
    "parallel tool calls": "tool_parallel",
    "text and tool calls": "text_tool",
    "thinking": "thinking",
    "thinking, signed": "thinking_sealed",
    "thinking, redacted": "thinking_redacted",
    "cut by length": "finish_length",
    "stop sequence": "finish_stop_sequence",
    "refusal": "finish_refusal",
    "broken off with an error": "failure_in_text",
}
ERRORS: Mapping[str, UpstreamError] = {
    "error: rate limit": UpstreamError("Slow down.", status=429, kind="rate_limit"),
    "error: overloaded": UpstreamError("Too much to do.", status=503, kind="overloaded"),
    "error: wrong request": UpstreamError("No such field.", status=400, kind="invalid_request"),
}


def request_cell(client: str, upstream: str, feature: Feature) -> Cell:
    """What becomes of a request with the feature between the two."""
    attempt = SUBJECT.attempt(client, client)
    try:
        sent = SUBJECT.write(client, feature.make(client), attempt)
    except GatewayError:
        return Cell(None)
    arriving = SUBJECT.arriving(client, sent)
    if feature.shows not in said(SUBJECT.read(client, arriving)):
        return Cell(None)
    return body_cell(client, upstream, orjson.loads(arriving.body))


def said(value: object) -> set[str]:
    """What a neutral value says: `Class.field`, and `Class.field=value` for words and switches."""
    if isinstance(value, list):
        return set().union(*map(said, value))
    found: set[str] = set()
    for one in attrs.fields(type(value)) if attrs.has(type(value)) else ():
        inner = getattr(value, one.name)
        if inner is None or inner == []:
            continue
        name = f"{type(value).__name__}.{one.name}"
        found |= {name, f"{name}={inner}"} if isinstance(inner, str | bool) else {name}
        found |= said(inner)
    return found


def body_cell(client: str, upstream: str, body: Json) -> Cell:
    """What becomes of a client's own body between the two."""
    attempt = SUBJECT.attempt(upstream, client)
    try:
        request = SUBJECT.read(client, SUBJECT.wire(client, body), attempt.losses)
        SUBJECT.write(upstream, evolve(request, stream=False), attempt)
    except GatewayError as error:
        return Cell([], error.message)
    return Cell(list(attempt.losses))


def reply_cell(client: str, upstream: str, name: str) -> Cell:
    """What becomes of a streamed reply of the upstream on its way to the client."""
    told = corpus.stream(name, upstream)
    home = SUBJECT.attempt(upstream, upstream, stream=True)
    sent = encode(SUBJECT, upstream, told, stream=True, attempt=home)
    told_home = essence(decode(SUBJECT, upstream, [sent], stream=True))
    lost = [loss for loss in home.losses if not loss.path.endswith("id")]
    if lost or told_home != essence(told):
        return Cell(None)
    got, attempt = across(SUBJECT, upstream, client, [sent], stream=True)
    heard = essence(decode(SUBJECT, client, [got], stream=True))
    return Cell([*attempt.losses, *_unlike(told_home, heard)])


def error_cell(client: str, upstream: str, error: UpstreamError) -> Cell:
    """Whether the client is told the kind and the words of an upstream's error."""
    read = _through(SUBJECT, upstream, error)
    if read.kind != error.kind:
        return Cell(None)
    heard = _through(SUBJECT, client, read)
    unlike = ["kind"] if heard.kind != read.kind else []
    unlike += ["message"] if error.message not in heard.message else []
    return Cell([Loss(one, "the client is told another one", "meaning") for one in unlike])


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for client in FACES:
        parts.append(f"\n## From `{client}` clients\n\n{_table('request', _requests(client))}")
        parts.append(f"\n{_table('reply', _replies(client))}")
    parts.append(EMBEDDINGS)
    parts += [f"\n{_table(f'from `{client}`', _vectors(client))}" for client in embeddings.CLIENTS]
    return "".join(parts)


def _requests(client: str) -> Iterator[tuple[str, list[Cell]]]:
    for name in dict.fromkeys([*REQUESTS, *OWN_WORDS]):
        yield name, [_request(client, upstream, name) for upstream in FACES]


def _request(client: str, upstream: str, name: str) -> Cell:
    words = OWN_WORDS.get(name, {}).get(client)
    if words is not None:
        return body_cell(client, upstream, {**_plain_body(client), **words})
    feature = REQUESTS.get(name)
    return request_cell(client, upstream, feature) if feature else Cell(None)


def _plain_body(client: str) -> dict[str, Json]:
    sent = SUBJECT.write(client, corpus.request("text", client), SUBJECT.attempt(client, client))
    body: dict[str, Json] = orjson.loads(SUBJECT.arriving(client, sent).body)
    return body


def _replies(client: str) -> Iterator[tuple[str, list[Cell]]]:
    plain = [reply_cell(client, upstream, "text") for upstream in FACES]
    yield "any", plain
    for feature, name in REPLIES.items():
        cells = [reply_cell(client, upstream, name) for upstream in FACES]
        yield feature, [_beyond(one, first) for one, first in zip(cells, plain, strict=True)]
    for feature, error in ERRORS.items():
        yield feature, [error_cell(client, upstream, error) for upstream in FACES]


def _vectors(client: str) -> Iterator[tuple[str, list[Cell]]]:
    for row in embeddings.ROWS:
        if client in embeddings.ROWS[row]:
            yield row, [vectors_cell(client, upstream, row) for upstream in FACES]


def vectors_cell(client: str, upstream: str, row: str) -> Cell:
    """What becomes of a request for vectors."""
    match embeddings.outcome(client, upstream, row):
        case None:
            return Cell(None)
        case GatewayError() as error:
            return Cell([], error.message)
        case outcome:
            return Cell(list(outcome.losses))


def _beyond(cell: Cell, first: Cell) -> Cell:
    """The cell without the losses that every reply of the pair has."""
    if cell.losses is None:
        return cell
    return Cell([loss for loss in cell.losses if loss not in (first.losses or ())])


def _through(subject: Subject, dialect: str, error: GatewayError) -> GatewayError:
    reply = subject.error(dialect, error)
    return subject.read_error(dialect, reply.status, reply.headers, reply.body)


def _unlike(said: Essence, heard: Essence) -> list[Loss]:
    """What the client reads differently. Words may be added to a text, as for a refusal."""
    names = [one for one in COMPARED if getattr(said, one) != getattr(heard, one)]
    names += ["text"] if said.text not in heard.text else []
    return [Loss(name, "the client reads another one", "meaning") for name in names]


def _table(label: str, rows: Iterator[tuple[str, list[Cell]]]) -> str:
    lines = [f"| {label} | {' | '.join(f'to `{name}`' for name in FACES)} |"]
    if label == "reply":
        lines = [f"| {label} | {' | '.join(f'from `{name}`' for name in FACES)} |"]
    lines.append("|---" * (len(FACES) + 1) + "|")
    for feature, cells in rows:
        lines.append(f"| {feature} | {' | '.join(map(_shown, cells))} |")
    return "\n".join(lines) + "\n"


def _shown(cell: Cell) -> str:
    if cell.refused is not None:
        return REFUSED
    if cell.losses is None:
        return UNSAID
    lost = sorted({_named(loss) for loss in cell.losses})
    more = [f"{len(lost) - MOST} more"] if len(lost) > MOST else []
    return ", ".join([*lost[:MOST], *more]) or LOSSLESS


def _named(loss: Loss) -> str:
    field = loss.path.rpartition(".")[2].partition("[")[0]
    return f"**{field}**" if loss.weight == "meaning" else f"_{field}_"


HEAD = """# What survives between whom

Written by `make matrix` from what the translators do and what the loss ledger says of it; a test
fails when this page and the results differ. Each row is one request or reply of the conformance
kit's corpus. The ability of a model is another matter: here every model can do all.

- ✓ lossless: everything arrives, in the other dialect's own words.
- **field** lossy: this is lost, and it matters (*meaning*); a group may refuse it (`on_loss`).
- _field_ lossy: this is lost, and the answer's meaning stays as it was (*hint*).
- refused: the request can't be put in the other dialect's words, and the client is told why.
- · the sender's dialect has no words for it.

Replies are streamed. What is lost of every reply of a pair stands in the row "any" alone.

`babelgate explain` tells the same, with the reasons, of a request of your own.
"""
EMBEDDINGS = """
## Embeddings

A request between alike is passed on as it came. `responses` clients ask as `openai` clients do, and
there are no embeddings in Claude's API, for clients or upstreams. The vectors themselves are never
changed, but that a client who asks for base64 gets the nearest 32-bit numbers. Where a provider
counts no tokens, they are estimated, and the reply says so (`"source": "estimated"`).
"""


if __name__ == "__main__":
    PAGE.write_text(page())
