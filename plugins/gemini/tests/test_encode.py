"""Events, as a Gemini client reads them."""

from __future__ import annotations

import orjson
import pytest

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
from gateway.model import Fields, Seal
from gateway.seals import is_redacted, untagged

START = Start("r", "m")
TEXT = [PartStart(0, "text"), Delta(0, "Hel"), Delta(0, "lo"), PartEnd(0)]
CALL = [PartStart(0, "tool_call", id="c", name="f"), Delta(0, '{"a":'), Delta(0, "1}"), PartEnd(0)]


def candidate(response):
    (only,) = response["candidates"]
    return only


def test_a_stream_of_text(gemini):
    data = gemini.encode(
        [START, *TEXT[:2]], TEXT[2:], [UsageSeen(Usage(3, output=2)), Finish("stop")]
    )

    first, second, last = gemini.parsed(data)
    assert candidate(first)["content"] == {"role": "model", "parts": [{"text": "Hel"}]}
    assert candidate(second)["content"]["parts"] == [{"text": "lo"}]
    assert candidate(last)["finishReason"] == "STOP"
    assert last["usageMetadata"] == {
        "promptTokenCount": 3,
        "candidatesTokenCount": 2,
        "totalTokenCount": 5,
    }
    assert {one["responseId"] for one in (first, second, last)} == {"r"}


def test_clients_get_no_comment_and_a_space_after_data(gemini):
    data = gemini.encode([START, Ping()], [Ping()], TEXT, [Finish("stop")])

    assert all(line.startswith(b"data: {") for line in data.split(b"\n") if line)


def test_only_the_last_response_has_a_finish_reason(gemini):
    responses = gemini.parsed(gemini.encode([START, *TEXT], [Finish("length")]))

    assert ["finishReason" in candidate(one) for one in responses] == [False, True]
    assert candidate(responses[-1])["finishReason"] == "MAX_TOKENS"


def test_all_at_once_is_one_response(gemini):
    (only,) = gemini.parsed(gemini.encode([START, *TEXT, Finish("stop")]))

    assert candidate(only)["content"]["parts"] == [{"text": "Hello"}]


def test_a_call_is_written_when_it_is_whole(gemini):
    *calls, last = gemini.parsed(gemini.encode([START, *CALL[:2]], CALL[2:], [Finish("tool_use")]))

    (call,) = [part for one in calls for part in candidate(one)["content"]["parts"]]
    assert call == {"functionCall": {"name": "f", "id": "c", "args": {"a": 1}}}
    assert candidate(last)["finishReason"] == "STOP"


def test_st4_st6_interleaved_calls_keep_their_arguments_and_order(gemini):
    events = [
        START,
        PartStart(0, "tool_call", id="a", name="f"),
        PartStart(1, "tool_call", id="b", name="g"),
        Delta(1, '{"y":'),
        Delta(0, '{"x":1}'),
        Delta(1, "2}"),
        PartEnd(1),
        PartEnd(0),
        Finish("tool_use"),
    ]

    parts = [
        part
        for batch in gemini.parsed(gemini.encode(*[[e] for e in events]))
        for part in candidate(batch)["content"]["parts"]
    ]

    assert [part["functionCall"] for part in parts] == [
        {"name": "f", "id": "a", "args": {"x": 1}},
        {"name": "g", "id": "b", "args": {"y": 2}},
    ]


def test_arguments_that_are_no_object_are_wrapped_and_recorded(gemini):
    one = gemini.attempt("gemini")
    cut = [PartStart(0, "tool_call", id="c", name="f"), Delta(0, '{"a'), PartEnd(0)]

    data = gemini.encode([START, *cut, Finish("length")], one=one)

    part = candidate(gemini.parsed(data)[0])["content"]["parts"][0]
    assert part["functionCall"]["args"] == {"raw_arguments": '{"a'}
    assert [loss.path for loss in one.losses] == ["reply.parts[0].arguments"]


def test_thoughts_with_their_seal(gemini):
    seal = Seal("sig", "claude", "anthropic", "c")
    events = [PartStart(0, "thinking"), Delta(0, "hm"), Sealed(0, seal), PartEnd(0)]

    data = gemini.encode([START, *events, Finish("stop")])

    (part,) = candidate(gemini.parsed(data)[0])["content"]["parts"]
    assert (part["text"], part["thought"]) == ("hm", True)
    assert untagged(part["thoughtSignature"], "gemini") == seal


def test_tk4_redacted_thinking_stays_redacted_thinking(gemini):
    seal = Seal("data", "claude", "anthropic", "c")
    events = [PartStart(0, "thinking", redacted=True), Sealed(0, seal), PartEnd(0)]

    (part,) = candidate(gemini.parsed(gemini.encode([START, *events, Finish("stop")]))[0])[
        "content"
    ]["parts"]

    assert is_redacted(part["thoughtSignature"])
    assert untagged(part["thoughtSignature"], "gemini") == seal
    back = gemini.read({"contents": [{"role": "model", "parts": [part]}]}).messages[0].parts[0]
    assert (back.redacted, back.seal) == (True, seal)


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("stop", "STOP"),
        ("length", "MAX_TOKENS"),
        ("tool_use", "STOP"),
        ("stop_sequence", "STOP"),
        ("content_filter", "SAFETY"),
        ("refusal", "SAFETY"),
        ("pause", "STOP"),
        ("context_exceeded", "MAX_TOKENS"),
    ],
)
def test_sr1_every_reason_has_a_word(gemini, reason, word):
    (only,) = gemini.parsed(gemini.encode([START, Finish(reason)]))

    assert candidate(only)["finishReason"] == word


def test_an_upstreams_own_reason_and_fields_come_home(gemini):
    fields = {
        "$reason": "RECITATION",
        "candidates.citationMetadata": {"c": 1},
        "promptFeedback": {},
    }
    finish = Finish("content_filter", extra={"gemini": Fields(fields, ())})

    (only,) = gemini.parsed(gemini.encode([START, *TEXT, finish]))

    assert candidate(only)["finishReason"] == "RECITATION"
    assert candidate(only)["citationMetadata"] == {"c": 1}
    assert only["promptFeedback"] == {}


def test_us1_counts_that_nobody_said_are_left_out(gemini):
    (only,) = gemini.parsed(gemini.encode([START, *TEXT, Finish("stop")]))

    assert "usageMetadata" not in only


def test_us4_counts_follow_geminis_definition(gemini):
    usage = Usage(input=100, cached_input=40, cache_write=10, output=12, reasoning=5)
    one = gemini.attempt("gemini")

    (only,) = gemini.parsed(gemini.encode([START, UsageSeen(usage), Finish("stop")], one=one))

    assert only["usageMetadata"] == {
        "promptTokenCount": 100,
        "cachedContentTokenCount": 40,
        "candidatesTokenCount": 7,
        "thoughtsTokenCount": 5,
        "totalTokenCount": 112,
    }
    assert [loss.path for loss in one.losses] == ["usage.cache_write"]


def test_us1_an_estimate_is_labelled(gemini):
    usage = Usage(input=3, output=1, source="estimated")

    (only,) = gemini.parsed(gemini.encode([START, UsageSeen(usage), Finish("stop")]))

    assert only["usageMetadata"]["estimated"] is True
    assert gemini.decode(gemini.sse(only))[-2].usage == usage


def test_what_gemini_has_no_place_for_is_recorded(gemini):
    one = gemini.attempt("gemini")
    foreign = {"openai": Fields({"service_tier": "x", "$note": 1}, ())}
    events = [
        Start("r", "m", extra=foreign),
        OpaqueEvent("claude", {"type": "server_tool_use"}, 0),
        PartStart(1, "text", extra={"claude": Fields({"citations": []}, ())}),
        PartEnd(1),
        Finish("stop_sequence", stop_sequence="END"),
    ]

    gemini.encode(events, one=one)

    assert [loss.path for loss in one.losses] == [
        "reply.service_tier",
        "reply.parts[0]",
        "reply.parts[1].citations",
        "reply.stop_sequence",
    ]


def test_sr4_er1_a_failure_is_an_error_in_the_stream_and_never_a_clean_end(gemini):
    failure = Failure(UpstreamError("broken", status=503, kind="overloaded"))

    for data in (gemini.encode([START, *TEXT], [failure]), gemini.encode([START, *TEXT, failure])):
        first, error = gemini.parsed(data)
        assert candidate(first)["content"]["parts"] == [{"text": "Hello"}]
        assert error == {"error": {"code": 503, "message": "broken", "status": "UNAVAILABLE"}}


def test_sr4_events_that_stop_become_an_error(gemini):
    *_, error = gemini.parsed(gemini.encode([START, *TEXT]))

    assert error["error"]["status"] == "UNAVAILABLE"
    with pytest.raises(UpstreamError):
        gemini.encode([START, *TEXT], stream=False)


def test_a_whole_body(gemini):
    data = gemini.encode([START, *TEXT], [UsageSeen(Usage(3)), Finish("stop")], stream=False)

    body = orjson.loads(data)
    assert candidate(body)["content"]["parts"] == [{"text": "Hello"}]
    assert candidate(body)["finishReason"] == "STOP"
    assert body["modelVersion"] == "m"


def test_a_stream_without_alt_is_a_json_array(gemini):
    responses = orjson.loads(
        gemini.encode([START, *TEXT[:2]], TEXT[2:], [Finish("stop")], alt=None)
    )

    assert [candidate(one)["content"]["parts"] for one in responses] == [
        [{"text": "Hel"}],
        [{"text": "lo"}],
        [],
    ]
    assert candidate(responses[-1])["finishReason"] == "STOP"


def test_sr4_an_array_that_fails_ends_in_an_error_and_stays_json(gemini):
    cut = orjson.loads(gemini.encode([START, *TEXT], alt=None))
    failed = orjson.loads(gemini.encode([Failure(UpstreamError("x"))], alt=None))

    assert "error" in cut[-1]
    assert [list(one) for one in failed] == [["error"]]


def test_media_and_opaque_parts(gemini):
    media = [PartStart(0, "media", mime="image/png"), Delta(0, "aG"), Delta(0, "k="), PartEnd(0)]
    code = {"executableCode": {"code": "1"}}

    (only,) = gemini.parsed(
        gemini.encode([START, *media, OpaqueEvent("gemini", code, 1), Finish("stop")])
    )

    assert candidate(only)["content"]["parts"] == [
        {"inlineData": {"mimeType": "image/png", "data": "aGk="}},
        code,
    ]
