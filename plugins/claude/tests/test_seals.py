"""Thinking without a signature gets a seal that says whose it is."""

from __future__ import annotations

from gateway.attempt import Target
from gateway.model import Seal
from gateway_claude.seals import unsigned


def test_thinking_without_a_signature_is_sealed_with_its_origin():
    target = Target("moonshot", "kimi-k2", "openai", "openai")

    assert unsigned(target) == Seal("", "openai", "moonshot", "kimi-k2")


def test_a_backend_without_a_dialect_signs_with_its_own_name():
    assert unsigned(Target("e", "m", "echo")) == Seal("", "echo", "e", "m")
