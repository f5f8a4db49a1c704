"""The shortest way: one key in the environment, `--model`, and the real Claude Code.

A scripted provider stands in DeepSeek's place, and the shell that starts the gateway already has
the address that it gives its client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients.cli import claude_code, summary
from tests.clients.cli.drive import drive
from tests.clients.gateway_process import free_port, serve
from tests.scripted import Script, Scripted

OWN_FIELDS = ("thinking", "reasoning_effort", "reasoning_content")
REAL_KEY = "sk-real-deepseek-key-0123456789"


@pytest.fixture
def deepseek() -> Iterator[Scripted]:
    """A provider that is OpenAI's but for DeepSeek's own fields (its guide, read 2026-11)."""
    with Scripted() as upstream:
        upstream.script = Script(mode="parallel", quirks=frozenset({"thinking"}))
        yield upstream
        own = tuple(f".{name}: " for name in OWN_FIELDS)
        assert [error for error in upstream.errors if not any(name in error for name in own)] == []


def test_a_key_and_a_model_carry_claude_code(
    deepseek: Scripted, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property(summary.TURN, ["claude_code", "openai", "DeepSeek's key alone"])
    port = free_port()
    own = f"http://127.0.0.1:{port}"
    shell = {
        "DEEPSEEK_API_KEY": REAL_KEY,
        "DEEPSEEK_BASE_URL": deepseek.url,
        "ANTHROPIC_BASE_URL": own,
        "ANTHROPIC_AUTH_TOKEN": "any",
    }
    folder = tmp_path / "gateway"
    folder.mkdir()

    with serve(None, folder, shell, ["--model", "deepseek/deepseek-chat"], port):
        outcome = drive(claude_code.command, tmp_path, base_url=own, key="any", model="sonnet")

    assert outcome.code == 0, outcome.output + outcome.errors
    assert all(marker in outcome.output for marker in outcome.markers)
    assert REAL_KEY not in outcome.output + outcome.errors
    assert {seen.path for seen in deepseek.requests} == {"/v1/chat/completions"}
    assert {seen.body["model"] for seen in deepseek.requests} == {"deepseek-chat"}
    assert all(REAL_KEY in seen.raw for seen in deepseek.requests)
    turns = [m for m in deepseek.requests[-1].body["messages"] if m["role"] == "assistant"]
    assert all("reasoning_content" in turn for turn in turns)
    assert any(turn["reasoning_content"] for turn in turns)
