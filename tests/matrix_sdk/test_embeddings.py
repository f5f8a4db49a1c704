"""Vectors in every pair, as the official SDKs ask for them, before strict upstreams."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from attrs import frozen

from tests.clients.gateway_process import Gateway, serve
from tests.matrix_sdk.embedding_clients import CLIENTS
from tests.scripted import Scripted
from tests.scripted.embeddings import TOKENS, in_32_bits, vector_of
from tests.scripted.faults import Refuse

PROXY_KEY = "cs-proxy-key-of-the-embedding-tests"
NARROW_KEY = "cs-narrow-key-of-the-embedding-tests"
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
also = {{ openai = false, claude = false }}
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

[groups.keys.models]
"*" = "two_keys/*"

[groups.cascade.models]
"no-vectors" = ["claude/m", "openai/m"]
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


@frozen
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any


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
        "NARROW_KEY": NARROW_KEY,
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


@pytest.fixture(scope="module")
def clients(served: Gateway) -> Iterator[Callable[[str, str], Any]]:
    """Makes an SDK's client of a group, once."""
    with ExitStack() as stack:

        @cache
        def make(inbound: str, group: str) -> Any:
            return stack.enter_context(CLIENTS[inbound](f"{served.url}/{group}", PROXY_KEY))

        yield make


@pytest.fixture
def client(inbound: str, outbound: str, clients: Any, upstream: Scripted) -> Any:
    return clients(inbound, outbound)


@pytest.fixture
def post(served: Gateway, upstream: Scripted) -> Callable[..., Answer]:
    """Sends a body as it is and gives status, headers and JSON."""

    def send(path: str, body: Any, key: str = PROXY_KEY) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        request = urllib.request.Request(served.url + path, data, headers)
        try:
            with urllib.request.urlopen(request) as reply:
                return Answer(reply.status, reply.headers, json.load(reply))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, json.load(error))

    return send


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


@pytest.mark.parametrize("inbound", ["openai-floats", "ollama"], indirect=True)
def test_more_inputs_than_one_batch_holds_come_back_in_order(client):
    texts = [f"text {number}" for number in range(230)]

    got = client.embed("m", texts)

    assert got.vectors == [vector_of(text) for text in texts]
    assert got.tokens == TOKENS * len(texts)


def test_a_rate_limit_is_the_sdks_own_error(client):
    with pytest.raises(client.error) as raised:
        client.embed("say-error-429-7", ["one"])

    assert "scripted 429" in str(raised.value)


@pytest.mark.parametrize("model", ["say-html", "say-garbage", "say-nothing"])
def test_a_reply_that_is_none_is_an_error(client, model):
    with pytest.raises(client.error):
        client.embed(model, ["one"])


def test_fewer_vectors_than_inputs_are_an_error_and_never_passed_on_as_whole(clients, upstream):
    for inbound, outbound in [("openai", "gemini"), ("gemini", "ollama"), ("ollama", "openai")]:
        client = clients(inbound, outbound)
        with pytest.raises(client.error, match="1 vectors for 2 inputs"):
            client.embed("say-short", ["one", "two"])


def test_vectors_in_another_order_are_put_in_order(clients, upstream):
    got = clients("ollama", "openai").embed("say-mixed-up", ["one", "two", "three"])

    assert got.vectors == [vector_of(text) for text in ("one", "two", "three")]


@pytest.mark.parametrize("outbound", ["gemini", "ollama"], indirect=True)
def test_tokens_that_nobody_counted_are_a_guess_that_says_so(post, outbound):
    reply = post(f"/{outbound}/v1/embeddings", {"model": "say-uncounted", "input": "Hello there"})

    assert reply.body["usage"] == {"prompt_tokens": 3, "total_tokens": 3, "source": "estimated"}


# --- between alike ---


def test_an_openai_request_goes_on_byte_for_byte_but_for_the_name(post, upstream):
    body = b'{ "input":["a", "b"],\n "model" : "named",  "input_type": "query" }'

    reply = post("/openai/v1/embeddings", body)

    assert reply.status == 200
    assert upstream.last.raw.endswith(body.decode().replace('"named"', '"real"'))
    upstream.last.errors.clear()  # the field is another vendor's


def test_an_ollama_request_goes_on_byte_for_byte_but_for_the_name(post, upstream):
    body = b'{"model":"named", "input": "a",  "keep_alive": "5m", "options": {"num_ctx": 9}}'

    reply = post("/ollama/api/embed", body)

    assert reply.body["embeddings"] == [vector_of("a")]
    assert reply.body["total_duration"] == 11
    assert upstream.last.raw.endswith(body.decode().replace('"named"', '"real"'))


def test_a_gemini_request_goes_on_byte_for_byte(post, upstream):
    body = b'{ "content": {"parts": [{"text": "a"}]}, "taskType": "RETRIEVAL_QUERY"}'

    reply = post("/gemini/v1beta/models/named:embedContent", body)

    assert reply.body["embedding"]["values"] == vector_of("a")
    assert upstream.last.path.endswith("/models/real:embedContent")
    assert upstream.last.raw.endswith(body.decode())


def test_token_numbers_reach_a_model_of_the_same_api(post, upstream):
    for group in ("openai", "responses"):
        reply = post(f"/{group}/v1/embeddings", {"model": "named", "input": [[1, 2], [3]]})

        assert [one["embedding"] for one in reply.body["data"]] == [
            vector_of("[1, 2]"),
            vector_of("[3]"),
        ]


def test_a_group_rule_for_vectors_holds_on_both_ways(clients, upstream):
    """`params` of a model set the length; what only chats have is left out."""
    for inbound in ("openai", "gemini", "ollama"):
        for outbound in ("openai", "gemini", "ollama"):
            got = clients(inbound, outbound).embed("tuned", ["one"], 4)

            assert [len(vector) for vector in got.vectors] == [2], (inbound, outbound)


# --- who refuses what ---


def test_a_provider_without_embeddings_is_refused_clearly(clients, inbound, upstream):
    client = clients(inbound, "claude")

    with pytest.raises(client.error, match="'claude/m' can't embed: it offers no embeddings"):
        client.embed("m", ["one"])

    assert upstream.requests == []


def test_there_is_no_claude_endpoint_for_vectors(post):
    reply = post("/claude/v1/messages/embeddings", {})

    assert reply.status == 404
    assert reply.body["type"] == "error"


def test_a_target_that_has_no_vectors_is_passed_over(clients, upstream):
    got = clients("gemini", "cascade").embed("no-vectors", ["one"])

    assert got.vectors == [vector_of("one")]
    assert [seen.path for seen in upstream.requests] == ["/v1/embeddings"]


def test_a_failing_target_gives_way_to_the_next_and_a_refusing_one_does_not(clients, upstream):
    client = clients("openai-floats", "cascade")

    assert client.embed("fails", ["one"]).vectors == [vector_of("one")]
    with pytest.raises(client.error, match="scripted 400"):
        client.embed("refuses", ["one"])
    assert [seen.wire for seen in upstream.requests] == ["gemini", "ollama", "gemini"]


def test_the_next_key_is_tried_after_one_that_is_out_of_quota(clients, upstream):
    upstream.script.faults = [Refuse(429)]

    got = clients("ollama", "keys").embed("m", ["one"])

    keys = [seen.headers["authorization"] for seen in upstream.requests]
    assert got.vectors == [vector_of("one")]
    assert sorted(keys) == ["Bearer sk-real-key-of-the-embedding-tests", "Bearer sk-second"]


def test_a_key_reaches_no_other_groups_vectors(post, upstream):
    reply = post("/openai/v1/embeddings", {"model": "m", "input": "a"}, key=NARROW_KEY)

    assert reply.status == 403
    assert upstream.requests == []


@pytest.mark.parametrize("group", ["gemini", "ollama"])
def test_token_numbers_are_refused_where_they_mean_nothing(post, upstream, group):
    reply = post(f"/{group}/v1/embeddings", {"model": "m", "input": [[1, 2]]})

    assert reply.status == 400
    assert reply.body["error"]["param"] == "input[0]"
    assert "send text" in reply.body["error"]["message"]
    assert upstream.requests == []


def test_token_numbers_go_on_to_a_target_that_can_read_them(post, upstream):
    reply = post("/cascade/v1/embeddings", {"model": "tokens", "input": [1, 2]})

    assert reply.body["data"][0]["embedding"] == vector_of("[1, 2]")


def test_lost_meaning_is_told_or_refused_as_the_group_says(post, upstream):
    said = {"content": {"parts": [{"text": "a"}]}, "title": "T", "taskType": "RETRIEVAL_DOCUMENT"}

    warned = post("/warned/v1beta/models/m:embedContent", said)
    refused = post("/strict/v1beta/models/m:embedContent", said)

    assert warned.headers["x-babelgate-losses"] == "content.title"
    assert refused.status == 400
    assert "content.title: Ollama has no such field" in refused.body["error"]["message"]
    assert len(upstream.requests) == 1


# --- URLs ---


@pytest.mark.parametrize("version", ["/v1beta", "/v1", ""])
@pytest.mark.parametrize("verb", [":embedContent", "/embedContent"])
def test_one_content_is_embedded_under_every_url(post, version, verb):
    body = {"content": {"parts": [{"text": "a"}, {"text": "b"}]}, "output_dimensionality": 2}

    reply = post(f"/openai{version}/models/m{verb}", body)

    assert reply.body["embedding"]["values"] == vector_of("a\nb", 2)
    assert reply.body["usageMetadata"]["promptTokenCount"] == TOKENS


@pytest.mark.parametrize("verb", [":batchEmbedContents", "/batchEmbedContents"])
def test_a_batch_is_embedded_under_every_url(post, verb):
    one = {"model": "models/vendor/m", "content": {"parts": [{"text": "a"}]}}

    name = "vendor/m" if verb.startswith(":") else "vendor%2Fm"
    reply = post(f"/ollama/v1beta/models/{name}{verb}", {"requests": [one, one]})

    assert [each["values"] for each in reply.body["embeddings"]] == [vector_of("a")] * 2


def test_ollamas_old_endpoint_gives_one_vector(clients, outbound, upstream):
    sdk = clients("ollama", outbound).sdk

    assert sdk.embeddings(model="m", prompt="a").embedding == vector_of("a")


def test_an_ollama_request_that_only_loads_is_answered_at_once(post, upstream):
    assert post("/openai/api/embed", {"model": "m"}).body == {"model": "m", "embeddings": []}
    assert post("/gemini/api/embeddings", {"model": "m"}).body == {"embedding": []}
    assert upstream.requests == []


# --- bad input ---


BAD = {
    "openai no input": ("/gemini/v1/embeddings", {"model": "m"}, "input"),
    "openai empty": ("/gemini/v1/embeddings", {"model": "m", "input": []}, "input"),
    "openai number": ("/gemini/v1/embeddings", {"model": "m", "input": 5}, "input"),
    "openai mixed": ("/gemini/v1/embeddings", {"model": "m", "input": ["a", 5]}, "input[1]"),
    "openai form": (
        "/gemini/v1/embeddings",
        {"model": "m", "input": "a", "encoding_format": "int8"},
        "encoding_format",
    ),
    "openai no model": ("/openai/v1/embeddings", {"input": "a"}, "model"),
    "gemini no content": ("/openai/v1beta/models/m:embedContent", {}, "content"),
    "gemini no parts": ("/openai/v1/models/m:embedContent", {"content": {"parts": []}}, "parts"),
    "gemini no batch": ("/gemini/v1/models/m:batchEmbedContents", {"requests": []}, "requests"),
    "gemini other model": (
        "/gemini/v1/models/m:embedContent",
        {"model": "models/x", "content": {"parts": [{"text": "a"}]}},
        "models/m",
    ),
    "ollama number": ("/openai/api/embed", {"model": "m", "input": [5]}, "input[0]"),
    "ollama no model": ("/openai/api/embed", {"input": "a"}, "model"),
    "no json": ("/openai/v1/embeddings", b"{", "not valid JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_400_that_names_the_place(post, upstream, name):
    path, body, place = BAD[name]

    reply = post(path, body)

    assert reply.status == 400
    assert place in json.dumps(reply.body)
    assert upstream.requests == []
