"""Streams are real, whatever the model is called: the first words come before the last are made."""

from __future__ import annotations

import aiohttp
import pytest

from gateway.testing.upstreams import FakeUpstream, Hold, Reply

CONFIG = """
[upstreams.oai]
dialect = "openai"
base_url = "{url}/v1"

[groups.default.models]
"*" = "oai/*"
"""
BODIES = {
    "/v1/chat/completions": {},
    "/v1/messages": {"max_tokens": 9},
    "/v1/responses": {},
    "/api/chat": {},
}


def chunk(delta: str, finish: str = "null") -> bytes:
    head = b'{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":'
    choice = f'[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}'
    return b"data: " + head + choice.encode() + b"\n\n"


CALL = '{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"look","arguments":"{}"}}]}'  # noqa: E501 - one line of the wire


@pytest.mark.parametrize("path", BODIES)
async def test_st8_an_unknown_model_is_streamed_as_it_answers(path, gateway):
    held = Hold()
    async with FakeUpstream() as upstream:
        upstream.answers(
            Reply.stream(
                chunk('{"role":"assistant","content":"early"}'),
                held,
                chunk(CALL),
                chunk("{}", '"tool_calls"'),
                b"data: [DONE]\n\n",
            )
        )
        running = await gateway(CONFIG.format(url=upstream.url))
        said = [{"role": "user", "content": "hello"}]
        field = "input" if path == "/v1/responses" else "messages"
        body = {"model": "nobody-knows-it", "stream": True, field: said, **BODIES[path]}

        async with (
            aiohttp.ClientSession() as session,
            session.post(running.url + path, json=body) as reply,
        ):
            early = b""
            while b"early" not in early:
                early += await reply.content.readany()
            held.release()
            late = await reply.content.read()

    assert b"look" not in early
    assert b"look" in late
