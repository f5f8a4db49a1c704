"""Rules of strict providers that types can't say: what they answer 400 to, by wire.

OpenAI chat (2026-11): a turn with tool calls is followed by one `tool` message for each, at once;
names match [a-zA-Z0-9_-]{1,64}. Claude Messages (2026-11): results stand at the head of the user
turn after their calls, ids match [a-zA-Z0-9_-]+, names go up to 128 characters, at most four cache
markers, no empty text block, no marker on an empty one, unsigned thinking is not taken. Responses
(2026-11): every output has its call before it, ids of items begin with the prefix of their kind.
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
ITEM_IDS = {"function_call": "fc", "custom_tool_call": "ctc", "reasoning": "rs"}
LONGEST_ID = 64


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


def responses_rules(body: Body) -> list[str]:
    given = body.get("input")
    items = given if isinstance(given, list) else []
    return [*_responses_pairs(items), *_responses_ids(items), *_responses_names(body)]


def _responses_pairs(items: list[Body]) -> Iterator[str]:
    """Every output has its call before it, and every call its output after it."""
    waiting: set[str] = set()
    for at, item in enumerate(items):
        kind, call = str(item.get("type", "")), str(item.get("call_id"))
        if kind in ("function_call", "custom_tool_call"):
            waiting.add(call)
        elif kind in ("function_call_output", "custom_tool_call_output"):
            if call not in waiting:
                yield f"input[{at}]: output of {call!r}, which was not called"
            waiting.discard(call)
    if waiting:
        yield f"input: no outputs for {sorted(waiting)}"


def _responses_ids(items: list[Body]) -> Iterator[str]:
    """An item's own id begins as ids of its kind do; a call's id is short."""
    for at, item in enumerate(items):
        prefix = ITEM_IDS.get(str(item.get("type", "")), "")
        if not str(item.get("id") or prefix).startswith(prefix):
            yield f"input[{at}].id: {item['id']!r} does not begin with {prefix!r}"
        if len(str(item.get("call_id", ""))) > LONGEST_ID:
            yield f"input[{at}].call_id: longer than {LONGEST_ID}"


def _responses_names(body: Body) -> Iterator[str]:
    for tool in body.get("tools") or []:
        for one in tool.get("tools") or [tool]:
            if "name" in one and not OPENAI_NAME.fullmatch(one["name"]):
                yield f"tools: name {one['name']!r}"
