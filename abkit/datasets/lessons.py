"""A learning app whose test grew from 10 to 50 per cent with one position for two purposes: its log, and many
such tests.

A learner enters where the position lies below the share; control is the lower half of that range, treatment
the upper half. Y ~ N(60, 10²) minutes a day in the second week, `effect` more under the new plan, `upset`
more (so less, if negative) for learners who lose it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abkit import _check
from abkit.assignment.hashing import BUCKETS, position

if TYPE_CHECKING:
    import pandas as pd

LEARNERS, BEFORE, AFTER = 100_000, 1_000, 5_000  # edges of the range that enters, in buckets
MEAN, SD, EFFECT, UPSET = 60.0, 10.0, 3.0, -5.0  # minutes a day


def lesson_ramp(
    learners: int = LEARNERS,
    *,
    effect: float = EFFECT,
    upset: float = UPSET,
    salt: str = "plan",
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Return the log of the ramp, one row a learner: learner, week1, week2 (arm or "out"), minutes in week 2.

    learners: count. effect, upset: minutes a day; see the module. salt: of the one position. The arms depend
    on the salt alone, the minutes on `rng`.

    >>> lesson_ramp(1_000, rng=7)["week2"].value_counts().to_dict()
    {'out': 511, 'control': 245, 'treatment': 244}
    """
    import pandas as pd

    rng = np.random.default_rng(rng)
    ids = [f"learner-{i}" for i in range(_check.integer("learners", learners))]
    where = position(ids, salt)
    week1, week2 = (_half_and_half(where, edge) for edge in (BEFORE, AFTER))
    lost = (week1 == "treatment") & (week2 == "control")
    minutes = rng.normal(MEAN, SD, learners) + _check.number("effect", effect) * (week2 == "treatment")
    minutes += _check.number("upset", upset) * lost
    return pd.DataFrame({"learner": ids, "week1": week1, "week2": week2, "minutes": minutes.round(1)})


def _half_and_half(where: np.ndarray, edge: int) -> np.ndarray:
    """Return the arm of each position, and "out" from the edge on."""
    return np.where(where >= edge, "out", np.where(2 * where < edge, "control", "treatment")).astype(object)


def lesson_repeats(
    tests: int = 300,
    *,
    effect: float = EFFECT,
    upset: float = UPSET,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Return two readings of many such tests of 100,000 learners, in minutes: "all learners" and "new
    entrants" only.

    Both compare with treatment, which holds new entrants alone; "all learners" has a mixed control.

    tests: count. effect, upset: minutes a day; see the module.

    >>> lesson_repeats(300, rng=7).mean().round(1).to_dict()
    {'all learners': 4.0, 'new entrants': 3.0}
    """
    import pandas as pd

    rng = np.random.default_rng(rng)
    low, high = BEFORE / BUCKETS, AFTER / BUCKETS
    chances = [
        low / 2,
        low / 2,
        high / 2 - low,
        high / 2,
        1 - high,
    ]  # stayed, lost it, new control, treatment
    size = rng.multinomial(LEARNERS, chances, size=_check.integer("tests", tests))[:, :4]
    truth = MEAN + np.array([0.0, _check.number("upset", upset), 0.0, _check.number("effect", effect)])
    means = rng.normal(truth, SD / np.sqrt(size))
    control = (means * size)[:, :3].sum(axis=1) / size[:, :3].sum(axis=1)
    return pd.DataFrame({"all learners": means[:, 3] - control, "new entrants": means[:, 3] - means[:, 2]})
