"""Whether a value fits a JSON schema, without ever fetching one."""

from __future__ import annotations

from gateway.model import Json


def problem(value: Json, schema: Json, root: Json) -> str | None:
    """What does not fit, in words for the model; None when all fits, or no one can say.

    root: what references in `schema` point into.
    """
    from jsonschema.exceptions import SchemaError, best_match  # heavy: only for a call
    from jsonschema.validators import Draft202012Validator, validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    if not isinstance(schema, dict):
        return "nothing is allowed here" if schema is False else None
    if schema is not root and isinstance(root, dict):
        schema = {**{key: root[key] for key in ("$defs", "definitions") if key in root}, **schema}
    try:
        kind = validator_for(schema, default=Draft202012Validator)
        found = best_match(kind(schema, registry=Registry()).iter_errors(value))
    except (SchemaError, Unresolvable, RecursionError, ValueError, TypeError, AttributeError):
        return None  # a schema that nobody can check forbids nothing
    except Exception as error:
        if type(error).__module__.partition(".")[0] in ("re", "jsonschema", "referencing"):
            return None
        raise
    if found is None:
        return None
    place = "".join(f"[{step!r}]" for step in found.absolute_path)
    return f"{place}: {found.message}"[:300] if place else found.message[:300]
