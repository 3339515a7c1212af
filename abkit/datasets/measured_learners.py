"""What five learners did in three worlds at three sizes, measured once by tools/make_learner_grid.py."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.datasets.unequal_worlds import EFFECTS, EUROS

if TYPE_CHECKING:
    import pandas as pd

LEARNERS = ("S", "T", "X", "DR", "R")
SIZES = (500, 2_000, 8_000)
NUMBERS = ("error", "error_se", "promised", "promised_se", "kept", "kept_se")


@dataclass(frozen=True, eq=False, repr=False)
class MeasuredLearner(Table):
    """One learner in one world at one size, in euros: means over `draws` data sets, `_se` their error.

    error: root mean squared error of the effects of 2,000 new customers. promised, kept: predicted and true
    mean effect of the fifth of them with the highest predictions. days, truth: (60,) of 60 new customers;
    shown: (3, 60) the effects that three of the fits predict for them.
    """

    learner: str
    world: str
    n: int
    draws: int
    error: float
    error_se: float
    promised: float
    promised_se: float
    kept: float
    kept_se: float
    days: Any
    truth: Any
    shown: Any


def measured_learner(learner: str = "T", world: str = "step", n: int = 2_000) -> MeasuredLearner:
    """Return what was measured for a learner in a world of `people` with n customers.

    learner: "S", "T", "X", "DR" or "R". S and T are boosted trees; X, DR and R use boosted nuisances and a
    straight final stage. Raises ValueError for what was not measured.

    >>> found = measured_learner("DR", "linear", 2_000)
    >>> found.draws, found.shown.shape
    (16, (3, 60))
    """
    _check.one_of("learner", learner, LEARNERS)
    _check.one_of("world", world, tuple(EFFECTS))
    if n not in SIZES:
        raise _check.fail("n", "must be one of " + ", ".join(map(str, SIZES)), n)
    stored = _stored()
    days = np.array(stored["days"])
    for entry in stored["entries"]:
        if (entry["learner"], entry["world"], entry["n"]) == (learner, world, n):
            numbers = {name: entry[name] for name in NUMBERS}
            truth = EUROS * EFFECTS[world]((days - 45) / 10)
            shown = np.array(entry["shown"])
            return MeasuredLearner(
                learner, world, n, draws=stored["draws"], days=days, truth=truth, shown=shown, **numbers
            )
    raise AssertionError("the stored grid is not whole")


def learner_grid() -> pd.DataFrame:
    """Return the whole grid: one row for each world, size and learner, in euros (see `MeasuredLearner`).

    >>> learner_grid().shape[0]
    45
    """
    import pandas as pd

    return pd.DataFrame(_stored()["entries"])[["world", "n", "learner", *NUMBERS]]


@cache
def _stored() -> dict[str, Any]:
    text = resources.files("abkit.datasets").joinpath("learner_grid.json").read_text(encoding="utf-8")
    return json.loads(text)
