"""A body is parsed once, and what is wrong with it is said with its place."""

from __future__ import annotations

import pytest

from gateway.errors import BadRequest
from gateway.wire import InboundWire


def wire(body):
    return InboundWire("POST", "/v1/messages", body=body)


def test_a_body_is_parsed_once():
    one = wire(b'{"model": "m"}')

    assert one.json() == {"model": "m"}
    assert one.json() is one.json()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the request has no body; send a JSON object"),
        (b"[]", "the body must be a JSON object"),
        (b"null", "the body must be a JSON object"),
        (b'"x"', "the body must be a JSON object"),
    ],
)
def test_a_body_that_is_no_object_is_refused(body, message):
    with pytest.raises(BadRequest) as refused:
        wire(body).json()

    assert refused.value.message == message


def test_broken_json_is_refused_with_line_and_column():
    with pytest.raises(BadRequest, match=r"not valid JSON \(line 2, column 6\)"):
        wire(b'{"a": 1,\n "b" 2}').json()


@pytest.mark.parametrize("body", [b"\xff", b'{"a": "\xff"}', b'{"a": NaN}', b"{'a': 1}", b"<html>"])
def test_what_is_not_json_is_refused(body):
    with pytest.raises(BadRequest, match="not valid JSON"):
        wire(body).json()


def test_wires_with_the_same_bytes_are_equal_whether_parsed_or_not():
    parsed, fresh = wire(b"{}"), wire(b"{}")
    parsed.json()

    assert parsed == fresh
