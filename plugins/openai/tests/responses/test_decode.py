"""What upstreams of this dialect say, in the hub's events."""

from __future__ import annotations

import orjson
import pytest

from gateway.events import (
    Delta,
    Failure,
    Finish,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Sealed,
    Start,
    UsageSeen,
)
from gateway.fold import collect
from gateway.model import Media, Seal, Text, ToolCall

BEGUN = {"type": "response.created", "response": {"id": "r", "model": "m", "created_at": 7}}
MESSAGE = {
    "type": "message",
    "id": "msg",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Hi there", "annotations": []}],
}
CALL = {"type": "function_call", "id": "fc", "call_id": "c", "name": "f", "arguments": "{}"}
CUSTOM = {"type": "custom_tool_call", "id": "ct", "call_id": "d", "name": "p", "input": "raw"}
REASONING = {
    "type": "reasoning",
    "id": "rs",
    "summary": [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}],
    "encrypted_content": "sealed",
}


def done(item, at=0):
    return {"type": "response.output_item.done", "output_index": at, "item": item}


def added(item, at=0):
    return {"type": "response.output_item.added", "output_index": at, "item": item}


def completed(*items, **more):
    response = {"id": "r", "status": "completed", "output": list(items), **more}
    return {"type": "response.completed", "response": response}


def said(arrows, *events):
    return collect(arrows.decode(arrows.sse(BEGUN, *events)))


def test_a_text_grows_by_its_deltas_and_is_not_said_twice(arrows):
    place = {"item_id": "msg", "output_index": 0, "content_index": 0}
    events = arrows.decode(
        arrows.sse(
            BEGUN,
            added({**MESSAGE, "content": []}),
            {"type": "response.output_text.delta", **place, "delta": "Hi"},
            done(MESSAGE),
            completed(MESSAGE),
        )
    )

    assert [e.text for e in events if isinstance(e, Delta)] == ["Hi", " there"]
    assert [type(e) for e in events] == [Start, PartStart, Delta, Delta, PartEnd, Finish]


def test_deltas_are_optional_and_so_are_the_items_before_the_end(arrows):
    by_item = said(arrows, done(MESSAGE), done(CALL, 1), completed())
    at_end = said(arrows, completed(MESSAGE, CALL))

    assert by_item.parts == at_end.parts
    assert [type(part) for part in at_end.parts] == [Text, ToolCall]
    assert at_end.finish.reason == "tool_use"


def test_items_that_are_numbered_alike_are_told_apart_by_their_ids(arrows):
    reply = said(
        arrows, added(REASONING), added(MESSAGE), done(REASONING), done(MESSAGE), completed()
    )

    assert [part.text for part in reply.parts] == ["a\n\nb", "Hi there"]


def test_calls_keep_namespace_kind_and_input(arrows):
    reply = said(arrows, completed({**CALL, "namespace": "mcp__x"}, CUSTOM))

    first, second = reply.parts
    assert (first.id, first.namespace, first.name) == ("c", "mcp__x", "f")
    assert (second.kind, second.arguments) == ("custom", "raw")


def test_reasoning_is_sealed_by_its_target_and_alone_it_is_redacted(arrows):
    events = arrows.decode(arrows.sse(BEGUN, done(REASONING), completed()))
    redacted = arrows.decode(arrows.sse(BEGUN, done({**REASONING, "summary": []}), completed()))

    assert [e.seal for e in events if isinstance(e, Sealed)] == [
        Seal("sealed", "responses", "up", "real")
    ]
    assert [e.redacted for e in redacted if isinstance(e, PartStart)] == [True]


def test_an_image_is_media_and_other_items_are_this_dialects_own(arrows):
    image = {"type": "image_generation_call", "id": "ig", "result": "AA==", "output_format": "webp"}
    search = {"type": "web_search_call", "id": "ws", "status": "completed"}
    events = arrows.decode(arrows.sse(BEGUN, completed(search, image)))

    assert OpaqueEvent("responses", search, 0) in events
    media = collect(events).parts[1]
    assert isinstance(media, Media)
    assert (media.mime, media.data) == ("image/webp", "AA==")


@pytest.mark.parametrize(
    ("status", "details", "items", "reason"),
    [
        ("completed", None, [MESSAGE], "stop"),
        ("completed", None, [CALL], "tool_use"),
        ("incomplete", {"reason": "max_output_tokens"}, [CALL], "length"),
        ("incomplete", {"reason": "content_filter"}, [MESSAGE], "content_filter"),
        ("incomplete", None, [MESSAGE], "length"),
        (
            "completed",
            None,
            [{**MESSAGE, "content": [{"type": "refusal", "refusal": "no"}]}],
            "refusal",
        ),
    ],
)
def test_the_end_says_why(arrows, status, details, items, reason):
    body = {"id": "r", "status": status, "incomplete_details": details, "output": items}
    whole = arrows.decode(orjson.dumps(body), stream=False)
    streamed = arrows.decode(arrows.sse(BEGUN, {"type": f"response.{status}", "response": body}))

    assert whole[-1] == streamed[-1] == Finish(reason)


@pytest.mark.parametrize(
    ("event", "kind", "status", "message"),
    [
        (
            {
                "type": "response.failed",
                "response": {"error": {"code": "server_is_overloaded", "message": "busy"}},
            },
            "overloaded",
            503,
            "busy",
        ),
        (
            {"type": "error", "code": "rate_limit_exceeded", "message": "slow down"},
            "rate_limit",
            429,
            "slow down",
        ),
        ({"type": "response.failed", "response": {}}, "server", 500, "without saying why"),
        ({"error": {"message": "odd", "type": "server_error"}, "type": ""}, "server", 500, "odd"),
    ],
)
def test_er1_a_failure_has_its_kind_and_words(arrows, event, kind, status, message):
    failure = arrows.decode(arrows.sse(BEGUN, event, completed(MESSAGE)))[-1]

    assert isinstance(failure, Failure)
    assert (failure.error.kind, failure.error.status) == (kind, status)
    assert message in failure.error.message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"event: response.created\ndata: {}\n\n",
        b"data: {\n\n",
        b'data: {"type":"response.output_item.done","item":{"type":"function_call"}}\n\n',
        b"<html></html>",
    ],
)
def test_st4_a_stream_without_its_end_is_a_failure(arrows, data):
    assert isinstance(arrows.decode(data)[-1], Failure)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"status":"in_progress","output":[]}',
        b'{"error":{"message":"x"}}',
        b'{"status":"failed","output":[]}',
        b'{"output":[{"type":"function_call"}]}',
    ],
)
def test_a_body_that_is_no_whole_answer_is_a_failure(arrows, body):
    assert isinstance(arrows.decode(body, stream=False)[-1], Failure)


def test_a_body_in_place_of_a_stream_is_read_as_one(arrows):
    body = orjson.dumps({"id": "r", "output": [MESSAGE], "usage": {"input_tokens": 3}})

    events = arrows.decode(body, cuts=[5])

    assert collect(events).parts[0].text == "Hi there"
    assert [e.usage.input for e in events if isinstance(e, UsageSeen)] == [3]


def test_fields_without_a_name_in_the_hub_are_kept(arrows):
    item = {**MESSAGE, "phase": "final_answer"}
    part = {"type": "output_text", "text": "x", "annotations": [{"type": "url_citation"}], "new": 1}
    reply = said(
        arrows, done({**item, "content": [part]}), completed(service_tier="flex", temperature=1)
    )

    assert {k: v for k, v in reply.parts[0].extra["responses"].items() if k[0] != "$"} == {
        "new": 1,
        "annotations": [{"type": "url_citation"}],
        "message.phase": "final_answer",
    }
    assert dict(reply.finish.extra["responses"]) == {"service_tier": "flex"}
