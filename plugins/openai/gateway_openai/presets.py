"""Providers known by name. Add one: a row here, and a line in the README's table.

Addresses, variables and differences as in each provider's API reference, read 2026-11.
"""

from __future__ import annotations

from gateway.hooks import Preset

PRESETS = (
    Preset(
        name="openai",
        base_url="https://api.openai.com/v1",
        variables=("OPENAI_API_KEY",),
        base_url_variable="OPENAI_BASE_URL",
        patterns=("gpt-*", "o1*", "o3*", "o4*", "chatgpt-*"),
        quirks={
            "max_tokens_field": "max_completion_tokens",
            "reasoning_field": "",
            "reasoning_request": "effort",
            "efforts": ("none", "minimal", "low", "medium", "high", "xhigh"),
            "no_reasoning": ("gpt-3.5*", "gpt-4*", "chatgpt-*"),
            "cache_key": True,
            "metadata": True,
            "allowed_tools": True,
        },
    ),
    Preset(
        name="deepseek",
        base_url="https://api.deepseek.com/v1",
        variables=("DEEPSEEK_API_KEY",),
        base_url_variable="DEEPSEEK_BASE_URL",
        patterns=("deepseek-*",),
        quirks={
            "reasoning_field": "reasoning_content",
            "reasoning_replay": True,
            "reasoning_request": "thinking",
            "developer_role": False,
            "required_choice": False,
            "json_schema": False,
        },
    ),
    Preset(
        name="moonshot",
        base_url="https://api.moonshot.cn/v1",
        variables=("MOONSHOT_API_KEY",),
        base_url_variable="MOONSHOT_BASE_URL",
        patterns=("kimi-*", "moonshot-*"),
        quirks={
            "reasoning_field": "reasoning_content",
            "reasoning_request": "thinking",
            "no_reasoning": ("moonshot-*", "kimi-k2-0*", "kimi-k2-turbo*", "kimi-latest*"),
            "developer_role": False,
            "cache_key": True,
            "video": True,
        },
    ),
    Preset(
        name="openrouter",
        base_url="https://openrouter.ai/api/v1",
        variables=("OPENROUTER_API_KEY",),
        base_url_variable="OPENROUTER_BASE_URL",
        quirks={
            "reasoning_field": "reasoning",
            "reasoning_request": "reasoning",
            "efforts": ("none", "minimal", "low", "medium", "high", "xhigh"),
            "cache_control": True,
            "top_k": True,
        },
    ),
)
