"""A captured request of any client reaches every dialect's upstream valid, its content intact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from attrs import frozen

from gateway.model import ChatRequest, Media, Part, Text, ToolCall, ToolResult
from gateway.testing.captures import Capture
from tests.matrix.pairs import PAIRS, SUBJECT, captured
from tests.scripted import claude, gemini, openai
from tests.scripted.gemini_rules import schema_errors

WIRES = {"openai": openai.WIRE, "claude": claude.WIRE, "gemini": gemini.WIRE}
"""The dialects whose official SDK can judge a request."""
JUDGED = [(upstream, client) for upstream, client in PAIRS if upstream in WIRES]
ACROSS = [(upstream, client) for upstream, client in JUDGED if upstream != client]


@frozen
class Sent:
    """One capture on its way: the neutral request, the upstream's body, the ledger's paths."""

    name: str
    request: ChatRequest
    body: Any
    ledger: list[str]


def crossings(upstream: str, client: str) -> Iterator[Sent]:
    """Every capture that says something (Ollama's clients also ask just to load a model)."""
    for capture in captured(client):
        request = SUBJECT.read(client, SUBJECT.wire(client, capture.body, headers=capture.headers))
        if request.messages:
            yield sent(upstream, client, capture)


def sent(upstream: str, client: str, capture: Capture) -> Sent:
    losses = SUBJECT.losses(client)
    wire = SUBJECT.wire(client, capture.body, headers=capture.headers)
    request = SUBJECT.read(client, wire, losses)
    attempt = SUBJECT.attempt(upstream, client, stream=bool(request.stream))
    attempt.losses = losses
    body = SUBJECT.write(upstream, request, attempt).body
    return Sent(capture.name, request, body, [loss.path for loss in losses])


@pytest.mark.parametrize(("upstream", "client"), ACROSS)
def test_a_captured_request_is_valid_for_every_upstream(upstream: str, client: str) -> None:
    for one in crossings(upstream, client):
        assert WIRES[upstream].check(one.body) == [], one.name


@pytest.mark.parametrize(("upstream", "client"), ACROSS)
def test_mm1_mm2_words_tools_results_and_images_arrive(upstream: str, client: str) -> None:
    for one in crossings(upstream, client):
        text = orjson.dumps(one.body).decode()
        found = [(escaped(word), escaped(escaped(word))) for word in words(one.request)]
        missing = [once for once, twice in found if once not in text and twice not in text]
        assert not missing, f"{one.name}: {missing} (ledger: {one.ledger})"


@pytest.mark.parametrize("client", [client for upstream, client in ACROSS if upstream == "gemini"])
def test_th3_no_schema_word_that_gemini_refuses_is_sent(client: str) -> None:
    for one in crossings("gemini", client):
        listed = schemas(one.body)
        found = [error for path, schema in listed for error in schema_errors(schema, path)]
        assert not found, f"{one.name}: {found}"


def escaped(word: str) -> str:
    """A word as it stands inside a JSON string."""
    return orjson.dumps(word).decode()[1:-1]


def schemas(body: Any) -> Iterator[tuple[str, Any]]:
    """Every schema in a Gemini body."""
    for tool in body.get("tools") or []:
        for declared in tool.get("functionDeclarations") or []:
            if "parametersJsonSchema" in declared:
                yield declared["name"], declared["parametersJsonSchema"]
    answer = (body.get("generationConfig") or {}).get("responseJsonSchema")
    if answer:
        yield "answer", answer


def words(request: ChatRequest) -> Iterator[str]:
    """What may not get lost: the words, the names of tools and calls, and the media's bytes."""
    yield from (text.text for text in request.system)
    for message in request.messages:
        yield from (word for part in message.parts for word in _of(part))
    for tool in request.tools or []:
        if tool.kind == "function":
            yield tool.name
            yield tool.description or ""
            yield from (tool.schema or {}).get("properties") or {}


def _of(part: Part) -> Iterator[str]:
    match part:
        case Text():
            yield part.text
        case ToolCall(kind="function"):
            yield part.name
        case ToolResult():
            yield from (word for inner in part.parts for word in _of(inner))
        case Media():
            yield part.data or part.url or ""
