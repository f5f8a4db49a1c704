"""A stranger's package, installed beside the gateway, is found, serves, and passes the kit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.clients.gateway_process import BABELGATE, serve
from tests.sites import install_project

PARROT = Path(__file__).parent / "stranger" / "babelgate_parrot"
CONFIGURATION = """
[upstreams.polly]
backend = "parrot"

[groups.default.models]
"*" = "polly/macaw"
"""
pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the stranger's distribution as an installer leaves it: package and metadata."""
    folder = tmp_path_factory.mktemp("site")
    install_project(PARROT, folder)
    return folder


def run(installed, *command):
    environ = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        command,
        cwd=installed,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_small():
    code = (PARROT / "gateway_parrot" / "__init__.py").read_text().splitlines()

    assert len([line for line in code if line.strip()]) <= 60


def test_it_passes_the_kit(installed):
    done = run(installed, sys.executable, "-m", "pytest", "-q", str(PARROT / "tests"))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "gateway_parrot: faithful (level 4 of 4)" in done.stdout


def test_it_is_listed(installed):
    done = run(installed, str(BABELGATE), "plugins")

    line = next(line for line in done.stdout.splitlines() if line.startswith("parrot"))
    assert "babelgate-parrot 1.0" in line
    assert "call_backend" in line


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/chat/completions", lambda body: body["choices"][0]["message"]["content"]),
        ("/v1/messages", lambda body: body["content"][0]["text"]),
    ],
)
async def test_it_serves_clients_of_every_dialect(installed, tmp_path, path, said):
    question = {
        "model": "any",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "Polly wants a cracker"}],
    }
    with serve(CONFIGURATION, tmp_path, {"PYTHONPATH": str(installed)}) as running:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{running.url}{path}", json=question) as reply,
        ):
            body = await reply.json()

    assert said(body).strip() == "Polly wants a cracker"
