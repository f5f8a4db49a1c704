from __future__ import annotations

import pytest

from gateway.secrets import Secrets, is_reference


@pytest.fixture
def secrets(tmp_path):
    return Secrets({"ONE": "sk-1", "TWO": "sk-1, sk-2,,sk-1", "EMPTY": " "}, tmp_path)


def test_a_variable_is_a_secret(secrets):
    assert secrets.one("env:ONE") == "sk-1"


def test_a_variable_may_hold_several_keys_each_counted_once(secrets):
    assert secrets.several("env:TWO") == ["sk-1", "sk-2"]


def test_a_file_is_found_from_the_folder_and_remembered(secrets, tmp_path):
    (tmp_path / "keys").write_text("sk-a\nsk-b\n")

    assert secrets.several("file:keys") == ["sk-a", "sk-b"]
    assert secrets.files == [tmp_path / "keys"]


def test_a_literal_is_the_secret_with_its_commas(secrets):
    assert secrets.several("sk-1,sk-2") == ["sk-1,sk-2"]
    assert not is_reference("sk-1")


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("env:GONE", "GONE .* is not set"),
        ("env:EMPTY", "env:EMPTY is empty"),
        ("file:gone", "gone can't be read: No such file"),
        ("file:binary", "is not text"),
        ("", "the key is empty"),
    ],
)
def test_a_missing_secret_says_where_it_was_looked_for(secrets, tmp_path, reference, words):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    with pytest.raises(ValueError, match=words):
        secrets.one(reference)


@pytest.mark.parametrize("text", ["$KEY", "${KEY}", "{env:KEY}", "ENV:KEY", "env KEY", "env.KEY"])
def test_a_mistaken_reference_is_not_taken_for_a_key_nor_shown(secrets, text):
    with pytest.raises(ValueError, match='write "env:NAME"') as caught:
        secrets.one(text)

    assert "KEY" not in str(caught.value)


def test_the_environment_is_not_in_the_repr(secrets):
    assert "sk-1" not in repr(secrets)
