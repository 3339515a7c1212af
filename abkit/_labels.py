"""What is a label, and when it is missing: one rule for every door."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from abkit import _check


def missing(value: Any) -> bool:
    """Return True for None, for nan of any type, and for the missing values of data frames.

    >>> missing(None), missing(np.float32("nan")), missing(np.datetime64("NaT")), missing("")
    (True, True, True, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType", "MaskedConstant"):
        return True
    try:
        return bool(value != value)  # so is nan: of a float of any width, a decimal, a date
    except (ValueError, TypeError):  # arrays, and objects that cannot be compared
        return False
    except ArithmeticError:  # a signalling nan
        return True


def unit_ids(units: Any) -> list[str]:
    """Return ids as text, in the order given: text or whole numbers, none missing, at least one.

    >>> unit_ids([7, "ann"])
    ['7', 'ann']
    """
    if isinstance(units, (str, bytes)):
        raise _check.fail("units", "must be a list of ids", repr(units), "One id? Put it in a list.")
    if isinstance(units, (Mapping, set, frozenset)) or hasattr(
        type(units), "columns"
    ):  # their list is not the list of the ids
        raise _check.fail(
            "units", "must be one list of ids", f"a {type(units).__name__}", "Take the column of the ids."
        )
    if not isinstance(units, Iterable) or getattr(units, "ndim", 1) != 1:
        raise _check.fail("units", "must be one list of ids", repr(units))
    values = units.tolist() if hasattr(units, "tolist") else list(units)
    if not values:
        raise _check.fail("units", "must hold at least one id", "none")
    kinds = set(map(type, values))
    bad = [k for k in kinds if not issubclass(k, (str, int, np.integer)) or k is bool]
    if bad:
        first = next(v for v in values if type(v) in bad)
        raise _check.fail(
            "units", "must hold ids as text or whole numbers", f"{first!r} of type {type(first).__name__}"
        )
    return values if kinds == {str} else [str(v) for v in values]


def label_text(value: Any) -> str:
    """Return an id or label as text; a whole number that came as a float is the whole number.

    >>> label_text(7), label_text("7"), label_text(7.0), label_text("7.0")
    ('7', '7', '7', '7.0')
    """
    return str(int(value)) if isinstance(value, (float, np.floating)) and value % 1 == 0 else str(value)


def quoted(name: str, dialect: str = "duckdb") -> str:
    """Return the name of a column as an SQL identifier.

    >>> print(quoted('a "b" c'))
    "a ""b"" c"
    """
    quote = "`" if dialect == "spark" else '"'
    return quote + name.replace(quote, quote * 2) + quote


def arm_label(value: Any) -> str:
    """Return an arm as text; a column with gaps turns whole numbers into floats, so 0.0 and "0.0" are "0".

    >>> arm_label(0.0), arm_label("0.0"), arm_label("new"), arm_label("v1.0")
    ('0', '0', 'new', 'v1.0')
    """
    text = str(value)
    return text.partition(".")[0] if re.fullmatch(r"-?\d+\.0+", text) else text
