"""The kit's laws hold for the toy dialect."""

from __future__ import annotations

from pathlib import Path

from gateway.testing.laws import DialectLaws
from tests.toy_dialect import NAME, Toy

HERE = Path(__file__).parent


class TestToy(DialectLaws):
    plugin = Toy()
    dialect = NAME
    captures = HERE / "laws" / "toy_requests"
    replies = HERE / "laws" / "toy_replies"
    lacks = frozenset(["Sampling.top_k"])
