"""Vectors as text, and what every dialect's embeddings share."""

from __future__ import annotations

import base64
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.attempt import Attempt, Target
from gateway.embedding import (
    EmbedInput,
    EmbedReply,
    EmbedRequest,
    counted,
    estimate_inputs,
    from_base64,
    note_unsaid,
    read_only,
    read_vector,
    to_base64,
    with_settings,
    words_of,
)
from gateway.embedding_tap import EmbeddingTap
from gateway.errors import NotOffered, UpstreamError
from gateway.events import Usage
from gateway.losses import Losses
from gateway.model import Fields, Media, Text

NARROW = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=64)
WIDE = st.lists(st.floats(min_value=-1e30, max_value=1e30), max_size=64)
ATTEMPT = Attempt(Target("up", "m", "openai", "openai"))


@given(NARROW)
def test_32_bit_numbers_survive_base64_exactly(vector):
    assert from_base64(to_base64(vector)) == vector


@given(WIDE)
def test_base64_is_what_the_sdk_decodes_to_the_nearest_32_bit_numbers(vector):
    decoded = struct.unpack(f"<{len(vector)}f", base64.b64decode(to_base64(vector)))

    assert list(decoded) == [struct.unpack("<f", struct.pack("<f", one))[0] for one in vector]


@given(st.text())
def test_text_that_is_no_vector_is_an_upstream_error_and_never_another(text):
    try:
        vector = read_vector(text)
    except UpstreamError:
        return
    assert len(base64.b64decode(text)) == 4 * len(vector)


def test_numbers_may_be_whole():
    assert read_vector([0, 1, -0.5]) == [0.0, 1.0, -0.5]


@pytest.mark.parametrize("raw", [None, {}, ["a"], [[1.0]], [None], [True], 5, "AAA=", "AAAA"])
def test_what_is_no_vector_is_said(raw):
    with pytest.raises(UpstreamError, match="a vector that is no"):
        read_vector(raw)


def test_a_number_that_32_bits_cannot_hold_is_said():
    with pytest.raises(UpstreamError, match="too large"):
        to_base64([1e300])


def test_pieces_of_text_become_lines():
    assert words_of(EmbedInput([Text("a"), Text("b")]), ATTEMPT) == "a\nb"


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        (EmbedInput(tokens=[1], path=("input", 2)), "input[2]"),
        (EmbedInput([Text("a"), Media("image", url="u")], path=("content",)), "content.parts[1]"),
    ],
)
def test_what_is_no_text_is_refused_by_its_place(wanted, place):
    with pytest.raises(NotOffered) as raised:
        words_of(wanted, ATTEMPT)

    assert raised.value.param == place
    assert raised.value.message.startswith(f"'up/m' can't embed {place}: ")


def test_foreign_fields_are_recorded_at_every_level():
    one = EmbedInput(
        [Text("a", extra={"gemini": Fields({"part": 1}, ("content", "parts", 0))})],
        extra={"gemini": Fields({"task": 1}, ())},
    )
    losses = Losses()

    note_unsaid(
        EmbedRequest("m", [one], extra={"ollama": Fields({"keep_alive": 1}, ())}), "openai", losses
    )

    assert [loss.path for loss in losses] == ["keep_alive", "task", "content.parts[0].part"]


def test_a_model_s_settings_reach_only_the_fields_of_embeddings():
    target = Target("up", "m", "x", params={"a": 1, "chat": 2}, defaults={"b": 3, "c": 4})

    assert with_settings({"b": 0}, target, {"a", "b", "c"}) == {"b": 0, "a": 1, "c": 4}


def test_a_missing_count_is_a_guess_that_says_so():
    request = EmbedRequest("m", [EmbedInput([Text("Hello there")]), EmbedInput(tokens=[1, 2])])

    reply = counted(EmbedReply([[1.0], [2.0]]), request)

    assert reply.usage == Usage(input=5, source="estimated")
    assert estimate_inputs([]) == 1


def test_a_count_of_the_provider_stays():
    said = EmbedReply([[1.0]], usage=Usage(input=9))

    assert counted(said, EmbedRequest("m", [EmbedInput()])) is said


def test_counts_that_vectors_have_no_place_for_are_recorded():
    losses = Losses()

    kept = read_only(
        Usage(input=4, output=2, extra={"openai": Fields({"x": 1}, ("usage",))}), losses
    )

    assert kept == Usage(input=4)
    assert [loss.path for loss in losses] == ["usage.x", "usage.output"]


def test_a_tap_passes_bytes_on_and_reads_their_usage():
    tap = EmbeddingTap(lambda body: Usage(input=len(body)))

    assert tap.feed(b"abc") == b"abc"
    assert (tap.usage, tap.finished, tap.error) == (Usage(input=3), True, None)


def test_a_tap_keeps_what_is_wrong_with_a_reply():
    def broken(body):
        raise UpstreamError.garbage("no vectors")

    tap = EmbeddingTap(broken)
    tap.feed(b"x")

    assert tap.error == UpstreamError.garbage("no vectors")


def test_the_estimate_grows_with_the_text():
    short, long = (estimate_inputs([EmbedInput([Text("word " * n)])]) for n in (10, 1000))

    assert math.isclose(long / short, 100, rel_tol=0.1)
