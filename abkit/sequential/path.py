"""Effects by look become a path: intervals that are read at every look, with the same rules for every
method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from abkit import _check
from abkit.estimate import Effect, Path, by_look

NOISE = (
    5.0  # falls of the information beyond this many standard errors of a normal sample variance are refused
)


def finish(
    n: Any, estimate: Any, se: Any, low: Any, high: Any, pvalue: Any, alpha: float, intersect: bool
) -> Path:
    """Number the looks, intersect the intervals if asked, and mark where p falls below alpha.

    >>> n, estimate, se, low, high, p = np.array([[9], [1.0], [0.1], [0.5], [1.5], [0.01]])
    >>> finish(n, estimate, se, low, high, p, 0.05, False).crossed
    array([ True])
    """
    if intersect:
        low, high = np.maximum.accumulate(low, -1), np.minimum.accumulate(high, -1)
        empty = low > high
        low, high = np.where(empty, np.nan, low), np.where(empty, np.nan, high)
    look = np.broadcast_to(np.arange(1, estimate.shape[-1] + 1), estimate.shape)
    return Path(look, n, estimate, se=se, low=low, high=high, pvalue=pvalue, crossed=pvalue < alpha)


@dataclass(frozen=True, eq=False)
class _Looks:
    estimate: np.ndarray
    se: np.ndarray
    n: Any
    smaller: Any
    readable: Any  # looks after the burn-in; None when all are
    alpha: float


def path_of(looks: _Looks, r: np.ndarray, alpha: float, intersect: bool) -> Path:
    """Return the path of the normal mixture: r = tau²/se² at each look, shape (..., looks).

    The likelihood ratio, mixed over effects N(0, tau²), is Λ = √(1/(1 + r)) · exp(z²/2 · r/(1 + r)) (Robbins
    1970, section 3). Its p-value is the smallest 1/Λ so far, at most 1. The interval holds the effects whose
    own Λ stays below 1/alpha: se · √((log(1 + r) − 2·log alpha) · (1 + r)/r) on both sides.

    >>> looks = read_looks([Effect.of(0.3, 0.2), Effect.of(0.2, 0.1)], 0)
    >>> path_of(looks, 1 / looks.se**2, 0.05, False).low.round(3)
    array([-0.32 , -0.127])
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        shrink, log_growth = r / (1 + r), np.log1p(r)
        twice_log = np.square(looks.estimate / looks.se)  # in place from here: a million looks are common
        twice_log *= shrink
        twice_log -= log_growth
        pvalue = np.exp(np.maximum(twice_log, 0) / -2)
        half = looks.se * np.sqrt((log_growth - 2 * np.log(alpha)) / shrink)
    if looks.readable is not None:
        half, pvalue = np.where(looks.readable, half, np.inf), np.where(looks.readable, pvalue, 1.0)
    pvalue = np.minimum.accumulate(pvalue, -1)
    n = np.nan if looks.n is None else looks.n
    low, high = looks.estimate - half, looks.estimate + half
    return finish(n, looks.estimate, looks.se, low, high, pvalue, alpha, intersect)


def read_looks(effects: Effect | Sequence[Effect], burn_in: int) -> _Looks:
    """Return estimate and se at each look, shape (..., looks), and which looks lie after the burn-in.

    effects: cumulative, two-sided, of one alpha. burn_in: units of the smaller arm before the first look that
    is read; 0 reads all. Raises ValueError where a look has no variance, loses units or loses information.

    >>> read_looks([Effect.of(0.3, 0.2), Effect.of(0.2, 0.1)], 0).se
    array([0.2, 0.1])
    """
    burn_in = _check.integer("burn_in", burn_in, low=0)
    estimate, se, *arms = by_look(effects)
    sizes = [size for size in arms if not np.isnan(size).any()]
    n = smaller = readable = None
    if sizes:
        n, smaller = sum(sizes[1:], sizes[0]), np.minimum(sizes[0], sizes[-1])
        require_growth(sizes)
    if burn_in:
        if smaller is None:
            raise _check.fail(
                "effects_by_look",
                "must carry n_control and n_treatment for a burn-in",
                "neither",
                "With a known variance set `burn_in=0`.",
            )
        readable = np.broadcast_to(smaller >= burn_in, estimate.shape)
        if not readable.any():
            raise _check.fail(
                "burn_in",
                "must be reached by the smaller arm at some look",
                f"{burn_in}, with at most {int(smaller.max())} units",
                "Collect more data before you look.",
            )
        readable = None if readable.all() else readable
    return _Looks(estimate, usable(estimate, se, smaller, readable), n, smaller, readable, _alpha(effects))


def _alpha(effects: Effect | Sequence[Effect]) -> float:
    several = [effects] if isinstance(effects, Effect) else effects
    for effect in several:
        if effect.alternative != "two-sided" or effect.alpha != several[0].alpha:
            raise _check.fail(
                "effects_by_look",
                "must all be two-sided with one alpha",
                f"{effect.alternative}, {effect.alpha:g}",
            )
    return _check.share("alpha", several[0].alpha)


def require_growth(sizes: Sequence[np.ndarray]) -> None:
    """Refuse units that become fewer from look to look, the last axis; an unknown n is nan.

    >>> require_growth([np.array([100, 200])])
    """
    if any((size[..., 1:] < size[..., :-1]).any() for size in sizes):
        raise _check.fail(
            "effects_by_look", "must hold cumulative data: n never falls from look to look", "a smaller n"
        )


def usable(estimate: np.ndarray, se: np.ndarray, smaller: Any = None, readable: Any = None) -> np.ndarray:
    """Refuse looks without a finite estimate and a variance, and falling information; nan in place of their
    se in a batch.

    Looks on the last axis. smaller: units in the smaller arm, for the noise of an estimated variance.
    readable: the looks that are read; all by default.

    >>> usable(np.array([0.3, 0.2]), np.array([0.2, 0.1])).tolist()
    [0.2, 0.1]
    """
    bad = ~((se > 0) & np.isfinite(se) & np.isfinite(estimate))
    if readable is not None:
        bad &= readable
    if bad.any() and se.ndim == 1:
        raise _check.fail(
            "effects_by_look",
            "must have a finite estimate and a standard error above 0 at every look",
            f"{estimate[bad][0]:g} with {se[bad][0]:g}",
            "Leave out the looks without variation; a longer burn-in does.",
        )
    se = np.where(bad, np.nan, se) if bad.any() else se
    falls = _falls(se if readable is None else np.where(readable, se, np.inf), smaller)
    if falls is None:
        return se
    if readable is not None:
        falls &= readable
    if falls.any() and se.ndim == 1:
        look = int(np.argmax(falls)) + 1
        raise _check.fail(
            "effects_by_look",
            "must gain information (1/se²) from look to look",
            f"a fall at look {look}",
            "This happens when a heavy-tailed metric grows with each user's time in the test: its variance"
            " rises faster than n. Cap the metric at a value fixed beforehand, or use a fixed window per"
            " user. For rates with few events read the first look later.",
        )
    return np.where(falls.any(-1, keepdims=True), np.nan, se)


def _falls(se: np.ndarray, smaller: Any) -> np.ndarray | None:
    """Looks with less information than an earlier one, by more than chance explains; None where none has, as
    is usual.
    """
    if not (se[..., 1:] > se[..., :-1] * (1 + 1e-9)).any():
        return None
    least = np.minimum.accumulate(se, -1)
    if smaller is None:
        return se > least * (1 + 1e-9)
    # an estimated variance wobbles: its relative standard error is sqrt(2 / n) for normal data
    noise = np.nan_to_num(NOISE * np.sqrt(2 / np.maximum(smaller, 1)))
    with np.errstate(invalid="ignore"):
        return (se > least * (1 + 1e-9)) & (np.square(least / se) < 1 - noise)
