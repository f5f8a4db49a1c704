"""The further dialects of providers known by name: what of them has been read, and where.

Anthropic's Messages, at the address that Claude Code is given: api-docs.deepseek.com
(guides/anthropic_api), platform.minimax.io (api-reference/text-anthropic-api),
help.aliyun.com (model-studio/anthropic-api-messages) and its international edition,
lmstudio.ai (docs/developer/anthropic-compat), llama.cpp's server (its pull request 17570): read
2026-11-25. Those of Moonshot, Z.ai, Zhipu, Fireworks, OpenRouter and vLLM were found that day on
pages of third parties which name the providers' own. All take the key as a bearer token.

Responses: OpenAI's own, and OpenRouter's (beta, keeps no state). Other providers offer some of it
too (Groq, xAI, Moonshot, MiniMax, Fireworks, vLLM); none of them is known to take custom tools and
namespaces, which Codex sends and which chat completions get in words that they know, so theirs
are used where a configuration says so.

A local server of an older version answers 404, and is then asked by its main dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.hooks import Face

BEARER = "bearer"
HERE = Face(auth=BEARER)
"""At the provider's main address."""
UNCOUNTED = MappingProxyType({"count_tokens": False})
"""It has no URL that counts tokens."""


def at(base_url: str) -> Mapping[str, Face]:
    """The Claude face at an address of its own."""
    return MappingProxyType({"claude": Face(base_url, BEARER)})


OPENAI = MappingProxyType({"responses": Face()})
DEEPSEEK = MappingProxyType(
    {"claude": Face("https://api.deepseek.com/anthropic", BEARER, UNCOUNTED)}
)
MOONSHOT = at("https://api.moonshot.cn/anthropic")
OPENROUTER = MappingProxyType({"responses": Face(), "claude": HERE})
ZHIPU = at("https://open.bigmodel.cn/api/anthropic")
ZAI = at("https://api.z.ai/api/anthropic")
DASHSCOPE = at("https://dashscope.aliyuncs.com/apps/anthropic")
DASHSCOPE_INTL = at("https://dashscope-intl.aliyuncs.com/apps/anthropic")
MINIMAX = at("https://api.minimax.io/anthropic")
CLAUDE_TOO = MappingProxyType({"claude": HERE})
