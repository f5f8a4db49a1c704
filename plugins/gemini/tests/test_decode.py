"""A Gemini model's bytes become events, however they are cut and whatever is wrong with them."""

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
    Usage,
    UsageSeen,
)
from gateway.fold import collect, normal
from gateway.model import Media, Seal, Text, Thinking, ToolCall, own
from gateway.seals import tagged, tagged_redacted, untagged

USAGE = {
    "promptTokenCount": 100,
    "cachedContentTokenCount": 40,
    "candidatesTokenCount": 7,
    "thoughtsTokenCount": 5,
    "totalTokenCount": 112,
}


def test_text_thoughts_and_a_call(gemini):
    data = gemini.sse(
        gemini.response({"text": "h", "thought": True}, responseId="r", modelVersion="g"),
        gemini.response({"text": "m", "thought": True, "thoughtSignature": "c2ln"}),
        gemini.response({"text": "Hel"}),
        gemini.response({"text": "lo"}),
        gemini.response(
            {"functionCall": {"id": "c", "name": "f", "args": {"a": 1}}},
            finish="STOP",
            usageMetadata=USAGE,
        ),
    )

    reply = collect(gemini.decode(data))

    assert (reply.id, reply.model, reply.finish.reason) == ("r", "g", "tool_use")
    seal = Seal("c2ln", "gemini", "google", "gemini-2.5-flash")
    assert reply.parts == [Thinking("hm", seal=seal), Text("Hello"), ToolCall("c", "f", '{"a":1}')]


def test_us4_usage_counts_thoughts_as_output_and_the_cache_as_input(gemini):
    usage = collect(
        gemini.decode(gemini.sse(gemini.response(finish="STOP", usageMetadata=USAGE)))
    ).usage

    assert usage == Usage(input=100, cached_input=40, output=12, reasoning=5)


def test_us5_cumulative_readings_are_one(gemini):
    first = {**USAGE, "candidatesTokenCount": 1}
    data = gemini.sse(
        gemini.response({"text": "a"}, usageMetadata=first),
        gemini.response(finish="STOP", usageMetadata=USAGE),
    )

    (seen,) = [event for event in normal(gemini.decode(data)) if isinstance(event, UsageSeen)]

    assert seen.usage.output == 12


def test_us6_a_reading_of_its_own_response_counts(gemini):
    data = gemini.sse(gemini.response({"text": "a"}, finish="STOP"), {"usageMetadata": USAGE})

    assert collect(gemini.decode(data)).usage.input == 100


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("OTHER", "stop"),
        ("BRAND_NEW", "stop"),
    ],
)
def test_sr1_finish_reasons(gemini, finish, reason):
    finished = gemini.decode(gemini.sse(gemini.response({"text": "a"}, finish=finish)))[-1]

    assert finished.reason == reason
    assert (finished.extra.get("gemini") or {}).get("$reason") == (
        None if finish == "STOP" else finish
    )


def test_sr2_a_turn_with_a_call_ends_in_tool_use(gemini):
    """The call and the reason may come in different responses."""
    call = {"functionCall": {"name": "f", "args": {}}}
    data = gemini.sse(gemini.response(call), gemini.response(finish="STOP"))

    assert gemini.decode(data)[-1] == Finish("tool_use")


def test_sr3_a_call_that_the_limit_cut_off_stays_a_length_stop(gemini):
    call = {"functionCall": {"name": "f", "args": {}}}

    assert (
        gemini.decode(gemini.sse(gemini.response(call, finish="MAX_TOKENS")))[-1].reason == "length"
    )


def test_sr1_a_blocked_prompt_is_a_content_filter(gemini):
    data = gemini.sse({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": USAGE})

    finish = gemini.decode(data)[-1]

    assert finish.reason == "content_filter"
    assert own(finish.extra, "gemini")["promptFeedback"] == {"blockReason": "SAFETY"}


@pytest.mark.parametrize("client", ["openai", "gemini"])
def test_er1_a_malformed_call_without_an_answer_is_an_error_elsewhere(gemini, client):
    failed = gemini.response(
        finish="MALFORMED_FUNCTION_CALL", candidate={"finishMessage": "print(x)"}
    )

    last = gemini.decode(gemini.sse(failed), one=gemini.attempt(client))[-1]

    if client == "gemini":
        assert isinstance(last, Finish)
    else:
        assert "print(x)" in last.error.message


def test_sr4_a_stream_without_a_reason_was_cut(gemini):
    assert isinstance(gemini.decode(gemini.sse(gemini.response({"text": "a"})))[-1], Failure)


def test_er2_an_error_in_a_good_reply_is_a_failure(gemini):
    error = {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}

    for data in (gemini.sse(error), orjson.dumps([error]), orjson.dumps(error)):
        last = gemini.decode(data)[-1]
        assert (last.error.status, last.error.kind, last.error.message) == (
            503,
            "overloaded",
            "overloaded",
        )


def test_by1_characters_may_be_cut_anywhere(gemini):
    data = gemini.sse(gemini.response({"text": "Zürich 世界 🎉"}, finish="STOP"))

    assert all(gemini.decode(data, size=size) == gemini.decode(data) for size in (1, 2, 3, 7))


@pytest.mark.parametrize("size", [1, 5, 64, None])
@pytest.mark.parametrize("join", [b",", b",\r\n", b"\n,\n"])
def test_a_json_array_is_read_as_it_comes(gemini, size, join):
    responses = [gemini.response({"text": "a]}"}), gemini.response({"text": "b"}, finish="STOP")]
    data = b"[" + join.join(orjson.dumps(one) for one in responses) + b"\n]\n"

    reply = collect(gemini.decode(data, size=size))

    assert reply.parts == [Text("a]}b")]


def test_an_object_of_an_array_is_an_event_before_the_array_ends(gemini):
    from gateway_gemini.decode import decoder

    reader = decoder(gemini.attempt(), True)

    assert Delta(0, "a") in reader.feed(b"[" + orjson.dumps(gemini.response({"text": "a"})))
    assert Delta(0, "b") in reader.feed(
        b",\n" + orjson.dumps(gemini.response({"text": "b"}, finish="STOP"))
    )
    assert reader.feed(b"]") == []
    assert reader.close()[-1].reason == "stop"


@pytest.mark.parametrize(
    "data", [b"<html>", b"[{]", b'[{"a":1},', b"data: {\n\n", b"", b"null", b"[5]"]
)
def test_garbage_is_one_failure(gemini, data):
    for stream in (True, False):
        events = gemini.decode(data, stream=stream)
        assert sum(isinstance(event, Failure) for event in events) == 1
        assert isinstance(events[-1], Failure)


def test_calls_without_ids_get_one_each(gemini):
    call = {"functionCall": {"name": "f"}}
    events = gemini.decode(gemini.sse(gemini.response(call, call, finish="STOP")))

    ids = [event.id for event in events if isinstance(event, PartStart)]
    assert len(set(ids)) == 2
    assert all(ids)


def test_a_call_without_a_name_is_garbage(gemini):
    assert isinstance(gemini.decode(gemini.sse(gemini.response({"functionCall": {}})))[-1], Failure)


def test_a_signature_alone_ends_the_text_that_it_seals(gemini):
    data = gemini.sse(
        gemini.response({"text": "a"}),
        gemini.response({"text": "", "thoughtSignature": "c2ln"}, finish="STOP"),
    )

    kinds = [type(event) for event in gemini.decode(data)]

    assert kinds == [Start, PartStart, Delta, Sealed, PartEnd, Finish]


def test_a_gateway_behind_this_one_keeps_its_tags(gemini):
    seal = Seal("Zm8=", "claude", "anthropic", "c")
    parts = [
        {"text": "a", "thought": True, "thoughtSignature": tagged(seal, "gemini")},
        {"text": "", "thought": True, "thoughtSignature": tagged_redacted(seal)},
    ]

    reply = collect(gemini.decode(gemini.sse(gemini.response(*parts, finish="STOP"))))

    assert reply.parts == [Thinking("a", seal=seal), Thinking("", redacted=True, seal=seal)]


def test_media_and_their_signature(gemini):
    image = {"inlineData": {"mimeType": "image/png", "data": "aGk="}, "thoughtSignature": "c2ln"}

    (part,) = collect(gemini.decode(gemini.sse(gemini.response(image, finish="STOP")))).parts

    assert isinstance(part, Media)
    assert (part.kind, part.mime, part.data) == ("image", "image/png", "aGk=")
    kept = own(part.extra, "gemini")["thoughtSignature"]
    assert untagged(kept, "x") == Seal("c2ln", "gemini", "google", "gemini-2.5-flash")


def test_parts_only_gemini_knows_stay_whole(gemini):
    code = {"executableCode": {"language": "PYTHON", "code": "1"}}

    events = gemini.decode(
        gemini.sse(gemini.response({"text": "a"}, code, {"text": "b"}, finish="STOP"))
    )

    assert OpaqueEvent("gemini", code, 1) in events
    assert [event.index for event in events if isinstance(event, PartStart)] == [0, 2]


def test_citations_add_up_and_grounding_is_the_last(gemini):
    cited = [{"citationMetadata": {"citationSources": [{"uri": uri}]}} for uri in "ab"]
    data = gemini.sse(
        gemini.response({"text": "a"}, candidate={**cited[0], "groundingMetadata": {"x": 1}}),
        gemini.response(
            {"text": "b"}, finish="STOP", candidate={**cited[1], "groundingMetadata": {"x": 2}}
        ),
    )

    kept = own(gemini.decode(data)[-1].extra, "gemini")

    assert kept["candidates.citationMetadata"] == {"citationSources": [{"uri": "a"}, {"uri": "b"}]}
    assert kept["candidates.groundingMetadata"] == {"x": 2}


def test_only_the_first_candidate_counts(gemini):
    one = gemini.response({"text": "a"}, finish="STOP")
    other = gemini.response({"text": "b"}, finish="SAFETY", candidate={"index": 1})
    data = gemini.sse({"candidates": [*one["candidates"], *other["candidates"]]})

    reply = collect(gemini.decode(data))

    assert (reply.parts, reply.finish.reason) == ([Text("a")], "stop")


def test_snake_case_replies_are_read_too(gemini):
    data = orjson.dumps(
        {
            "candidates": [{"content": {"parts": [{"text": "a"}]}, "finish_reason": "STOP"}],
            "usage_metadata": {"prompt_token_count": 3},
        }
    )

    reply = collect(gemini.decode(data, stream=False))

    assert (reply.parts, reply.usage.input) == ([Text("a")], 3)
