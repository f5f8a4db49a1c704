"""An Ollama known by name: on this machine, or wherever OLLAMA_HOST says.

It also speaks OpenAI's chat, and Messages from 0.14 (docs.ollama.com, api/openai-compatibility and
api/anthropic-compatibility, read 2026-11-25); an older one is asked in its own dialect. Its cloud
takes a key as a bearer token only. Its Responses are left to configurations: they take no custom
tools.
"""

from __future__ import annotations

from types import MappingProxyType

from gateway.hooks import Face, Preset

HOST = "OLLAMA_HOST"
FACES = MappingProxyType(
    {
        "openai": Face(),
        "claude": Face(auth="bearer", quirks=MappingProxyType({"count_tokens": False})),
    }
)
PRESETS = (
    Preset("ollama", "http://127.0.0.1:11434", base_url_variable=HOST, keyless=True, also=FACES),
)
