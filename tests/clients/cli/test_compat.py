"""Real clients through `/compat_mode`, on upstreams whose model has no tools and only writes text.

Each writes its call in another format. Nothing of tools is said to it but in words.
"""

from __future__ import annotations

import pytest

from plugins.toolcompat.tests.corpus.formats import FORMATS, Format
from tests.clients.cli.conftest import Run
from tests.clients.cli.turns import CLIENTS, Turn, turns
from tests.scripted import Scripted, TextOnly
from tests.scripted.script import SHELLS
from tests.scripted.text_only import native_traces

PLACE = "/kimi/compat_mode"
MARKER = r"MARK-[0-9a-f]{12}"
ONE = list(zip(turns("compat", place=PLACE), FORMATS, strict=False))
"""As many formats as turns, and each once."""
TWO = [
    (Turn(client, upstream, "compat, two calls", PLACE), form)
    for client, upstream, form in zip(
        CLIENTS, ("openai", "claude"), FORMATS[len(ONE) :], strict=False
    )
]
"""The formats that are left, with two calls."""


def named(turn: Turn, form: Format) -> object:
    return pytest.param(turn, form, id=f"{turn}-{form.name}")


@pytest.mark.parametrize(("turn", "form"), [named(*each) for each in ONE])
def test_it_runs_a_tool_that_was_only_written_about(
    run: Run, upstream: Scripted, turn: Turn, form: Format
) -> None:
    outcome = run(turn, text_only(turn, form, "marker.txt"))

    assert outcome.told(outcome.markers[0])
    assert [trace for seen in upstream.requests for trace in native_traces(seen.body)] == []


@pytest.mark.parametrize(("turn", "form"), [named(*each) for each in TWO])
def test_it_runs_two_tools_that_were_only_written_about(
    run: Run, upstream: Scripted, turn: Turn, form: Format
) -> None:
    outcome = run(turn, text_only(turn, form, "marker.txt", "marker2.txt"))

    assert outcome.told(*outcome.markers)
    assert [trace for seen in upstream.requests for trace in native_traces(seen.body)] == []


def text_only(turn: Turn, form: Format, *files: str) -> TextOnly:
    shell = CLIENTS[turn.client].shell
    calls = [(shell, dict(SHELLS[shell](f"cat {file}"))) for file in files]
    return TextOnly(written=f"I look.\n\n{form.render(calls)}", result=MARKER)
