"""Content parts, both ways: text, images, sound, files.

Shapes as in OpenAI's API reference for chat completions (read 2026-11); `video_url` is what
Moonshot, vLLM and OpenRouter take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from attrs import evolve

from gateway.errors import BadRequest
from gateway.losses import show
from gateway.model import CacheControl, Json, Media, Opaque, Part, Path, Text
from gateway.reading import get, need
from gateway_openai.chat.fields import DIALECT, form, put_back, unknown, with_notes
from gateway_openai.chat.media import write_media
from gateway_openai.chat.names import AUDIO_MIME
from gateway_openai.chat.writing import Writing

TEXT = frozenset({"type", "text", "cache_control"})
REFUSAL = frozenset({"type", "refusal", "cache_control"})
LINKED = frozenset({"url"})
SOUND = frozenset({"data", "format"})
FILE = frozenset({"file_data", "file_id", "filename"})
CACHE = frozenset({"type", "ttl"})


def read_parts(content: list[Json], path: Path) -> list[Part]:
    """The parts of a message's content list. Raises BadRequest."""
    parts: list[Part] = []
    for index, item in enumerate(content):
        at = (*path, index)
        if isinstance(item, str):
            parts.append(Text(item))
            continue
        if not isinstance(item, dict):
            raise BadRequest(f"{show(at)} must be an object", param=show(at))
        read = READERS.get(need(item, "type", str, at))
        parts.append(read(item, at) if read else Opaque(DIALECT, item, path=at))
    return parts


def read_cache(item: dict[str, Json], path: Path) -> CacheControl | None:
    """The cache marker that some clients put on parts, tools and messages (Anthropic's form)."""
    marker = get(item, "cache_control", dict, path)
    if marker is None:
        return None
    at = (*path, "cache_control")
    return CacheControl(get(marker, "ttl", str, at), unknown(marker, CACHE, at))


def write_part(part: Part, writing: Writing) -> dict[str, Json] | None:
    """One part of a user message; None when nothing of it can be said."""
    if type(part) is Text:
        return write_text(part, writing) if part.text else None
    match part:
        case Media():
            out = write_media(part, writing)
            return _marked(out, part.cache_control, writing) if out else None
        case Opaque(dialect=dialect) if dialect == DIALECT:
            return part.raw  # type: ignore[no-any-return]
        case Opaque(text=str(text)) if text:
            return {"type": "text", "text": text}
        case Opaque():
            return None
    writing.losses.add("messages", f"a user message can't hold a {type(part).__name__}")
    return None


def write_text(part: Text, writing: Writing) -> dict[str, Json]:
    """A text part; an assistant's refusal where it came as one."""
    if not part.extra and part.seal is None and part.cache_control is None:
        return {"type": "text", "text": part.text}
    kind = "refusal" if form(part.extra, "refusal") == "part" else "text"
    out = put_back({"type": kind, kind: part.text}, part.extra)
    if part.seal is not None:
        writing.losses.add("seal", "a text part of this dialect has no place for a signature")
    return _marked(out, part.cache_control, writing)


def write_cache(out: dict[str, Json], marker: CacheControl | None, writing: Writing) -> None:
    """Add a cache marker where the provider takes one; else it is a loss."""
    if marker is None:
        return
    if not writing.quirks.cache_control:
        writing.losses.add("cache_control", f"{writing.attempt.target} takes no markers", "hint")
        return
    ttl = {"ttl": marker.ttl} if marker.ttl else {}
    out["cache_control"] = put_back({"type": "ephemeral", **ttl}, marker.extra)


def _marked(out: dict[str, Json], marker: CacheControl | None, writing: Writing) -> dict[str, Json]:
    write_cache(out, marker, writing)
    return out


def _text(item: dict[str, Json], path: Path) -> Part:
    text = get(item, "text", str, path) or ""
    return Text(text, cache_control=read_cache(item, path), extra=unknown(item, TEXT, path))


def _refusal(item: dict[str, Json], path: Path) -> Part:
    extra = with_notes(unknown(item, REFUSAL, path), path, refusal="part")
    return Text(need(item, "refusal", str, path), extra=extra)


def _linked(kind: Literal["image", "video"]) -> Callable[[dict[str, Json], Path], Part]:
    name = f"{kind}_url"
    known = frozenset({"type", name, "cache_control"})

    def read(item: dict[str, Json], path: Path) -> Part:
        link = need(item, name, (str, dict), path)
        plain = isinstance(link, str)
        url = link if plain else need(link, "url", str, (*path, name))
        extra = unknown(item, known, path, {name: LINKED})
        extra = with_notes(extra, path, plain=plain or None)
        return evolve(_from_url(kind, url), cache_control=read_cache(item, path), extra=extra)

    return read


def _sound(item: dict[str, Json], path: Path) -> Part:
    sound = need(item, "input_audio", dict, path)
    at = (*path, "input_audio")
    name = get(sound, "format", str, at)
    mime = AUDIO_MIME.get(name, f"audio/{name}") if name else None
    extra = unknown(
        item, frozenset({"type", "input_audio", "cache_control"}), path, {"input_audio": SOUND}
    )
    return Media(
        "audio",
        mime=mime,
        data=need(sound, "data", str, at),
        cache_control=read_cache(item, path),
        extra=with_notes(extra, path, format=name),
    )


def _file(item: dict[str, Json], path: Path) -> Part:
    file = need(item, "file", dict, path)
    at = (*path, "file")
    data, file_id = get(file, "file_data", str, at), get(file, "file_id", str, at)
    if (data is None) == (file_id is None):
        raise BadRequest(f"{show(at)} needs file_data or file_id, and not both", param=show(at))
    extra = unknown(item, frozenset({"type", "file", "cache_control"}), path, {"file": FILE})
    media = Media("document", file_id=file_id) if data is None else _from_url("document", data)
    if media.url is not None and "://" not in media.url:
        media = Media("document", data=media.url)
    return evolve(
        media,
        name=get(file, "filename", str, at),
        cache_control=read_cache(item, path),
        extra=extra,
    )


def _from_url(kind: Literal["image", "video", "document"], url: str) -> Media:
    """Media from a URL; a `data:` URL of base64 holds the bytes themselves."""
    head, comma, data = url.partition(",")
    if comma and head.startswith("data:") and head.endswith(";base64"):
        return Media(kind, mime=head[5:-7] or None, data=data)
    return Media(kind, url=url)


READERS: dict[str, Callable[[dict[str, Json], Path], Part]] = {
    "text": _text,
    "refusal": _refusal,
    "image_url": _linked("image"),
    "video_url": _linked("video"),
    "input_audio": _sound,
    "file": _file,
}
