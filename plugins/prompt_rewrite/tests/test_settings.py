"""What a configuration may say, and what it is told when it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway import config
from gateway.errors import ConfigError
from gateway.plugins import load
from gateway.settings import Plugins
from gateway_prompt_rewrite.settings import PLACES


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("[[groups.kimi.prompts]]", '5: groups.kimi.prompts[0]: needs text = "…" or file = "…"'),
        ('[[groups.kimi.prompts]]\ntext = ""', "6: groups.kimi.prompts[0].text: is empty"),
        (
            '[[groups.kimi.prompts]]\ntext = ""\nmode = "replace"\nposition = "last_user"',
            "6: groups.kimi.prompts[0].text: is empty",
        ),
        (
            '[[groups.kimi.prompts]]\ntext = "a"\nfile = "rules.md"',
            "7: groups.kimi.prompts[0].file: say text or file, not both",
        ),
        (
            '[[groups.kimi.prompts]]\nfile = "gone.md"',
            "6: groups.kimi.prompts[0].file: FOLDER/gone.md can't be read",
        ),
        (
            '[[groups.kimi.prompts]]\nfile = "blank.md"',
            "6: groups.kimi.prompts[0].file: is empty",
        ),
        ("[[groups.kimi.prompts]]\nfile = 1", "6: groups.kimi.prompts[0].file: must be a string"),
        (
            '[[groups.kimi.prompts]]\ntext = "a"\nmode = "apend"',
            "7: groups.kimi.prompts[0].mode: must be one of append, prepend, replace (did you",
        ),
        (
            '[[groups.kimi.prompts]]\ntext = "a"\nwhen = { model = ["a"] }',
            '7: groups.kimi.prompts[0].when.model: unknown name (did you mean "models"?)',
        ),
        (
            '[[groups.kimi.prompts]]\ntext = "a"\nwhen = { models = ["a", 1] }',
            "7: groups.kimi.prompts[0].when.models[1]: must be a name, or a pattern",
        ),
        (
            '[[groups.kimi.replacements]]\nfind = "a"',
            "5: groups.kimi.replacements[0].with: is missing",
        ),
        (
            '[[groups.kimi.replacements]]\nwith = "b"\nfind = ""',
            "7: groups.kimi.replacements[0].find: is empty",
        ),
        (
            '[[groups.kimi.replacements]]\nwith = "b"\nfind = "("\nregex = true',
            "7: groups.kimi.replacements[0].find: is no regular expression: missing )",
        ),
        (
            '[[groups.kimi.replacements]]\nwith = "b"\nfind = "x*"\nregex = true',
            "7: groups.kimi.replacements[0].find: also matches nothing at all",
        ),
        (
            '[[groups.kimi.replacements]]\nwith = "\\\\2"\nfind = "(x)"\nregex = true',
            "6: groups.kimi.replacements[0].with: can't be filled in: invalid group reference 2",
        ),
        (
            '[[groups.kimi.replacements]]\nwith = "\\\\g<n>"\nfind = "(x)"\nregex = true',
            "6: groups.kimi.replacements[0].with: can't be filled in: unknown group name 'n'",
        ),
        ('[groups.kimi]\ndeny_tools = "a"', "6: groups.kimi.deny_tools: must be a list"),
        ("[groups.kimi]\ndeny_tools = [1]", "6: groups.kimi.deny_tools[0]: must be a name"),
        (
            "[groups.kimi]\ntemperature_ratio = -1",
            "6: groups.kimi.temperature_ratio: must be 0 or more",
        ),
        (
            '[groups.kimi]\ntemperature_ratio = "1"',
            "6: groups.kimi.temperature_ratio: must be a number",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(group, tmp_path, lines, complaint):
    (tmp_path / "blank.md").write_text("\n \n")
    (tmp_path / "rules.md").write_text("Be brief.")

    with pytest.raises(ConfigError) as caught:
        group(lines)

    said = str(caught.value).removeprefix(f"{tmp_path / 'babelgate.toml'}:")
    assert said.replace(str(tmp_path), "FOLDER").startswith(complaint)


def test_a_text_may_stand_in_a_file_beside_the_configuration(group, tmp_path):
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/kimi.md").write_text("\nBe brief.\n\nBe kind.\n")

    rule = group('[[groups.kimi.prompts]]\nfile = "prompts/kimi.md"').extra["prompts"][0]

    assert rule.words == "Be brief.\n\nBe kind."


def test_a_change_of_that_file_is_a_change_of_the_configuration(tmp_path):
    (tmp_path / "kimi.md").write_text("Be brief.")
    (tmp_path / "babelgate.toml").write_text('[[groups.kimi.prompts]]\nfile = "kimi.md"')

    raw = config.read(tmp_path / "babelgate.toml")
    settings = config.build(raw, {}, backends={}, setting_classes=PLACES)

    assert str(tmp_path / "kimi.md") in settings.watched


def test_the_installed_plugin_claims_its_settings():
    claimed = load(Plugins(only=["prompt_rewrite"]), environ={}).setting_classes

    assert claimed == PLACES


def test_the_configuration_of_the_page_is_read_whole(group):
    page = (Path(__file__).parents[1] / "README.md").read_text()
    block = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[0]
    rules = block.partition("[groups.kimi.models]")[0] + block[block.index("[[groups.") :]

    extra = group(rules.partition("[upstreams")[0]).extra

    assert (len(extra["prompts"]), len(extra["replacements"]), len(extra["deny_tools"])) == (
        2,
        2,
        2,
    )
    assert extra["temperature_ratio"].value == 0.6
