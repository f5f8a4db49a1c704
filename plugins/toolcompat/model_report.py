"""How often a small real model, which knows no tools, calls the right one through /compat.

    python plugins/toolcompat/model_report.py [FILE] [RUNS]

Asks the demo model every request of FILE (default: errands.json beside this script) through four
endpoints, with earlier tool turns in the history and without, RUNS times (default 3). Per endpoint
it prints for each run how many calls were valid by the tool's schema, and how many were right.
The model is asked at temperature 0: what is measured is what it was told, and not its moods.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
from attrs import frozen

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.testing import gateways

Json = Any
ERRANDS = Path(__file__).with_name("errands.json")
CONFIG = """
[upstreams.demo]
backend = "local"

[groups.default]
tool_mode = "compat"
models = { "*" = "demo/demo-model" }
"""
LONGEST = 120
MARKUP = re.compile(r"</?(tool_call|tool_result|function_calls|invoke|parameter)\b")


@frozen
class Answer:
    """What a client got: the calls (name, arguments) and the text."""

    calls: Sequence[tuple[str, Mapping[str, Json]]]
    text: str


@frozen
class Endpoint:
    """How one API is asked. body: from the tools, the earlier turns and the request's text."""

    path: str
    body: Callable[[Json, Json, str], Json]
    read: Callable[[Json], Answer]


def openai_body(tools: Json, history: Json, ask: str) -> Json:
    messages: list[Json] = []
    for number, turn in enumerate(history):
        function = {"name": turn["tool"], "arguments": json.dumps(turn["arguments"])}
        call = {"id": f"call_{number}", "type": "function", "function": function}
        messages += [
            {"role": "user", "content": turn["ask"]},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call["id"], "content": turn["result"]},
            {"role": "assistant", "content": turn["answer"]},
        ]
    return {
        "model": "m",
        "max_tokens": LONGEST,
        "temperature": 0,
        "messages": [*messages, {"role": "user", "content": ask}],
        "tools": [{"type": "function", "function": tool} for tool in tools],
    }


def openai_read(reply: Json) -> Answer:
    message = reply["choices"][0]["message"]
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    return Answer(
        [(call["name"], json.loads(call["arguments"])) for call in calls], message["content"] or ""
    )


def claude_body(tools: Json, history: Json, ask: str) -> Json:
    messages: list[Json] = []
    for number, turn in enumerate(history):
        use = {"type": "tool_use", "id": f"toolu_{number}", "name": turn["tool"]}
        result = {"type": "tool_result", "tool_use_id": use["id"], "content": turn["result"]}
        messages += [
            {"role": "user", "content": turn["ask"]},
            {"role": "assistant", "content": [{**use, "input": turn["arguments"]}]},
            {"role": "user", "content": [result]},
            {"role": "assistant", "content": turn["answer"]},
        ]
    named = [{**tool, "input_schema": tool["parameters"]} for tool in tools]
    for tool in named:
        del tool["parameters"]
    messages.append({"role": "user", "content": ask})
    asked = {"model": "m", "max_tokens": LONGEST, "temperature": 0}
    return {**asked, "messages": messages, "tools": named}


def claude_read(reply: Json) -> Answer:
    blocks = reply["content"]
    calls = [(one["name"], one["input"]) for one in blocks if one["type"] == "tool_use"]
    return Answer(calls, "".join(one["text"] for one in blocks if one["type"] == "text"))


def gemini_body(tools: Json, history: Json, ask: str) -> Json:
    contents: list[Json] = []
    for turn in history:
        name = turn["tool"]
        called = {"functionCall": {"name": name, "args": turn["arguments"]}}
        result = {"functionResponse": {"name": name, "response": {"output": turn["result"]}}}
        contents += [
            {"role": "user", "parts": [{"text": turn["ask"]}]},
            {"role": "model", "parts": [called]},
            {"role": "user", "parts": [result]},
            {"role": "model", "parts": [{"text": turn["answer"]}]},
        ]
    return {
        "contents": [*contents, {"role": "user", "parts": [{"text": ask}]}],
        "tools": [{"functionDeclarations": tools}],
        "generationConfig": {"maxOutputTokens": LONGEST, "temperature": 0},
    }


def gemini_read(reply: Json) -> Answer:
    parts = reply["candidates"][0].get("content", {}).get("parts", [])
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    text = "".join(part.get("text", "") for part in parts)
    return Answer([(call["name"], call.get("args") or {}) for call in calls], text)


def ollama_body(tools: Json, history: Json, ask: str) -> Json:
    messages: list[Json] = []
    for turn in history:
        function = {"name": turn["tool"], "arguments": turn["arguments"]}
        messages += [
            {"role": "user", "content": turn["ask"]},
            {"role": "assistant", "content": "", "tool_calls": [{"function": function}]},
            {"role": "tool", "tool_name": turn["tool"], "content": turn["result"]},
            {"role": "assistant", "content": turn["answer"]},
        ]
    return {
        "model": "m",
        "stream": False,
        "messages": [*messages, {"role": "user", "content": ask}],
        "tools": [{"type": "function", "function": tool} for tool in tools],
        "options": {"num_predict": LONGEST, "temperature": 0},
    }


def ollama_read(reply: Json) -> Answer:
    calls = [call["function"] for call in reply["message"].get("tool_calls") or ()]
    return Answer(
        [(call["name"], call["arguments"]) for call in calls], reply["message"]["content"]
    )


ENDPOINTS = {
    "claude": Endpoint("/v1/messages", claude_body, claude_read),
    "openai": Endpoint("/v1/chat/completions", openai_body, openai_read),
    "gemini": Endpoint("/v1beta/models/m:generateContent", gemini_body, gemini_read),
    "ollama": Endpoint("/api/chat", ollama_body, ollama_read),
}


@frozen
class Tally:
    """Of one run: valid and right calls, leaks of markup, and replies that were no 200."""

    valid: int = 0
    right: int = 0
    leaks: int = 0
    failures: int = 0


async def main(errands: Json, runs: int) -> int:
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        async with (
            gateways.start(CONFIG, Path(folder)) as gateway,
            aiohttp.ClientSession(gateway.url) as http,
        ):
            for history in ("with", "without"):
                for name, endpoint in ENDPOINTS.items():
                    tallies = [await run(http, endpoint, errands, history) for _ in range(runs)]
                    print(line(name, history, tallies, len(errands["requests"])), flush=True)
                    bad += sum(one.leaks + one.failures for one in tallies)
    return 1 if bad else 0


async def run(
    http: aiohttp.ClientSession, endpoint: Endpoint, errands: Json, history: str
) -> Tally:
    earlier = errands["history"] if history == "with" else []
    tally = {"valid": 0, "right": 0, "leaks": 0, "failures": 0}
    for request in errands["requests"]:
        body = endpoint.body(errands["tools"], earlier, request["ask"])
        async with http.post(endpoint.path, json=body) as reply:
            if reply.status != 200:
                tally["failures"] += 1
                continue
            answer = endpoint.read(await reply.json())
        tally["valid"] += any(valid(call, errands["tools"]) for call in answer.calls)
        tally["right"] += any(right(call, request) for call in answer.calls)
        tally["leaks"] += bool(answer.calls and MARKUP.search(answer.text))
    return Tally(**tally)


def valid(call: tuple[str, Json], tools: Json) -> bool:
    name, arguments = call
    tool = next((tool for tool in tools if tool["name"] == name), None)
    return tool is not None and jsonschema.Draft202012Validator(tool["parameters"]).is_valid(
        arguments
    )


def right(call: tuple[str, Json], request: Json) -> bool:
    """The right tool, with what was asked for somewhere in each argument."""
    name, arguments = call
    wanted = request["arguments"].items()
    return name == request["tool"] and all(
        part in str(arguments.get(key, "")).lower() for key, part in wanted
    )


def line(name: str, history: str, tallies: Sequence[Tally], of: int) -> str:
    def figures(what: str) -> str:
        each = [getattr(one, what) for one in tallies]
        return f"{statistics.median(each):g} of {of} ({' '.join(map(str, each))})"

    worst = sum(one.leaks for one in tallies), sum(one.failures for one in tallies)
    return (
        f"{name:8}{history:>8} history   valid {figures('valid'):18} right {figures('right'):18}"
        f" leaks {worst[0]}  failures {worst[1]}"
    )


if __name__ == "__main__":
    given = sys.argv[1:]
    path = Path(given[0]) if given else ERRANDS
    sys.exit(
        asyncio.run(main(json.loads(path.read_text()), int(given[1]) if len(given) > 1 else 3))
    )
