"""A guess before the picture, and the answer to it after: `predict`, `predicted`, `reveal`."""

from __future__ import annotations

from typing import Any

from abkit import _check
from abkit.course import progress
from abkit.exercises.answers import is_per_hundred, is_share, read, readings, written
from abkit.exercises.asking import find, notebooks
from abkit.exercises.boxes import display_box, live, typed
from abkit.exercises.questions import Prediction
from abkit.teach.memory import session


def predict(
    key: str, guess: Any = None, *, low: float | None = None, high: float | None = None, unit: str = ""
) -> None:
    """Ask for a guess, or store it; without a guess say what to type and in which unit.

    key: of a prediction in the exercises module of the notebook. guess: as you would type it: 22, "22%",
    "1,200 users". What cannot be read is not stored, and a line says what to type; nothing raises. low, high,
    unit: bounds and unit of a guess whose key is in no module.

    >>> predict("00.p9", "20%", low=0, high=100, unit="per cent")
    Your guess for 00.p9: 20 per cent.
    >>> predict("00.p9", "a lot", low=0, high=100, unit="per cent")
    Not stored: type one number in per cent, from 0 to 100. So: ab.teach.predict("00.p9", "… per cent")
    """
    item = _prediction(key, low, high, unit)
    session.guesses.pop(key, None)
    if guess is None or guess is ... or (isinstance(guess, str) and not guess.strip()):
        before = progress.guess(key)
        if before is None:
            said = f"No guess for {key} yet: {_form(item)}"
        else:
            session.guesses[key] = before
            said = f"Your guess for {key}, remembered: {written(before, item.unit)}."
        print(f"{item.question}\n" * bool(item.question) + said)
        if live():
            display_box(typed("Store", lambda text: _store(text, item)))
        return
    print(_store(guess, item))


def _store(guess: Any, item: Prediction) -> str:
    """Store a guess that can be read, and say so."""
    value = _value(guess, item)
    if value is None:
        return f"Not stored: {_form(item)}"
    session.guesses[item.key] = value
    progress.guessed(item.key, value)
    typed = read(guess)
    as_share = is_per_hundred(item.unit) and typed is not None and value != typed.value
    more = ' A number below 1 is read as a share; for less than one write "0.5 of 100".' if as_share else ""
    return f"Your guess for {item.key}: {written(value, item.unit)}.{more}"


def predicted(key: str) -> float | None:
    """Return the stored guess in the unit of the question, or None if there is none.

    >>> predicted("00.p8") is None
    True
    """
    return session.guesses.get(key)


def reveal(key: str, value: float, consequence: str = "") -> None:
    """Answer the guess in its own unit, and say what follows from the difference.

    value: the number found, in the unit of the prediction. consequence: a sentence; without it that of the
    module.

    >>> predict("00.p9", 20); reveal("00.p9", 14)
    Your guess for 00.p9: 20.
    You guessed 20. It is 14: your guess is 6 too high.
    """
    item = _prediction(key)
    target, guess = _check.number("value", value), session.guesses.get(key)
    found = written(target, item.unit)
    if guess is None:
        line = f"You made no guess. It is {found}."
    else:
        line = f"You guessed {written(guess, item.unit)}. It is {found}: {_distance(guess, target, item)}."
    more = consequence or (item.consequence(guess, target) if item.consequence else "")
    print(f"{line} {more}".rstrip())


def _prediction(key: str, low: float | None = None, high: float | None = None, unit: str = "") -> Prediction:
    """Return the prediction of the module, or a free one for a key that no module has."""
    number = str(key).partition(".")[0]
    try:
        return find(key, "PREDICTIONS") if number in notebooks() else _free(key, low, high, unit)
    except ValueError:
        return _free(key, low, high, unit)


def _free(key: str, low: float | None, high: float | None, unit: str) -> Prediction:
    bounds = (-float("inf") if low is None else low, float("inf") if high is None else high)
    return Prediction(key, "", unit, *bounds, answer=float("nan"))


def _form(item: Prediction) -> str:
    """Say what to type, in which unit, between which bounds, and by which call."""
    low, high = (written(v, "") for v in (item.low, item.high))
    unit = "" if not item.unit or is_share(item.unit) else f" {item.unit}"
    within = f", from {low} to {high}" if item.low > -float("inf") and item.high < float("inf") else ""
    what = f"how many{unit}" if unit.startswith(" of ") else f"one number in{unit}" if unit else "one number"
    return f'type {what}{within}. So: ab.teach.predict("{item.key}", "…{unit}")'


def _value(guess: Any, item: Prediction) -> float | None:
    """Return the guess in the unit of the question, or None where it cannot be read or is out of bounds."""
    typed = read(guess)
    values = "no number" if typed is None else readings(typed, item.unit)
    if isinstance(values, str):
        return None
    return next((v for v in values if item.low <= v <= item.high), None)


def _distance(guess: float, target: float, item: Prediction) -> str:
    """Say how far the guess lies from the number: in points for shares, in times where it is far."""
    if written(guess, item.unit) == written(target, item.unit):
        return "your guess is right"
    side = "high" if guess > target else "low"
    points = is_per_hundred(item.unit) or is_share(item.unit)
    ratio = max(guess, target) / min(guess, target) if min(guess, target) > 0 else 0.0
    if ratio >= 2 and not points:
        return f"your guess is too {side} by a factor of {ratio:.2g}"
    return f"your guess is {written(abs(guess - target), '')} too {side}"
