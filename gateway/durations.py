"""Lengths of time as people write them in a configuration."""

from __future__ import annotations

import math
import re

from gateway.model import Json

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
STEP = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
EXPECTED = 'must be a length of time such as "10s", "1m30s" or "500ms" (a bare number is seconds)'


def seconds(value: Json) -> float:
    """The seconds in a TOML value, more than 0. Raises ValueError, for a person.

    >>> seconds("1m30s"), seconds("500ms"), seconds(10)
    (90.0, 0.5, 10.0)
    """
    if isinstance(value, str):
        length = _of_text(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        length = float(value)
    else:
        raise ValueError(EXPECTED)  # noqa: TRY004 - one kind of error for one kind of mistake
    if not 0 < length < math.inf:
        raise ValueError("must be longer than no time and shorter than forever")
    return length


def _of_text(text: str) -> float:
    steps = STEP.findall(text)
    if not steps or "".join(number + unit for number, unit in steps) != text:
        raise ValueError(EXPECTED)
    return sum(float(number) * UNITS[unit] for number, unit in steps)
