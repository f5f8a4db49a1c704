"""A captured request of any client reaches every dialect's upstream valid, its content intact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from gateway.model import ChatRequest, Media, Part, Text, ToolCall, ToolResult
from gateway.testing.captures import Capture
from tests.matrix.pairs import PAIRS, SUBJECT, captured
from tests.scripted import claude, gemini, openai
from tests.scripted.gemini_rules import schema_errors

WIRES = {"openai": openai.WIRE, "claude": claude.WIRE, "gemini": gemini.WIRE}
"""The dialects whose official SDK can judge a request."""
JUDGED = [(upstream, client) for upstream, client in PAIRS if upstream in WIRES]
ACROSS = [(upstream, client) for upstream, client in JUDGED if upstream != client]


def sent(upstream: str, client: str, capture: Capture) -> tuple[ChatRequest, Any, list[str]]:
    """The neutral request, the upstream's body, and the ledger's paths."""
    losses = SUBJECT.losses(client)
    wire = SUBJECT.wire(client, capture.body, headers=capture.headers)
    request = SUBJECT.read(client, wire, losses)
    attempt = SUBJECT.attempt(upstream, client, stream=bool(request.stream))
    attempt.losses = losses
    return request, SUBJECT.write(upstream, request, attempt).body, [x.path for x in losses]


@pytest.mark.parametrize(("upstream", "client"), ACROSS)
def test_a_captured_request_is_valid_for_every_upstream(upstream: str, client: str) -> None:
    for capture in captured(client):
        _, body, _ = sent(upstream, client, capture)
        assert WIRES[upstream].check(body) == [], capture.name


@pytest.mark.parametrize(("upstream", "client"), ACROSS)
def test_mm1_mm2_words_tools_results_and_images_arrive(upstream: str, client: str) -> None:
    for capture in captured(client):
        request, body, ledger = sent(upstream, client, capture)
        text = orjson.dumps(body).decode()
        missing = [
            word
            for word in words(request)
            if orjson.dumps(word).decode()[1:-1] not in text
            and orjson.dumps(orjson.dumps(word).decode()[1:-1]).decode()[1:-1] not in text
        ]
        assert not missing, f"{capture.name}: {missing} (ledger: {ledger})"


@pytest.mark.parametrize("client", [client for upstream, client in ACROSS if upstream == "gemini"])
def test_th3_no_schema_word_that_gemini_refuses_is_sent(client: str) -> None:
    for capture in captured(client):
        _, body, _ = sent("gemini", client, capture)
        found = [error for path, schema in schemas(body) for error in schema_errors(schema, path)]
        assert not found, f"{capture.name}: {found}"


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
