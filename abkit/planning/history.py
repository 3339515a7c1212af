"""What the past of a unit saves: the share of the variance that adjustment for it leaves."""

from __future__ import annotations

from typing import Any

import numpy as np

from abkit import _check
from abkit._table import plain


def cuped_factor(correlation: Any, *, new: Any = 0.0) -> Any:
    """Return the share of the variance that CUPED leaves: 1 − (1 − new)·correlation².

    correlation: of the metric with its past, of units that have one; from the same length of history as
    the plan. new: the share of units without a past (their gaps filled and marked). Plan with a cautious,
    low correlation: `saving` has a bound.

    Raises ValueError: `correlation` must lie strictly between -1 and 1; `new` must lie from 0 to 1.

    References: Deng, Xu, Kohavi and Walker (2013), WSDM, section 3.

    >>> cuped_factor(0.5), round(cuped_factor(0.5, new=0.4), 3)
    (0.75, 0.85)
    """
    rho, share = _check.together(
        correlation=_check.array("correlation", correlation), new=_check.array("new", new)
    )
    if (np.abs(rho) >= 1).any():
        raise _check.fail("correlation", "must lie strictly between -1 and 1", correlation)
    if (share < 0).any() or (share > 1).any():
        raise _check.fail("new", "must lie from 0 to 1", new)
    return plain(1 - (1 - share) * rho**2)


def history_correlation(week: Any, weeks: Any, *, window: Any = 4) -> Any:
    """Return the correlation of a total over `window` weeks with the total over `weeks` earlier ones.

    week: correlation of any two weeks of one unit, the same for near and far weeks: a unit has a level of
    its own, and each week adds noise. Habits that fade give less for old weeks. More history pays less
    and less: the limit is that of `window`.

    Raises ValueError: `week` must lie from 0 to below 1; `weeks and window` must not be negative, and window
    above 0.

    References: Spearman (1910) and Brown (1910), British Journal of Psychology 3: a mean of m weeks has
    reliability m·week/(1 + (m − 1)·week).

    >>> history_correlation(0.3, [1, 4, 12]).round(3).tolist()
    [0.435, 0.632, 0.727]
    """
    rho, past, test = _check.together(
        week=_check.array("week", week),
        weeks=_check.array("weeks", weeks),
        window=_check.array("window", window),
    )
    if (rho < 0).any() or (rho >= 1).any():
        raise _check.fail("week", "must lie from 0 to below 1", week)
    if (past < 0).any() or (test <= 0).any():
        raise _check.fail(
            "weeks and window", "must not be negative, and window above 0", f"{weeks} and {window}"
        )
    reliability = [m * rho / (1 + (m - 1) * rho) for m in (past, test)]
    return plain(np.where(past > 0, np.sqrt(reliability[0] * reliability[1]), 0.0))


def left_of(factor: Any) -> float:
    """Return the share of the sd that is left where `factor` of the variance is.

    >>> round(left_of(0.51), 4)
    0.7141
    """
    share = _check.positive("factor", factor)
    if share > 1:
        raise _check.fail("factor", "must lie above 0 and at most at 1", f"{share:g}")
    return float(np.sqrt(share))
