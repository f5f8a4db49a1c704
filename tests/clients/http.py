"""Plain HTTP to a gateway, for what an SDK would hide: bytes, shapes, and leaving early."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import frozen

from tests.clients.fixtures import PROXY_KEY
from tests.clients.gateway_process import Gateway

PATHS = {"openai": "/v1/chat/completions", "claude": "/v1/messages"}
HEADERS = {"Authorization": f"Bearer {PROXY_KEY}", "Content-Type": "application/json"}
TIMEOUT = 10.0


@frozen
class Reply:
    """headers: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def chat(dialect: str, model: str, **fields: Any) -> dict[str, Any]:
    """A small chat request that both dialects take, but for what `fields` says."""
    messages = [{"role": "user", "content": "Hello"}]
    return {"model": model, "max_tokens": 1024, "messages": messages, **fields}


def post(
    gateway: Gateway,
    path: str,
    body: object,
    headers: Mapping[str, str] = HEADERS,
    method: str = "POST",
) -> Reply:
    """Send a request and read the whole reply. A body that is bytes goes as it is."""
    with opened(gateway, path, body, headers, method) as reply:
        named = {name.lower(): value for name, value in reply.getheaders()}
        return Reply(reply.status, named, reply.read())


@contextmanager
def opened(
    gateway: Gateway,
    path: str,
    body: object,
    headers: Mapping[str, str] = HEADERS,
    method: str = "POST",
) -> Iterator[http.client.HTTPResponse]:
    """A reply whose head has come; the connection is closed at the end of the block."""
    with sent(gateway, path, body, headers, method) as connection:
        yield connection.getresponse()


@contextmanager
def sent(
    gateway: Gateway,
    path: str,
    body: object,
    headers: Mapping[str, str] = HEADERS,
    method: str = "POST",
) -> Iterator[http.client.HTTPConnection]:
    """A request that is on its way; the connection is closed at the end of the block."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=TIMEOUT)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request(method, path, body=raw or None, headers=dict(headers))
        yield connection
    finally:
        if connection.sock:
            connection.sock.close()
        connection.close()


def events(body: bytes) -> list[dict[str, Any]]:
    """The JSON data of every event in an SSE body; comments, names and [DONE] left out."""
    lines = body.decode().splitlines()
    data = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
    return [json.loads(each) for each in data if each != "[DONE]"]


def error_of(dialect: str, reply: Reply) -> dict[str, Any]:
    """The error of a reply, whose shape must be the dialect's own (openai 3.57, anthropic 2.13)."""
    assert reply.headers["content-type"].startswith("application/json")
    body = reply.json
    error: dict[str, Any] = body["error"]
    assert isinstance(error["message"], str)
    assert isinstance(error["type"], str)
    if dialect == "claude":
        assert body["type"] == "error"
    else:
        assert {"param", "code"} <= error.keys()
    return error
