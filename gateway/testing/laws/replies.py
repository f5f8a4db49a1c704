"""Laws of the way back: a reply stays what it was, however its bytes are cut."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError
from gateway.events import Event, Failure, Finish, Ping, Start, UsageSeen
from gateway.fold import ChatReply, collect, normal, replay
from gateway.hooks import Dialect
from gateway.testing import corpus, grammar, strategies
from gateway.testing.comparing import plain_reply
from gateway.testing.journeys import (
    asked,
    byte_by_byte,
    cut,
    decode,
    early_ends,
    encode,
    encode_at_once,
    line_by_line,
)
from gateway.testing.laws.guard import Laws, generated
from gateway.testing.tellings import plain_events, without_foreign
from gateway.wire import InboundWire

ENTRIES = corpus.streams()
all_streams = pytest.mark.parametrize("name", [entry.name for entry in ENTRIES])
good_streams = pytest.mark.parametrize("name", [e.name for e in ENTRIES if e.complete])
bad_streams = pytest.mark.parametrize("name", [e.name for e in ENTRIES if not e.complete])


class ReplyLaws(Laws):
    """Laws 2, 3, 4 and 5.

    dialect: its name. replies: a folder of recorded replies of real upstreams: `*.json` are whole
    bodies, everything else is a stream, byte by byte.
    """

    dialect: ClassVar[str]
    replies: ClassVar[Path | None] = None

    def canonical_events(self, events: list[Event]) -> list[Event]:
        """What a stream is after one trip: the only differences that law 2 allows.

        `events` are in normal form. Override to leave out what the dialect can't say.
        """
        return events

    def canonical_reply(self, reply: ChatReply) -> ChatReply:
        """What a whole body and a folded stream have in common; law 5 compares no more."""
        return reply

    @all_streams
    def test_a_stream_survives_the_trip(self, name: str) -> None:
        self.check_stream(corpus.stream(name, self.dialect))

    @generated
    @given(data=st.data())
    def test_any_stream_survives_the_trip(self, data: st.DataObject) -> None:
        self.check_stream(data.draw(strategies.streams(self.dialect)))

    @generated
    @given(data=st.data())
    def test_any_order_of_events_makes_a_legal_stream(self, data: st.DataObject) -> None:
        events = data.draw(strategies.wild_streams(self.dialect))

        decoded = self.decoded(self.encoded(events))

        grammar.check(decoded)
        assert isinstance(decoded[-1], Finish), decoded[-1]

    @good_streams
    def test_events_may_come_all_at_once(self, name: str) -> None:
        events = corpus.stream(name, self.dialect)

        at_once = self.decoded(encode_at_once(self.subject, self.dialect, events))

        assert self.expected(at_once) == self.expected(self.decoded(self.encoded(events)))

    @bad_streams
    def test_a_failure_may_come_with_all_the_rest(self, name: str) -> None:
        events = corpus.stream(name, self.dialect)

        at_once = self.decoded(encode_at_once(self.subject, self.dialect, events))

        assert isinstance(at_once[-1], Failure)

    def test_what_only_another_dialect_knows_is_in_the_ledger(self) -> None:
        events = corpus.stream("opaque_part", self.dialect)
        for stream in (True, False):
            attempt = self.subject.attempt(self.dialect, self.dialect, stream=stream)
            encode(self.subject, self.dialect, events, stream=stream, attempt=attempt)
            assert len(attempt.losses), f"a part was lost without an entry (stream={stream})"

    @good_streams
    def test_a_folded_stream_equals_the_whole_body(self, name: str) -> None:
        events = corpus.stream(name, self.dialect)

        body = self.encoded_body(replay(collect(events)))

        streamed = collect(self.decoded(self.encoded(events)))
        whole = collect(self.checked(decode(self.subject, self.dialect, [body], stream=False)))
        assert self.plain(whole) == self.plain(streamed)

    @all_streams
    def test_bytes_may_come_one_at_a_time(self, name: str) -> None:
        self.check_pieces(self.encoded(corpus.stream(name, self.dialect)))

    @generated
    @given(data=st.data())
    def test_bytes_may_be_cut_anywhere(self, data: st.DataObject) -> None:
        stream = self.encoded(data.draw(strategies.streams(self.dialect)))
        places = data.draw(strategies.cuts(len(stream)))

        pieces = decode(self.subject, self.dialect, cut(stream, places), stream=True)

        assert normal(pieces) == normal(self.decoded(stream))

    def test_recorded_replies_may_be_cut_anywhere(self) -> None:
        for path, data in self.recorded():
            if path.suffix == ".json":
                whole = decode(self.subject, self.dialect, [data], stream=False)
                split = decode(self.subject, self.dialect, byte_by_byte(data), stream=False)
                assert normal(self.checked(split)) == normal(self.checked(whole)), path
            else:
                self.check_pieces(data)

    @good_streams
    def test_a_stream_that_breaks_off_ends_in_a_failure(self, name: str) -> None:
        self.check_early_ends(self.encoded(corpus.stream(name, self.dialect)))

    def test_a_recorded_stream_that_breaks_off_ends_in_a_failure(self) -> None:
        for path, data in self.recorded():
            whole = decode(self.subject, self.dialect, [data], stream=path.suffix != ".json")
            if path.suffix != ".json" and isinstance(whole[-1], Finish):
                self.check_early_ends(data)

    @good_streams
    def test_a_body_that_breaks_off_is_a_failure(self, name: str) -> None:
        body = self.encoded_body(corpus.stream(name, self.dialect)).rstrip()

        for end in early_ends(body, most=20):
            events = decode(self.subject, self.dialect, [body[:end]], stream=False)
            assert isinstance(events[-1], Failure), f"after {end} of {len(body)} bytes"

    @good_streams
    def test_events_that_break_off_become_an_error_for_the_client(self, name: str) -> None:
        events = corpus.stream(name, self.dialect)

        for end in range(0, len(events) - 1, max(1, len(events) // 20)):
            decoded = self.decoded(self.encoded(events[:end]))
            assert isinstance(decoded[-1], Failure), f"after {end} events"
            with pytest.raises(GatewayError):
                self.encoded_body(events[:end])

    @bad_streams
    def test_a_failure_reaches_the_client(self, name: str) -> None:
        events = corpus.stream(name, self.dialect)
        failure = events[-1]
        assert isinstance(failure, Failure)

        decoded = self.decoded(self.encoded(events))[-1]

        assert isinstance(decoded, Failure), "the client was shown a clean end"
        assert failure.error.message in decoded.error.message
        with pytest.raises(type(failure.error)):
            self.encoded_body(events)

    @good_streams
    def test_pings_may_come_between_events(self, name: str) -> None:
        events = corpus.stream(name, self.dialect)
        pinged = [out for event in events for out in (event, Ping())][:-1]

        decoded = self.decoded(self.encoded(pinged))

        assert self.expected(decoded) == self.expected(self.decoded(self.encoded(events)))

    @good_streams
    def test_the_tap_sees_what_the_decoder_sees(self, name: str) -> None:
        dialect: Dialect = self.subject.dialects[self.dialect]
        if dialect.tap is None:
            return
        wire = self.asking_wire()
        data = self.encoded(corpus.stream(name, self.dialect))
        for pieces in ([data], byte_by_byte(data), line_by_line(data)):
            tap = dialect.tap(wire, True)
            passed = b"".join(tap.feed(piece) for piece in pieces)
            usages = [e.usage for e in self.decoded(passed) if isinstance(e, UsageSeen)]
            assert tap.finished, "the terminal event passed unseen"
            assert tap.error is None
            assert (tap.usage is None) == (not usages)
        early = dialect.tap(wire, True)
        passed = early.feed(data[: len(data) // 4])
        assert not early.finished, "a quarter of the stream counts as all of it"
        end = b"\n\n" if dialect.stream_type == "text/event-stream" else b"\n"
        assert early.whole == (not passed or passed.endswith(end)), "a ping would cut an event"

    def check_stream(self, events: list[Event]) -> None:
        """Law 2, and the grammar of what comes back."""
        decoded = self.decoded(self.encoded(events))
        if isinstance(events[-1], Failure):
            assert isinstance(decoded[-1], Failure)
            return
        assert self.expected(decoded) == self.expected(normal(events))

    def check_pieces(self, data: bytes) -> None:
        """Law 3, at every byte and every line."""
        whole = normal(self.decoded(data))
        for pieces in (byte_by_byte(data), line_by_line(data)):
            assert normal(decode(self.subject, self.dialect, pieces, stream=True)) == whole

    def check_early_ends(self, data: bytes) -> None:
        """Law 4: a clean end only when nothing of the answer is missing but its usage."""
        whole = self.answer(self.decoded(data))
        for end in early_ends(data):
            events = self.checked(decode(self.subject, self.dialect, [data[:end]], stream=True))
            if not isinstance(events[-1], Failure):
                assert self.answer(events) == whole, f"a clean end after {end} bytes"

    def expected(self, events: list[Event]) -> list[Event]:
        home = without_foreign(events, self.dialect)
        return plain_events(self.canonical_events(normal(home)))

    def plain(self, reply: ChatReply) -> ChatReply:
        return self.canonical_reply(plain_reply(reply))

    def answer(self, events: list[Event]) -> list[Event]:
        return [e for e in plain_events(events) if not isinstance(e, UsageSeen | Start)]

    def encoded(self, events: list[Event]) -> bytes:
        return encode(self.subject, self.dialect, events, stream=True)

    def encoded_body(self, events: list[Event]) -> bytes:
        return encode(self.subject, self.dialect, events, stream=False)

    def decoded(self, data: bytes) -> list[Event]:
        return self.checked(decode(self.subject, self.dialect, [data], stream=True))

    def checked(self, events: list[Event]) -> list[Event]:
        grammar.check(events)
        return events

    def asking_wire(self) -> InboundWire:
        """The client's request whose reply the tap watches."""
        request = asked(self.subject, self.dialect, stream=True)
        attempt = self.subject.attempt(self.dialect, self.dialect, stream=True)
        sent = self.subject.write(self.dialect, request, attempt)
        return self.subject.arriving(self.dialect, sent, stream=True)

    def recorded(self) -> list[tuple[Path, bytes]]:
        if self.replies is None:
            return []
        files = sorted(path for path in self.replies.rglob("*") if path.is_file())
        return [(path, path.read_bytes()) for path in files if path.suffix != ".md"]

    def test_a_reply_keeps_its_kind(self) -> None:
        for stream in (True, False):
            request = asked(self.subject, self.dialect, stream=stream)
            attempt = self.subject.attempt(self.dialect, self.dialect, stream=stream)
            encoder = self.subject.encoder(self.dialect, request, attempt)
            json = encoder.content_type.startswith("application/json")
            assert json != stream, f"{encoder.content_type} for stream={stream}"
