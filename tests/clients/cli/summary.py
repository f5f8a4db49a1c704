"""The table at the end: every client and mode, and how each upstream went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.clients.cli.turns import UPSTREAMS

TURN = "turn"
"""The property of a test's report that says which client, upstream and mode it drove."""
COLUMN = 11


def write(reporter: pytest.TerminalReporter) -> None:
    """Write seconds for what passed, FAILED for what didn't, and nothing when there was nothing."""
    cells: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for (client, upstream, mode), said in _results(reporter):
        cells[client, mode][upstream] = said
    if not cells:
        return
    reporter.section("clients by upstream, in seconds")
    reporter.line(_row("client", "mode", dict(zip(UPSTREAMS, UPSTREAMS, strict=True))))
    for (client, mode), row in sorted(cells.items()):
        reporter.line(_row(client, mode, row))
    passed = sum(said != "FAILED" for row in cells.values() for said in row.values())
    reporter.line(f"{passed} of {sum(map(len, cells.values()))} turns passed")


def _results(reporter: pytest.TerminalReporter) -> Iterator[tuple[list[str], str]]:
    """A test that fails in its end, where requests are judged, has failed."""
    for outcome in ("passed", "failed", "error"):
        for report in reporter.stats.get(outcome, []):
            for name, turn in getattr(report, "user_properties", ()):
                if name == TURN:
                    yield turn, f"{report.duration:.1f}" if outcome == "passed" else "FAILED"


def _row(client: str, mode: str, cells: dict[str, str]) -> str:
    said = (cells.get(upstream, "") for upstream in UPSTREAMS)
    return "".join([f"{client:13}", f"{mode:24}", *(f"{each:>{COLUMN}}" for each in said)])
