"""Runs of chunks alike are read as each of them would be."""

from __future__ import annotations

import orjson
import pytest

from gateway.events import Delta, Failure
from gateway.fold import normal
from gateway_openai.chat.alike import Alike

FORM = b'{"id":"c","choices":[{"delta":{"content":%s},"finish_reason":null}]}'


def event(text: bytes) -> bytes:
    return b"data: " + FORM % text + b"\n\n"


def learned(text: str = "a") -> Alike:
    alike = Alike()
    alike.learn(FORM % orjson.dumps(text), text, 3)
    return alike


def test_a_run_is_read_up_to_the_first_other_chunk():
    alike, run = learned(), event(b'"x"') + event(b'"\\u00e9\\n\\""') + event(b'""')

    assert alike.read(run + b"data: [DONE]\n\n", 0) == (["x", 'é\n"', ""], len(run))
    assert alike.index == 3


def test_half_an_event_is_left_for_the_next_read():
    whole = event(b'"x"')

    assert learned().read(whole + whole[:-1], 0) == (["x"], len(whole))


@pytest.mark.parametrize(
    "said",
    [b'"x","y":"z"', b"5", b"null", b'["x"]', b'"x', b"", b'"\xff"', b'"a",\n"b"', b'"\\ud800"'],
)
def test_what_is_no_lone_string_is_left_to_the_careful_reader(said):
    assert learned().read(event(b'"x"') + event(said), 0) == ([], 0)


def test_a_string_that_spans_two_events_is_not_taken_for_one():
    assert learned().read(event(b'"x","y"') + event(b'"a') + event(b'b"'), 0) == ([], 0)


@pytest.mark.parametrize(
    "data",
    [
        b'{"id":"a","choices":[{"delta":{"content":"a"}}]}',
        b'{"id":"a","choices":[{"delta":{"content":"\\u0061"}}]}',
        b'{"choices":[{"delta":{"content":\n"a"}}]}',
        b'{"choices":[{"delta":{"content":"\\u0061"}}]}',
        b'{"x":"a","x":"b","choices":[{"delta":{"content":"\\u0061"}}]}',
    ],
)
def test_a_form_is_not_learned_where_the_words_may_stand_elsewhere(data):
    alike = Alike()

    alike.learn(data, "a", 0)

    assert alike.read(b"data: " + data + b"\n\n", 0) == ([], 0)


def test_forms_that_never_come_again_are_no_longer_learned():
    alike = Alike()
    for number in range(9):
        alike.learn(b'{"n":%d,"content":"a"}' % number, "a", 0)

    assert alike.read(b'data: {"n":8,"content":"a"}\n\n', 0) == ([], 0)


def pieces(*more):
    return [{"content": f'w{n}"\n'} for n in range(5)] + list(more)


@pytest.mark.parametrize(
    "deltas",
    [
        pieces({"content": "a", "logprobs": {"x": 1}}, {"content": "b"}),
        pieces({"reasoning_content": "t"}, *pieces(), {"content": ""}, {"content": "z"}),
        pieces({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f"}}]}, *pieces()),
        pieces({"audio": {"data": "a"}, "content": "a"}, {"audio": {"data": "b"}, "content": "a"}),
        pieces({"refusal": "no"}, *pieces()),
    ],
)
@pytest.mark.parametrize("step", [1, 57, 500])
def test_a_stream_says_the_same_in_one_read_as_in_many(chat, deltas, step):
    data = chat.chunks({"role": "assistant", "content": ""}, *deltas)
    careful = chat.decode(data.replace(b"\n", b"\r\n"))

    assert chat.decode(data) == careful
    assert normal(chat.decode(data, cuts=range(step, len(data), step))) == normal(careful)


def test_each_chunk_of_a_run_stays_an_event_of_its_own(chat):
    events = chat.decode(chat.chunks({"role": "assistant", "content": ""}, *pieces()))

    assert [e.text for e in events if isinstance(e, Delta)] == [d["content"] for d in pieces()]


def test_counts_and_reasons_beside_the_words_are_never_skipped(chat):
    base = {"id": "c", "choices": [{"index": 0, "delta": {"content": "a"}}]}
    chunks = [base, base, {**base, "usage": {"completion_tokens": 2}}, base]
    ends = [{**base, "choices": [{**base["choices"][0], "finish_reason": "length"}]}]

    plain = chat.sse(*chunks, *ends)

    assert chat.decode(plain) == chat.decode(plain.replace(b"\n", b"\r\n"))


def test_garbage_within_a_run_is_an_error_after_the_words_before_it(chat):
    data = chat.chunks(*[{"content": "a"}] * 4, finish=None, done=False)
    events = chat.decode(data + data[: len(data) // 4].replace(b'"a"', b'"a'))

    assert [type(event) for event in events[-2:]] == [Delta, Failure]
