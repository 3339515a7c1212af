"""The family-wise error of 2,000 experiments x 20 metrics x 500 users: test statistics drawn at once, against
a loop.
"""

from __future__ import annotations

import time

import numpy as np

EXPERIMENTS, METRICS, USERS = 2_000, 20, 500
CORRELATION = 0.5


def measure(part: int) -> dict[str, float]:
    """Seconds of both, and their rates; the loop runs one experiment in `part`, and its time is scaled."""
    _study(0), _loop(1)  # imports are not measured
    times = []
    for seed in range(5):
        start = time.perf_counter()
        rate = _study(seed)
        times.append(time.perf_counter() - start)
    start = time.perf_counter()
    _loop(EXPERIMENTS // part)
    return {
        "ours": float(np.median(times)),
        "loop": part * (time.perf_counter() - start),
        "part": part,
        "rate": rate,
    }


def _study(seed: int) -> float:
    """Share of experiments with a significant metric, from exact t statistics of the users."""
    from scipy.special import stdtr

    from abkit.datasets.worlds import correlated_metrics

    t = correlated_metrics(METRICS, correlation=CORRELATION, df=USERS - 2)(
        np.random.default_rng(seed), EXPERIMENTS
    )
    return float((2 * stdtr(USERS - 2, -np.abs(t)) <= 0.05).any(-1).mean())


def _loop(experiments: int) -> float:
    """Draw the users of each metric, and test one metric after the other."""
    from scipy.stats import ttest_ind

    rng, wins = np.random.default_rng(0), 0
    for _ in range(experiments):
        shared = rng.normal(size=USERS)
        pvalues = []
        for _ in range(METRICS):
            y = CORRELATION**0.5 * shared + (1 - CORRELATION) ** 0.5 * rng.normal(size=USERS)
            pvalues.append(ttest_ind(y[: USERS // 2], y[USERS // 2 :]).pvalue)
        wins += bool(min(pvalues) <= 0.05)
    return wins / experiments
