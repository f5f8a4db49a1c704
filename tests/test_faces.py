"""One provider with several faces: who is served by which, with which key, and what then."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from gateway.testing.pytest_plugin import StartGateway
from tests.cases.bodies import ASK, Question
from tests.scripted import Scripted
from tests.scripted.faults import Refuse

CONFIG = """
[upstreams.vendor]
dialect = "openai"
base_url = "{url}/main/v1"
keys = ["k1", "k2"]
headers = {{ X-Team = "blue" }}
also = {{ claude = {{ base_url = "{url}/anthropic", auth = "bearer" }}, responses = true }}
{more}
[groups.default.models]
"*" = "vendor/*"
"""
RESPONSES = {"model": "say-text", "input": "Hello"}
Body = dict[str, Any]


@asynccontextmanager
async def posted(url: str, path: str, body: Body) -> AsyncIterator[aiohttp.ClientResponse]:
    async with aiohttp.ClientSession() as session, session.post(url + path, json=body) as reply:
        yield reply


async def ask(url: str, dialect: str, model: str = "say-text", *, stream: bool = False) -> int:
    path, body = ASK[dialect](model, Question(stream=stream))
    async with posted(url, path, body) as reply:
        await reply.read()
        return reply.status


@pytest.fixture
def started(gateway: StartGateway, upstream: Scripted) -> Any:
    async def start(more: str = "") -> str:
        return (await gateway(CONFIG.format(url=upstream.url, more=more))).url

    return start


@pytest.mark.parametrize("stream", [False, True])
async def test_each_client_is_served_by_the_face_that_speaks_its_dialect(
    started: Any, upstream: Scripted, stream: bool
) -> None:
    url = await started()

    assert [await ask(url, one, stream=stream) for one in ASK] == [200] * len(ASK)

    paths = {dialect: seen.path for dialect, seen in zip(ASK, upstream.requests, strict=True)}
    main = "/main/v1/chat/completions"
    assert paths == {
        "openai": main,
        "claude": "/anthropic/v1/messages",
        "gemini": main,
        "ollama": main,
    }


async def test_a_face_that_is_true_is_at_the_main_address(started: Any, upstream: Scripted) -> None:
    async with posted(await started(), "/v1/responses", RESPONSES) as reply:
        answer = await reply.json()

    assert answer["object"] == "response"
    assert upstream.last.path == "/main/v1/responses"


async def test_a_client_of_a_face_is_relayed_there(started: Any, upstream: Scripted) -> None:
    body = {**ASK["claude"]("say-text", Question())[1], "only_claude_knows": {"x": 1}}
    url = await started()
    async with posted(url, "/v1/messages", body) as reply:
        await reply.read()

    assert upstream.last.body == body
    upstream.requests.clear()


async def test_the_keys_are_shared_and_carried_as_each_face_wants(
    started: Any, upstream: Scripted
) -> None:
    url = await started()
    for dialect in ("openai", "claude", "openai", "claude"):
        await ask(url, dialect)

    carried = [seen.headers["authorization"] for seen in upstream.requests]
    assert carried == ["Bearer k1", "Bearer k2"] * 2
    assert not any("x-api-key" in seen.headers for seen in upstream.requests)
    assert {seen.headers["x-team"] for seen in upstream.requests} == {"blue"}


async def test_a_key_that_one_face_finds_dead_rests_at_the_other(
    started: Any, upstream: Scripted
) -> None:
    upstream.script.faults = [Refuse(401)]
    url = await started()
    for dialect in ("claude", "openai", "openai"):
        assert await ask(url, dialect) == 200

    keys = [seen.headers["authorization"].split()[1] for seen in upstream.requests]
    assert keys == ["k1", "k2", "k2", "k2"]


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_server_without_the_face_is_asked_by_its_main_one(
    started: Any, upstream: Scripted, status: int, stream: bool
) -> None:
    upstream.script.faults = [Refuse(status)]

    assert await ask(await started(), "claude", stream=stream) == 200

    paths = [seen.path for seen in upstream.requests]
    assert paths == ["/anthropic/v1/messages", "/main/v1/chat/completions"]


async def test_a_model_that_neither_face_has_is_a_404(started: Any, upstream: Scripted) -> None:
    upstream.script.faults = [Refuse(404), Refuse(404)]

    assert await ask(await started(), "claude") == 404


async def test_params_in_the_words_of_the_main_face_keep_all_clients_there(
    started: Any, upstream: Scripted
) -> None:
    url = await started("params = { enable_thinking = true }")
    await ask(url, "claude")

    assert upstream.last.path == "/main/v1/chat/completions"
    assert upstream.last.body["enable_thinking"] is True
    upstream.requests.clear()


async def test_a_face_may_have_params_and_defaults_of_its_own(
    gateway: StartGateway, upstream: Scripted
) -> None:
    running = await gateway(f"""
        [upstreams.vendor]
        dialect = "openai"
        base_url = "{upstream.url}/v1"
        keys = []
        params = {{ enable_thinking = true }}
        [upstreams.vendor.also.claude]
        base_url = "{upstream.url}/anthropic"
        params = {{ service_tier = "standard_only" }}
        defaults = {{ top_k = 5 }}
        [groups.default.models]
        "*" = "vendor/*"
    """)
    await ask(running.url, "claude")

    assert upstream.last.path == "/anthropic/v1/messages"
    assert upstream.last.body["service_tier"] == "standard_only"
    assert upstream.last.body["top_k"] == 5
    assert "enable_thinking" not in upstream.last.body


async def test_tokens_are_counted_at_the_face_that_counts(started: Any, upstream: Scripted) -> None:
    body = ASK["claude"]("say-text", Question())[1]
    del body["max_tokens"]
    async with posted(await started(), "/v1/messages/count_tokens", body) as reply:
        assert "input_tokens" in await reply.json()

    assert [seen.path for seen in upstream.requests] == ["/anthropic/v1/messages/count_tokens"]


async def test_a_plugin_that_rewrites_finds_the_face_as_its_target(
    gateway: StartGateway, upstream: Scripted
) -> None:
    running = await gateway(
        CONFIG.format(url=upstream.url, more="")
        + '[[groups.default.prompts]]\ntext = "RULE"\nposition = "system"\n'
    )
    await ask(running.url, "claude")

    assert upstream.last.path == "/anthropic/v1/messages"
    assert "RULE" in json.dumps(upstream.last.body["system"])


async def test_a_face_fails_over_to_the_next_target_of_the_alias(
    gateway: StartGateway, upstream: Scripted
) -> None:
    running = await gateway(
        CONFIG.format(url=upstream.url, more="")
        + f"""
        [groups.two.models]
        "*" = ["vendor/*", "plain/*"]
        [upstreams.plain]
        dialect = "openai"
        base_url = "{upstream.url}/plain/v1"
        keys = []
        """
    )
    upstream.script.faults = [Refuse(500), Refuse(500)]
    path, body = ASK["claude"]("say-text", Question())
    async with posted(running.url, f"/two{path}", body) as reply:
        assert reply.status == 200

    assert upstream.last.path == "/plain/v1/chat/completions"
