"""Law 8: nothing that a client or an upstream says is dropped without an entry in the ledger.

`BABELGATE_TEST_ALL=1` tries every leaf of every capture; without it one leaf stands for all of
its shape.
"""

from __future__ import annotations

import os

import orjson
import pytest

from gateway.testing import corpus
from gateway.testing.canary import lost_replies, lost_requests
from gateway.testing.journeys import encode
from tests.matrix.pairs import SUBJECT, captured, pairs

EVERY = bool(os.environ.get("BABELGATE_TEST_ALL"))
HONOURED = {
    "openai": {
        "stream_options.include_usage": "the upstream is always asked; the encoder obeys",
    },
    "gemini": {
        "systemInstruction.role": "a system instruction has no other role",
        "contents.parts.functionResponse.name": "the call that it answers has the name",
        "generationConfig.responseSchema.property_ordering": "the properties are put in that order",
    },
    "responses": {
        "input.id": "an item's own name, which nothing refers to where no conversation is kept",
        "input.status": "whether an item was complete: it is as it stands",
        "reasoning.effort": "a word that becomes the target's nearest",
    },
}
"""Leaves of a dialect's requests that the gateway obeys itself, each with the reason."""
WORDS = {
    "thinking": "reasoning",
    "output_config": "reasoning",
    "reasoning_effort": "reasoning",
    "user_id": "user",
    "media_type": "mime",
    "mimeType": "mime",
    "mime_type": "mime",
    "includeThoughts": "reasoning",
    "include_thoughts": "reasoning",
    "thinkingConfig": "reasoning",
}
"""Keys of requests that the ledger calls by the hub's name."""
IMPLIED = {
    "type": "the kind of object, which its place says",
    "role": "always the assistant",
    "object": "the kind of object",
    "created": "the client's own reply has its own time",
    "created_at": "likewise",
    "total_tokens": "a sum",
    "choices.message.reasoning_details.index": "the place in the list",
    "choices.message.reasoning_content": "reasoning_details has the same text",
    "choices.message.reasoning_details.babelgate.dialect": "a seal's origin, which goes on encoded",
    "totalTokenCount": "likewise",
    "finishReason": "a closed list, see finish_reason",
    "finish_reason": "a closed list; an unknown word becomes the nearest known one",
    "stop_reason": "likewise",
    "done_reason": "likewise",
    "message.tool_calls.function.index": "the place in the list",
    "output.id": "an item's own name; the client's reply has its own",
    "output.status": "a part that has ended is complete",
    "output.summary": "an empty list: a thought that shows nothing",
    "incomplete_details": "what the finish reason says",
    **dict.fromkeys(
        (
            *("created_at", "background", "instructions", "max_output_tokens", "metadata"),
            *("parallel_tool_calls", "previous_response_id", "reasoning.effort", "store"),
            *("temperature", "tool_choice", "tools", "top_p", "truncation"),
        ),
        "a response repeats its request",
    ),
}
"""Leaves of replies that say nothing which the rest does not say, each with the reason."""


@pairs
@pytest.mark.timeout(600 if EVERY else 60)
def test_tk6_every_leaf_of_a_request_arrives_or_is_in_the_ledger(upstream, client):
    honoured = HONOURED.get(client, {})

    lost = list(
        lost_requests(
            SUBJECT, client, upstream, captured(client), honoured, words=WORDS, every=EVERY
        )
    )

    assert not lost, "\n".join(lost)


@pairs
def test_every_leaf_of_a_reply_arrives_or_is_in_the_ledger(upstream, client):
    names = ["everything", "usage_cached", "finish_stop_sequence", "thinking_redacted"]
    bodies = [
        (name, orjson.loads(encode(SUBJECT, upstream, corpus.stream(name, upstream), stream=False)))
        for name in names
    ]

    lost = list(lost_replies(SUBJECT, upstream, client, bodies, IMPLIED))

    assert not lost, "\n".join(lost)
