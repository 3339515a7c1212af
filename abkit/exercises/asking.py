"""The calls of a reader: the question, the check, hints one at a time, the solution."""

from __future__ import annotations

import html
import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from abkit import _check
from abkit.course import progress
from abkit.exercises import __path__ as _folder
from abkit.exercises.boxes import asking, buttons, typed
from abkit.exercises.cards import Card, closed, marked
from abkit.exercises.checks import NOT_ATTEMPTED, Both, Choice

_given: dict[str, int] = {}  # hints shown since the start of the notebook, by key


def notebooks() -> tuple[str, ...]:
    """Return the numbers of the notebooks that have exercises.

    >>> "00" in notebooks()
    True
    """
    return tuple(sorted(m.name[2:] for m in pkgutil.iter_modules(_folder) if m.name.startswith("nb")))


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
    """Return the exercise, quiz question or prediction of a key, or list the keys there are.

    >>> find("00.1").stars
    1
    """
    number = str(key).partition(".")[0]
    items = getattr(module(number), collection, {})
    if key not in items:
        raise _check.fail("key", "must be one of " + ", ".join(items), repr(key))
    return items[key]


def exercise(key: str) -> Card:
    """Show the question of an exercise: what is asked, the options, and how the answer may be typed.

    Where widgets are live, a box or buttons below it take the answer too. key: number of the notebook and of
    the exercise, such as "07.1". Raises ValueError for a key that is none.

    >>> exercise("00.1").text.splitlines()[0]
    'Exercise 00.1 (*)'
    """
    item = find(key)
    title = f"Exercise {key} ({'*' * item.stars})"
    if key in progress.read()["right"]:
        title += ", right before"
    choice = item.check.first if isinstance(item.check, Both) else item.check
    options = choice.options if isinstance(choice, Choice) else {}
    form = f"Answer {item.check.form()}."
    calls = f'Check: ab.check("{key}", answer). Hints, one at a time: ab.hint("{key}").'
    text = "\n".join([title, item.question, *(f"  {k}) {v}" for k, v in options.items()), form, calls])
    parts = [f"<p><b>{html.escape(title)}</b></p>", f"<p>{marked(item.question)}</p>", listed(options)]
    card = Card(text, "".join([*parts, f"<p>{html.escape(form)}<br>{html.escape(calls)}</p>"]))
    if isinstance(item.check, Choice):
        return asking(card, lambda: buttons(item.check.why, lambda letter: check(key, letter).text))
    return asking(card, lambda: typed("Check", lambda text: check(key, text).text, lambda: hint(key).text))


def listed(options: Mapping[str, str]) -> str:
    """Return HTML of the options by letter, nothing for none.

    >>> listed({"a": "x < y"})
    "<ul style='list-style:none'><li>a) x &lt; y</li></ul>"
    """
    rows = "".join(f"<li>{html.escape(f'{k}) {v}')}</li>" for k, v in options.items())
    return f"<ul style='list-style:none'>{rows}</ul>" if rows else ""


def check(key: str, answer: Any = None) -> Card:
    """Check an answer: "not attempted", "right", "close", or "not yet" with the likely misconception.

    key: as in `exercise`. answer: as you would type it, a number, a text such as "22%", a letter; whatever it
    is, the check does not raise. Raises ValueError for a key that is none.

    >>> check("00.1")
    not attempted
    """
    item = find(key)
    blank = answer is None or answer is ... or (isinstance(answer, str) and not answer.strip(" _"))
    outcome = NOT_ATTEMPTED if blank else item.check(answer)
    if outcome.ok:
        progress.right(key)
    return Card(repr(outcome))


def hint(key: str) -> Card:
    """Show the next hint of an exercise, closed until it is opened, below those given before.

    key: as in `exercise`. The count starts anew with `teach.start`. Raises ValueError for a key that is none.

    >>> forget_hints(); hint("00.1").text.startswith("Hint 1 of ")
    True
    """
    hints = find(key).hints
    _given[key] = min(_given.get(key, 0) + 1, len(hints))
    items = [(f"Hint {i} of {len(hints)}", text) for i, text in enumerate(hints[: _given[key]], 1)]
    return Card(
        "\n".join(f"{title}: {text}" for title, text in items), "".join(closed(*item) for item in items)
    )


def forget_hints() -> None:
    """Start every exercise at its first hint again.

    >>> _ = hint("00.1"); forget_hints(); len(hint("00.1").text.splitlines())
    1
    """
    _given.clear()


def solution(key: str) -> Card:
    """Show the published answer and its explanation, closed until it is opened.

    key: as in `exercise`. Raises ValueError for a key that is none.

    >>> solution("00.1").text.startswith("Solution: ")
    True
    """
    published = find(key).solution
    text = f"{published.answer}. {published.explanation}"
    return Card(f"Solution: {text}", closed("Solution", text))
