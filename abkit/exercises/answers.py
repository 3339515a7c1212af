"""Reading an answer as people type it: "22%", ".22", "700 users", "1 in 20", "b)".

Reading never raises: a reader has any object at hand, and a teaching cell must not stop for it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

PER_CENT = "%"
POINTS = "points"
TIME = ("seconds", "minutes", "hours", "days", "weeks", "months", "years")
_NUMBER = re.compile(
    r"(?<![\w.,])[-+]?(?:[1-9]\d{0,2}(?:[ ,_]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?"
)
_ODDS = re.compile(r"^\D*(\d+(?:\.\d+)?)\s*(?:/|in|of|out of)\s*(\d+)\b\D*$")
_LETTER = re.compile(r"^\(?([a-z])\s*(?:[).:]+\s*.*)?$", re.DOTALL)


@dataclass(frozen=True)
class Typed:
    """A number and the unit that was written behind it: "%", "points", a word, or nothing."""

    value: float
    unit: str = ""


def read(answer: Any) -> Typed | None:
    """Return the number that was typed, or None where there is none, or more than one.

    >>> read("22 per cent"), read("1,200 users").value, read("1 in 20").value
    (Typed(value=22.0, unit='%'), 1200.0, 5.0)
    >>> read("5 to 6") is None, read(True) is None, read(10**400) is None
    (True, True, True)
    """
    try:
        return _from_text(answer) if isinstance(answer, str) else _from_object(answer)
    except Exception:  # any object may raise anything when it is asked for its value
        return None


def _from_object(answer: Any) -> Typed | None:
    item = np.asarray(answer).item()
    if isinstance(item, str):
        return _from_text(item)
    if isinstance(item, (bool, np.bool_, bytes)):
        return None
    value = float(item)
    return Typed(value) if math.isfinite(value) else None


def _from_text(text: str) -> Typed | None:
    text = re.sub("[\u2212\u2013]", "-", text.strip().lower()).replace("\u202f", " ").replace("\xa0", " ")
    odds = _ODDS.match(text)
    if odds and float(odds[2]) > 0:
        return Typed(100 * float(odds[1]) / float(odds[2]), PER_CENT)
    found = list(_NUMBER.finditer(text))
    if len(found) != 1 or re.match(r"[.,]?\d", text[found[0].end() :]):
        return None
    digits, rest = found[0].group(), text[found[0].end() :]
    digits = re.sub(r"[ _]", "", digits)
    digits = digits.replace(",", "" if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", digits) else ".")
    if re.fullmatch(r"[-+]?0\d{3,}", digits):  # "0,220" is a decimal comma
        digits = digits.replace("0", "0.", 1)
    value = float(digits) * (1_000 if re.match(r"\s?k\b", rest) else 1)
    return Typed(value, _unit(rest)) if math.isfinite(value) else None


def _unit(rest: str) -> str:
    if re.match(r"\s*(%|per ?cent\b|pct\b)", rest) and "point" not in rest:
        return PER_CENT
    if re.match(r"\s*(pp\b|points?\b|%.*points?|per ?cent.*points?)", rest):
        return POINTS
    word = re.match(r"\s*([a-z]+)", rest)
    return "" if word is None or word[1] == "k" else word[1]


def is_share(unit: str) -> bool:
    """Say whether the unit counts a part of one, not of a hundred.

    >>> is_share("share"), is_share("per cent")
    (True, False)
    """
    return unit == "share"


def is_per_hundred(unit: str) -> bool:
    """Say whether the unit counts parts of a hundred: per cent, points, "of 100 tests".

    >>> is_per_hundred("of 100 tests"), is_per_hundred("users")
    (True, False)
    """
    return unit.startswith(("per cent", "percentage", "points", "of 100"))


def readings(typed: Typed, unit: str) -> tuple[float, ...] | str:
    """Return what was typed in the unit asked for, the likelier reading first, or say which unit is wrong.

    Where per cent are asked for, .22 may mean 22; where a share is, 22 can only be per cent, or a slip.

    >>> readings(Typed(22.0), "share"), readings(Typed(0.22), "per cent"), readings(Typed(1.0, "%"), "users")
    ((0.22, 22.0), (22.0, 0.22), 'That is per cent. The question asks for users.')
    """
    value = typed.value
    if is_share(unit):
        if typed.unit in (PER_CENT, POINTS):
            return (value / 100,)
        return (value,) if abs(value) <= 1 else (value / 100, value)
    if is_per_hundred(unit):
        bare = typed.unit not in (PER_CENT, POINTS)
        return (100 * value, value) if bare and 0 < abs(value) < 1 else (value,)
    if unit and typed.unit == PER_CENT:
        return f"That is per cent. The question asks for {unit}."
    asked = next((u for u in TIME if u in unit.split()), None)
    if (
        asked
        and typed.unit
        and f"{typed.unit.rstrip('s')}s" in TIME
        and f"{typed.unit.rstrip('s')}s" != asked
    ):
        return f"That is in {typed.unit}. The question asks for {unit}."
    return (value / 100 if typed.unit == PER_CENT else value,)


def written(value: float, unit: str) -> str:
    """Write a number of a unit for reading: four digits, thousands apart.

    >>> written(21.9649, "per cent"), written(31_234.0, "users"), written(0.05, "share")
    ('21.96 per cent', '31,234 users', '0.05')
    """
    text = f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"
    return text if is_share(unit) or not unit else f"{text} {unit}"


def letter(answer: Any) -> str:
    """Return the letter of an answer as people write it: "B", " b ", "b)" and "b) stop" are all b.

    >>> letter("B)"), letter("(c) run to day 30"), letter(3), letter("a lot")
    ('b', 'c', '', '')
    """
    found = _LETTER.match(answer.strip().lower()) if isinstance(answer, str) else None
    return found[1] if found else ""


def rounds_to(value: float, target: float, digits: int) -> bool:
    """Say whether `value` is `target` rounded to so many significant digits; both roundings of a tie count.

    >>> rounds_to(0.34, 0.3366, 2), rounds_to(0.098, 0.0975, 2), rounds_to(.33, .3366, 2)
    (True, True, False)
    """
    if target == 0 or not math.isfinite(value):
        return value == target
    grain = 10.0 ** (math.floor(math.log10(abs(target))) - digits + 1)
    if abs(value - target) > grain * (0.5 + 1e-6):
        return False
    return abs(value / grain - round(value / grain)) < 1e-6  # of a grain: what a float keeps
