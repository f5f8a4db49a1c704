"""Thoughts in tags at the beginning of a text, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fold import collect
from gateway.model import Text, Thinking, ToolCall
from gateway_openai.chat.think_tags import ThinkTags

TAGGED = {"vendor": "vllm"}
SAYINGS = [
    ("<think>hm</think>so", [("thinking", "hm"), ("text", "so")]),
    ("\n <think>\nhm\n</think>\n\nso", [("thinking", "hm\n"), ("text", "so")]),
    ("<think>\n\n</think>\n\nso", [("text", "so")]),
    ("<think>a</thinking> </th</think>", [("thinking", "a</thinking> </th")]),
    ("<think>no end </thi", [("thinking", "no end </thi")]),
    ("say <think>not this</think>", [("text", "say <think>not this</think>")]),
    ("<think>a</think><think>b</think>", [("thinking", "a"), ("text", "<think>b</think>")]),
    ("<thin air", [("text", "<thin air")]),
    (" \n", [("text", " \n")]),
    ("<thi", [("text", "<thi")]),
]


def pieces_of(texts):
    tags, found = ThinkTags(), []
    for kind, piece in [*(p for text in texts for p in tags.feed(text)), *tags.close()]:
        if found and found[-1][0] == kind:
            found[-1] = (kind, found[-1][1] + piece)
        else:
            found.append((kind, piece))
    return found


@pytest.mark.parametrize(("said", "parts"), SAYINGS)
def test_what_stands_in_tags_is_thought_at_every_cut(said, parts):
    assert pieces_of(said) == parts
    for cut in range(len(said)):
        assert pieces_of([said[:cut], said[cut:]]) == parts


@given(st.lists(st.sampled_from([*"<>/\n a", "<think>", "</think>", "think", "</"])))
def test_no_cut_makes_a_difference(texts):
    assert pieces_of(texts) == pieces_of("".join(texts)) == pieces_of(["".join(texts)])


def parts_of(chat, data, **more):
    return [
        (type(part), part.text if isinstance(part, Text | Thinking) else part.name)
        for part in collect(chat.decode(data, **more)).parts
    ]


@pytest.mark.parametrize("step", [1, 2, 5, 100])
def test_a_stream_gives_thoughts_and_text_as_parts_of_their_own(chat, step):
    said = "<think>first this, then that</think>\n\nThe answer is long enough to be cut."
    deltas = [{"content": said[at : at + step]} for at in range(0, len(said), step)]

    parts = parts_of(chat, chat.chunks({"role": "assistant"}, *deltas), quirks=TAGGED)

    assert parts == [
        (Thinking, "first this, then that"),
        (Text, "The answer is long enough to be cut."),
    ]


def test_a_whole_reply_is_read_alike(chat):
    data = chat.body({"content": "<think>hm</think>so"})

    assert parts_of(chat, data, stream=False, quirks=TAGGED) == [(Thinking, "hm"), (Text, "so")]


def test_a_call_ends_what_may_have_become_a_tag(chat):
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    data = chat.chunks({"content": "<think>hm</th"}, {"tool_calls": [call]}, finish="tool_calls")

    assert parts_of(chat, data, quirks=TAGGED) == [(Thinking, "hm</th"), (ToolCall, "f")]


def test_a_vendor_that_splits_thoughts_off_itself_means_its_tags_as_text(chat):
    data = chat.chunks({"reasoning_content": "hm"}, {"content": "<think>is a tag</think>"})

    assert parts_of(chat, data, quirks=TAGGED) == [
        (Thinking, "hm"),
        (Text, "<think>is a tag</think>"),
    ]


def test_tags_are_text_where_nothing_says_otherwise(chat):
    data = chat.chunks({"content": "<think>hm</think>so"})

    assert parts_of(chat, data) == [(Text, "<think>hm</think>so")]
