"""docs/configuration.md and examples/*.toml, checked by the code that they tell of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config import TopTable, build, read
from gateway.config_faces import FaceTable
from gateway.config_groups import AliasTable, GroupTable
from gateway.config_keys import ProxyKeyTable
from gateway.config_state import AdminTable, StoreTable
from gateway.config_upstream import UpstreamTable
from gateway.groups import Catalog
from gateway.hooks import Backend, Preset
from gateway.not_yet import DISTRIBUTION_OF_SETTING, NOT_YET
from gateway.settings import RESERVED_GROUPS, ModelSettings, Plugins, Server
from gateway.structure import names_of
from gateway_prompt_rewrite.settings import PLACES, PromptRule, Replacement, When

ROOT = Path(__file__).parents[1]
DOCS = (ROOT / "docs/configuration.md").read_text()
BLOCKS = re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
TABLES = (
    *(TopTable, Server, UpstreamTable, FaceTable, ModelSettings),
    *(GroupTable, AliasTable, ProxyKeyTable, Plugins),
    *(PromptRule, Replacement, When, StoreTable, AdminTable),
)
BACKENDS = {
    "openai": Backend(
        "openai",
        speaks="openai",
        presets=[
            Preset("openai", "https://api.openai.com/v1", ["OPENAI_API_KEY"]),
            Preset("moonshot", "https://api.moonshot.cn/v1", ["MOONSHOT_API_KEY"]),
        ],
    ),
    "claude": Backend(
        "claude",
        speaks="claude",
        presets=[Preset("anthropic", "https://api.anthropic.com", ["ANTHROPIC_API_KEY"])],
    ),
    "responses": Backend("responses", speaks="responses"),
    "echo": Backend("echo", needs_url=False),
}
VARIABLES = (
    *("OPENAI_API_KEY", "MOONSHOT_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_KEY_1"),
    *(
        "ANTHROPIC_KEY_2",
        "KIMI_1",
        "WORK_KEY",
        "BOBS_KEY",
        "CI_PROXY_KEY",
        "ADMIN_KEY",
        "TEAM",
        "REGION",
    ),
)
ENVIRON = {name: name.lower().replace("_", "-") for name in VARIABLES}


def settings_of(text, folder):
    (folder / "keys").mkdir()
    for name in ("kimi", "moonshot"):
        (folder / "keys" / name).write_text(f"sk-{name}-1\nsk-{name}-2\n")
    (folder / "prompts").mkdir()
    (folder / "prompts/kimi.md").write_text("Answer in English.")
    (folder / "babelgate.toml").write_text(text)
    raw = read(folder / "babelgate.toml")
    return build(raw, ENVIRON, backends=BACKENDS, setting_classes=PLACES)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_block_of_the_docs_is_a_good_configuration(block, tmp_path):
    assert settings_of(block, tmp_path).warnings == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_setting_stands_in_a_block(table):
    written = "\n".join(BLOCKS)

    missing = [name for name in names_of(table) if not _stands(name, written)]

    not_yet = {place.partition(".")[2] for place in NOT_YET}
    assert set(missing) <= not_yet


def test_every_name_that_is_not_acted_on_yet_is_listed():
    listed = DOCS.partition("## Not yet")[2]

    for place in (*NOT_YET, *DISTRIBUTION_OF_SETTING):
        assert re.search(rf"\b{place.partition('.')[2]}\b", listed), place


def test_every_reserved_name_is_listed():
    words = set(re.findall(r"\w+", DOCS.partition("## `[groups.NAME]`")[2].partition("```")[0]))

    assert words >= RESERVED_GROUPS


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_a_good_configuration(path, tmp_path):
    assert settings_of(path.read_text(), tmp_path).warnings == []


def test_the_smallest_example_answers_every_name(tmp_path):
    text = (ROOT / "examples/minimal.toml").read_text()

    catalog = Catalog(settings_of(text, tmp_path), BACKENDS)

    target = catalog.resolve(None, "claude-opus-4-5").targets[0]
    assert str(target) == "moonshot/kimi-k2-0905-preview"


def test_the_teams_example_prefers_open_models_for_coding(tmp_path):
    text = (ROOT / "examples/team.toml").read_text()

    catalog = Catalog(settings_of(text, tmp_path), BACKENDS)

    targets = catalog.resolve("switch", "claude-sonnet-4-5").targets
    assert list(map(str, targets)) == ["moonshot/kimi-k2-0905-preview", "house/qwen3-coder"]
    assert catalog.names("coding") == ["qwen3-coder", "kimi"]


def _stands(name, written):
    return re.search(rf"(^|[{{,.\[ ]){re.escape(name)}(\.| =|\])", written, re.MULTILINE)
