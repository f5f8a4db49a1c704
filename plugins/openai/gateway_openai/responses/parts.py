"""Content parts of a client's items: texts, refusals, images, files, sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from attrs import evolve

from gateway.errors import BadRequest
from gateway.losses import show
from gateway.model import NO_EXTRA, Extra, Json, Media, Opaque, Part, Path, Text
from gateway.reading import entries, get, need
from gateway_openai.chat.names import AUDIO_MIME
from gateway_openai.responses.fields import joined, unknown, with_notes

IMAGE = frozenset({"type", "image_url", "file_id"})
FILE = frozenset({"type", "file_data", "file_url", "file_id", "filename"})
SOUND = frozenset({"type", "input_audio"})
INNER_SOUND = frozenset({"data", "format"})
DEFAULT_TEXT = {"assistant": "output_text"}
"""The text part of a role that is not `input_text`."""


def read_content(content: Json, role: str, path: Path) -> list[Part]:
    """The parts of `content`, a string or a list, of a message or an output. Raises BadRequest."""
    if isinstance(content, str):
        return [Text(content, extra=with_notes(NO_EXTRA, path, string=True))]
    return [_read_part(item, role, at) for at, item in entries(content, path)]


def data_url_or_link(kind: Literal["image", "document"], url: str) -> Media:
    """Media from a URL; a `data:` URL of base64 holds the bytes themselves."""
    head, comma, data = url.partition(",")
    if comma and head.startswith("data:") and head.endswith(";base64"):
        return Media(kind, mime=head[5:-7] or None, data=data)
    return Media(kind, url=url)


def _read_part(item: dict[str, Json], role: str, path: Path) -> Part:
    kind = need(item, "type", str, path)
    read = READERS.get(kind)
    if read is None:
        return Opaque("responses", item, path=path)
    part = read(item, path)
    if kind != DEFAULT_TEXT.get(role, "input_text") and isinstance(part, Text):
        part.extra = with_notes(part.extra, path, type=kind)
    return part


def _text(name: str) -> Callable[[dict[str, Json], Path], Part]:
    known = frozenset({"type", name, "annotations", "logprobs"})

    def read(item: dict[str, Json], path: Path) -> Part:
        lists = [key for key in ("annotations", "logprobs") if key in item]
        empty = [key for key in lists if item[key] == []]
        full: dict[str, Json] = {key: item[key] for key in lists if item[key]}
        extra = joined(unknown(item, known, path), unknown(full, frozenset(), path))
        return Text(need(item, name, str, path), extra=with_notes(extra, path, empty=empty or None))

    return read


def _image(item: dict[str, Json], path: Path) -> Part:
    url, file_id = get(item, "image_url", str, path), get(item, "file_id", str, path)
    extra = unknown(item, IMAGE, path)
    if url is not None and file_id is None:
        return evolve(data_url_or_link("image", url), extra=extra)
    if file_id is not None and url is None:
        return Media("image", file_id=file_id, extra=extra)
    raise _either(path, "image_url or file_id")


def _file(item: dict[str, Json], path: Path) -> Part:
    said = {name: get(item, name, str, path) for name in ("file_data", "file_url", "file_id")}
    given = {name: value for name, value in said.items() if value is not None}
    if len(given) != 1:
        raise _either(path, "file_data, file_url or file_id")
    extra: Extra = unknown(item, FILE, path)
    name = get(item, "filename", str, path)
    match given:
        case {"file_id": value}:
            return Media("document", file_id=value, name=name, extra=extra)
        case {"file_url": value}:
            return Media("document", url=value, name=name, extra=extra)
    data = given["file_data"]
    media = data_url_or_link("document", data)
    if media.data is None:
        media = Media("document", data=data)
    return evolve(media, name=name, extra=extra)


def _sound(item: dict[str, Json], path: Path) -> Part:
    sound, at = need(item, "input_audio", dict, path), (*path, "input_audio")
    name = get(sound, "format", str, at)
    extra = joined(
        unknown(item, SOUND, path), unknown(sound, INNER_SOUND, path, under="input_audio")
    )
    return Media(
        "audio",
        mime=AUDIO_MIME.get(name, f"audio/{name}") if name else None,
        data=need(sound, "data", str, at),
        extra=with_notes(extra, path, format=name),
    )


def _either(path: Path, names: str) -> BadRequest:
    place = show(path)
    return BadRequest(f"{place} needs exactly one of {names}", param=place)


READERS: dict[str, Callable[[dict[str, Json], Path], Part]] = {
    "input_text": _text("text"),
    "output_text": _text("text"),
    "text": _text("text"),
    "refusal": _text("refusal"),
    "input_image": _image,
    "input_file": _file,
    "input_audio": _sound,
}
