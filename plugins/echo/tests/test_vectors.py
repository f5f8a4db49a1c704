"""Vectors of the echo: always the same, of length 1, as long as was asked for."""

from __future__ import annotations

import math

import pytest

from gateway.attempt import Attempt, Target
from gateway.context import EmbedCall
from gateway.embedding import EmbedInput, EmbedRequest
from gateway.errors import NotOffered
from gateway.hooks import Backend
from gateway.model import Text
from gateway.settings import UpstreamSettings
from gateway.upstream import Upstream
from gateway_echo import embed, register_backends


def call_of(*inputs: EmbedInput, **fields: int) -> EmbedCall:
    [backend] = register_backends()
    upstream = Upstream(UpstreamSettings("practice", "echo"), backend)
    attempt = Attempt(Target("practice", "echo", "echo"))
    return EmbedCall(EmbedRequest("m", list(inputs), **fields), attempt, backend, upstream)


async def test_the_same_text_has_the_same_vector_and_another_another() -> None:
    reply = await embed(call_of(*(EmbedInput([Text(text)]) for text in ("a", "a", "b"))))

    first, again, other = reply.vectors
    assert first == again != other
    assert (len(first), math.hypot(*first)) == (8, pytest.approx(1.0))
    assert reply.usage.source == "estimated"


async def test_the_vector_is_as_long_as_was_asked_for() -> None:
    reply = await embed(call_of(EmbedInput([Text("a")]), dimensions=300))

    assert len(reply.vectors[0]) == 300


@pytest.mark.parametrize("length", [-1, 0, 4097, 10**12])
async def test_a_length_that_no_vector_has_is_refused(length: int) -> None:
    with pytest.raises(NotOffered, match="1 to 4096"):
        await embed(call_of(EmbedInput([Text("a")]), dimensions=length))


async def test_token_numbers_are_refused() -> None:
    with pytest.raises(NotOffered, match="send text"):
        await embed(call_of(EmbedInput(tokens=[1])))


def test_other_backends_are_declined() -> None:
    call = call_of(EmbedInput([Text("a")]))
    call.backend = Backend("other")

    assert embed(call) is None
