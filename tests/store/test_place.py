"""Where the store is."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.store.place import path_of, store_url


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("sqlite:////var/lib/gate.db", "/var/lib/gate.db"),
        ("sqlite:///state/gate.db", "/etc/babelgate/state/gate.db"),
        ("sqlite:///../gate.db", "/etc/gate.db"),
    ],
)
def test_a_url_names_a_file_beside_the_configuration(said, path):
    assert path_of(store_url(said, Path("/etc/babelgate"), {})) == Path(path)


def test_a_tilde_is_the_user_s_home():
    path = path_of(store_url("sqlite:///~/gate.db", Path("/etc"), {}))

    assert path == Path.home() / "gate.db"


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"HOME": "/h"}, "/h/.local/state/babelgate/babelgate.db"),
        ({"HOME": "/h", "XDG_STATE_HOME": "/state"}, "/state/babelgate/babelgate.db"),
    ],
)
def test_without_a_url_it_is_in_the_user_s_state_folder(environ, path, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")

    assert path_of(store_url(None, Path("/etc"), environ)) == Path(path)


@pytest.mark.parametrize(
    ("platform", "environ", "path"),
    [
        ("darwin", {"HOME": "/h"}, "/h/Library/Application Support"),
        ("win32", {"LOCALAPPDATA": "/Local"}, "/Local"),
    ],
)
def test_every_system_has_a_place_of_its_own(platform, environ, path, monkeypatch):
    monkeypatch.setattr("sys.platform", platform)

    assert path_of(store_url(None, Path(), environ)) == Path(path) / "babelgate/babelgate.db"


@pytest.mark.parametrize("said", ["", "gate.db", "sqlite://gate.db", "postgres://h/x"])
def test_other_urls_are_refused(said):
    with pytest.raises(ValueError, match='must be "sqlite:///PATH"'):
        store_url(said, Path("/etc"), {})
