"""The model's name is found at the top of a body, and only there."""

from __future__ import annotations

import orjson
import pytest

from gateway import named
from gateway.errors import BadRequest
from gateway.wire import InboundWire

LONG = b'"tools":[{"model":"a"}],'


def wire(body: bytes) -> InboundWire:
    return InboundWire("POST", "/v1/messages", body=body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"model":"a","x":1.0}', b'{"model":"b\\"","x":1.0}'),
        (
            b' {"n": -1.5e3 , "s":"" ,\n"model"\t: "a" }',
            b' {"n": -1.5e3 , "s":"" ,\n"model"\t: "b\\"" }',
        ),
        (b'{"x":"\\u00e9","model":"a"}', b'{"x":"\\u00e9","model":"b\\""}'),
        (b"{" + LONG + b'"model":"a"}', b"{" + LONG + b'"model":"b\\""}'),
        ('{"model":"\u00e9\\""}'.encode(), b'{"model":"b\\""}'),
        (b'{"model":"a","tool":{"model":"a"}}', b'{"model":"b\\"","tool":{"model":"a"}}'),
    ],
)
def test_another_name_takes_its_place_and_every_other_byte_stays(body, expected):
    request = wire(body)

    assert request.renamed('b"') == expected
    assert request.json() == orjson.loads(body)


@pytest.mark.parametrize("model", ["x", "y"])
@pytest.mark.parametrize("second", [b'"model"', b'"m\\u006fdel"'])
def test_a_second_name_is_seen_and_never_gets_past(second, model):
    request = wire(b'{"model":"x",%s:"y","z":[]}' % second)

    renamed = request.renamed(model)

    assert request.json() == {"model": "y", "z": []}
    assert renamed is None or orjson.loads(renamed)["model"] == model


@pytest.mark.parametrize("model", ["x", "y"])
def test_the_same_name_twice_is_not_certain_because_parsers_differ(model):
    assert wire(b'{"model":"x","model":"x"}').renamed(model) is None


def test_a_name_behind_everything_else_is_found_too():
    body = b'{"messages":[{"role":"user","content":"a \\"model\\": b"}],"model":"a","stream":true}'

    assert wire(body).renamed("b") == body.replace(b':"a"', b':"b"')
    assert list(wire(body).json()) == ["messages", "model", "stream"]


def test_a_body_with_the_name_it_has_to_get_is_the_same_object():
    request = wire(b'{"model":"x"}')

    assert request.renamed("x") is request.body


def test_a_field_called_like_the_mark_of_the_search_is_kept():
    assert wire(b'{"model":"x","\x7f\x7f\x7f\x7f\x7f":"y"}').json() == {
        "model": "x",
        "\x7f" * 5: "y",
    }


def test_an_error_names_its_place_in_the_clients_own_body():
    with pytest.raises(BadRequest, match="line 2, column 6"):
        wire(b'{"model":"a",\n "x":}').json()


@pytest.mark.parametrize("body", [b'{"model":"a"', b'{"model":"\xff"}', b'{"model":"a",}', b"[]"])
def test_what_is_no_json_object_is_refused(body):
    with pytest.raises(BadRequest):
        wire(body).json()


PEEKED = {
    b'{"model": "a", "stream": true, "messages": [{"model": "b"}]}': {"model": "a", "stream": True},
    b'{"messages": [], "stream": null, "model": "a"}': {"model": "a"},
    b'{"model": "a", "stream": "yes", "x": [1, {"y": 2}]}': {"model": "a", "stream": "yes"},
}
NOT_PEEKED = (
    b"",
    b"[]",
    b'{"stream": true}',
    b'{"model": 5}',
    b'{"model": "a", "model": "b"}',
    b'{"model": "a", "messages": [], "mod\\u0065l": "b"}',
    b'{"model": "a", "messages": [}',
    b'{"model": "a", "messages": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"tools": [{"model": "a"}]}',
)


@pytest.mark.parametrize("body", PEEKED)
def test_a_few_fields_are_read_without_the_rest(body: bytes) -> None:
    peeked = named.peek(body, ("stream",))

    assert peeked is not None
    said, (start, end) = peeked
    assert said == PEEKED[body]
    assert body[start:end] == b'"a"'


@pytest.mark.parametrize("body", NOT_PEEKED, ids=range(len(NOT_PEEKED)))
def test_what_is_not_certain_is_left_to_the_parser(body: bytes) -> None:
    assert named.peek(body, ("stream",)) is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"model": "a", "stream": true, "messages": [', {"model": "a", "stream": True}),
        (b'{"model": "a", "n": -1.5e3, "x": {"model": "b"}}', {"model": "a", "n": -1500}),
        (b'{"messages": [], "model": "a"}', {}),
        (b'{"model": nonsense, "x": []}', {}),
        (b"", {}),
    ],
)
def test_the_plain_fields_that_come_first_are_a_lead(body: bytes, said: dict[str, object]) -> None:
    assert named.lead(body) == said
