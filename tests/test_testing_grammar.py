"""The grammar's checker names what is wrong, where, in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from gateway.errors import UpstreamError
from gateway.events import (
    Delta,
    Failure,
    Finish,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Ping,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.model import Seal
from gateway.testing import corpus, grammar, strategies

END = Finish("stop")
FAILED = Failure(UpstreamError("x"))
TEXT = PartStart(0, "text")
SEAL = Sealed(0, Seal("s", "d"))


@pytest.mark.parametrize("entry", corpus.streams(), ids=lambda entry: entry.name)
def test_the_corpus_keeps_the_grammar(entry):
    assert grammar.complaints(entry.events) == []


@settings(max_examples=100, deadline=None, derandomize=True)
@given(strategies.wild_streams())
def test_generated_replies_keep_the_grammar(events):
    assert grammar.complaints(events) == []


@pytest.mark.parametrize(
    ("events", "complaint"),
    [
        ([Start(), Start(), END], "event 1: a second Start"),
        ([TEXT, PartEnd(0), END], "event 0: PartStart stands before Start"),
        ([UsageSeen(Usage()), Start(), END], "event 0: UsageSeen stands before Start"),
        ([Start()], "the events end without Finish or Failure"),
        ([Start(), END, Ping()], "event 2: Ping stands after the end"),
        ([Start(), END, END], "event 2: Finish stands after the end"),
        ([Start(), FAILED, FAILED], "event 2: Failure stands after the end"),
        ([Start(), TEXT, END], "event 2: Finish while these parts are open: 0"),
        ([Start(), TEXT, PartEnd(0), TEXT, END], "event 3: part 0 opens twice"),
        (
            [Start(), PartStart(1, "text"), PartEnd(1), END],
            "event 1: part 1 opens where part 0 is due",
        ),
        ([Start(), Delta(0, "a"), END], "event 1: Delta for part 0, which was never opened"),
        (
            [Start(), TEXT, PartEnd(0), Delta(0, "a"), END],
            "event 3: Delta for part 0, which was already closed",
        ),
        (
            [Start(), OpaqueEvent("d", {}, 0), PartEnd(0), END],
            "event 2: PartEnd for part 0, which was already closed",
        ),
        ([Start(), TEXT, SEAL, SEAL, PartEnd(0), END], "event 3: part 0 is sealed twice"),
        (
            [Start(), PartStart(0, "tool_call", name="f"), PartEnd(0), END],
            "event 1: tool call 0 has no id or no name",
        ),
    ],
)
def test_each_mistake_has_its_complaint(events, complaint):
    assert complaint in grammar.complaints(events)
    with pytest.raises(AssertionError, match="in these events"):
        grammar.check(events)


@pytest.mark.parametrize(
    "events",
    [
        [Failure(UpstreamError("x"))],
        [Ping(), Start(), END],
        [Start(), TEXT, Delta(0, "a"), FAILED],
        [Start(), OpaqueEvent("d", {}, 0), PartStart(1, "text"), PartEnd(1), END],
    ],
)
def test_what_is_allowed_is_not_complained_of(events):
    grammar.check(events)
