"""What only Codex does: free-form tools, tools in namespaces, and asking for a websocket first."""

from __future__ import annotations

import pytest

from tests.clients.cli import codex
from tests.clients.cli.conftest import Run
from tests.clients.cli.mcp_stub import McpStub
from tests.clients.cli.turns import Turn, turns
from tests.scripted import Script
from tests.scripted.answer import TEXT
from tests.scripted.script import ECHO

KNOWN = "gpt-5.5"
"""Codex offers `apply_patch` as a free-form tool to models that it knows."""


@pytest.mark.parametrize("turn", turns("patch", "codex"), ids=str)
def test_th5_it_applies_a_patch_with_a_free_form_tool(run: Run, turn: Turn) -> None:
    outcome = run(turn, Script(mode="patch"), model=KNOWN)

    assert (outcome.work / "new.txt").read_text() == "hello\n"
    assert "STUB-FINAL" in outcome.output


@pytest.mark.parametrize("turn", turns("mcp", "codex"), ids=str)
def test_th5_it_calls_a_tool_of_a_namespace(run: Run, turn: Turn) -> None:
    with McpStub() as mcp:
        outcome = run(turn, Script(mode="mcp"), mcp_url=mcp.url)

    assert outcome.told(ECHO)
    assert "tools/call" in mcp.methods


@pytest.mark.parametrize("turn", turns("websocket first", "codex"), ids=str)
def test_it_goes_on_without_a_websocket(run: Run, turn: Turn) -> None:
    outcome = run(turn, Script(mode="text"), make=codex.command_with_websockets)

    assert TEXT in outcome.output
