"""Pearson's chi-square: one sum and one tail for every check of counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtrc


def pearson(observed: Any, expected: Any, df: int) -> tuple[Any, Any]:
    """Return the statistic and its p-value, shape (...,): the cells (..., k) are on the last axis.

    expected: above 0 in every cell. df: of the chi-square law, asymptotic in the expected counts.

    References: Pearson (1900).

    >>> statistic, p = pearson([60, 40], [50, 50], df=1)
    >>> float(statistic), round(float(p), 4)
    (4.0, 0.0455)
    """
    expected = np.asarray(expected, float)
    statistic = (np.square(np.asarray(observed, float) - expected) / expected).sum(-1)
    return statistic, chdtrc(df, statistic)
