"""The official google-genai SDK, in both API versions, reads what we write, over a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
import pytest
from aiohttp import web
from google import genai
from google.genai import errors, types

from gateway.errors import NotAuthenticated, UpstreamError
from gateway.events import (
    Delta,
    Failure,
    Finish,
    PartEnd,
    PartStart,
    Ping,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.model import Seal
from gateway.seals import untagged
from gateway_gemini.errors import write_error
from gateway_gemini.models import write_count, write_model, write_models

pytestmark = pytest.mark.filterwarnings(
    "ignore:Inheritance class AiohttpClientSession:DeprecationWarning"  # the SDK's own
)
SEAL = Seal("sig/+", "claude", "anthropic", "c")
EVENTS = [
    Start("r", "m"),
    PartStart(0, "thinking"),
    Delta(0, "hm"),
    Sealed(0, SEAL),
    PartEnd(0),
    PartStart(1, "text"),
    Delta(1, "Grü"),
    Ping(),
    PartStart(2, "tool_call", id="a", name="f"),
    PartStart(3, "tool_call", id="b", name="g"),
    Delta(3, '{"x": '),
    Delta(2, '{"y": "z"}'),
    Delta(3, "1}"),
    Delta(1, "ße"),
    PartEnd(1),
    PartEnd(2),
    PartEnd(3),
    UsageSeen(Usage(input=9, cached_input=4, output=7, reasoning=2, source="estimated")),
    Finish("tool_use"),
]
SAYS_HI = [Start("r", "m"), PartStart(0, "text"), Delta(0, "Bern, 20°"), PartEnd(0), Finish("stop")]
CALLS = [
    Start("r", "m"),
    PartStart(0, "tool_call", id="c1", name="weather"),
    Delta(0, '{"city":"Bern"}'),
    Sealed(0, SEAL),
    PartEnd(0),
    Finish("tool_use"),
]


def weather(city: str) -> str:
    """The weather in a city."""
    return f"20° in {city}"


@pytest.fixture
async def served(gemini, aiohttp_server):
    """A server that answers by the model's name, and remembers the bodies it got."""
    seen: list = []

    async def answer(request: web.Request) -> web.Response:
        model, _, verb = request.match_info["rest"].rpartition(":")
        body = await request.json()
        seen.append(body)
        stream = verb == "streamGenerateContent"
        if verb == "countTokens":
            return reply(write_count(42))
        if model == "refused":
            return reply(write_error(NotAuthenticated("no such key")))
        if model == "broken":
            events = [
                *EVENTS[:7],
                Failure(UpstreamError("it broke", status=503, kind="overloaded")),
            ]
        elif model == "agent":
            is_answered = "functionResponse" in str(body["contents"])
            events = SAYS_HI if is_answered else CALLS
        else:
            events = EVENTS
        data = gemini.encode(*[[event] for event in events], stream=stream)
        kind = "text/event-stream" if stream else "application/json"
        return web.Response(body=data, content_type=kind)

    def reply(one):
        return web.Response(body=one.body, status=one.status, content_type=one.content_type)

    async def models(_: web.Request) -> web.Response:
        return reply(write_models(["one", "two"]))

    async def model(request: web.Request) -> web.Response:
        return reply(write_model(request.match_info["name"]))

    app = web.Application()
    for version in ("v1", "v1beta"):
        app.router.add_post(f"/{version}/models/{{rest:.+}}", answer)
        app.router.add_get(f"/{version}/models", models)
        app.router.add_get(f"/{version}/models/{{name}}", model)
    server = await aiohttp_server(app)
    server.seen = seen
    return server


@pytest.fixture(params=["v1", "v1beta"])
async def sdk(request, served) -> AsyncIterator[genai.client.AsyncClient]:
    options = types.HttpOptions(base_url=str(served.make_url("")), api_version=request.param)
    client = genai.Client(api_key="k", http_options=options)
    yield client.aio
    await client.aio.aclose()
    client.close()


def check(parts, usage, finish):
    """The reply of EVENTS."""
    thought = next(part for part in parts if part.thought_signature)
    assert "".join(part.text for part in parts if part.thought) == "hm"
    assert "".join(part.text for part in parts if part.text and not part.thought) == "Grüße"
    calls = [part.function_call for part in parts if part.function_call]
    assert [(call.id, call.name, call.args) for call in calls] == [
        ("a", "f", {"y": "z"}),
        ("b", "g", {"x": 1}),
    ]
    sent_back = orjson.loads(thought.model_dump_json(by_alias=True))["thoughtSignature"]
    assert untagged(sent_back, "gemini") == SEAL
    assert (usage.prompt_token_count, usage.cached_content_token_count) == (9, 4)
    assert (usage.candidates_token_count, usage.thoughts_token_count, usage.total_token_count) == (
        5,
        2,
        16,
    )
    assert finish == types.FinishReason.STOP


async def test_a_whole_reply(sdk):
    reply = await sdk.models.generate_content(model="m", contents="hi")

    (candidate,) = reply.candidates
    check(candidate.content.parts, reply.usage_metadata, candidate.finish_reason)
    assert (reply.model_version, reply.response_id) == ("m", "r")


async def test_a_stream(sdk):
    chunks = [
        chunk async for chunk in await sdk.models.generate_content_stream(model="m", contents="hi")
    ]

    parts = [part for chunk in chunks for part in chunk.candidates[0].content.parts]
    check(parts, chunks[-1].usage_metadata, chunks[-1].candidates[0].finish_reason)
    assert len(chunks) > 3


async def test_automatic_function_calling_goes_round(sdk, served, gemini):
    config = types.GenerateContentConfig(tools=[weather])

    reply = await sdk.models.generate_content(model="agent", contents="Weather?", config=config)

    assert reply.text == "Bern, 20°"
    call, result = gemini.read(served.seen[-1]).messages[1:]
    assert (call.parts[0].name, call.parts[0].id, call.parts[0].seal) == ("weather", "c1", SEAL)
    assert result.parts[0].parts[0].text == "20° in Bern"
    assert result.parts[0].call_id == "c1"


async def test_er1_an_error_of_ours_is_the_sdks(sdk):
    with pytest.raises(errors.ClientError, match="no such key") as raised:
        await sdk.models.generate_content(model="refused", contents="hi")

    assert (raised.value.code, raised.value.status) == (401, "UNAUTHENTICATED")


async def test_sr4_a_failure_in_a_stream_raises(sdk):
    stream = await sdk.models.generate_content_stream(model="broken", contents="hi")

    with pytest.raises(errors.APIError, match="it broke"):
        [chunk async for chunk in stream]


async def test_counts_and_models(sdk):
    assert (await sdk.models.count_tokens(model="m", contents="hi")).total_tokens == 42
    assert [model.name async for model in await sdk.models.list()] == ["models/one", "models/two"]
    assert (await sdk.models.get(model="one")).display_name == "one"


async def test_the_sdks_own_request_comes_home_whole(sdk, served, gemini):
    config = types.GenerateContentConfig(
        system_instruction="s",
        temperature=0.5,
        stop_sequences=["x"],
        response_mime_type="application/json",
        response_schema={"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
        tool_config=types.ToolConfig(
            function_calling_config=types.FunctionCallingConfig(mode="ANY")
        ),
        tools=[types.Tool(function_declarations=[types.FunctionDeclaration(name="f")])],
        thinking_config=types.ThinkingConfig(thinking_budget=99, include_thoughts=True),
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    image = types.Part.from_bytes(data=b"\x89PNG", mime_type="image/png")
    await sdk.models.generate_content(model="m", contents=["look", image], config=config)

    request = gemini.read(served.seen[-1])

    assert request.system[0].text == "s"
    assert request.tool_choice.mode == "required"
    assert (request.reasoning.budget, request.reasoning.include) == (99, True)
    assert request.output.schema["properties"] == {"a": {"type": "string"}}
    assert request.messages[0].parts[1].data == "iVBORw=="
