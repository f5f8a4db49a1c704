"""The further dialects of known providers: each at the vendor's own domain, carried as it wants."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from gateway.environment import faces_of
from gateway.hooks import Preset
from gateway.key_header import BEARER
from gateway_openai.presets import PRESETS

FACED = [preset for preset in PRESETS if preset.also]


def domain(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


@pytest.mark.parametrize("preset", FACED, ids=lambda preset: preset.name)
def test_a_face_is_at_its_vendors_own_domain(preset: Preset) -> None:
    faces = faces_of(preset, preset.base_url)

    assert faces.keys() <= {"claude", "responses"}
    assert {domain(face.base_url) for face in faces.values()} == {domain(preset.base_url)}


@pytest.mark.parametrize("preset", FACED, ids=lambda preset: preset.name)
def test_a_claude_face_takes_the_key_as_a_bearer_token(preset: Preset) -> None:
    face = faces_of(preset, preset.base_url).get("claude")

    assert face is None or face.auth == BEARER


def test_a_vendor_that_was_moved_has_no_face_and_a_local_server_keeps_its_own() -> None:
    by_name = {preset.name: preset for preset in PRESETS}

    assert faces_of(by_name["deepseek"], "http://10.0.0.1/v1") == {}
    (face,) = faces_of(by_name["vllm"], "http://10.0.0.1:9/v1").values()
    assert face.base_url == "http://10.0.0.1:9/v1"
