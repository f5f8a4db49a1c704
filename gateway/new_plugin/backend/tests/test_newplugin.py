"""Newplugin keeps the laws of backends, and answers clients of any dialect."""

from __future__ import annotations

import aiohttp

from gateway.testing.laws import BackendLaws

CONFIGURATION = """
[upstreams.mine]
backend = "newplugin"

[groups.default.models]
"*" = "mine/any-model"
"""


class TestNewplugin(BackendLaws):
    plugin = "gateway_newplugin"
    backend = "newplugin"


async def test_a_client_gets_its_answer(gateway):
    running = await gateway(CONFIGURATION)
    question = {"model": "any", "messages": [{"role": "user", "content": "Hello!"}]}

    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{running.url}/v1/chat/completions", json=question) as reply,
    ):
        body = await reply.json()

    assert body["choices"][0]["message"]["content"] == "You said: Hello! "


async def test_an_expired_key_is_the_clients_error(gateway):
    configuration = CONFIGURATION.replace('"newplugin"', '"newplugin"\nkeys = ["expired"]')
    running = await gateway(configuration)
    question = {"model": "any", "messages": [{"role": "user", "content": "Hello!"}]}

    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{running.url}/v1/chat/completions", json=question) as reply,
    ):
        assert reply.status >= 400
        assert "expired" in await reply.text()
