"""A million looks: the mSPRT path of one experiment beside a plain numpy loop over looks."""

from __future__ import annotations

import math
import statistics
import time

import numpy as np

from abkit.estimate import Effect
from abkit.sequential.mixture import msprt

LOOKS = 1_000_000
TAU = 0.1


def by_loop(estimate: np.ndarray, se: np.ndarray) -> float:
    """The p-value after the last look, one look after another in Python."""
    pvalue = 1.0
    for value, error in zip(estimate.tolist(), se.tolist(), strict=True):
        r = (TAU / error) ** 2
        pvalue = min(pvalue, math.exp(-((value / error) ** 2 * r / (1 + r) - math.log1p(r)) / 2))
    return pvalue


def measure(share: int) -> dict[str, float]:
    """Median seconds of `msprt` on a million looks, and of the loop, run on one look in `share` and
    scaled.
    """
    n = np.arange(1, LOOKS + 1)
    estimate, se = np.random.default_rng(0).normal(size=LOOKS).cumsum() / n, 1 / np.sqrt(n)
    effect = Effect("y", estimate, se, np.inf, 0.0, 0.0, 1.0, n_control=n, n_treatment=n)
    msprt(effect, tau=TAU)
    times = []
    for _ in range(7):
        start = time.perf_counter()
        found = msprt(effect, tau=TAU)
        times.append(time.perf_counter() - start)
    part = slice(29, LOOKS // share)
    start = time.perf_counter()
    same = by_loop(estimate[part], se[part])
    loop = (time.perf_counter() - start) * share
    if not math.isclose(same, found.pvalue[LOOKS // share - 1], rel_tol=1e-9):
        raise ArithmeticError("the loop and msprt disagree")
    return {"ours": statistics.median(times), "loop": loop, "share": share}
