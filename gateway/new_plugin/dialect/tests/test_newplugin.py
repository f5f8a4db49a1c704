"""Newplugin keeps every law of a dialect, and its clients can use any model."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import orjson

from gateway.testing.laws import DialectLaws
from gateway.testing.upstreams import Reply

CONFIGURATION = """
[upstreams.fake]
dialect = "openai"
base_url = "{url}/v1"

[groups.default.models]
"*" = "fake/any-model"
"""
ANSWER = {
    "id": "reply_1",
    "object": "chat.completion",
    "created": 1,
    "model": "any-model",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hi!"}, "finish_reason": "stop"}
    ],
}


class TestNewplugin(DialectLaws):
    plugin = "gateway_newplugin"
    dialect = "newplugin"
    captures = Path(__file__).parent / "captures"
    lacks = frozenset(["Sampling.top_k"])


async def test_its_clients_can_use_a_model_of_another_dialect(gateway, fake_upstream):
    fake_upstream.answers(Reply.json(ANSWER))
    running = await gateway(CONFIGURATION.format(url=fake_upstream.url))
    question = (Path(__file__).parent / "captures" / "hello.json").read_bytes()

    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{running.url}/newplugin/chat", json=orjson.loads(question)["body"]) as reply,
    ):
        events = await reply.json()

    assert [event["text"] for event in events if event["type"] == "delta"] == ["Hi!"]
    asked = (await fake_upstream.asked()).json()["messages"]
    assert asked == [{"role": "user", "content": "Hello!"}]
