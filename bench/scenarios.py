"""What is measured, and how much of it we allow: tables.

A route is <client's dialect>2<backend's dialect>: o is OpenAI chat completions, a is Anthropic
Messages. A ratio is CPU time over that of the bare pass-through of the *client's* dialect, in the
same round: what this client would cost a proxy that does nothing.
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

SAME, ACROSS = ("o2o", "a2a"), ("a2o", "o2a")
ROUTES = SAME + ACROSS


@frozen
class Scenario:
    """One kind of load.

    `model` tells the mock upstream what to reply, `load` are loadgen's arguments. CPU counts per
    reply, or per event: the reply's `chunks` of text, so that a subject which joins or adds events
    gains nothing. `alone`: each measurement has a process of its own, so that memory can be told.
    """

    name: str
    shape: Literal["small", "agent"]
    model: str
    load: str
    same: float
    across: float
    chunks: int = 0
    routes: tuple[str, ...] = ROUTES
    alone: bool = False

    @property
    def streamed(self) -> bool:
        return self.chunks > 0

    @property
    def unit(self) -> str:
        return "event" if self.streamed else "request"

    def budget(self, route: str) -> float:
        return self.same if route in SAME else self.across


ONE_WAY_EACH = ("o2o", "a2o")
PLAIN = "mock-c20-d0-s8"

SCENARIOS = (
    Scenario("small", "small", PLAIN, "-c 16 -t 1", same=1.6, across=1.8),
    Scenario("agent", "agent", PLAIN, "-c 4 -t 1", same=1.6, across=3.2),
    Scenario("burst", "small", "mock-c200-d0-s8", "-c 16 -t 1", same=2.8, across=2.8, chunks=200),
    Scenario(
        "paced-100",
        "small",
        "mock-c100-d20-s8",
        "-c 100 -n 100 -w 0.5 -t 4",
        same=1.6,
        across=1.6,
        chunks=100,
    ),
    Scenario(
        "slow-1000",
        "small",
        "mock-c20-d200-s8",
        "-c 1000 -n 1000 -w 2 -t 8",
        same=1.6,
        across=1.6,
        chunks=20,
        routes=ONE_WAY_EACH,
        alone=True,
    ),
)

WARM_UP = tuple(
    Scenario(f"warm-up-{kind}", "small", PLAIN, "-c 4 -t 1", same=0, across=0, chunks=chunks)
    for kind, chunks in (("plain", 0), ("stream", 20))
)


@frozen
class Limit:
    """An absolute budget: a figure's name, its unit, and the most that it may be."""

    figure: str
    unit: str
    most: float


START_UP = (Limit("cpu_s", "s CPU until /health", 0.6), Limit("idle_mib", "MiB idle (PSS)", 50))
MEMORY = Limit("kib_per_stream", "KiB per stream", 48)
