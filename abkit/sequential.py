"""Looking early without fooling oneself: group-sequential plans, and what naive peeking costs.

A plan is a `Boundary`: one z value a look. Any metric fits, for a plan needs only estimate and se.
The integration is in `abkit.recursion`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit.recursion import SMALLEST_STEP, crossing


def peeking_error(looks: Any, alpha: float = 0.05) -> float:
    """Return the chance that a plain two-sided test at alpha is significant at one look or more, without any effect.

    Exact for a normal statistic: this is the error of whoever looks repeatedly and stops when p < alpha.
    `looks`: the number of equally spaced looks (1 to 1,000), or increasing information fractions
    (shares of the final n, the last at most 1).

    References: Armitage, McPherson and Rowe (1969), table 2.

    >>> [round(peeking_error(k), 3) for k in (1, 5, 10, 20)]
    [0.05, 0.142, 0.193, 0.248]
    """
    alpha = _check.share("alpha", alpha)
    fraction = _looks(looks)
    z = np.full(len(fraction), -ndtri(alpha / 2))
    up, down = crossing(fraction, -z, z)
    return float(up.sum() + down.sum())


def _looks(looks: Any) -> np.ndarray:
    if np.ndim(looks) > 0:
        return fractions("looks", looks)
    count = _check.integer("looks", looks)
    if count > 1000:
        raise _check.fail("looks", "must be at most 1,000", f"{count:,}")
    return np.arange(1, count + 1) / count


def fractions(name: str, value: Any) -> np.ndarray:
    """Return information fractions: above 0, increasing, at most 1.

    >>> fractions("fraction", [0.5, 1])
    array([0.5, 1. ])
    """
    t = _check.array(name, value)
    if t.ndim != 1 or t.size == 0:
        raise _check.fail(name, "must be a list of information fractions", repr(value))
    if t.size > 1000:
        raise _check.fail(name, "must hold at most 1,000 looks", f"{t.size:,}")
    steps = np.diff(t, prepend=0.0)
    if (steps <= 0).any():
        raise _check.fail(name, "must be above 0 and increase from look to look", _check.shares_text(t))
    if t[-1] > 1 + 1e-12:
        slip = "Divide by the planned final n." if t[-1] > 2 else ""
        raise _check.fail(name, "must not exceed 1", f"{t[-1]:g}", slip)
    if (steps[1:] < SMALLEST_STEP * 0.999).any():
        raise _check.fail(name, f"must grow by at least {SMALLEST_STEP:g} from look to look", f"{steps[1:].min():.2g}")
    return np.minimum(t, 1.0)
