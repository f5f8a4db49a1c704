"""How a provider differs from the dialect it speaks.

`vendors.py` knows the usual ones; `[upstreams.X.quirks]`, or a model's own, say it better.

Names of another dialect may stand beside these: an upstream can have several faces.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import fields_dict, frozen

from gateway.attempt import Target
from gateway_openai.vendors import matches, vendor_quirks


@frozen
class Quirks:
    """The differences, with what holds for a provider that nothing is known of.

    vendor: whose quirks to begin with; None: as the host or the model's name tells.
    max_tokens_field: the name of the length limit, where the client's own dialect did not say it.
    reasoning_field: the field of an assistant message that takes earlier thoughts back; ""
    forbids them; "<think>" puts them in tags before the text; None sends back only what the
    client itself sent in this dialect.
    reasoning_replay: with thinking on, a conversation with tool calls must have that field in
    every assistant message, empty if need be.
    reasoning_request: how thinking is asked for, one of the names in `chat.asking.FORMS`; None:
    it can't be asked for.
    efforts: the words for effort that it takes, weakest first.
    reasoning_models: patterns of models that may be asked for thinking, but for `no_reasoning`.
    thinks_in_streams: patterns of models that must be told not to think in a whole reply.
    think_tags: its replies may begin with thoughts in `<think>` tags.
    developer_role: whether it knows the role. system_in_place: whether a system message may
    stand inside the conversation. tool_images: whether a tool's result may hold images.
    custom_tools: whether it takes tools of type `custom`.
    stream_usage: whether it takes `stream_options.include_usage`.
    props: whether it tells at `/props` what its model can do.

    Patterns are lower case; a model's folder may be left out.
    """

    vendor: str | None = None
    max_tokens_field: str = "max_tokens"
    reasoning_field: str | None = None
    reasoning_replay: bool = False
    reasoning_request: str | None = None
    efforts: Sequence[str] = ("low", "medium", "high")
    reasoning_models: Sequence[str] = ("*",)
    no_reasoning: Sequence[str] = ()
    thinks_in_streams: Sequence[str] = ()
    think_tags: bool = False
    cache_control: bool = False
    cache_key: bool = False
    metadata: bool = False
    developer_role: bool = True
    system_in_place: bool = True
    required_choice: bool = True
    allowed_tools: bool = False
    custom_tools: bool = False
    json_schema: bool = True
    stream_usage: bool = True
    tool_images: bool = False
    top_k: bool = False
    video: bool = False
    props: bool = False

    def reasons(self, model: str) -> bool:
        """Whether `model` may be asked for thinking."""
        if self.reasoning_request is None or matches(model, self.no_reasoning):
            return False
        return matches(model, self.reasoning_models)


def quirks_of(target: Target) -> Quirks:
    """The quirks of a target: its vendor's, and over them what is configured."""
    said = target.quirks
    known = vendor_quirks(said.get("vendor"), target.base_url, target.model)
    if not known and not said:
        return PLAIN
    own = {name: value for name, value in said.items() if name in NAMES}
    return Quirks(**{**known, **own})


NAMES = frozenset(fields_dict(Quirks))
PLAIN = Quirks()
