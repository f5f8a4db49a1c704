"""Whose quirks a target has: a named vendor's, its host's or its model's; settings over them."""

from __future__ import annotations

import pytest

from gateway.attempt import Target
from gateway.errors import BadRequest
from gateway_openai.chat.asking import FORMS, WORDS
from gateway_openai.quirks import NAMES, PLAIN, quirks_of
from gateway_openai.templates import TEMPLATES
from gateway_openai.vendors import VENDORS


def target(base_url="", model="m", **quirks):
    return Target("up", model, "openai", "openai", base_url=base_url, quirks=quirks)


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda one: one.name)
def test_a_row_says_only_what_quirks_know(vendor):
    quirks = quirks_of(target(vendor=vendor.name))

    assert vendor.quirks.keys() <= NAMES
    assert quirks.reasoning_request is None or quirks.reasoning_request in FORMS
    assert {*quirks.efforts} <= {*WORDS}


def test_every_templates_efforts_are_words_for_effort():
    assert {word for one in TEMPLATES for word in one.efforts} <= {*WORDS}


@pytest.mark.parametrize(
    ("base_url", "request_form"),
    [
        ("https://api.openai.com/v1", "effort"),
        ("https://api.deepseek.com", "thinking_effort"),
        ("https://api.moonshot.ai/v1", "thinking"),
        ("https://open.bigmodel.cn/api/paas/v4", "thinking"),
        ("https://api.z.ai/api/paas/v4", "thinking"),
        ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "enable_thinking"),
        ("https://api.minimaxi.com/v1", "reasoning_split"),
        ("https://integrate.api.nvidia.com/v1", "template"),
        ("https://notdeepseek.com/v1", None),
        ("http://127.0.0.1:8000/v1", None),
    ],
)
def test_the_host_tells_the_vendor(base_url, request_form):
    assert quirks_of(target(base_url)).reasoning_request == request_form


def test_an_unknown_hosts_model_has_what_belongs_to_its_family_only():
    quirks = quirks_of(target("https://house.example/v1", "deepseek-ai/DeepSeek-V3.2"))

    assert (quirks.reasoning_request, quirks.reasoning_replay) == ("thinking_effort", True)
    assert quirks.required_choice
    assert quirks.json_schema


def test_minimax_thinks_in_tags_wherever_it_is_served():
    assert quirks_of(target("https://house.example/v1", "MiniMaxAI/MiniMax-M2")).think_tags
    assert not quirks_of(target("https://house.example/v1", "qwen-plus")).think_tags


def test_the_host_wins_over_the_models_name():
    quirks = quirks_of(target("https://openrouter.ai/api/v1", "deepseek/deepseek-chat"))

    assert quirks.reasoning_request == "reasoning"


def test_a_named_vendor_wins_over_the_host():
    quirks = quirks_of(target("https://api.openai.com/v1", vendor="moonshot"))

    assert quirks.reasoning_request == "thinking"


def test_configuration_wins_over_the_vendor():
    quirks = quirks_of(target("https://api.deepseek.com", required_choice=True, efforts=["high"]))

    assert quirks.required_choice
    assert list(quirks.efforts) == ["high"]
    assert quirks.reasoning_replay


def test_a_vendor_that_is_not_known_is_refused_with_the_names_that_are():
    with pytest.raises(BadRequest, match=r"quirks\.vendor 'deepsek' is not known.*deepseek"):
        quirks_of(target(vendor="deepsek"))


def test_nothing_is_special_of_a_vendor_that_is_not_known():
    assert quirks_of(target("https://house.example/v1", "house-1")) is PLAIN
