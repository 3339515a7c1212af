"""Sharper effects from what was known before the test: CUPED from moments, Lin's regression from rows.

A covariate that the treatment cannot have moved (measured before the start) carries noise that both arms
share. Taking it out leaves the effect where it is and the interval shorter: by rho², the squared
correlation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from abkit import _check
from abkit.estimate import Effect, Estimate
from abkit.inference.lifts import fieller
from abkit.inference.means import contrast
from abkit.inference.pairs import SINGULAR, Pair, chosen, dot, pair_of, require_df, slopes, solve
from abkit.moments import Moments


def cuped(
    control: Any,
    treatment: Any,
    *,
    theta: str = "optimal",
    covariates: Sequence[str] | str | None = None,
    se: str = "welch",
    alpha: float = 0.05,
    alternative: str = "two-sided",
    null: float = 0.0,
) -> Effect:
    """Compare two means after taking out what pre-period covariates explain, from `Moments` alone.

    The estimate is Δy − theta'Δx, for the average unit of the sample's population, in the metric's units.
    It keeps its promise only for covariates that the treatment could not move: a covariate measured after
    the start biases the effect. Both arms share ONE theta and one centre. Asymptotic: measured type I
    error for normal values .037 to .055 at 10 and 10, 30 and 30, 300 and 30 units with up to three
    covariates and spreads 3 : 1; for exponential values up to .079 at 10 and 10.

    control, treatment: `Moments` whose first name is the metric and the others the covariates; leading
    axes broadcast. For a ratio metric make the columns with `linearised`.
    theta: "optimal" weighs each arm's covariances by 1/n, so that the variance is the smallest there is from
    moments (asymptotically Lin's estimator); "within" pools the arms, is ANCOVA exactly, and can be WORSE
    than no adjustment with unequal arms and slopes. The two agree at equal arms with equal scatter.
    covariates: the names to use; by default all but the first.
    se: "welch" (V·ν/(ν − k)·(1 + Δx'A⁻¹Δx/ν), t with ν − k df); "classical", of theta "within" only, is
    ANCOVA's, which rejects 37 per cent of true nulls at 300 against 30 units with sd 1 against 3.
    alpha: the false alarm rate, a share. alternative: of treatment − control. null: the effect under the
    null, in the metric's units.

    Raises ValueError for a covariate that is constant or a combination of others (by name), for too few
    units, and for a "classical" error of the optimal theta. In a batch such an element is nan.

    References: Deng, Xu, Kohavi and Walker (2013), WSDM, section 3; Lin (2013), Annals of Applied
    Statistics 7, 295-318; Freedman (2008), Advances in Applied Mathematics 40, 180-193.

    >>> c = Moments.of([10.0, 12.0, 9.0, 14.0, 11.0], pre=[8.0, 10.0, 8.0, 12.0, 9.0])
    >>> t = Moments.of([11.0, 16.0, 12.0, 17.0, 13.0], pre=[8.0, 12.0, 9.0, 13.0, 9.0])
    >>> e = cuped(c, t)
    >>> round(e.estimate, 3), round(e.se, 3)
    (1.672, 0.272)
    """
    _check.one_of("se", se, ("welch", "classical"))
    if se == "classical" and theta != "within":
        raise _check.fail("se", 'may be "classical" only with theta="within"', repr(se))
    c, t = chosen(control, treatment, covariates)
    pair = pair_of(c, t)
    slope = slopes(pair, theta)
    error, df = _welch_error(pair, slope) if se == "welch" else _classical_error(pair, slope)
    require_df(pair, df)
    found = Estimate(pair.effect - dot(slope, pair.gap), np.where(pair.bad | ~(df > 0), np.nan, error), df)
    return contrast(
        found,
        c.names[0],
        c.n,
        t.n,
        alpha=alpha,
        alternative=alternative,
        null=null,
        method=f"cuped {theta}" + (" classical" if se == "classical" else ""),
        value_control=c.mean[..., 0] - dot(slope, c.mean[..., 1:] - _pooled_mean(c, t)),
    )


def cuped_theta(
    control: Any, treatment: Any, *, theta: str = "optimal", covariates: Sequence[str] | str | None = None
) -> np.ndarray:
    """Return the slopes (..., k) that `cuped` uses: units of the metric for one unit of each covariate.

    control, treatment, theta and covariates as in `cuped`. Raises ValueError as `cuped` does for covariates.

    >>> c = Moments.of([1.0, 2.0, 3.0], pre=[1.0, 2.0, 3.0])
    >>> t = Moments.of([1.0, 2.0, 6.0], pre=[0.0, 1.0, 2.0])
    >>> cuped_theta(c, t).round(3).tolist()
    [1.75]
    """
    pair = pair_of(*chosen(control, treatment, covariates))
    return np.where(pair.bad[..., None], np.nan, slopes(pair, theta))


def cuped_lift(
    control: Any,
    treatment: Any,
    *,
    theta: str = "optimal",
    covariates: Sequence[str] | str | None = None,
    alpha: float = 0.05,
) -> Effect:
    """Return the adjusted treatment / control − 1, both means at the covariates' mean of all units,
    two-sided.

    Fieller's set with the covariance that the common mean brings, on the error and df of `cuped`: so its
    p-value is that of `cuped`, and the interval excludes 0 exactly when that of `cuped` does. An
    unbounded set is shown as in `lift`.

    control, treatment, theta, covariates: as in `cuped`. alpha: the false alarm rate, a share. Raises
    ValueError as `cuped` does, and where the adjusted mean of control is not above 0; a batch gives nan
    there.

    References: Fieller (1954), Journal of the Royal Statistical Society B 16, 175-185.

    >>> c = Moments.of([10.0, 12.0, 9.0, 14.0, 11.0], pre=[8.0, 10.0, 8.0, 12.0, 9.0])
    >>> t = Moments.of([11.0, 16.0, 12.0, 17.0, 13.0], pre=[8.0, 12.0, 9.0, 13.0, 9.0])
    >>> bool(cuped_lift(c, t).low > 0), bool(cuped(c, t).low > 0)
    (True, True)
    """
    alpha = _check.share("alpha", alpha)
    effect = cuped(control, treatment, theta=theta, covariates=covariates, alpha=alpha)
    c, t = chosen(control, treatment, covariates)
    pair = pair_of(c, t)
    slope = slopes(pair, theta)
    base = np.asarray(effect.value_control, float)
    top = base + effect.estimate
    if base.ndim == 0 and not base > 0:
        raise _check.fail("control", "must have an adjusted mean above 0 for a relative effect", f"{base:g}")
    with np.errstate(invalid="ignore", divide="ignore"):
        vc, vt, cov = _spread_of_means(pair, slope, np.square(effect.se))
        low, high, pvalue = fieller(base, vc, top, vt, effect.df, alpha, cov=cov)
        ratio = top / base
        se = np.sqrt(vt - 2 * ratio * cov + ratio**2 * vc) / base
    known = (base > 0) & (np.asarray(effect.se) > 0)
    low, high, pvalue, se, ratio = (np.where(known, v, np.nan) for v in (low, high, pvalue, se, ratio))
    return Effect(
        effect.label,
        ratio - 1,
        se,
        df=effect.df,
        low=low,
        high=high,
        pvalue=pvalue,
        alpha=effect.alpha,
        method=f"{effect.method} fieller",
        relative=True,
        n_control=c.n,
        n_treatment=t.n,
        value_control=base,
    )


def _spread_of_means(pair: Pair, slope: np.ndarray, variance: Any) -> tuple[Any, Any, Any]:
    """Variances of both adjusted means and their covariance, so grown that the difference has `variance`.

    An adjusted mean is the arm's mean residual ȳ − theta'x̄ plus theta'x̄ of all units, which both arms
    share.
    """
    spread = np.einsum("...i,a...ij,...j->a...", slope, pair.xx, slope)  # of theta'x̄, by arm
    rest = pair.yy - 2 * dot(slope, pair.xy) + spread
    weight = pair.n / pair.n.sum(0)
    shared = weight * (dot(slope, pair.xy) - spread)  # of an arm's residual mean with theta'x̄ of all
    centre = (weight**2 * spread).sum(0)
    grown = variance / rest.sum(0)
    vc, vt = grown * (rest + centre + 2 * shared)
    return vc, vt, grown * (centre + shared.sum(0))


def lin(
    y: Any,
    treated: Any,
    x: Any,
    *,
    se: str = "hc2",
    population: bool = True,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    null: float = 0.0,
) -> Effect:
    """Return Lin's regression-adjusted effect: one regression an arm, compared at the covariates' overall
    mean.

    Needs rows (the error looks at every residual); `cuped` gives nearly the same from `Moments`. It never
    harms in large samples, whatever the shares and slopes. The estimand is the average effect: in the
    population that the units were drawn from (`population=True`), or in these very units (False: with
    slopes 0 and 2 such an interval covers the population's effect 83 per cent of the time).

    y: (..., rows), in the metric's units. treated: (..., rows), 1 or True for treatment. x: (..., rows)
    for one covariate, (..., rows, k) for more; measured before the start. se: "hc2" (default) or "hc3",
    which is larger in small samples. t with N − 2 − 2k df. population: add the term for the covariates'
    own sampling, Δβ'SΔβ/N. alpha, alternative, null: as in `cuped`.

    Raises ValueError for values other than 0 and 1 in `treated`, shapes that do not fit, constant or
    collinear covariates in an arm, and a unit that decides a slope alone (leverage 1). In a batch such an
    element is nan.

    References: Lin (2013), Annals of Applied Statistics 7, 295-318, section 4; MacKinnon and White
    (1985), Journal of Econometrics 29, 305-325, for HC2 and HC3.

    >>> e = lin([1.0, 2.0, 4.0, 3.0, 4.0, 7.0], [0, 0, 0, 1, 1, 1], [0.0, 1.0, 3.0, 1.0, 2.0, 4.0])
    >>> round(e.estimate, 3)
    1.155
    """
    _check.flag("population", population)
    _check.one_of("se", se, ("hc2", "hc3"))
    values, arm, design = _rows(y, treated, x)
    k = design.shape[-1] - 1
    sides = [_intercept(values, (arm == side).astype(float), design, se) for side in (0, 1)]
    (base, base_v, base_b, n_c), (top, top_v, top_b, n_t) = sides
    variance = base_v + top_v
    if population:
        centred = design[..., 1:]
        cov = np.swapaxes(centred, -1, -2) @ centred / (values.shape[-1] - 1)
        turn = top_b - base_b
        variance = variance + np.einsum("...i,...ij,...j->...", turn, cov, turn) / values.shape[-1]
    df = float(values.shape[-1] - 2 - 2 * k)
    if df <= 0 or (np.ndim(variance) == 0 and not np.isfinite(variance)):
        raise _check.fail(
            "x",
            "must vary in both arms, with no covariate that follows from others and no unit that decides a "
            "slope alone",
            f"{k} covariates, {int(np.min(n_c))} units in control and {int(np.min(n_t))} in treatment",
        )
    return contrast(
        Estimate(top - base, np.sqrt(variance), np.where(np.isnan(variance), np.nan, df)),
        "y",
        n_c,
        n_t,
        alpha=alpha,
        alternative=alternative,
        null=null,
        method=f"lin {se}" + ("" if population else ", these units"),
        value_control=base,
    )


def _welch_error(pair: Pair, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """√(V·ν/(ν − k)·(1 + Δx'A⁻¹Δx/ν)) and ν − k, with ν Welch's df of V, the variance of both arms'
    residuals.
    """
    v = pair.yy - 2 * dot(slope, pair.xy) + np.einsum("...i,a...ij,...j->a...", slope, pair.xx, slope)
    v = np.where(v > 64 * np.finfo(float).eps * pair.yy, v, 0.0)
    whole = v.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        nu = np.where(whole > 0, whole**2 / (v**2 / (pair.n - 1)).sum(0), pair.n.sum(0) - 2)
        reach = dot(pair.gap, solve(pair.xx.sum(0), pair.gap, pair.bad))
        variance = whole * nu / (nu - pair.k) * (1 + reach / nu)
        return np.sqrt(np.where(nu > pair.k, variance, np.nan)), nu - pair.k


def _classical_error(pair: Pair, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ANCOVA's error: one residual variance for both arms, N − 2 − k df."""
    weight = pair.n * (pair.n - 1)
    rest = (weight * pair.yy).sum(0) - dot(slope, (weight[..., None] * pair.xy).sum(0))
    scatter = (weight[..., None, None] * pair.xx).sum(0)
    df = pair.n.sum(0) - 2 - pair.k
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = (1 / pair.n).sum(0) + dot(pair.gap, solve(scatter, pair.gap, pair.bad))
        return np.sqrt(np.where(df > 0, rest / df * spread, np.nan)), df


def _pooled_mean(c: Moments, t: Moments) -> np.ndarray:
    """The covariates' mean over all units of both arms (..., k)."""
    n_c, n_t = np.asarray(c.n, float)[..., None], np.asarray(t.n, float)[..., None]
    return (n_c * c.mean[..., 1:] + n_t * t.mean[..., 1:]) / (n_c + n_t)


def _rows(y: Any, treated: Any, x: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, arm (0 or 1) and design: a column of ones, then the covariates around their overall mean."""
    values, arm, cov = _check.rows("y", y), _check.rows("treated", treated), _check.array("x", x)
    if not np.isin(arm, (0, 1)).all():
        raise _check.fail("treated", "must hold 0 and 1 (or False and True)", "other values")
    cov = cov[..., None] if cov.ndim == values.ndim else cov
    if arm.shape != values.shape or cov.shape[:-1] != values.shape:
        got = f"{values.shape}, {arm.shape} and {np.shape(x)}"
        raise _check.fail(
            "y, treated and x", "must have one shape, x with the covariates on one more axis", got
        )
    centred = cov - cov.mean(-2, keepdims=True)
    return values, arm, np.concatenate([np.ones((*cov.shape[:-1], 1)), centred], -1)


def _intercept(
    y: np.ndarray, mask: np.ndarray, design: np.ndarray, se: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One arm's regression: its value at the overall mean, the variance of that (HC2 or HC3), slopes, and
    n.
    """
    held = design * mask[..., None]
    gram = np.swapaxes(held, -1, -2) @ design
    spread = np.diagonal(gram, axis1=-2, axis2=-1)
    scale = np.sqrt(np.where(spread > 0, spread, 1.0))
    scaled = gram / scale[..., :, None] / scale[..., None, :]
    bad = ~(np.linalg.eigvalsh(scaled)[..., 0] > SINGULAR)
    inverse = np.linalg.inv(np.where(bad[..., None, None], np.eye(gram.shape[-1]), scaled))
    inverse = inverse / scale[..., :, None] / scale[..., None, :]
    beta = np.einsum("...ij,...rj,...r->...i", inverse, held, y)
    residual = (y - np.einsum("...rj,...j->...r", design, beta)) * mask
    leverage = np.einsum("...ri,...ij,...rj->...r", held, inverse, held)
    pull = np.einsum("...ri,...i->...r", held, inverse[..., 0])
    room = 1 - leverage
    bad = bad | (room < 1e-10).any(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = ((pull * residual) ** 2 / room ** (1 if se == "hc2" else 2)).sum(-1)
    return beta[..., 0], np.where(bad, np.nan, variance), beta[..., 1:], mask.sum(-1).astype(int)
