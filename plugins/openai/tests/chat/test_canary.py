"""Law 8: nothing is dropped in silence. A value of its own is put into every leaf, one at a time.

It has to come out at the other side, or to be named in the losses, or the request is refused.
"""

from __future__ import annotations

import copy
import json

import orjson
import pytest

from gateway.errors import BadRequest

BIRD = "canary7391"
ASK = {"role": "user", "content": "hi"}
REQUEST = {
    "model": "m",
    "stream": True,
    "stream_options": {"include_usage": True, "include_obfuscation": False},
    "messages": [
        {"role": "system", "content": "s", "name": "n"},
        {"role": "developer", "content": [{"type": "text", "text": "d", "new": "f"}]},
        {
            "role": "user",
            "name": "n",
            "content": [
                {"type": "text", "text": "t", "prompt_cache_breakpoint": {"mode": "explicit"}},
                {"type": "image_url", "image_url": {"url": "https://x", "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav", "new": "f"}},
                {"type": "file", "file": {"file_id": "f", "filename": "n", "new": "f"}},
                {"type": "text", "text": "c", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            ],
        },
        {
            "role": "assistant",
            "content": "a",
            "refusal": "r",
            "reasoning_content": "hm",
            "audio": {"id": "x"},
            "annotations": [{"type": "url_citation", "url_citation": {"url": "u"}}],
            "tool_calls": [
                {
                    "id": "i",
                    "type": "function",
                    "new": "f",
                    "function": {"name": "f", "arguments": "{}", "new": "f"},
                    "extra_content": {"google": {"thought_signature": "s"}},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "i", "content": "r", "new": "f"},
        {"role": "developer", "content": "later"},
        ASK,
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "f",
                "description": "d",
                "parameters": {"type": "object", "properties": {"a": {"type": "string"}}},
                "strict": True,
            },
        },
        {"type": "custom", "custom": {"name": "c", "description": "d", "format": {"type": "text"}}},
        {"type": "web_search", "depth": "deep"},
    ],
    "tool_choice": {"type": "function", "function": {"name": "f", "new": "f"}},
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "n", "description": "d", "schema": {"a": "b"}, "strict": True},
    },
    "stop": ["X"],
    "temperature": 1,
    "top_p": 1,
    "top_k": 3,
    "seed": 1,
    "max_tokens": 5,
    "max_completion_tokens": 5,
    "frequency_penalty": 1,
    "presence_penalty": 1,
    "logprobs": True,
    "top_logprobs": 1,
    "n": 1,
    "reasoning_effort": "low",
    "user": "u",
    "safety_identifier": "s",
    "prompt_cache_key": "k",
    "metadata": {"a": "b"},
    "parallel_tool_calls": True,
    "logit_bias": {"1": 2},
    "service_tier": "auto",
    "store": True,
    "verbosity": "low",
    "prediction": {"type": "content", "content": "p"},
    "web_search_options": {"user_location": {"type": "approximate", "approximate": {"city": "c"}}},
}
REPLY = {
    "id": "c1",
    "object": "chat.completion",
    "created": 7,
    "model": "m",
    "system_fingerprint": "fp",
    "service_tier": "flex",
    "provider": "p",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "native_finish_reason": "n",
            "logprobs": {"content": [{"token": "t", "logprob": -1}], "refusal": []},
            "message": {
                "role": "assistant",
                "content": "a",
                "reasoning_content": "hm",
                "annotations": [{"type": "url_citation", "url_citation": {"url": "u"}}],
                "audio": {"id": "x", "data": "d"},
                "tool_calls": [
                    {
                        "id": "i",
                        "type": "function",
                        "new": "f",
                        "function": {"name": "f", "arguments": "{}", "new": "f"},
                        "extra_content": {"google": {"thought_signature": "s"}},
                    }
                ],
            },
        }
    ],
    "usage": {
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 5,
        "cost": "c",
        "prompt_tokens_details": {"cached_tokens": 1, "audio_tokens": 1},
        "completion_tokens_details": {"reasoning_tokens": 1, "audio_tokens": 1},
    },
}
FIXED = {
    ("model",),  # the target's name stands there
    ("object",),  # the kind of reply, known by its endpoint
    ("usage", "total_tokens"),  # the sum of the other two
    ("choices", 0, "index"),  # one choice off relay
    ("choices", 0, "message", "role"),  # always the assistant
    ("choices", 0, "finish_reason"),  # a table's word; the raw one is a note
    ("choices", 0, "message", "tool_calls", 0, "type"),  # function, unless custom
}


def leaves(value, path=()):
    if isinstance(value, dict | list) and value:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def planted(body, path, bird):
    body = copy.deepcopy(body)
    place = body
    for step in path[:-1]:
        place = place[step]
    old = place[path[-1]]
    number = isinstance(old, int) and not isinstance(old, bool)
    place[path[-1]] = 7391 if number else bird
    return body


def sent_home(chat, body):
    """The upstream's bytes and the losses; a refused value is one that its error shows by path."""
    try:
        written, losses = chat.home(body)
    except BadRequest as error:
        return b"7391" if error.param else b"", []
    return orjson.dumps(written), losses


def named(losses, path):
    """Whether the ledger names the leaf, or what it is the whole of."""
    words = [step for step in path if isinstance(step, str)]
    return any(word in loss.path for loss in losses for word in words[-2:])


@pytest.mark.parametrize(
    "path", [p for p in leaves(REQUEST) if p not in FIXED], ids=lambda p: ".".join(map(str, p))
)
def test_law_8_every_leaf_of_a_request_comes_home_or_is_named(chat, path):
    sent, losses = sent_home(chat, planted(REQUEST, path, BIRD))

    assert b"7391" in sent or named(losses, path)


@pytest.mark.parametrize(
    "path", [p for p in leaves(REPLY) if p not in FIXED], ids=lambda p: ".".join(map(str, p))
)
@pytest.mark.parametrize("stream", [True, False])
def test_law_8_every_leaf_of_a_reply_comes_home(chat, path, stream):
    body = planted(REPLY, path, BIRD)
    data = json.dumps(body).encode()
    events = chat.decode(data, stream=False)

    asked = chat.asked(stream_options={"include_usage": True})
    assert b"7391" in chat.encode(events, asked, stream=stream)
