"""What only Claude Code does: it stands at the root as well, with an exact alias, and has MCP."""

from __future__ import annotations

import pytest

from tests.clients.cli.conftest import Run
from tests.clients.cli.mcp_stub import McpStub
from tests.clients.cli.turns import Turn, turns
from tests.scripted import Script
from tests.scripted.script import ECHO


@pytest.mark.parametrize("turn", turns("mcp", "claude_code"), ids=str)
def test_it_calls_an_mcp_tool(run: Run, turn: Turn) -> None:
    with McpStub() as mcp:
        outcome = run(turn, Script(mode="mcp"), mcp_url=mcp.url)

    assert outcome.told(ECHO)
    assert "tools/call" in mcp.methods


@pytest.mark.parametrize("turn", turns("parallel at the root", "claude_code", place=""), ids=str)
def test_it_runs_two_tools_at_the_root(run: Run, turn: Turn) -> None:
    outcome = run(turn, Script(mode="parallel", quirks=frozenset({"thinking"})))

    assert outcome.told(*outcome.markers)
