from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import frozen

from gateway.config import Fallback, build, read
from gateway.config_keys import digest_of
from gateway.errors import ConfigError, PluginError
from gateway.hooks import Backend, Preset
from gateway.settings import Alias, ModelSettings, TargetName, UpstreamSettings

OPENAI = Backend(
    "openai",
    speaks="openai",
    presets=[
        Preset("openai", "https://api.openai.com/v1", ["OPENAI_API_KEY"], "OPENAI_BASE_URL"),
        Preset("moonshot", "https://api.moonshot.cn/v1", ["MOONSHOT_API_KEY"]),
        Preset("ollama", "http://127.0.0.1:11500/v1", (), "OLLAMA_HOST", keyless=True),
    ],
)
CLAUDE = Backend(
    "claude",
    speaks="claude",
    presets=[
        Preset(
            "anthropic", "https://api.anthropic.com", ["ANTHROPIC_API_KEY"], "ANTHROPIC_BASE_URL"
        )
    ],
)
ECHO = Backend("echo", needs_url=False)
BACKENDS = {one.name: one for one in (OPENAI, CLAUDE, ECHO)}
ENVIRON = {"MOONSHOT_API_KEY": "sk-moon", "K1": "sk-1", "MANY": "sk-2,sk-3"}
OWN = [("127.0.0.1", 11434)]


@frozen
class PromptRule:
    text: str
    mode: str = "append"


@frozen
class Mcp:
    servers: dict[str, str]


@pytest.fixture
def built(tmp_path):
    """Build the settings of a TOML text."""

    def make(text, environ=ENVIRON, claims=None, **options):
        path = tmp_path / "c.toml"
        path.write_text(text)
        options = {"own_addresses": OWN, **options}
        return build(
            read(path), environ, backends=BACKENDS, setting_classes=claims or {}, **options
        )

    return make


@pytest.fixture
def complaint(built):
    """The complaint about a TOML text, without the folder."""

    def make(text, **options):
        with pytest.raises(ConfigError) as caught:
            built(text, **options)
        return str(caught.value).partition("c.toml:")[2]

    return make


def test_a_whole_upstream_is_read(built, tmp_path):
    (tmp_path / "secret").write_text("sk-file\n")

    upstream = built("""
        [upstreams.moon]
        dialect = "openai"
        base_url = "https://api.moonshot.cn/v1/"
        keys = ["env:K1", "env:MANY", "file:secret"]
        headers = { X-Team = "${env:K1}-{uuid}" }
        query = { v = "2" }
        timeout = "5m"
        connect_timeout = "500ms"
        first_token_timeout = 20
        proxy = "http://proxy:3128"
        quirks = { a = 1 }
        params = { enable_thinking = true }
        defaults = { temperature = 0.7 }
        [upstreams.moon.models."kimi-k2*"]
        tools = true
        price = { input = 1, cached = 0.1 }
    """).upstreams["moon"]

    assert upstream == UpstreamSettings(
        name="moon",
        backend="openai",
        base_url="https://api.moonshot.cn/v1",
        keys=("sk-1", "sk-2", "sk-3", "sk-file"),
        headers={"X-Team": "sk-1-{uuid}"},
        query={"v": "2"},
        timeout=300.0,
        connect_timeout=0.5,
        first_token_timeout=20.0,
        proxies=("http://proxy:3128",),
        quirks={"a": 1},
        params={"enable_thinking": True},
        defaults={"temperature": 0.7},
        models={"kimi-k2*": ModelSettings(tools=True, price={"input": 1.0, "cached": 0.1})},
        place=f"{tmp_path}/c.toml:2",
    )


def test_no_secret_shows_in_a_repr(built):
    settings = built("""
        [upstreams.moonshot]
        keys = ["env:K1"]
        headers = { X = "${env:K1}" }
        proxy = "http://me:sk-1@proxy"
        [proxy_keys.a]
        key = "env:K1"
    """)

    assert "sk-1" not in repr(settings)


def test_a_table_of_a_presets_name_changes_only_what_it_says(built):
    upstream = built('[upstreams.moonshot]\ntimeout = "1s"').upstreams["moonshot"]

    assert (upstream.backend, upstream.preset) == ("openai", "moonshot")
    assert (upstream.base_url, upstream.keys) == ("https://api.moonshot.cn/v1", ("sk-moon",))
    assert upstream.timeout == 1.0
    assert not upstream.from_environment


def test_a_preset_may_have_another_name(built):
    upstream = built('[upstreams.work]\npreset = "moonshot"').upstreams["work"]

    assert (upstream.preset, upstream.keys) == ("moonshot", ("sk-moon",))


def test_another_dialect_of_a_preset_keeps_its_keys_only(built):
    upstream = built(
        '[upstreams.moonshot]\ndialect = "claude"\nbase_url = "https://api.moonshot.cn/anthropic"'
    ).upstreams["moonshot"]

    assert (upstream.backend, upstream.preset, upstream.keys) == ("claude", None, ("sk-moon",))


def test_no_keys_at_all_can_be_said(built):
    assert built("[upstreams.moonshot]\nkeys = []").upstreams["moonshot"].keys == ()


def test_a_disabled_upstream_needs_no_secret(built):
    text = '[upstreams.a]\ndialect = "openai"\ndisabled = true\nkeys = ["env:GONE"]'

    assert built(text).upstreams["a"].keys == ()


def test_a_key_in_clear_works_and_is_warned_about(built):
    settings = built('[upstreams.moonshot]\nkeys = ["sk-clear"]')

    assert settings.upstreams["moonshot"].keys == ("sk-clear",)
    assert len(settings.warnings) == 1
    assert "c.toml:2: upstreams.moonshot.keys[0]: is a key in clear" in settings.warnings[0]
    assert "sk-clear" not in settings.warnings[0]


def test_all_three_forms_of_an_alias_are_read(built):
    group = built("""
        [groups.kimi.models]
        "a" = "moonshot/org/k2"
        "b-*" = ["moonshot/x-*", "echo/hello"]
        "*" = { targets = ["moonshot/k2"], strategy = "ordered" }
    """).groups["kimi"]

    assert group.models == {
        "a": Alias("a", [TargetName("moonshot", "org/k2")]),
        "b-*": Alias("b-*", [TargetName("moonshot", "x-*"), TargetName("echo", "hello")]),
        "*": Alias("*", [TargetName("moonshot", "k2")], "ordered"),
    }


def test_a_target_needs_no_table_for_what_is_known(built):
    settings = built('[groups.g.models]\na = ["moonshot/x", "echo/x", "ollama/x"]')

    assert list(settings.upstreams) == ["moonshot", "echo", "ollama"]
    assert settings.upstreams["moonshot"].place == "MOONSHOT_API_KEY"


def test_a_group_takes_over_what_it_does_not_say(built):
    settings = built(
        """
        [groups.base]
        description = "base"
        on_loss = "warn"
        models = { a = "moonshot/1", b = "moonshot/2" }
        [[groups.base.prompts]]
        text = "one"
        [groups.mid]
        extends = "base"
        models = { b = "moonshot/3" }
        [groups.top]
        extends = "mid"
        on_loss = "refuse"
        models = { c = "moonshot/4" }
        [[groups.top.prompts]]
        text = "two"
    """,
        claims={"group.prompts": list[PromptRule]},
    )
    top = settings.groups["top"]

    assert (top.name, top.description, top.on_loss) == ("top", None, "refuse")
    assert settings.groups["mid"].on_loss == "warn"
    assert [str(alias.targets[0]) for alias in top.models.values()] == [
        "moonshot/4",
        "moonshot/3",
        "moonshot/1",
    ]
    assert top.extra["prompts"] == [PromptRule("two"), PromptRule("one")]
    assert settings.groups["mid"].extra["prompts"] == [PromptRule("one")]


def test_plugins_get_their_settings_typed_at_their_place(built):
    settings = built(
        """
        [mcp.servers]
        a = "x"
        [upstreams.moonshot]
        cache = { text = "t" }
        [groups.g]
        hub_tools = "compat"
        models = { a = "moonshot/1" }
    """,
        claims={"top.mcp": Mcp, "upstream.cache": PromptRule, "group.hub_tools": str},
    )

    assert settings.extra == {"mcp": Mcp({"a": "x"})}
    assert settings.upstreams["moonshot"].extra == {"cache": PromptRule("t")}
    assert settings.groups["g"].extra == {"hub_tools": "compat"}


def test_a_plugin_s_claim_makes_the_value_that_needs_it_good(built):
    text = """
        [groups.g]
        tool_mode = "compat"
        models = { a = "moonshot/1" }
        [upstreams.moonshot]
    """

    settings = built(text, claims={"group.toolcompat": PromptRule})

    assert settings.groups["g"].tool_mode == "compat"


@pytest.mark.parametrize(
    "claims",
    [{"group.models": dict}, {"server.x": str}, {"prompts": Sequence}, {"top.server": dict}],
)
def test_a_plugin_cannot_claim_what_is_not_free(built, claims):
    with pytest.raises(PluginError, match=next(iter(claims))):
        built("", claims=claims)


def test_proxy_keys_are_kept_as_digests(built):
    keys = built(f"""
        [groups.kimi.models]
        a = "moonshot/x"
        [proxy_keys.alice]
        hash = "sha256:{digest_of("cs-1").upper()}"
        groups = ["kimi", "team-*"]
        models = ["a"]
        expires = 2027-01-01
        [proxy_keys.bob]
        key = "env:K1"
        expires = 2027-01-01T10:00:00+02:00
        [proxy_keys.carol]
        key = "cs-clear"
        expires = 2027-01-01T10:00:00
    """).proxy_keys

    assert [key.digest for key in keys.values()] == [
        digest_of("cs-1"),
        digest_of("sk-1"),
        digest_of("cs-clear"),
    ]
    assert keys["alice"].groups == ["kimi", "team-*"]
    assert keys["alice"].expires == datetime(2027, 1, 1, tzinfo=UTC)
    assert keys["bob"].expires == datetime(2027, 1, 1, 8, tzinfo=UTC)
    assert keys["carol"].expires == datetime(2027, 1, 1, 10, tzinfo=UTC)


def test_the_server_is_read(built):
    server = built("""
        [server]
        port = 9000
        ping_after = "3s"
        active = "g"
        ollama_keyless = false
        allowed_hosts = ["gate.example"]
        [groups.g.models]
        a = "moonshot/1"
    """).server

    assert (server.host, server.port, server.ping_after, server.active) == (
        "127.0.0.1",
        9000,
        3,
        "g",
    )
    assert server.ollama_keyless is False
    assert list(server.allowed_hosts) == ["gate.example"]


def test_the_files_behind_the_settings_are_known(built, tmp_path):
    (tmp_path / "secret").write_text("sk-file")

    settings = built('[upstreams.moonshot]\nkeys = ["file:secret"]')

    assert settings.source == f"{tmp_path}/c.toml"
    assert settings.watched == [f"{tmp_path}/c.toml", f"{tmp_path}/secret"]


A_GROUP = "[groups.g.models]\n"
AN_UPSTREAM = '[upstreams.u]\ndialect = "openai"\nbase_url = "https://u.example"\n'
CASES = Path(__file__).with_name("config_complaints.txt").read_text().split("\n\n>>> ")[1:]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.partition("\n")[0])
def test_a_complaint_says_where_and_what(complaint, case):
    expected, _, text = case.partition("\n")

    assert complaint(text).startswith(expected)


def test_a_mistake_in_a_plugins_settings_has_its_line(complaint):
    text = "[[groups.g.prompts]]\ntext = 'x'\n[[groups.g.prompts]]\ntext = 1"

    said = complaint(text, claims={"group.prompts": list[PromptRule]})

    assert said == "4: groups.g.prompts[1].text: must be a string, not a number"


def test_no_complaint_shows_a_secret(complaint):
    for line in ("keys = ['sk-TOP SECRET']", "keys = ['${TOP SECRET}']", "headers = 'TOP SECRET'"):
        assert "SECRET" not in complaint(AN_UPSTREAM + line)


def test_one_model_can_answer_every_name(built):
    assert built("", every_model="moonshot/k2").every_model == TargetName("moonshot", "k2")
    assert built("", {**ENVIRON, "BABELGATE_MODEL": "echo/x"}).every_model == TargetName(
        "echo", "x"
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("k2", 'written "upstream/model"'),
        ("openai/x", "set OPENAI_API_KEY"),
        ("x/y", "no upstream 'x'"),
    ],
)
def test_a_wrong_model_for_every_name_is_refused(built, name, words):
    with pytest.raises(ConfigError, match=f"^--model: .*{words}"):
        built("", every_model=name)
    with pytest.raises(ConfigError, match=f"^BABELGATE_MODEL: .*{words}"):
        built("", {**ENVIRON, "BABELGATE_MODEL": name})


def test_groups_say_what_answers_so_the_flag_is_refused_and_the_variable_not_used(built):
    text = A_GROUP + "a = 'echo/x'"

    with pytest.raises(ConfigError, match=r"^--model: the configuration has groups"):
        built(text, every_model="echo/x")
    settings = built(text, {"BABELGATE_MODEL": "echo/x"})
    assert settings.every_model is None
    assert "BABELGATE_MODEL is not used" in settings.warnings[0]


def test_the_fallback_answers_only_when_nothing_else_is_there():
    fallback = Fallback(1, UpstreamSettings("local", "echo"), "demo", "found")

    def make(environ, **options):
        options = {"backends": BACKENDS, "setting_classes": {}, "fallback": fallback, **options}
        return build(None, environ, **options)

    assert make({}).every_model == TargetName("local", "demo")
    assert make({}).upstreams == {"local": fallback.upstream}
    assert make(ENVIRON).every_model is None
    assert list(make(ENVIRON).upstreams) == ["moonshot"]
    assert make({}, every_model="echo/x").every_model == TargetName("echo", "x")


def test_an_own_address_in_the_environment_is_left_out_with_a_warning(built):
    environ = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "http://localhost:11434"}

    settings = built("", environ)

    assert settings.upstreams == {}
    assert (
        "'anthropic' (ANTHROPIC_API_KEY) is left out: its address localhost:11434"
        in (settings.warnings[0])
    )
    with pytest.raises(ConfigError, match=r"c\.toml:2: .*'anthropic'.* is the gateway's own"):
        built(A_GROUP + "a = 'anthropic/x'", environ)


def test_a_table_is_not_moved_to_the_gateway_by_a_variable(built):
    environ = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "http://localhost:11434"}

    settings = built("[upstreams.anthropic]", environ)

    assert settings.upstreams["anthropic"].base_url == "https://api.anthropic.com"
    assert "ANTHROPIC_BASE_URL is the gateway's own address" in settings.warnings[0]


def test_a_keyless_preset_at_the_gateways_own_address_is_refused(complaint):
    text = A_GROUP + "a = 'ollama/x'"

    said = complaint(text, environ={}, own_addresses=[("127.0.0.1", 11500)])

    assert said.startswith("2: groups.g.models.a: the upstream 'ollama' (preset) is left out")


def test_a_group_without_models_is_warned_about(built):
    assert "groups.g: has no models" in built("[groups.g]").warnings[0]
