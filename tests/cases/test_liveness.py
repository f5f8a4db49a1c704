"""LV1: a silent upstream does not make a silent gateway."""

from __future__ import annotations

import pytest

from tests.clients.gateway_process import Gateway
from tests.clients.http import PATHS, chat, opened
from tests.scripted import Scripted

PINGS = {"openai": b":", "claude": b"event: ping"}
ENDS = {"openai": b"data: [DONE]", "claude": b"event: message_stop"}
PHASES = ["say-hang-silent", "say-hang-head", "say-hang"]


@pytest.mark.parametrize("model", PHASES)
def test_lv1_pings_come_in_silence_and_the_reply_goes_on_after_them(
    babelgate: Gateway, upstream: Scripted, inbound: str, outbound: str, model: str
) -> None:
    path = f"/{outbound}{PATHS[inbound]}"

    with opened(babelgate, path, chat(inbound, model, stream=True)) as reply:
        _skip_to(reply, PINGS[inbound])
        _skip_to(reply, PINGS[inbound])
        upstream.release()
        _skip_to(reply, ENDS[inbound])

    assert reply.status == 200


def test_lv1_a_failure_after_a_ping_is_told_in_the_stream(
    babelgate: Gateway, upstream: Scripted, inbound: str, outbound: str
) -> None:
    """The head went out with the ping, so the status can't say it any more."""
    path = f"/{outbound}{PATHS[inbound]}"

    with opened(babelgate, path, chat(inbound, "say-hang-head", stream=True)) as reply:
        _skip_to(reply, PINGS[inbound])
        upstream.disconnect()
        rest = reply.read()

    assert b'"error"' in rest
    assert ENDS[inbound] not in rest


def _skip_to(reply: object, start: bytes) -> None:
    """Read lines up to one that starts with `start`. Fails at the end of the reply."""
    for line in iter(reply.readline, b""):  # type: ignore[attr-defined]
        if line.startswith(start):
            return
    pytest.fail(f"the reply ended before {start!r}")
