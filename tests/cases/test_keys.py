"""Keys and targets, seen by the provider: who is asked how often, and what a failure costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from attrs import define, field

from gateway.testing import gateways

CONFIG = """
[upstreams.three]
dialect = "openai"
base_url = "{url}/v1"
keys = ["key-one-000001", "key-two-000002", "key-three-0003"]

[upstreams.one]
dialect = "openai"
base_url = "{url}/v1"
keys = ["key-four-00004"]

[groups.rotating]
strategy = "rotate"
models = {{ "*" = ["three/m", "one/m"] }}

[groups.plain.models]
"*" = "three/m"
"""
ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "hello"},
            "finish_reason": "stop",
        }
    ],
}


@define
class Provider:
    """Counts its requests by key, and answers some keys with an error."""

    url: str = ""
    asked: Counter[str] = field(factory=Counter)
    errors: dict[str, int] = field(factory=dict)

    async def answer(self, request: web.Request) -> web.Response:
        key = request.headers["Authorization"].removeprefix("Bearer ")
        self.asked[key] += 1
        status = self.errors.get(key, 200)
        body = ANSWER if status == 200 else {"error": {"message": "not now"}}
        return web.json_response(body, status=status)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider, app = Provider(), web.Application()
    app.router.add_post("/v1/chat/completions", provider.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield provider
    finally:
        await runner.cleanup()


async def statuses(provider: Provider, folder: Path, group: str, times: int) -> Counter[int]:
    seen: Counter[int] = Counter()
    question = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    async with (
        gateways.start(CONFIG.format(url=provider.url), folder) as gateway,
        aiohttp.ClientSession(gateway.url) as http,
    ):
        for _ in range(times):
            async with http.post(f"/{group}/v1/chat/completions", json=question) as reply:
                seen[reply.status] += 1
    return seen


async def test_400_requests_over_three_keys_and_one_split_300_to_100(
    provider: Provider, tmp_path: Path
) -> None:
    assert await statuses(provider, tmp_path, "rotating", 400) == {200: 400}
    assert set(provider.asked.values()) == {100}
    assert provider.asked["key-four-00004"] == 100
    assert len(provider.asked) == 4


async def test_429_503_and_200_over_three_keys_give_one_success(
    provider: Provider, tmp_path: Path
) -> None:
    provider.errors = {"key-one-000001": 429, "key-two-000002": 503}

    assert await statuses(provider, tmp_path, "plain", 1) == {200: 1}
    assert list(provider.asked.values()) == [1, 1, 1]


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_an_error_of_the_request_rests_no_key(
    provider: Provider, tmp_path: Path, status: int
) -> None:
    provider.errors = {"key-one-000001": status}

    assert await statuses(provider, tmp_path, "plain", 9) == {200: 6, status: 3}
    assert set(provider.asked.values()) == {3}
