"""The corpus is data: strict to read, and told with its origin."""

from __future__ import annotations

import re

import cattrs
import pytest

from gateway.model import ChatRequest, Message, Opaque, Text
from gateway.testing import corpus
from gateway.testing.corpus.words import (
    read_events,
    read_request,
    write_events,
    write_request,
)


@pytest.mark.parametrize(
    "entry", [*corpus.requests(), *corpus.streams()], ids=lambda entry: entry.name
)
def test_every_entry_says_what_it_is_and_where_it_came_from(entry):
    assert entry.note.endswith(".")
    assert entry.origin
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", entry.date)


@pytest.mark.parametrize("entry", corpus.requests(), ids=lambda entry: entry.name)
def test_a_request_is_read_as_it_was_written(entry):
    assert read_request(write_request(entry.request)) == entry.request


@pytest.mark.parametrize("entry", corpus.streams(), ids=lambda entry: entry.name)
def test_events_are_read_as_they_were_written(entry):
    again = read_events(write_events(entry.events))

    assert write_events(again) == write_events(entry.events)


def test_seals_belong_to_the_dialect_that_is_asked_for():
    thinking = corpus.request("thinking_sealed", "claude").messages[1].parts[0]

    assert thinking.seal.dialect == "claude"


def test_a_slip_in_an_entry_is_an_error():
    with pytest.raises(cattrs.BaseValidationError):
        read_request({"model": "m", "messages": [], "temperatur": 1})


def test_opaque_pieces_keep_what_they_hold():
    raw = {"type": "x", "nested": [1, {"type": "y"}]}
    request = ChatRequest("m", [Message("user", [Text("a"), Opaque("claude", raw, "said")])])

    assert read_request(write_request(request)) == request
