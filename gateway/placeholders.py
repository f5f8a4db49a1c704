"""Placeholders in configured headers: {uuid}, {random} and ${env:NAME}."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from secrets import token_hex

from gateway.secrets import Secrets

FROM_ENVIRONMENT = re.compile(r"\$\{env:([^}]*)\}")
PER_REQUEST = re.compile(r"\{([a-z_]+)\}")
MAKERS: Mapping[str, Callable[[], str]] = {
    "uuid": lambda: str(uuid.uuid4()),
    "random": lambda: token_hex(16),
}


def with_environment(text: str, secrets: Secrets) -> str:
    """`text` with every ${env:NAME} replaced, once, at start. Raises ValueError.

    Other placeholders stay for `fill`; one that it doesn't know is an error now.
    """
    for name in PER_REQUEST.findall(FROM_ENVIRONMENT.sub("", text)):
        if name not in MAKERS:
            raise ValueError(
                f"unknown placeholder {{{name}}}; there are {{uuid}}, {{random}}, ${{env:NAME}}"
            )
    return FROM_ENVIRONMENT.sub(lambda found: secrets.variable(found.group(1)), text)


def fill(values: Mapping[str, str]) -> dict[str, str]:
    """`values` for one request: {uuid} and {random} are new each time that they stand."""
    return {name: PER_REQUEST.sub(_made, value) for name, value in values.items()}


def _made(found: re.Match[str]) -> str:
    make = MAKERS.get(found.group(1))
    return make() if make else found.group()
