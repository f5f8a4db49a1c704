"""A seal goes through a client and comes back to its issuer, and to nobody else."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.attempt import Target
from gateway.model import Seal
from gateway.seals import TAG, belongs_to, is_redacted, tagged, tagged_redacted, untagged

SEALS = st.builds(
    Seal,
    st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())),
    st.sampled_from(["claude", "gemini", "größe"]),
    st.none() | st.text(max_size=5),
    st.none() | st.text(max_size=5),
)


@given(SEALS)
def test_a_seal_comes_back_as_it_was(seal):
    text = tagged_redacted(seal)

    assert untagged(text, "claude") == seal
    assert tagged_redacted(untagged(text, "claude")) == text
    assert is_redacted(text)


@given(SEALS)
def test_a_client_may_write_the_base64_anew_in_either_alphabet(seal):
    text = tagged_redacted(seal)
    raw = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)

    assert untagged(base64.urlsafe_b64encode(raw).decode(), "x") == seal
    assert untagged(base64.b64encode(raw).decode(), "x") == seal


def test_a_seal_of_the_clients_own_dialect_stays_bare():
    assert tagged(Seal("EqQBCkYI", "claude"), "claude") == "EqQBCkYI"
    assert untagged("EqQBCkYI", "claude") == Seal("EqQBCkYI", "claude")


def test_a_base64_value_stays_readable_and_unmarked_thinking_is_not_redacted():
    text = tagged(Seal("c2lnbmVk", "gemini", "google", "g"), "claude")

    assert text.endswith("c2lnbmVk")
    assert not is_redacted(text)
    assert not is_redacted("c2lnbmVk")


@pytest.mark.parametrize(
    "rest", ["", "x", "0004", "0004!!!!", "0004MTIz", "0004e30g", "0016WzEsMiwzLDRd", "9999AAAA"]
)
def test_a_broken_tag_is_taken_for_a_seal_of_the_clients_own_dialect(rest):
    assert untagged(TAG + rest, "claude") == Seal(TAG + rest, "claude")
    assert not is_redacted(TAG + rest)


TARGET = Target("anthropic", "claude-x", "claude", "claude")


@pytest.mark.parametrize(
    ("seal", "expected"),
    [
        (Seal("s", "claude"), True),
        (Seal("s", "claude", "anthropic", "claude-x"), True),
        (Seal("s", "claude", "anthropic", None), True),
        (Seal("s", "claude", "other", "claude-x"), False),
        (Seal("s", "claude", "anthropic", "claude-y"), False),
        (Seal("s", "gemini", "anthropic", "claude-x"), False),
    ],
)
def test_tk3_a_seal_belongs_to_its_issuer_alone(seal, expected):
    assert belongs_to(seal, TARGET) is expected
