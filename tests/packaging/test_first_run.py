"""What a newcomer sees: no configuration, no key, and a real answer in either dialect.

The demo model answers; structure is asserted, never its words.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anthropic
import openai
import pytest
from attrs import frozen

import dev
from tests.clients.gateway_process import free_port

QUESTION = [{"role": "user", "content": "What is the capital of Japan?"}]
TOKENS = 12
README = (dev.ROOT / "README.md").read_text()
README_URL = "http://127.0.0.1:11434"
README_CURLS = re.findall(r"```sh\n(curl .*?)```", README.replace("\\\n", " "), re.DOTALL)
README_CLIENTS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@frozen
class FirstRun:
    """A gateway that was started with nothing. `log` is what it has printed so far."""

    url: str
    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text()


@contextmanager
def first_run(folder: Path) -> Iterator[FirstRun]:
    """A gateway in an empty home; it is told to stop when the block ends."""
    home = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    url, log = f"http://127.0.0.1:{(port := free_port())}", folder / "log"
    command = [dev.BIN / "babelgate", "serve", "--port", str(port)]
    environ = {"PATH": os.environ["PATH"], **home}
    with (
        log.open("w") as out,
        subprocess.Popen(command, cwd=folder, env=environ, stdout=out, stderr=out) as process,
    ):
        try:
            running = FirstRun(url, process, log)
            wait_for_health(running)
            yield running
        finally:
            process.terminate()


def wait_for_health(running: FirstRun) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and running.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{running.url}/health", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the gateway did not come up; it said:\n{running.log}")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstRun]:
    with first_run(tmp_path_factory.mktemp("home")) as running:
        yield running


def children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


@pytest.mark.parametrize("command", README_CURLS, ids=["openai", "claude"])
def test_the_readmes_requests_get_an_answer(command, running):
    words = [word.replace(README_URL, running.url) for word in shlex.split(command)]
    body = words[words.index("-d") + 1]
    short = json.dumps({**json.loads(body), "max_tokens": TOKENS})

    done = subprocess.run(
        [*(short if word == body else word for word in words), "-sS", "--fail-with-body"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    reply = json.loads(done.stdout)
    assert reply.keys() & {"choices", "content"}


@pytest.mark.parametrize("code", README_CLIENTS, ids=["openai", "anthropic"])
def test_the_readmes_sdk_lines_reach_the_gateway(code, running):
    names: dict[str, object] = {}
    exec(compile(code.replace(README_URL, running.url), "README.md", "exec"), names)

    with names["client"] as client:
        assert client.models.list().data


def test_the_openai_sdk_gets_an_answer(running):
    client = openai.OpenAI(base_url=f"{running.url}/v1", api_key="any", max_retries=0)

    with client:
        reply = client.chat.completions.create(
            model="any", messages=QUESTION, max_completion_tokens=TOKENS
        )

    assert reply.choices[0].message.content
    assert reply.choices[0].finish_reason in ("stop", "length")


def test_the_openai_sdk_gets_a_stream(running):
    client = openai.OpenAI(base_url=f"{running.url}/v1", api_key="any", max_retries=0)

    with client:
        chunks = list(
            client.chat.completions.create(
                model="any", messages=QUESTION, max_completion_tokens=TOKENS, stream=True
            )
        )

    text = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert len([piece for piece in text if piece]) > 1


def test_the_anthropic_sdk_gets_an_answer(running):
    client = anthropic.Anthropic(base_url=running.url, api_key="any", max_retries=0)

    with client:
        reply = client.messages.create(model="any", messages=QUESTION, max_tokens=TOKENS)

    assert reply.content[0].type == "text"
    assert reply.content[0].text
    assert reply.stop_reason in ("end_turn", "max_tokens")
    assert reply.usage.input_tokens + (reply.usage.cache_read_input_tokens or 0) > 5


def test_the_anthropic_sdk_gets_a_stream(running):
    client = anthropic.Anthropic(base_url=running.url, api_key="any", max_retries=0)

    with (
        client,
        client.messages.stream(model="any", messages=QUESTION, max_tokens=TOKENS) as stream,
    ):
        pieces = list(stream.text_stream)
        final = stream.get_final_message()

    assert len(pieces) > 1
    assert final.content[0].text == "".join(pieces)


@pytest.mark.parametrize(
    ("path", "words"),
    [("/v1/chat/completions", "context_length_exceeded"), ("/v1/messages", "prompt is too long")],
)
def test_a_request_that_is_too_long_is_refused_in_the_dialects_own_words(running, path, words):
    body = {"model": "any", "max_tokens": 5}
    body["messages"] = [{"role": "user", "content": "word " * 20_000}]
    request = urllib.request.Request(
        running.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)

    with caught.value as refused:
        said = refused.read().decode()
    assert refused.code == 400
    assert words in said
    assert "OPENAI_API_KEY" in said


def test_the_banner_names_the_demo_model(running):
    assert "demo model" in running.log


def test_the_model_ends_with_the_gateway(tmp_path):
    with first_run(tmp_path) as running:
        client = openai.OpenAI(base_url=f"{running.url}/v1", api_key="any", max_retries=0)
        with client:
            client.chat.completions.create(model="any", messages=QUESTION, max_completion_tokens=2)
        [model] = children(running.process.pid)

    assert running.process.returncode == 0
    assert not Path(f"/proc/{model}").exists()
