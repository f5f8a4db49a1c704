"""Images and documents, both ways.

Sources by type (Anthropic's vision and PDF guides, read 2026-11): base64 data, a URL, a file id,
and for documents plain text. In the hub a plain-text document is base64 like all data.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from types import MappingProxyType

from gateway.model import Extra, Fields, Json, Media, Path, own
from gateway.reading import get, need, rest
from gateway_claude.cache import read_cache, stamped
from gateway_claude.names import NAME

IMAGE_FIELDS = frozenset(["type", "source", "cache_control"])
DOCUMENT_FIELDS = IMAGE_FIELDS | {"title"}
SOURCE_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "base64": frozenset(["type", "media_type", "data"]),
        "text": frozenset(["type", "media_type", "data"]),
        "url": frozenset(["type", "url"]),
        "file": frozenset(["type", "file_id"]),
    }
)
IMAGE_MIMES = frozenset(["image/jpeg", "image/png", "image/gif", "image/webp"])
PDF = "application/pdf"
MAGIC: Mapping[str, str] = MappingProxyType(
    {
        "iVBOR": "image/png",
        "/9j/": "image/jpeg",
        "R0lG": "image/gif",
        "UklG": "image/webp",
        "JVBER": PDF,
    }
)
"""How the base64 of a file starts, for clients that do not say what it is."""


def read_media(block: dict[str, Json], path: Path) -> Media | None:
    """An `image` or `document` block; None for a source that only Claude knows."""
    source = need(block, "source", dict, path)
    place = (*path, "source")
    kind = need(source, "type", str, place)
    if kind not in SOURCE_FIELDS:
        return None
    is_image = block["type"] == "image"
    media = Media(
        "image" if is_image else "document",
        name=None if is_image else get(block, "title", str, path),
        cache_control=read_cache(block, path),
        extra=_extra(block, source, IMAGE_FIELDS if is_image else DOCUMENT_FIELDS, path),
    )
    match kind:
        case "url":
            media.url = need(source, "url", str, place)
        case "file":
            media.file_id = need(source, "file_id", str, place)
        case _:
            media.mime = need(source, "media_type", str, place)
            data = need(source, "data", str, place)
            media.data = data if kind == "base64" else base64.b64encode(data.encode()).decode()
    return media


def write_media(media: Media) -> dict[str, Json]:
    """The block of `media`, which must be one that Claude takes (see `refusal`)."""
    fields = dict(own(media.extra, NAME))
    source = {**_source(media), **fields.pop("source", {})}
    block: dict[str, Json] = {"type": media.kind, "source": source}
    if media.name is not None and media.kind == "document":
        block["title"] = media.name
    return stamped({**block, **fields}, media.cache_control)


def refusal(media: Media) -> str | None:
    """Why Claude can't take media from another dialect, in a person's words; None when it can."""
    if media.kind not in ("image", "document"):
        return f"Claude takes no {media.kind}"
    if media.file_id is not None:
        return "a file id is known only to the provider that stored the file"
    if media.data is None:
        return None
    mime = mime_of(media)
    if media.kind == "image":
        return None if mime in IMAGE_MIMES else f"Claude takes no images of type {mime}"
    known = mime == PDF or (mime or "").startswith("text/")
    return None if known else f"Claude takes no documents of type {mime}"


def mime_of(media: Media) -> str | None:
    """What the media is; by its first bytes when the client did not say."""
    if media.mime is not None or media.data is None:
        return media.mime
    return next((mime for start, mime in MAGIC.items() if media.data.startswith(start)), None)


def _source(media: Media) -> dict[str, Json]:
    if media.url is not None:
        return {"type": "url", "url": media.url}
    if media.file_id is not None:
        return {"type": "file", "file_id": media.file_id}
    mime, data = mime_of(media), media.data or ""
    if media.kind == "document" and (mime or "").startswith("text/"):
        text = base64.b64decode(data).decode("utf-8", "replace")
        return {"type": "text", "media_type": "text/plain", "data": text}
    return {"type": "base64", "media_type": mime, "data": data}


def _extra(
    block: dict[str, Json], source: dict[str, Json], known: frozenset[str], path: Path
) -> Extra:
    extra = rest(block, known, NAME, path)
    unknown = {k: v for k, v in source.items() if k not in SOURCE_FIELDS[source["type"]]}
    if not unknown:
        return extra
    return {NAME: Fields({**extra.get(NAME, {}), "source": unknown}, path)}
