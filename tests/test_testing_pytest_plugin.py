"""The kit's `gateway` fixture serves real exchanges, and loading the plugin costs nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import aiohttp
import pytest

from gateway.errors import ConfigError
from gateway.testing.upstreams import Reply

pytestmark = pytest.mark.timeout(30)
CONFIGURATION = """
[upstreams.fake]
dialect = "openai"
base_url = "{url}/v1"
keys = ["sk-fake-key-for-tests"]

[groups.default.models]
"*" = "fake/real-model"
"""
ANSWER = {
    "id": "reply_1",
    "object": "chat.completion",
    "created": 1,
    "model": "real-model",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Paris."},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}


async def test_a_gateway_answers_a_client_of_another_dialect(gateway, fake_upstream):
    fake_upstream.answers(Reply.json(ANSWER))
    running = await gateway(CONFIGURATION.format(url=fake_upstream.url))
    question = {
        "model": "claude-sonnet",
        "max_tokens": 10,
        "messages": [{"role": "user", "content": "Capital of France?"}],
    }

    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{running.url}/v1/messages", json=question) as reply,
    ):
        body = await reply.json()

    assert body["content"] == [{"type": "text", "text": "Paris."}]
    assert fake_upstream.requests[0].json()["model"] == "real-model"


async def test_a_wrong_configuration_is_the_gateways_own_complaint(gateway):
    with pytest.raises(ConfigError, match="nobody"):
        await gateway('[upstreams.x]\nbackend = "nobody"')


def test_the_plugin_imports_nothing_heavy():
    code = (
        "import sys, json, gateway.testing.pytest_plugin;"
        "print(json.dumps([m for m in sys.modules if m in"
        " ('hypothesis', 'aiohttp', 'gateway.hooks', 'gateway.app', 'gateway.testing.laws')]))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert json.loads(done.stdout) == []
