"""Validation at the public boundary: one place, one form of message.

Every message names the parameter in backticks, says what is needed and what came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

SHARES = "must be a list or a mapping of shares"
LARGEST = 2**64 - 1  # of whole numbers: what 64 bits hold
MOST_POWER = 1 - 1e-12  # beyond it no plan is found
ALTERNATIVES = ("two-sided", "greater", "less")


def fail(name: str, need: str, got: Any, hint: str = "") -> ValueError:
    """Build the error that every check raises.

    >>> fail("alpha", "must lie strictly between 0 and 1", 5)
    ValueError('`alpha` must lie strictly between 0 and 1; got 5.')
    """
    text = f"`{name}` {need}; got {got}."
    return ValueError(text + (f" {hint}" if hint else ""))


def share(name: str, value: Any) -> float:
    """Return a number strictly between 0 and 1, or say that a share is needed.

    >>> share("alpha", 0.05)
    0.05
    """
    value = number(name, value)
    if not 0 < value < 1:
        slip = f"Is that per cent? Write {value / 100:g}." if 1 < value < 100 else ""
        raise fail(name, "must lie strictly between 0 and 1", f"{value:g}", slip)
    return value


def number(name: str, value: Any) -> float:
    """Return a finite number as a float; text, dates and True are no numbers.

    >>> number("effect", 1)
    1.0
    """
    try:
        if np.asarray(value).dtype.kind not in "iufO" or isinstance(value, np.ma.core.MaskedConstant):
            raise TypeError
        value = float(value)
    except Exception:  # whatever an object says when it is asked for a number
        raise fail(name, "must be a number", short(value)) from None
    if not np.isfinite(value):
        raise fail(name, "must be finite", f"{value:g}")
    return value


def positive(name: str, value: Any) -> float:
    """Return a finite number above 0.

    >>> positive("sd", 2)
    2.0
    """
    value = number(name, value)
    if value <= 0:
        raise fail(name, "must be above 0", f"{value:g}")
    return value


def scale(name: str, value: Any) -> float:
    """Return a number above 0 whose square is one too: between 1e-100 and 1e100.

    >>> scale("sd", 2)
    2.0
    """
    value = positive(name, value)
    if not 1e-100 < value < 1e100:
        raise fail(name, "must lie between 1e-100 and 1e100", f"{value:g}", "Use another unit.")
    return value


def integer(name: str, value: Any, *, low: int = 1) -> int:
    """Return a whole number of at least `low`.

    >>> integer("reps", 100)
    100
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
        raise fail(name, f"must be a whole number of at least {low}", short(value))
    if value > LARGEST:
        raise fail(name, f"must be at most {LARGEST:g}", short(value))
    return int(value)


def wanted_power(value: Any) -> float:
    """Return a power that a test can have: strictly between 0 and 1 − 1e-12.

    >>> wanted_power(0.8)
    0.8
    """
    value = share("power", value)
    if value > MOST_POWER:
        raise fail("power", "must be at most 1 - 1e-12", repr(value))
    return value


def sides(value: Any) -> int:
    """Return 1 or 2.

    >>> sides(2)
    2
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value not in (1, 2):
        raise fail("sides", "must be 1 or 2", short(value))
    return int(value)


def one_of(name: str, value: Any, options: Sequence[str]) -> str:
    """Return the value if it is one of the options.

    >>> one_of("side", "left", ("left", "right"))
    'left'
    """
    if not isinstance(value, str) or value not in options:
        raise fail(name, "must be one of " + ", ".join(repr(o) for o in options), short(value))
    return str(value)


def flag(name: str, value: Any) -> bool:
    """Return True or False; text such as "no", which Python takes for true, is refused.

    >>> flag("binding", True)
    True
    """
    if not isinstance(value, (bool, np.bool_)):
        raise fail(name, "must be True or False", short(value))
    return bool(value)


def instance(name: str, value: Any, kind: type) -> Any:
    """Return a value of this type unchanged.

    >>> instance("rule", 3, int)
    3
    """
    if not isinstance(value, kind):
        got = short(value) if isinstance(value, (str, int, float)) else f"a {type(value).__name__}"
        raise fail(name, f"must be of type {kind.__name__}", got)
    return value


def function(name: str, value: Any) -> Any:
    """Return a function unchanged.

    >>> function("draw", len) is len
    True
    """
    if not callable(value):
        raise fail(name, "must be a function", short(value))
    return value


def several(name: str, value: Any, need: str = "must be a list") -> list[Any]:
    """Return what is listed; text, mappings, and what cannot be gone through are refused.

    >>> several("effects", (1, 2))
    [1, 2]
    """
    try:
        if isinstance(value, (str, bytes, Mapping)) or is_frame(value):
            raise TypeError
        return list(value)
    except Exception:  # whatever an object says when it is gone through
        raise fail(name, need, short(value)) from None


def short(value: Any) -> str:
    """Return a value as it is written, cut where it is long.

    >>> short("y"), len(short(10**400))
    ("'y'", 60)
    """
    try:
        text = " ".join(repr(value).split())
    except Exception:  # an object that cannot even be shown
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


def text(name: str, value: Any) -> str:
    """Return text unchanged.

    >>> text("salt", "checkout")
    'checkout'
    """
    if not isinstance(value, str):
        raise fail(name, "must be text", short(value))
    return value


def array(name: str, value: Any, *, finite: bool = True) -> np.ndarray:
    """Return a float array; text, dates, masked values and, by default, nan and infinite values are refused.

    >>> array("y", [1, 2])
    array([1., 2.])
    """
    if np.ma.is_masked(value):
        raise fail(
            name,
            "must hold numbers only",
            f"{np.ma.count_masked(value)} masked values",
            "Leave them out: `compressed()`.",
        )
    try:
        raw = np.asarray(value)
        if raw.dtype.kind not in "biufO" or (raw.dtype.kind == "O" and _unlike_numbers(raw)):
            raise TypeError
        out = np.asarray(value, dtype=float)
    except Exception:  # whatever an object says when it is asked for numbers
        raise fail(name, "must hold numbers only", f"values such as {short(value)}") from None
    if finite and not np.isfinite(out).all():
        bad = int((~np.isfinite(out)).sum())
        raise fail(name, "must hold finite numbers only", f"{bad} of {out.size} nan or infinite")
    return out


def _unlike_numbers(raw: np.ndarray) -> bool:
    """Objects that a conversion to floats would take for numbers: text, and None in place of the whole."""
    return (
        raw.item() is None
        if raw.ndim == 0
        else any(issubclass(kind, (str, bytes)) for kind in set(map(type, raw.ravel())))
    )


def rows(name: str, value: Any) -> np.ndarray:
    """Return the rows of one metric, on the last axis; a data frame is refused, for it has them on the first.

    >>> rows("y", [1, 2])
    array([1., 2.])
    """
    if is_frame(value):
        hint = "Take one column, or `Moments.from_table`."
        raise fail(name, "must hold the rows of one metric", f"a {type(value).__name__}", hint)
    return array(name, value)


def together(**arrays: Any) -> list[np.ndarray]:
    """Return arrays broadcast against each other; they come by the names of their parameters.

    >>> [a.tolist() for a in together(n=[1, 2], sd=3)]
    [[1, 2], [3, 3]]
    """
    try:
        return list(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        shapes = " and ".join(str(np.shape(a)) for a in arrays.values())
        raise fail(" and ".join(arrays), "must have shapes that fit together", shapes) from None


def weights(name: str, value: Mapping[Any, Any] | Sequence[Any]) -> np.ndarray:
    """Return shares that are not negative and sum to 1 within 1e-9.

    >>> weights("weights", {"a": 0.5, "b": 0.5})
    array([0.5, 0.5])
    """
    listed = several(name, value.values() if isinstance(value, Mapping) else value, SHARES)
    out = array(name, listed)
    if out.ndim != 1 or out.size == 0:
        raise fail(name, SHARES, short(value))
    if (out < 0).any():
        raise fail(name, "must not be negative", shares_text(out))
    if abs(out.sum() - 1) > 1e-9:
        slip = "Is that per cent? Divide by 100." if abs(out.sum() - 100) < 1e-6 else ""
        raise fail(name, "must sum to 1", f"{shares_text(out)}, which sum to {out.sum():.6g}", slip)
    return out


def labelled(name: str, value: Any) -> Any:
    """Return what carries labels as a mapping (a pandas Series, the columns of a data frame), anything else
    unchanged.

    >>> labelled("weights", [0.5, 0.5])
    [0.5, 0.5]
    """
    if is_frame(value):
        return {label: value[label] for label in value.columns}
    if isinstance(value, Mapping) or not hasattr(type(value), "to_dict") or not hasattr(value, "__len__"):
        return value
    found = value.to_dict()
    if len(found) < len(value):
        raise fail(name, "must name each arm once", f"{len(value)} values for {len(found)} labels")
    return found


def is_frame(value: Any) -> bool:
    """Return True for a data frame of any library.

    >>> is_frame([1, 2])
    False
    """
    kind = type(value)  # the columns of Arrow are no names
    return hasattr(kind, "columns") and hasattr(kind, "__getitem__") and not hasattr(kind, "column_names")


def shares_text(values: np.ndarray) -> str:
    """Write shares as a short list.

    >>> shares_text(np.array([0.5, 0.5]))
    '0.5, 0.5'
    """
    return ", ".join(f"{v:g}" for v in values)
