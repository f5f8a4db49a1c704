"""Laws of a backend that carries its calls itself, without a dialect's arrows."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import ClassVar

import pytest
from attrs import evolve

from gateway.events import Event, Failure, Start
from gateway.hooks import Backend
from gateway.model import ChatRequest
from gateway.testing import corpus, grammar
from gateway.testing.laws.guard import Laws

requests = pytest.mark.parametrize("name", [entry.name for entry in corpus.requests()])


class BackendLaws(Laws):
    """What every `call_backend` keeps. The tests are coroutines (pytest's asyncio mode "auto").

    backend: its name.
    """

    backend: ClassVar[str]

    @requests
    async def test_a_reply_keeps_the_grammar(self, name: str) -> None:
        for stream in (True, False):
            batches = await self.batches(name, stream=stream)
            grammar.check([event for batch in batches for event in batch])
            assert all(batches), "an empty batch is a network read without an event: leave it out"

    async def test_a_plain_question_gets_an_answer(self) -> None:
        events = [event for batch in await self.batches("text", stream=True) for event in batch]

        assert not isinstance(events[-1], Failure), events[-1]
        assert any(isinstance(event, Start) for event in events)

    async def test_the_request_stays_as_it_was(self) -> None:
        request, same = corpus.request("tool_turn"), corpus.request("tool_turn")

        async with aclosing(self.asked(request)) as batches:
            assert [batch async for batch in batches]

        assert request == same

    async def test_a_call_may_be_left_early(self) -> None:
        call = self.asked(evolve(corpus.request("text"), stream=True))

        async with aclosing(call) as batches:
            await anext(batches)

        with pytest.raises(StopAsyncIteration):
            await anext(call)

    async def test_a_call_that_never_started_can_be_closed(self) -> None:
        call = self.asked(corpus.request("text"))

        await call.aclose()

        with pytest.raises(StopAsyncIteration):
            await anext(call)

    def test_calls_of_other_backends_are_declined(self) -> None:
        call = self.subject.call(self.backend, corpus.request("text"))
        other = evolve(call, backend=Backend("somebody-else"))

        assert self.subject.manager.hook.call_backend(call=other) is None

    async def batches(self, name: str, *, stream: bool) -> list[list[Event]]:
        request = evolve(corpus.request(name), stream=stream)
        async with aclosing(self.asked(request)) as batches:
            return [batch async for batch in batches]

    def asked(self, request: ChatRequest) -> AsyncGenerator[list[Event], None]:
        return self.subject.ask(self.subject.call(self.backend, request))
