"""Always-valid inference: p-values and intervals that hold at every look, for any number of looks.

With V = se², z = estimate / se and a mixing weight r, the normal mixture is
log Λ = z² r / (2 (1 + r)) − log(1 + r) / 2, and P(Λ ≥ 1/alpha at any look) ≤ alpha (Ville).
`msprt` sets r = tau² / V; `confidence_sequence` sets r = n rho². The proof wants a known variance.
An estimated one is asymptotic, so the first looks are not read (`burn_in`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.special import betaln, lambertw, log_ndtr

from abkit import _check
from abkit.estimate import Effect, Path
from abkit.numeric.roots import bisect
from abkit.sequential.path import finish, path_of, read_looks


def msprt(
    effects_by_look: Effect | Sequence[Effect], *, tau: float, burn_in: int = 30, intersect: bool = False
) -> Path:
    """Test an effect of 0 at every look with the mixture sequential probability ratio test.

    Assumes a normal estimate with known variance; an estimated one makes it approximate. Without a
    burn-in, normal data read from n = 2 to 500 reject 11 to 23 per cent of true nulls of ONE mean (tau .1 to
    3 sd) and 3 to 15 of the difference of two equal arms; with the burn-in 1 to 4 and 1 to 3 per cent
    (exponential data, 2,000 single looks: up to 8 for one mean, up to 4 for the difference). Thirty units are
    not enough for rates: wait for some tens of EVENTS in the smaller arm, or use `bernoulli_sequence`. Choose
    tau before the data: a tau fitted to them breaks the guarantee.

    effects_by_look: an `Effect` with fields (..., looks), CUMULATIVE data at each look, or a list of
    scalar effects; alpha is theirs. tau: standard deviation of the mixing normal, in the effect's own units.
    burn_in: units needed in the SMALLER arm; earlier looks have p = 1 and an infinite interval. 0 is for
    a known variance. `pvalue` is the running minimum, `crossed` says pvalue < alpha. `low`, `high` belong
    to each look alone; with `intersect=True` they are the running intersection (nan once it is empty),
    the exact dual of `pvalue`.

    Raises ValueError for an estimate that is not finite, zero variance, no look after the burn-in, or
    information (1/se²) that falls from look to look: at all when no n is given (a known variance), else by
    more than a share 5√(2/n) of its maximum, more than an estimated variance wobbles by chance. A batch gives
    nan for the paths concerned.

    References: Robbins (1970); Johari, Koomen, Pekelis and Walsh (2022), Operations Research 70, eq. 8.

    >>> e = Effect.of([0.5, 0.4], [0.2, 0.1],
    ...            n_control=np.array([50, 200]), n_treatment=np.array([50, 200]))
    >>> msprt(e, tau=0.2).pvalue.round(4).tolist()
    [0.2964, 0.0037]
    """
    _check.flag("intersect", intersect)
    tau = _check.positive("tau", tau)
    looks = read_looks(effects_by_look, burn_in)
    with np.errstate(divide="ignore", invalid="ignore"):
        return path_of(looks, np.square(tau / looks.se), looks.alpha, intersect)


def confidence_sequence(
    effects_by_look: Effect | Sequence[Effect],
    *,
    alpha: float,
    rho: float | None = None,
    n_opt: float | None = None,
    intersect: bool = False,
    burn_in: int = 0,
) -> Path:
    """Return intervals that cover the effect at all looks at once, tightest near `n_opt` units.

    The normal mixture of Robbins; with an estimated variance it is the asymptotic confidence sequence,
    so start to read at 30 or more units in the smaller arm (`burn_in`; a warning says when you don't).
    Usual misuse: taking the width at one look for a fixed-sample interval. It is wider, and that pays for
    looking.

    effects_by_look: as `msprt` takes them; n counts both arms together. Give `n_opt`, the total n at
    which the interval shall be tightest, or `rho` itself (per unit; see `asymptotic_rho`), never both.

    intersect: every interval is cut with those before it.
    Raises ValueError: `rho` or `n_opt` must be given, one of the two; `effects_by_look` must carry n_control
    or n_treatment.

    References: Robbins (1970); Howard and others (2021), Annals of Statistics 49, eq. 14;
    Waudby-Smith and others (2024), Annals of Statistics 52, theorem 2.2.

    >>> e = Effect.of([0.5, 0.4], [0.2, 0.1],
    ...            n_control=np.array([50, 200]), n_treatment=np.array([50, 200]))
    >>> confidence_sequence(e, alpha=0.05, n_opt=400).low.round(3).tolist()
    [-0.15, 0.096]
    """
    _check.flag("intersect", intersect)
    alpha = _check.share("alpha", alpha)
    if (rho is None) == (n_opt is None):
        raise _check.fail(
            "rho", "or `n_opt` must be given, one of the two", "none" if rho is None else "both"
        )
    looks = read_looks(effects_by_look, burn_in)
    if looks.n is None:
        raise _check.fail("effects_by_look", "must carry n_control or n_treatment", "neither")
    if not burn_in and np.nanmin(looks.smaller) < 30:
        warnings.warn(
            "the first looks have fewer than 30 units in the smaller arm, where the asymptotic interval "
            "is too short; set `burn_in=30` or more",
            stacklevel=2,
        )
    rho = _check.positive("rho", rho) if n_opt is None else asymptotic_rho(n_opt, alpha=alpha)
    return path_of(looks, looks.n * rho**2, alpha, intersect)


def asymptotic_rho(n_opt: float, *, alpha: float) -> float:
    """Return the rho that makes the normal-mixture interval tightest at n_opt units.

    References: Waudby-Smith and others (2024), appendix on tuning; Howard and others (2021), eq. 15.

    >>> round(asymptotic_rho(100, alpha=0.05), 4)
    0.2866
    """
    n_opt, alpha = _check.positive("n_opt", n_opt), _check.share("alpha", alpha)
    return float(np.sqrt((-lambertw(-(alpha**2) / np.e, -1).real - 1) / n_opt))


def normal_mixture_rho(v_opt: float, *, alpha: float, sides: int = 2) -> float:
    """Return Howard's rho, in units of variance, for a boundary near its tightest at intrinsic time v_opt.

    The closed approximation, not the optimum; `asymptotic_rho` is the exact one, per unit.

    sides: 1 or 2.
    Raises ValueError: `alpha` must lie below 0.5 for one side.

    References: Howard and others (2021), section 3.5.

    >>> round(normal_mixture_rho(100, alpha=0.05), 4)
    12.6006
    """
    v_opt, alpha = _check.positive("v_opt", v_opt), _check.share("alpha", alpha)
    log_term = -2 * np.log(alpha if _check.sides(sides) == 2 else 2 * alpha)
    if log_term <= 0:
        raise _check.fail("alpha", "must lie below 0.5 for one side", f"{alpha:g}")
    return float(v_opt / (log_term + np.log1p(log_term)))


def normal_mixture_bound(v: Any, *, rho: float, alpha: float, sides: int = 2) -> Any:
    """Return the bound on a sum at intrinsic time v (its variance) that is crossed at any time with
    probability at most alpha.

    v: variance of the sum so far, shape (...,); divide the bound by n for the half-width of a mean.

    References: Howard and others (2021), propositions 4 and 5 (one side, two sides).

    >>> round(float(normal_mixture_bound(100, rho=12.6, alpha=0.05)), 2)
    30.35
    """
    v, rho, alpha = _variance(v), _check.positive("rho", rho), _check.share("alpha", alpha)
    two_sided = np.sqrt((v + rho) * (np.log1p(v / rho) - 2 * np.log(alpha)))
    if _check.sides(sides) == 2:
        return two_sided

    def log_mixture(s: np.ndarray) -> np.ndarray:
        return np.log(4 * rho / (v + rho)) / 2 + s * s / (2 * (v + rho)) + log_ndtr(s / np.sqrt(v + rho))

    return _first_above(log_mixture, -np.log(alpha), np.zeros(v.shape), two_sided)


def beta_binomial_bound(v: Any, *, rho: float, alpha: float, low: float, high: float) -> Any:
    """Return the two-sided mixture bound on a sum of steps that lie between −low and high around their mean.

    v: intrinsic time, low × high × n for 0/1 data (p(1 − p)n), shape (...,). Where the largest possible
    sum doesn't reach the bound, that sum v / low is returned. Exact where the normal mixture is only
    approximate.

    Raises ValueError: `low and high` must not be extreme.

    References: Howard and others (2021), proposition 7.

    >>> round(float(beta_binomial_bound(100, rho=12.6006, alpha=0.05, low=0.2, high=0.8)), 2)
    31.43
    """
    v, rho, alpha = _variance(v), _check.positive("rho", rho), _check.share("alpha", alpha)
    g, h = _check.positive("low", low), _check.positive("high", high)
    width = g + h
    if not 1e-100 < g * h < 1e100:
        raise _check.fail("low and high", "must not be extreme", f"{low:g} and {high:g}")
    prior = max(rho - g * h, 1e-3 * g * h)  # the Beta prior is worth one step less than rho
    a, b = prior / (h * width), prior / (g * width)

    def log_mixture(s: np.ndarray) -> np.ndarray:
        up, down = (s + v / h) / width, (v / g - s) / width
        constant = up * np.log(width / g) + down * np.log(width / h)
        return constant + betaln(a + up, b + down) - betaln(a, b)

    return _first_above(log_mixture, -np.log(alpha), np.zeros(v.shape), v / g)


def bernoulli_sequence(
    successes: Any,
    n: Any,
    *,
    alpha: float,
    n_opt: float,
    null: float | None = None,
    intersect: bool = False,
) -> Path:
    """Return intervals for ONE rate that hold at all looks: the exact beta-binomial mixture, no burn-in.

    successes, n: CUMULATIVE counts, shape (..., looks). n_opt: units at which the interval shall be
    tightest. With `null`, `pvalue` tests that rate; without, pvalue is nan and crossed is False.

    intersect: every interval is cut with those before it.

    References: Howard and others (2021), proposition 7, applied to each rate.

    >>> path = bernoulli_sequence([5], [50], alpha=0.05, n_opt=50)
    >>> path.low.round(4).tolist(), path.high.round(4).tolist()
    ([0.013], [0.2693])
    """
    _check.flag("intersect", intersect)
    alpha, n_opt = _check.share("alpha", alpha), _check.positive("n_opt", n_opt)
    hits, trials = np.atleast_1d(
        *_check.together(successes=_check.array("successes", successes), n=_check.array("n", n))
    )
    _require_counts(hits, trials)
    weight = max(
        normal_mixture_rho(n_opt, alpha=alpha) - 1, 1e-3
    )  # as in `beta_binomial_bound`, per p(1 − p)

    def log_mixture(p: Any) -> np.ndarray:
        a, b, misses = weight * p, weight * (1 - p), trials - hits
        return betaln(a + hits, b + misses) - betaln(a, b) - hits * np.log(p) - misses * np.log1p(-p)

    rate, tiny = hits / trials, 1e-15
    low = rate - _first_above(
        lambda d: log_mixture(np.clip(rate - d, tiny, 1 - tiny)), -np.log(alpha), 0 * rate, rate
    )
    high = rate + _first_above(
        lambda d: log_mixture(np.clip(rate + d, tiny, 1 - tiny)), -np.log(alpha), 0 * rate, 1 - rate
    )
    pvalue = np.full(rate.shape, np.nan)
    if null is not None:
        pvalue = np.minimum.accumulate(np.minimum(1.0, np.exp(-log_mixture(_check.share("null", null)))), -1)
    return finish(trials, rate, np.sqrt(rate * (1 - rate) / trials), low, high, pvalue, alpha, intersect)


def _require_counts(hits: np.ndarray, trials: np.ndarray) -> None:
    if (hits < 0).any() or (hits > trials).any() or (trials < 1).any():
        raise _check.fail(
            "successes", "must lie between 0 and n, with n at least 1", _check.shares_text(hits.ravel()[:3])
        )
    if (hits % 1 != 0).any() or (trials % 1 != 0).any():
        slip = "Is that a rate? Give the count." if ((hits > 0) & (hits < 1)).any() else ""
        raise _check.fail(
            "successes", "and `n` must be whole numbers", _check.shares_text(hits.ravel()[:3]), slip
        )
    new_hits, new_trials = np.diff(hits), np.diff(trials)
    if (new_trials < 0).any() or (new_hits < 0).any():
        raise _check.fail(
            "n", "and `successes` must be cumulative: they never fall from look to look", "a smaller count"
        )
    if (new_hits > new_trials).any():
        at = np.unravel_index(np.argmax(new_hits - new_trials), new_hits.shape)
        raise _check.fail(
            "successes",
            "must not rise by more than n does",
            f"{new_hits[at]:g} new ones of {new_trials[at]:g}",
        )


def _first_above(
    f: Callable[[np.ndarray], np.ndarray], level: float, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Where the rising f reaches `level` between low and high; high itself where it doesn't."""
    return bisect(lambda x: f(x) < level, low, high)[1]


def _variance(v: Any) -> np.ndarray:
    v = _check.array("v", v)
    if (v <= 0).any():
        raise _check.fail("v", "must be above 0", f"{v.min():g}")
    return v
