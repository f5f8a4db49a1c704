"""The translators as a library: every pair, both kinds of iteration, and docs/translate.md."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import orjson
import pytest

from gateway import translate
from gateway.errors import BadRequest, ConfigError, UpstreamError
from gateway.losses import Loss
from gateway.testing import corpus
from gateway.testing.journeys import decode, encode
from gateway.testing.pairs import chunks, essence
from gateway.testing.subject import Subject

DOCS = Path(__file__).parents[1] / "docs/translate.md"
SUBJECT = Subject.installed()
PAIRS = list(itertools.product(SUBJECT.faces, SUBJECT.faces))
LONG = "look_up_" + "a" * 70
ASKED = {
    "model": "claude-x",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "hi"}],
    "tools": [{"name": LONG, "input_schema": {"type": "object", "properties": {}}}],
}
CALL = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "", "arguments": "{}"},
                    }
                ],
            },
            "finish_reason": "tool_calls",
        }
    ],
}


def test_the_examples_of_the_docs_run_one_after_another(capsys):
    text = DOCS.read_text()
    names: dict[str, object] = {}

    for example in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(example, str(DOCS), "exec"), names)

    printed = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    assert capsys.readouterr().out == "".join(printed)


def test_a_loss_is_told_with_its_weight():
    body = {**ASKED, "top_k": 3, "metadata": {"user_id": "u", "other": 1}}

    losses = translate.request(body, source="claude", target="openai").losses

    assert Loss("sampling.top_k", "openai/claude-x has no top_k", "meaning") in losses


def test_a_streaming_path_asks_for_a_stream():
    path = "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse"
    body = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}

    sent = translate.request(body, source="gemini", target="openai", path=path)

    assert (sent.body["model"], sent.body["stream"]) == ("gemini-2.5-pro", True)


def test_a_model_with_a_slash_fits_into_a_path():
    body = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}

    sent = translate.request(body, source="gemini", target="openai", model="vendor/model")

    assert sent.body["model"] == "vendor/model"


def test_a_wrong_request_names_the_field():
    with pytest.raises(BadRequest, match=r"messages"):
        translate.request({"model": "m", "max_tokens": 1}, source="claude", target="openai")


def test_an_unknown_dialect_names_those_that_there_are():
    with pytest.raises(ConfigError, match=r"'klingon' \(there are: .*claude"):
        translate.request(ASKED, source="claude", target="klingon")


def test_a_backend_without_a_wire_is_no_target():
    with pytest.raises(ConfigError, match="backend 'echo' has no wire format"):
        translate.request(ASKED, source="claude", target="echo")


def test_a_lowered_tool_name_comes_back_as_it_was():
    asked = translate.request(ASKED, source="claude", target="openai")
    lowered = asked.body["tools"][0]["function"]["name"]
    call = CALL["choices"][0]["message"]["tool_calls"][0]
    message = {**CALL["choices"][0]["message"]}
    message["tool_calls"] = [{**call, "function": {"name": lowered, "arguments": "{}"}}]
    body = {**CALL, "choices": [{**CALL["choices"][0], "message": message}]}

    answer = translate.reply(body, source="openai", target="claude", asked=asked).body

    assert len(lowered) <= 64
    assert [block["name"] for block in answer["content"]] == [LONG]


def test_a_reply_goes_the_way_that_its_request_came():
    asked = translate.request(ASKED, source="claude", target="openai")

    with pytest.raises(ConfigError, match="from 'openai' to 'claude'"):
        translate.reply(CALL, source="gemini", target="claude", asked=asked)


def test_a_reply_that_is_none_raises():
    with pytest.raises(UpstreamError):
        translate.reply(b"<html>", source="openai", target="claude")


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_reply_says_the_same_in_every_pair(source, target):
    body = encode(SUBJECT, source, corpus.stream("text_tool", source), stream=False)

    answer = translate.reply(body, source=source, target=target).body

    before = essence(decode(SUBJECT, source, [body], stream=False))
    written = orjson.dumps(answer)
    after = essence(decode(SUBJECT, target, [written], stream=False))
    assert (after.text, after.finish, after.tokens) == (before.text, before.finish, before.tokens)
    assert [call.arguments for call in after.calls] == [call.arguments for call in before.calls]


@pytest.mark.parametrize(("source", "target"), PAIRS)
async def test_a_stream_says_the_same_in_every_pair(source, target):
    sent = encode(SUBJECT, source, corpus.stream("text_tool", source), stream=True)

    async def arriving():
        for chunk in chunks(sent, 11):
            yield chunk

    stream = translate.stream(arriving(), source=source, target=target)
    got = b"".join([data async for data in stream])

    before = essence(decode(SUBJECT, source, [sent], stream=True))
    after = essence(decode(SUBJECT, target, [got], stream=True))
    assert (after.text, after.finish) == (before.text, before.finish)
    assert [call.arguments for call in after.calls] == [call.arguments for call in before.calls]


async def test_bytes_at_hand_can_be_iterated_either_way():
    sent = encode(SUBJECT, "claude", corpus.stream("text", "claude"), stream=True)

    plain = b"".join(translate.stream(sent, source="claude", target="gemini"))
    waited = [data async for data in translate.stream(sent, source="claude", target="gemini")]

    assert plain == b"".join(waited)


async def test_chunks_that_come_asynchronously_want_async_for():
    async def arriving():
        yield b""

    with pytest.raises(TypeError, match="async for"):
        list(translate.stream(arriving(), source="claude", target="openai"))


def test_a_stream_that_breaks_off_ends_in_the_clients_own_error():
    sent = encode(SUBJECT, "openai", corpus.stream("text", "openai"), stream=True)

    got = b"".join(translate.stream(sent[: len(sent) // 2], source="openai", target="claude"))

    assert b"event: error" in got
