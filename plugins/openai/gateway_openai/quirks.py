"""How a provider differs from the dialect it speaks. Presets and `[upstreams.X.quirks]` set these.

Names of another dialect may stand beside these: an upstream can have several faces.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from attrs import fields_dict, frozen

from gateway.attempt import Target


@frozen
class Quirks:
    """The differences, with what holds for a provider that nothing is known of.

    max_tokens_field: the name of the length limit, where the client's own dialect did not say it.
    reasoning_field: the field of an assistant message that takes earlier thoughts back; ""
    forbids them; None sends back only what the client itself sent in this dialect.
    reasoning_replay: a turn with tool calls must have that field, empty if need be.
    reasoning_request: how thinking is asked for: "effort" (`reasoning_effort`), "thinking"
    (`thinking.type`), "enable_thinking" (and `thinking_budget`), "reasoning" (an object);
    None: it can't be asked for.
    efforts: the words for effort that it takes, weakest first.
    no_reasoning: patterns of models that refuse to be asked for thinking.
    developer_role: whether it knows the role. system_in_place: whether a system message may
    stand inside the conversation. tool_images: whether a tool's result may hold images.
    stream_usage: whether it takes `stream_options.include_usage`.
    """

    max_tokens_field: str = "max_tokens"
    reasoning_field: str | None = None
    reasoning_replay: bool = False
    reasoning_request: str | None = None
    efforts: Sequence[str] = ("low", "medium", "high")
    no_reasoning: Sequence[str] = ()
    cache_control: bool = False
    cache_key: bool = False
    metadata: bool = False
    developer_role: bool = True
    system_in_place: bool = True
    required_choice: bool = True
    allowed_tools: bool = False
    json_schema: bool = True
    stream_usage: bool = True
    tool_images: bool = False
    top_k: bool = False
    video: bool = False

    def reasons(self, model: str) -> bool:
        """Whether `model` may be asked for thinking."""
        if self.reasoning_request is None:
            return False
        return not any(fnmatchcase(model, pattern) for pattern in self.no_reasoning)


def quirks_of(target: Target) -> Quirks:
    """The quirks of a target."""
    said = {name: value for name, value in target.quirks.items() if name in NAMES}
    return Quirks(**said) if said else PLAIN


NAMES = frozenset(fields_dict(Quirks))
PLAIN = Quirks()
