"""What the pages say is so: links, commands, tables and code."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

import dev
from gateway.hooks import Hooks

PAGES = [
    *(dev.ROOT / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG")),
    dev.ROOT / "THREAT_MODEL.md",
    *(folder / "README.md" for folder in dev.plugin_folders()),
]
DEEPER = [*sorted((dev.ROOT / "docs").glob("*.md")), dev.ROOT / "gateway/testing/README.md"]
"""Pages whose configurations need more than a checkout; tests of their own try those."""
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
TEST_FILE = re.compile(r"`((?:plugins|tests)/[\w/.-]+\.py)`")


def blocks(language: str, pages: list[Path] = PAGES) -> list[str]:
    """The code of every block in `language`, on `pages`."""
    return [
        code for page in pages for kind, code in BLOCK.findall(page.read_text()) if kind == language
    ]


def shell_words() -> list[list[str]]:
    """Every command of the shell blocks, comments and line ends in quotes aside, as words."""
    lines = "\n".join(blocks("sh", [*PAGES, *DEEPER])).replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


@pytest.mark.parametrize(
    "page", [*PAGES, *DEEPER], ids=lambda page: str(page.relative_to(dev.ROOT))
)
def test_links_lead_somewhere(page):
    dead = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]

    assert dead == []


def test_make_targets_on_the_pages_exist():
    used = {words[1] for words in shell_words() if words[0] == "make"}
    used |= {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", page.read_text())}

    assert used
    assert used <= set(dev.TASKS)


def test_commands_on_the_pages_exist():
    text = "\n".join(page.read_text() for page in [*PAGES, *DEEPER])
    used = set(re.findall(r"`babelgate ([a-z][a-z-]+)", text))
    used |= {words[1] for words in shell_words() if words[0] == "babelgate"}

    assert used
    for command in used:
        asked = [dev.BIN / "babelgate", command, "--help"]
        assert subprocess.run(asked, capture_output=True, check=False).returncode == 0, command


def test_requests_on_the_pages_are_json():
    posts = [words for words in shell_words() if words[0] == "curl" and "-d" in words]
    data = [words[words.index("-d") + 1] for words in posts]
    bodies = [body for body in data if body.startswith("{")]

    assert bodies
    assert all(isinstance(json.loads(body), dict) for body in bodies)


def test_python_on_the_pages_compiles():
    assert blocks("python")
    for code in blocks("python", [*PAGES, *DEEPER]):
        compile(code, "page", "exec")


def test_toml_on_the_pages_is_toml():
    assert blocks("toml")
    for code in blocks("toml", [*PAGES, *DEEPER]):
        tomllib.loads(code)


@pytest.mark.parametrize("code", [code for code in blocks("toml") if "[upstreams." in code])
def test_configurations_on_the_pages_pass_the_check(code, tmp_path, monkeypatch):
    file = tmp_path / "babelgate.toml"
    file.write_text(code)
    for name in ("ANTHROPIC_API_KEY", *re.findall(r"env:(\w+)", code)):
        monkeypatch.setenv(name, "key-for-the-check")

    command = [dev.BIN / "babelgate", "check", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert done.returncode == 0, done.stderr


def test_the_readmes_explain_runs_with_the_readmes_configuration(tmp_path, monkeypatch):
    readme = (dev.ROOT / "README.md").read_text()
    shown = re.search(r"`babelgate (explain [^`]+)`", readme)
    (code,) = [code for code in blocks("toml", [dev.ROOT / "README.md"]) if "kimi" in code]
    (tmp_path / "babelgate.toml").write_text(code)
    (tmp_path / "request.json").write_text(
        '{"model": "claude-haiku-4", "max_tokens": 9,'
        ' "messages": [{"role": "user", "content": "Hello"}]}'
    )
    monkeypatch.setenv("KIMI_KEY", "key-for-the-check")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key-for-the-check")

    command = [dev.BIN / "babelgate", *shlex.split(shown[1])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "moonshot/kimi-fast" in done.stdout


def test_the_table_of_plugins_is_what_their_distributions_say():
    table = f"{dev.TABLE_START}\n{dev.plugin_table()}\n{dev.TABLE_END}"

    assert table in (dev.ROOT / "README.md").read_text(), "type: make readme"


def test_every_hook_stands_in_the_architecture():
    hooks = {name for name in vars(Hooks) if not name.startswith("_")}
    rows = re.findall(
        r"^\| (`\w+`(?:, `\w+`)*) \|", section("ARCHITECTURE.md", "Hooks"), re.MULTILINE
    )

    assert {name for row in rows for name in re.findall(r"\w+", row)} == hooks


def test_tests_named_in_the_threat_model_exist():
    named = TEST_FILE.findall((dev.ROOT / "THREAT_MODEL.md").read_text())

    assert named
    assert [name for name in named if not (dev.ROOT / name).exists()] == []


def test_every_plugin_has_a_page():
    assert [page for page in PAGES if not Path(page).is_file()] == []


def section(page: str, title: str) -> str:
    """The text under one heading of a page."""
    return (dev.ROOT / page).read_text().split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
