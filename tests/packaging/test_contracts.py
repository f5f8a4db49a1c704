"""Who may import whom, as pyproject.toml says it."""

from __future__ import annotations

import subprocess
import tomllib

import dev

CONTRACTS = tomllib.loads((dev.ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


def test_all_import_contracts_hold():
    done = subprocess.run(
        [dev.BIN / "lint-imports", "--no-cache"],
        cwd=dev.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_every_plugin_of_the_tree_stands_under_the_contracts():
    packages = dev.plugin_packages()

    assert CONTRACTS["root_packages"] == ["gateway", *packages]
    assert CONTRACTS["contracts"][0]["layers"] == [" | ".join(packages), "gateway"]
