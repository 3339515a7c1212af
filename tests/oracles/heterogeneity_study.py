"""How often the intervals of effects that differ cover, in the worlds of `abkit.datasets.people` (n = 2,000).

`python tests/oracles/heterogeneity_study.py --reps 1000` runs the study with boosted nuisances once (about 20
minutes) and stores counts and date in heterogeneity_coverage.json; the tests run the same study with lines as
nuisances, 2,000 times.
"""

from __future__ import annotations

import argparse
import datetime
import json
from pathlib import Path

import numpy as np

from abkit.causal import unequal_effects as ue
from abkit.causal.cross_fitting import CrossFit, cross_fit, fold_numbers, nuisances
from abkit.datasets.unequal_worlds import EFFECTS, people

STORE = Path(__file__).with_name("heterogeneity_coverage.json")
SLOPE = {"linear": 0.5, "step": 1 / np.sqrt(2 * np.pi), "flat": 0.0}  # of the projection on x1: cov(tau, x1)
MEASURED = ("ate", "slope", "intercept", "at1_projection", "at1_effect", "omnibus", "calibration")


def one(shape, model, final, rng, *, confounded=False, n=2_000):
    """One experiment: True where an interval covers its truth or a test rejects, in the order of MEASURED."""
    world = people(shape, n, confounded=confounded, rng=rng)
    seed = int(rng.integers(2**31))
    found = nuisances(world.x, world.y, world.w, model=model, e=None if confounded else 0.5, rng=seed)
    scores = ue.aipw_scores(world.y, world.w, found.mu0, found.mu1, found.e)
    average = ue.aipw(world.y, world.w, found.mu0, found.mu1, found.e)
    line, full = ue.best_linear_projection(scores, world.x[:, 0]), ue.best_linear_projection(scores, world.x)
    fold = fold_numbers(CrossFit(rng=seed), world.w)[0]
    predicted = cross_fit(final, world.x, scores, fold, np.ones(n, bool))
    at1, there = line.at([[1.0]]), 0.5 + SLOPE[shape]
    return (
        average.low <= 0.5 <= average.high,
        line.low[1] <= SLOPE[shape] <= line.high[1],
        line.low[0] <= 0.5 <= line.high[0],
        at1.low[0] <= there <= at1.high[0],
        at1.low[0] <= EFFECTS[shape](np.array([1.0]))[0] <= at1.high[0],
        ue.heterogeneity(full).pvalue < 0.05,
        ue.calibration_slope(scores, predicted).pvalue < 0.05,
    )


def study(shape, model, final, reps, rng, **options):
    """Counts of `reps` experiments: name → how often."""
    counts = np.sum([one(shape, model, final, rng, **options) for _ in range(reps)], axis=0)
    return dict(zip(MEASURED, counts.tolist(), strict=True))


if __name__ == "__main__":
    from sklearn.linear_model import LinearRegression

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=1_000)
    reps = parser.parse_args().reps
    entries = []
    for index, shape in enumerate(EFFECTS):
        rng = np.random.default_rng([2026, index])
        counts = study(shape, None, LinearRegression(), reps, rng)
        entries.append({"topic": "boosted", "world": shape, "n": 2_000, "reps": reps, "counts": counts})
        print(entries[-1], flush=True)
    text = {"date": datetime.date.today().isoformat(), "script": Path(__file__).name, "entries": entries}
    STORE.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
