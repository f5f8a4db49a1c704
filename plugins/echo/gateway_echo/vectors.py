"""Vectors without a model: the same text always gives the same one, of length 1."""

from __future__ import annotations

import hashlib
import math

from gateway.context import EmbedCall
from gateway.embedding import EmbedReply, Vector, estimate_inputs, note_unsaid, words_of
from gateway.events import Usage

LENGTH = 8
"""Numbers in a vector whose length nobody asked for."""


async def vectors(call: EmbedCall) -> EmbedReply:
    """The vectors of all inputs. Raises NotOffered for what is no text."""
    request = call.request
    note_unsaid(request, "echo", call.attempt.losses)
    texts = [words_of(given, call.attempt) for given in request.inputs]
    return EmbedReply(
        [_vector(text, request.dimensions or LENGTH) for text in texts],
        call.target.model,
        Usage(input=estimate_inputs(request.inputs), source="estimated"),
    )


def _vector(text: str, length: int) -> Vector:
    """Of that many numbers, from 1; a hash gives them, so nothing near in meaning is near here."""
    digest = hashlib.shake_128(text.encode()).digest(max(1, length))
    numbers = [byte - 127.5 for byte in digest]
    size = math.hypot(*numbers)
    return [number / size for number in numbers]
