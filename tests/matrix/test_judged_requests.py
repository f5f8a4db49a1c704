"""Requests of the corpus, and of other dialects' recorded clients, as providers take them."""

from __future__ import annotations

import itertools

import pytest

from gateway.errors import BadRequest
from gateway.testing import corpus
from tests.matrix.pairs import FACES, SUBJECT, captured
from tests.scripted import claude, gemini, ollama, openai, responses

JUDGES = {
    wire.name: wire.check
    for wire in (claude.WIRE, gemini.WIRE, ollama.WIRE, openai.WIRE, responses.WIRE)
}
FOREIGN = [pair for pair in itertools.product(JUDGES, FACES) if pair[0] != pair[1]]
every_upstream = pytest.mark.parametrize("upstream", JUDGES)


@every_upstream
@pytest.mark.parametrize("name", [entry.name for entry in corpus.requests()])
def test_a_request_of_the_corpus_arrives_valid(upstream, name):
    attempt = SUBJECT.attempt(upstream, "elsewhere")
    body = SUBJECT.write(upstream, corpus.request(name), attempt).body

    assert JUDGES[upstream](body) == []


@pytest.mark.parametrize(("upstream", "client"), FOREIGN)
def test_captured_requests_arrive_valid(upstream, client):
    """A request that says nothing at all is refused, and none of these."""
    arrived = 0
    for capture in captured(client):
        wire = SUBJECT.wire(client, capture.body, headers=capture.headers)
        request = SUBJECT.read(client, wire)
        attempt = SUBJECT.attempt(upstream, client, stream=bool(request.stream))
        try:
            body = SUBJECT.write(upstream, request, attempt).body
        except BadRequest:
            continue
        assert JUDGES[upstream](body) == [], capture.name
        arrived += 1
    assert arrived > len(captured(client)) / 2
