"""The plugin as the core sees it."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import openai
import pluggy
import pytest
from openai.pagination import SyncPage
from openai.types import Model

import gateway_openai
from gateway.context import Context
from gateway.errors import BadRequest
from gateway.hooks import Endpoint, Hooks
from gateway.losses import Losses
from gateway.settings import Group
from gateway_openai.presets import PRESETS
from gateway_openai.vendors import BY_NAME

README = Path(gateway_openai.__file__).parents[1] / "README.md"
CHAT = Endpoint("POST", "/v1/chat/completions", "openai", "chat")
DIALECTS = ["openai", "responses"]
RESPONSES = Endpoint("POST", "/v1/responses", "responses", "chat")
OTHER = Endpoint("POST", "/v1/messages", "claude", "chat")


@pytest.fixture
def plugins():
    manager = pluggy.PluginManager("gateway")
    manager.add_hookspecs(Hooks)
    manager.register(gateway_openai)
    manager.check_pending()
    return manager


def test_every_hook_matches_its_spec(plugins):
    assert gateway_openai.API_VERSION == 1
    assert [d.name for found in plugins.hook.register_dialects() for d in found] == DIALECTS
    assert [b.name for found in plugins.hook.register_backends() for b in found] == DIALECTS


def test_requests_of_other_dialects_are_declined(plugins, chat):
    wire = chat.wire({"model": "m"})

    assert plugins.hook.parse_inbound(endpoint=OTHER, wire=wire, losses=Losses()) is None
    assert plugins.hook.encode_error(dialect="claude", error=BadRequest("x")) is None
    assert plugins.hook.encode_models(endpoint=OTHER, wire=wire, models=[], facts={}) is None


def test_a_request_of_this_dialect_is_read(plugins, chat):
    wire = chat.wire({"model": "m", "messages": [{"role": "user", "content": "hi"}]})

    request = plugins.hook.parse_inbound(endpoint=CHAT, wire=wire, losses=Losses())

    assert request.model == "m"


@pytest.mark.parametrize(
    ("endpoint", "facts", "wanted"),
    [
        (CHAT, {}, []),
        (CHAT, {"quirks": {"vendor": "openai"}}, []),
        (CHAT, {"quirks": {"vendor": "deepseek"}}, [{"request"}]),
        (CHAT, {"facts": {"max_output": 8_192}}, [{"request"}]),
        (OTHER, {"quirks": {"vendor": "deepseek"}}, []),
        (RESPONSES, {"facts": {"max_output": 8_192}}, []),
    ],
)
def test_a_relay_is_given_up_where_the_provider_would_refuse_the_clients_own_words(
    plugins, chat, endpoint, facts, wanted
):
    attempt = chat.attempt(**facts)
    who = Context("x", endpoint, Group("g"), "a", "m", "", False, None, attempt.target, attempt)

    assert plugins.hook.touches(context=who) == wanted


def test_an_error_is_the_sdks(plugins):
    reply = plugins.hook.encode_error(dialect="openai", error=BadRequest("wrong", param="x"))

    assert (reply.status, json.loads(reply.body)["error"]["param"]) == (400, "x")


def test_the_model_list_is_the_sdks(plugins, chat):
    endpoint = Endpoint("GET", "/v1/models", "openai", "models")
    one = Endpoint("GET", "/v1/models/{model}", "openai", "model")
    wire = chat.wire({})

    listed = plugins.hook.encode_models(endpoint=endpoint, wire=wire, models=["a", "b"], facts={})
    single = plugins.hook.encode_models(endpoint=one, wire=wire, models=["a"], facts={})

    assert [m.id for m in SyncPage[Model].model_validate_json(listed.body).data] == ["a", "b"]
    assert Model.model_validate_json(single.body).id == "a"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_names_a_vendor_that_is_known_and_an_address_with_its_version(preset):
    assert preset.quirks == {"vendor": preset.quirks["vendor"]}
    assert preset.quirks["vendor"] in BY_NAME
    assert re.search(r"/v\d+$", preset.base_url)
    if preset.keyless:
        assert preset.base_url.startswith("http://127.0.0.1:")
        assert preset.base_url_variable
    else:
        assert preset.base_url.startswith("https://")
        assert preset.variables


def test_no_variable_and_no_name_stands_for_two_presets():
    names = [preset.name for preset in PRESETS]
    variables = [name for preset in PRESETS for name in preset.variables]
    moving = [preset.base_url_variable for preset in PRESETS if preset.base_url_variable]

    assert len({*names}) == len(names)
    assert len({*variables, *moving}) == len(variables) + len(moving)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_the_readme_lists_every_preset(preset):
    rows = README.read_text().splitlines()

    row = next(line for line in rows if line.startswith(f"| `{preset.name}` |"))
    for said in (preset.base_url, *preset.variables, preset.base_url_variable, *preset.patterns):
        assert said is None or f"`{said}`" in row


@pytest.mark.parametrize(
    ("model", "presets"),
    [
        ("gpt-5.5", ["openai"]),
        ("o3-mini", ["openai"]),
        ("chatgpt-4o-latest", ["openai"]),
        ("deepseek-chat", ["deepseek"]),
        ("kimi-k2", ["moonshot"]),
        ("moonshot-v1-8k", ["moonshot"]),
        ("glm-5", ["zhipu", "zai"]),
        ("qwen-max", ["dashscope", "dashscope-intl"]),
        ("qwen3:8b", []),
        ("MiniMax-M2", ["minimax"]),
        ("grok-4", ["xai"]),
        ("mistral-large-latest", ["mistral"]),
        ("llama-3.3-70b", []),
    ],
)
def test_a_vendors_own_model_names_belong_to_one_vendor(model, presets):
    found = [p.name for p in PRESETS if any(fnmatchcase(model, one) for one in p.patterns)]

    assert found == presets


def test_the_key_goes_out_as_bearer_and_the_client_is_told_where_to_go(plugins):
    dialect = plugins.hook.register_dialects()[0][0]
    backend = plugins.hook.register_backends()[0][0]

    assert backend.auth("sk-1") == {"authorization": "Bearer sk-1"}
    assert dialect.setup("http://127.0.0.1:1/kimi", "k") == {
        "OPENAI_BASE_URL": "http://127.0.0.1:1/kimi/v1",
        "OPENAI_API_KEY": "k",
    }


def test_the_sdk_reads_the_lines_of_setup(plugins, monkeypatch):
    for name, value in plugins.hook.register_dialects()[0][0].setup("http://h/g", "k").items():
        monkeypatch.setenv(name, value)

    with openai.OpenAI() as client:
        assert (str(client.base_url), client.api_key) == ("http://h/g/v1/", "k")
