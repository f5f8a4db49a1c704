"""A dialect's whole reply on its way out."""

from __future__ import annotations

from gateway.answers import response
from gateway.wire import WireReply


def test_a_content_type_may_name_its_charset():
    sent = response(WireReply(b"caw", 400, {"x-bird": "magpie"}, "text/plain; charset=utf-8"))

    assert (sent.status, sent.content_type, sent.charset) == (400, "text/plain", "utf-8")
    assert sent.headers["x-bird"] == "magpie"
