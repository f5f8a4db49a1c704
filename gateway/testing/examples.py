"""Count the examples that hypothesis tries, by the handle that it keeps for runners of tests."""

from __future__ import annotations

import functools
import inspect
from typing import Any

_count = 0
WRAPPED = "_babelgate_counted"


def tried() -> int:
    """How many examples were tried so far in this process."""
    return _count


def count(test: object) -> None:
    """Count the examples of `test` from now on, if it is one of hypothesis's.

    `hypothesis.inner_test` is documented for this (Hypothesis, "custom function execution").
    """
    handle = getattr(test, "hypothesis", None)
    inner = getattr(handle, "inner_test", None)
    if inner is None or hasattr(inner, WRAPPED) or inspect.iscoroutinefunction(inner):
        return

    @functools.wraps(inner)
    def counted(*arguments: Any, **named: Any) -> Any:
        global _count  # noqa: PLW0603 - one number for the process
        _count += 1
        return inner(*arguments, **named)

    setattr(counted, WRAPPED, True)
    handle.inner_test = counted  # type: ignore[union-attr]  # it has an inner test
