"""The error of our straight DR-learner beside econml's LinearDRLearner, on the same draws.

Needs an environment with econml (0.17.0), which the project does not install. Root mean squared error of the
effects of 5,000 new users, n = 2,000, least squares as nuisances, five folds, 60 draws a world; writes
pehe_econml.json.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression

from abkit.causal.learners import dr_learner
from abkit.datasets.unequal_worlds import people

STORE, DRAWS = Path(__file__).with_name("pehe_econml.json"), 60


def econml_effect(world, new):
    """Effects of new users by econml, with the arm's share as propensity."""
    from econml.dr import LinearDRLearner

    model = LinearDRLearner(
        model_regression=LinearRegression(),
        model_propensity=DummyClassifier(strategy="prior"),
        cv=5,
        random_state=0,
    )
    return model.fit(world.y, world.w, X=world.x, inference=None).effect(new.x)


if __name__ == "__main__":
    entries = []
    for index, shape in enumerate(("linear", "step", "flat")):
        rng, errors = np.random.default_rng([2026, index]), []
        for _ in range(DRAWS):
            world, new = people(shape, 2_000, rng=rng), people(shape, 5_000, rng=rng)
            ours = dr_learner(LinearRegression(), e=0.5, rng=0).fit(world.x, world.y, world.w).effect(new.x)
            both = (ours, econml_effect(world, new))
            errors.append([np.sqrt(np.mean((effect - new.effect) ** 2)) for effect in both])
        ours, theirs = np.transpose(errors)
        gap = np.std(ours - theirs, ddof=1) / DRAWS**0.5
        row = {"world": shape, "draws": DRAWS, "abkit": ours.mean(), "econml": theirs.mean()}
        entries.append({**row, "error_of_difference": gap, "error": ours.std(ddof=1) / DRAWS**0.5})
        print(entries[-1], flush=True)
    text = {"date": datetime.date.today().isoformat(), "econml": "0.17.0", "entries": entries}
    STORE.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
