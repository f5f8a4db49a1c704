"""Images, sounds, videos and documents, both ways.

Gemini takes bytes (`inlineData`) or an address (`fileData`: a file of its own Files API, gs://,
YouTube, or any public URL), both with a media type (API reference, `Blob` and `FileData`,
read 2026-11). `displayName` is a field of Vertex's.
"""

from __future__ import annotations

import mimetypes
from typing import Literal
from urllib.parse import urlsplit

from gateway.attempt import Attempt
from gateway.model import Extra, Json, Media, Path, note
from gateway.reading import get, need, noted
from gateway_gemini.names import DIALECT
from gateway_gemini.spelling import camel, rest, together

BLOB = frozenset({"mimeType", "data", "displayName"})
FILE = frozenset({"mimeType", "fileUri", "displayName"})
Kind = Literal["image", "document", "audio", "video"]
USUAL: dict[Kind, str] = {
    "image": "image/jpeg",
    "document": "application/pdf",
    "audio": "audio/mpeg",
    "video": "video/mp4",
}
"""What media at an address is taken for, when neither client nor address say."""


def read_blob(raw: dict[str, Json], part: dict[str, Json], path: Path) -> Media:
    """Media sent as base64. Raises BadRequest."""
    inner = need(part, "inlineData", dict, path)
    blob, at = camel(inner), (*path, "inlineData")
    mime = get(blob, "mimeType", str, at)
    return Media(
        kind_of(mime),
        mime=mime,
        data=need(blob, "data", str, at),
        name=get(blob, "displayName", str, at),
        extra=_extra(raw, inner, BLOB, path, "inlineData", mime),
    )


def read_file(raw: dict[str, Json], part: dict[str, Json], path: Path) -> Media:
    """Media at an address. Raises BadRequest."""
    inner = need(part, "fileData", dict, path)
    file, at = camel(inner), (*path, "fileData")
    mime = get(file, "mimeType", str, at)
    uri = need(file, "fileUri", str, at)
    return Media(
        kind_of(mime),
        mime=mime,
        url=None if is_own(uri) else uri,
        file_id=uri if is_own(uri) else None,
        name=get(file, "displayName", str, at),
        extra=_extra(raw, inner, FILE, path, "fileData", mime),
    )


def write_media(media: Media, attempt: Attempt, path: Path) -> dict[str, Json]:
    """The part for `media`; words in its place where the provider can't reach it."""
    home = attempt.client == DIALECT
    if media.file_id is not None and not home and not is_own(media.file_id):
        why = "a file id is known only to the provider that stored the file"
        attempt.losses.add(path, why, "meaning")
        return {"text": f"[{media.kind} left out: {why}]"}
    inner: dict[str, Json] = {}
    if media.mime or not note(media.extra, DIALECT, "no_mime"):
        inner["mimeType"] = media.mime or guessed_mime(media)
    if media.name and home:
        inner["displayName"] = media.name
    elif media.name:
        attempt.losses.add((*path, "name"), "Gemini's media have no name", "hint")
    if media.data is not None:
        return {"inlineData": {**inner, "data": media.data}}
    return {"fileData": {**inner, "fileUri": media.url or media.file_id}}


def kind_of(mime: str | None) -> Kind:
    """What a medium of this type is used as; anything that is no picture or sound is a document."""
    match (mime or "").partition("/")[0]:
        case "image":
            return "image"
        case "audio":
            return "audio"
        case "video":
            return "video"
    return "document"


def is_own(uri: str) -> bool:
    """Whether an address is a file that Google keeps, which nobody else can read."""
    return uri.startswith(("gs://", "files/")) or "googleapis.com/" in uri


def guessed_mime(media: Media) -> str:
    """What media without a type are taken for: by the address, else by their kind."""
    if media.data is not None:
        return "application/octet-stream"
    path = urlsplit(media.url or media.file_id or "").path
    return mimetypes.guess_type(path)[0] or USUAL[media.kind]


def _extra(
    raw: dict[str, Json],
    inner: dict[str, Json],
    known: frozenset[str],
    path: Path,
    name: str,
    mime: str | None,
) -> Extra:
    """What the part holds beyond the hub's words, and that it came without a type."""
    extra = together(path, rest(raw, frozenset({name}), path), rest(inner, known, path, name))
    return extra if mime else noted(extra, DIALECT, path, no_mime=True)
