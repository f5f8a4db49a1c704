"""Each law catches the bug that it is there for: the toy dialect, broken in one place at a time."""

from __future__ import annotations

import inspect
import itertools

import pytest
from attrs import evolve

from gateway.errors import BadRequest
from gateway.events import Delta, Failure, Finish, PartStart, Ping, Sealed, Start
from gateway.hooks import RouteFacts, hookimpl
from gateway.testing.laws import DialectLaws
from gateway.wire import UpstreamWire, WireReply
from tests.test_testing_laws import TestToy as ToyLaws
from tests.toy_dialect import Toy, ToyDecoder, ToyEncoder, ToyTap

CAUGHT = (AssertionError, pytest.fail.Exception, ExceptionGroup)


class DropsADelta(ToyDecoder):
    def feed(self, data):
        return [e for e in super().feed(data) if not (isinstance(e, Delta) and " of" in e.text)]


class StartsTwice(ToyDecoder):
    def feed(self, data):
        return [twin for e in super().feed(data) for twin in ([e] * (2 - (type(e) is not Start)))]


class SmellsAnEnd(ToyDecoder):
    """Takes a broken-off reply for a finished one."""

    def close(self):
        events = super().close()
        return [Finish("stop") if isinstance(e, Failure) else e for e in events]


class ReadsEachPieceAlone(ToyDecoder):
    def feed(self, data):
        self.lines = type(self.lines)()
        return super().feed(data)


class DecodesTooEarly(ToyDecoder):
    def feed(self, data):
        return super().feed(data.decode(errors="replace").encode())


class RaisesOnBadData(ToyDecoder):
    def _fail(self, what):
        raise ValueError(what)


class BelievesAnything(ToyDecoder):
    def _fail(self, what):
        self.ended = True
        return [Start(), Finish("stop")]


class BodiesLoseSeals(ToyEncoder):
    def close(self):
        if not self.stream:
            self.events = [e for e in self.events if not isinstance(e, Sealed)]
        return super().close()


class FakesACleanEnd(ToyEncoder):
    def feed(self, events):
        return super().feed([Finish("stop") if isinstance(e, Failure) else e for e in events])

    def close(self):
        if self.stream and not (self.events and isinstance(self.events[-1], Finish)):
            return self.feed([Start(), Finish("stop")] if not self.events else [Finish("stop")])
        return super().close()


class LosesTheIndex(ToyEncoder):
    """Gives every delta to the part that opened last."""

    last = 0

    def feed(self, events):
        out = []
        for event in events:
            if isinstance(event, PartStart):
                self.last = event.index
            out.append(evolve(event, index=self.last) if isinstance(event, Delta) else event)
        return super().feed(out)


class WritesOncePerRead(ToyEncoder):
    def feed(self, events):
        return super().feed(events[:1] + [e for e in events[1:] if not isinstance(e, Delta)])


class AnswersPings(ToyEncoder):
    def feed(self, events):
        return super().feed([Delta(0, "ping") if isinstance(e, Ping) else e for e in events])


class AlwaysStreams(ToyEncoder):
    def __init__(self, stream, losses):
        super().__init__(stream, losses)
        self.content_type = "application/x-ndjson"


class HidesWhatItDrops(ToyEncoder):
    def feed(self, events):
        sent = super().feed(events)
        self.losses.entries.clear()
        return sent


class NeverDone(ToyTap):
    finished = property(lambda self: False, lambda self, value: None)


class LosesTemperature(Toy):
    def write(self, request, attempt):
        sampling = evolve(request.sampling, temperature=None, stop=None)
        return super().write(evolve(request, sampling=sampling), attempt)


class LosesHeldImages(Toy):
    def write(self, request, attempt):
        last = evolve(request.messages[-1], parts=request.messages[-1].parts[:1])
        return super().write(evolve(request, messages=[*request.messages[:-1], last]), attempt)


class HidesALoss(Toy):
    def write(self, request, attempt):
        sent = super().write(request, attempt)
        attempt.losses.entries.clear()
        return sent


class SortsTools(Toy):
    def write(self, request, attempt):
        tools = request.tools and sorted(request.tools, key=lambda tool: tool.name)
        return super().write(evolve(request, tools=tools), attempt)


class NumbersRequests(Toy):
    numbers = itertools.count()

    def write(self, request, attempt):
        sent = super().write(request, attempt)
        return UpstreamWire(sent.path, {**sent.body, "user": str(next(self.numbers))})


class Unguarded(Toy):
    def read(self, wire):
        request = super().read(wire)
        if not request.messages:
            raise IndexError("no messages")
        return request


class TakesAnyBody(Toy):
    def read(self, wire):
        try:
            return super().read(wire)
        except BadRequest:
            return super().read(evolve(wire, body=b'{"model": "m", "messages": []}'))


class GuessesTheModel(Toy):
    def facts(self, wire, endpoint):
        self.read(wire)
        return RouteFacts("guessed", stream=False)


class HidesErrors(Toy):
    @hookimpl
    def encode_error(self, dialect, error):
        return WireReply(b'{"error": "something went wrong"}', error.status)


class ForgetsTheStatus(Toy):
    def read_error(self, status, headers, body):
        return super().read_error(500, headers, body)


class CanNotReadErrors(Toy):
    def read_error(self, status, headers, body):
        if body == b"\xff":
            return None
        return super().read_error(status, headers, body)


def with_(decoder=ToyDecoder, encoder=ToyEncoder, tap=ToyTap):
    return type("Mutant", (Toy,), {"decoder": decoder, "encoder": encoder, "tap": tap})


class MisspellsAHook(Toy):
    @hookimpl
    def rewrite_promt(self, request, context):
        return None


MUTANTS = {
    "test_the_gateway_loads_it": (MisspellsAHook,),
    "test_a_request_survives_the_trip": (LosesTemperature, "sampling"),
    "test_any_request_survives_the_trip": (LosesTemperature,),
    "test_what_the_dialect_lacks_is_in_the_ledger": (HidesALoss, "sampling_top_k"),
    "test_a_captured_request_comes_home_unchanged": (LosesHeldImages,),
    "test_every_leaf_of_a_captured_request_comes_home": (LosesHeldImages,),
    "test_the_same_request_gives_the_same_bytes": (NumbersRequests, "text"),
    "test_tools_keep_their_order": (SortsTools,),
    "test_facts_agree_with_the_whole_request": (GuessesTheModel,),
    "test_a_stream_survives_the_trip": (with_(DropsADelta), "text"),
    "test_any_stream_survives_the_trip": (with_(encoder=LosesTheIndex),),
    "test_any_order_of_events_makes_a_legal_stream": (with_(StartsTwice),),
    "test_events_may_come_all_at_once": (with_(encoder=WritesOncePerRead), "text"),
    "test_a_failure_may_come_with_all_the_rest": (with_(encoder=FakesACleanEnd), "failure_early"),
    "test_what_only_another_dialect_knows_is_in_the_ledger": (with_(encoder=HidesWhatItDrops),),
    "test_a_folded_stream_equals_the_whole_body": (
        with_(encoder=BodiesLoseSeals),
        "thinking_sealed",
    ),
    "test_bytes_may_come_one_at_a_time": (with_(DecodesTooEarly), "unicode_cuts"),
    "test_bytes_may_be_cut_anywhere": (with_(ReadsEachPieceAlone),),
    "test_recorded_replies_may_be_cut_anywhere": (with_(ReadsEachPieceAlone),),
    "test_a_stream_that_breaks_off_ends_in_a_failure": (with_(SmellsAnEnd), "text"),
    "test_a_recorded_stream_that_breaks_off_ends_in_a_failure": (with_(SmellsAnEnd),),
    "test_a_body_that_breaks_off_is_a_failure": (with_(BelievesAnything), "text"),
    "test_events_that_break_off_become_an_error_for_the_client": (
        with_(encoder=FakesACleanEnd),
        "text",
    ),
    "test_a_failure_reaches_the_client": (with_(encoder=FakesACleanEnd), "failure_in_text"),
    "test_pings_may_come_between_events": (with_(encoder=AnswersPings), "text"),
    "test_the_tap_sees_what_the_decoder_sees": (with_(tap=NeverDone), "text"),
    "test_a_reply_keeps_its_kind": (with_(encoder=AlwaysStreams),),
    "test_every_value_of_the_wrong_kind_is_refused_or_carried": (Unguarded,),
    "test_a_body_that_is_no_request_is_refused": (TakesAnyBody, b"{}"),
    "test_random_bytes_never_make_the_decoder_raise": (with_(RaisesOnBadData),),
    "test_a_damaged_reply_never_makes_the_decoder_raise": (with_(RaisesOnBadData),),
    "test_a_reply_of_another_kind_is_a_failure": (with_(BelievesAnything), b"<html></html>"),
    "test_no_value_of_the_wrong_kind_makes_the_decoder_raise": (with_(RaisesOnBadData),),
    "test_an_error_has_a_status_and_words": (HidesErrors, BadRequest("a wrong value")),
    "test_an_error_comes_back_as_it_was": (ForgetsTheStatus, BadRequest("a wrong value")),
    "test_any_error_reply_of_an_upstream_can_be_read": (CanNotReadErrors, 400, b"\xff"),
}


@pytest.mark.parametrize("law", sorted(MUTANTS))
def test_a_law_catches_its_bug(law):
    mutant, *arguments = MUTANTS[law]
    broken = type("Broken", (ToyLaws,), {"plugin": mutant()})()

    with pytest.raises(CAUGHT):
        getattr(broken, law)(*arguments)


def test_every_law_has_a_bug_to_catch():
    laws = {name for name, _ in inspect.getmembers(DialectLaws) if name.startswith("test_")}

    assert laws == set(MUTANTS)


def test_a_law_can_not_be_overridden_in_silence():
    with pytest.raises(TypeError, match="test_tools_keep_their_order"):
        type("Silent", (DialectLaws,), {"test_tools_keep_their_order": None})


def test_a_law_may_be_overridden_with_a_reason():
    reasons = {"test_tools_keep_their_order": "its upstream sorts them"}

    made = type(
        "Said", (DialectLaws,), {"test_tools_keep_their_order": None, "exceptions": reasons}
    )

    assert made.exceptions == reasons
