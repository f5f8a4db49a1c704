"""Model lists, one model's facts, and the version."""

from __future__ import annotations

import orjson
import pytest

from gateway.errors import GatewayError
from gateway_ollama.models import capabilities, write_models


def answer(ollama, path, *names, **facts):
    return orjson.loads(write_models(ollama.endpoint(path), names, facts).body)


def test_us3_the_list_has_every_name_as_it_is_written(ollama):
    models = answer(ollama, "/api/tags", "gemma3-12b", "org/Qwen3:8b")["models"]

    assert [one["name"] for one in models] == ["gemma3-12b", "org/Qwen3:8b"]
    assert [one["details"]["family"] for one in models] == ["gemma", "qwen"]
    assert models[0]["digest"] != models[1]["digest"]
    assert models == answer(ollama, "/api/tags", "gemma3-12b", "org/Qwen3:8b")["models"]


def test_every_model_is_ready(ollama):
    (model,) = answer(ollama, "/api/ps", "a")["models"]

    assert (model["model"], model["size_vram"]) == ("a", 0)


def test_a_model_is_shown_with_what_is_known_of_it(ollama):
    shown = answer(ollama, "/api/show", "kimi", tools=True, images=False, context=131072)

    info = shown["model_info"]
    assert info[f"{info['general.architecture']}.context_length"] == 131072
    assert shown["capabilities"] == ["completion", "tools"]


@pytest.mark.parametrize(
    ("facts", "can"),
    [
        ({}, ["completion", "tools", "vision"]),
        ({"tools": False, "images": False}, ["completion"]),
        ({"thinking": True}, ["completion", "tools", "vision", "thinking"]),
    ],
)
def test_what_nothing_is_known_of_counts_as_can(facts, can):
    assert capabilities(facts) == can


def test_the_version_is_that_of_an_api_that_clients_take(ollama):
    version = answer(ollama, "/api/version")["version"]

    assert [int(number) for number in version.split(".")] >= [0, 6, 4]


def test_what_manages_files_of_models_is_refused(ollama):
    with pytest.raises(GatewayError, match="manages the files of models") as refused:
        answer(ollama, "/api/pull")

    assert refused.value.status == 501
