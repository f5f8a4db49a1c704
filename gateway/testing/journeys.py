"""Send requests and replies through a plugin's arrows, there and back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from attrs import evolve

from gateway.attempt import Attempt
from gateway.events import Event
from gateway.model import ChatRequest, Reasoning
from gateway.testing import corpus
from gateway.testing.subject import Subject
from gateway.wire import InboundWire, UpstreamWire


def asked(subject: Subject, dialect: str, *, stream: bool) -> ChatRequest:
    """A client's plain question, with a wish to see the thoughts and the usage."""
    question = corpus.request("text", dialect)
    request = evolve(question, stream=stream, reasoning=Reasoning("on", budget=1024, include=True))
    request = evolve(request, sampling=evolve(request.sampling, max_tokens=4096))
    return subject.asking(dialect, request)


def encode(
    subject: Subject,
    dialect: str,
    events: Iterable[Event],
    *,
    stream: bool,
    attempt: Attempt | None = None,
) -> bytes:
    """The client's bytes, events fed one by one. Raises the error of a failed whole reply."""
    attempt = attempt or subject.attempt(_any_backend(subject, dialect), dialect, stream=stream)
    encoder = subject.encoder(dialect, asked(subject, dialect, stream=stream), attempt)
    pieces = [encoder.feed([event]) for event in events]
    return b"".join([*pieces, encoder.close()])


def encode_at_once(subject: Subject, dialect: str, events: list[Event]) -> bytes:
    """The client's stream when all events came in one network read."""
    attempt = subject.attempt(_any_backend(subject, dialect), dialect, stream=True)
    encoder = subject.encoder(dialect, asked(subject, dialect, stream=True), attempt)
    return encoder.feed(events) + encoder.close()


def decode(
    subject: Subject,
    backend: str,
    pieces: Iterable[bytes],
    *,
    stream: bool,
    attempt: Attempt | None = None,
) -> list[Event]:
    """The events of an upstream's reply that arrives in `pieces`."""
    attempt = attempt or subject.attempt(backend, backend, stream=stream)
    decoder = subject.decoder(backend, attempt, stream=stream)
    events: list[Event] = []
    for piece in pieces:
        events += decoder.feed(piece)
    return events + decoder.close()


def home(subject: Subject, dialect: str, wire: InboundWire) -> UpstreamWire:
    """A client's request written for an upstream of the client's own dialect."""
    request = subject.read(dialect, wire)
    attempt = subject.attempt(dialect, dialect, stream=bool(request.stream))
    return subject.write(dialect, request, attempt)


def there_and_back(subject: Subject, dialect: str, request: ChatRequest) -> ChatRequest:
    """A request written for its dialect's upstream and read as a client's."""
    stream = bool(request.stream)
    attempt = subject.attempt(dialect, dialect, stream=stream)
    sent = subject.write(dialect, request, attempt)
    return subject.read(dialect, subject.arriving(dialect, sent, stream=stream), stream=stream)


def byte_by_byte(data: bytes) -> Iterator[bytes]:
    return (data[place : place + 1] for place in range(len(data)))


def line_by_line(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def cut(data: bytes, places: Iterable[int]) -> Iterator[bytes]:
    """`data` in pieces, cut at rising `places`; pieces may be empty."""
    start = 0
    for place in places:
        yield data[start:place]
        start = place
    yield data[start:]


def early_ends(data: bytes, most: int = 60, seed: int = 7) -> list[int]:
    """Where a reply may break off: after every line, and at random bytes; `most` of each."""
    lines = [place + 1 for place, byte in enumerate(data[:-1]) if byte == ord("\n")]
    step = max(1, len(lines) // most)
    anywhere = random.Random(seed).sample(range(len(data)), min(most, len(data)))  # noqa: S311 - repeatable, not secret
    return sorted({0, *lines[::step], *anywhere})


def _any_backend(subject: Subject, dialect: str) -> str:
    return dialect if dialect in subject.backends else next(iter(subject.backends))
