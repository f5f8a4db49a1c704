"""A request for vectors from end to end: the record of it, and plugins that carry it themselves."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession

from gateway.hooks import hookimpl
from gateway.testing.gateways import start
from gateway.testing.upstreams import FakeUpstream, Reply

CONFIG = """
[upstreams.oai]
dialect = "openai"
base_url = "{url}/v1"

[upstreams.goo]
dialect = "gemini"
base_url = "{url}"

[upstreams.echo]
backend = "echo"

[groups.default.models]
"alike" = "oai/m"
"other" = "goo/m"
"echo" = "echo/e"
"""
OPENAI = {
    "object": "list",
    "model": "m",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}],
    "usage": {"prompt_tokens": 3, "total_tokens": 3},
}
GEMINI = {"embeddings": [{"values": [0.5, -0.25], "statistics": {"truncated": True}}]}
ASK = {"input": "Hello there", "user": "alice"}


class Watcher:
    """Keeps the records of exchanges."""

    API_VERSION = 1

    def __init__(self) -> None:
        self.records = []

    @hookimpl
    def exchange_finished(self, record):
        self.records.append(record)


@pytest.fixture
def watcher():
    return Watcher()


@pytest.fixture
async def ask(tmp_path, watcher):
    """Asks the gateway for vectors of a model whose upstream answers `reply`."""

    async def asked(model, reply=None, **more):
        async with FakeUpstream() as upstream:
            upstream.answers(Reply.json(reply))
            config = CONFIG.format(url=upstream.url)
            async with (
                start(config, tmp_path, [watcher]) as gateway,
                ClientSession() as session,
                session.post(
                    f"{gateway.url}/v1/embeddings", json={"model": model, **ASK, **more}
                ) as got,
            ):
                return got.status, await got.json()

    return asked


async def test_a_relayed_exchange_is_on_record(ask, watcher):
    status, body = await ask("alike", OPENAI)

    (record,) = watcher.records
    assert (status, body) == (200, OPENAI)
    assert (record.relayed, record.target, record.status) == (True, "oai/m", 200)
    assert (record.usage.input, record.usage.source) == (3, "provider")
    assert record.losses == []
    assert record.first_byte is not None


async def test_a_translated_exchange_is_on_record_with_what_was_lost_both_ways(ask, watcher):
    await ask("other", GEMINI)

    (record,) = watcher.records
    assert (record.relayed, record.target, record.usage.source) == (False, "goo/m", "estimated")
    assert [(loss.path, loss.weight) for loss in record.losses] == [
        ("user", "hint"),
        ("reply.embeddings.statistics", "meaning"),
    ]


@pytest.mark.parametrize("reply", [{}, [], {"data": "x"}, {"data": [{"embedding": None}]}, 5])
async def test_a_relayed_reply_must_be_what_was_asked_for(ask, watcher, reply):
    status, body = await ask("alike", reply)

    (record,) = watcher.records
    if reply == {"data": [{"embedding": None}]}:
        assert status == 200  # vectors that are passed on are not read
    else:
        assert status == 502
        assert "no list of embeddings" in body["error"]["message"] == record.error


@pytest.mark.parametrize(
    "reply", [{}, [], {"embeddings": 1}, {"embeddings": [1]}, {"embeddings": [{"values": ["a"]}]}]
)
async def test_a_translated_reply_must_be_what_was_asked_for(ask, reply):
    status, body = await ask("other", reply)

    assert status == 502
    assert "could not be read" in body["error"]["message"]


async def test_a_plugin_may_carry_a_call_for_vectors_itself(ask, watcher):
    _, first = await ask("echo", dimensions=5)
    _, again = await ask("echo", dimensions=5)

    assert first == again
    assert len(first["data"][0]["embedding"]) == 5
    assert [loss.path for loss in watcher.records[0].losses] == []
    assert watcher.records[0].usage.source == "estimated"
