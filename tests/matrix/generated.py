"""What the generated tests of all pairs share: how many examples, and the way across."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import settings

from gateway.events import Event
from gateway.testing import grammar
from gateway.testing.journeys import decode
from gateway.testing.laws.guard import examples, generated
from gateway.testing.pairs import across
from tests.matrix.pairs import SUBJECT

many = settings(generated, max_examples=examples(180))
"""25 pairs, two laws, 180 examples each: with the kit's own laws more than 10,000 a run."""


def told(upstream: str, client: str, pieces: Iterable[bytes]) -> list[Event]:
    """What the client is told of an upstream's bytes; it must be a reply by the grammar."""
    sent, _ = across(SUBJECT, upstream, client, pieces, stream=True)
    decoded = decode(SUBJECT, client, [sent], stream=True)
    grammar.check(decoded)
    return decoded
