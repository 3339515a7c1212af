"""Twenty thousand simulated experiments: `calibrate` against a loop over scipy's Welch test."""

from __future__ import annotations

import time

import numpy as np

ROWS = 200  # in each arm, so 400 an experiment


def measure(reps: int) -> dict[str, float]:
    """Seconds for `reps` experiments: rows drawn, sufficient statistics, and the loop (a tenth, times
    ten).
    """
    from abkit.datasets.worlds import normal_moments
    from abkit.inference.means import welch
    from abkit.simulate import calibrate

    calibrate(_rows, welch, reps=100, rng=0)
    return {
        "reps": reps,
        "rows": _seconds(lambda: calibrate(_rows, welch, reps=reps, rng=0)),
        "statistics": _seconds(lambda: calibrate(normal_moments(ROWS), welch, reps=reps, rng=0)),
        "loop": 10 * _seconds(lambda: _loop(reps // 10)),
    }


def _rows(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(size, ROWS)), rng.normal(size=(size, ROWS))


def _loop(reps: int) -> float:
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(0)
    return float(
        np.mean(
            [
                ttest_ind(rng.normal(size=ROWS), rng.normal(size=ROWS), equal_var=False).pvalue < 0.05
                for _ in range(reps)
            ]
        )
    )


def _seconds(function) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return float(np.median(times))
