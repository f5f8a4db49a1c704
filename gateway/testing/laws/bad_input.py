"""Laws of bad input: a wrong request is a RequestError, a wrong reply a Failure, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError, RequestError
from gateway.events import Failure, Finish
from gateway.losses import show
from gateway.model import Json
from gateway.testing import corpus, grammar
from gateway.testing.captures import captures
from gateway.testing.journeys import decode, encode, home
from gateway.testing.laws.guard import Laws, generated
from gateway.testing.leaves import nodes, replaced, samples

WRONG: tuple[Json, ...] = (None, True, 7, -0.5, "x", "", [], {}, [1], [None], [[]], {"x": None})
"""One of each kind of JSON, and those that slip through a check of the kind alone."""
BODIES = (b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff\xfe", b'{"a":1}}', b"<html></html>")


class BadInputLaws(Laws):
    """No input makes an arrow raise what its contract doesn't name."""

    dialect: ClassVar[str]
    captures: ClassVar[Path | None] = None

    def test_every_value_of_the_wrong_kind_is_refused_or_carried(self) -> None:
        for body, node in samples(self.bodies()):
            for wrong in WRONG:
                self.check_request(replaced(body, node.path, wrong), f"{show(node.path)}={wrong!r}")

    @pytest.mark.parametrize("body", BODIES)
    def test_a_body_that_is_no_request_is_refused(self, body: bytes) -> None:
        wire = self.subject.wire(self.dialect, body)

        with pytest.raises(RequestError) as refused:
            self.subject.read(self.dialect, wire)

        assert refused.value.message
        with pytest.raises(RequestError):
            self.subject.dialects[self.dialect].facts(wire, self.subject.endpoint(self.dialect))

    @generated
    @given(pieces=st.lists(st.binary(max_size=40), max_size=6))
    def test_random_bytes_never_make_the_decoder_raise(self, pieces: list[bytes]) -> None:
        self.check_reply(pieces, "random bytes")

    @generated
    @given(data=st.data())
    def test_a_damaged_reply_never_makes_the_decoder_raise(self, data: st.DataObject) -> None:
        whole = self.example(stream=True)
        place = data.draw(st.integers(0, len(whole)))
        junk = data.draw(st.sampled_from([b"\xff", b"\n", b"\n\n", b"{", b"}", b"null", b"\r"]))

        self.check_reply([whole[:place] + junk + whole[place:]], f"{junk!r} at byte {place}")

    @pytest.mark.parametrize(
        "data",
        [
            b"<html><body>502 Bad Gateway</body></html>",
            b'data: {"unexpected": true}\n\n',
            b"data: [1, 2]\n\n",
            b"data: null\n\n",
            b"[]",
            b"null",
            b'{"error": null}',
            b'{"error": "x"}\n',
            b'data: {"error": {"message": 5}}\n\n',
        ],
    )
    def test_a_reply_of_another_kind_is_a_failure(self, data: bytes) -> None:
        for stream in (True, False):
            events = decode(self.subject, self.dialect, [data], stream=stream)
            grammar.check(events)
            assert isinstance(events[-1], Failure), f"stream={stream}: {events[-1]!r}"

    def test_no_value_of_the_wrong_kind_makes_the_decoder_raise(self) -> None:
        seen: set[Json] = set()
        for data, stream in (
            (self.example(stream=True), True),
            (self.example(stream=False), False),
        ):
            for changed, what in _damaged_lines(data, seen):
                self.check_reply([changed], what, stream=stream)

    def check_request(self, body: Json, what: str) -> None:
        """Read and write it; only a GatewayError with words may come of it."""
        wire = self.subject.wire(self.dialect, body)
        facts = self.subject.dialects[self.dialect].facts
        words = "carried"
        try:
            facts(wire, self.subject.endpoint(self.dialect))
            home(self.subject, self.dialect, wire)
        except RequestError as refused:
            words = refused.message
        except Exception as error:
            raise AssertionError(f"{what} raises {type(error).__name__}: {error}") from error
        assert words, f"{what} is refused without a word"

    def check_reply(self, pieces: list[bytes], what: str, *, stream: bool | None = None) -> None:
        """Decode it, both ways unless told; it must be a reply by the grammar."""
        for way in (True, False) if stream is None else (stream,):
            try:
                events = decode(self.subject, self.dialect, pieces, stream=way)
            except Exception as error:
                raise AssertionError(f"{what} raises {type(error).__name__}: {error}") from error
            found = grammar.complaints(events)
            assert not found, f"{what}, stream={way}: {found}"
            assert isinstance(events[-1], Finish | Failure)

    def bodies(self) -> list[Json]:
        """Captured requests, and the corpus as the dialect writes it."""
        recorded = captures(self.captures, self.subject.dialects[self.dialect])
        return [*(capture.body for capture in recorded), *self.corpus_bodies()]

    def corpus_bodies(self) -> Iterator[Json]:
        for entry in corpus.requests(self.dialect):
            attempt = self.subject.attempt(self.dialect, self.dialect)
            try:
                yield self.subject.write(self.dialect, entry.request, attempt).body
            except GatewayError:
                continue

    def example(self, *, stream: bool) -> bytes:
        """A reply with much in it."""
        events = corpus.stream("everything", self.dialect)
        return encode(self.subject, self.dialect, events, stream=stream)


def _damaged_lines(data: bytes, seen: set[Json]) -> Iterator[tuple[bytes, str]]:
    """`data` with one value of one of its JSON lines replaced, once for each kind of value."""
    lines = data.split(b"\n")
    for place, line in enumerate(lines):
        start = line.find(b"{")
        if start < 0 or not line.endswith(b"}"):
            continue
        body = orjson.loads(line[start:])
        for node in nodes(body):
            kind = (*(step for step in node.path if isinstance(step, str)), body.get("type"))
            if kind in seen:
                continue
            seen.add(kind)
            for wrong in WRONG:
                changed = line[:start] + orjson.dumps(replaced(body, node.path, wrong))
                where = f"line {place}, {show(node.path)}={wrong!r}"
                yield b"\n".join([*lines[:place], changed, *lines[place + 1 :]]), where
