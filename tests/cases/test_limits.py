"""MX1: what a client asks for stays within what its target takes, on a relay too."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.gateway_process import Gateway, serve
from tests.scripted import Scripted

MOST = 8_192
CONFIG = """
[upstreams.up]
preset = "{preset}"
base_url = "{url}"
keys = ["env:REAL_KEY"]
models = {{ "*" = {{ max_output = {most} }} }}

[groups.default]
on_loss = "warn"

[groups.default.models]
"*" = "up/*"
"""
HI = [{"role": "user", "content": "hi"}]
ASKS = {
    "openai": ("/v1/chat/completions", {"messages": HI, "max_tokens": 64_000}),
    "claude": ("/v1/messages", {"messages": HI, "max_tokens": 64_000}),
    "responses": ("/v1/responses", {"input": "hi", "max_output_tokens": 64_000}),
}


@pytest.fixture(scope="module")
def limited(scripted: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    config = CONFIG.format(preset="vllm", url=scripted.url, most=MOST)
    with serve(config, tmp_path_factory.mktemp("limited"), {"REAL_KEY": "sk-real"}) as gateway:
        yield gateway


@pytest.mark.parametrize("client", ASKS)
def test_mx1_no_client_asks_for_more_than_the_model_writes(
    limited: Gateway, upstream: Scripted, client: str
) -> None:
    path, body = ASKS[client]

    headers = _asked(limited.url + path, {"model": "m", **body})

    assert upstream.last.body["max_tokens"] == MOST
    assert "sampling.max_tokens" in str(headers)


def _asked(url: str, body: dict[str, Any]) -> dict[str, str]:
    """The headers of the reply."""
    said = {"content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), said)
    with urllib.request.urlopen(request, timeout=10) as reply:
        return dict(reply.headers)
