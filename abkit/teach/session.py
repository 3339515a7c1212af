"""The memory of one notebook: its seed, the reader's guesses, and which published numbers matched."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np

from abkit import _check
from abkit._table import shown

TITLES = (
    "Start here",
    "One experiment, end to end",
    "Assignment",
    "Sample-ratio mismatch",
    "Effects and uncertainty",
    "Sample size",
    "Analysis pipeline and decision",
    "Peeking",
    "Multiple testing",
    "Pitfalls",
    "Group-sequential tests",
    "mSPRT and confidence sequences",
    "Guardrails and monitoring",
    "CUPED",
    "Stratification and regression adjustment",
    "SUTVA",
    "Cluster, two-stage and switchback designs",
    "Bayesian A/B tests",
    "Bandits",
    "Interleaving",
    "Effects that differ between users",
    "Contextual bandits",
    "No randomization I: DAGs",
    "No randomization II: matching and weighting",
    "No randomization III: differences in differences",
    "Registry",
    "Capstone",
)
PINNED = ("numpy", "scipy", "pandas", "matplotlib")


@dataclass
class Session:
    """What the kernel remembers since `start`."""

    number: str = ""
    seed: int | None = None
    began: float = 0.0
    guesses: dict[str, float] = field(default_factory=dict)
    matches: dict[str, bool] = field(default_factory=dict)


_session = Session()


def start(number: str, *, seed: int = 7) -> np.random.Generator:
    """Open notebook `number`, forget earlier guesses and matches, and return its random generator.

    >>> rng = start("00", seed=7)
    Notebook 00: Start here. Seed 7.
    """
    _check.one_of("number", number, [f"{i:02d}" for i in range(len(TITLES))])
    rng = np.random.default_rng(_check.integer("seed", seed, low=0))
    _session.__dict__.update(Session(number, seed, time.perf_counter()).__dict__)
    print(f"Notebook {number}: {TITLES[int(number)]}. Seed {seed}.")
    return rng


def predict(key: str, guess: Any = None, *, low: float | None = None, high: float | None = None) -> None:
    """Store your guess before you see the number; `low` and `high` bound what makes sense.

    >>> predict("00.p1", 5, low=0, high=100)
    Your guess for 00.p1: 5.
    """
    if guess is None:
        _session.guesses.pop(key, None)
        print(f"No guess for {key} yet.")
        return
    value = _check.number("guess", guess)
    if (low is not None and value < low) or (high is not None and value > high):
        limits = " and ".join(
            f"{word} {v:g}" for word, v in (("at least", low), ("at most", high)) if v is not None
        )
        raise _check.fail("guess", f"must be {limits}", f"{value:g}")
    _session.guesses[key] = value
    print(f"Your guess for {key}: {value:g}.")


def predicted(key: str) -> float | None:
    """Return the stored guess, or None if there is none.

    >>> predicted("00.p9") is None
    True
    """
    return _session.guesses.get(key)


def match(name: str, value: Any, published: Any, tol: float, *, source: str = "published") -> None:
    """Compare a number with its published value, print both, and count it for `finish`.

    `tol` is absolute: half a unit of the last published digit is a good choice. `source` says where the other
    number comes from if nobody published it, such as "expected" or "exact".

    >>> match("mean", 2.0, 2, 0.5)
    mean: 2, published 2. It matches.
    >>> match("rate", 0.22, 0.222, 0.01, source="in theory")
    rate: 0.22, in theory 0.222. It matches.
    """
    got, target = float(value), _check.number("published", published)
    same = bool(abs(got - target) <= _check.positive("tol", tol))
    _session.matches[name] = same
    print(
        f"{name}: {shown(got)}, {source} {shown(published)}. {'It matches.' if same else 'It does NOT match.'}"
    )


def matched() -> tuple[int, int]:
    """Return how many numbers matched, and of how many.

    >>> rng = start("00"); matched()
    Notebook 00: Start here. Seed 7.
    (0, 0)
    """
    return sum(_session.matches.values()), len(_session.matches)


def finish() -> None:
    """Print the reproducibility card: seed, package versions, n of m numbers match (seconds only when live)."""
    good, total = matched()
    print(f"Notebook {_session.number or '(not started)'}, seed {_session.seed}.")
    print("Versions: " + ", ".join(f"{name} {version(name)}" for name in PINNED) + ".")
    if total:
        print(f"{good} of {total} numbers match.")
    if os.environ.get("ABKIT_PROGRESS") == "1":
        print(f"{time.perf_counter() - _session.began:.0f} seconds since the start.")
