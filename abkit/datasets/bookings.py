"""The table of notebook 00: visitors of a booking page, and how rare a gap is among useless pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abkit import _check
from abkit.numeric.normal import tail

if TYPE_CHECKING:
    import pandas as pd

OLD, NEW = (500, 10_000), (560, 10_100)  # bookings and visitors of the two pages


def booking_visits(*, seed: int = 7) -> pd.DataFrame:
    """Return 20,100 visitors of a booking page, made up: 500 of 10,000 book on the old page, 560 of 10,100 on
    the new.

    One row a visitor, in mixed order: `visitor` (text), `page` ("old" or "new"), `booked` (0 or 1).
    seed: fixes the order; the counts are always the same.

    >>> booking_visits().groupby("page")["booked"].sum().to_dict()
    {'new': 560, 'old': 500}
    """
    import pandas as pd

    rng = np.random.default_rng(_check.integer("seed", seed, low=0))
    page = np.repeat(["old", "new"], (OLD[1], NEW[1]))
    booked = np.concatenate([np.arange(visitors) < bookings for bookings, visitors in (OLD, NEW)])
    order = rng.permutation(len(page))
    names = [f"v{i:05d}" for i in range(1, len(page) + 1)]
    return pd.DataFrame({"visitor": names, "page": page[order], "booked": booked[order].astype(int)})


def rarity(visitors: Any, share: float, gap: float) -> Any:
    """Return how many of 100 useless changes show a gap at least this large, in either direction.

    visitors: on each page, any shape. share: of 100 visitors who do it on the old page. gap: seen, in
    percentage points. Both pages book alike in a useless change, at the mean of the two shares seen. The
    p-value of the pooled test, times 100. Raises ValueError for shares outside 0 to 100.

    >>> [round(float(v), 1) for v in rarity([5_000, 20_000], 5.0, 0.5)]
    [26.2, 2.5]
    """
    base = _check.number("share", share) / 100
    other = base + _check.number("gap", gap) / 100
    if not (0 < base < 1 and 0 < other < 1):
        raise _check.fail("share", "and share + gap must lie between 0 and 100", f"{share} and {share + gap}")
    each, mean = _check.array("visitors", visitors), (base + other) / 2
    if (each < 1).any():
        raise _check.fail("visitors", "must be at least 1 on each page", visitors)
    return 200 * tail(abs(other - base) / np.sqrt(2 * mean * (1 - mean) / each), np.inf)
