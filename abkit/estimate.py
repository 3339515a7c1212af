"""Estimate, Effect, Check and Path: what every procedure takes and returns.

A metric is a value and a gradient on the mean vector; the delta method makes it an `Estimate`.
Two estimates make an `Effect`, and an effect needs only value, standard error and df.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.moments import Moments
from abkit.numeric.normal import pvalue, quantile

ROUNDING = 64 * np.finfo(float).eps  # share of the terms of a variance that their sum may lose


@dataclass(frozen=True, eq=False, repr=False)
class Estimate(Table):
    """One arm, one metric: value, its standard error, and df (inf when normal); each shape (...,)."""

    value: Any
    se: Any
    df: Any


@dataclass(frozen=True, eq=False, repr=False)
class Effect(Table):
    """A contrast, treatment − control, with its interval and p-value; numeric fields have shape (...,).

    `low` and `high` bound the 1 − alpha interval (one is infinite for a one-sided alternative);
    p < alpha exactly when the interval excludes the null. `relative`: values are shares of control.
    `value_control`: the control arm's own mean, rate or ratio, where the procedure knows it.
    """

    label: str
    estimate: Any
    se: Any
    df: Any
    low: Any
    high: Any
    pvalue: Any
    alpha: float = 0.05
    alternative: str = "two-sided"
    method: str = ""
    relative: bool = False
    n_control: Any = None
    n_treatment: Any = None
    value_control: Any = None

    @classmethod
    def of(
        cls,
        estimate: Any,
        se: Any,
        *,
        df: Any = np.inf,
        alpha: float = 0.05,
        alternative: str = "two-sided",
        label: str = "effect",
        null: float = 0.0,
        n_control: Any = None,
        n_treatment: Any = None,
        value_control: Any = None,
    ) -> Effect:
        """Return the effect of an estimate and its standard error, with the interval and p-value that belong
        together.

        estimate, se, df: shape (...,), in the units of the metric; df inf is the normal law. `null`: what the
        p-value is against. n_control, n_treatment (units) and value_control are kept as they come.
        Raises ValueError for an `se` that is not above 0, a `df` that is not above 0, or shapes that do not
        fit.

        alpha: the error rate, strictly between 0 and 1; alternative: "two-sided", "greater" or "less", about
        treatment − control; label: what the effect is called.

        >>> effect = Effect.of(0.4, 0.2)
        >>> round(effect.low, 3), round(effect.high, 3), round(effect.pvalue, 4)
        (0.008, 0.792, 0.0455)
        """
        value, error, dof = _check.together(
            estimate=_check.array("estimate", estimate, finite=False),
            se=_check.array("se", se, finite=False),
            df=_check.array("df", df, finite=False),
        )
        for name, given in (("se", error), ("df", dof)):
            if (given <= 0).any():
                raise _check.fail(name, "must be above 0", f"{given.min():g}")
        _check.text("label", label)
        bounds = interval(value, error, dof, alpha=alpha, alternative=alternative, null=null)
        return cls(
            label,
            value,
            error,
            df=df if np.ndim(df) == 0 else dof,
            low=bounds[0],
            high=bounds[1],
            pvalue=bounds[2],
            alpha=alpha,
            alternative=alternative,
            method="estimate",
            n_control=n_control,
            n_treatment=n_treatment,
            value_control=value_control,
        )


def interval(
    estimate: Any, se: Any, df: Any, *, alpha: float, alternative: str, null: float = 0.0
) -> tuple[Any, Any, Any]:
    """Return low, high and p-value of estimate ± quantile × se, each (...,): p < alpha when `null` is
    outside.

    Where se is 0 the interval is the estimate, and p is nan.

    >>> [round(float(v), 3) for v in interval(0.4, 0.2, np.inf, alpha=0.05, alternative="two-sided")]
    [0.008, 0.792, 0.046]
    """
    alpha = _check.share("alpha", alpha)
    _check.one_of("alternative", alternative, _check.ALTERNATIVES)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (estimate - _check.number("null", null)) / se
    half = se * quantile(alpha / 2 if alternative == "two-sided" else alpha, df)
    low = np.full(np.shape(half), -np.inf) if alternative == "less" else estimate - half
    high = np.full(np.shape(half), np.inf) if alternative == "greater" else estimate + half
    return low, high, pvalue(t, df, alternative)


@dataclass(frozen=True, eq=False, repr=False)
class Check(Table):
    """Anything that can veto a result: SRM, A/A, balance, overlap. `passed` is True, False or None
    (inconclusive).
    """

    name: str
    statistic: Any
    pvalue: Any
    passed: bool | None
    message: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Path(Table):
    """One row a look: n, estimate, its se, the interval and p-value at that look, and whether the bound was
    crossed.
    """

    look: Any
    n: Any
    estimate: Any
    se: Any
    low: Any
    high: Any
    pvalue: Any
    crossed: Any


def by_look(effects: Effect | Sequence[Effect]) -> tuple[np.ndarray, ...]:
    """Return estimate, se, n of control and of treatment as arrays with the looks on the last axis; an
    unknown n is nan.

    effects: one `Effect` with the looks on its last axis, or a list with one `Effect` a look.

    >>> [v.tolist() for v in by_look([Effect.of(0.5, 0.2), Effect.of(0.4, 0.1)])[:2]]
    [[0.5, 0.4], [0.2, 0.1]]
    """
    need = "must be an Effect or a list of Effects"
    several = [effects] if isinstance(effects, Effect) else _check.several("effects_by_look", effects, need)
    if not several:
        raise _check.fail("effects_by_look", "must hold at least one look", "none")
    for effect in several:
        if not isinstance(effect, Effect):
            raise _check.fail(
                "effects_by_look", "must be an Effect or a list of Effects", type(effect).__name__
            )

    def field(name: str) -> np.ndarray:
        values = [np.nan if (v := getattr(effect, name)) is None else v for effect in several]
        if isinstance(effects, Effect):
            return np.atleast_1d(np.asarray(values[0], float))
        return np.stack(np.broadcast_arrays(*(np.asarray(v, float) for v in values)), -1)

    try:
        estimate, se = np.broadcast_arrays(field("estimate"), field("se"))
        return estimate, se, field("n_control"), field("n_treatment")
    except ValueError:
        shapes = ", ".join(str(np.shape(e.estimate)) for e in several)
        raise _check.fail("effects_by_look", "must have shapes that fit together", shapes) from None


def delta(
    moments: Moments, value: Callable[[np.ndarray], Any], gradient: Callable[[np.ndarray], Any]
) -> Estimate:
    """Return a smooth function of the means with its delta-method standard error.

    `value` maps means (..., k) to (...,), `gradient` to (..., k). df is n − 1. A variance that is only the
    rounding of its terms is 0: that of y/views where each y is three times its views.

    moments: of the units of one arm.

    >>> delta(Moments.of([1.0, 3.0]), lambda m: m[..., 0] ** 2, lambda m: 2 * m).se
    4.0
    """
    _check.instance("moments", moments, Moments)
    _check.function("value", value)
    _check.function("gradient", gradient)
    slope = np.asarray(gradient(moments.mean))
    terms = slope[..., :, None] * moments.cov * slope[..., None, :]
    variance, size = terms.sum((-2, -1)), np.abs(terms).sum((-2, -1))
    variance = np.where(
        np.abs(variance) <= ROUNDING * size, 0.0, np.maximum(variance, 0.0)
    )  # nan, for one row, stays nan
    return Estimate(
        value(moments.mean), np.sqrt(variance / np.asarray(moments.n)), np.asarray(moments.n) - 1.0
    )


def mean(moments: Moments, metric: str | None = None) -> Estimate:
    """Return the mean of one column (the first by default) with s/√n and df n − 1.

    moments: of the units of one arm; metric: the name of the column, the first by default.

    >>> mean(Moments.of([1.0, 3.0])).se
    1.0
    """
    _check.instance("moments", moments, Moments)
    i = moments.index(metric)
    n = np.asarray(moments.n)
    return Estimate(moments.mean[..., i], np.sqrt(moments.cov[..., i, i] / n), n - 1.0)


def ratio_estimate(
    moments: Moments, numerator: str | None = None, denominator: str | None = None
) -> Estimate:
    """Return a ratio of two means, first over second by default (Deng, Knoblich and Lu 2018, eq. 4).

    Raises ValueError where a denominator's mean is 0.

    moments: of the units of one arm; numerator: the column above the line, the first by default.

    >>> ratio_estimate(Moments.of([1.0, 3.0], views=[2.0, 6.0])).value
    0.5
    """
    _check.instance("moments", moments, Moments)
    top = moments.names[0] if numerator is None else numerator
    if denominator is None and len(moments.names) < 2:
        raise _check.fail("moments", "must hold a numerator and a denominator", moments.names)
    pair = moments.select(top, moments.names[1] if denominator is None else denominator)
    if (pair.mean[..., 1] == 0).any():
        raise _check.fail("denominator", "must not have mean 0", 0)

    def gradient(m: np.ndarray) -> np.ndarray:
        return np.stack([1 / m[..., 1], -m[..., 0] / m[..., 1] ** 2], -1)

    return delta(pair, lambda m: m[..., 0] / m[..., 1], gradient)


def linearised(moments: Moments, *columns: str | tuple[str, str]) -> Moments:
    """Return moments in which a ratio of means is one column: its value, and the spread of its delta-method
    terms.

    Each unit's term is R + (a − R·b)/mean(b) with R = mean(a)/mean(b), so `welch` on the result is `ratio`,
    and `cuped` adjusts a ratio metric by a pre-period ratio. Linearise each arm by itself.

    columns: names to keep, or pairs (numerator, denominator), which are then called "numerator/denominator".
    Raises ValueError for unknown columns, and where a denominator's mean is 0.

    References: Deng, Knoblich and Lu (2018), KDD, eq. 4.

    >>> arm = Moments.of([1.0, 2.0, 0.0], views=[3.0, 6.0, 3.0])
    >>> linearised(arm, ("y", "views")).names, linearised(arm, ("y", "views")).mean.tolist()
    (('y/views',), [0.25])
    """
    _check.instance("moments", moments, Moments)
    pairs = [(c, "") if isinstance(c, str) else tuple(c) for c in columns]
    gradient = np.zeros((*moments.mean.shape[:-1], len(pairs), len(moments.names)))
    value = np.empty((*moments.mean.shape[:-1], len(pairs)))
    for row, (top, bottom) in enumerate(pairs):
        i = moments.index(top)
        value[..., row], gradient[..., row, i] = moments.mean[..., i], 1.0
        if bottom:
            base = moments.mean[..., moments.index(bottom)]
            if (base == 0).any():
                raise _check.fail("denominator", "must not have mean 0", 0)
            value[..., row] = value[..., row] / base
            gradient[..., row, i] = 1 / base
            gradient[..., row, moments.index(bottom)] -= value[..., row] / base
    terms = gradient @ moments.scatter
    scatter = terms @ np.swapaxes(gradient, -1, -2)
    names = tuple("/".join(filter(None, pair)) for pair in pairs)
    return Moments(moments.n, value, scatter, names)


def linear(moments: Moments, coefficients: Any) -> Estimate:
    """Return a fixed linear combination of the k column means.

    moments: of the units of one arm; coefficients: one number a column, shape (k,).
    Raises ValueError: `coefficients` must hold one number for each of ….

    >>> linear(Moments.of([1.0, 3.0], pre=[0.0, 2.0]), [1, -1]).value
    1.0
    """
    _check.instance("moments", moments, Moments)
    c = _check.array("coefficients", coefficients)
    if c.shape != (len(moments.names),):
        raise _check.fail(
            "coefficients", f"must hold one number for each of {', '.join(moments.names)}", f"shape {c.shape}"
        )
    return delta(moments, lambda m: m @ c, lambda m: np.broadcast_to(c, m.shape))


def difference(control: Estimate, treatment: Estimate) -> Estimate:
    """Return treatment − control of two independent arms, with Welch-Satterthwaite df (Welch 1947).

    >>> difference(Estimate(1.0, 3.0, 9.0), Estimate(2.0, 4.0, 9.0)).se
    5.0
    """
    _check.instance("control", control, Estimate)
    _check.instance("treatment", treatment, Estimate)
    vc, vt = np.square(control.se), np.square(treatment.se)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = np.square(vc + vt) / (np.square(vc) / control.df + np.square(vt) / treatment.df)
    return Estimate(np.subtract(treatment.value, control.value), np.sqrt(vc + vt), df)
