"""How often nominal 95 per cent bootstrap intervals of the T- and X-learner hold the true effect (n = 2,000).

`python tests/oracles/bootstrap_coverage.py` takes about 6 minutes and writes bootstrap_coverage.json: the
mean share of 500 new users whose effect is inside, over `fits` data sets, with its Monte-Carlo error.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np

from abkit.causal.bootstrapping import bootstrap_interval
from abkit.causal.learners import t_learner, x_learner
from abkit.datasets.unequal_worlds import EFFECTS, people

STORE = Path(__file__).with_name("bootstrap_coverage.json")
FITS = {"T": (t_learner(rng=0), 32), "X": (x_learner(e=0.5, folds=2, rng=0), 16)}

if __name__ == "__main__":
    entries = []
    for kind, (learner, fits) in FITS.items():
        for index, shape in enumerate(EFFECTS):
            rng, shares = np.random.default_rng([2026, index]), []
            for _ in range(fits):
                world, new = people(shape, 2_000, rng=rng), people(shape, 500, rng=rng)
                found = bootstrap_interval(learner, world.x, world.y, world.w, new.x, reps=60, rng=rng)
                shares.append(np.mean((found.low <= new.effect) & (new.effect <= found.high)))
            error = np.std(shares, ddof=1) / fits**0.5
            entries.append(
                {"kind": kind, "world": shape, "fits": fits, "covers": np.mean(shares), "error": error}
            )
            print(entries[-1], flush=True)
    text = {"date": datetime.date.today().isoformat(), "script": Path(__file__).name, "entries": entries}
    STORE.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
