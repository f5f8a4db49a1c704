"""How thinking is set in a model's chat template (`chat_template_kwargs`), by the model's name.

NVIDIA NIM, vLLM and llama.cpp take these settings. The names are those that another gateway
sends to NVIDIA's host (2026-11); no model's card was read, and no model was asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from attrs import frozen

from gateway.model import Json
from gateway_openai.vendors import matches

NOTHING: Mapping[str, Json] = MappingProxyType({})


@frozen
class Template:
    """The settings of some models.

    on, off, adaptive: what thinking, not thinking, and thinking as the model likes add; adaptive
    is None where that is the same as on. effort: the setting that takes one of `efforts`.
    low: what an effort up to medium adds.
    """

    models: Sequence[str]
    on: Mapping[str, Json] = NOTHING
    off: Mapping[str, Json] = NOTHING
    adaptive: Mapping[str, Json] | None = None
    effort: str | None = None
    efforts: Sequence[str] = ()
    low: Mapping[str, Json] = NOTHING


TEMPLATES = (
    Template(
        ("deepseek-v4*",),
        {"thinking": True},
        {"thinking": False},
        effort="reasoning_effort",
        efforts=("high", "max"),
    ),
    Template(
        ("deepseek-v3*", "deepseek-r1*", "kimi-k2*", "kimi-k3*"),
        {"thinking": True},
        {"thinking": False},
    ),
    Template(
        ("qwen3*", "qwq*", "gemma-4*", "sarvam-m*"),
        {"enable_thinking": True},
        {"enable_thinking": False},
    ),
    Template(
        ("glm-4.7*", "glm4.7*", "glm-5*", "glm5*"),
        {"enable_thinking": True, "clear_thinking": False},
        {"enable_thinking": False},
    ),
    Template(
        ("minimax-m3*",),
        {"thinking_mode": "enabled"},
        {"thinking_mode": "disabled"},
        adaptive={"thinking_mode": "adaptive"},
    ),
    Template(
        ("nemotron-3*", "nvidia-nemotron-3*"),
        {"enable_thinking": True},
        {"enable_thinking": False},
        low={"low_effort": True},
    ),
    Template(
        ("inkling*",),
        off={"reasoning_effort": "none"},
        effort="reasoning_effort",
        efforts=("minimal", "low", "medium", "high"),
    ),
)


def template_of(model: str) -> Template | None:
    """The settings that `model` knows; None for a model that isn't known."""
    return next((one for one in TEMPLATES if matches(model, one.models)), None)
