"""Lists of models, single models and token counts, as every official SDK asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import anthropic
import ollama
import openai
import pytest
from attrs import frozen
from google import genai
from google.genai import types

from gateway.testing.gateways import start
from tests.scripted import Scripted
from tests.scripted.lists import COUNT

pytestmark = pytest.mark.filterwarnings(
    "ignore:Inheritance class AiohttpClientSession:DeprecationWarning"  # the SDK's own
)
KEY = "cs-a-key-for-these-tests-0123456789"
FEW = "cs-a-key-with-few-rights-0123456789"
DEEP = "up/vendor/model:free"
CONFIG = f"""
[upstreams.openai]
dialect = "openai"
base_url = "{{url}}/v1"
keys = ["real-key"]

[upstreams.responses]
dialect = "responses"
base_url = "{{url}}/v1"
keys = ["real-key"]

[upstreams.silent]
dialect = "responses"
base_url = "{{url}}/v1"
keys = ["real-key"]
quirks = {{{{ count_tokens = false }}}}

[upstreams.claude]
dialect = "claude"
base_url = "{{url}}"
keys = ["real-key"]

[upstreams.gemini]
dialect = "gemini"
base_url = "{{url}}"
keys = ["real-key"]

[upstreams.ollama]
dialect = "ollama"
base_url = "{{url}}"
keys = ["real-key"]

[groups.default.models]
"plain" = "openai/x"
"vendor/model" = "openai/x"
"{DEEP}" = "openai/x"
"hidden-*" = "openai/kimi-k2"
"kimi*" = "openai/kimi-k2"
"openai" = "openai/x"
"responses" = "responses/x"
"silent" = "silent/x"
"broken" = "responses/say-error-500"
"claude" = "claude/x"
"gemini" = "gemini/x"
"ollama" = "ollama/x"

[proxy_keys.tester]
key = "{KEY}"

[proxy_keys.few]
key = "{FEW}"
models = ["plain"]
"""
SHOWN = [
    *("plain", "vendor/model", DEEP, "kimi-k2", "openai", "responses", "silent", "broken"),
    *("claude", "gemini", "ollama"),
]
NAMES = ["plain", "vendor/model", DEEP, "kimi-k2"]
COUNTERS = {"responses": "responses", "claude": "messages", "gemini": "models"}
ESTIMATED = "x-babelgate-estimated"


@frozen
class SDKs:
    """Every SDK before one gateway."""

    url: str
    openai: openai.AsyncOpenAI
    claude: anthropic.AsyncAnthropic
    gemini: Any
    gemini_v1: Any
    ollama: ollama.AsyncClient


@pytest.fixture(scope="module")
def scripted() -> Iterator[Scripted]:
    with Scripted() as upstream:
        yield upstream


@pytest.fixture
def upstream(scripted: Scripted) -> Iterator[Scripted]:
    scripted.clear()
    yield scripted
    assert scripted.errors == []


@pytest.fixture
async def sdks(upstream: Scripted, tmp_path: Path) -> AsyncIterator[SDKs]:
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(start(CONFIG.format(url=upstream.url), tmp_path))
        enter = stack.enter_async_context
        bearer = {"authorization": f"Bearer {KEY}"}
        yield SDKs(
            gateway.url,
            await enter(openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=KEY)),
            await enter(anthropic.AsyncAnthropic(base_url=gateway.url, api_key=KEY)),
            await enter(_gemini(gateway.url, "v1beta")),
            await enter(_gemini(gateway.url, "v1")),
            await enter(ollama.AsyncClient(gateway.url, headers=bearer)),
        )


def _gemini(url: str, version: str) -> Any:
    options = types.HttpOptions(base_url=url, api_version=version)
    return genai.Client(api_key=KEY, http_options=options).aio


async def test_every_sdk_lists_the_names_that_may_be_asked_for(sdks):
    listed = {
        "openai": [one.id async for one in sdks.openai.models.list()],
        "claude": [one.id async for one in sdks.claude.models.list()],
        "gemini": [one.name async for one in await sdks.gemini.models.list()],
        "gemini v1": [one.name async for one in await sdks.gemini_v1.models.list()],
        "ollama": [one.model for one in (await sdks.ollama.list()).models],
        "ollama ps": [one.model for one in (await sdks.ollama.ps()).models],
    }

    bare = {
        client: [str(name).removeprefix("models/") for name in names]
        for client, names in listed.items()
    }
    assert bare == dict.fromkeys(listed, SHOWN)


@pytest.mark.parametrize("name", NAMES)
async def test_every_sdk_looks_a_model_up_whatever_slashes_its_name_has(sdks, name):
    assert (await sdks.openai.models.retrieve(name)).id == name
    assert (await sdks.claude.models.retrieve(name)).id == name
    assert (await sdks.gemini.models.get(model=f"models/{name}")).name == f"models/{name}"
    assert (await sdks.gemini_v1.models.get(model=f"models/{name}")).name == f"models/{name}"
    assert (await sdks.ollama.show(name)).modelinfo["general.basename"] == name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("caller", ["authorization", "x-api-key", "x-goog-api-key"])
async def test_slashes_may_also_stand_as_they_are(sdks, name, caller):
    shown = f"Bearer {KEY}" if caller == "authorization" else KEY
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{sdks.url}/v1/models/{name}", headers={caller: shown}) as reply,
    ):
        body = await reply.json()

    assert name in (body.get("id"), body.get("name", "").removeprefix("models/"))


@pytest.mark.parametrize("name", ["no-such-model", "vendor/none", "hidden-*", "kimi*", "kimi?k2"])
async def test_a_name_that_leads_nowhere_and_a_pattern_are_not_found(sdks, name):
    with pytest.raises(openai.NotFoundError):
        await sdks.openai.models.retrieve(name)
    with pytest.raises(anthropic.NotFoundError):
        await sdks.claude.models.retrieve(name)
    with pytest.raises(ollama.ResponseError) as raised:
        await sdks.ollama.show(name)
    assert raised.value.status_code == 404


async def test_a_key_sees_only_what_it_may_use(sdks):
    few = sdks.openai.with_options(api_key=FEW)

    assert [one.id async for one in few.models.list()] == ["plain"]
    with pytest.raises(openai.PermissionDeniedError):
        await few.models.retrieve("vendor/model")


async def test_a_chat_and_vectors_reach_a_model_with_slashes_in_its_name(sdks, upstream):
    said = await sdks.gemini.models.generate_content(model=f"models/{DEEP}", contents="Hi")
    vectors = await sdks.gemini.models.embed_content(model=f"models/{DEEP}", contents="Hi")

    assert said.text
    assert len(vectors.embeddings) == 1
    assert [seen.body["model"] for seen in upstream.requests] == ["x", "x"]


# --- token counts ---


async def count(sdks: SDKs, client: str, model: str) -> tuple[int, bool]:
    """The count that a client is told, and whether it is told that this is a guess."""
    if client == "responses":
        raw = await sdks.openai.responses.input_tokens.with_raw_response.count(
            model=model, input="How long is this?", instructions="Be brief."
        )
        return (raw.parse()).input_tokens, ESTIMATED in raw.headers
    if client == "claude":
        messages: Any = [{"role": "user", "content": "How long is this?"}]
        counted = await sdks.claude.messages.with_raw_response.count_tokens(
            model=model, messages=messages, system="Be brief."
        )
        return (await _parsed(counted)).input_tokens, ESTIMATED in counted.headers
    reply = await sdks.gemini.models.count_tokens(model=model, contents="How long is this?")
    return reply.total_tokens, ESTIMATED in reply.sdk_http_response.headers


async def _parsed(raw: Any) -> Any:
    parsed = raw.parse()
    return await parsed if hasattr(parsed, "__await__") else parsed


@pytest.mark.parametrize("client", ["responses", "claude", "gemini"])
@pytest.mark.parametrize("model", ["openai", "responses", "claude", "gemini", "ollama"])
async def test_tokens_are_counted_by_whoever_can_and_guessed_elsewhere(
    sdks, upstream, client, model
):
    tokens, guessed = await count(sdks, client, model)

    if model in COUNTERS:
        assert (tokens, guessed) == (COUNT, False)
        assert len(upstream.requests) == 1
    else:
        assert 5 <= tokens <= 20
        assert guessed
        assert upstream.requests == []


@pytest.mark.parametrize("model", ["silent", "broken"])
async def test_a_provider_that_does_not_count_is_guessed_for(sdks, upstream, model):
    tokens, guessed = await count(sdks, "responses", model)

    assert guessed
    assert 5 <= tokens <= 20
    assert len(upstream.requests) == (1 if model == "broken" else 0)


async def test_tools_and_instructions_may_be_counted_without_input(sdks, upstream):
    tool: Any = {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": True}

    counted = await sdks.openai.responses.input_tokens.count(
        model="responses", instructions="Be brief.", tools=[tool]
    )

    assert counted.input_tokens == COUNT
    assert upstream.last.path == "/v1/responses/input_tokens"
    assert upstream.last.body["model"] == "x"


async def test_what_only_an_answer_needs_is_not_sent_to_be_counted(sdks, upstream):
    await sdks.openai.responses.input_tokens.count(
        model="responses",
        input="Hi",
        extra_body={"temperature": 0.5, "max_output_tokens": 99, "stream": True, "store": False},
    )

    assert upstream.last.body.keys() == {"model", "input"}
