from __future__ import annotations

import doctest
import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import toml_lines
from gateway.model import Json, Path
from gateway.toml_lines import lines_of

DOCUMENTS = {
    "dotted and quoted keys": 'a.b."c.d" = 1\n"x y".\'z\' . w = 2\n"\\u00e9\\"" = 3\n',
    "headers out of order": "[a.b.c]\nx = 1\n[a]\ny = 2\n[ d . 'e.f' ]\n",
    "arrays of tables": "[[a]]\nx=1\n[a.sub]\ny=1\n[[a.l]]\nz=1\n[[a]]\n[[a.l]]\n[[a.l]]\n",
    "lists over lines": 'k = [ # first ]\n "a]", # "\n\n [1, 2,],\n  {b = 1, c.d = [true]},\n]\n',
    "long strings": 'a = """\nx = 1\n[no]\n\\""" """""\nb = \'\'\'\n[[no]] \'\'\'\'\nc = 1\n',
    "strings with marks": "a = \"}#,]\\\\\"\nb = '\\'\nc = { d = \"}\" , e = '{' }\n",
    "empty things": "a = []\nb = {}\nc = \"\"\nd = ''\ne = \"\"\"\"\"\"\nf = ''''''\n",
    "windows line ends": "[a]\r\nb = 1\r\n\r\n[c]\r\nd = '''\r\n\r\n'''\r\ne = 1\r\n",
    "no end of line": "a = 1 # so",
    "plain values": "z = 1979-05-27 07:32:01\na = +inf\nb = 0xD\nc = -1\nd = 07:32:00\ne = true\n",
}


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_everything_in_a_document_has_a_line(text):
    assert set(lines_of(text)) == set(paths(tomllib.loads(text)))


def test_lines_are_those_of_the_keys():
    text = '# top\n[a]\nb = [1,\n2]\n\n[[c]]\nd = """\n\n"""\ne = { f = 1 }\n[[c]]\n'

    assert lines_of(text) == {
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "b", 0): 3,
        ("a", "b", 1): 4,
        ("c",): 6,
        ("c", 0): 6,
        ("c", 0, "d"): 7,
        ("c", 0, "e"): 10,
        ("c", 0, "e", "f"): 10,
        ("c", 1): 11,
    }


def test_a_table_has_the_line_of_its_own_header():
    assert lines_of("[a.b]\n\n[a]\n")["a",] == 3


def test_windows_line_ends_count_once():
    assert lines_of("a = 1\r\n\r\nb = 2\r\n")["b",] == 3


names = st.text(min_size=1, max_size=4).filter(lambda name: "\0" not in name)
values = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(names, values, max_size=4))
def test_any_document_that_can_be_written_can_be_found_in(tree):
    text = "".join(f"{quoted(name)} = {written(value)}\n" for name, value in tree.items())

    assert tomllib.loads(text) == tree
    assert list(lines_of(text)) == list(paths(tree))


def paths(value: Json, path: Path = ()) -> Iterator[Path]:
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        yield (*path, step)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*path, step))


def quoted(text: str) -> str:
    plain = set("abcdefghijklmnopqrstuvwxyz ,]}#=[{.'")
    return '"' + "".join(c if c in plain else f"\\U{ord(c):08x}" for c in text) + '"'


def written(value: Json) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return quoted(value)
        case list():
            return "[" + ",\n ".join(map(written, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{quoted(k)} = {written(v)}" for k, v in value.items()) + "}"
    return str(value)


def test_the_examples_in_the_docstrings_hold():
    ran = doctest.testmod(toml_lines)

    assert ran.attempted > 0
    assert ran.failed == 0
