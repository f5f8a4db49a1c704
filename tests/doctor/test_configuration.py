"""What the doctor says of the configuration and the plugins, and how the command ends."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from gateway.doctor.configuration import read
from gateway.testing.upstreams import Reply
from tests.clients.gateway_process import serve
from tests.sites import Site, site

__all__ = ["site"]
KEY = "sk-secret-key-of-somebody-1234"
UPSTREAM = """
[upstreams.up]
dialect = "openai"
base_url = "{url}/v1"
keys = ["env:UP_KEY"]

[groups.default.models]
"*" = "up/model"
"""


def written(folder, text):
    file = folder / "mine.toml"
    file.write_text(text)
    return str(file)


def bad(found):
    return [one for one in found.findings if one.grade == "bad"]


def test_a_mistake_is_told_with_file_and_line(tmp_path):
    file = written(tmp_path, '[server]\nport = 11434\nhots = "x"\n')

    found = read(file, {})

    (finding,) = bad(found)
    assert finding.what.startswith(f'{file}:3: server.hots: unknown name (did you mean "host"?)')
    assert found.settings is None


@pytest.mark.parametrize("text", ["[server", "[plugins]\ndisabled = 5\n"])
def test_a_file_that_can_not_be_read_is_told(tmp_path, text):
    assert "mine.toml" in bad(read(written(tmp_path, text), {}))[0].what


def test_an_open_address_is_bad(tmp_path):
    found = read(written(tmp_path, '[server]\nhost = "0.0.0.0"\n'), {})

    assert [one.area for one in bad(found)] == ["access"]
    assert "babelgate keys new" in bad(found)[0].what


def test_an_address_that_is_meant_to_be_open_is_a_note(tmp_path):
    text = '[server]\nhost = "0.0.0.0"\nallow_open = true\n'

    found = read(written(tmp_path, text), {})

    assert bad(found) == []
    assert any(one.grade == "note" and "OPEN" in one.what for one in found.findings)


def test_a_plugin_that_fails_to_load_is_named_with_its_reason(site: Site):
    site.install("broken", "import no_such_module_at_all")

    found = read(None, {})

    (finding,) = bad(found)
    assert "plugin 'broken' (babelgate-broken 1.2): it can't be imported" in finding.what
    assert "no_such_module_at_all" in finding.what
    assert "pip uninstall babelgate-broken" in finding.do


def test_a_plugin_that_is_left_out_is_a_note(tmp_path):
    found = read(written(tmp_path, '[plugins]\ndisabled = ["echo"]\n'), {})

    assert any(one.what == "echo is left out" for one in found.findings)


def test_no_dialect_at_all_is_bad(tmp_path):
    found = read(written(tmp_path, '[plugins]\nonly = ["echo"]\n'), {})

    assert any("no dialect is in use" in one.what for one in bad(found))


async def doctor(folder: Path, *arguments: str, **environ: str) -> tuple[int, str]:
    """Exit status and output of the command, in an environment with nothing of the user's."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from gateway.cli import main; main()", "doctor", *arguments),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_the_command_ends_with_0_when_all_is_well(tmp_path, fake_upstream):
    fake_upstream.answers(Reply.json({"data": []}))
    file = written(tmp_path, UPSTREAM.format(url=fake_upstream.url))

    status, said = await doctor(tmp_path, "--config", file, UP_KEY=KEY)

    assert status == 0, said
    assert "upstreams: up: 127.0.0.1:" in said
    assert said.endswith("nothing is wrong\n")
    assert KEY not in said


async def test_the_command_ends_with_1_when_something_is_bad(tmp_path, fake_upstream):
    fake_upstream.answers(Reply.json({"error": {"message": f"no such key: {KEY}"}}, 401))
    file = written(tmp_path, UPSTREAM.format(url=fake_upstream.url))

    status, said = await doctor(tmp_path, "--config", file, UP_KEY=KEY)

    assert status == 1
    assert "BAD   upstreams: up: the key is refused (401)" in said
    assert f"do: put in a key that is valid ({file}:2)" in said
    assert said.endswith("1 to mend\n")
    assert KEY not in said


async def test_findings_are_json_when_asked_for(tmp_path):
    file = written(tmp_path, "[server")

    status, said = await doctor(tmp_path, "--json", "--config", file)

    assert status == 1
    findings = json.loads(said)
    assert findings[0].keys() == {"area", "grade", "what", "why", "do"}
    assert findings[0]["grade"] == "bad"


async def test_a_gateway_that_runs_is_recognised(tmp_path, fake_upstream):
    (tmp_path / "one").mkdir()
    configuration = UPSTREAM.format(url=fake_upstream.url)
    fake_upstream.answers(Reply.json({"data": []}))
    with serve(configuration, tmp_path / "one", {"UP_KEY": KEY}) as running:
        file = written(tmp_path, f"[server]\nport = {running.port}\n{configuration}")
        status, said = await doctor(tmp_path, "--config", file, UP_KEY=KEY)

    assert status == 0, said
    assert f"port: a gateway answers at {running.url}" in said
