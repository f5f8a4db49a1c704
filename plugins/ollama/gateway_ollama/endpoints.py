"""The URLs of Ollama's API, and which of them a gateway can do nothing for."""

from __future__ import annotations

from gateway.hooks import Endpoint
from gateway_ollama.names import CHAT, DIALECT, EMBED, EMBEDDINGS, GENERATE

TAGS = "/api/tags"
PS = "/api/ps"
SHOW = "/api/show"
VERSION = "/api/version"
OF_FILES = (
    *(("POST", f"/api/{verb}") for verb in ("pull", "push", "create", "copy")),
    ("DELETE", "/api/delete"),
    ("POST", "/api/blobs/{digest}"),
)
"""What manages the files of models, of which a gateway has none."""

ENDPOINTS = (
    Endpoint("POST", CHAT, DIALECT, "chat"),
    Endpoint("POST", GENERATE, DIALECT, "chat"),
    Endpoint("POST", EMBED, DIALECT, "embed"),
    Endpoint("POST", EMBEDDINGS, DIALECT, "embed"),
    Endpoint("GET", TAGS, DIALECT, "models"),
    Endpoint("GET", PS, DIALECT, "models"),
    Endpoint("POST", SHOW, DIALECT, "model"),
    Endpoint("GET", VERSION, DIALECT, "about"),
    *(Endpoint(method, path, DIALECT, "about") for method, path in OF_FILES),
)
