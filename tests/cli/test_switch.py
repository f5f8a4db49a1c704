"""`babelgate switch`: says and changes which group /switch leads to."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli import run

CONFIG = """
[store]
url = "sqlite:///gate.db"
[upstreams.up]
dialect = "openai"
base_url = "https://up.example/v1"
keys = ["env:NOT_IN_THIS_SHELL"]
[groups.kimi.models]
"*" = "up/k2"
[groups.qwen.models]
"*" = "up/qwen"
"""


@pytest.fixture(autouse=True)
def _configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "babelgate.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("BABELGATE_CONFIG", raising=False)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]):
    """What a command writes (its one line of complaint where it fails), and its status."""

    def told(*arguments: str) -> tuple[int, str]:
        status = run(["switch", *arguments])
        out, err = capsys.readouterr()
        return status, (out + err).strip()

    return told


def test_without_a_group_it_says_which_is_active(said):
    assert said() == (0, "/switch leads to the group for URLs without one (groups: kimi, qwen)")


def test_a_choice_is_told_and_kept(said):
    before = "the group for URLs without one"

    assert said("qwen") == (0, f"/switch leads to qwen from now on; before: {before}")
    assert said("kimi") == (0, "/switch leads to kimi from now on; before: qwen")
    assert said() == (0, "/switch leads to kimi (groups: kimi, qwen)")


def test_a_wrong_group_is_one_line_and_2(said):
    status, words = said("qwne")

    assert status == 2
    assert words.startswith("babelgate: babelgate.toml: there is no group 'qwne' (did you mean ")
    assert words.endswith("; the groups: kimi, qwen")


def test_a_store_that_can_t_be_written_is_one_line_and_2(said):
    Path("gate.db").mkdir()

    status, words = said("qwen")

    assert status == 2
    assert words.startswith("babelgate: babelgate.toml: ")
    assert "the store" in words
    assert "\n" not in words


def test_without_a_configuration_there_is_nothing_to_switch(said):
    Path("babelgate.toml").unlink()

    status, words = said("qwen")

    assert status == 2
    assert words.startswith("babelgate: there is no configuration, and so no group")
