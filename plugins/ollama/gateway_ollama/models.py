"""Model lists, one model's facts, and the version, in Ollama's shape (API reference, 2026-11).

Clients read much of what only a local server can know. What they need to list a model is said,
and what nobody knows stays empty or 0; no figure is made up.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence

import orjson

from gateway.errors import GatewayError
from gateway.hooks import Endpoint
from gateway.model import Json
from gateway.wire import WireReply
from gateway_ollama.endpoints import PS, SHOW, TAGS, VERSION

API = "0.12.11"
"""The release whose API this is: clients refuse servers that are too old for them."""
MARK = {"x-babelgate": "ollama"}
"""On lists, so that a gateway which looks for an Ollama does not take another gateway for one."""
ARCHITECTURE = "babelgate"
MODIFIED = "2026-01-01T00:00:00Z"
NEVER = "9999-12-31T23:59:59Z"
Facts = Mapping[str, Json]


def write_models(endpoint: Endpoint, models: Sequence[str], facts: Facts) -> WireReply:
    """The reply of an endpoint that answers no chat. Raises GatewayError for what can't be done."""
    write = ANSWERS.get(endpoint.path)
    if write is None:
        raise GatewayError(
            f"{endpoint.method} {endpoint.path} manages the files of models, and a gateway has"
            " none; models are named in its configuration",
            status=501,
            kind="unsupported",
        )
    return WireReply(orjson.dumps(write(models, facts)), headers=MARK)


def capabilities(facts: Facts) -> list[str]:
    """What a model can do; what nothing is known of counts as can, but for thinking."""
    can = {
        "completion": True,
        "tools": facts.get("tools") is not False,
        "vision": facts.get("images") is not False,
        "thinking": facts.get("thinking") is True,
    }
    return [name for name, able in can.items() if able]


def _tags(models: Sequence[str], _: Facts) -> dict[str, Json]:
    listed = [{**_entry(name), "modified_at": MODIFIED} for name in models]
    return {"models": listed}


def _running(models: Sequence[str], _: Facts) -> dict[str, Json]:
    """Every model is ready, and none takes up memory here."""
    return {"models": [{**_entry(name), "expires_at": NEVER, "size_vram": 0} for name in models]}


def _shown(models: Sequence[str], facts: Facts) -> dict[str, Json]:
    name = models[0]
    info: dict[str, Json] = {"general.architecture": ARCHITECTURE, "general.basename": name}
    if facts.get("context") is not None:
        info[f"{ARCHITECTURE}.context_length"] = facts["context"]
    return {
        "modelfile": "",
        "parameters": "",
        "template": "",
        "details": _details(name),
        "model_info": info,
        "capabilities": capabilities(facts),
        "modified_at": MODIFIED,
    }


def _version(_: Sequence[str], __: Facts) -> dict[str, Json]:
    return {"version": API}


def _entry(name: str) -> dict[str, Json]:
    """digest: of the name, so that it stays the same."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return {"name": name, "model": name, "size": 0, "digest": digest, "details": _details(name)}


def _details(name: str) -> dict[str, Json]:
    """family: the first word of the name; clients drop models without one."""
    found = re.search(r"[a-zA-Z]+", name.rpartition("/")[2])
    family = found.group().lower() if found else ARCHITECTURE
    return {
        "parent_model": "",
        "format": "",
        "family": family,
        "families": [family],
        "parameter_size": "",
        "quantization_level": "",
    }


ANSWERS: Mapping[str, Callable[[Sequence[str], Facts], dict[str, Json]]] = {
    TAGS: _tags,
    PS: _running,
    SHOW: _shown,
    VERSION: _version,
}
