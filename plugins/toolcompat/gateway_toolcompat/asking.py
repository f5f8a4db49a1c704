"""The three forms that calls are asked for in, and which of them suits a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from gateway.model import Json
from gateway_toolcompat.formats import hermes, named_tags
from gateway_toolcompat.names import PLACEHOLDER

FormName: TypeAlias = Literal["json", "tags", "invoke"]


@frozen
class Asking:
    """One form to ask for. write: a call in it. values: how its values are written, in a line."""

    name: FormName
    write: Callable[[str, Json], str]
    values: str

    @property
    def example(self) -> str:
        """A call of no tool, so that quoting it calls nothing."""
        return self.write(PLACEHOLDER, {"argument": "value"})


RAW = "Write strings as they are, without quotes or escapes; write all other values as JSON."
ASKINGS: Mapping[FormName, Asking] = {
    "json": Asking("json", hermes.write, "The arguments are one JSON object."),
    "tags": Asking("tags", named_tags.write_tags, RAW),
    "invoke": Asking("invoke", named_tags.write_invoke, RAW),
}
FAMILIES: tuple[tuple[re.Pattern[str], FormName], ...] = (
    (re.compile(r"qwen-?3(?:\.\d+)?-?coder|seed-?oss|step-?3"), "tags"),
    (re.compile(r"claude|nemotron|minimax|deepseek-?v?3\.2|deepseek-?v?4"), "invoke"),
)
"""Patterns of model names whose families were trained on another form than JSON in a tag."""
SMALL = re.compile(r"(?<![\d.x])(?:[0-7](?:\.\d+)?b|\d{2,3}m)(?![a-z\d])|tiny|smollm|nano")
"""Names of models with less than eight billion parameters."""


def form_for(model: str) -> Asking:
    """The form that the model's family was trained on; JSON in a tag where nothing is known."""
    name = model.casefold()
    return ASKINGS[next((form for pattern, form in FAMILIES if pattern.search(name)), "json")]


def is_small(model: str, backend: str) -> bool:
    """Whether a model learns more from examples than from rules."""
    return backend == "local" or SMALL.search(model.casefold()) is not None
