"""Images, which Ollama sends as bare base64: what kind each is, and what is no image."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from gateway.losses import Losses
from gateway.model import NO_EXTRA, Json, Media, Path
from gateway.reading import get, wrong
from gateway_ollama.fields import form, with_notes

KINDS = (
    ("iVBORw0KGgo", "image/png"),
    ("/9j/", "image/jpeg"),
    ("R0lGOD", "image/gif"),
    ("UklGR", "image/webp"),
    ("Qk", "image/bmp"),
)
"""How the base64 of an image begins: the first bytes of each format, in threes."""
UNKNOWN = "image/png"
"""For bytes that begin otherwise; whoever decodes them says what they are."""


def mime_of(data: str) -> str:
    """The media type of an image in base64.

    >>> mime_of("/9j/4AAQSkZJRg")
    'image/jpeg'
    """
    return next((mime for start, mime in KINDS if data.startswith(start)), UNKNOWN)


def read_images(item: dict[str, Json], path: Path) -> Iterator[Media]:
    """The images of a message or a prompt. Raises BadRequest."""
    for index, image in enumerate(get(item, "images", list, path) or ()):
        if not isinstance(image, str):
            raise wrong((*path, "images", index), "base64 text", image)
        yield _read(image, (*path, "images", index))


def write_media(media: Media, losses: Losses) -> tuple[str | None, str | None]:
    """An image for the list of images, or else what is said of it in words."""
    if media.kind == "image" and media.data is not None:
        if media.mime not in (None, mime_of(media.data)):
            losses.add("mime", f"{media.mime}: Ollama goes by an image's bytes alone", "hint")
        return f"{form(media.extra, 'url') or ''}{media.data}", None
    if media.kind == "document" and media.data is not None and _is_text(media):
        return None, _plain(media)
    why = "it must be sent as bytes" if media.kind == "image" else "only images can be sent"
    name = media.name or media.url or media.file_id or media.mime or "no name"
    losses.add("messages", f"{media.kind} ({name[:80]}) left out: {why}", "meaning")
    return None, f"[{media.kind} left out ({name[:200]}): {why}]"


def _read(image: str, path: Path) -> Media:
    """Some clients send a whole `data:` URL, which Ollama takes too."""
    head, comma, data = image.partition(",")
    if comma and head.startswith("data:") and head.endswith(";base64"):
        extra = with_notes(NO_EXTRA, path, url=head + comma)
        return Media("image", mime=head[5:-7] or mime_of(data), data=data, extra=extra)
    return Media("image", mime=mime_of(image), data=image)


def _is_text(media: Media) -> bool:
    return (media.mime or "").startswith("text/")


def _plain(media: Media) -> str:
    data = media.data or ""
    try:
        text = base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = data
    return f"{media.name}:\n{text}" if media.name else text
