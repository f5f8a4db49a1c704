"""What only Gemini CLI does: it sends a picture beside the result of its own file tool.

It counts tokens before; providers that can't do that leave it to the gateway.
"""

from __future__ import annotations

import pytest

from tests.clients.cli.conftest import Run
from tests.clients.cli.gemini_cli import PICTURE, PNG
from tests.clients.cli.turns import Turn, turns
from tests.scripted import Script, Scripted
from tests.scripted.answer import TEXT


@pytest.mark.parametrize("turn", turns("picture", "gemini_cli"), ids=str)
def test_mm2_a_picture_reaches_the_upstream(run: Run, upstream: Scripted, turn: Turn) -> None:
    outcome = run(turn, Script(mode="text"), prompt=f"What is in @{PICTURE}?")

    assert TEXT in outcome.output
    assert PNG in upstream.last.raw
