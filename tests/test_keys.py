"""Proxy keys and what is kept of them."""

import re
import tomllib

from gateway.keys import digest_of, hash_of, new_key, toml_lines


def test_a_key_is_a_prefix_and_43_characters():
    assert re.fullmatch(r"cs-[A-Za-z0-9_-]{43}", new_key())


def test_two_keys_are_not_the_same():
    assert new_key() != new_key()


def test_a_hash_is_sha_256_in_hex():
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    assert digest_of("abc") == expected
    assert hash_of("abc") == f"sha256:{expected}"


def test_the_lines_to_paste_hold_the_hash_and_not_the_key():
    lines = toml_lines("alice", "cs-secret")

    assert tomllib.loads(lines) == {"proxy_keys": {"alice": {"hash": hash_of("cs-secret")}}}
    assert "cs-secret" not in lines


def test_a_name_with_other_characters_is_quoted():
    lines = toml_lines('al "x" ü.b', "cs-secret")

    assert list(tomllib.loads(lines)["proxy_keys"]) == ['al "x" ü.b']
