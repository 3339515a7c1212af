"""A peeking study: 1,000 A/A tests, 30 daily looks, 100 users a day and arm, against a loop over the
users.
"""

from __future__ import annotations

import random
import statistics
import time

import numpy as np

TESTS, LOOKS, USERS = 1_000, 30, 100


def measure(share: int) -> dict[str, float]:
    """Seconds for the whole study from sufficient statistics, and for the loop (one in `share` tests,
    scaled).
    """
    _study(0), _loop(1)  # imports are not measured
    rates, times = [], []
    for seed in range(7):
        start = time.perf_counter()
        rates.append(_study(seed))
        times.append(time.perf_counter() - start)
    start = time.perf_counter()
    _loop(TESTS // share)
    loop = share * (time.perf_counter() - start)
    return {"ours": statistics.median(times), "loop": loop, "rate": statistics.mean(rates), "share": share}


def _study(seed: int) -> float:
    import abkit as ab

    control, treatment = ab.datasets.looks_world(LOOKS, USERS)(np.random.default_rng(seed), TESTS)
    return float((ab.z_test(control, treatment).pvalue < 0.05).any(axis=-1).mean())


def _loop(tests: int) -> float:
    """Add the users one by one, and test all users so far at the end of each day."""
    from scipy.stats import ttest_ind

    source = random.Random(0)
    stopped = 0
    for _ in range(tests):
        control: list[float] = []
        treatment: list[float] = []
        significant = False
        for _ in range(LOOKS):
            for _ in range(USERS):
                control.append(source.gauss(0.0, 1.0))
                treatment.append(source.gauss(0.0, 1.0))
            significant |= bool(ttest_ind(control, treatment, equal_var=False).pvalue < 0.05)
        stopped += significant
    return stopped / tests
