"""Distributions with plugins, installed for one test as pip would leave them."""

import shutil
import sys
import tomllib
from pathlib import Path

import pytest

DIALECT = """
from gateway.hooks import Backend, Dialect, Endpoint, Preset, hookimpl
API_VERSION = 1
@hookimpl
def register_dialects():
    return [Dialect("{name}", [Endpoint("POST", "/v1/{name}", "{name}", "chat")], None)]
@hookimpl
def register_backends():
    preset = Preset("{name}-inc", "https://{name}.example")
    return [Backend("{name}", "{name}", "v1", lambda *_: None, lambda *_: None, presets=[preset])]
"""


class Site:
    """A folder of installed distributions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, name: str, code: str, version: str = "1.2", distribution: str = "") -> None:
        """A distribution with one module and one entry point, as pip would leave it."""
        distribution = distribution or f"babelgate-{name}"
        module = "site_" + distribution.replace("-", "_")
        (self.folder / f"{module}.py").write_text(code)
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )
        (info / "entry_points.txt").write_text(f"[gateway.plugins]\n{name} = {module}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Site(tmp_path)
    for name in [name for name in sys.modules if name.startswith("site_")]:
        del sys.modules[name]


def install_project(project: Path, site: Path) -> None:
    """A distribution's package and metadata in `site`, as an installer leaves them."""
    for package in project.glob("gateway_*"):
        shutil.copytree(package, site / package.name)
    describe_project(project, site)


def describe_project(project: Path, site: Path) -> None:
    """A distribution's metadata alone: enough where its folder itself is on Python's path."""
    said = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    info = site / f"{said['name'].replace('-', '_')}-{said['version']}.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {said['name']}\nVersion: {said['version']}\n"
    (info / "METADATA").write_text(metadata)
    points = said["entry-points"]["gateway.plugins"].items()
    lines = "\n".join(f"{name} = {module}" for name, module in points)
    (info / "entry_points.txt").write_text(f"[gateway.plugins]\n{lines}\n")
