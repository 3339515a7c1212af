"""Bootstrap intervals for the effects of the T- and X-learner, labelled with the coverage that was measured.

Their coverage depends on the model and on the world, and nothing in the data tells which: nothing in the
package uses them. They are here to be looked at.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from abkit import _check
from abkit.causal.columns import experiment, named_columns
from abkit.causal.learners import Learner
from abkit.estimate import Effect

# Per cent of the true effects of 500 new users that nominal 95 per cent intervals held, default models, n =
# 2,000:
# tests/oracles/bootstrap_coverage.py, errors and date in its JSON. With lines as models T covers 37 in the
# step world.
COVERS: dict[str, dict[str, int]] = {
    "T": {"linear": 96, "step": 96, "flat": 96},
    "X": {"linear": 95, "step": 37, "flat": 93},
}


def bootstrap_interval(
    learner: Learner,
    x: Any,
    y: Any,
    w: Any,
    x_new: Any,
    *,
    reps: int = 100,
    alpha: float = 0.05,
    rng: Any = None,
) -> Effect:
    """Return percentile intervals of the T- or X-learner's effects at `x_new`; `method` says how often they
    covered.

    Users are drawn again with replacement within each arm, and the learner is fitted again. The spread of
    these fits knows nothing of the learner's bias, so the intervals are no statement about the effect of a
    user. For one that is, take the DR-learner's `interval`. There is no standard error and no p-value: nan.

    learner: from `t_learner` or `x_learner`. x (rows, k), y, w (rows,): as for its `fit`. x_new: (new, k).
    reps: bootstrap samples. alpha: the nominal level. rng: seed.

    Raises ValueError for another learner, fewer than 20 samples, and what `fit` refuses.

    References: Künzel and others (2019), PNAS 116, 4156-4165, supplement, on intervals.

    >>> from sklearn.linear_model import LinearRegression
    >>> from abkit.causal.learners import t_learner
    >>> x = np.arange(80.0).reshape(40, 2) % 7; w = np.arange(40) % 2
    >>> found = bootstrap_interval(t_learner(LinearRegression()), x, x[:, 0] * w, w, x[:3], reps=20, rng=0)
    >>> found.method
    'bootstrap, T-learner: coverage of this model was not measured'
    """
    if not isinstance(learner, Learner) or learner.kind not in COVERS:
        got = getattr(learner, "kind", type(learner).__name__)
        raise _check.fail("learner", "must be a T- or X-learner", got)
    _, columns, y, w = experiment(x, y, w)
    rows, rng = named_columns(x_new)[1], np.random.default_rng(rng)
    arms = [np.flatnonzero(w == arm) for arm in (0, 1)]
    drawn = []
    for _ in range(_check.integer("reps", reps, low=20)):
        again = np.concatenate([rng.choice(arm, len(arm)) for arm in arms])
        drawn.append(learner.fit(columns[again], y[again], w[again]).effect(rows))
    tail = _check.share("alpha", alpha) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    nan = np.full(len(rows), np.nan)
    return Effect(
        "effect",
        learner.fit(columns, y, w).effect(rows),
        nan,
        df=nan,
        low=low,
        high=high,
        pvalue=nan,
        alpha=alpha,
        method=_label(learner),
    )


def _label(learner: Learner) -> str:
    start = f"bootstrap, {learner.kind}-learner: "
    own = [v for v in (learner.model, learner.final) if v is not None]
    if own or not COVERS[learner.kind]:
        return start + "coverage of this model was not measured"
    rates = ", ".join(f"{rate} per cent in world {world}" for world, rate in COVERS[learner.kind].items())
    return f"{start}nominal 95 covers {rates} at n = 2,000"
