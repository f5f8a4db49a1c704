"""Real clients through a real gateway, to a scripted upstream of each dialect.

What reaches the upstream has no error against the official types of requests.
"""

from __future__ import annotations

import pytest

from tests.clients.cli.conftest import Run
from tests.clients.cli.turns import Turn, turns
from tests.scripted import Script
from tests.scripted.answer import TEXT

THINKING = frozenset({"thinking"})


@pytest.mark.parametrize("turn", turns("text"), ids=str)
def test_it_answers_in_text(run: Run, turn: Turn) -> None:
    outcome = run(turn, Script(mode="text"))

    assert TEXT in outcome.output


@pytest.mark.parametrize("turn", turns("tool"), ids=str)
def test_it_runs_a_tool(run: Run, turn: Turn) -> None:
    outcome = run(turn, Script(mode="tool"))

    assert outcome.told(outcome.markers[0])


@pytest.mark.parametrize("turn", turns("parallel"), ids=str)
def test_it_runs_two_tools_of_one_turn_after_thinking(run: Run, turn: Turn) -> None:
    outcome = run(turn, Script(mode="parallel", quirks=THINKING))

    assert outcome.told(*outcome.markers)
