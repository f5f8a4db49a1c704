"""Write media into a message: each kind has its own part, and what has none is told in words."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from gateway.model import Json, Media
from gateway_openai.chat.fields import form, put_back
from gateway_openai.chat.names import AUDIO_FORMAT
from gateway_openai.chat.writing import Writing

PDF = "application/pdf"


def write_media(media: Media, writing: Writing) -> dict[str, Json]:
    """The content part for `media`; a line of text where the target can't take it."""
    if media.kind in ("image", "video") and writing.attempt.target.facts.get("images") is False:
        return _told(media, writing, "the model can't see it")
    return WRITERS[media.kind](media, writing)


def data_url(media: Media) -> str:
    """The bytes as a URL; `data` must be set."""
    return f"data:{media.mime or 'application/octet-stream'};base64,{media.data}"


def _image(media: Media, writing: Writing) -> dict[str, Json]:
    if media.file_id is not None:
        return _told(media, writing, "an image can't be named by a file id here")
    return _linked("image_url", media)


def _video(media: Media, writing: Writing) -> dict[str, Json]:
    if media.file_id is not None or not (writing.quirks.video or writing.home):
        return _told(media, writing, "the provider takes no video")
    return _linked("video_url", media)


def _linked(name: str, media: Media) -> dict[str, Json]:
    url = media.url if media.url is not None else data_url(media)
    link = url if form(media.extra, "plain") else {"url": url}
    return put_back({"type": name, name: link}, media.extra)


def _audio(media: Media, writing: Writing) -> dict[str, Json]:
    name = form(media.extra, "format") or AUDIO_FORMAT.get(media.mime or "")
    if media.data is None or name is None:
        return _told(media, writing, "sound must be base64 in a known format")
    sound = {"data": media.data, "format": name}
    return put_back({"type": "input_audio", "input_audio": sound}, media.extra)


def _document(media: Media, writing: Writing) -> dict[str, Json]:
    if media.data is not None and (media.mime or "").startswith("text/") and not writing.home:
        return {"type": "text", "text": _plain(media)}
    if media.data is None and not writing.home:
        return _told(media, writing, "a file must be sent as bytes here")
    file: dict[str, Json] = {}
    if media.file_id is not None:
        file["file_id"] = media.file_id
    else:
        file["file_data"] = media.url or (data_url(media) if media.mime else media.data)
    if media.name is not None:
        file["filename"] = media.name
    elif media.data is not None and not writing.home:
        file["filename"] = "document.pdf" if media.mime == PDF else "document"
    return put_back({"type": "file", "file": file}, media.extra)


def _plain(media: Media) -> str:
    data = media.data or ""
    try:
        text = base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = data
    return f"{media.name}:\n{text}" if media.name else text


def _told(media: Media, writing: Writing, why: str) -> dict[str, Json]:
    name = media.name or media.url or media.file_id or media.mime or "no name"
    writing.losses.add("messages", f"{media.kind} ({name[:80]}) left out: {why}", "meaning")
    return {"type": "text", "text": f"[{media.kind} left out ({name[:200]}): {why}]"}


WRITERS: dict[str, Callable[[Media, Writing], dict[str, Json]]] = {
    "image": _image,
    "video": _video,
    "audio": _audio,
    "document": _document,
}
