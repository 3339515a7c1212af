"""One test with planned looks: visitors of a price page, ten weeks, and what each of them spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abkit import _check
from abkit.datasets.running import rows_in_order

if TYPE_CHECKING:
    import pandas as pd

WEEKS, PER_WEEK, MEAN = 10, 362, 59.0  # the plan of notebook 10; visitors a week in each arm, euros
SEED = 3607  # its gap rises, falls, and then crosses a bound: the test that the notebook follows


def price_page_test(*, lift: float = 2.0, seed: int = SEED) -> pd.DataFrame:
    """Return the visitors of one test of a price page, in the order of the weeks.

    One row a visitor: `visitor`, `week` of the visit (1 to 10), `arm` ("control" or "treatment", 362 each a
    week), `euros` spent (gamma of shape 4, mean 59 in control and 59 + lift in treatment; its standard
    deviation is half of its mean). lift: in euros a visitor, above -59. seed: fixes the draws. Raises
    ValueError for a lift that leaves no spending.

    >>> price_page_test().groupby("arm")["euros"].mean().round(2).to_dict()
    {'control': 58.56, 'treatment': 60.58}
    """
    rng = np.random.default_rng(_check.integer("seed", seed, low=0))
    mean = MEAN + _check.number("lift", lift)
    if mean <= 0:
        raise _check.fail("lift", f"must be above -{MEAN:g}, the mean of control", f"{lift:g}")
    euros = rng.gamma(4.0, 0.25, size=(2, WEEKS, PER_WEEK)) * np.array([MEAN, mean])[:, None, None]
    return rows_in_order(euros.round(2), names=("visitor", "week", "euros"), rng=rng)
