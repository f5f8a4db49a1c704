"""The real Gemini CLI through a real gateway, under /kimi, on an upstream of each dialect.

It sends a picture beside the result of its own file tool, and counts tokens before.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.cli import gemini_cli
from tests.clients.cli.drive import Outcome, drive
from tests.clients.cli.gemini_cli import PICTURE, PNG
from tests.clients.gateway_process import Gateway, serve
from tests.scripted import Script, Scripted
from tests.scripted.answer import TEXT

PROXY_KEY = "cs-gemini-cli-proxy-key-0123456789"
REAL_KEY = "sk-real-upstream-key-0123456789"
CONFIG = """
[upstreams.up]
dialect = "{dialect}"
base_url = "{url}"
keys = ["env:REAL_KEY"]

[groups.kimi.models]
"gemini-*" = "up/wild-model"

[proxy_keys.tester]
key = "env:PROXY_KEY"
"""


@pytest.fixture(scope="module", params=["openai", "claude", "gemini"])
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


class TestGeminiCli:
    @pytest.fixture(autouse=True)
    def _after(self, upstream: Scripted, dialect: str) -> Iterator[None]:
        """Whatever was said: only the expected wire, and no key where it must not be."""
        yield
        assert {seen.wire for seen in upstream.requests} == {dialect}
        assert all(PROXY_KEY not in seen.raw for seen in upstream.requests)
        assert all(REAL_KEY in seen.raw for seen in upstream.requests)
        assert all(REAL_KEY not in str(seen.query) for seen in upstream.requests)

    def test_it_answers_in_text(self, gateway: Gateway, upstream: Scripted, tmp_path: Path) -> None:
        upstream.script = Script(mode="text")

        outcome = _run(gateway, tmp_path)

        assert TEXT in outcome.output

    def test_it_runs_a_tool(self, gateway: Gateway, upstream: Scripted, tmp_path: Path) -> None:
        upstream.script = Script(mode="tool")

        outcome = _run(gateway, tmp_path)

        assert outcome.markers[0] in outcome.output

    def test_it_runs_two_tools_of_one_turn_after_thinking(
        self, gateway: Gateway, upstream: Scripted, tmp_path: Path
    ) -> None:
        upstream.script = Script(mode="parallel", quirks=frozenset({"thinking"}))

        outcome = _run(gateway, tmp_path)

        assert all(marker in outcome.output for marker in outcome.markers)

    def test_mm2_a_picture_reaches_the_upstream(
        self, gateway: Gateway, upstream: Scripted, tmp_path: Path
    ) -> None:
        upstream.script = Script(mode="text")

        outcome = _run(gateway, tmp_path, f"What is in @{PICTURE}?")

        assert TEXT in outcome.output
        assert PNG in upstream.last.raw


def _run(gateway: Gateway, folder: Path, prompt: str | None = None) -> Outcome:
    said = {"prompt": prompt} if prompt else {}
    outcome = drive(
        gemini_cli.command,
        folder,
        base_url=f"{gateway.url}/kimi",
        key=PROXY_KEY,
        model="gemini-2.5-pro",
        **said,
    )
    assert outcome.code == 0, outcome.output + outcome.errors
    assert REAL_KEY not in outcome.output + outcome.errors
    return outcome
