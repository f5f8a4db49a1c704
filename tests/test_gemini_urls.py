"""Gemini's URLs through a real gateway: every spelling, both forms of a stream, and the key.

The upstream is Gemini's own (relayed) or OpenAI's (translated); the client sees no difference.
"""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson
import pytest

from gateway.testing.upstreams import CLOSE, Hold, Reply

CONFIG = """
[upstreams.google]
dialect = "gemini"
base_url = "{url}"
keys = ["real-google-key"]

[upstreams.other]
dialect = "openai"
base_url = "{url}/v1"
keys = ["real-openai-key"]

[groups.default.models]
"home" = "google/gemini-x"
"far" = "other/gpt-x"
"vendor/model" = "google/gemini-x"

[groups.kimi.models]
"*" = "other/gpt-x"

[proxy_keys.tester]
key = "cs-proxy-key-0123456789"
"""
KEY = {"x-goog-api-key": "cs-proxy-key-0123456789"}
ASK = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gateway")


def response(text: str, finish: str | None = None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}]}}
    return {"candidates": [{**candidate, **({"finishReason": finish} if finish else {})}]}


def chunk(text: str, finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "g",
        "choices": [choice],
    }


def sse(*events: Any) -> bytes:
    return b"".join(b"data: " + orjson.dumps(event) + b"\n\n" for event in events)


WHOLE = {
    "home": Reply.json(response("Hello", "STOP")),
    "far": Reply.json(
        {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "g",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": "Hello"},
                    "finish_reason": "stop",
                }
            ],
        }
    ),
}
STREAM = {
    "home": Reply.stream(sse(response("Hel")), sse(response("lo", "STOP"))),
    "far": Reply.stream(sse(chunk("Hel")), sse(chunk("lo", "stop")), b"data: [DONE]\n\n"),
}
ARRAY = Reply.stream(
    b"[" + orjson.dumps(response("Hel")),
    b",\r\n" + orjson.dumps(response("lo", "STOP")) + b"]",
    content_type="application/json",
)


@pytest.fixture
async def ask(gateway, fake_upstream):
    """Ask a gateway before the fake upstream; gives status, content type and body."""
    running = await gateway(CONFIG.replace("{url}", fake_upstream.url))
    async with aiohttp.ClientSession(running.url) as session:

        async def send(path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
            method = "GET" if body is None else "POST"
            head = KEY if headers is None else headers
            async with session.request(method, path, json=body, headers=head) as reply:
                return reply.status, reply.content_type, await reply.read()

        send.session = session  # type: ignore[attr-defined]
        yield send


def text_of(responses: list[Any]) -> str:
    parts = [part for one in responses for part in one["candidates"][0]["content"]["parts"]]
    return "".join(part["text"] for part in parts)


@pytest.mark.parametrize("model", ["home", "far"])
@pytest.mark.parametrize("sign", [":", "/"])
@pytest.mark.parametrize("version", ["/v1beta", "/v1", ""])
async def test_every_spelling_of_the_address_answers(ask, fake_upstream, version, sign, model):
    fake_upstream.answers(WHOLE[model])

    status, kind, body = await ask(f"{version}/models/{model}{sign}generateContent", ASK)

    assert (status, kind) == (200, "application/json")
    assert text_of([orjson.loads(body)]) == "Hello"


async def test_a_group_and_a_name_with_a_slash(ask, fake_upstream):
    fake_upstream.answers(WHOLE["far"], WHOLE["home"])

    grouped = await ask("/kimi/v1beta/models/anything:generateContent", ASK)
    slashed = await ask("/v1beta/models/vendor/model:generateContent", ASK)

    assert [text_of([orjson.loads(reply[2])]) for reply in (grouped, slashed)] == ["Hello", "Hello"]
    assert fake_upstream.requests[1].path == "/v1beta/models/gemini-x:generateContent"


@pytest.mark.parametrize("model", ["home", "far"])
async def test_a_stream_of_events(ask, fake_upstream, model):
    fake_upstream.answers(STREAM[model])

    _, kind, body = await ask(f"/v1beta/models/{model}:streamGenerateContent?alt=sse", ASK)

    assert kind == "text/event-stream"
    events = [orjson.loads(one.removeprefix(b"data: ")) for one in body.split(b"\n\n") if one]
    assert text_of(events) == "Hello"
    assert events[-1]["candidates"][0]["finishReason"] == "STOP"


@pytest.mark.parametrize(("model", "reply"), [("home", ARRAY), ("far", STREAM["far"])])
async def test_a_stream_without_alt_is_a_json_array(ask, fake_upstream, model, reply):
    fake_upstream.answers(reply)

    _, kind, body = await ask(f"/v1beta/models/{model}:streamGenerateContent", ASK)

    assert kind == "application/json"
    assert text_of(orjson.loads(body)) == "Hello"


@pytest.mark.parametrize("model", ["home", "far"])
async def test_the_first_object_of_an_array_comes_before_the_last(ask, fake_upstream, model):
    hold = Hold()
    pieces = ARRAY.pieces if model == "home" else STREAM["far"].pieces
    kind = ARRAY.content_type if model == "home" else STREAM["far"].content_type
    fake_upstream.answers(Reply.stream(pieces[0], hold, *pieces[1:], content_type=kind))

    path = f"/v1beta/models/{model}:streamGenerateContent"
    async with ask.session.post(path, json=ASK, headers=KEY) as reply:
        first = await reply.content.readany()
        hold.release()
        rest = await reply.read()

    assert b"Hel" in first
    assert b'"lo"' not in first
    assert text_of(orjson.loads(first + rest)) == "Hello"


@pytest.mark.parametrize("alt", ["?alt=sse", ""])
async def test_sr4_a_cut_stream_ends_in_an_error(ask, fake_upstream, alt):
    for model in ("home", "far"):
        begun = STREAM[model].pieces[0]
        fake_upstream.answers(Reply.stream(begun, CLOSE))

        _, _, body = await ask(f"/v1beta/models/{model}:streamGenerateContent{alt}", ASK)

        assert b'"error":{"code":502' in body, model
        assert b"finishReason" not in body


async def test_keys_of_every_kind_are_taken_and_none_goes_on(ask, fake_upstream):
    fake_upstream.answers(WHOLE["home"])
    path, key = "/v1beta/models/home:generateContent", KEY["x-goog-api-key"]
    ways = [
        (path, KEY),
        (f"{path}?key={key}", {}),
        (path, {"authorization": f"Bearer {key}"}),
        (path, {"authorization": f"Bearer {key}", **KEY}),
    ]

    replies = [await ask(where, ASK, headers) for where, headers in ways]

    assert [reply[0] for reply in replies] == [200] * len(ways)
    for seen in fake_upstream.requests:
        assert seen.headers["x-goog-api-key"] == "real-google-key"
        assert not seen.query
        assert key not in str(seen)


async def test_a_wrong_key_is_refused_in_googles_shape(ask):
    status, _, body = await ask("/v1beta/models/home:generateContent?key=no", ASK, {})

    assert status == 401
    assert orjson.loads(body)["error"]["status"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        (KEY, "models"),
        ({"x-api-key": KEY["x-goog-api-key"], "anthropic-version": "2023-06-01"}, "has_more"),
        ({"authorization": f"Bearer {KEY['x-goog-api-key']}"}, "object"),
    ],
)
async def test_a_shared_model_list_has_the_callers_shape(ask, headers, field):
    status, _, body = await ask("/v1/models", None, headers)

    assert status == 200
    assert field in orjson.loads(body)


async def test_model_lists_and_single_models(ask):
    _, _, listed = await ask("/v1beta/models")
    status, _, one = await ask("/v1beta/models/far")
    missing, _, error = await ask("/v1beta/models/nobody")

    names = [model["name"] for model in orjson.loads(listed)["models"]]
    assert {"models/home", "models/far"} <= set(names)
    assert (status, orjson.loads(one)["name"]) == (200, "models/far")
    assert (missing, orjson.loads(error)["error"]["status"]) == (404, "NOT_FOUND")


async def test_us3_tokens_are_counted_by_the_provider_or_estimated(ask, fake_upstream):
    fake_upstream.answers(Reply.json({"totalTokens": 42}))

    counted = await ask("/v1beta/models/home:countTokens", ASK)
    wrapped = await ask("/v1beta/models/far:countTokens", {"generateContentRequest": ASK})

    assert orjson.loads(counted[2]) == {"totalTokens": 42}
    (seen,) = fake_upstream.requests
    assert seen.path == "/v1beta/models/gemini-x:countTokens"
    assert seen.json()["generateContentRequest"] == {"model": "models/gemini-x", **ASK}
    assert 1 <= orjson.loads(wrapped[2])["totalTokens"] < 20


async def test_us3_a_count_that_makes_no_sense_is_estimated(ask, fake_upstream):
    fake_upstream.answers(Reply.json({"total": "many"}))

    status, _, body = await ask("/v1beta/models/home:countTokens", ASK)

    assert status == 200
    assert orjson.loads(body)["totalTokens"] < 20


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}"])
async def test_a_body_that_is_no_request_is_refused(ask, fake_upstream, body):
    async with ask.session.post(
        "/v1beta/models/home:generateContent", data=body, headers=KEY
    ) as reply:
        error = (await reply.json())["error"]

    assert (reply.status, error["status"]) == (400, "INVALID_ARGUMENT")
    assert fake_upstream.requests == []
