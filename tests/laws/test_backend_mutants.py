"""Each law of backends catches its bug: a small backend, broken in one place at a time."""

from __future__ import annotations

import inspect

import pytest

from gateway.errors import UpstreamError
from gateway.events import Delta, Failure, Finish, PartEnd, PartStart, Start
from gateway.hooks import Backend, hookimpl
from gateway.testing.laws import BackendLaws

CAUGHT = (AssertionError, pytest.fail.Exception)
SAID = [
    [Start("r", "m")],
    [PartStart(0, "text"), Delta(0, "Hi.")],
    [PartEnd(0), Finish("stop")],
]


class Brief:
    """Says the same to everyone."""

    batches = SAID

    @hookimpl
    def register_backends(self):
        return [Backend("brief", needs_url=False)]

    @hookimpl
    def call_backend(self, call):
        return self.reply(call) if call.backend.name == "brief" else None

    async def reply(self, call):
        for batch in self.batches:
            yield batch


class TestBrief(BackendLaws):
    plugin = Brief()
    backend = "brief"


class ForgetsTheEnd(Brief):
    batches = SAID[:-1]


class SendsEmptyBatches(Brief):
    batches = [*SAID[:1], [], *SAID[1:]]


class Fails(Brief):
    batches = [*SAID[:1], [Failure(UpstreamError("never works"))]]


class ChangesTheRequest(Brief):
    async def reply(self, call):
        call.request.messages.pop()
        for batch in self.batches:
            yield batch


class AnswersForEveryone(Brief):
    @hookimpl
    def call_backend(self, call):
        return self.reply(call)


class Stream:
    """An iterator that pays no heed to being closed."""

    def __init__(self):
        self.left = list(SAID)

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        return self.left.pop(0)

    async def aclose(self):
        pass


class GoesOn(Brief):
    def reply(self, call):
        return Stream()


class TakesAnArgumentOfItsOwn(Brief):
    @hookimpl
    def call_backend(self, call, mood):
        return self.reply(call)


MUTANTS = {
    "test_the_gateway_loads_it": (TakesAnArgumentOfItsOwn,),
    "test_a_reply_keeps_the_grammar": (ForgetsTheEnd, "text"),
    "test_a_plain_question_gets_an_answer": (Fails,),
    "test_the_request_stays_as_it_was": (ChangesTheRequest,),
    "test_a_call_may_be_left_early": (GoesOn,),
    "test_a_call_that_never_started_can_be_closed": (GoesOn,),
    "test_calls_of_other_backends_are_declined": (AnswersForEveryone,),
}


async def keep(law, mutant, *arguments):
    broken = type("Broken", (TestBrief,), {"plugin": mutant()})()
    kept = getattr(broken, law)(*arguments)
    if inspect.isawaitable(kept):
        await kept


@pytest.mark.parametrize("law", sorted(MUTANTS))
async def test_a_law_catches_its_bug(law):
    with pytest.raises(CAUGHT):
        await keep(law, *MUTANTS[law])


async def test_an_empty_batch_is_caught():
    with pytest.raises(AssertionError, match="empty batch"):
        await keep("test_a_reply_keeps_the_grammar", SendsEmptyBatches, "text")


def test_every_law_has_a_bug_to_catch():
    laws = {name for name, _ in inspect.getmembers(BackendLaws) if name.startswith("test_")}

    assert laws == set(MUTANTS)
