"""A minimal MCP server over streamable HTTP on loopback, with one tool: `stub_echo(text)`.

It knows only `initialize` and what follows; to anything else it says "method not found" (-32601),
which takes clients of the stateless era (2026-07-28) back to the older one.
"""

from __future__ import annotations

import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

ECHO = {
    "name": "stub_echo",
    "title": "Echo",
    "description": "Echo the text back",
    "inputSchema": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"text": {"type": "string", "minLength": 1, "description": "what to echo"}},
        "required": ["text"],
        "additionalProperties": False,
    },
    "annotations": {"readOnlyHint": True},
}
NO_METHOD = {"code": -32601, "message": "Method not found"}


class McpStub:
    """A running server. methods: the JSON-RPC methods that reached it, in order."""

    def __init__(self) -> None:
        self.methods: list[str] = []
        stub = self

        class Handler(_Handler):
            methods = stub.methods

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/mcp"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    methods: list[str]

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        message = json.loads(self.rfile.read(length) or b"{}")
        self.methods.append(str(message.get("method")))
        if "id" not in message:
            self._answer(202, None)
            return
        answer = {"jsonrpc": "2.0", "id": message["id"]}
        result = _result(message.get("method"), message.get("params") or {})
        self._answer(200, answer | ({"error": NO_METHOD} if result is None else {"result": result}))

    def do_GET(self) -> None:
        """No stream of its own: allowed by the protocol."""
        self._answer(405, None)

    def do_DELETE(self) -> None:
        self._answer(200, None)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests read `methods`."""

    def _answer(self, status: int, body: Any) -> None:
        raw = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Mcp-Session-Id", uuid.uuid4().hex)
        self.end_headers()
        self.wfile.write(raw)


def _result(method: str | None, params: dict[str, Any]) -> Any:
    match method:
        case "initialize":
            return {
                "protocolVersion": params.get("protocolVersion"),
                "capabilities": {"tools": {"listChanged": True}},
                "serverInfo": {"name": "stub-mcp", "version": "1.0"},
            }
        case "tools/list":
            return {"tools": [ECHO]}
        case "tools/call":
            text = (params.get("arguments") or {}).get("text", "")
            return {"content": [{"type": "text", "text": text}], "isError": False}
        case "ping":
            return {}
    return None
