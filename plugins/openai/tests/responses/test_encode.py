"""What clients are told, event by event."""

from __future__ import annotations

import json

import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

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
from gateway.losses import Losses
from gateway.model import Fields, Seal
from gateway.seals import untagged

START = Start("resp_1", "m")
END = [UsageSeen(Usage(9, 4, None, 7, 3)), Finish("stop")]
EVENT = TypeAdapter(ResponseStreamEvent)
EVERYTHING = [
    START,
    PartStart(0, "thinking"),
    Delta(0, "hm"),
    Sealed(0, Seal("s", "claude", "up", "m")),
    PartEnd(0),
    PartStart(1, "text"),
    Delta(1, "Grü"),
    Delta(1, "ße"),
    PartEnd(1),
    PartStart(2, "tool_call", id="c1", name="f", namespace="mcp__x"),
    Delta(2, '{"a":1}'),
    PartEnd(2),
    PartStart(3, "tool_call", id="c2", name="p", tool="custom"),
    Delta(3, "raw"),
    PartEnd(3),
    PartStart(4, "media", mime="image/png"),
    Delta(4, "AA=="),
    PartEnd(4),
    UsageSeen(Usage(9, 4, None, 7, 3)),
    Finish("tool_use"),
]


def call(name, text, **more):
    start = PartStart(0, "tool_call", id="c", name=name, **more)
    return [START, start, Delta(0, text), PartEnd(0), Finish("tool_use")]


def items_of(told):
    return told[-1]["response"]["output"]


def test_st10_the_events_are_those_that_sdk_and_codex_rely_on(arrows):
    told = arrows.told(EVERYTHING)

    message = [
        *("response.output_item.added", "response.content_part.added"),
        *("response.output_text.delta", "response.output_text.delta"),
        *("response.output_text.done", "response.content_part.done"),
        "response.output_item.done",
    ]
    assert [event["type"] for event in told] == [
        *("response.created", "response.in_progress"),
        *("response.output_item.added", "response.reasoning_summary_part.added"),
        *("response.reasoning_summary_text.delta", "response.reasoning_summary_text.done"),
        *("response.reasoning_summary_part.done", "response.output_item.done"),
        *message,
        *("response.output_item.added", "response.function_call_arguments.delta"),
        *("response.function_call_arguments.done", "response.output_item.done"),
        *("response.output_item.added", "response.custom_tool_call_input.delta"),
        *("response.custom_tool_call_input.done", "response.output_item.done"),
        *("response.output_item.added", "response.output_item.done"),
        "response.completed",
    ]


def test_st10_every_event_is_numbered_placed_and_one_of_the_sdks_own(arrows):
    told = arrows.told(EVERYTHING)

    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    added = [e for e in told if e["type"] == "response.output_item.added"]
    assert [event["output_index"] for event in added] == [0, 1, 2, 3, 4]
    for event in told:
        EVENT.validate_python(event, strict=False)


def test_st9_every_item_that_opens_closes_under_the_same_id(arrows):
    told = arrows.told(EVERYTHING)

    for at in range(5):
        mine = [event for event in told if event.get("output_index") == at]
        ids = {event.get("item_id") or event["item"]["id"] for event in mine}
        assert len(ids) == 1
        assert [mine[0]["type"], mine[-1]["type"]] == [
            "response.output_item.added",
            "response.output_item.done",
        ]
        assert mine[-1]["item"] == items_of(told)[at]


def test_the_last_event_holds_the_whole_answer(arrows):
    response = arrows.told(EVERYTHING)[-1]["response"]

    thought, message, function, custom, image = response["output"]
    assert thought["summary"] == [{"type": "summary_text", "text": "hm"}]
    assert untagged(thought["encrypted_content"], "responses") == Seal("s", "claude", "up", "m")
    assert message["content"][0]["text"] == "Grüße"
    assert {name: function[name] for name in ("call_id", "name", "namespace", "arguments")} == {
        "call_id": "c1",
        "name": "f",
        "namespace": "mcp__x",
        "arguments": '{"a":1}',
    }
    assert (custom["type"], custom["input"]) == ("custom_tool_call", "raw")
    assert image["result"] == "AA=="
    assert response["usage"] == {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 16,
    }


def test_law_5_the_body_is_the_last_events_response(arrows):
    body = json.loads(arrows.encode(EVERYTHING, stream=False))

    assert body == arrows.told(EVERYTHING)[-1]["response"]
    Response.model_validate(body)


@pytest.mark.parametrize(
    ("reason", "status", "why"),
    [
        ("stop", "completed", None),
        ("pause", "completed", None),
        ("length", "incomplete", {"reason": "max_output_tokens"}),
        ("context_exceeded", "incomplete", {"reason": "max_output_tokens"}),
        ("content_filter", "incomplete", {"reason": "content_filter"}),
    ],
)
def test_st10_an_incomplete_answer_says_so(arrows, reason, status, why):
    last = arrows.told([START, PartStart(0, "text"), PartEnd(0), Finish(reason)])[-1]

    assert last["type"] == f"response.{status}"
    assert (last["response"]["status"], last["response"]["incomplete_details"]) == (status, why)


def test_a_refusal_without_words_gets_some(arrows):
    (item,) = items_of(arrows.told([START, Finish("refusal")]))

    assert item["content"] == [{"type": "refusal", "refusal": "The model refused to answer."}]


def test_er1_an_error_inside_is_said_twice_and_nothing_ends_well(arrows):
    failure = Failure(UpstreamError("too busy", kind="overloaded"))
    told = arrows.told([*EVERYTHING[:7], failure])

    error, failed = told[-2:]
    assert (error["type"], error["message"]) == ("error", "too busy")
    assert failed["type"] == "response.failed"
    assert failed["response"]["status"] == "failed"
    assert failed["response"]["error"] == {"code": "server_is_overloaded", "message": "too busy"}
    assert "response.completed" not in {event["type"] for event in told}


def test_st4_a_reply_that_breaks_off_is_an_error(arrows):
    told = arrows.told(EVERYTHING[:7])

    assert told[-1]["type"] == "response.failed"


def test_a_ping_is_a_comment(arrows):
    assert b": ping\n\n" in arrows.encode([START, Ping(), Finish("stop")])


TOOLS = [
    {
        "type": "namespace",
        "name": "mcp__x",
        "tools": [{"type": "function", "name": "f"}, {"type": "function", "name": "g"}],
    },
    {"type": "namespace", "name": "y", "tools": [{"type": "function", "name": "g"}]},
    {"type": "custom", "name": "p"},
    {"type": "function", "name": "y__plain"},
]


@pytest.mark.parametrize(
    ("called", "name", "namespace"),
    [
        ("mcp__x__f", "f", "mcp__x"),
        ("f", "f", "mcp__x"),
        ("y__g", "g", "y"),
        ("g", "g", None),
        ("y__plain", "y__plain", None),
        ("unheard", "unheard", None),
    ],
)
def test_th5_a_flat_name_finds_its_namespace(arrows, called, name, namespace):
    (item,) = items_of(arrows.told(call(called, "{}"), arrows.read(tools=TOOLS)))

    assert (item["name"], item.get("namespace")) == (name, namespace)


@pytest.mark.parametrize(
    ("arguments", "input"),
    [
        ('{"input":"*** \\"x\\"\\n"}', '*** "x"\n'),
        ("*** plain", "*** plain"),
        ('{"a":1}', '{"a":1}'),
    ],
)
def test_th5_a_free_form_tool_called_as_a_function_gets_its_raw_input(arrows, arguments, input):
    told = arrows.told(call("p", arguments), arrows.read(tools=TOOLS))

    (item,) = items_of(told)
    assert (item["type"], item["input"]) == ("custom_tool_call", input)
    deltas = [e["delta"] for e in told if e["type"] == "response.custom_tool_call_input.delta"]
    assert deltas == [input]


def test_st5_a_call_without_arguments_has_an_empty_object(arrows):
    told = arrows.told(call("f", ""))

    assert items_of(told)[0]["arguments"] == "{}"
    assert "{}" in [event.get("delta") for event in told]


def test_an_item_that_only_this_dialect_knows_goes_home_and_others_are_losses(arrows):
    losses = Losses()
    raw = {"type": "web_search_call", "id": "ws", "status": "completed"}
    events = [START, OpaqueEvent("responses", raw, 0), OpaqueEvent("claude", {}, 1), *END]

    body = json.loads(arrows.encode(events, stream=False, losses=losses))

    assert body["output"] == [raw]
    assert [loss.reason for loss in losses] == ["a piece that only claude knows"]


def test_what_else_the_upstream_said_goes_home(arrows):
    extra = {"responses": Fields({"service_tier": "flex"}, ()), "openai": Fields({"x": 1}, ())}
    losses = Losses()
    data = arrows.encode([START, Finish("stop", extra=extra)], stream=False, losses=losses)

    assert json.loads(data)["service_tier"] == "flex"
    assert [loss.path for loss in losses] == ["x"]
