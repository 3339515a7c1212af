"""What many tests teach together: how many wins are false, and how much of the claimed sum will come.

A win is a significant effect in the good direction. One test's win is false with a chance that no p-value
shows: it depends on how many of the ideas were good before any test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit._table import Table
from abkit.estimate import Effect


@dataclass(frozen=True, eq=False, repr=False)
class Ledger(Table):
    """Expected counts of `tests` tests, numbers or arrays of one shape.

    wins = true_wins + false_wins; share_false is false_wins / wins. claimed, true: sums over the wins of the
    estimates and of the true effects, in units of the true effect of one good idea; claimed − true is the
    winner's curse of the sum.
    """

    good: Any
    power: Any
    alpha: Any
    tests: int
    true_wins: Any
    false_wins: Any
    wins: Any
    share_false: Any
    claimed: Any
    true: Any


def win_ledger(*, good: Any = 0.1, power: Any = 0.8, alpha: Any = 0.05, tests: int = 100) -> Ledger:
    """Return the expected ledger of many tests: a share of the ideas is good and found with this power, the
    others do exactly nothing.

    good: share of good ideas, strictly between 0 and 1. power: of a test of a good idea. alpha: two-sided, so
    an idea that does nothing wins with chance alpha / 2. Sums are for tests of one standard error, all good
    ideas equally good. Numbers or arrays that broadcast. Raises ValueError for shares outside 0 and 1, or a
    power not above alpha / 2.

    References: Ioannidis (2005), the table of positive findings, with wins in one direction; Lee and Shen
    (2018) for the sum.

    >>> found = win_ledger()
    >>> round(found.wins, 2), round(found.share_false, 3)
    (10.25, 0.22)
    """
    shares = {}
    for name, value in (("good", good), ("power", power), ("alpha", alpha)):
        shares[name] = _check.array(name, value)
        outside = shares[name][(shares[name] <= 0) | (shares[name] >= 1)]
        if outside.size:
            raise _check.fail(name, "must lie strictly between 0 and 1", f"{outside[0]:g}")
    g, found, level = _check.together(**shares)
    if (found <= level / 2).any():
        raise _check.fail(
            "power", "must be above alpha / 2, the wins of an idea that does nothing", f"{found.min():g}"
        )
    tests = _check.integer("tests", tests)
    true, false = tests * g * found, tests * (1 - g) * level / 2
    z = -ndtri(level / 2)
    size = z + ndtri(found)  # the effect of a good idea in standard errors
    curse = tests * (g * _density(z - size) + (1 - g) * _density(z)) / size
    return Ledger(
        good,
        power,
        alpha,
        tests=_check.integer("tests", tests),
        true_wins=true,
        false_wins=false,
        wins=true + false,
        share_false=false / (true + false),
        claimed=true + curse,
        true=true,
    )


@dataclass(frozen=True, eq=False, repr=False)
class ClaimedSum(Table):
    """The sum of the claimed wins and what selection put into it; all in the unit of the effects."""

    tests: int
    wins: int
    claimed: float
    bias: float
    corrected: float


def claimed_sum(effects: Sequence[Effect], *, alpha: float = 0.05, direction: str = "up") -> ClaimedSum:
    """Return the sum of the significant effects in the good direction, and an estimate of its upward bias.

    effects: ALL tests, wins or not, of one metric in one unit. alpha: two-sided, of a win. direction: "up" or
    "down" is good. The expected bias is Σ se·φ(z − effect/se) over ALL tests; here each unknown effect is
    replaced by its estimate. That makes the correction too large for ideas that do nothing (1.8 times) and
    too small near the threshold (.7 times): a mark of the order of size.
    Raises ValueError for anything but Effects, or an se that is not above 0.

    References: Lee and Shen (2018), the bias of a total effect, section 3, and its plug-in estimate.

    >>> found = claimed_sum([Effect.of(x, 1.0) for x in (3.0, 2.5, 0.2, -1.0)])
    >>> found.wins, found.claimed, round(found.corrected, 2)
    (2, 5.5, 4.83)
    """
    effects = _check.several("effects", effects)
    for effect in effects:
        if not isinstance(effect, Effect):
            raise _check.fail("effects", "must be a list of Effects", type(effect).__name__)
    sign = 1 if _check.one_of("direction", direction, ("up", "down")) == "up" else -1
    x = sign * _check.array("effects", [e.estimate for e in effects])
    se = _check.array("effects", [e.se for e in effects])
    if not x.size or x.ndim != 1 or (se <= 0).any():
        raise _check.fail("effects", "must be a list of single effects with standard errors above 0", effects)
    z = -ndtri(_check.share("alpha", alpha) / 2)
    won = x > z * se
    claimed, bias = float(x[won].sum()), float((se * _density(z - x / se)).sum())
    return ClaimedSum(
        len(x), int(won.sum()), sign * claimed, bias=sign * bias, corrected=sign * (claimed - bias)
    )


def _density(z: np.ndarray) -> np.ndarray:
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
