"""Results as JSON text and back, to the bit: a format, a version, and the fields."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from abkit import _check

VERSION = 1
KINDS = {"float": "f", "int": "iu", "bool": "b", "str": "U"}  # of arrays, and numpy's letters for them


def to_text(kind: str, fields: Mapping[str, Any]) -> str:
    """Return the fields of a result as JSON text; floats keep every bit, arrays their shape and type.

    >>> to_text("Pair", {"n": 2, "mean": np.array([0.5])})[:49]
    '{"format": "abkit Pair", "version": 1, "fields": '
    """
    stored = {name: _written(value) for name, value in fields.items()}
    return json.dumps({"format": f"abkit {kind}", "version": VERSION, "fields": stored})


def from_text(kind: str, text: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return the fields that `to_text` wrote; lists come back as tuples.

    Raises ValueError for text that is no JSON, another format or version, and missing or unknown fields.

    >>> from_text("Pair", to_text("Pair", {"n": 2, "mean": np.array([0.5])}), ["n", "mean"])
    {'n': 2, 'mean': array([0.5])}
    """
    found = parsed(kind, text)
    if found.get("format") != f"abkit {kind}":
        raise _check.fail("text", f"must be a stored {kind}", repr(found.get("format")))
    if found.get("version") != VERSION:
        hint = "Was it stored by a newer abkit?"
        raise _check.fail("text", f"must be of version {VERSION}", repr(found.get("version")), hint)
    fields = found.get("fields")
    if not isinstance(fields, dict) or set(fields) != set(names):
        got = ", ".join(sorted(fields)) if isinstance(fields, dict) else repr(fields)
        raise _check.fail("text", "must hold the fields " + ", ".join(names), got)
    return {name: _read(name, fields[name]) for name in names}


def parsed(kind: str, text: Any) -> dict[str, Any]:
    """Return the JSON object of a text.

    >>> parsed("Pair", '{"n": 2}')
    {'n': 2}
    """
    try:
        found = json.loads(_check.text("text", text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise _check.fail("text", f"must be a stored {kind}", f"no JSON ({error})") from None
    if not isinstance(found, dict):
        raise _check.fail("text", f"must be a stored {kind}", f"a {type(found).__name__}")
    return found


def _written(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return list(value) if isinstance(value, tuple) else value
    kind = next(name for name, letters in KINDS.items() if value.dtype.kind in letters)
    return {"type": kind, "shape": list(value.shape), "values": value.ravel().tolist()}


def _read(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if not isinstance(value, dict):
        return value
    kind, shape, values = (value.get(part) for part in ("type", "shape", "values"))
    sound = (
        kind in KINDS
        and isinstance(shape, list)
        and all(type(length) is int and length >= 0 for length in shape)
        and isinstance(values, list)
        and math.prod(shape) == len(values)
        and all(type(v).__name__ == kind for v in values)
    )
    if not sound:
        got = (
            f"type {kind!r}, shape {shape!r}, {len(values) if isinstance(values, list) else values!r} values"
        )
        raise _check.fail(name, "must be a stored array whose values fit its type and shape", got)
    return np.array(values, {"float": float, "int": np.int64, "bool": bool, "str": str}[str(kind)]).reshape(
        shape
    )
