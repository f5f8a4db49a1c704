"""Providers are asked what their models can do: once, in nobody's way; the user's word is first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from gateway.abilities import Abilities
from gateway.hooks import hookimpl
from gateway.testing import gateways

TOOL = {
    "type": "function",
    "function": {
        "name": "measure_river",
        "parameters": {"type": "object", "properties": {"river": {"type": "string"}}},
    },
}
QUESTION = {
    "model": "m",
    "messages": [{"role": "user", "content": "How deep is the Aare?"}],
    "tools": [TOOL],
}
CONFIG = """
[upstreams.cpp]
preset = "llamacpp"
base_url = "{url}/v1"
keys = ["sk-of-the-server-0123456789"]
{more}

[upstreams.oll]
dialect = "ollama"
base_url = "{url}"
{more}

[groups.cpp.models]
"*" = "cpp/*"
[groups.oll.models]
"*" = "oll/*"
"""
CALLED = '<tool_call>{"name": "measure_river", "arguments": {"river": "Aare"}}</tool_call>'


class Server:
    """A local server, llama.cpp's or Ollama's: what it was asked, and what it tells of a model."""

    def __init__(self) -> None:
        self.inquiries: list[str] = []
        self.chats: list[dict[str, Any]] = []
        self.told: Any = {}
        self.status = 200
        self.silent = False
        self.breaks_off = False
        self.app = web.Application()
        self.app.router.add_get("/props", self._tell)
        self.app.router.add_post("/api/show", self._tell)
        self.app.router.add_post("/v1/chat/completions", self._chat)
        self.app.router.add_post("/api/chat", self._chat)

    async def _tell(self, request: web.Request) -> web.StreamResponse:
        asked = request.query.get("model") or (await request.json())["model"]
        self.inquiries.append(asked)
        if self.silent:
            await asyncio.Event().wait()
        if self.breaks_off:
            reply = web.StreamResponse(headers={"Content-Length": "100"})
            await reply.prepare(request)
            await reply.write(b"{")
            raise ConnectionResetError
        return web.json_response(self.told, status=self.status)

    async def _chat(self, request: web.Request) -> web.Response:
        self.chats.append(await request.json())
        message = {"role": "assistant", "content": CALLED}
        if request.path == "/api/chat":
            return web.json_response({"model": "m", "message": message, "done": True})
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m"}
        return web.json_response({**body, "choices": [choice]})


class Finished:
    """Collects the records of exchanges."""

    def __init__(self) -> None:
        self.counts: list[dict[str, int]] = []

    @hookimpl
    def exchange_finished(self, record: Any) -> None:
        self.counts.append(dict(record.counts))


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, str]]:
    server = Server()
    runner = web.AppRunner(server.app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield server, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def ask(url: str, group: str) -> dict[str, Any]:
    address = f"{url}/{group}/v1/chat/completions"
    async with aiohttp.ClientSession() as http, http.post(address, json=QUESTION) as reply:
        body: dict[str, Any] = await reply.json()
        assert reply.status == 200, body
        return body


def props(tools: bool) -> dict[str, Any]:
    return {"chat_template_caps": {"supports_tools": tools}, "modalities": {"vision": False}}


def shown(tools: bool) -> dict[str, Any]:
    return {"capabilities": ["completion", "tools"] if tools else ["completion"]}


@pytest.mark.parametrize(("group", "telling"), [("cpp", props), ("oll", shown)])
@pytest.mark.parametrize("able", [True, False])
async def test_a_model_without_tools_gets_words_and_one_with_tools_gets_them(
    group: str, telling: Any, able: bool, server: tuple[Server, str], tmp_path: Path
) -> None:
    local, url = server
    local.told = telling(able)
    async with gateways.start(CONFIG.format(url=url, more=""), tmp_path) as gateway:
        first = await ask(gateway.url, group)
        await ask(gateway.url, group)

    assert [("tools" in chat) for chat in local.chats] == [able, able]
    assert bool(first["choices"][0]["message"].get("tool_calls")) is not able
    assert local.inquiries == ["m"]


@pytest.mark.parametrize(("group", "telling"), [("cpp", props), ("oll", shown)])
async def test_what_is_configured_goes_before_what_a_server_says(
    group: str, telling: Any, server: tuple[Server, str], tmp_path: Path
) -> None:
    local, url = server
    local.told = telling(False)
    config = CONFIG.format(url=url, more='models."*" = { tools = true }')
    async with gateways.start(config, tmp_path) as gateway:
        await ask(gateway.url, group)

    assert "tools" in local.chats[0]


@pytest.mark.parametrize(
    "told",
    [{}, [], "props", None, {"chat_template_caps": 1}, {"capabilities": {}}, {"modalities": []}],
)
@pytest.mark.parametrize("group", ["cpp", "oll"])
async def test_an_answer_of_another_kind_tells_nothing(
    group: str, told: Any, server: tuple[Server, str], tmp_path: Path
) -> None:
    local, url = server
    local.told = told
    async with gateways.start(CONFIG.format(url=url, more=""), tmp_path) as gateway:
        await ask(gateway.url, group)

    assert "tools" in local.chats[0]


@pytest.mark.parametrize("group", ["cpp", "oll"])
async def test_a_server_that_refuses_to_tell_still_answers(
    group: str, server: tuple[Server, str], tmp_path: Path
) -> None:
    local, url = server
    local.status = 404
    async with gateways.start(CONFIG.format(url=url, more=""), tmp_path) as gateway:
        await ask(gateway.url, group)
        await ask(gateway.url, group)

    assert len(local.chats) == 2
    assert local.inquiries == ["m"]


async def test_a_server_that_breaks_off_while_it_tells_still_answers(
    server: tuple[Server, str], tmp_path: Path
) -> None:
    local, url = server
    local.breaks_off = True
    async with gateways.start(CONFIG.format(url=url, more=""), tmp_path) as gateway:
        await ask(gateway.url, "cpp")

    assert len(local.chats) == 1


def test_made_up_names_of_models_are_not_all_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.abilities.MODELS_KEPT", 3)
    abilities = Abilities()
    for number in range(10):
        abilities.known(f"made-up-{number}")

    assert len(abilities._of) <= 3


async def test_a_server_that_is_silent_when_asked_is_not_waited_for_long(
    server: tuple[Server, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.abilities.WAIT", 0.05)
    local, url = server
    local.silent = True
    async with gateways.start(CONFIG.format(url=url, more=""), tmp_path) as gateway:
        await ask(gateway.url, "cpp")

    assert "tools" in local.chats[0]


async def test_many_first_exchanges_ask_once(server: tuple[Server, str], tmp_path: Path) -> None:
    local, url = server
    local.told = props(False)
    async with gateways.start(CONFIG.format(url=url, more=""), tmp_path) as gateway:
        await asyncio.gather(*(ask(gateway.url, "cpp") for _ in range(5)))

    assert local.inquiries == ["m"]
    assert not any("tools" in chat for chat in local.chats)


async def test_the_record_counts_what_became_of_the_calls(
    server: tuple[Server, str], tmp_path: Path
) -> None:
    local, url = server
    local.told = props(False)
    finished = Finished()
    config = CONFIG.format(url=url, more="")
    async with gateways.start(config, tmp_path, [finished]) as gateway:
        await ask(gateway.url, "cpp")

    assert finished.counts == [{"toolcompat_parsed": 1}]


async def test_what_a_server_tells_holds_for_all_of_its_faces(
    server: tuple[Server, str], tmp_path: Path
) -> None:
    one, url = server
    one.told = {"chat_template_caps": {"supports_tools": False}}
    seen: list[dict[str, Any]] = []

    async def messages(request: web.Request) -> web.Response:
        seen.append(await request.json())
        content = [{"type": "text", "text": CALLED}]
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
        usage = {"input_tokens": 1, "output_tokens": 1}
        return web.json_response(
            {**message, "content": content, "stop_reason": "end_turn", "usage": usage}
        )

    app = web.Application()
    app.router.add_post("/v1/messages", messages)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    face = f"http://127.0.0.1:{runner.addresses[0][1]}"
    tool = {"name": "measure_river", "input_schema": TOOL["function"]["parameters"]}  # type: ignore[index]
    body = {**QUESTION, "max_tokens": 64, "tools": [tool]}
    config = CONFIG.format(url=url, more=f'also = {{ claude = "{face}" }}')
    async with (
        gateways.start(config, tmp_path) as running,
        aiohttp.ClientSession() as http,
        http.post(f"{running.url}/cpp/v1/messages", json=body) as reply,
    ):
        answer = await reply.json()
    await runner.cleanup()

    assert one.inquiries == ["m"]
    assert "tools" not in seen[0]
    assert answer["stop_reason"] == "tool_use"
