"""How a key is carried, by what `auth` says."""

import pytest

from gateway.key_header import carrier, read_auth


@pytest.mark.parametrize(
    ("said", "carried"),
    [
        ("bearer", {"authorization": "Bearer k"}),
        ("none", {}),
        ("api-key", {"api-key": "k"}),
        ("X-Api-Key", {"x-api-key": "k"}),
        ("Authorization: Token {key}", {"authorization": "Token k"}),
        ("Authorization:Token {key}!", {"authorization": "Token k!"}),
    ],
)
def test_a_key_goes_where_it_is_said(said: str, carried: dict[str, str]) -> None:
    assert carrier(read_auth(said))("k") == carried


@pytest.mark.parametrize(
    "said", ["", "two words", "X: no key", "X: {key}{key}", "X: {key}\r\nY: 1", ": {key}", "é"]
)
def test_what_is_no_header_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        read_auth(said)
