"""The real Claude Code through a real gateway, on an openai and on a claude upstream.

Every combination of upstream, place and mode runs: one is about a second. Places: at the root an
exact alias, under /kimi a wildcard one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.cli import claude_code
from tests.clients.cli.drive import Outcome, drive
from tests.clients.cli.mcp_stub import McpStub
from tests.clients.gateway_process import Gateway, serve
from tests.scripted import Script, Scripted
from tests.scripted.answer import TEXT
from tests.scripted.script import ECHO

PROXY_KEY = "cs-claude-code-proxy-key-0123456789"
REAL_KEY = "sk-real-upstream-key-0123456789"
PATHS = {"openai": "/v1/chat/completions", "claude": "/v1/messages"}
MODELS = {"": "exact-model", "/kimi": "wild-model"}
CONFIG = """
[upstreams.up]
dialect = "{dialect}"
base_url = "{url}"
keys = ["env:REAL_KEY"]

[groups.default.models]
"claude-sonnet-5-5" = "up/exact-model"

[groups.kimi.models]
"claude-*" = "up/wild-model"

[proxy_keys.tester]
key = "env:PROXY_KEY"
"""


@pytest.fixture(scope="module", params=["openai", "claude"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def gateway(
    dialect: str, scripted: Scripted, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    config = CONFIG.format(dialect=dialect, url=scripted.url)
    environ = {"REAL_KEY": REAL_KEY, "PROXY_KEY": PROXY_KEY}
    with serve(config, tmp_path_factory.mktemp(f"gateway-{dialect}"), environ) as gateway:
        yield gateway


@pytest.mark.parametrize("place", ["", "/kimi"], ids=["root", "kimi"])
class TestClaudeCode:
    """All of one place; the gateway and its dialect are the module's."""

    @pytest.fixture(autouse=True)
    def _after(self, upstream: Scripted, dialect: str, place: str) -> Iterator[None]:
        """Whatever was said: only the expected wire and model, and no key where it must not be."""
        yield
        assert {seen.path for seen in upstream.requests} == {PATHS[dialect]}
        assert {seen.body["model"] for seen in upstream.requests} == {MODELS[place]}
        assert all(PROXY_KEY not in seen.raw for seen in upstream.requests)
        assert all(REAL_KEY in seen.raw for seen in upstream.requests)

    def test_it_answers_in_text(
        self, gateway: Gateway, upstream: Scripted, place: str, tmp_path: Path
    ) -> None:
        upstream.script = Script(mode="text")

        outcome = _run(gateway, place, tmp_path)

        assert TEXT in outcome.output

    def test_it_runs_a_tool(
        self, gateway: Gateway, upstream: Scripted, place: str, tmp_path: Path
    ) -> None:
        upstream.script = Script(mode="tool")

        outcome = _run(gateway, place, tmp_path)

        assert outcome.markers[0] in outcome.output

    def test_it_runs_two_tools_of_one_turn_after_thinking(
        self, gateway: Gateway, upstream: Scripted, place: str, tmp_path: Path
    ) -> None:
        upstream.script = Script(mode="parallel", quirks=frozenset({"thinking"}))

        outcome = _run(gateway, place, tmp_path)

        assert all(marker in outcome.output for marker in outcome.markers)

    def test_it_calls_an_mcp_tool(
        self, gateway: Gateway, upstream: Scripted, place: str, tmp_path: Path
    ) -> None:
        upstream.script = Script(mode="mcp")

        with McpStub() as mcp:
            outcome = _run(gateway, place, tmp_path, mcp_url=mcp.url)

        assert ECHO in outcome.output
        assert "tools/call" in mcp.methods


def _run(gateway: Gateway, place: str, folder: Path, mcp_url: str | None = None) -> Outcome:
    base_url = gateway.url + place
    outcome = drive(
        claude_code.command,
        folder,
        base_url=base_url,
        key=PROXY_KEY,
        model="sonnet",
        mcp_url=mcp_url,
    )
    assert outcome.code == 0, outcome.output + outcome.errors
    assert REAL_KEY not in outcome.output + outcome.errors
    return outcome
