"""Events as a client's bytes, judged by the openai SDK."""

from __future__ import annotations

import json

import openai
import pytest
from aiohttp import web
from openai.types.chat import ChatCompletion, ChatCompletionChunk

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
from gateway.fold import collect, replay
from gateway.losses import Losses
from gateway.model import Fields, Seal

START = Start("c1", "m")
SEAL = Seal("sig", "claude", "anthropic", "claude-x")


def text(index, *pieces):
    return [PartStart(index, "text"), *(Delta(index, p) for p in pieces), PartEnd(index)]


def thought(index, *pieces, seal=None):
    sealed = [Sealed(index, seal)] if seal else []
    pieces = [Delta(index, p) for p in pieces]
    return [PartStart(index, "thinking"), *pieces, *sealed, PartEnd(index)]


def call(index, call_id, *pieces, name="f", seal=None):
    sealed = [Sealed(index, seal)] if seal else []
    pieces = [Delta(index, p) for p in pieces]
    return [PartStart(index, "tool_call", id=call_id, name=name), *pieces, *sealed, PartEnd(index)]


REPLIES = {
    "text": [START, *text(0, "Hel", "lo"), Finish("stop")],
    "nothing": [START, Finish("stop")],
    "one call": [START, *call(0, "a", '{"x":', "1}"), Finish("tool_use")],
    "two calls": [
        START,
        PartStart(0, "tool_call", id="a", name="f"),
        PartStart(1, "tool_call", id="b", name="g"),
        *(Delta(1, '{"y":'), Delta(0, '{"x":'), Delta(0, "1}"), Delta(1, "2}")),
        *(PartEnd(0), PartEnd(1), Finish("tool_use")),
    ],
    "text and a call": [START, *text(0, "see"), *call(1, "a", "{}"), Finish("tool_use")],
    "thinking and a call": [
        START,
        *thought(0, "h", "m", seal=SEAL),
        *call(1, "a", "{}", seal=SEAL),
        Finish("tool_use"),
    ],
    "a call of nothing": [START, *call(0, "a"), Finish("tool_use")],
    "length": [START, *text(0, "cut"), Finish("length")],
    "refusal": [START, *text(0, "no"), Finish("refusal")],
    "usage": [
        START,
        *text(0, "a"),
        UsageSeen(Usage(100, 80, 5, 20, 7)),
        Finish("stop"),
    ],
    "an image": [
        START,
        *(PartStart(0, "media", mime="image/png"), Delta(0, "iV"), Delta(0, "BO"), PartEnd(0)),
        Finish("stop"),
    ],
}


@pytest.mark.parametrize("name", REPLIES)
@pytest.mark.parametrize("each", [True, False])
def test_every_chunk_is_one_for_the_sdk(chat, name, each):
    data = chat.encode(REPLIES[name], chat.asked(stream_options={"include_usage": True}), each=each)

    found = [ChatCompletionChunk.model_validate(chunk) for chunk in chat.parsed(data)]
    reasons = [c.choices[0].finish_reason for c in found if c.choices]
    assert data.endswith(b"data: [DONE]\n\n")
    assert {(c.id, c.model, c.created) for c in found} == {("c1", "m", 1_700_000_000)}
    assert found[0].choices[0].delta.role == "assistant"
    assert [r for r in reasons if r] == [reasons[-1]]


@pytest.mark.parametrize("name", REPLIES)
def test_every_body_is_a_completion_for_the_sdk(chat, name):
    whole = ChatCompletion.model_validate_json(chat.encode(REPLIES[name], stream=False))

    assert (whole.id, whole.model, whole.created) == ("c1", "m", 1_700_000_000)


@pytest.fixture
async def client(chat):
    """The real SDK on a loopback server that answers with the encoder's bytes."""

    async def answer(request):
        body = await request.json()
        asked = chat.asked(**{k: v for k, v in body.items() if k not in ("model", "messages")})
        stream = bool(body.get("stream"))
        data = chat.encode(REPLIES[body["model"]], asked, stream=stream, each=True)
        kind = "text/event-stream" if stream else "application/json"
        return web.Response(body=data, content_type=kind)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with openai.AsyncOpenAI(
        api_key="sk-test", base_url=f"http://127.0.0.1:{port}/v1", max_retries=0
    ) as sdk:
        yield sdk
    await runner.cleanup()


def comparable(reply):
    """A reply of the SDK, without what only one of its two readers adds."""
    choice = reply.to_dict()["choices"][0]
    message = choice["message"]
    calls = [
        (c["id"], c["function"]["name"], c["function"]["arguments"], c.get("extra_content"))
        for c in message.get("tool_calls") or ()
    ]
    kept = ("reasoning_content", "reasoning_details", "images", "content", "refusal")
    said = {name: message[name] for name in kept if message.get(name)}
    return reply.model, choice["finish_reason"], said, calls, reply.usage


@pytest.mark.parametrize("name", REPLIES)
async def test_the_sdk_stream_helper_folds_the_stream_into_the_body(client, name):
    ask = {"model": name, "messages": [{"role": "user", "content": "hi"}]}
    async with client.chat.completions.stream(
        **ask, stream_options={"include_usage": True}
    ) as stream:
        async for _ in stream:
            pass
        folded = stream.current_completion_snapshot
    whole = await client.chat.completions.create(**ask)

    assert comparable(folded) == comparable(whole)


def test_st4_calls_are_numbered_from_0_without_gaps(chat):
    events = [START, *text(0, "a"), *call(4, "a", "{}"), *text(5, "b"), *call(9, "b", "{}")]

    chunks = chat.parsed(chat.encode([*events, Finish("tool_use")]))

    deltas = [c["choices"][0]["delta"] for c in chunks]
    entries = [d["tool_calls"][0] for d in deltas if "tool_calls" in d]
    assert [e["index"] for e in entries] == [0, 0, 1, 1]
    assert entries[0] == {
        "index": 0,
        "id": "a",
        "type": "function",
        "function": {"name": "f", "arguments": ""},
    }


def test_st5_a_call_of_nothing_gets_an_empty_object(chat):
    body = json.loads(chat.encode(REPLIES["a call of nothing"], stream=False))
    streamed = chat.parsed(chat.encode(REPLIES["a call of nothing"]))

    assert body["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] == "{}"
    pieces = [c["choices"][0]["delta"].get("tool_calls") for c in streamed]
    assert "".join(p[0]["function"]["arguments"] for p in pieces if p) == "{}"


@pytest.mark.parametrize(
    ("reason", "wire"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("tool_use", "tool_calls"),
        ("stop_sequence", "stop"),
        ("content_filter", "content_filter"),
        ("refusal", "content_filter"),
        ("pause", "stop"),
        ("context_exceeded", "length"),
    ],
)
def test_sr1_every_reason_has_a_word(chat, reason, wire):
    events = [START, *text(0, "a"), Finish(reason)]

    streamed = chat.parsed(chat.encode(events))[-1]["choices"][0]
    whole = json.loads(chat.encode(events, stream=False))["choices"][0]

    assert streamed["finish_reason"] == whole["finish_reason"] == wire


def test_a_refusal_of_another_dialect_is_seen_as_one(chat):
    whole = json.loads(chat.encode(REPLIES["refusal"], stream=False))["choices"][0]["message"]
    last = chat.parsed(chat.encode(REPLIES["refusal"]))[-1]["choices"][0]["delta"]

    assert whole["content"] == "no"
    assert whole["refusal"] == last["refusal"] == "The model refused to answer."
    assert chat.decode(chat.encode(REPLIES["refusal"]))[-1] == Finish("refusal")


def test_a_refusal_of_this_dialect_stays_its_own_words(chat):
    events = chat.decode(chat.chunks({"refusal": "I won't"}))

    whole = json.loads(chat.encode(events, stream=False))["choices"][0]

    assert (whole["message"]["content"], whole["message"]["refusal"]) == (None, "I won't")
    assert whole["finish_reason"] == "stop"


def test_us4_counts_are_written_by_openais_definition(chat):
    whole = json.loads(chat.encode(REPLIES["usage"], stream=False))

    assert whole["usage"] == {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 80, "cache_write_tokens": 5},
        "completion_tokens_details": {"reasoning_tokens": 7},
    }


def test_the_chunk_of_counts_comes_only_when_asked_for(chat):
    asked = chat.parsed(
        chat.encode(REPLIES["usage"], chat.asked(stream_options={"include_usage": True}))
    )
    not_asked = chat.parsed(chat.encode(REPLIES["usage"], chat.asked()))

    assert asked[-1]["choices"] == []
    assert asked[-1]["usage"]["total_tokens"] == 120
    assert not any("usage" in chunk for chunk in not_asked)


def test_sr4_a_cut_reply_ends_in_an_error_and_not_in_done(chat):
    data = chat.encode([START, PartStart(0, "text"), Delta(0, "a")])

    assert b"[DONE]" not in data
    assert "error" in chat.parsed(data)[-1]


def test_er1_a_failure_is_an_error_event_and_for_a_body_raises(chat):
    error = UpstreamError("too busy", status=429, kind="rate_limit")
    events = [START, *text(0, "a"), Failure(error)]

    last = chat.parsed(chat.encode(events))[-1]

    assert last == {
        "error": {
            "message": "too busy",
            "type": "rate_limit_error",
            "param": None,
            "code": "rate_limit_exceeded",
        }
    }
    with pytest.raises(UpstreamError, match="too busy"):
        chat.encode(events, stream=False)


def test_a_ping_is_a_comment(chat):
    assert chat.encode([Ping(), *REPLIES["text"]]).startswith(b": ping\n\n")


def test_a_signature_survives_a_round_through_a_client(chat):
    events = [
        START,
        *thought(0, "one", seal=SEAL),
        *thought(1, "two", seal=SEAL),
        *text(2, "a"),
        *call(3, "x", "{}", seal=SEAL),
        Finish("tool_use"),
    ]
    message = json.loads(chat.encode(events, stream=False))["choices"][0]["message"]

    read = chat.read({"model": "m", "messages": [message]})

    one, two, _, tool = read.messages[0].parts
    assert (one.text, one.seal, two.text, two.seal) == ("one", SEAL, "two", SEAL)
    assert tool.seal == SEAL


def test_redacted_thinking_survives_a_round_through_a_client(chat):
    hidden = [PartStart(0, "thinking", redacted=True), Sealed(0, SEAL), PartEnd(0)]
    events = [START, *hidden, *text(1, "a"), Finish("stop")]
    message = json.loads(chat.encode(events, stream=False))["choices"][0]["message"]

    part = chat.read({"model": "m", "messages": [message]}).messages[0].parts[0]

    assert (part.redacted, part.text, part.seal) == (True, "", SEAL)


def test_what_only_another_dialect_knows_of_a_reply_is_recorded(chat):
    foreign = {"claude": Fields({"citations": [1], "$form": 1}, ("content", 0))}
    events = [
        START,
        *(PartStart(0, "text"), Delta(0, "a"), PartEnd(0, foreign)),
        OpaqueEvent("claude", {"type": "x"}, 1),
        Finish("stop"),
    ]
    for stream in (True, False):
        losses = Losses()

        chat.encode(events, losses=losses, stream=stream)

        assert [loss.path for loss in losses].count("reply.content[0].citations") == 1
        assert len(losses) == 2


def test_fields_of_this_dialect_come_home(chat):
    whole = chat.body(
        {"content": "a", "annotations": [{"type": "url_citation"}], "audio": {"id": "x"}},
        system_fingerprint="fp",
        service_tier="flex",
    )

    again = json.loads(chat.encode(chat.decode(whole, stream=False), stream=False))

    expected = json.loads(whole)
    expected["choices"][0]["message"]["refusal"] = None
    assert again == expected


def test_replay_of_the_body_gives_the_same_body(chat):
    for events in REPLIES.values():
        first = chat.encode(events, stream=False)
        assert chat.encode(replay(collect(events)), stream=False) == first
