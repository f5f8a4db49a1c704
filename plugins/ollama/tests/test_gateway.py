"""The official SDK before a gateway process, whose models speak three dialects."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import ollama as sdk
import pytest

from tests.clients.gateway_process import Gateway, serve
from tests.scripted import Script, Scripted

PROXY_KEY = "cs-proxy-key-of-the-ollama-tests"
DIALECTS = ("openai", "claude", "ollama")
CONFIG = """
[server]
ollama_keyless = true

[upstreams.openai]
dialect = "openai"
base_url = "{url}/v1"
keys = ["env:REAL"]

[upstreams.claude]
dialect = "claude"
base_url = "{url}"
keys = ["env:REAL"]

[upstreams.ollama]
dialect = "ollama"
base_url = "{url}"
keys = ["env:REAL"]

[upstreams.ollama.models."tuned"]
params = {{ num_ctx = 8192 }}
context = 4096
thinking = true

[upstreams.echo]
backend = "echo"

[groups.openai.models]
"*" = "openai/*"

[groups.claude.models]
"*" = "claude/*"

[groups.ollama.models]
"tuned" = "ollama/tuned"
"named:latest" = "ollama/tagged"
"named" = "ollama/plain"
"*" = "ollama/*"

[groups.default.models]
"gemma3-12b" = "echo/gemma3-12b"

[proxy_keys.tester]
key = "env:PROXY_KEY"
"""
SHELL = {
    "type": "function",
    "function": {
        "name": "shell_command",
        "description": "Runs a line.",
        "parameters": {"type": "object", "properties": {"command": {"type": "string"}}},
    },
}


@pytest.fixture(scope="module")
def scripted() -> Iterator[Scripted]:
    with Scripted() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def served(scripted: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    environ = {"REAL": "sk-real", "PROXY_KEY": PROXY_KEY}
    with serve(CONFIG.format(url=scripted.url), tmp_path_factory.mktemp("gw"), environ) as gateway:
        yield gateway
        assert "sk-real" not in gateway.log


@pytest.fixture
def upstream(scripted: Scripted) -> Iterator[Scripted]:
    scripted.clear()
    yield scripted
    assert scripted.errors == []
    assert not [seen for seen in scripted.requests if PROXY_KEY in seen.raw]


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["whole", "streamed"])
def ask(request, served, dialect):
    """Asks for a chat and gives the typed message and the last response, either way."""

    def whole(**fields):
        reply = client.chat(model="stub", **fields)
        return reply.message, reply

    def streamed(**fields):
        chunks = list(client.chat(model="stub", stream=True, **fields))
        said = [one.message for one in chunks]
        message = sdk.Message(
            role="assistant",
            content="".join(one.content or "" for one in said),
            thinking="".join(one.thinking or "" for one in said) or None,
            tool_calls=[call for one in said for call in one.tool_calls or ()] or None,
        )
        return message, chunks[-1]

    with sdk.Client(f"{served.url}/{dialect}") as client:
        yield streamed if request.param else whole


@pytest.fixture
def told(served) -> Iterator[Callable[[str], sdk.Client]]:
    """Makes clients of a group, "" for none."""
    with ExitStack() as stack:

        def make(group: str) -> sdk.Client:
            return stack.enter_context(sdk.Client(f"{served.url}/{group}".rstrip("/")))

        yield make


def test_text_and_counts_come_through(ask, upstream):
    message, last = ask(messages=[{"role": "user", "content": "hi"}], tools=[])

    assert message.content == upstream.script.text
    assert (last.done, last.done_reason) == (True, "stop")
    assert last.prompt_eval_count > 0


def test_thoughts_come_through(ask, upstream):
    upstream.script = Script(quirks=frozenset({"thinking"}))

    message, _ = ask(messages=[{"role": "user", "content": "hi"}], think=True)

    assert message.thinking
    assert message.content == upstream.script.text


def test_a_conversation_with_parallel_calls_ends_well(ask, upstream, dialect):
    upstream.script = Script(mode="parallel")
    turns = [{"role": "user", "content": "look"}]

    asked, _ = ask(messages=turns, tools=[SHELL])
    calls = asked.tool_calls
    results = [
        {"role": "tool", "content": f"result {at}", "tool_name": call.function.name}
        for at, call in enumerate(calls)
    ]
    said, _ = ask(messages=[*turns, asked, *results], tools=[SHELL])

    assert [call.function.arguments for call in calls] == [
        {"command": "cat marker.txt"},
        {"command": "cat marker2.txt"},
    ]
    assert "result 0" in said.content
    assert "result 1" in said.content
    assert upstream.last.wire == dialect


def test_a_schema_and_options_reach_the_model(ask, upstream):
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}

    message, _ = ask(
        messages=[{"role": "user", "content": "hi"}],
        format=schema,
        options={"temperature": 0.25, "num_predict": 64},
    )

    assert "a" in json.loads(message.content)
    assert "0.25" in upstream.last.raw


def test_mm1_an_image_reaches_the_model(ask, upstream, tmp_path):
    image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # noqa: E501

    ask(messages=[{"role": "user", "content": "what?", "images": [image]}])

    assert image in upstream.last.raw


def test_er1_an_upstreams_error_is_the_sdks_own(told, upstream, dialect):
    for model, status in (("say-error-400", 400), ("say-error-429", 429)):
        with pytest.raises(sdk.ResponseError) as caught:
            told(dialect).chat(model, [{"role": "user", "content": "hi"}])

        assert caught.value.status_code == status
        assert caught.value.error


def test_a_stream_that_breaks_is_never_done(told, upstream, dialect):
    with pytest.raises(sdk.ResponseError):
        list(told(dialect).chat("say-early-end", [{"role": "user", "content": "hi"}], stream=True))


def test_a_prompt_is_answered(told, upstream, dialect):
    client = told(dialect)

    whole = client.generate("stub", "hi", system="be kind")
    chunks = list(client.generate("stub", "hi", stream=True))

    assert whole.response == "".join(one.response for one in chunks) == upstream.script.text
    assert chunks[-1].done


def test_a_model_is_loaded_without_a_question(told, upstream, dialect):
    reply = told(dialect).generate("stub")

    assert reply.done
    assert len(upstream.requests) == (1 if dialect == "ollama" else 0)


def test_settings_of_a_model_go_among_its_options(told, upstream):
    told("ollama").chat("tuned", [{"role": "user", "content": "hi"}], options={"seed": 1})

    assert upstream.last.body["options"] == {"seed": 1, "num_ctx": 8192}
    assert "num_ctx" not in upstream.last.body


@pytest.mark.parametrize(
    ("asked", "answers"),
    [("named:latest", "tagged"), ("named", "plain"), ("tuned:latest", "tuned"), ("x:1b", "x:1b")],
)
def test_the_usual_tag_is_left_out_unless_it_was_configured(told, upstream, asked, answers):
    told("ollama").chat(asked, [{"role": "user", "content": "hi"}])

    assert upstream.last.body["model"] == answers


def test_lists_facts_and_version_are_served(served, told):
    client = told("ollama")

    assert [one.model for one in client.list().models] == ["tuned", "named:latest", "named"]
    assert [one.model for one in client.ps().models] == ["tuned", "named:latest", "named"]
    shown = client.show("tuned:latest")
    assert shown.modelinfo["babelgate.context_length"] == 4096
    assert "thinking" in shown.capabilities
    with urllib.request.urlopen(f"{served.url}/api/version") as reply:
        assert json.loads(reply.read()).keys() == {"version"}
    head = urllib.request.Request(f"{served.url}/api/version", method="HEAD")
    with urllib.request.urlopen(head) as reply:
        assert (reply.status, reply.read()) == (200, b"")


@pytest.mark.parametrize(
    ("way", "status"), [(lambda c: c.pull("x"), 501), (lambda c: c.show("nowhere"), 404)]
)
def test_what_can_not_be_done_is_said_in_words(told, way, status):
    with pytest.raises(sdk.ResponseError) as caught:
        way(told(""))

    assert caught.value.status_code == status
    assert not caught.value.error.startswith("{")


def curl(url: str, body: dict, **headers: str):
    """What `curl URL -d BODY` sends: a form's content type, and no key."""
    data = json.dumps(body, ensure_ascii=False).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as reply:
        return reply.headers["content-type"], [json.loads(line) for line in reply]


@pytest.mark.parametrize("prefix", ["", "/compat_mode"])
def test_plain_curl_needs_no_key_on_this_machine(served, prefix):
    body = {
        "model": "gemma3-12b",
        "messages": [{"role": "user", "content": "你是哪个家伙?"}],
        "stream": True,
    }

    content_type, lines = curl(f"{served.url}{prefix}/api/chat", body)

    assert content_type.startswith("application/x-ndjson")
    assert "".join(one["message"]["content"] for one in lines)
    assert [one["done"] for one in lines] == [False] * (len(lines) - 1) + [True]


def test_from_a_page_or_through_a_proxy_a_key_is_needed(served):
    body = {"model": "gemma3-12b", "messages": [{"role": "user", "content": "hi"}]}

    with pytest.raises(urllib.error.HTTPError) as refused:
        curl(f"{served.url}/api/chat", body, **{"X-Forwarded-For": "10.0.0.9"})

    assert refused.value.code == 401
    assert isinstance(json.loads(refused.value.read())["error"], str)
