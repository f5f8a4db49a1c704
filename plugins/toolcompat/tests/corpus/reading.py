"""Read a reply as the gateway does, in pieces, and give the calls that it would carry out."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from gateway.model import Tool
from gateway_toolcompat.scanner import Scanner
from gateway_toolcompat.toolbox import Call, toolbox
from plugins.toolcompat.tests.corpus import cases

PIECE = 11


def calls_read(tools: Sequence[Tool], text: str) -> list[cases.Call]:
    scanner = Scanner(toolbox(list(tools), None))
    pieces = []
    for at in range(0, len(text), PIECE):
        pieces += scanner.feed(text[at : at + PIECE])
    pieces += scanner.close()
    calls = [piece for piece in pieces if isinstance(piece, Call)]
    return [(call.tool.name, orjson.loads(call.arguments)) for call in calls]
