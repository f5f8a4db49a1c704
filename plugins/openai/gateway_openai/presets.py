"""Providers known by name. Add one: a row here, its quirks in `vendors.py`, a line in the README;
its further dialects, if any, in `faces.py`.

Addresses and variables as generally known in 2026-11; those of NVIDIA, Groq, Cerebras, Together,
Mistral, xAI, DashScope and LM Studio were also found on third-party pages then, none was called.
Variables that move an address are not all the vendors' own: those of the local servers are ours.
Of two addresses of a vendor, the second has a variable of its own, so that one key in the
environment makes one upstream.
"""

from __future__ import annotations

from gateway.hooks import Preset
from gateway_openai import faces

PRESETS = (
    Preset(
        name="openai",
        base_url="https://api.openai.com/v1",
        variables=("OPENAI_API_KEY",),
        base_url_variable="OPENAI_BASE_URL",
        patterns=("gpt-*", "o1*", "o3*", "o4*", "chatgpt-*"),
        quirks={"vendor": "openai"},
        also=faces.OPENAI,
    ),
    Preset(
        name="deepseek",
        base_url="https://api.deepseek.com/v1",
        variables=("DEEPSEEK_API_KEY",),
        base_url_variable="DEEPSEEK_BASE_URL",
        patterns=("deepseek-*",),
        quirks={"vendor": "deepseek"},
        also=faces.DEEPSEEK,
    ),
    Preset(
        name="moonshot",
        base_url="https://api.moonshot.cn/v1",
        variables=("MOONSHOT_API_KEY",),
        base_url_variable="MOONSHOT_BASE_URL",
        patterns=("kimi-*", "moonshot-*"),
        quirks={"vendor": "moonshot"},
        also=faces.MOONSHOT,
    ),
    Preset(
        name="openrouter",
        base_url="https://openrouter.ai/api/v1",
        variables=("OPENROUTER_API_KEY",),
        base_url_variable="OPENROUTER_BASE_URL",
        quirks={"vendor": "openrouter"},
        also=faces.OPENROUTER,
    ),
    Preset(
        name="nvidia",
        base_url="https://integrate.api.nvidia.com/v1",
        variables=("NVIDIA_API_KEY", "NVIDIA_NIM_API_KEY"),
        base_url_variable="NVIDIA_BASE_URL",
        quirks={"vendor": "nvidia"},
    ),
    Preset(
        name="modelscope",
        base_url="https://api-inference.modelscope.cn/v1",
        variables=("MODELSCOPE_API_KEY", "MODELSCOPE_SDK_TOKEN"),
        quirks={"vendor": "modelscope"},
    ),
    Preset(
        name="zhipu",
        base_url="https://open.bigmodel.cn/api/paas/v4",
        variables=("ZHIPUAI_API_KEY", "ZHIPU_API_KEY"),
        base_url_variable="ZHIPUAI_BASE_URL",
        patterns=("glm-*",),
        quirks={"vendor": "zhipu"},
        also=faces.ZHIPU,
    ),
    Preset(
        name="zai",
        base_url="https://api.z.ai/api/paas/v4",
        variables=("ZAI_API_KEY",),
        base_url_variable="ZAI_BASE_URL",
        patterns=("glm-*",),
        quirks={"vendor": "zhipu"},
        also=faces.ZAI,
    ),
    Preset(
        name="dashscope",
        base_url="https://dashscope.aliyuncs.com/compatible-mode/v1",
        variables=("DASHSCOPE_API_KEY",),
        base_url_variable="DASHSCOPE_BASE_URL",
        patterns=("qwen-*", "qwen3-*", "qwq-*"),
        quirks={"vendor": "dashscope"},
        also=faces.DASHSCOPE,
    ),
    Preset(
        name="dashscope-intl",
        base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        variables=("DASHSCOPE_INTL_API_KEY",),
        patterns=("qwen-*", "qwen3-*", "qwq-*"),
        quirks={"vendor": "dashscope"},
        also=faces.DASHSCOPE_INTL,
    ),
    Preset(
        name="minimax",
        base_url="https://api.minimax.io/v1",
        variables=("MINIMAX_API_KEY",),
        base_url_variable="MINIMAX_BASE_URL",
        patterns=("MiniMax-*",),
        quirks={"vendor": "minimax"},
        also=faces.MINIMAX,
    ),
    Preset(
        name="groq",
        base_url="https://api.groq.com/openai/v1",
        variables=("GROQ_API_KEY",),
        quirks={"vendor": "groq"},
    ),
    Preset(
        name="mistral",
        base_url="https://api.mistral.ai/v1",
        variables=("MISTRAL_API_KEY",),
        patterns=("mistral-*", "ministral-*", "magistral-*", "codestral-*", "devstral-*"),
        quirks={"vendor": "mistral"},
    ),
    Preset(
        name="xai",
        base_url="https://api.x.ai/v1",
        variables=("XAI_API_KEY",),
        patterns=("grok-*",),
        quirks={"vendor": "xai"},
    ),
    Preset(
        name="together",
        base_url="https://api.together.xyz/v1",
        variables=("TOGETHER_API_KEY",),
        base_url_variable="TOGETHER_BASE_URL",
        quirks={"vendor": "together"},
    ),
    Preset(
        name="fireworks",
        base_url="https://api.fireworks.ai/inference/v1",
        variables=("FIREWORKS_API_KEY",),
        base_url_variable="FIREWORKS_BASE_URL",
        quirks={"vendor": "fireworks"},
        also=faces.CLAUDE_TOO,
    ),
    Preset(
        name="cerebras",
        base_url="https://api.cerebras.ai/v1",
        variables=("CEREBRAS_API_KEY",),
        base_url_variable="CEREBRAS_BASE_URL",
        quirks={"vendor": "cerebras"},
    ),
    Preset(
        name="siliconflow",
        base_url="https://api.siliconflow.cn/v1",
        variables=("SILICONFLOW_API_KEY",),
        quirks={"vendor": "siliconflow"},
    ),
    Preset(
        name="lmstudio",
        base_url="http://127.0.0.1:1234/v1",
        base_url_variable="LMSTUDIO_BASE_URL",
        quirks={"vendor": "lmstudio"},
        also=faces.CLAUDE_TOO,
        keyless=True,
    ),
    Preset(
        name="vllm",
        base_url="http://127.0.0.1:8000/v1",
        base_url_variable="VLLM_BASE_URL",
        quirks={"vendor": "vllm"},
        also=faces.CLAUDE_TOO,
        keyless=True,
    ),
    Preset(
        name="llamacpp",
        base_url="http://127.0.0.1:8080/v1",
        base_url_variable="LLAMACPP_BASE_URL",
        quirks={"vendor": "llamacpp"},
        also=faces.CLAUDE_TOO,
        keyless=True,
    ),
)
