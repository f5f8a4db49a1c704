"""CN1, CN2: a client that leaves ends the upstream's request, whatever it was doing."""

from __future__ import annotations

import http.client

import pytest

from tests.clients.gateway_process import Gateway
from tests.clients.http import PATHS, chat, sent
from tests.scripted import Scripted

WITHIN = 1.0


@pytest.mark.parametrize("model", ["say-hang-silent", "say-hang"], ids=["before-head", "in-body"])
def test_cn1_leaving_a_reply_that_is_not_streamed_stops_the_upstream(
    babelgate: Gateway, upstream: Scripted, inbound: str, outbound: str, model: str
) -> None:
    path = f"/{outbound}{PATHS[inbound]}"

    with sent(babelgate, path, chat(inbound, model)):
        seen = upstream.wait_for(1)

    assert seen.left.wait(WITHIN)


@pytest.mark.parametrize(
    "model", ["say-hang-silent", "say-hang-head"], ids=["before-head", "before-content"]
)
def test_cn2_leaving_before_the_first_token_stops_the_upstream(
    babelgate: Gateway, upstream: Scripted, inbound: str, outbound: str, model: str
) -> None:
    path = f"/{outbound}{PATHS[inbound]}"

    with sent(babelgate, path, chat(inbound, model, stream=True)):
        seen = upstream.wait_for(1)

    assert seen.left.wait(WITHIN)


def test_cn2_leaving_inside_a_stream_stops_the_upstream(
    babelgate: Gateway, upstream: Scripted, inbound: str, outbound: str
) -> None:
    path = f"/{outbound}{PATHS[inbound]}"

    with sent(babelgate, path, chat(inbound, "say-hang", stream=True)) as connection:
        _read_first_text(connection)
        seen = upstream.last

    assert seen.left.wait(WITHIN)


def _read_first_text(connection: http.client.HTTPConnection) -> None:
    reply = connection.getresponse()
    while b"STUB-TEXT" not in (line := reply.readline()):
        assert line, "the reply ended before its text"
