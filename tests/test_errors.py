"""Every error has a status, a kind, and words; and it shows no secret by itself."""

from __future__ import annotations

import typing

import pytest

from gateway import errors
from gateway.errors import (
    BadRequest,
    ConfigError,
    ErrorKind,
    GatewayError,
    RequestError,
    Unavailable,
    Unreachable,
    UpstreamError,
    kind_of_status,
)

KINDS = typing.get_args(ErrorKind)
LEAVES = [
    found
    for found in vars(errors).values()
    if isinstance(found, type) and issubclass(found, GatewayError)
]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_has_a_status_a_kind_and_its_words(leaf):
    error = leaf("in words")

    assert 400 <= error.status <= 599
    assert error.kind in KINDS
    assert (str(error), error.message) == ("in words", "in words")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request"),
        (401, "authentication"),
        (404, "not_found"),
        (418, "invalid_request"),
        (429, "rate_limit"),
        (500, "server"),
        (529, "overloaded"),
        (599, "server"),
    ],
)
def test_a_status_has_a_kind(status, kind):
    assert kind_of_status(status) == kind


@pytest.mark.parametrize("status", range(400, 600))
def test_every_status_has_a_known_kind(status):
    assert kind_of_status(status) in KINDS


def test_facts_of_an_error_win_over_its_class():
    error = UpstreamError("x", status=429, kind="rate_limit", retry_after=2.5, headers={"a": "b"})

    assert (error.status, error.kind, error.retry_after) == (429, "rate_limit", 2.5)
    assert error.headers == {"a": "b"}


def test_facts_that_are_none_leave_the_class_its_own():
    error = UpstreamError("x", status=None, kind=None)

    assert (error.status, error.kind) == (502, "connection")


def test_er1_only_the_providers_errors_are_not_ours():
    assert [leaf for leaf in LEAVES if not leaf.ours] == [UpstreamError, Unreachable]
    assert issubclass(BadRequest, RequestError)
    assert not issubclass(Unavailable, RequestError)


def test_errors_are_equal_by_what_they_say():
    assert BadRequest("a", param="p") == BadRequest("a", param="p")
    assert BadRequest("a", param="p") != BadRequest("a", param="q")
    assert BadRequest("a") != RequestError("a")
    assert len({BadRequest("a"), BadRequest("a")}) == 2


def test_a_configuration_error_says_where():
    assert (
        str(ConfigError("no such group", "babelgate.toml:7")) == "babelgate.toml:7: no such group"
    )
    assert str(ConfigError("no such group")) == "no such group"


def test_an_upstreams_body_is_not_in_the_words():
    error = UpstreamError("the provider refused", body=b'{"key":"sk-secret"}')

    assert "sk-secret" not in f"{error} {error!r}"
