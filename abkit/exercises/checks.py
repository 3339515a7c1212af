"""Checks of an answer: frozen dataclasses that are called with the answer and return an `Outcome`.

A check reads no cell, no global and no metadata of a notebook, and it never raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from abkit.exercises.answers import is_share, letter, read, readings, rounds_to, written


@dataclass(frozen=True)
class Outcome:
    """What a check found: `kind` is "not attempted", "right", "close" or "not yet".

    message: why it is right, or the misconception; step: what to do next, where it is not yet right.

    >>> Outcome("not yet", "You doubled.", "Read the question again.")
    not yet: You doubled. Next step: Read the question again.
    """

    kind: str
    message: str = ""
    step: str = ""

    @property
    def ok(self) -> bool:
        """Say whether the answer is right or close.

        >>> Outcome("close").ok, Outcome("not yet").ok
        (True, False)
        """
        return self.kind in ("right", "close")

    def __repr__(self) -> str:
        step = f"Next step: {self.step}" if self.step and self.message else self.step
        text = " ".join(part for part in (self.message, step) if part)
        return f"{self.kind}: {text}" if text else self.kind


NOT_ATTEMPTED = Outcome("not attempted")


@dataclass(frozen=True)
class Near:
    """A check of a number.

    answer: in `unit`: "share", "per cent", "points", "of 100 tests" (all read "22%", ".22" and "22" alike
    where only one reading makes sense), "users", "days", …, or "" for a number without one. tol: absolute;
    within it an answer is right. noise: absolute; within it an answer is close: five Monte-Carlo errors of
    the way that the notebook shows. An answer rounded to two or more digits is close too. why: said when it
    is right. slips: (value, misconception) pairs. step: the next step, never the recipe.

    >>> twice = ((0.25, "You halved twice."),)
    >>> halve = Near(0.5, 0.001, unit="share", why="Half of one.", step="Halve it.", slips=twice)
    >>> halve("50%"), halve(0.25)
    (right: Half of one., not yet: You halved twice. Next step: Halve it.)
    """

    answer: float
    tol: float
    why: str
    step: str
    slips: tuple[tuple[float, str], ...] = ()
    unit: str = ""
    noise: float = 0.0

    def __call__(self, answer: Any) -> Outcome:
        typed = read(answer)
        if typed is None:
            return Outcome("not yet", "The answer is one number.", f"Type it, {self.form()}.")
        values = readings(typed, self.unit)
        if isinstance(values, str):
            return Outcome("not yet", values, self.step)
        return self._right(values) or self._slip(values) or self._close(values) or self._not_yet(values)

    def form(self) -> str:
        """Say how the answer may be typed.

        >>> Near(5.0, 0.1, "Why.", "Step.", unit="of 100 tests").form()
        'with how many of 100 tests; two digits are enough'
        >>> Near(0.05, 0.001, "Why.", "Step.", unit="users").form()
        'in users; two digits are enough'
        """
        if is_share(self.unit):
            return "as a share or in per cent; two digits are enough"
        unit = f"with how many {self.unit}" if self.unit.startswith("of ") else f"in {self.unit}"
        rounding = "you may round 12,345 to 12,000" if abs(self.answer) >= 1_000 else "two digits are enough"
        return f"{unit if self.unit else 'as a number'}; {rounding}"

    def _right(self, values: tuple[float, ...]) -> Outcome | None:
        return Outcome("right", self.why) if any(abs(v - self.answer) <= self.tol for v in values) else None

    def _slip(self, values: tuple[float, ...]) -> Outcome | None:
        found = (m for target, m in self.slips if any(abs(v - target) <= self.tol for v in values))
        message = next(found, None)
        return None if message is None else Outcome("not yet", message, self.step)

    def _close(self, values: tuple[float, ...]) -> Outcome | None:
        exact = written(self.answer, self.unit)
        if any(rounds_to(v, self.answer, d) for v in values for d in range(2, 9)):
            return Outcome("close", f"Yours is rounded; the value is {exact}. {self.why}")
        if any(abs(v - self.answer) <= self.noise for v in values):
            return Outcome("close", f"Yours is within chance of the exact {exact}. {self.why}")
        return None

    def _not_yet(self, values: tuple[float, ...]) -> Outcome:
        for target, message in self.slips:
            if any(rounds_to(v, target, d) for v in values for d in (2, 3)):
                return Outcome("not yet", message, self.step)
        if any(rounds_to(v, self.answer, 1) for v in values):
            return Outcome("not yet", "One digit is too coarse to tell.", "Give at least two digits.")
        return Outcome("not yet", step=self.step)


@dataclass(frozen=True)
class Choice:
    """A check of a letter; `why` holds the message of every letter, `options` what each letter says.

    >>> Choice("a", {"a": "Yes.", "b": "That is the risk, not the rate."})("b")
    not yet: That is the risk, not the rate.
    """

    right: str
    why: Mapping[str, str]
    options: Mapping[str, str] = field(default_factory=dict)
    step: str = ""

    def __call__(self, answer: Any) -> Outcome:
        chosen = letter(answer) or self._said(answer)
        if chosen not in self.why:
            return Outcome("not yet", "Answer with one of the letters " + ", ".join(self.why) + ".")
        right = chosen == self.right
        return Outcome("right" if right else "not yet", self.why[chosen], "" if right else self.step)

    def _said(self, answer: Any) -> str:
        """Return the letter of the one option that begins with what was typed in words, such as "go on"."""
        typed = " ".join(answer.lower().split()) if isinstance(answer, str) else ""
        found = [
            key for key, text in self.options.items() if len(typed) > 2 and text.lower().startswith(typed)
        ]
        return found[0] if len(found) == 1 else ""

    def form(self) -> str:
        """Say how the answer may be typed.

        >>> Choice("a", {"a": "Yes.", "b": "No."}).form()
        'with one of the letters a, b'
        """
        return "with one of the letters " + ", ".join(self.why)


_PAIR = re.compile(r"""^\s*[("']*([A-Za-z])["']?[\s,;:)]+["']?(\S.*?)["')]*\s*$""")


@dataclass(frozen=True)
class Both:
    """A check of a pair: which flaw (a `Choice`), then its size (a `Near`), also as one text: "b, 7.85%".

    >>> flaw = Choice("b", {"a": "It is not.", "b": "That is it."})
    >>> size = Near(0.05, 0.001, unit="share", why="One in twenty.", step="Count again.")
    >>> Both(flaw, size)(("b", "5%"))
    right: That is it. One in twenty.
    >>> Both(flaw, size)("b")
    not yet: That is it. Next step: Now its size. Answer with a pair: ("b", number).
    """

    first: Choice
    second: Near

    def __call__(self, answer: Any) -> Outcome:
        typed = _PAIR.match(answer) if isinstance(answer, str) else None
        parts = typed.groups() if typed else tuple(answer) if isinstance(answer, (tuple, list)) else (answer,)
        flaw = self.first(parts[0]) if parts else self.first("")
        if not flaw.ok:
            return flaw
        if len(parts) != 2 or parts[1] is None or parts[1] is ...:
            step = f'Now its size. Answer with a pair: ("{self.first.right}", number).'
            return Outcome("not yet", flaw.message, step)
        size = self.second(parts[1])
        return Outcome(size.kind, f"{flaw.message} {size.message}".strip(), size.step)

    def form(self) -> str:
        """Say how the answer may be typed.

        >>> flaw, size = Choice("b", {"a": "No.", "b": "Yes."}), Near(30, 1, "Why.", "Step.", unit="days")
        >>> Both(flaw, size).form()
        'with a pair: the letter, then the number in days; two digits are enough'
        """
        return f"with a pair: the letter, then the number {self.second.form()}"
