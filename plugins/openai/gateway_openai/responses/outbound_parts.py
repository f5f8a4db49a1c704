"""Content parts for an upstream; what has no place is told in words and is a loss."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from gateway.model import CacheControl, Json, Media, Opaque, Part, Text
from gateway_openai.chat.media import data_url
from gateway_openai.chat.names import AUDIO_FORMAT
from gateway_openai.chat.writing import Writing
from gateway_openai.responses.fields import DIALECT, form, put_back

Wire = dict[str, Json]
PDF = "application/pdf"


def write_content(parts: list[Part], writing: Writing) -> Json:
    """The content of a user's or system message, or of an output: a string, or a list of parts.

    One plain text is a string, unless its client sent a list.
    """
    if len(parts) == 1 and isinstance(parts[0], Text) and form(parts[0].extra, "string"):
        return parts[0].text
    items = [item for part in parts if (item := write_part(part, writing))]
    alone = len(items) == 1 and items[0].keys() == {"type", "text"}
    if alone and not writing.home:
        return items[0]["text"]
    return items


def write_part(part: Part, writing: Writing, default: str = "input_text") -> Wire | None:
    """One part; None when nothing of it can be said. default: the type of a text."""
    match part:
        case Text(text="") if not writing.home:
            return None
        case Text():
            return write_text(part, writing, default)
        case Media():
            lose_marker(part.cache_control, writing)
            return write_media(part, writing)
        case Opaque(dialect=dialect, raw=raw) if dialect == DIALECT:
            return raw  # type: ignore[no-any-return]
        case Opaque(text=str(text)) if text:
            return {"type": default, "text": text}
        case Opaque():
            return None
    writing.losses.add("input", f"a message can't hold a {type(part).__name__}", "meaning")
    return None


def write_text(part: Text, writing: Writing, default: str) -> Wire:
    """A text part, as a refusal where it came as one."""
    kind = form(part.extra, "type") or default
    out: Wire = {"type": kind, "refusal" if kind == "refusal" else "text": part.text}
    for name in form(part.extra, "empty") or ():
        out[name] = []
    if part.seal is not None:
        writing.losses.add("seal", "a text of this dialect has no place for a signature")
    lose_marker(part.cache_control, writing)
    return put_back(out, part.extra)


def write_media(media: Media, writing: Writing) -> Wire:
    """The part for `media`; a line of text where the target can't take it."""
    if media.kind == "image" and writing.attempt.target.facts.get("images") is False:
        return _told(media, writing, "the model can't see it")
    return WRITERS[media.kind](media, writing)


def wire_name(name: str, writing: Writing) -> str:
    """The name that the target sees for a tool; at home its own."""
    return name if writing.home else writing.attempt.registry.lower(name)


def lose_marker(marker: CacheControl | None, writing: Writing) -> None:
    """Note that a cache marker has no place here."""
    if marker is not None:
        writing.losses.add("cache_control", "this dialect caches without markers", "hint")


def _image(media: Media, writing: Writing) -> Wire:
    out: Wire = {"type": "input_image"}
    if media.file_id is not None:
        out["file_id"] = media.file_id
    else:
        out["image_url"] = media.url if media.url is not None else data_url(media)
    if not writing.home:
        out["detail"] = "auto"
    return put_back(out, media.extra)


def _document(media: Media, writing: Writing) -> Wire:
    if not writing.home and media.data is not None and (media.mime or "").startswith("text/"):
        return {"type": "input_text", "text": _plain(media)}
    out: Wire = {"type": "input_file"}
    if media.file_id is not None:
        out["file_id"] = media.file_id
    elif media.url is not None:
        out["file_url"] = media.url
    else:
        out["file_data"] = data_url(media) if media.mime else media.data
    if media.name is not None:
        out["filename"] = media.name
    elif media.data is not None and not writing.home:
        out["filename"] = "document.pdf" if media.mime == PDF else "document"
    return put_back(out, media.extra)


def _plain(media: Media) -> str:
    data = media.data or ""
    try:
        text = base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = data
    return f"{media.name}:\n{text}" if media.name else text


def _audio(media: Media, writing: Writing) -> Wire:
    name = form(media.extra, "format") or AUDIO_FORMAT.get(media.mime or "")
    if media.data is None or name is None:
        return _told(media, writing, "sound must be base64 in a known format")
    sound = put_back({"data": media.data, "format": name}, media.extra, "input_audio")
    return put_back({"type": "input_audio", "input_audio": sound}, media.extra)


def _video(media: Media, writing: Writing) -> Wire:
    return _told(media, writing, "this dialect takes no video")


def _told(media: Media, writing: Writing, why: str) -> Wire:
    name = media.name or media.url or media.file_id or media.mime or "no name"
    writing.losses.add("input", f"{media.kind} ({name[:80]}) left out: {why}", "meaning")
    return {"type": "input_text", "text": f"[{media.kind} left out ({name[:200]}): {why}]"}


WRITERS: dict[str, Callable[[Media, Writing], Wire]] = {
    "image": _image,
    "document": _document,
    "audio": _audio,
    "video": _video,
}
