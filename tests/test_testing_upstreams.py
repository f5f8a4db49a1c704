"""The fake upstream does to a real client what it is told to."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from gateway.testing.upstreams import CLOSE, RESET, FakeUpstream, Hold, Reply

pytestmark = pytest.mark.timeout(20)


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as session:
        yield session


async def test_it_replays_bytes_and_remembers_the_request(fake_upstream, session):
    fake_upstream.answers(Reply.stream(b"data: 1\n\n", b"data: 2\n\n"))

    async with session.post(
        f"{fake_upstream.url}/v1/chat?beta=true", json={"a": 1}, headers={"X-Team": "blue"}
    ) as reply:
        body = await reply.read()

    seen = fake_upstream.requests[0]
    assert body == b"data: 1\n\ndata: 2\n\n"
    assert reply.content_type == "text/event-stream"
    assert (seen.method, seen.path, seen.query["beta"]) == ("POST", "/v1/chat", "true")
    assert (seen.json(), seen.headers["x-team"]) == ({"a": 1}, "blue")
    assert not seen.left.is_set()


async def test_answers_are_given_in_turn_and_the_last_one_stays(fake_upstream, session):
    fake_upstream.answers(
        Reply.json({"error": "slow down"}, 429, {"retry-after": "2"}),
        lambda seen: Reply.json({"path": seen.path}),
    )

    replies = [await session.get(f"{fake_upstream.url}/{name}") for name in ("a", "b", "c")]

    assert [reply.status for reply in replies] == [429, 200, 200]
    assert replies[0].headers["retry-after"] == "2"
    assert await replies[2].json() == {"path": "/c"}


async def test_a_hold_stops_the_reply_until_it_is_released(fake_upstream, session):
    hold = Hold()
    fake_upstream.answers(Reply.stream(b"first", hold, b"second"))

    async with session.get(fake_upstream.url) as reply:
        await hold.reached
        first = await reply.content.readany()
        hold.release()
        rest = await reply.read()

    assert (first, rest) == (b"first", b"second")


async def test_a_hold_before_the_head_sends_nothing_at_all(fake_upstream, session):
    hold = Hold()
    fake_upstream.answers(Reply([b"{}"], before=hold))
    asking = asyncio.ensure_future(session.get(fake_upstream.url))

    await hold.reached
    assert not asking.done()
    hold.release()

    assert (await asking).status == 200


@pytest.mark.parametrize(
    ("cut", "error"), [(RESET, aiohttp.ClientError), (CLOSE, aiohttp.ClientPayloadError)]
)
async def test_a_reply_can_break_off(fake_upstream, session, cut, error):
    fake_upstream.answers(Reply.stream(b"half an ev", cut))

    async with session.get(fake_upstream.url) as reply:
        with pytest.raises((error, ConnectionError)):
            await reply.read()


async def test_a_client_that_leaves_is_noticed(fake_upstream, session):
    hold = Hold()
    fake_upstream.answers(Reply.stream(b"first", hold))

    async with session.get(fake_upstream.url):
        seen = await fake_upstream.asked()
        await hold.reached

    await seen.left.wait()
    await seen.done.wait()


async def test_a_client_that_leaves_before_the_head_is_noticed(fake_upstream, session):
    fake_upstream.answers(Reply([b"{}"], before=Hold()))
    asking = asyncio.ensure_future(session.get(fake_upstream.url))
    seen = await fake_upstream.asked()

    asking.cancel()

    await seen.left.wait()


async def test_without_an_answer_it_says_so(session):
    async with FakeUpstream() as upstream, session.get(upstream.url) as reply:
        assert reply.status == 500
        assert "no answer" in await reply.text()
