"""What the SDKs raise when the upstream fails: the right class, status, words and Retry-After."""

from __future__ import annotations

from typing import Any

import anthropic
import openai
import pytest

from tests.matrix_sdk.pairs import Pair

MODULES: dict[str, Any] = {"openai": openai, "claude": anthropic}
ERRORS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    404: "NotFoundError",
    429: "RateLimitError",
    500: "InternalServerError",
    529: "InternalServerError",
}


@pytest.mark.parametrize("status", ERRORS)
def test_an_upstream_error_is_the_sdks_own_kind_of_error(pair: Pair, way: str, status: int) -> None:
    module = MODULES[pair.inbound]
    kind = getattr(module, ERRORS[status])

    with pytest.raises(kind) as raised:
        pair.ask(way, f"say-error-{status}-7")

    assert raised.value.response.headers["content-type"].startswith("application/json")
    assert f"scripted {status}" in str(raised.value)


@pytest.mark.parametrize("status", [429, 529])
def test_retry_after_reaches_the_client(pair: Pair, way: str, status: int) -> None:
    with pytest.raises(MODULES[pair.inbound].APIStatusError) as raised:
        pair.ask(way, f"say-error-{status}-7")

    assert raised.value.response.headers["retry-after"] == "7"


BROKEN = [
    *("say-reset", "say-early-end", "say-error-inside", "say-error-first"),
    *("say-html", "say-garbage", "say-half-event", "say-bad-utf8", "say-nothing"),
]


@pytest.mark.parametrize("model", BROKEN)
def test_a_broken_stream_raises_and_never_ends_as_if_it_were_whole(pair: Pair, model: str) -> None:
    with pytest.raises(MODULES[pair.inbound].APIError):
        pair.ask("streamed", model)


@pytest.mark.parametrize("model", ["say-reset", "say-html", "say-garbage", "say-nothing"])
def test_a_broken_body_raises(pair: Pair, model: str) -> None:
    with pytest.raises(MODULES[pair.inbound].APIStatusError) as raised:
        pair.ask("whole", model)

    assert raised.value.status_code >= 500
