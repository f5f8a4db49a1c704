"""The plugin as the core sees it: hooks, descriptors, and what they decline."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pluggy
import pytest

import gateway_claude
from gateway import hooks
from gateway.attempt import Attempt, Target
from gateway.context import Call
from gateway.errors import BadRequest
from gateway.hooks import Endpoint
from gateway.settings import UpstreamSettings
from gateway.upstream import Upstream
from gateway.wire import InboundWire
from gateway_claude.backend import BACKEND
from gateway_claude.dialect import DIALECT, ENDPOINTS

OTHER = Endpoint("POST", "/v1/chat/completions", "openai", "chat")


@pytest.fixture
def hook():
    manager = pluggy.PluginManager("gateway")
    manager.add_hookspecs(hooks.Hooks)
    manager.register(gateway_claude)
    manager.check_pending()
    return manager.hook


def test_the_descriptors_are_complete(hook):
    (dialects,), (backends,) = hook.register_dialects(), hook.register_backends()

    assert [(e.method, e.path, e.action) for e in dialects[0].endpoints] == [
        ("POST", "/v1/messages", "chat"),
        ("POST", "/v1/messages/count_tokens", "count_tokens"),
        ("GET", "/v1/models", "models"),
        ("GET", "/v1/models/{model}", "model"),
        ("GET", "/v1/models/{vendor}/{model}", "model"),
        ("GET", "/v1/models/{upstream}/{vendor}/{model}", "model"),
    ]
    backend = backends[0]
    assert (backend.name, backend.speaks, backend.version) == ("claude", "claude", "v1")
    assert backend.auth("k") == {"x-api-key": "k"}
    assert backend.headers == {"anthropic-version": "2023-06-01"}
    assert [preset.name for preset in backend.presets] == ["anthropic"]
    assert dialects[0].setup("http://h/kimi", "k") == {
        "ANTHROPIC_BASE_URL": "http://h/kimi",
        "ANTHROPIC_AUTH_TOKEN": "k",
    }


def test_other_dialects_are_declined(hook, wire):
    assert hook.parse_inbound(endpoint=OTHER, wire=wire({}), losses=None) is None
    assert hook.encode_stream(endpoint=OTHER, request=None, context=None) is None
    assert hook.encode_error(dialect="openai", error=BadRequest("x")) is None
    assert hook.encode_models(endpoint=OTHER, wire=None, models=["a"], facts={}) is None
    assert hook.encode_count(endpoint=OTHER, tokens=1, estimated=True) is None


def test_the_hooks_answer_for_their_own_dialect(hook, wire):
    chat, count, models, model, *_ = ENDPOINTS
    body = {"model": "a", "max_tokens": 1, "messages": []}

    assert hook.parse_inbound(endpoint=chat, wire=wire(body), losses=None).model == "a"
    assert hook.encode_error(dialect="claude", error=BadRequest("x")).status == 400
    listed = hook.encode_models(endpoint=models, wire=None, models=["a", "b"], facts={})
    assert [one["id"] for one in orjson.loads(listed.body)["data"]] == ["a", "b"]
    single = hook.encode_models(endpoint=model, wire=None, models=["a"], facts={})
    assert orjson.loads(single.body)["id"] == "a"
    counted = hook.encode_count(endpoint=count, tokens=5, estimated=False)
    assert orjson.loads(counted.body) == {"input_tokens": 5}


def test_facts_are_what_routing_needs(wire):
    chat, count, models, model, slashed, _ = ENDPOINTS

    facts = DIALECT.facts(wire({"model": "a", "stream": True}), chat)
    assert (facts.model, facts.stream) == ("a", True)
    assert DIALECT.facts(wire({"model": "a", "stream": True}), count).stream is False
    assert DIALECT.facts(InboundWire("GET", "/v1/models"), models).model == ""
    one = InboundWire("GET", "/v1/models/a", args={"model": "a"})
    assert DIALECT.facts(one, model).model == "a"
    two = InboundWire("GET", "/v1/models/a/b", args={"vendor": "a", "model": "b"})
    assert DIALECT.facts(two, slashed).model == "a/b"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", {}, {"model": 1}, {"model": "a", "stream": 1}])
def test_facts_of_a_bad_body_are_refused(wire, body):
    with pytest.raises(BadRequest):
        DIALECT.facts(wire(body), ENDPOINTS[0])


def test_importing_the_plugin_imports_none_of_its_arrows():
    code = (
        "import sys, gateway_claude; print([m for m in sys.modules if m.startswith('gateway_cl')])"
    )

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert out.stdout.strip() == "['gateway_claude']"


@pytest.mark.parametrize(
    ("speaks", "quirks", "asks"),
    [("claude", {}, True), ("openai", {}, False), ("claude", {"count_tokens": False}, False)],
)
def test_us3_only_an_upstream_that_can_count_is_asked(hook, read, speaks, quirks, asks):
    target = Target("a", "m", speaks, speaks, quirks=quirks)
    call = Call(
        read({}), Attempt(target), BACKEND, Upstream(UpstreamSettings("a", speaks), BACKEND)
    )

    counting = hook.count_tokens(call=call)

    assert (counting is not None) is asks
    if counting is not None:
        counting.close()
