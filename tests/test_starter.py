from __future__ import annotations

import pytest

from gateway.config import build, init_text, read
from gateway.hooks import Backend, Preset

OPENAI = Preset("openai", "https://o.example", ["OPENAI_API_KEY"], patterns=["gpt-*", "o?-*", "x"])
OTHER = Preset("other", "https://other.example", ["OTHER_API_KEY"], patterns=["gpt-*"])
OLLAMA = Preset("ollama", "http://127.0.0.1:11500", (), "OLLAMA_HOST", keyless=True)
BACKENDS = {"openai": Backend("openai", speaks="openai", presets=[OPENAI, OTHER, OLLAMA])}


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OLLAMA_HOST": "box"},
        {"OPENAI_API_KEY": "sk-secret"},
        {"OPENAI_API_KEY": "sk-secret", "OTHER_API_KEY": "sk-more", "OLLAMA_HOST": "box"},
    ],
)
def test_the_first_file_can_be_used_as_it_is(environ, tmp_path):
    path = tmp_path / "babelgate.toml"
    path.write_text(init_text(environ, BACKENDS))

    settings = build(read(path), environ, backends=BACKENDS, setting_classes={})

    assert settings.warnings == []
    assert set(settings.upstreams) == {
        name
        for name, variable in (
            ("openai", "OPENAI_API_KEY"),
            ("other", "OTHER_API_KEY"),
            ("ollama", "OLLAMA_HOST"),
        )
        if variable in environ
    }
    assert "sk-" not in path.read_text()


def test_it_routes_the_names_of_the_vendors_that_were_found():
    text = init_text({"OPENAI_API_KEY": "k", "OTHER_API_KEY": "k"}, BACKENDS)

    assert '"gpt-*" = "openai/gpt-*"\n"x" = "openai/x"\n# "*"' in text
    assert "o?-*" not in text


def test_it_names_the_variables_of_the_vendors_that_were_not():
    assert "#   other: set OTHER_API_KEY" in init_text({"OPENAI_API_KEY": "k"}, BACKENDS)
