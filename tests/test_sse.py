"""Splitters give the same events however the bytes are cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import sse
from gateway.sse import EventTooLong, LineSplitter, ServerEvent, SSESplitter

QUICK = settings(max_examples=150, deadline=None, derandomize=True)


def split(data, splitter, size=None):
    pieces = [data] if size is None else [data[i : i + size] for i in range(0, len(data), size)]
    return [event for piece in pieces for event in splitter.feed(piece)] + splitter.close()


@pytest.mark.parametrize(
    ("data", "events"),
    [
        (b"data: a\n\n", [("", b"a")]),
        (b"data:a\n\n", [("", b"a")]),
        (b"data:  a\n\n", [("", b" a")]),
        (b"event: x\ndata: a\n\n", [("x", b"a")]),
        (b"event: x\ndata:a\n\n", [("x", b"a")]),
        (b"event: \xff\ndata: a\n\n", [("\ufffd", b"a")]),
        (b"event: x\nid: data: a\n\n", []),
        (b"event: x\ndata: a\ndata: b\n\n", [("x", b"a\nb")]),
        (b"data: a\nevent: x\n\n", [("x", b"a")]),
        (b"data: a\ndata: b\n\n", [("", b"a\nb")]),
        (b"data\n\n", [("", b"")]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [("", b"a"), ("", b"b")]),
        (b"data: a\r\rdata: b\r\r", [("", b"a"), ("", b"b")]),
        (b": comment\n\ndata: a\n\n", [("", b"a")]),
        (b": comment\ndata: a\n\n", [("", b"a")]),
        (b"event: x\n\n", []),
        (b"id: 1\nretry: 5\ndata: a\n\n", [("", b"a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [("", b"a")]),
        (b"\n\n\n\ndata: a\n\n\n\n", [("", b"a")]),
        (b"data: a\n\ndata: b", [("", b"a"), ("", b"b")]),
        (b"data: a\n\ndata: b\r", [("", b"a"), ("", b"b")]),
        (b"data: caf\xc3\xa9\n\n", [("", "café".encode())]),
        (b"", []),
        (b"no colon\n\n", []),
    ],
)
@pytest.mark.parametrize("size", [None, 1, 2, 3])
def test_by1_events_are_the_same_at_any_cut(data, events, size):
    assert split(data, SSESplitter(), size) == [ServerEvent(*event) for event in events]


@QUICK
@given(
    st.lists(
        st.sampled_from([b"data: x", b"\n", b"\r", b"\r\n", b":", b"event: e", b"\xff", b" "])
    ),
    st.data(),
)
def test_any_bytes_split_alike_at_any_cut(words, data):
    whole = b"".join(words)
    cut = data.draw(st.integers(0, len(whole)))
    splitter = SSESplitter()

    pieces = splitter.feed(whole[:cut]) + splitter.feed(whole[cut:]) + splitter.close()

    assert pieces == split(whole, SSESplitter())


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b'{"a":1}\n{"b":2}\n', [b'{"a":1}', b'{"b":2}']),
        (b'{"a":1}\r\n\r\n  {"b":2}', [b'{"a":1}', b'{"b":2}']),
        (b"\n\n", []),
        (b"", []),
    ],
)
@pytest.mark.parametrize("size", [None, 1, 2])
def test_lines_are_the_same_at_any_cut(data, lines, size):
    assert split(data, LineSplitter(), size) == lines


@pytest.mark.parametrize("splitter", [SSESplitter(), LineSplitter()])
def test_an_event_without_an_end_is_refused(splitter, monkeypatch):
    monkeypatch.setattr(sse, "MAX_EVENT", 100)

    with pytest.raises(EventTooLong):
        splitter.feed(b"data: " + b"x" * 100)


@pytest.mark.parametrize(
    ("written", "event"),
    [
        (sse.sse(b"{}"), ServerEvent("", b"{}")),
        (sse.sse(b"{}", "ping"), ServerEvent("ping", b"{}")),
    ],
)
def test_what_is_written_is_read(written, event):
    assert SSESplitter().feed(written) == [event]


def test_an_unfinished_event_that_is_taken_is_not_read_twice():
    splitter = SSESplitter()

    events = splitter.feed(b"data: a\n\ndata: b")

    assert (events, splitter.take()) == ([ServerEvent("", b"a")], b"data: b")
    assert splitter.close() == []


def test_a_comment_makes_no_event():
    assert SSESplitter().feed(sse.comment("keep-alive") + sse.comment()) == []
