"""Laws of errors: each has its status and its words, for clients and from upstreams."""

from __future__ import annotations

from typing import ClassVar

import orjson
import pytest

from gateway.errors import (
    BadRequest,
    Busy,
    GatewayError,
    LimitReached,
    Loop,
    LossRefused,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PromptTooLong,
    TooLarge,
    Unavailable,
    UpstreamError,
    WrongMethod,
)
from gateway.testing.laws.guard import Laws

ERRORS: tuple[GatewayError, ...] = (
    BadRequest("a wrong value", param="messages[0].content"),
    NotAuthenticated("no key"),
    NotAllowed("not your key"),
    NotFound("no such model"),
    WrongMethod("POST only"),
    TooLarge("too many bytes"),
    PromptTooLong("prompt is too long"),
    LossRefused("top_k would be lost"),
    Loop("came back"),
    LimitReached("ten a minute", retry_after=12),
    Unavailable("starting", retry_after=3),
    Busy("full", retry_after=1),
    UpstreamError("slow down", status=429, kind="rate_limit", retry_after=7),
    UpstreamError("overloaded", status=529, kind="overloaded"),
    UpstreamError("no connection"),
    UpstreamError("not ours", body=b"<html>", dialect="elsewhere", status=500, kind="server"),
)
REPLIES = (
    b"",
    b"null",
    b"[]",
    b"\xff\xfe",
    b"<html>bad gateway</html>",
    b'{"error": null}',
    b'{"error": "in words"}',
    b'{"error": {"message": 5, "type": []}}',
    b'{"error": [{}]}',
    b'{"detail": "in words"}',
)


class ErrorLaws(Laws):
    """Every error has a shape in the dialect, and comes back as it was."""

    dialect: ClassVar[str]

    @pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.message)
    def test_an_error_has_a_status_and_words(self, error: GatewayError) -> None:
        reply = self.subject.error(self.dialect, error)

        assert 400 <= reply.status <= 599
        assert reply.content_type.startswith("application/json")
        assert error.message in orjson.dumps(orjson.loads(reply.body)).decode()

    @pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.message)
    def test_an_error_comes_back_as_it_was(self, error: GatewayError) -> None:
        reply = self.subject.error(self.dialect, error)
        headers = {"content-type": "application/json"}

        read = self.subject.read_error(self.dialect, reply.status, headers, reply.body)

        assert error.message in read.message
        assert read.status == reply.status

    @pytest.mark.parametrize("body", REPLIES)
    @pytest.mark.parametrize("status", [400, 401, 404, 413, 429, 500, 503, 529, 599])
    def test_any_error_reply_of_an_upstream_can_be_read(self, status: int, body: bytes) -> None:
        error = self.subject.read_error(self.dialect, status, {}, body)

        assert isinstance(error, UpstreamError)
        assert error.status == status
        assert error.message
        assert status != 429 or error.kind in ("rate_limit", "overloaded", "billing")
