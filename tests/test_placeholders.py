from __future__ import annotations

from pathlib import Path

import pytest

from gateway.placeholders import fill, with_environment
from gateway.secrets import Secrets

SECRETS = Secrets({"TEAM": "blue {uuid}"}, Path())


def test_variables_are_put_in_once_and_the_rest_is_kept():
    assert (
        with_environment('${env:TEAM}-{random} {"a": 1}', SECRETS)
        == 'blue {uuid}-{random} {"a": 1}'
    )


def test_a_variable_that_is_not_set_is_named():
    with pytest.raises(ValueError, match="GONE"):
        with_environment("${env:GONE}", SECRETS)


def test_an_unknown_placeholder_is_named():
    with pytest.raises(ValueError, match="unknown placeholder"):
        with_environment("{uid}", SECRETS)


def test_each_request_gets_values_of_its_own():
    values = {"a": "{uuid}", "b": "x-{random}{random}", "c": "{other}"}

    first, second = fill(values), fill(values)

    assert len({first["a"], second["a"], first["b"], second["b"]}) == 4
    assert len(first["a"]) == 36
    assert len(first["b"]) == 66
    assert first["c"] == "{other}"
