"""The answers that need no script: model lists, counts, Ollama's facts."""

from __future__ import annotations

from tests.scripted.wire import Body

NAMES = ["claude-sonnet-5-5", "gemini-2.5-pro", "gpt-5", "stub"]
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


def ollama_fact(name: str) -> Body:
    details = {"format": "gguf", "family": "llama", "parameter_size": "8B"}
    model = {"name": "stub:latest", "model": "stub:latest", "size": 1, "details": details}
    info = {"general.architecture": "llama", "llama.context_length": 32768}
    facts: dict[str, Body] = {
        "version": {"version": "0.12.0"},
        "tags": {"models": [model]},
        "ps": {"models": [model]},
        "show": {"details": details, "model_info": info, "capabilities": ["completion", "tools"]},
    }
    return facts[name]
