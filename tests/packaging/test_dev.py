from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

import dev

LISTING = """\
:env:.find-links='/opt/a /opt/b'
:env:.index-url='http://127.0.0.1:3141/simple'
global.cert='/etc/ssl/ca.pem'
global.extra-index-url='file:///one file:///two'
global.index-url='http://127.0.0.1:9/simple'
global.disable-pip-version-check='1'
install.no-index='true'
"""


def test_pips_configuration_reaches_uv_in_its_own_words():
    assert dev.in_words_of_uv(LISTING) == {
        "UV_FIND_LINKS": "/opt/a,/opt/b",
        "UV_INDEX_URL": "http://127.0.0.1:3141/simple",
        "SSL_CERT_FILE": "/etc/ssl/ca.pem",
        "UV_EXTRA_INDEX_URL": "file:///one file:///two",
        "UV_NO_INDEX": "true",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_without_a_configuration_uv_is_told_nothing():
    assert dev.in_words_of_uv("") == {}


def test_what_is_set_for_uv_itself_wins(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/pip")
    monkeypatch.setenv("UV_INDEX_URL", "http://127.0.0.1:1/uv")

    assert dev.uv_environment()["UV_INDEX_URL"] == "http://127.0.0.1:1/uv"


def test_pips_variables_reach_uv(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/pip")
    monkeypatch.delenv("UV_INDEX_URL", raising=False)

    assert dev.uv_environment()["UV_INDEX_URL"] == "http://127.0.0.1:1/pip"


def test_a_stamp_holds_until_a_file_that_decides_what_is_installed_changes(tmp_path, monkeypatch):
    for name in ("pyproject.toml", "constraints.txt", "dev.py"):
        (tmp_path / name).write_text("a = 1\n")
    (tmp_path / "venv").mkdir()
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", tmp_path / "venv")

    assert not dev.up_to_date("full")
    dev.put_stamp("full")
    assert dev.up_to_date("full")

    (tmp_path / "constraints.txt").write_text("a = 2\n")
    assert not dev.up_to_date("full")


def test_a_new_plugin_needs_a_new_setup(tmp_path, monkeypatch):
    for name in ("pyproject.toml", "constraints.txt", "dev.py"):
        (tmp_path / name).write_text("a = 1\n")
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    before = dev.fingerprint()

    (tmp_path / "plugins" / "new").mkdir(parents=True)
    (tmp_path / "plugins" / "new" / "pyproject.toml").write_text("")

    assert dev.plugin_folders() == [tmp_path / "plugins" / "new"]
    assert dev.fingerprint() != before


def test_without_the_demo_model_setup_goes_on_and_says_who_answers(monkeypatch, capsys):
    def fail(arguments):
        raise subprocess.CalledProcessError(1, arguments)

    monkeypatch.setattr(dev, "up_to_date", lambda stamp: False)
    monkeypatch.setattr(dev, "install", fail)

    assert dev.fetch_demo_model() == 0
    assert "the echo backend will answer" in capsys.readouterr().out


def test_make_has_a_target_for_every_task():
    makefile = (dev.ROOT / "Makefile").read_text()
    [targets] = re.findall(r"^(setup .*):$", makefile, re.MULTILINE)

    assert targets.split() == list(dev.TASKS)


def test_the_ci_script_runs_tasks_that_exist():
    script = (dev.ROOT / ".ci" / "run").read_text()
    [steps] = re.findall(r"^for step in (.*); do$", script, re.MULTILINE)

    assert steps.split() == ["setup", "lint", "test", "test-clients"]
    assert set(steps.split()) <= set(dev.TASKS)


def test_every_task_says_what_it_does():
    done = subprocess.run(
        [sys.executable, dev.ROOT / "dev.py"], capture_output=True, text=True, check=True
    )

    assert len(done.stdout.splitlines()) == len(dev.TASKS)
    assert "None" not in done.stdout


def test_an_unknown_task_ends_with_2():
    done = subprocess.run([sys.executable, dev.ROOT / "dev.py", "fly"], check=False)

    assert done.returncode == 2


@pytest.mark.parametrize("folder", [dev.ROOT, *dev.plugin_folders()], ids=lambda path: path.name)
def test_distributions_of_ours_agree(folder):
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]

    assert (project["license"], project["requires-python"]) == ("MIT", ">=3.11")
    assert (folder / project["readme"]).is_file()
    assert project["version"] == "0.1.0"
    if folder != dev.ROOT:
        assert project["name"] == f"babelgate-{folder.name.replace('_', '-')}"
        assert project["entry-points"]["gateway.plugins"] == {folder.name: f"gateway_{folder.name}"}
