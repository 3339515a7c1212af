"""The begin and the end of a notebook: its seed, and which numbers matched their published values."""

from __future__ import annotations

import os
import time
from importlib.metadata import version
from typing import Any

import numpy as np

from abkit import _check
from abkit._table import shown
from abkit.course import plan, progress
from abkit.exercises.asking import forget_hints
from abkit.exercises.cards import Card
from abkit.teach.course_map import so_far
from abkit.teach.memory import Session, session

PINNED = ("numpy", "scipy", "pandas", "matplotlib")


def start(number: str, *, seed: int = 7) -> np.random.Generator:
    """Open notebook `number`, forget earlier guesses and matches, and return its random generator.

    >>> rng = start("00", seed=7)
    Notebook 00: Start here. Seed 7.
    """
    _check.one_of("number", number, list(plan.BY_NUMBER))
    rng = np.random.default_rng(_check.integer("seed", seed, low=0))
    forget_hints()
    session.__dict__.update(Session(number, seed, time.perf_counter()).__dict__)
    print(f"Notebook {number}: {plan.BY_NUMBER[number].title}. Seed {seed}.")
    progress.opened(number)
    if progress.file() and (line := so_far(number)):
        print(line)
    return rng


def match(name: str, value: Any, published: Any, tol: float, *, source: str = "published") -> None:
    """Compare a number with its published value, print both, and count it for `finish`.

    `tol` is absolute: half a unit of the last published digit is a good choice. `source` says where the other
    number comes from if nobody published it, such as "expected" or "exact".

    >>> match("mean", 2.0, 2, 0.5)
    mean: 2, published 2. It matches.
    >>> match("rate", 0.22, 0.222, 0.01, source="in theory")
    rate: 0.22, in theory 0.222. It matches.
    """
    print(_compared(name, value, published, tol, source))


def checked(*rows: tuple[str, Any, Any, float, str]) -> Card:
    """Compare all numbers of a notebook with their published values, in one cell near its end.

    rows: (name, value, published value, absolute tolerance, source) each; every row counts for `finish`.

    >>> checked(("false wins at 30 looks, per cent", 14.02, 14.0, 0.05, "Armitage and others 1969"))
    These numbers were checked.
    false wins at 30 looks, per cent: 14.02, Armitage and others 1969: 14. It matches.
    """
    lines = [
        _compared(name, value, published, tol, f"{source}:") for name, value, published, tol, source in rows
    ]
    return Card("\n".join(["These numbers were checked.", *lines]))


def _compared(name: str, value: Any, published: Any, tol: float, source: str) -> str:
    """Count a comparison and return its line."""
    got, target = float(value), _check.number("published", published)
    same = bool(abs(got - target) <= _check.positive("tol", tol))
    session.matches[name] = same
    return (
        f"{name}: {shown(got)}, {source} {shown(published)}. "
        f"{'It matches.' if same else 'It does NOT match.'}"
    )


def matched() -> tuple[int, int]:
    """Return how many numbers matched, and of how many.

    >>> rng = start("00"); matched()
    Notebook 00: Start here. Seed 7.
    (0, 0)
    """
    return sum(session.matches.values()), len(session.matches)


def finish() -> None:
    """Print the reproducibility card: seed, versions, n of m numbers match (seconds only when live).

    >>> rng = start("00"); match("rate", 0.05, 0.05, 0.001); finish()  # doctest: +ELLIPSIS
    Notebook 00: Start here. Seed 7.
    rate: 0.05, published 0.05. It matches.
    Notebook 00, seed 7.
    Versions: numpy ..., scipy ..., pandas ..., matplotlib ....
    1 of 1 numbers match.
    """
    good, total = matched()
    print(f"Notebook {session.number or '(not started)'}, seed {session.seed}.")
    print("Versions: " + ", ".join(f"{name} {version(name)}" for name in PINNED) + ".")
    if total:
        print(f"{good} of {total} numbers match.")
    if os.environ.get("ABKIT_PROGRESS") == "1":
        print(f"{time.perf_counter() - session.began:.0f} seconds since the start.")
