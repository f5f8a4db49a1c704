"""Vectors without a model: the same text always gives the same one, of length 1."""

from __future__ import annotations

import hashlib
import math

from gateway.context import EmbedCall
from gateway.embedding import EmbedReply, Vector, estimate_inputs, note_unsaid, words_of
from gateway.errors import NotOffered
from gateway.events import Usage

LENGTH = 8
"""Numbers in a vector whose length nobody asked for."""
LONGEST = 4096


async def vectors(call: EmbedCall) -> EmbedReply:
    """The vectors of all inputs. Raises NotOffered for what is no text, or too long a vector."""
    request = call.request
    length = LENGTH if request.dimensions is None else request.dimensions
    if not 1 <= length <= LONGEST:
        raise NotOffered(f"echo's vectors have 1 to {LONGEST} numbers", param="dimensions")
    note_unsaid(request, "echo", call.attempt.losses)
    texts = [words_of(given, call.attempt) for given in request.inputs]
    return EmbedReply(
        [_vector(text, length) for text in texts],
        call.target.model,
        Usage(input=estimate_inputs(request.inputs), source="estimated"),
    )


def _vector(text: str, length: int) -> Vector:
    """A hash gives the numbers, so nothing that is near in meaning is near here."""
    digest = hashlib.shake_128(text.encode()).digest(length)
    numbers = [byte - 127.5 for byte in digest]
    size = math.hypot(*numbers)
    return [number / size for number in numbers]
