from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gateway.config_file import dotted, find, read, user_folder
from gateway.errors import ConfigError
from gateway.settings import Plugins


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_option_beats_the_variable_beats_the_folder_beats_the_user(folder):
    environ = {"BABELGATE_CONFIG": "b.toml", "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    users = user_folder(environ) / "config.toml"
    users.parent.mkdir(parents=True)
    users.touch()

    assert find("a.toml", environ) == Path("a.toml")
    assert find(None, environ) == Path("b.toml")
    assert find(None, {**environ, "BABELGATE_CONFIG": ""}) == users
    Path("babelgate.toml").touch()
    assert find(None, {**environ, "BABELGATE_CONFIG": ""}) == Path("babelgate.toml")


def test_no_file_at_all_is_none(folder):
    assert find(None, {"HOME": str(folder), "APPDATA": str(folder)}) is None


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {"HOME": "/h"}, "/h/.config/babelgate"),
        ("linux", {"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "/x/babelgate"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Application Support/babelgate"),
        ("win32", {"HOME": "/h", "APPDATA": "/a"}, "/a/babelgate"),
    ],
)
def test_the_users_folder_follows_the_system(monkeypatch, platform, environ, expected):
    monkeypatch.setattr(sys, "platform", platform)

    assert user_folder(environ) == Path(expected)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a = 1\nb = \n", r"c\.toml:2: this is not TOML: Invalid value \(column 5\)"),
        (b"a = 1\nb = [\n", r"c\.toml:3: this is not TOML: .* \(end of file\)"),
        (b"[a]\nb = 1\nb = 2\n", r"c\.toml:3: this is not TOML: Cannot overwrite a value"),
        (b"[a]\n[b]\n[a]\n", r"c\.toml:3: this is not TOML: Cannot declare"),
        (b"a = 1\n# \xff\n", r"c\.toml:2: the configuration is not text in UTF-8"),
    ],
)
def test_what_is_not_toml_is_refused_with_its_line(folder, content, words):
    (folder / "c.toml").write_bytes(content)

    with pytest.raises(ConfigError, match=words):
        read(folder / "c.toml")


def test_a_file_that_is_not_there_is_named(folder):
    with pytest.raises(ConfigError, match=r"gone\.toml: .* can't be read: No such file"):
        read(Path("gone.toml"))


def test_a_byte_order_mark_is_no_mistake(folder):
    (folder / "c.toml").write_bytes(b"\xef\xbb\xbf[server]\nport = 1\n")

    assert read(folder / "c.toml").tree == {"server": {"port": 1}}


def test_the_plugins_are_known_before_the_rest(folder):
    (folder / "c.toml").write_text('[plugins]\ndisabled = ["x"]\n[zzz]\n')

    assert read(folder / "c.toml").plugins == Plugins(disabled=["x"])


def test_a_mistake_in_the_plugins_has_its_line(folder):
    (folder / "c.toml").write_text('\n[plugins]\ndisable = ["x"]\n')

    with pytest.raises(ConfigError, match=r'c\.toml:3: plugins\.disable: .*"disabled"'):
        _ = read(folder / "c.toml").plugins


def test_a_path_is_written_as_toml_writes_it():
    assert dotted(("groups", "k", "models", "claude-*", 0)) == 'groups.k.models."claude-*"[0]'
