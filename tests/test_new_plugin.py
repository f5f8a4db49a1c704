"""What `babelgate new-plugin` writes is found, passes its own tests, and serves, as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest
from attrs import frozen

from gateway.errors import ConfigError
from gateway.new_plugin import KINDS, TEMPLATES, Names, write
from tests.clients.gateway_process import BABELGATE, serve
from tests.sites import install_project

pytestmark = pytest.mark.timeout(120)
LINES = 65
QUESTION = {"model": "any", "messages": [{"role": "user", "content": "Hello!"}]}


@frozen
class Written:
    """A plugin that was written. site: the folder where it is installed."""

    kind: str
    folder: Path
    site: Path
    files: Sequence[Path]

    @property
    def module(self) -> str:
        return f"my_{self.kind}"

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "PYTHONPATH": str(self.site), "BABELGATE_EXAMPLES": "5"}
        return subprocess.run(
            command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )


def written(kind: str, place: Path) -> Written:
    done = subprocess.run(
        [BABELGATE, "new-plugin", f"my-{kind}", "--kind", kind, "--into", place],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    folder, site = place / f"babelgate-my-{kind}", place / "site"
    site.mkdir()
    install_project(folder, site)
    lines = done.stdout.splitlines()
    files = [Path(line.removeprefix("wrote ")) for line in lines if line.startswith("wrote ")]
    return Written(kind, folder, site, files)


@pytest.fixture(scope="module", params=KINDS)
def plugin(request, tmp_path_factory) -> Written:
    return written(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def backend(tmp_path_factory) -> Written:
    return written("backend", tmp_path_factory.mktemp("alone"))


def test_it_passes_its_own_tests_and_is_faithful(plugin):
    done = plugin.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"gateway_{plugin.module}: faithful (level 4 of 4)" in done.stdout


def test_it_is_listed(plugin):
    done = plugin.run(BABELGATE, "plugins")

    line = next(line for line in done.stdout.splitlines() if line.startswith(plugin.module))
    assert f"babelgate-my-{plugin.kind} 0.1.0" in line


def test_its_configuration_is_fine(plugin):
    done = plugin.run(BABELGATE, "check", "babelgate.toml")

    assert done.returncode == 0, done.stderr


def test_nothing_of_the_template_is_left(plugin):
    for path in plugin.files:
        assert "newplugin" not in f"{path} {path.read_text()}".lower()


def test_a_written_rule_shows_its_change(tmp_path):
    rule = written("rule", tmp_path)
    (rule.folder / "request.json").write_text(
        '{"model": "any", "messages": [{"role": "user", "content": "Hello!"}]}'
    )

    done = rule.run(
        *(BABELGATE, "explain", "request.json", "--endpoint", "openai"),
        *("--config", "babelgate.toml"),
    )

    assert "my_rule, rewrite_prompt" in done.stdout, done.stdout + done.stderr
    assert "Answer in one sentence." in done.stdout


async def test_a_written_backend_serves_and_streams(backend, tmp_path):
    configuration = (backend.folder / "babelgate.toml").read_text()

    with serve(configuration, tmp_path, {"PYTHONPATH": str(backend.site)}) as running:
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{running.url}/v1/chat/completions", json={**QUESTION, "stream": True}
            ) as reply,
        ):
            streamed = await reply.text()

    assert streamed.count('"content":') >= 3
    assert streamed.endswith("data: [DONE]\n\n")


async def test_a_written_dialect_serves(tmp_path):
    dialect = written("dialect", tmp_path)
    configuration = (dialect.folder / "babelgate.toml").read_text()
    said = [{"type": "text", "text": "Hello!"}]
    question = {"model": "any", "messages": [{"role": "user", "parts": said}]}

    with serve(configuration, tmp_path, {"PYTHONPATH": str(dialect.site)}) as running:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{running.url}/my_dialect/chat", json=question) as reply,
        ):
            events = await reply.json()

    assert {"type": "delta", "index": 0, "text": "[echo] Hello!"} in events


def test_a_backend_is_small():
    code = (TEMPLATES / "backend" / "gateway_newplugin" / "__init__.py").read_text().splitlines()

    assert len([line for line in code if line.strip()]) <= LINES


@pytest.mark.parametrize("name", ["my-parrot", "babelgate-my-parrot", "my_parrot"])
def test_a_name_may_be_said_in_any_spelling(name):
    assert Names.of(name) == Names("my-parrot", "my_parrot", "MyParrot")


@pytest.mark.parametrize("name", ["", "Parrot", "9lives", "my parrot", "a--b", "../up", "-x"])
def test_what_is_no_name_is_refused(name, tmp_path):
    with pytest.raises(ConfigError, match="is no name for a plugin"):
        write("backend", name, tmp_path)


def test_nothing_is_written_over(tmp_path):
    write("rule", "mine", tmp_path)

    done = run_command(["new-plugin", "mine", "--into", str(tmp_path)])

    assert done.returncode == 2
    assert "is there already; choose another name" in done.stderr


def run_command(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BABELGATE, *arguments], capture_output=True, text=True, check=False)
