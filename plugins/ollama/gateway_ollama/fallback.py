"""Look for an Ollama with models on this machine, for when nothing is configured."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import cache

from gateway.hooks import Fallback
from gateway.model import Json
from gateway.settings import UpstreamSettings
from gateway_ollama.models import MARK
from gateway_ollama.names import DIALECT
from gateway_ollama.presets import HOST, PRESETS

SECONDS = 0.5
RANK = 10
EMBEDS = ("embed", "bert", "bge-", "minilm")
"""How the names of models that can't chat are known."""


def find_ollama(environ: Mapping[str, str], base_url: str = PRESETS[0].base_url) -> Fallback | None:
    """An Ollama at its usual address. Where OLLAMA_HOST names one, it is an upstream already."""
    if environ.get(HOST, "").strip():
        return None
    model = first_model(base_url)
    if model is None:
        return None
    upstream = UpstreamSettings(DIALECT, DIALECT, base_url=base_url, place="found on this machine")
    note = f"the Ollama on this machine answers with {model}"
    return Fallback(RANK, upstream, model, note)


@cache
def first_model(base_url: str) -> str | None:
    """The first model that can chat of the server there; None when there is none.

    Asked once in a process, before the gateway listens anywhere: so it never finds itself, and
    another gateway at that address says that it is none.
    """
    try:
        with urllib.request.urlopen(f"{base_url}/api/tags", timeout=SECONDS) as reply:  # noqa: S310 - http, a constant
            known = MARK.keys() & {name.lower() for name in reply.headers}
            listed = None if known else json.loads(reply.read())
    except (OSError, ValueError, urllib.error.URLError):
        return None
    return next((name for name in _names(listed) if _chats(name)), None)


def _names(listed: Json) -> list[str]:
    models = listed.get("models") if isinstance(listed, dict) else None
    entries = [one for one in models if isinstance(one, dict)] if isinstance(models, list) else []
    names = [one.get("model") or one.get("name") for one in entries]
    return [name for name in names if isinstance(name, str)]


def _chats(name: str) -> bool:
    return not any(word in name.lower() for word in EMBEDS)
