"""The command: every subcommand with real distributions and real files."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from gateway import __version__
from gateway.cli import OWN, run
from gateway.keys import hash_of
from tests.sites import Site, site

__all__ = ["site"]

CLAUDE = """
from gateway.hooks import Backend, Dialect, Endpoint, Preset, hookimpl
API_VERSION = 1
@hookimpl
def register_dialects():
    setup = lambda url, key: {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": key}
    endpoints = [Endpoint("POST", "/v1/messages", "alpha", "chat")]
    return [Dialect("alpha", endpoints, None, setup=setup)]
@hookimpl
def register_backends():
    presets = [Preset("alphacorp", "https://alpha.example", ["ALPHA_API_KEY"])]
    arrow = lambda *_: None
    return [Backend("alpha", "alpha", "v1", arrow, arrow, presets=presets)]
@hookimpl
def register_commands():
    import click
    return [click.Command("hello", callback=lambda: click.echo("hello from alpha"))]
"""
CONFIG = f"""
[upstreams.up]
dialect = "alpha"
base_url = "https://up.example/v1"
keys = ["env:UP_KEY"]

[groups.kimi.models]
"*" = "up/k2"

[proxy_keys.alice]
hash = "{hash_of("cs-alice")}"
groups = ["kimi"]
"""


@pytest.fixture(autouse=True)
def _alone(
    site: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One dialect, an empty folder, and nothing of the user's own."""
    site.install("alpha", CLAUDE)
    here = tmp_path_factory.mktemp("here")
    monkeypatch.chdir(here)
    for name in [name for name in os.environ if name.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    for name in ("BABELGATE_CONFIG", "BABELGATE_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(here))
    monkeypatch.setenv("BABELGATE_PLUGINS", "alpha")
    monkeypatch.setenv("UP_KEY", "real-key-of-up")


@pytest.fixture
def config() -> str:
    Path("kimi.toml").write_text(CONFIG)
    return "kimi.toml"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that works writes to standard output."""
    status = run(arguments)
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    return out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line of a command that fails."""
    status = run(arguments)
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    return err.removeprefix("babelgate: ").rstrip()


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]):
    assert said(capsys, "--version") == f"babelgate, version {__version__}\n"


def test_help_lists_every_command_and_those_of_plugins(capsys: pytest.CaptureFixture[str]):
    text = said(capsys, "--help")

    for name in [*OWN, "hello"]:
        assert re.search(rf"^  {name}\b", text, re.MULTILINE), name


def test_a_plugin_s_command_runs(capsys: pytest.CaptureFixture[str]):
    assert said(capsys, "hello") == "hello from alpha\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["srve"], "No such command 'srve'"),
        (["serve", "--prot", "1"], "No such option"),
        (["serve", "--port", "x"], "'x' is not a valid integer"),
        (["serve", "--port", "70000"], "70000 is not in the range"),
        (["serve", "--workers", "4"], "--workers: this release runs one process"),
        (["check", "nowhere.toml"], "nowhere.toml"),
        (["env", "claude", "--config", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_a_wrong_command_is_one_line_and_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
):
    assert words in refused(capsys, *arguments)


def test_a_right_configuration_is_fine(capsys: pytest.CaptureFixture[str], config: str):
    assert said(capsys, "check", config) == ("kimi.toml: fine (1 upstream, 1 group, 1 proxy key)\n")


def test_a_wrong_configuration_is_one_line_with_its_place(
    capsys: pytest.CaptureFixture[str], config: str
):
    Path(config).write_text(CONFIG.replace("base_url", "base_ulr"))

    error = refused(capsys, "check", config)

    assert error.startswith("kimi.toml:4: ")
    assert "base_ulr" in error


def test_an_open_gateway_for_everyone_does_not_pass_the_check(
    capsys: pytest.CaptureFixture[str], config: str
):
    text = CONFIG.partition("[proxy_keys")[0] + '[server]\nhost = "0.0.0.0"\n'
    Path(config).write_text(text)

    assert "opens this gateway" in refused(capsys, "check", config)


def test_a_broken_plugin_is_a_warning_of_the_check(
    capsys: pytest.CaptureFixture[str],
    config: str,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
):
    site.install("bad", "API_VERSION = 0\n")
    monkeypatch.setenv("BABELGATE_PLUGINS", "alpha,bad")

    status = run(["check", config])

    assert status == 0
    assert "plugin 'bad' (babelgate-bad 1.2): it was written for" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["check"], ["routes"], ["env", "alpha"]])
def test_a_core_without_a_dialect_says_what_to_type(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
):
    monkeypatch.setenv("BABELGATE_PLUGINS", "none-of-them")

    assert 'pip install "babelgate[standard]"' in refused(capsys, *arguments)


def test_init_writes_a_file_that_passes_the_check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ALPHA_API_KEY", "real-key-of-alphacorp")

    assert said(capsys, "init").startswith("wrote babelgate.toml")

    assert "real-key" not in Path("babelgate.toml").read_text()
    assert "babelgate.toml: fine" in said(capsys, "check")


def test_init_overwrites_nothing(capsys: pytest.CaptureFixture[str], config: str):
    assert refused(capsys, "init", config).startswith("kimi.toml: it is there already")
    assert Path(config).read_text() == CONFIG


def test_init_says_why_it_can_not_write(capsys: pytest.CaptureFixture[str]):
    error = refused(capsys, "init", "no/such/folder.toml")

    assert error == "no/such/folder.toml: it can't be written: No such file or directory"


def test_init_may_write_to_standard_output(capsys: pytest.CaptureFixture[str]):
    tomllib.loads(said(capsys, "init", "-"))

    assert not Path("babelgate.toml").exists()


def test_env_prints_lines_for_the_shell(capsys: pytest.CaptureFixture[str]):
    assert said(capsys, "env", "alpha") == (
        "export ANTHROPIC_BASE_URL=http://127.0.0.1:11434\nexport ANTHROPIC_AUTH_TOKEN=babelgate\n"
    )


def test_env_knows_group_key_and_another_address(capsys: pytest.CaptureFixture[str], config: str):
    arguments = ["--config", config, "--group", "kimi", "--url", "https://gw.example/"]

    assert said(capsys, "env", "alpha", *arguments) == (
        "export ANTHROPIC_BASE_URL=https://gw.example/kimi\n"
        "export ANTHROPIC_AUTH_TOKEN=YOUR-PROXY-KEY\n"
    )


def test_env_names_the_clients_that_it_knows(capsys: pytest.CaptureFixture[str]):
    assert refused(capsys, "env", "beta") == "no lines for 'beta' (there are: alpha)"


def test_env_names_the_groups_that_there_are(capsys: pytest.CaptureFixture[str], config: str):
    error = refused(capsys, "env", "alpha", "--config", config, "--group", "kim")

    assert error == "there is no group 'kim' (there are: kimi)"


def test_plugins_are_listed_with_what_is_wrong(
    capsys: pytest.CaptureFixture[str], site: Site, monkeypatch: pytest.MonkeyPatch
):
    site.install("bad", "import nothing_like_it\n")
    monkeypatch.setenv("BABELGATE_PLUGINS", "alpha,bad")

    text = said(capsys, "plugins")

    assert re.search(r"^alpha +babelgate-alpha 1\.2 +alpha +alpha +register_", text, re.MULTILINE)
    assert re.search(r"^bad +babelgate-bad 1\.2 +- +- +BROKEN$", text, re.MULTILINE)
    assert "it can't be imported: ModuleNotFoundError" in text
    assert "Traceback" not in text


def test_routes_are_listed(capsys: pytest.CaptureFixture[str]):
    lines = said(capsys, "routes").splitlines()

    assert lines[1].split() == ["method", "path", "dialect", "action"]
    assert lines[2].split() == ["POST", "/v1/messages", "alpha", "chat"]


def test_who_speaks_several_dialects_is_listed(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BABELGATE_PLUGINS", "alpha,beta")
    site.install("beta", CLAUDE.replace("alpha", "beta").replace("/v1/messages", "/v1/beta"))
    Path("babelgate.toml").write_text(
        '[upstreams.up]\ndialect = "alpha"\nbase_url = "https://up.example/v1"\nkeys = []\n'
        'also.beta = "https://up.example/beta"\n'
    )

    lines = said(capsys, "routes").splitlines()

    assert [line.split() for line in lines[-2:]] == [
        ["up", "beta", "beta", "https://up.example/beta"],
        ["up", "all", "others", "alpha", "https://up.example/v1"],
    ]


def test_a_new_key_fits_the_lines_that_come_with_it(capsys: pytest.CaptureFixture[str]):
    text = said(capsys, "keys", "new", "bob")

    (key,) = re.findall(r"^cs-\S{43}$", text, re.MULTILINE)
    table = tomllib.loads(text[text.index("[proxy_keys") :])
    assert table == {"proxy_keys": {"bob": {"hash": hash_of(key)}}}


def test_a_key_of_that_name_is_not_made_again(capsys: pytest.CaptureFixture[str], config: str):
    error = refused(capsys, "keys", "new", "alice", "--config", config)

    assert "there is a key 'alice' already" in error
    assert "[proxy_keys.alice]" in error


def test_keys_are_listed_with_their_scopes(capsys: pytest.CaptureFixture[str], config: str):
    lines = said(capsys, "keys", "list", "--config", config).splitlines()

    assert lines[1].split() == ["alice", "kimi", "*", "never"]


def test_a_gateway_without_keys_says_that_it_is_open(capsys: pytest.CaptureFixture[str]):
    assert "open to this machine" in said(capsys, "keys", "list")


def test_revoke_names_the_table_to_delete(capsys: pytest.CaptureFixture[str], config: str):
    text = said(capsys, "keys", "revoke", "alice", "--config", config)

    assert text.startswith("Delete the table [proxy_keys.alice] from kimi.toml")


def test_revoke_names_the_keys_that_there_are(capsys: pytest.CaptureFixture[str], config: str):
    error = refused(capsys, "keys", "revoke", "bob", "--config", config)

    assert error == "kimi.toml: there is no key 'bob' (there are: alice)"


def test_the_version_needs_neither_server_nor_plugins():
    code = (
        "import sys; sys.argv[1:] = ['--version']\n"
        "from gateway.cli import main\n"
        "try: main()\n"
        "except SystemExit as error: assert error.code == 0\n"
        "heavy = {'aiohttp', 'structlog', 'rich', 'cattrs', 'pluggy', 'attrs'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )

    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
