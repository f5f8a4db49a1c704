"""What reached the upstream."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from attrs import define, field


@define
class Seen:
    """One request. wire: which format's route it hit ("other" for none).

    headers: names in lower case. raw: head and body as text, to look for what must not be there.
    errors: what a strict provider would refuse in the body, by path.
    left: set when the caller closed the connection before the reply was complete.
    """

    wire: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    raw: str = field(repr=False)
    errors: list[str] = field(factory=list)
    left: threading.Event = field(factory=threading.Event, repr=False)
