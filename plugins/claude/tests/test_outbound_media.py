"""Another dialect's images and documents on Claude's wire."""

from __future__ import annotations

import base64

import pytest

from gateway.model import Media, Message, Text, ToolCall, ToolResult

PNG = "iVBORw0KGgo="


def user(*parts):
    return Message("user", [Text(p) if isinstance(p, str) else p for p in parts])


def assistant(*parts):
    return Message("assistant", [Text(p) if isinstance(p, str) else p for p in parts])


def paths(losses):
    return {loss.path: loss.weight for loss in losses}


@pytest.mark.parametrize(
    ("media", "source"),
    [
        (Media("image", url="https://a/b.png"), {"type": "url", "url": "https://a/b.png"}),
        (
            Media("image", data=PNG),
            {"type": "base64", "media_type": "image/png", "data": PNG},
        ),
        (
            Media("document", mime="application/pdf", data="JVBERi0="),
            {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
        ),
        (
            Media("document", mime="text/markdown", data=base64.b64encode(b"# Hi").decode()),
            {"type": "text", "media_type": "text/plain", "data": "# Hi"},
        ),
    ],
)
def test_mm1_images_and_documents_are_carried(write, media, source):
    body, losses = write(user(media))

    assert body["messages"][0]["content"] == [{"type": media.kind, "source": source}]
    assert len(losses) == 0


def test_mm2_an_image_in_a_tool_result_stays_in_it(write):
    body, _ = write(
        user("go"),
        assistant(ToolCall("a", "f", "{}")),
        user(ToolResult("a", [Media("image", mime="image/png", data=PNG)])),
    )

    assert body["messages"][2]["content"][0]["content"][0]["type"] == "image"


@pytest.mark.parametrize(
    ("media", "words"),
    [
        (Media("audio", mime="audio/wav", data="UklGRg=="), "takes no audio"),
        (Media("image", mime="image/svg+xml", data="PHN2Zz4="), "image/svg+xml"),
        (Media("document", mime="application/zip", data="UEs="), "application/zip"),
        (Media("image", file_id="file-1"), "provider that stored"),
    ],
)
def test_mm1_media_that_claude_cannot_take_is_never_silent(write, media, words):
    body, losses = write(user(media))

    (block,) = body["messages"][0]["content"]
    assert words in block["text"]
    assert paths(losses) == {"messages[0].content[0]": "meaning"}


def test_a_document_keeps_its_name_as_title(write):
    body, _ = write(user(Media("document", mime="application/pdf", data="JVBERi0=", name="a.pdf")))

    assert body["messages"][0]["content"][0]["title"] == "a.pdf"
