"""The canary finds a leaf that is lost, and lets pass what arrives, is noted, or is refused."""

from __future__ import annotations

import orjson
import pytest
from attrs import evolve

from gateway.testing import corpus
from gateway.testing.canary import CANARY, canary_for, lost_replies, lost_requests
from gateway.testing.captures import Capture, captures
from gateway.testing.comparing import blanked
from gateway.testing.corpus.words import write_request
from gateway.testing.leaves import Node, nodes, replaced, samples, shape, without
from gateway.testing.subject import Subject
from gateway.testing.tellings import in_slots, without_foreign
from tests.toy_dialect import NAME, Toy

BODY = {
    "model": "m",
    "messages": [{"role": "user", "parts": [{"type": "text", "text": "Hi"}]}],
    "sampling": {"top_k": 5, "temperature": 0.5},
    "user": "alice",
}


class Forgetful(Toy):
    """Loses the user and the temperature; notes neither."""

    def write(self, request, attempt):
        less = blanked(request, {"ChatRequest.user", "Sampling.temperature"})
        return super().write(less, attempt)


def lost(plugin, body=BODY, **more):
    capture = Capture("one", body, {})
    return list(lost_requests(Subject(plugin), NAME, NAME, [capture], **more))


def test_nothing_is_lost_where_all_arrives_or_is_noted():
    assert lost(Toy()) == []


def test_what_is_lost_in_silence_is_named():
    assert lost(Forgetful()) == [
        "toy -> toy, one: sampling.temperature is lost (it held 0.7919)",
        "toy -> toy, one: user is lost (it held 'canary0017310942')",
    ]


def test_what_the_gateway_obeys_itself_is_not_lost():
    honoured = {"user": "a reason", "sampling.temperature": "another"}

    assert lost(Forgetful(), honoured=honoured) == []


def test_the_ledger_may_use_the_hubs_name():
    class Noting(Forgetful):
        def write(self, request, attempt):
            attempt.losses.add("who", "nobody asks", "hint")
            return super().write(request, attempt)

    body = {key: value for key, value in BODY.items() if key != "sampling"}
    assert lost(Noting(), body) != []
    assert lost(Noting(), body, words={"user": "who"}) == []


def test_every_leaf_is_tried_when_all_are_wanted():
    twice = {**BODY, "messages": BODY["messages"] * 2}

    class LosesTheSecond(Toy):
        def write(self, request, attempt):
            first = request.messages[0]
            return super().write(evolve(request, messages=[first, first]), attempt)

    assert lost(LosesTheSecond(), twice) == []
    assert len(lost(LosesTheSecond(), twice, every=True)) == 1


def test_leaves_of_replies_are_tried_too():
    events = [
        {"type": "start", "id": "r", "model": "m"},
        {"type": "usage_seen", "usage": {"input": 3}},
        {"type": "finish", "reason": "stop"},
    ]
    subject = Subject(Toy())

    found = list(lost_replies(subject, NAME, NAME, [("one", events)], {"type": "x"}))

    assert found == []


@pytest.mark.parametrize(
    ("value", "canary"),
    [
        ("x", CANARY),
        ("data:image/png;base64,AAAA", f"data:image/png;base64,{CANARY}"),
        ("https://a.b/c", f"https://example.com/{CANARY}"),
        ("image/png", f"image/{CANARY}"),
        (True, False),
        (5, 7919),
        (0.5, 0.7919),
        (None, CANARY),
        ([], [CANARY]),
        ({}, {CANARY: CANARY}),
    ],
)
def test_a_canary_has_the_form_of_what_it_replaces(value, canary):
    assert canary_for(value) == canary


def test_nodes_are_walked_and_replaced_without_a_copy_of_the_rest():
    body = {"a": [{"b": 1}, {"c": 2}], "d": {}}

    assert Node(("a", 0, "b"), 1) in list(nodes(body))
    changed = replaced(body, ("a", 0, "b"), 9)
    assert changed == {"a": [{"b": 9}, {"c": 2}], "d": {}}
    assert changed["a"][1] is body["a"][1]
    assert body["a"][0] == {"b": 1}
    assert without(body, ("a", 0)) == {"a": [{"c": 2}], "d": {}}
    assert without(body, ("a", 1, "c")) == {"a": [{"b": 1}, {}], "d": {}}


def test_values_that_the_same_code_reads_have_one_shape():
    body = {"m": [{"type": "text", "t": 1}, {"type": "text", "t": 2}, {"type": "image", "t": 3}]}
    shapes = {shape(body, ("m", place, "t")) for place in range(3)}

    assert len(shapes) == 2
    assert len([node for _, node in samples([body, body]) if node.name == "t"]) == 2


def test_captures_of_other_endpoints_are_left_out(tmp_path):
    dialect = Subject(Toy()).dialects[NAME]
    chat = {"body": write_request(corpus.request("text")), "headers": [["X-A", "b"]]}
    (tmp_path / "a.json").write_bytes(orjson.dumps({**chat, "path": "/kimi/toy/chat"}))
    (tmp_path / "b.json").write_bytes(orjson.dumps({**chat, "path": "/toy/models"}))

    found = captures(tmp_path, dialect)

    assert [(one.name, one.headers) for one in found] == [("a.json", {"x-a": "b"})]


def test_a_folder_without_captures_is_a_mistake(tmp_path):
    with pytest.raises(ValueError, match="no captured toy request"):
        captures(tmp_path, Subject(Toy()).dialects[NAME])


def test_slots_put_kinds_in_order_and_join_neighbours():
    events = corpus.stream("tool_interleaved")
    mixed = corpus.stream("opaque_part")

    assert in_slots(events) == in_slots(in_slots(events))
    kept = in_slots(without_foreign(mixed, "here"))
    assert [type(event).__name__ for event in kept] == [
        *("Start", "PartStart", "Delta", "PartEnd", "UsageSeen", "Finish"),
    ]
    assert kept[2].text == "Searching.Found."
