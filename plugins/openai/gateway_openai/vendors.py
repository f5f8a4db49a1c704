"""What is known of vendors: the quirks of each, by the host of an upstream or by a model's name.

Add one: a row here, and one in `presets.py`. A vendor that isn't known is asked for nothing
special. Rows state what was generally known in 2026-11; only where a row names its page was that
page read for it, so a row that proves wrong is simply wrong: correct it, or override it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import urlsplit

from attrs import frozen

from gateway.errors import BadRequest
from gateway.model import Json

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
OTHERS: Mapping[str, Json] = MappingProxyType({"developer_role": False})
"""Only OpenAI has the role `developer`."""
TAGGED: Mapping[str, Json] = MappingProxyType({**OTHERS, "think_tags": True})
"""Serves open models, some of which write their thoughts into the text."""
OF_MODEL = frozenset(
    {
        *("reasoning_field", "reasoning_replay", "reasoning_request", "efforts", "no_reasoning"),
        "think_tags",
    }
)
"""Quirks that a model keeps wherever it is served; the others are its vendor's own host's."""


@frozen
class Vendor:
    """One vendor. hosts: its domains. models: its models' names, lower case."""

    name: str
    hosts: Sequence[str] = ()
    models: Sequence[str] = ()
    quirks: Mapping[str, Json] = MappingProxyType({})


VENDORS = (
    Vendor(
        "openai",
        ("api.openai.com",),
        quirks={
            "max_tokens_field": "max_completion_tokens",
            "reasoning_field": "",
            "reasoning_request": "effort",
            "efforts": EFFORTS,
            "no_reasoning": ("gpt-3.5*", "gpt-4*", "chatgpt-*"),
            "cache_key": True,
            "metadata": True,
            "allowed_tools": True,
            "custom_tools": True,
        },
    ),
    Vendor(
        # api-docs.deepseek.com/guides/thinking_mode, read 2026-11-25: it takes low, high and max,
        # and thinks unless that is turned off. Its English page reads xhigh as high, its Chinese
        # one as max; the stronger is asked for. After a round of tools it refuses assistant
        # messages that lack their thoughts.
        "deepseek",
        ("deepseek.com",),
        ("deepseek-*",),
        {
            **OTHERS,
            "reasoning_field": "reasoning_content",
            "reasoning_replay": True,
            "reasoning_request": "thinking_effort",
            "efforts": ("low", "high", "max"),
            "required_choice": False,
            "json_schema": False,
        },
    ),
    Vendor(
        "moonshot",
        ("moonshot.cn", "moonshot.ai"),
        ("kimi-*", "moonshot-*"),
        {
            **OTHERS,
            "reasoning_field": "reasoning_content",
            "reasoning_request": "thinking",
            "no_reasoning": ("moonshot-*", "kimi-k2-0*", "kimi-k2-turbo*", "kimi-latest*"),
            "cache_key": True,
            "video": True,
        },
    ),
    Vendor(
        # `tool_choice` knows auto only; structured output is a JSON object without a schema.
        "zhipu",
        ("bigmodel.cn", "z.ai"),
        ("glm-*",),
        {
            **OTHERS,
            "reasoning_field": "reasoning_content",
            "reasoning_request": "thinking",
            "no_reasoning": ("glm-3*", "glm-4-*", "glm-4v*"),
            "required_choice": False,
            "json_schema": False,
        },
    ),
    Vendor(
        # The open models think only in streams, and refuse a whole reply unless told not to.
        "dashscope",
        ("dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com", "dashscope-us.aliyuncs.com"),
        ("qwen*", "qwq-*"),
        {
            **OTHERS,
            "reasoning_field": "reasoning_content",
            "reasoning_request": "enable_thinking",
            "no_reasoning": ("qwen2*", "qwen-max*", "qwen-vl*", "qwen3-coder*", "*-instruct*"),
            "thinks_in_streams": ("qwen3-*b", "qwen3-*b-a*b"),
            "top_k": True,
        },
    ),
    Vendor(
        # Thinks in `<think>` tags inside the text, unless asked to split them off.
        "minimax",
        ("minimax.io", "minimaxi.com", "minimax.chat"),
        ("minimax-*",),
        {
            **TAGGED,
            "reasoning_field": "reasoning_content",
            "reasoning_request": "reasoning_split",
        },
    ),
    Vendor(
        "sensenova",
        ("sensenova.cn",),
        ("sensenova-*",),
        {**OTHERS, "reasoning_request": "effort", "efforts": ("low", "medium", "high")},
    ),
    Vendor(
        # Thinking is a setting of the model's template: `templates.py`.
        "nvidia",
        ("integrate.api.nvidia.com",),
        quirks={
            **TAGGED,
            "reasoning_field": "reasoning_content",
            "reasoning_request": "template",
        },
    ),
    Vendor(
        "modelscope",
        ("modelscope.cn",),
        quirks={
            **TAGGED,
            "reasoning_field": "reasoning_content",
            "reasoning_request": "enable_thinking",
            "no_reasoning": ("*-instruct*", "*-thinking*", "*coder*"),
            "thinks_in_streams": ("qwen3-*b", "qwen3-*b-a*b"),
        },
    ),
    Vendor(
        "siliconflow",
        ("siliconflow.cn", "siliconflow.com"),
        quirks={
            **TAGGED,
            "reasoning_field": "reasoning_content",
            "reasoning_request": "enable_thinking",
            "no_reasoning": ("*-instruct*", "*-thinking*", "*coder*", "deepseek-r1*", "kimi-*"),
            "top_k": True,
        },
    ),
    Vendor(
        "openrouter",
        ("openrouter.ai",),
        quirks={
            "reasoning_field": "reasoning",
            "reasoning_request": "reasoning",
            "efforts": EFFORTS,
            "cache_control": True,
            "top_k": True,
        },
    ),
    Vendor(
        "groq",
        ("api.groq.com",),
        quirks={
            **TAGGED,
            "max_tokens_field": "max_completion_tokens",
            "reasoning_field": "reasoning",
            "reasoning_request": "effort",
            "reasoning_models": ("gpt-oss*",),
        },
    ),
    Vendor(
        # Refuses fields that it doesn't know; its streams end with token counts unasked.
        "mistral",
        ("api.mistral.ai",),
        quirks={**OTHERS, "reasoning_field": "", "stream_usage": False},
    ),
    Vendor(
        "xai",
        ("x.ai",),
        quirks={
            **OTHERS,
            "max_tokens_field": "max_completion_tokens",
            "reasoning_field": "reasoning_content",
            "reasoning_request": "effort",
            "reasoning_models": ("grok-3-mini*",),
            "efforts": ("low", "high"),
        },
    ),
    Vendor(
        "together",
        ("together.xyz", "together.ai"),
        quirks={
            **TAGGED,
            "reasoning_field": "reasoning",
            "reasoning_request": "effort",
            "reasoning_models": ("gpt-oss*",),
            "top_k": True,
        },
    ),
    Vendor(
        "fireworks",
        ("fireworks.ai",),
        quirks={
            **TAGGED,
            "reasoning_field": "reasoning_content",
            "reasoning_request": "effort",
            "reasoning_models": ("gpt-oss*", "deepseek-v3p*", "deepseek-v4*", "glm-*", "qwen3*"),
            "efforts": ("none", "low", "medium", "high"),
            "top_k": True,
        },
    ),
    Vendor(
        "cerebras",
        ("api.cerebras.ai",),
        quirks={
            **TAGGED,
            "max_tokens_field": "max_completion_tokens",
            "reasoning_field": "reasoning",
            "reasoning_request": "effort",
            "reasoning_models": ("gpt-oss*",),
        },
    ),
    Vendor(
        "lmstudio",
        quirks={
            **TAGGED,
            "reasoning_request": "effort",
            "reasoning_models": ("gpt-oss*",),
            "top_k": True,
        },
    ),
    Vendor(
        "vllm",
        quirks={
            **TAGGED,
            "reasoning_field": "reasoning",
            "reasoning_request": "template",
            "top_k": True,
        },
    ),
    Vendor(
        "llamacpp",
        quirks={
            **TAGGED,
            "props": True,
            "reasoning_field": "reasoning_content",
            "reasoning_request": "template",
            "top_k": True,
        },
    ),
)
BY_NAME: Mapping[str, Vendor] = MappingProxyType({one.name: one for one in VENDORS})


@lru_cache(maxsize=512)
def vendor_quirks(name: str | None, base_url: str, model: str) -> Mapping[str, Json]:
    """The quirks of the vendor of that name, else of the first row for the host or the model.

    name: what configuration or a preset says; None when neither does. Raises BadRequest for a
    name that is not known.
    """
    if name is not None:
        if name not in BY_NAME:
            known = ", ".join(BY_NAME)
            raise BadRequest(f"quirks.vendor {name!r} is not known; write one of {known}")
        return BY_NAME[name].quirks
    host = urlsplit(base_url).hostname or ""
    found = next((one for one in VENDORS if any(_is_in(host, d) for d in one.hosts)), None)
    if found is not None:
        return found.quirks
    family = next((one for one in VENDORS if matches(model, one.models)), None)
    quirks = family.quirks if family else {}
    return {name: value for name, value in quirks.items() if name in OF_MODEL}


def matches(model: str, patterns: Sequence[str]) -> bool:
    """Whether a model's name, with or without its folder, in lower case fits one of `patterns`."""
    whole = model.lower()
    bare = whole.rpartition("/")[2]
    return any(fnmatchcase(bare, one) or fnmatchcase(whole, one) for one in patterns)


def _is_in(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
