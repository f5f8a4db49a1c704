"""The kit's README is true: its examples run, and it tells of every law class and setting."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from gateway import testing
from gateway.testing import laws
from gateway.testing.laws import BackendLaws, DialectLaws, RuleLaws

README = Path(testing.__file__).with_name("README.md")
TEXT = README.read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
SETTINGS = {
    name
    for law in (DialectLaws, BackendLaws, RuleLaws)
    for base in law.__mro__[:-1]
    for name in inspect.get_annotations(base)
}


def test_the_examples_run_one_after_another():
    names = {"__file__": str(README), "__name__": "readme"}

    for example in EXAMPLES:
        exec(compile(example, str(README), "exec"), names)

    assert issubclass(names["TestParrot"], BackendLaws)
    assert inspect.iscoroutinefunction(names["test_a_broken_stream_is_an_error"])


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_every_setting_is_told_of(setting):
    assert re.search(rf"\b{setting}\b", TEXT)


@pytest.mark.parametrize("hook", [n for n in dir(DialectLaws) if n.startswith("canonical")])
def test_every_canonical_form_is_told_of(hook):
    assert f"`{hook}(" in TEXT


def test_every_module_is_told_of():
    modules = {path.stem for path in README.parent.glob("[a-z]*.py")} | {"corpus", "laws"}
    inner = {"captures", "comparing", "gateways", "leaves", "pytest_plugin"}
    inner |= {"examples", "levels", "proven"}

    missing = [name for name in sorted(modules - inner) if name not in TEXT]

    assert missing == []
    assert set(laws.__all__) >= {"BackendLaws", "DialectLaws", "RuleLaws"}
