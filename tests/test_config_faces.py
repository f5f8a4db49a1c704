"""`also`, `auth` and `proxy` of an upstream, and the faces that presets bring."""

from __future__ import annotations

import pytest

from gateway.config import build, read
from gateway.errors import ConfigError
from gateway.hooks import Backend, Face, Preset
from gateway.settings import FaceSettings

OPENAI = Backend(
    "openai",
    speaks="openai",
    presets=[
        Preset(
            "deep",
            "https://deep.example/v1",
            ["DEEP_KEY"],
            "DEEP_URL",
            also={"claude": Face("https://deep.example/anthropic", "bearer", {"q": 1})},
        ),
        Preset(
            "served",
            "http://127.0.0.1:8000/v1",
            base_url_variable="SERVED_URL",
            keyless=True,
            also={"claude": Face()},
        ),
    ],
)
BACKENDS = {"openai": OPENAI, "claude": Backend("claude", speaks="claude")}
ENVIRON = {"K1": "sk-1", "MANY": "sk-2,sk-3", "PROXY": "http://b:1"}


@pytest.fixture
def built(tmp_path):
    """Build the settings of a TOML text."""

    def make(text, environ=ENVIRON):
        path = tmp_path / "c.toml"
        path.write_text(text)
        own = [("127.0.0.1", 11434)]
        return build(read(path), environ, backends=BACKENDS, setting_classes={}, own_addresses=own)

    return make


BEARER = "authorization: Bearer {key}"
DEEP = FaceSettings("https://deep.example/anthropic", BEARER, {"q": 1})


@pytest.mark.parametrize(
    ("said", "faces"),
    [
        ("", {"claude": DEEP}),
        ("also.claude = false", {}),
        ("also.claude = true", {"claude": DEEP}),
        ('base_url = "https://other.example/v1"', {}),
        (
            'also.claude = "https://else.example/"',
            {"claude": FaceSettings("https://else.example", BEARER, {"q": 1})},
        ),
        (
            'auth = "x-key"',
            {"claude": FaceSettings(DEEP.base_url, "x-key: {key}", {"q": 1})},
        ),
        (
            'also.claude = { auth = "none", quirks = { r = 2 }, params = {} }',
            {"claude": FaceSettings(DEEP.base_url, "none", {"q": 1, "r": 2}, {})},
        ),
        (
            'base_url = "https://other.example/v1"\nalso.claude = true',
            {"claude": FaceSettings("https://other.example/v1")},
        ),
    ],
)
def test_the_faces_of_a_preset_hold_where_the_file_says_nothing_else(built, said, faces):
    text = f'[upstreams.deep]\nkeys = ["env:K1"]\n{said}'

    assert built(text).upstreams["deep"].also == faces


def test_the_environment_alone_brings_the_faces_of_a_preset(built):
    def found(**environ):
        return built("", environ).upstreams

    assert found(DEEP_KEY="k")["deep"].also == {"claude": DEEP}
    assert found(DEEP_KEY="k", DEEP_URL="http://10.0.0.1/v1")["deep"].also == {}
    served = found(SERVED_URL="http://10.0.0.1:9/v1")["served"]
    assert served.also == {"claude": FaceSettings("http://10.0.0.1:9/v1")}


def test_a_face_at_the_gateways_own_address_is_refused(built):
    text = """
        [upstreams.deep]
        keys = ["env:K1"]
        also.claude = "http://127.0.0.1:11434"
    """

    with pytest.raises(ConfigError, match=r"also\.claude: 127\.0\.0\.1:11434 is the gateway's own"):
        built(text)


def test_a_list_of_proxies_has_one_for_each_key(built):
    upstream = built("""
        [upstreams.moon]
        dialect = "openai"
        base_url = "https://api.moonshot.cn/v1"
        keys = ["env:K1", "env:MANY"]
        proxy = ["http://a:1", "env:PROXY", "http://c:1"]
    """).upstreams["moon"]

    assert upstream.proxies == ("http://a:1", "http://b:1", "http://c:1")
