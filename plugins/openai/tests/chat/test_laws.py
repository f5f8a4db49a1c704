"""The laws that hold for any reply, with generated ones."""

from __future__ import annotations

import orjson
from hypothesis import given, settings
from hypothesis import strategies as some

from gateway.events import (
    Delta,
    Failure,
    Finish,
    PartEnd,
    PartStart,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.fold import collect, normal
from gateway.model import Fields, Seal

TEXT = some.text(some.characters(codec="utf-8"), min_size=1, max_size=12)
PIECES = some.lists(TEXT, min_size=1, max_size=4)
SEALS = some.builds(Seal, TEXT, some.sampled_from(["claude", "gemini"]), TEXT, TEXT)
COUNT = some.none() | some.integers(0, 10**6)
USAGES = some.builds(
    Usage,
    input=some.integers(0, 10**6),
    cached_input=COUNT,
    cache_write=COUNT,
    output=some.integers(0, 10**6),
    reasoning=COUNT,
    source=some.sampled_from(["provider", "estimated"]),
)
ARGUMENTS = some.dictionaries(TEXT, TEXT, max_size=3).map(lambda d: orjson.dumps(d).decode())
START = Start("c1", "m", extra={"openai": Fields({"$created": 7}, ())})


@some.composite
def replies(draw):
    """A reply as this dialect can say it: a thought, a text, then calls."""
    events, index = [START], 0
    if draw(some.booleans()):
        seal = draw(some.none() | SEALS)
        sealed = [Sealed(0, seal)] if seal else []
        pieces = [Delta(0, piece) for piece in draw(PIECES)]
        events += [PartStart(0, "thinking"), *pieces, *sealed, PartEnd(0)]
        index = 1
    if draw(some.booleans()):
        pieces = [Delta(index, piece) for piece in draw(PIECES)]
        events += [PartStart(index, "text"), *pieces, PartEnd(index)]
        index += 1
    calls = draw(some.integers(0, 3))
    for at in range(index, index + calls):
        text = draw(ARGUMENTS)
        cut = draw(some.integers(0, len(text)))
        start = PartStart(at, "tool_call", id=f"call{at}", name="f")
        events += [start, Delta(at, text[:cut]), Delta(at, text[cut:]), PartEnd(at)]
    usage = draw(some.none() | USAGES)
    events += [UsageSeen(usage)] if usage else []
    reasons = ["tool_use"] if calls else ["stop", "length", "content_filter"]
    return [*events, Finish(draw(some.sampled_from(reasons)))]


@given(replies())
@settings(max_examples=80, deadline=None)
def test_law_2_what_is_encoded_decodes_as_the_same_events(chat, events):
    asked = chat.asked(stream_options={"include_usage": True})

    assert normal(chat.decode(chat.encode(events, asked))) == normal(events)


@given(replies())
@settings(max_examples=80, deadline=None)
def test_law_2_holds_for_whole_bodies(chat, events):
    data = chat.encode(events, stream=False)

    assert normal(chat.decode(data, stream=False)) == normal(events)


@given(replies())
@settings(max_examples=50, deadline=None)
def test_law_5_the_folded_stream_equals_the_body(chat, events):
    asked = chat.asked(stream_options={"include_usage": True})
    streamed = chat.decode(chat.encode(events, asked))
    whole = chat.decode(chat.encode(events, stream=False), stream=False)

    assert collect(streamed) == collect(whole)


@given(replies(), some.data())
@settings(max_examples=50, deadline=None)
def test_law_3_the_cut_of_the_bytes_does_not_matter(chat, events, data):
    sent = chat.encode(events, chat.asked(stream_options={"include_usage": True}))
    sent = data.draw(some.sampled_from([sent, sent.replace(b"\n", b"\r\n")]))
    cuts = sorted(data.draw(some.lists(some.integers(0, len(sent)), max_size=8)))

    assert chat.decode(sent, cuts=cuts) == chat.decode(sent)


def test_law_3_holds_for_a_cut_at_every_byte(chat):
    sent = chat.chunks(
        {"reasoning_content": "ü"},
        {"content": "grün 🙂"},
        {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": '{"a":"é"}'}}]},
        finish="tool_calls",
        usage={"prompt_tokens": 1, "completion_tokens": 2},
    )
    for data in (sent, sent[:-40], sent + b"trailing", b"\xef\xbb\xbf" + sent, b"<html>"):
        whole = chat.decode(data)
        assert chat.decode(data, cuts=range(len(data))) == whole
        assert all(chat.decode(data, cuts=[at]) == whole for at in range(len(data)))


@given(replies())
@settings(max_examples=30, deadline=None)
def test_law_7_the_same_events_give_the_same_bytes(chat, events):
    assert chat.encode(events) == chat.encode(events)
    assert chat.encode(events, stream=False) == chat.encode(events, stream=False)


@given(replies())
@settings(max_examples=30, deadline=None)
def test_batches_do_not_matter(chat, events):
    assert chat.encode(events, each=True) == chat.encode(events)


@given(replies(), some.data())
@settings(max_examples=50, deadline=None)
def test_law_4_a_cut_reply_never_ends_cleanly(chat, events, data):
    sent = chat.encode(events)
    end = sent.index(b'"finish_reason":"')
    cut = data.draw(some.integers(0, end))

    last = chat.decode(sent[:cut])[-1]

    assert not isinstance(last, Finish)


@given(some.binary(max_size=200), some.booleans())
@settings(max_examples=150, deadline=None)
def test_no_bytes_at_all_make_a_decoder_raise(chat, junk, stream):
    events = chat.decode(b"data: " + junk + b"\n\n" + junk, stream=stream)

    assert isinstance(events[-1], Finish | Failure)
    assert sum(isinstance(event, Finish | Failure) for event in events) == 1
