"""The two shapes of a reply: /api/chat's `message`, and /api/generate's `response`."""

from __future__ import annotations

from attrs import frozen

from gateway.model import ChatRequest, Json
from gateway_ollama.fields import form

ASSISTANT: dict[str, Json] = {"role": "assistant"}


@frozen
class Shape:
    """Where the pieces of a reply stand.

    text, thought: the bytes before a piece of text, and of thinking. after: those behind both.
    """

    nested: bool
    text: bytes
    thought: bytes
    after: bytes

    def fields(self, content: str, more: dict[str, Json]) -> dict[str, Json]:
        """The fields of a line that says `content` and has `more` to say."""
        if self.nested:
            return {"message": {**ASSISTANT, "content": content, **more}}
        images = more.pop("images", None)
        return {"response": content, **more, **({"image": images[0]} if images else {})}


CHAT = Shape(
    nested=True,
    text=b'"message":{"role":"assistant","content":',
    thought=b'"message":{"role":"assistant","content":"","thinking":',
    after=b'},"done":false}\n',
)
GENERATE = Shape(
    nested=False,
    text=b'"response":',
    thought=b'"response":"","thinking":',
    after=b',"done":false}\n',
)


def shape_of(request: ChatRequest) -> Shape:
    """The shape that the client of `request` reads."""
    return GENERATE if form(request.extra, "prompts") else CHAT
