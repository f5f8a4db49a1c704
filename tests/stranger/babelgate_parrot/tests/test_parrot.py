"""The parrot passes the kit, and says what it should."""

from __future__ import annotations

import gateway_parrot
import pytest

from gateway.errors import UpstreamError
from gateway.fold import collect
from gateway.model import ChatRequest, Message, Sampling, Text
from gateway.testing.laws import BackendLaws
from gateway.testing.subject import Subject


class TestParrot(BackendLaws):
    plugin = gateway_parrot
    backend = "parrot"


async def said(text, **more):
    subject = Subject(gateway_parrot)
    request = ChatRequest("polly", [Message("user", [Text(text)])], **more)
    batches = [batch async for batch in subject.ask(subject.call("parrot", request))]
    return collect(event for batch in batches for event in batch)


async def test_it_says_the_words_again():
    reply = await said("Polly wants a cracker")

    assert reply.parts == [Text("Polly wants a cracker ")]
    assert (reply.usage.input, reply.usage.output) == (4, 4)


async def test_it_stops_at_the_limit():
    reply = await said("Polly wants a cracker", sampling=Sampling(max_tokens=2))

    assert (reply.parts, reply.finish.reason) == ([Text("Polly wants ")], "length")


async def test_a_silent_parrot_is_an_error_before_the_first_event():
    with pytest.raises(UpstreamError, match="nothing to say"):
        await said("silence")
