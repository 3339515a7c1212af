"""What an exercises module holds: `EXERCISES`, `QUIZ` and `PREDICTIONS`, each a dict by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from abkit.exercises.checks import Both, Choice, Near


@dataclass(frozen=True)
class Solution:
    """The published answer of an exercise, as one may type it, and why it is right."""

    answer: Any
    explanation: str


@dataclass(frozen=True)
class Exercise:
    """One exercise; `wrong` lists (answer, fragment of its message).

    stars: 1 fill a blank or change a number, 2 choose and explain, 3 write it or find the flaw.
    hints: what is asked, the plan, code with a blank; never the answer.
    method: the way that the notebook shows, where it draws: a function of `rng` whose value must be right or
    close.
    """

    key: str
    stars: int
    question: str
    check: Near | Choice | Both = field(repr=False)
    hints: tuple[str, ...]
    solution: Solution
    wrong: tuple[tuple[Any, str], ...]
    method: Callable[[np.random.Generator], Any] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Quiz:
    """A question with letters: `options` by letter, the `right` letter, and `why` for every letter."""

    key: str
    question: str
    options: Mapping[str, str]
    right: str
    why: Mapping[str, str]

    @classmethod
    def of(cls, key: str, question: str, right: str, **options: tuple[str, str]) -> Quiz:
        """Return the question whose options come as letter=(text, why).

        >>> quiz = Quiz.of("07.q9", "Is 1 + 1 equal to 2?", "a", a=("yes", "Count."), b=("no", "Count again"))
        >>> quiz.options["a"], quiz.why["b"]
        ('yes', 'Count again')
        """
        texts = {letter: text for letter, (text, _) in options.items()}
        return cls(key, question, texts, right, {letter: why for letter, (_, why) in options.items()})


@dataclass(frozen=True)
class Prediction:
    """A guess before a picture.

    question: what is asked. unit: as in `Near`. low, high: bounds of what makes sense, in the unit. answer:
    the exact or expected value, in the unit; `step` is the distance at which a number in a heading gives it
    away. consequence: a function of (guess, value) that returns the sentence that `reveal` adds.
    """

    key: str
    question: str
    unit: str
    low: float
    high: float
    answer: float
    step: float = 1.0
    consequence: Callable[[float | None, float], str] | None = field(default=None, repr=False)
