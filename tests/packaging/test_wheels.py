"""Wheels of the core and two plugins, installed alone: no plugin may lean on another."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import dev
from gateway.new_plugin import KINDS, write

CHOSEN = dev.plugin_folders()[:2]
LIST_ENTRY_POINTS = (
    "from importlib.metadata import entry_points;"
    "print(*sorted(point.name for point in entry_points(group='gateway.plugins')))"
)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    target = tmp_path_factory.mktemp("wheels")
    for folder in (dev.ROOT, *CHOSEN):
        assert dev.build_wheel(folder, str(target)) == 0
    return sorted(target.glob("*.whl"))


@pytest.fixture(scope="module")
def clean(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment with nothing but the wheels and what they need."""
    venv = tmp_path_factory.mktemp("clean") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    constraints = dev.ROOT / dev.CONSTRAINTS
    command = [sys.executable, "-m", "pip", f"--python={venv / 'bin' / 'python'}", "install", "-q"]
    if dev.has_uv():
        command = [dev.BIN / "uv", "pip", "install", "-q", f"--python={venv / 'bin' / 'python'}"]
    subprocess.run(
        [*command, "--constraint", constraints, *wheels], check=True, env=dev.uv_environment()
    )
    return venv / "bin"


def output(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_wheel_holds_its_one_package_with_types(wheels):
    assert len(wheels) == 1 + len(CHOSEN)
    for wheel in wheels:
        names = zipfile.ZipFile(wheel).namelist()
        tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}

        assert len(tops) == 1, wheel.name
        assert f"{tops.pop()}/py.typed" in names, wheel.name


def test_the_cores_wheel_holds_the_templates_of_new_plugins(wheels):
    (core,) = [wheel for wheel in wheels if wheel.name.startswith("babelgate-")]
    names = zipfile.ZipFile(core).namelist()

    for kind in KINDS:
        assert f"gateway/new_plugin/{kind}/pyproject.toml" in names
        assert f"gateway/new_plugin/{kind}/gateway_newplugin/py.typed" in names


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_builds_a_wheel_with_its_entry_point(kind, tmp_path):
    folder = write(kind, "mine", tmp_path)[0].parent

    assert dev.build_wheel(folder, str(tmp_path)) == 0

    wheel = zipfile.ZipFile(tmp_path / "babelgate_mine-0.1.0-py3-none-any.whl")
    assert "gateway_mine/py.typed" in wheel.namelist()
    points = wheel.read("babelgate_mine-0.1.0.dist-info/entry_points.txt").decode()
    assert points.split() == ["[gateway.plugins]", "mine", "=", "gateway_mine"]


def test_only_the_two_installed_plugins_are_found(clean):
    found = output(clean / "python", "-c", LIST_ENTRY_POINTS)

    assert found.split() == [folder.name for folder in CHOSEN]


def test_the_command_lists_exactly_the_installed_plugins(clean):
    listing = output(clean / "babelgate", "plugins")

    listed = {
        folder.name for folder in dev.plugin_folders() if f"babelgate-{folder.name}" in listing
    }
    assert listed == {folder.name for folder in CHOSEN}
