"""Many comparisons at once: corrected p-values, simultaneous intervals, Dunnett, fixed sequence.

Family-wise error (Bonferroni, Šidák, Holm, Hochberg, Hommel): the chance of ANY false discovery.
False discovery rate (BH, BY): the expected SHARE of false ones among the discoveries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from abkit import _check
from abkit._table import Table
from abkit.estimate import Effect
from abkit.metrics import CORRECTIONS
from abkit.numeric.normal import factor_mean, quantile, tail

METHODS = CORRECTIONS


def adjust_pvalues(pvalues: Any, *, method: str = "bonferroni") -> np.ndarray:
    """Return corrected p-values in the caller's order: reject where they are at most alpha.

    "bonferroni", "holm" and "by" hold under any dependence; "sidak" needs independent (or
    normal two-sided) tests; "hochberg", "hommel" and "bh" independent or positively dependent ones.
    The family must be fixed before the data are seen: correcting only the small p-values corrects nothing.

    pvalues: shape (..., family); nan stays nan and does not count.

    References: Holm (1979); Hochberg (1988); Hommel (1988); Benjamini and Hochberg (1995);
    Benjamini and Yekutieli (2001), theorem 1.3.

    >>> adjust_pvalues([0.01, 0.04, 0.03], method="holm").tolist()
    [0.03, 0.06, 0.06]
    """
    _check.one_of("method", method, METHODS)
    p = _pvalues(pvalues)
    rows = p.reshape(-1, p.shape[-1])
    out = np.full(rows.shape, np.nan)
    counts = (~np.isnan(rows)).sum(-1)
    for m in np.unique(counts[counts > 0]):
        chosen = np.flatnonzero(counts == m)
        order = np.argsort(rows[chosen], axis=-1)[:, :m]  # nan is sorted to the end
        adjusted = _ADJUST[method](np.take_along_axis(rows[chosen], order, -1))
        out[chosen[:, None], order] = np.clip(adjusted, 0.0, 1.0)
    return out.reshape(p.shape)


def fixed_sequence(pvalues: Any, alpha: float = 0.05) -> np.ndarray:
    """Return which hypotheses are rejected when they are tested in the given order, each at full alpha.

    Testing stops at the first p above alpha; nothing after it can be rejected, however small its p.
    The ORDER must be fixed before the data are seen. No correction of alpha is needed.

    pvalues: shape (..., family), in the order of testing; a nan stops the sequence.

    References: Maurer, Hothorn and Lehmacher (1995).

    >>> fixed_sequence([0.01, 0.20, 0.001]).tolist()
    [True, False, False]
    """
    alpha = _check.share("alpha", alpha)
    return np.logical_and.accumulate(_pvalues(pvalues) <= alpha, axis=-1)


def familywise_error(k: int, alpha: float = 0.05, correlation: float = 0.0, *, sides: int = 2) -> float:
    """Return the chance that at least one of k true null hypotheses is rejected, each at alpha.

    sides: 2 counts any alarm; 1 counts one direction only, with all of alpha on it. False wins of two-sided
    tests at .05 are `sides=1` at .025.

    The k test statistics are normal, and each pair has the same correlation, 0 to 1. Independent tests
    give 1 − (1 − alpha)^k. Correlation lowers the chance, never below alpha. Metrics of the same users are
    correlated as the metrics are, so 1 − (1 − alpha)^k is too high for them.

    Exact to 1e-9 for correlations up to .9999: one shared normal factor, integrated by the trapezoid rule.

    Raises ValueError: `correlation` must lie from 0 to 1.

    References: Dunnett and Sobel (1955), Biometrika 42, 258-260 (the product form);
    Šidák (1967), JASA 62, 626-633 (independence is the upper bound).

    >>> [round(familywise_error(20, correlation=r), 3) for r in (0.0, 0.5, 0.9)]
    [0.642, 0.419, 0.155]
    """
    k, alpha = _check.integer("k", k), _check.share("alpha", alpha)
    correlation = _check.number("correlation", correlation)
    if not 0 <= correlation <= 1:
        raise _check.fail("correlation", "must lie from 0 to 1", f"{correlation:g}")
    if correlation == 1:
        return alpha
    rest = np.sqrt(1 - correlation)
    sides = _check.sides(sides)
    critical, root = -ndtri(alpha / sides), max(np.sqrt(correlation), 1e-9)

    def some(u: np.ndarray) -> np.ndarray:  # P(one rejects | u), then P(at least one of k)
        one = ndtr((root * u - critical) / rest)
        one = one + ndtr((-critical - root * u) / rest) if sides == 2 else one
        with np.errstate(divide="ignore"):  # a certain rejection gives log 0, and 1 as it should be
            return -np.expm1(k * np.log1p(-np.minimum(one, 1.0)))

    return factor_mean(some, [-critical / root, critical / root], rest / root)


@dataclass(frozen=True, eq=False, repr=False)
class Discoveries(Table):
    """Errors of a correction over many experiments; each `_se` is the Monte-Carlo standard error of its
    neighbour.

    any_false: share of experiments with at least one false discovery (family-wise error). false_share: mean
    of false discoveries / discoveries, 0 where nothing was found (false discovery rate). found: mean share
    of the true effects that were found, over the experiments that have one (nan when none has).
    """

    any_false: Any
    any_false_se: Any
    false_share: Any
    false_share_se: Any
    found: Any
    found_se: Any


def discoveries(rejected: Any, real: Any) -> Discoveries:
    """Count the errors of a correction where the truth is known.

    rejected: booleans (or 0 and 1), shape (experiments, family), at least two experiments. real: the same,
    shape (family,) or as `rejected`; True where the effect is real. P-values are no decisions, and are
    refused.

    References: Benjamini and Hochberg (1995), JRSS B 57, 289-300 (the false discovery rate, section 2).

    >>> discoveries([[True, True], [False, True]], [False, True]).false_share
    0.25
    """
    found, real = _decisions("rejected", rejected), _decisions("real", real)
    if found.ndim != 2 or len(found) < 2:
        raise _check.fail(
            "rejected", "must have shape (experiments, family), with at least two experiments", found.shape
        )
    if real.shape not in (found.shape[1:], found.shape):
        raise _check.fail(
            "real", f"must have shape {found.shape[1:]} or {found.shape}, as `rejected`", real.shape
        )
    real = np.broadcast_to(real, found.shape)
    false, right = (found & ~real).sum(-1), (found & real).sum(-1)
    share = false / np.maximum(false + right, 1)
    any_false = (false > 0).astype(float)
    with_effect = real.any(-1)
    power = right[with_effect] / real[with_effect].sum(-1)

    def error(values: np.ndarray) -> float:
        return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan

    return Discoveries(
        any_false=any_false.mean(),
        any_false_se=error(any_false),
        false_share=share.mean(),
        false_share_se=error(share),
        found=power.mean() if len(power) else np.nan,
        found_se=error(power),
    )


def _decisions(name: str, value: Any) -> np.ndarray:
    given = _check.array(name, value)
    if not ((given == 0) | (given == 1)).all():
        slip = "Are these p-values? Give `pvalue <= alpha`." if ((given >= 0) & (given <= 1)).all() else ""
        raise _check.fail(
            name, "must hold True and False, or 1 and 0", f"{given[(given != 0) & (given != 1)][0]:g}", slip
        )
    return given == 1


def simultaneous(effects: Any, *, method: str = "bonferroni", alpha: float | None = None) -> Effect:
    """Widen the intervals of a family of effects so that they may be read together; p-values to match.

    "bonferroni": ALL intervals hold together with chance 1 − alpha; p < alpha exactly where an interval
    excludes 0. "fcr": for those that BH selects at alpha, the expected share of intervals that miss is
    at most alpha; the others get nan bounds, for no interval is claimed. Holm, Hochberg and Hommel have
    no simple intervals.

    effects: a sequence or a mapping of two-sided `Effect`s, or one `Effect` whose last axis is the
    family. They must have intervals of the form estimate ± quantile × se. `alpha`: theirs by default.

    method: named in the text above.

    References: Benjamini and Yekutieli (2005), JASA 100, definition 1 (FCR).

    >>> one = Effect.of(3.0, 1.0), Effect.of(1.0, 1.0)
    >>> simultaneous(one).low.round(3).tolist()
    [0.759, -1.241]
    """
    _check.one_of("method", method, ("bonferroni", "fcr"))
    family = _family(effects)
    alpha = _check.share("alpha", family.alpha if alpha is None else alpha)
    t = np.abs(family.estimate / family.se)
    plain = 2 * tail(t, family.df)
    m = (~np.isnan(plain)).sum(-1, keepdims=True)
    pvalue = adjust_pvalues(plain, method="bh" if method == "fcr" else "bonferroni")
    selected = pvalue <= alpha if method == "fcr" else ~np.isnan(plain)
    share = np.where(
        selected, selected.sum(-1, keepdims=True) if method == "fcr" else 1.0, np.nan
    ) / np.maximum(m, 1)
    half = quantile(alpha * share / 2, family.df) * family.se
    return Effect(
        family.label,
        family.estimate,
        family.se,
        df=family.df,
        low=family.estimate - half,
        high=family.estimate + half,
        pvalue=pvalue,
        alpha=alpha,
        alternative="two-sided",
        method=method,
        relative=family.relative,
        n_control=family.n_control,
        n_treatment=family.n_treatment,
    )


def _family(effects: Effect | Mapping[Any, Effect] | Sequence[Effect]) -> Effect:
    """Return one two-sided `Effect` whose last axis is the family."""
    if isinstance(effects, Effect):
        members, label = [effects], effects.label
        columns = [np.atleast_1d(np.asarray(getattr(effects, f), float)) for f in _NUMBERS]
    else:
        members, label = _members(effects)
        columns = [
            np.stack(np.broadcast_arrays(*(np.asarray(getattr(e, f), float) for e in members)), -1)
            for f in _NUMBERS
        ]
    _check_alike(members)
    estimate, se, df, low, high = np.broadcast_arrays(*columns)
    first = members[0]
    plain = quantile(first.alpha / 2, df) * se
    if (np.maximum(abs(low - estimate + plain), abs(high - estimate - plain)) > 0.01 * se).any():
        raise _check.fail(
            "effects",
            "must have intervals of the form estimate ± quantile × se",
            first.method,
            "Compute the others at alpha / family size instead.",
        )
    return Effect(
        label,
        estimate,
        se,
        df=df,
        low=low,
        high=high,
        pvalue=np.nan,
        alpha=first.alpha,
        alternative="two-sided",
        method=first.method,
        relative=first.relative,
    )


def _members(effects: Mapping[Any, Effect] | Sequence[Effect]) -> tuple[list[Effect], str]:
    """Return the effects of a family, and the family's label: their keys, or their own labels.

    >>> _members({"ios": Effect.of(3.0, 1.0), "web": Effect.of(1.0, 1.0)})[1]
    'ios, web'
    """
    listed = effects.values() if isinstance(effects, Mapping) else effects
    members = [_check.instance("effects", e, Effect) for e in _check.several("effects", listed)]
    if not members:
        raise _check.fail("effects", "must hold at least one effect", "none")
    names = map(str, effects) if isinstance(effects, Mapping) else (e.label for e in members)
    return members, ", ".join(names)


def _check_alike(members: Sequence[Effect]) -> None:
    """Refuse a family of one-sided effects, of two kinds of effect, or of two error rates."""
    if any(e.alternative != "two-sided" for e in members) or len({e.relative for e in members}) > 1:
        raise _check.fail("effects", "must all be two-sided, and all absolute or all relative", "a mixture")
    if len({e.alpha for e in members}) > 1:
        raise _check.fail("effects", "must share one alpha", sorted({e.alpha for e in members}))


_NUMBERS = ("estimate", "se", "df", "low", "high")


def _pvalues(pvalues: Any) -> np.ndarray:
    if isinstance(pvalues, Mapping):
        pvalues = list(pvalues.values())
    p = _check.array("pvalues", pvalues, finite=False)
    if p.ndim == 0 or p.shape[-1] == 0:
        raise _check.fail("pvalues", "must hold a family of p-values in the last axis", "no family")
    bad = (p < 0) | (p > 1)
    if bad.any():
        raise _check.fail("pvalues", "must lie between 0 and 1", f"{p[bad][0]:g}")
    return p


def _ranks(p: np.ndarray) -> np.ndarray:
    return np.arange(1, p.shape[-1] + 1)


def _bonferroni(p: np.ndarray) -> np.ndarray:
    return p * p.shape[-1]


def _sidak(p: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):  # p = 1 gives log 0, and the result is 1 as it should be
        return -np.expm1(p.shape[-1] * np.log1p(-p))


def _holm(p: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate(p * _ranks(p)[::-1], axis=-1)


def _step_up(p: np.ndarray) -> np.ndarray:
    return np.minimum.accumulate(p[..., ::-1], axis=-1)[..., ::-1]


def _hochberg(p: np.ndarray) -> np.ndarray:
    return _step_up(p * _ranks(p)[::-1])


def _bh(p: np.ndarray) -> np.ndarray:
    return _step_up(p * p.shape[-1] / _ranks(p))


def _by(p: np.ndarray) -> np.ndarray:
    return _step_up(p * (p.shape[-1] / _ranks(p) * (1 / _ranks(p)).sum()))


def _hommel(p: np.ndarray) -> np.ndarray:
    # Closed testing with Simes: of all sets of size s that contain p_i, the one with the largest
    # other p-values is the hardest to reject, so the adjusted p is the largest over s of its Simes p.
    m = p.shape[-1]
    adjusted = p.copy()
    for s in range(2, m + 1):
        others = (s * p[..., m - s + 1 :] / np.arange(2, s + 1)).min(-1, keepdims=True)
        smallest = np.minimum(p, p[..., m - s, None])
        adjusted = np.maximum(adjusted, np.minimum(s * smallest, others))
    return adjusted


_ADJUST: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "bonferroni": _bonferroni,
    "sidak": _sidak,
    "holm": _holm,
    "hochberg": _hochberg,
    "hommel": _hommel,
    "bh": _bh,
    "by": _by,
}
