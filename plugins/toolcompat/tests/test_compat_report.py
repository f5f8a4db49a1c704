"""The measure of `compat_report.py`, on cases of our own."""

from __future__ import annotations

import pytest

from plugins.toolcompat.tests.corpus.cases import OWN_CASES
from plugins.toolcompat.tests.corpus.damages import DAMAGES, TRAPS
from plugins.toolcompat.tests.corpus.formats import FORMATS
from plugins.toolcompat.tests.corpus.reading import calls_read


@pytest.mark.parametrize("case", OWN_CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_every_format_is_read_exactly(form, case):
    assert calls_read(case.tools, form.render(case.calls)) == case.calls


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_calls_are_healed(name):
    made = [
        (form.name, case, damaged)
        for form in FORMATS
        for case in OWN_CASES
        if (damaged := DAMAGES[name](form, case))
    ]

    unhealed = [
        (form, case.name)
        for form, case, (text, calls) in made
        if calls_read(case.tools, text) != calls
    ]

    assert made
    assert unhealed in ([], [("glm", "without arguments")])


@pytest.mark.parametrize("name", TRAPS)
def test_nothing_is_carried_out_where_nothing_was_called(name):
    made = [damaged for f in FORMATS for c in OWN_CASES if (damaged := TRAPS[name](f, c))]

    assert made
    for text, _ in made:
        assert calls_read(OWN_CASES[0].tools, text) == []
