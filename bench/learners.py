"""Effects that differ: the DR-learner on 10,000 users, AIPW on a million rows beside the formula in numpy."""

from __future__ import annotations

import time

import numpy as np


def measure(rows: int) -> dict[str, float]:
    """CPU seconds of one fit, and seconds of `aipw` and of the same formula in numpy on `rows` rows."""
    from abkit.causal.learners import dr_learner
    from abkit.causal.unequal_effects import aipw
    from abkit.datasets import people

    world = people("step", 10_000, rng=0)
    dr_learner(e=0.5, rng=0).fit(world.x[:500], world.y[:500], world.w[:500])  # imports are not measured
    fits = []
    for seed in range(3):
        start = time.process_time()
        dr_learner(e=0.5, rng=seed).fit(world.x, world.y, world.w)
        fits.append(time.process_time() - start)
    rng = np.random.default_rng(0)
    y, mu0, mu1 = rng.normal(size=(3, rows))
    w, e = (rng.random(rows) < 0.5).astype(float), np.full(rows, 0.5)
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(5):
        for name, call in (("ours", aipw), ("theirs", _by_hand)):
            start = time.perf_counter()
            call(y, w, mu0, mu1, e)
            times[name].append(time.perf_counter() - start)
    medians = {name: float(np.median(values)) for name, values in times.items()}
    return {"fit": float(np.median(fits)), "rows": rows, **medians}


def _by_hand(
    y: np.ndarray, w: np.ndarray, mu0: np.ndarray, mu1: np.ndarray, e: np.ndarray
) -> tuple[float, float]:
    scores = mu1 - mu0 + w * (y - mu1) / e - (1 - w) * (y - mu0) / (1 - e)
    return float(scores.mean()), float(scores.std(ddof=1) / np.sqrt(len(scores)))
