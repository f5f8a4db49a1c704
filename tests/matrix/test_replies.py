"""A reply of any upstream dialect, told in any client dialect, says the same."""

from __future__ import annotations

import pytest
from attrs import evolve

from gateway.errors import GatewayError
from gateway.testing import corpus, grammar
from gateway.testing.journeys import decode, encode
from gateway.testing.pairs import across, body_or_error, chunks, essence
from tests.matrix.pairs import SUBJECT, pairs

ENTRIES = corpus.streams()
replies = pytest.mark.parametrize("name", [e.name for e in ENTRIES if e.complete])
failures = pytest.mark.parametrize("name", [e.name for e in ENTRIES if not e.complete])
WITH_TOOLS = [e.name for e in ENTRIES if e.complete and e.name.startswith("tool_")]


def told(upstream, client, events, size=None):
    """What the client is told, as essence: the upstream sends `size` bytes at a time."""
    data = encode(SUBJECT, upstream, events, stream=True)
    pieces = chunks(data, size) if size else [data]
    sent, _ = across(SUBJECT, upstream, client, pieces, stream=True)
    decoded = decode(SUBJECT, client, [sent], stream=True)
    grammar.check(decoded)
    return essence(decoded)


@pairs
@replies
def test_a_stream_says_the_same(upstream, client, name):
    events = corpus.stream(name, upstream)

    assert same(told(upstream, client, events), essence(events))


@pairs
@replies
def test_a_whole_body_says_what_the_stream_says(upstream, client, name):
    events = corpus.stream(name, upstream)
    body = encode(SUBJECT, upstream, events, stream=False)

    sent, _ = across(SUBJECT, upstream, client, [body], stream=False)

    whole = essence(decode(SUBJECT, client, [sent], stream=False))
    assert same(whole, essence(events))


@pairs
@failures
def test_a_failure_stays_a_failure(upstream, client, name):
    events = corpus.stream(name, upstream)

    assert told(upstream, client, events).failed


@pairs
def test_a_body_that_breaks_off_is_an_error(upstream, client):
    body = encode(SUBJECT, upstream, corpus.stream("everything", upstream), stream=False)

    answer = body_or_error(SUBJECT, upstream, client, body[: len(body) // 2])

    assert isinstance(answer, GatewayError)


@pairs
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_st2_arguments_are_intact_at_any_chunk_size(upstream, client, size):
    for name in WITH_TOOLS:
        events = corpus.stream(name, upstream)
        assert same(told(upstream, client, events, size), essence(events)), name


@pairs
def test_st2_a_second_hop_changes_nothing(upstream, client):
    events = corpus.stream("everything", upstream)
    first = encode(SUBJECT, upstream, events, stream=True)

    there, _ = across(SUBJECT, upstream, client, chunks(first, 50), stream=True)
    back, _ = across(SUBJECT, client, upstream, chunks(there, 50), stream=True)

    assert essence(decode(SUBJECT, upstream, [back], stream=True)) == essence(events)


def same(told, said):
    """Equal, but for what some dialects can't do.

    A refusal may be said in words at the text's end. A call that the token limit cut can't be a
    JSON object. Calls that interleave are told in the order in which they were complete.
    """
    if said.finish == "refusal":
        told = evolve(told, text=told.text[: len(said.text)])
    return _settled(told) == _settled(said)


def _settled(found):
    calls = [] if found.finish == "length" else sorted(found.calls, key=lambda call: call.id)
    return evolve(found, calls=calls)
