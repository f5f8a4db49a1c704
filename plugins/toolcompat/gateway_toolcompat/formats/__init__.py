"""The call formats that are understood, whatever was asked for. To add one, add a file.

Of two that fit at one place, the one whose opening is complete first is taken, then the earlier.
"""

from __future__ import annotations

from gateway_toolcompat.formats import (
    bare_json,
    deepseek,
    glm,
    hermes,
    kimi,
    mistral,
    named_tags,
    python_calls,
    tool_tag,
    tool_use,
)
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.formats.opening import any_of

FORMS: tuple[Form, ...] = (
    *hermes.FORMS,
    *tool_use.FORMS,
    *named_tags.FORMS,
    *glm.FORMS,
    *kimi.FORMS,
    *deepseek.FORMS,
    *mistral.FORMS,
    *bare_json.FORMS,
    *python_calls.FORMS,
    *tool_tag.FORMS,
)
LONGEST = max(form.opening.longest for form in FORMS)
"""Characters of the longest opening: the most text that is ever held back outside of a call."""
ANY = any_of(form.opening for form in FORMS)
"""Matches where a call may open: one look for all of them."""
