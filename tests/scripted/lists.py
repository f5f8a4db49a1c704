"""The answers that need no script: model lists, counts, embeddings, Ollama's facts."""

from __future__ import annotations

import base64
import struct
from typing import Any

from tests.scripted.wire import Body

NAMES = ["claude-sonnet-5-5", "gemini-2.5-pro", "gpt-5", "stub"]
VECTOR = [0.1, 0.2, 0.3]
COUNT = 1234


def openai_models() -> Body:
    listed = [{"id": n, "object": "model", "created": 1, "owned_by": "stub"} for n in NAMES]
    return {"object": "list", "data": listed}


def claude_models() -> Body:
    when = "2026-01-01T00:00:00Z"
    listed = [{"type": "model", "id": n, "display_name": n, "created_at": when} for n in NAMES]
    return {"data": listed, "has_more": False, "first_id": NAMES[0], "last_id": NAMES[-1]}


def gemini_models() -> Body:
    verbs = ["generateContent", "countTokens"]
    listed = [{"name": f"models/{n}", "supportedGenerationMethods": verbs} for n in NAMES]
    return {"models": listed}


def openai_embeddings(body: Body) -> Body:
    given = body.get("input")
    vector: Any = VECTOR
    if body.get("encoding_format") == "base64":
        vector = base64.b64encode(struct.pack("<3f", *VECTOR)).decode()
    data = [
        {"object": "embedding", "index": at, "embedding": vector}
        for at in range(len(given) if isinstance(given, list) else 1)
    ]
    usage = {"prompt_tokens": 2, "total_tokens": 2}
    return {"object": "list", "model": body.get("model"), "data": data, "usage": usage}


def gemini_verb(verb: str, body: Body) -> Body:
    one = {"values": VECTOR}
    answers: dict[str, Body] = {
        "countTokens": {"totalTokens": COUNT},
        "embedContent": {"embedding": one},
        "batchEmbedContents": {"embeddings": [one for _ in body.get("requests", [])]},
    }
    return answers[verb]


def ollama_fact(name: str, body: Body) -> Body:
    details = {"format": "gguf", "family": "llama", "parameter_size": "8B"}
    model = {"name": "stub:latest", "model": "stub:latest", "size": 1, "details": details}
    info = {"general.architecture": "llama", "llama.context_length": 32768}
    given = body.get("input")
    facts: dict[str, Body] = {
        "version": {"version": "0.12.0"},
        "tags": {"models": [model]},
        "ps": {"models": [model]},
        "show": {"details": details, "model_info": info, "capabilities": ["completion", "tools"]},
        "embed": {"embeddings": [VECTOR] * (len(given) if isinstance(given, list) else 1)},
        "embeddings": {"embedding": VECTOR},
    }
    return facts[name]
