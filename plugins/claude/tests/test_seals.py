"""A seal survives a client that knows only signatures."""

from __future__ import annotations

import pytest

from gateway.attempt import Target
from gateway.model import Seal
from gateway_claude.seals import fits, tag, unsigned, untag

TARGET = Target("anthropic", "claude-x", "claude", "claude")


@pytest.mark.parametrize(
    "seal",
    [
        Seal("sig", "claude"),
        Seal("EqQ+/=.x", "claude", "anthropic", "claude-x"),
        Seal("", "openai", "moonshot", "kimi-k2"),
        Seal("s", "gemini", "google", None),
        Seal("größe", "claude", "ü", "模"),
    ],
)
def test_tk5_a_seal_comes_back_as_it_was_given(seal):
    assert untag(tag(seal)) == seal
    assert tag(untag(tag(seal))) == tag(seal)


def test_an_unmarked_signature_is_claudes_own():
    assert tag(Seal("EqQBCkYI", "claude")) == "EqQBCkYI"


@pytest.mark.parametrize("text", ["", "x", "!!!.v", "e30.v", "W10.v", "Mg.v"])
def test_a_broken_tag_is_taken_for_a_signature(text):
    assert untag("bg1." + text) == Seal("bg1." + text, "claude")


@pytest.mark.parametrize(
    ("seal", "expected"),
    [
        (Seal("s", "claude"), True),
        (Seal("s", "claude", "anthropic", "claude-x"), True),
        (Seal("s", "claude", "anthropic", None), True),
        (Seal("s", "claude", "other", "claude-x"), False),
        (Seal("s", "claude", "anthropic", "claude-y"), False),
        (Seal("s", "gemini", "anthropic", "claude-x"), False),
    ],
)
def test_tk3_a_seal_fits_only_who_issued_it(seal, expected):
    assert fits(seal, TARGET) is expected


def test_a_backend_without_a_dialect_signs_with_its_own_name():
    assert unsigned(Target("e", "m", "echo")) == Seal("", "echo", "e", "m")
