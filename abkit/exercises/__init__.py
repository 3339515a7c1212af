"""Exercises of the notebooks: a question, a check that names the misconception, hints and a solution.

The exercises of notebook NN live in `nbNN.py`, which holds `EXERCISES` and `QUIZ`. A check is a
plain function of a value: it reads no cell, no global and no metadata of a notebook.
"""

from __future__ import annotations

import html
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from abkit import _check

Verdict = tuple[bool, str]


@dataclass(frozen=True)
class Card:
    """What a teaching call shows: the same content as plain text and as HTML.

    >>> Card("not attempted")
    not attempted
    """

    text: str
    body: str = ""

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.body or f"<p>{html.escape(self.text)}</p>"


@dataclass(frozen=True)
class Solution:
    """The published answer of an exercise, and why it is right."""

    answer: Any
    explanation: str


@dataclass(frozen=True)
class Exercise:
    """One exercise; `check(value)` returns (ok, message), `wrong` lists (value, fragment of its message).

    `stars`: 1 modify, 2 choose and explain, 3 make or find the flaw.
    """

    key: str
    stars: int
    question: str
    check: Callable[[Any], Verdict] = field(repr=False)
    hints: tuple[str, ...]
    solution: Solution
    wrong: tuple[tuple[Any, str], ...]


@dataclass(frozen=True)
class Quiz:
    """A retrieval question: `options` by letter, the `right` letter, and `why` for every letter."""

    key: str
    question: str
    options: Mapping[str, str]
    right: str
    why: Mapping[str, str]


def near(
    answer: float,
    tol: float,
    *,
    why: str,
    slips: tuple[tuple[float, str], ...] = (),
    other: str,
    share: bool = True,
) -> Callable[[Any], Verdict]:
    """Build a check of a number: right within `tol`, a named slip within `tol` of its value, or `other`.

    An answer between 0 and 1 that comes in per cent, also rounded, is a slip too, unless `share` is False: the
    question asks for another unit.

    >>> halve = near(0.5, 0.01, why="Half of one.", slips=((2, "You doubled."),), other="Halve it.")
    >>> halve(2), halve(50)
    ((False, 'You doubled.'), (False, 'That is per cent. The question asks for a share.'))
    """
    rounded = max(tol, min(0.005, answer / 20))  # half a per cent, less for a small share

    def check(value: Any) -> Verdict:
        try:
            got = float("nan") if isinstance(value, (bool, str)) else float(np.asarray(value, float).item())
        except (TypeError, ValueError):
            got = float("nan")
        if not np.isfinite(got):
            return False, "The answer is one number."
        for target, message in ((answer, why), *slips):
            if abs(got - target) <= tol:
                return target == answer, message
        if share and 0 < answer < 1 and abs(got / 100 - answer) <= rounded:
            return False, "That is per cent. The question asks for a share."
        return False, other

    return check


def choice(right: str, why: Mapping[str, str]) -> Callable[[Any], Verdict]:
    """Build a check of a letter; `why` holds the message of every letter.

    >>> choice("a", {"a": "Yes.", "b": "That is the risk, not the rate."})("b")
    (False, 'That is the risk, not the rate.')
    """

    def check(value: Any) -> Verdict:
        letter = letter_of(value)
        if letter not in why:
            return False, "Answer with one of the letters " + ", ".join(why) + "."
        return letter == right, why[letter]

    return check


def letter_of(value: Any) -> str:
    """Return the letter of an answer as people write it: "B", " b " and "b)" are all b.

    >>> letter_of("B)")
    'b'
    """
    return str(value).strip().lower().rstrip(").")


def notebooks() -> tuple[str, ...]:
    """Return the numbers of the notebooks that have exercises.

    >>> "00" in notebooks()
    True
    """
    return tuple(sorted(m.name[2:] for m in pkgutil.iter_modules(__path__) if m.name.startswith("nb")))


def module(number: str) -> ModuleType:
    """Return the exercises module of one notebook.

    >>> module("00").__name__
    'abkit.exercises.nb00'
    """
    if number not in notebooks():
        raise _check.fail(
            "key", "must start with the number of a notebook: " + ", ".join(notebooks()), repr(number)
        )
    return importlib.import_module(f"abkit.exercises.nb{number}")


def find(key: str, collection: str = "EXERCISES") -> Any:
    """Return the exercise or quiz question of a key, or list the keys there are.

    >>> find("00.1").stars
    1
    """
    number = str(key).partition(".")[0]
    items = getattr(module(number), collection)
    if key not in items:
        raise _check.fail("key", "must be one of " + ", ".join(items), repr(key))
    return items[key]


def check(key: str, answer: Any = None) -> Card:
    """Check an answer: "not attempted", "right: ..." or "not yet: ..." with the likely misconception.

    >>> check("00.1")
    not attempted
    """
    exercise = find(key)
    if answer is None:
        return verdict(None)
    try:
        return verdict(exercise.check(answer))
    except (TypeError, ValueError, AttributeError, KeyError, IndexError):
        return verdict(
            (False, f"A {type(answer).__name__} is not the kind of answer that the question asks for.")
        )


def verdict(outcome: Verdict | None) -> Card:
    """Show the outcome of a check as one line.

    >>> verdict((False, "Divide by n."))
    not yet: Divide by n.
    """
    if outcome is None:
        return Card("not attempted")
    ok, message = outcome
    return Card(f"{'right' if ok else 'not yet'}: {message}")


def hint(key: str) -> Card:
    """Show the hints of an exercise, each closed until it is opened.

    >>> hint("00.1").text.startswith("Hint 1: ")
    True
    """
    items = [(f"Hint {i}", text) for i, text in enumerate(find(key).hints, 1)]
    return Card(
        "\n".join(f"{title}: {text}" for title, text in items), "".join(closed(*item) for item in items)
    )


def solution(key: str) -> Card:
    """Show the published answer and its explanation, closed until it is opened.

    >>> solution("00.1").text.startswith("Solution: ")
    True
    """
    published = find(key).solution
    text = f"{published.answer}. {published.explanation}"
    return Card(f"Solution: {text}", closed("Solution", text))


def closed(title: str, text: str) -> str:
    """Return HTML that shows the title and opens to the text.

    >>> closed("Hint", "a < b")
    '<details><summary>Hint</summary><p>a &lt; b</p></details>'
    """
    return f"<details><summary>{html.escape(title)}</summary><p>{html.escape(text)}</p></details>"
