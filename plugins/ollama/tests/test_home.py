"""Law 1: what a client of this dialect sent is written to an Ollama server as it was."""

from __future__ import annotations

import orjson
import pytest

HI = {"role": "user", "content": "hi"}
CALL = {"function": {"name": "f", "arguments": {"x": 1}}}
TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"a": 1}}}
PNG = "iVBORw0KGgo="
URL = f"data:image/png;base64,{PNG}"


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [HI]},
        {"messages": [HI], "stream": True},
        {"messages": []},
        {"messages": [{"role": "system", "content": "a"}, {"role": "system", "content": "b"}, HI]},
        {"messages": [{"role": "system", "content": "a", "images": [PNG]}, HI]},
        {"messages": [{"role": "system", "content": ""}, HI]},
        {"messages": [HI, {"role": "system", "content": "late"}, HI]},
        {"messages": [{"role": "user", "content": "", "images": [PNG, "/9j/4AAQ"]}]},
        {"messages": [{"role": "user", "content": "", "images": [URL]}]},
        {"messages": [HI, {"role": "assistant", "content": "a", "thinking": "t"}, HI]},
        {"messages": [HI, {"role": "assistant", "content": "", "new": 1}, HI]},
        {"messages": [HI, {"role": "assistant", "tool_calls": [CALL]}]},
        {"messages": [HI, {"role": "assistant", "content": "", "tool_calls": [
            {"id": "c", "type": "function", "function": {"index": 0, "name": "f", "arguments": {}}},
            {"function": {"name": "g", "arguments": '{"text": 1}', "later": True}},
        ]}, {"role": "tool", "content": "r", "tool_call_id": "c", "tool_name": "f"}]},
        {"messages": [HI, {"role": "assistant", "content": "", "tool_calls": [CALL, CALL]},
            {"role": "tool", "content": "1", "tool_name": "f"},
            {"role": "tool", "content": "2", "tool_name": "f", "images": [PNG]}]},
        {"messages": [{"role": "tool", "content": "r", "name": "f"}]},
        {"messages": [{"role": "tool", "content": "r"}]},
        {"messages": [HI], "tools": []},
        {"messages": [HI], "tools": [TOOL, {"function": {"name": "bare"}}]},
        {"messages": [HI], "tools": [{**TOOL, "items": 1, "function": {"name": "f", "more": 2}}]},
        {"messages": [HI], "tools": [{"type": "function", "function": {"name": "a.b c" * 20}}]},
        {"messages": [HI], "format": "json"},
        {"messages": [HI], "format": ""},
        {"messages": [HI], "format": {"type": "object", "properties": {"a": {"const": 1}}}},
        {"messages": [HI], "options": {}},
        {"messages": [HI], "options": {"temperature": 0, "top_k": 4, "stop": "x", "seed": 1}},
        {"messages": [HI], "options": {"num_ctx": 8192, "min_p": 0.1, "stop": ["a", "b"], "q": 1}},
        {"messages": [HI], "options": {"num_predict": -1}},
        {"messages": [HI], "options": {"num_predict": 7, "repeat_penalty": 1.1}},
        {"messages": [HI], "think": True, "keep_alive": -1},
        {"messages": [HI], "think": False, "keep_alive": "5m", "truncate": False},
        {"messages": [HI], "think": "high", "logprobs": True, "top_logprobs": 3},
    ],
    ids=lambda body: orjson.dumps(body).decode()[12:72],
)  # fmt: skip
def test_what_ollama_knows_comes_back_equal(ollama, body):
    whole = {"model": "m", **body}

    assert ollama.home(whole) == ("/api/chat", whole)


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "hi"},
        {"prompt": ""},
        {"prompt": "hi", "system": "s", "stream": False, "options": {"seed": 3}},
        {"prompt": "def f(", "suffix": "return x", "raw": True, "template": "t"},
        {"prompt": "hi", "system": "", "context": [1, 2], "keep_alive": 0},
        {"prompt": "what?", "images": [PNG], "format": "json", "think": True, "width": 512},
    ],
    ids=lambda body: orjson.dumps(body).decode()[:60],
)
def test_a_prompt_stays_a_prompt(ollama, body):
    whole = {"model": "m", **body}

    assert ollama.home(whole, "/api/generate") == ("/api/generate", whole)


def test_a_captured_prompt_comes_home_unchanged(ollama):
    for path in (ollama.here / "prompts").glob("*.json"):
        body = orjson.loads(path.read_bytes())["body"]

        assert ollama.home(body, "/api/generate") == ("/api/generate", body)


def test_by1_the_same_history_is_written_in_the_same_bytes(ollama):
    body = {"messages": [HI, {"role": "assistant", "tool_calls": [CALL, CALL]}], "tools": [TOOL]}

    first, second = (ollama.write(ollama.read(body), "openai")[0] for _ in range(2))

    assert orjson.dumps(first) == orjson.dumps(second)
