"""Betting: intervals for the mean of bounded observations at every look, with no normal approximation.

A gambler bets against each candidate mean m. Under the true mean the capital is a martingale, so it
reaches 1/alpha with probability at most alpha; the interval keeps every m that made nobody rich.
This needs rows in their order, not an `Effect`: the bet at look n uses the rows before n.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from abkit import _check
from abkit.estimate import Path
from abkit.sequential.path import finish

GRID = np.linspace(0, 1, 1_001)  # candidate means; bounds are rounded outwards to it
BLOCK = 512  # rows a block


def betting_sequence(
    y: Any,
    *,
    alpha: float,
    bounds: tuple[float, float],
    null: float | None = None,
    intersect: bool = False,
) -> Path:
    """Return always-valid intervals for the mean of ONE sample of bounded rows, one look a row.

    Valid at any n for any distribution within the bounds. The bounds must be known beforehand: the
    smallest and largest value seen are not bounds. Rows must come in the order of arrival.

    y: shape (rows,), one value a unit. bounds: (lowest, highest possible value). `low`, `high` are
    rounded outwards by at most 1/1000 of the range. With `null`, `pvalue` tests that mean; without,
    pvalue is nan and crossed is False. se is the running standard error, for reading only.

    intersect: every interval is cut with those before it.
    Raises ValueError: `null` must lie within the bounds.

    References: Waudby-Smith and Ramdas (2024), JRSS B 86, theorem 3 and eq. 26 (hedged capital).

    >>> path = betting_sequence([0.5] * 12, alpha=0.05, bounds=(0, 1))
    >>> path.low[-1].round(2).item(), path.high[-1].round(2).item()
    (0.29, 0.71)
    """
    _check.flag("intersect", intersect)
    alpha = _check.share("alpha", alpha)
    x, bottom, width = _scaled(y, bounds)
    bet = bets(x, alpha=alpha)
    low, high = _bounds(x, bet, -np.log(alpha / 2))
    n = np.arange(1, x.size + 1)
    mean = np.cumsum(x) / n
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(np.maximum(np.cumsum(x * x) / n - mean**2, 0) / (n - 1.0))
    pvalue = np.full(x.size, np.nan)
    if null is not None:
        m = (_check.number("null", null) - bottom) / width
        if not 0 <= m <= 1:
            raise _check.fail("null", "must lie within the bounds", f"{null:g}")
        pvalue = np.minimum.accumulate(np.minimum(1.0, np.exp(-_log_hedged(x, bet, m))))
    return finish(
        n,
        bottom + width * mean,
        width * se,
        bottom + width * low,
        bottom + width * high,
        pvalue,
        alpha,
        intersect,
    )


def bets(x: Any, *, alpha: float) -> np.ndarray:
    """Return the predictable plug-in bets for rows in [0, 1]: bet n knows rows 1 to n − 1 only.

    References: Waudby-Smith and Ramdas (2024), eq. 26.

    >>> bets([0.0, 1.0], alpha=0.05).round(3).tolist()
    [6.525, 4.636]
    """
    x = np.asarray(x, float)
    n = np.arange(1, x.size + 1)
    mean = (0.5 + np.cumsum(x)) / (n + 1)
    variance = (0.25 + np.cumsum(np.square(x - mean))) / (n + 1)
    before = np.concatenate([[0.25], variance[:-1]])
    return np.sqrt(2 * np.log(2 / alpha) / (before * n * np.log1p(n)))


def hedged_capital(x: Any, m: float, *, alpha: float) -> np.ndarray:
    """Return the capital of the two gamblers against mean m after each row in [0, 1]: half the richer one's.

    >>> hedged_capital([1.0, 1.0, 1.0], 0.5, alpha=0.05).tolist()
    [0.75, 1.125, 1.6875]
    """
    x = np.asarray(x, float)
    return np.exp(_log_hedged(x, bets(x, alpha=alpha), m))


def _log_hedged(x: np.ndarray, bet: np.ndarray, m: float) -> np.ndarray:
    up, down = _steps(x, bet, np.array([m]))
    return np.maximum(up.cumsum(0), down.cumsum(0))[:, 0] - np.log(2)


def _steps(x: np.ndarray, bet: np.ndarray, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log growth, shape (rows, candidates), of the gamblers who bet that the mean is above m and below m."""
    with np.errstate(divide="ignore"):
        most_up, most_down = 0.5 / m, 0.5 / (1 - m)
    gap = x[:, None] - m
    return np.log1p(np.minimum(bet[:, None], most_up) * gap), np.log1p(
        -np.minimum(bet[:, None], most_down) * gap
    )


def _bounds(x: np.ndarray, bet: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Interval at each row. The first gambler's capital falls with m and the second's rises, so counting is
    enough.
    """
    up, down = np.zeros(GRID.size), np.zeros(GRID.size)
    low, high = np.empty(x.size), np.empty(x.size)
    last = GRID.size - 1
    for start in range(0, x.size, BLOCK):
        rows = slice(start, start + BLOCK)
        grow_up, grow_down = _steps(x[rows], bet[rows], GRID)
        up, down = up + grow_up.cumsum(0), down + grow_down.cumsum(0)
        low[rows] = GRID[np.maximum((up >= level).sum(-1) - 1, 0)]
        high[rows] = GRID[np.minimum(last - (down >= level).sum(-1) + 1, last)]
        up, down = up[-1], down[-1]
    return low, high


def _scaled(y: Any, bounds: tuple[float, float]) -> tuple[np.ndarray, float, float]:
    y = _check.array("y", y)
    if y.ndim != 1 or y.size == 0:
        raise _check.fail("y", "must be one row of values, at least one", f"shape {y.shape}")
    pair = _check.several("bounds", bounds, "must be a pair (lowest, highest)")
    if len(pair) != 2:
        raise _check.fail("bounds", "must be a pair (lowest, highest)", _check.short(bounds))
    bottom, top = (_check.number("bounds", b) for b in pair)
    if not bottom < top:
        raise _check.fail("bounds", "must be (lowest, highest), the lowest first", bounds)
    if y.min() < bottom or y.max() > top:
        raise _check.fail(
            "y",
            f"must lie within the bounds {bottom:g} to {top:g}",
            f"{y.min():g} to {y.max():g}",
            "Cap the metric at a value fixed beforehand.",
        )
    return (y - bottom) / (top - bottom), bottom, top - bottom
