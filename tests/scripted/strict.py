"""Rules of strict providers that types can't say: what they answer 400 to, by wire.

OpenAI chat (2026-11): a turn with tool calls is followed by one `tool` message for each, at once;
names match [a-zA-Z0-9_-]{1,64}. Claude Messages (2026-11): results stand at the head of the user
turn after their calls, ids match [a-zA-Z0-9_-]+, names go up to 128 characters, at most four cache
markers, no empty text block, no marker on an empty one, unsigned thinking is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Body = dict[str, Any]
OPENAI_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
CLAUDE_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
CLAUDE_ID = re.compile(r"[a-zA-Z0-9_-]+")
CACHE_MARKERS = 4


def openai_rules(body: Body) -> list[str]:
    return [*_openai_adjacency(body), *_openai_names(body)]


def _openai_adjacency(body: Body) -> Iterator[str]:
    waiting: set[str] = set()
    for at, message in enumerate(body.get("messages", [])):
        if message.get("role") == "tool":
            call = message.get("tool_call_id")
            if call not in waiting:
                yield f"messages[{at}]: tool result {call!r} answers no call of the turn before it"
            waiting.discard(call)
            continue
        if waiting:
            yield f"messages[{at}]: stands before the results of {sorted(waiting)}"
        waiting = {call["id"] for call in message.get("tool_calls") or []}
    if waiting:
        yield f"messages: no results for {sorted(waiting)}"


def _openai_names(body: Body) -> Iterator[str]:
    for tool in body.get("tools") or []:
        name = (tool.get("function") or tool.get("custom") or {}).get("name", "")
        if not OPENAI_NAME.fullmatch(name):
            yield f"tools: name {name!r}"
    for at, message in enumerate(body.get("messages", [])):
        if message.get("tool_calls") == []:
            yield f"messages[{at}].tool_calls: empty list"


def claude_rules(body: Body) -> list[str]:
    return [*_claude_adjacency(body), *_claude_blocks(body), *_claude_names(body)]


def _claude_adjacency(body: Body) -> Iterator[str]:
    waiting: set[str] = set()
    for at, message in enumerate(body.get("messages", [])):
        if message.get("role") == "system":
            continue
        blocks = _blocks(message)
        answered = {b["tool_use_id"] for b in blocks if b.get("type") == "tool_result"}
        if waiting - answered:
            yield f"messages[{at}]: no results for {sorted(waiting - answered)}"
        if answered - waiting:
            yield f"messages[{at}]: results for unknown calls {sorted(answered - waiting)}"
        kinds = [block.get("type") == "tool_result" for block in blocks]
        if kinds != sorted(kinds, reverse=True):
            yield f"messages[{at}]: something stands before a tool result"
        waiting = {block["id"] for block in blocks if block.get("type") == "tool_use"}


def _claude_blocks(body: Body) -> Iterator[str]:
    marked = 0
    for path, block in _all_blocks(body):
        marked += "cache_control" in block
        if block.get("type") == "text" and not block.get("text"):
            yield f"{path}: empty text"
        if block.get("type") == "thinking" and not block.get("signature"):
            yield f"{path}: thinking without a signature"
        if block.get("type") == "tool_use" and not CLAUDE_ID.fullmatch(block["id"]):
            yield f"{path}: id {block['id']!r}"
    if marked > CACHE_MARKERS:
        yield f"{marked} cache markers, at most {CACHE_MARKERS}"


def _claude_names(body: Body) -> Iterator[str]:
    for tool in body.get("tools") or []:
        if not CLAUDE_NAME.fullmatch(tool.get("name", "")):
            yield f"tools: name {tool.get('name')!r}"


def _all_blocks(body: Body) -> Iterator[tuple[str, Body]]:
    system = body.get("system")
    for at, block in enumerate(system if isinstance(system, list) else []):
        yield f"system[{at}]", block
    for at, tool in enumerate(body.get("tools") or []):
        yield f"tools[{at}]", tool
    for at, message in enumerate(body.get("messages", [])):
        for place, block in enumerate(_blocks(message)):
            yield f"messages[{at}].content[{place}]", block


def _blocks(message: Body) -> list[Body]:
    content = message.get("content")
    return content if isinstance(content, list) else []
