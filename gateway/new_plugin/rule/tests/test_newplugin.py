"""Newplugin keeps the laws of rules, and says its text to the model."""

from __future__ import annotations

import aiohttp
from gateway_newplugin import Settings

from gateway.settings import Group
from gateway.testing.laws import RuleLaws
from gateway.testing.upstreams import Reply

CONFIGURATION = """
[upstreams.fake]
dialect = "openai"
base_url = "{url}/v1"

[groups.brief.models]
"*" = "fake/any-model"

[groups.brief.newplugin]
text = "Answer in one sentence."

[groups.plain.models]
"*" = "fake/any-model"
"""


class TestNewplugin(RuleLaws):
    plugin = "gateway_newplugin"
    group = Group("brief", extra={"newplugin": Settings("Answer in one sentence.")})


async def asked(gateway, fake_upstream, group):
    """What the model is told when a client of `group` asks something."""
    fake_upstream.answers(Reply.json({"error": {"message": "not today"}}, 400))
    running = await gateway(CONFIGURATION.format(url=fake_upstream.url))
    question = {"model": "any", "messages": [{"role": "user", "content": "Hello!"}]}
    async with aiohttp.ClientSession() as session:
        await session.post(f"{running.url}/{group}/v1/chat/completions", json=question)
    return (await fake_upstream.asked()).json()["messages"]


async def test_the_model_is_told_the_text(gateway, fake_upstream):
    messages = await asked(gateway, fake_upstream, "brief")

    assert messages == [
        {"role": "system", "content": "Answer in one sentence."},
        {"role": "user", "content": "Hello!"},
    ]


async def test_other_groups_are_left_alone(gateway, fake_upstream):
    messages = await asked(gateway, fake_upstream, "plain")

    assert messages == [{"role": "user", "content": "Hello!"}]
