"""One test without a last day: visitors of a booking site, sixty days, and who booked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abkit import _check

if TYPE_CHECKING:
    import pandas as pd

DAYS, PER_DAY, RATE = (
    60,
    500,
    0.10,
)  # days that the table holds, visitors a day in each arm, bookings of control
SEED = 1938  # zero is left on day 10, one point on day 43: the test that notebook 11 follows


def booking_form_test(*, lift: float = 2.0, seed: int = SEED) -> pd.DataFrame:
    """Return the visitors of one test of a booking form, in the order of the days.

    One row a visitor: `visitor`, `day` of the visit (1 to 60), `arm` ("control" or "treatment", 500 each a
    day), `booked` (0 or 1; 10 per cent in control, 10 + lift in treatment). lift: in percentage points, from
    -10 to 90. seed: fixes the draws. Raises ValueError for a lift that leaves no rate.

    >>> booking_form_test().groupby("arm")["booked"].mean().round(3).to_dict()
    {'control': 0.101, 'treatment': 0.121}
    """
    import pandas as pd

    rng = np.random.default_rng(_check.integer("seed", seed, low=0))
    rate = RATE + _check.number("lift", lift) / 100
    if not 0 <= rate <= 1:
        raise _check.fail("lift", "must lie between -10 and 90 percentage points", f"{lift:g}")
    arm = np.concatenate([rng.permutation(np.repeat([0, 1], PER_DAY)) for _ in range(DAYS)])
    booked = rng.random(len(arm)) < np.where(arm == 1, rate, RATE)
    return pd.DataFrame(
        {
            "visitor": np.arange(1, len(arm) + 1),
            "day": np.repeat(np.arange(1, DAYS + 1), 2 * PER_DAY),
            "arm": np.where(arm == 1, "treatment", "control"),
            "booked": booked.astype(int),
        }
    )
