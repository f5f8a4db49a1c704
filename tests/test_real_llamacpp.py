"""A real llama.cpp server behind the gateway says itself that its model takes no tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp

from gateway.hooks import hookimpl
from gateway.testing import gateways
from gateway_local.facts import LocalSettings
from gateway_local.servers import Servers

CONFIG = """
[upstreams.cpp]
preset = "llamacpp"
base_url = "{url}/v1"
keys = ["{key}"]

[groups.default.models]
"*" = "cpp/*"
"""
QUESTION = {
    "model": "smol",
    "max_tokens": 1,
    "messages": [{"role": "user", "content": "How deep is the Aare?"}],
    "tools": [{"type": "function", "function": {"name": "measure_river"}}],
}


class Rewritten:
    """Sees the request as the plugins before it left it."""

    def __init__(self) -> None:
        self.tools: list[Any] = []

    @hookimpl(trylast=True)
    def rewrite_prompt(self, request: Any) -> None:
        self.tools.append(request.tools)


async def test_the_demo_models_server_is_found_out_to_need_words(tmp_path: Path) -> None:
    servers, seen = Servers(), Rewritten()
    try:
        address = await servers.address("cpp", LocalSettings())
        config = CONFIG.format(url=address.base_url, key=address.key)
        async with (
            gateways.start(config, tmp_path, [seen]) as gateway,
            aiohttp.ClientSession() as http,
            http.post(f"{gateway.url}/v1/chat/completions", json=QUESTION) as reply,
        ):
            assert reply.status == 200, await reply.text()
    finally:
        await servers.stop()

    assert seen.tools == [None]
