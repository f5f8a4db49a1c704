"""An Ollama known by name: on this machine, or wherever OLLAMA_HOST says."""

from __future__ import annotations

from gateway.hooks import Preset

HOST = "OLLAMA_HOST"
PRESETS = (Preset("ollama", "http://127.0.0.1:11434", base_url_variable=HOST, keyless=True),)
