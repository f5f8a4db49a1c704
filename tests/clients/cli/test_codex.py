"""The real Codex through a real gateway under `/kimi`, on upstreams of three dialects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients.cli import codex
from tests.clients.cli.drive import Command, Job, Outcome, drive
from tests.clients.cli.mcp_stub import McpStub
from tests.clients.gateway_process import Gateway, serve
from tests.scripted import Script, Scripted
from tests.scripted.answer import TEXT
from tests.scripted.script import ECHO

PROXY_KEY = "cs-codex-proxy-key-0123456789"
REAL_KEY = "sk-real-upstream-key-0123456789"
PATHS = {"openai": "/v1/chat/completions", "claude": "/v1/messages", "responses": "/v1/responses"}
UNKNOWN, KNOWN = "gpt-5", "gpt-5.5"
"""Codex offers `apply_patch` as a free-form tool to models that it knows."""
CONFIG = """
[upstreams.up]
dialect = "{dialect}"
base_url = "{url}"
keys = ["env:REAL_KEY"]

[groups.kimi.models]
"gpt-*" = "up/wild-model"

[proxy_keys.tester]
key = "env:PROXY_KEY"
"""


@pytest.fixture(scope="module", params=["openai", "claude", "responses"])
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


@pytest.fixture(autouse=True)
def _after(upstream: Scripted, dialect: str) -> Iterator[None]:
    """Whatever was said: only the expected wire and model, and no key where it must not be."""
    yield
    assert {seen.path for seen in upstream.requests} == {PATHS[dialect]}
    assert {seen.body["model"] for seen in upstream.requests} == {"wild-model"}
    assert all(PROXY_KEY not in seen.raw for seen in upstream.requests)


def test_it_answers_in_text(gateway: Gateway, upstream: Scripted, tmp_path: Path) -> None:
    upstream.script = Script(mode="text")

    outcome = _run(gateway, tmp_path)

    assert TEXT in outcome.output
    assert len(upstream.requests) == 1


def test_it_goes_on_without_a_websocket(
    gateway: Gateway, upstream: Scripted, tmp_path: Path
) -> None:
    upstream.script = Script(mode="text")

    outcome = _run(gateway, tmp_path, make=codex.command_with_websockets)

    assert TEXT in outcome.output


def test_it_runs_a_tool(gateway: Gateway, upstream: Scripted, tmp_path: Path) -> None:
    upstream.script = Script(mode="tool")

    outcome = _run(gateway, tmp_path)

    assert outcome.markers[0] in outcome.output


def test_it_runs_two_tools_of_one_turn_after_thinking(
    gateway: Gateway, upstream: Scripted, tmp_path: Path
) -> None:
    upstream.script = Script(mode="parallel", quirks=frozenset({"thinking"}))

    outcome = _run(gateway, tmp_path)

    assert all(marker in outcome.output for marker in outcome.markers)


def test_th5_it_applies_a_patch_with_a_free_form_tool(
    gateway: Gateway, upstream: Scripted, tmp_path: Path
) -> None:
    upstream.script = Script(mode="patch")

    _run(gateway, tmp_path, model=KNOWN)

    assert (tmp_path / "work" / "new.txt").read_text() == "hello\n"


def test_th5_it_calls_a_tool_of_a_namespace(
    gateway: Gateway, upstream: Scripted, tmp_path: Path
) -> None:
    upstream.script = Script(mode="mcp")

    with McpStub() as mcp:
        outcome = _run(gateway, tmp_path, mcp_url=mcp.url)

    assert ECHO in outcome.output
    assert "tools/call" in mcp.methods


def _run(
    gateway: Gateway,
    folder: Path,
    *,
    make: Callable[[Job], Command] = codex.command,
    model: str = UNKNOWN,
    mcp_url: str | None = None,
) -> Outcome:
    outcome = drive(
        make, folder, base_url=f"{gateway.url}/kimi", key=PROXY_KEY, model=model, mcp_url=mcp_url
    )
    assert outcome.code == 0, outcome.output + outcome.errors
    assert REAL_KEY not in outcome.output + outcome.errors
    return outcome
