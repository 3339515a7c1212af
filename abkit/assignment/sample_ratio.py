"""Sample-ratio mismatch: did each arm receive the share of units that was planned?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from abkit import _check
from abkit._table import plain
from abkit.estimate import Check
from abkit.numeric.chi_square import pearson


def srm(counts: Any, weights: Any, *, alpha: float = 0.001) -> Check:
    """Test whether the arm counts fit the planned shares: Pearson's chi-square, k − 1 df.

    A failed check is a fire alarm: something lost or moved units, so no effect of this experiment
    can be read. Give the shares that were PLANNED (never an equal split by habit), and for repeated
    looks at growing counts use `sequential_srm`: thirty daily looks at .01 raise the alarm in 7.4
    per cent of sound experiments.

    counts: units per arm, a sequence, a mapping, or an array (..., arms); weights: shares in the same
    order or with the same keys, summing to 1. Both mappings are matched by key; a pandas Series is a mapping,
    and so is a data frame with a column an arm. An arm of a mapping may be an array (...,).

    Raises ValueError: `counts` must hold at least one unit; `counts` must be 0 where the planned share is 0;
    `weights` must give at least two arms a share above 0.

    References: Fabijan and others (2019), KDD; Kohavi, Tang and Xu (2020), ch. 21 for alpha .001.

    >>> srm([821_588, 815_482], [0.5, 0.5]).passed
    False
    """
    alpha = _check.share("alpha", alpha)
    observed, shares, labels = _matched(counts, weights)
    n = observed.sum(-1)
    if (n == 0).any():
        raise _check.fail("counts", "must hold at least one unit", 0)
    expected = n[..., None] * shares
    forbidden = ((shares == 0) & (observed > 0)).any()
    if forbidden:
        raise _check.fail("counts", "must be 0 where the planned share is 0", observed)
    used = shares > 0
    if used.sum() < 2:
        raise _check.fail("weights", "must give at least two arms a share above 0", shares)
    statistic, pvalue = pearson(observed[..., used], expected[..., used], used.sum() - 1)
    return Check("SRM", statistic, pvalue, *_verdict(pvalue, alpha, observed, expected, labels))


def sequential_srm(counts: Any, weights: Any, *, alpha: float = 0.001, concentration: float = 1.0) -> Check:
    """Test the shares at every look, with one alpha for all looks: multinomial mixture, p = min 1/BF.

    counts: CUMULATIVE units per arm, shape (looks, arms), or a mapping of arm to (looks,); `concentration`
    scales the Dirichlet prior, whose parameters are concentration × arms × planned share. `statistic` and
    `pvalue` are arrays over looks; the p-value never rises.

    The price is a late alarm. With concentration 1 the mixture expects gross losses from the first units on,
    so that looks at thousands of units a day leave most of alpha unused: 30 looks, 10,000 more units each,
    two equal arms, err .056 per cent at alpha .05 (.011 per cent at .01). If treatment loses 2 per cent
    there, half of the alarms at .01 have come by day 20, and by day 10 for `srm` at .001 a day, which errs
    .96 per cent. A larger concentration, fixed before the test, expects small losses: with 1,000 it is day
    13, and .27 per cent. Every concentration keeps alpha (notebook 03, "Going further").

    weights: label → planned share; they sum to 1.
    Raises ValueError: `counts` must hold one experiment, (looks, arms), with at least one look; `counts` must
    be cumulative: they never fall from look to look; `weights` must be above 0 for every arm.

    References: Lindon and Malek (2022), NeurIPS, theorem 1.

    >>> sequential_srm([[1, 0], [2, 0], [3, 0]], [0.5, 0.5]).pvalue.round(3).tolist()
    [1.0, 0.75, 0.5]
    """
    from scipy.special import gammaln

    alpha, concentration = _check.share("alpha", alpha), _check.positive("concentration", concentration)
    observed, shares, labels = _matched(counts, weights)
    observed = np.atleast_2d(observed)
    if observed.ndim > 2 or not len(observed):
        raise _check.fail(
            "counts",
            "must hold one experiment, (looks, arms), with at least one look",
            f"shape {observed.shape}",
        )
    if (np.diff(observed, axis=0) < 0).any():
        raise _check.fail(
            "counts", "must be cumulative: they never fall from look to look", "a smaller count"
        )
    if (shares == 0).any():
        raise _check.fail("weights", "must be above 0 for every arm", shares)
    prior = concentration * len(shares) * shares
    n = observed.sum(-1)
    log_bf = (
        gammaln(prior.sum())
        - gammaln(prior.sum() + n)
        + (gammaln(prior + observed) - gammaln(prior)).sum(-1)
        - (observed * np.log(shares)).sum(-1)
    )
    pvalue = np.minimum.accumulate(np.minimum(1.0, np.exp(-log_bf)))
    expected = n[-1] * shares
    return Check(
        "sequential SRM", log_bf, pvalue, *_verdict(pvalue[-1], alpha, observed[-1], expected, labels)
    )


def srm_power(n: Any, loss: Any, *, share: float = 0.5, alpha: float = 0.001) -> Any:
    """Return the chance that `srm` raises the alarm, at one look, when treatment loses units at random.

    n: units assigned to both arms together, a number or an array (...,); loss: share of treatment's units
    that are never counted, 0 to below 1, broadcast with n; share: planned share of treatment; alpha:
    threshold of the check. A loss in one segment only is that segment's share of the units times its loss,
    as long as all units are checked. Normal approximation; the chance of an alarm on either side; within
    .01 from 1,000 units an arm on.

    Raises ValueError: `n` must be above 0; `loss` must be at least 0 and below 1.

    References: the variance of one multinomial score, Agresti (2013), Categorical Data Analysis, section
    1.5.

    >>> round(srm_power(107_000, 0.02), 2), round(srm_power(20_000, 0.04), 2)
    (0.5, 0.33)
    """
    from scipy.special import ndtr, ndtri

    units, lost = _check.array("n", n), _check.array("loss", loss)
    s, z = _check.share("share", share), -ndtri(_check.share("alpha", alpha) / 2)
    if (units <= 0).any():
        raise _check.fail("n", "must be above 0", _check.shares_text(units.ravel()))
    if ((lost < 0) | (lost >= 1)).any():
        raise _check.fail("loss", "must be at least 0 and below 1", _check.shares_text(lost.ravel()))
    mean = -s * (1 - s) * lost  # of one unit's score: 1 − s if it is seen in treatment, −s in control, else 0
    variance = s * (1 - s) * ((1 - s) * (1 - lost) + s) - mean**2
    null = s * (1 - s) * (1 - s * lost)  # the variance that the check expects for what is left
    shift, wide = np.sqrt(units / variance) * mean, z * np.sqrt(null / variance)
    return plain(ndtr(-wide - shift) + ndtr(shift - wide))


def localise(counts_by_segment: Mapping[Any, Any], weights: Any, *, alpha: float = 0.001) -> dict[Any, Check]:
    """Run `srm` in each segment at alpha / segments, smallest p-value first: where were the units lost?

    counts_by_segment: segment → counts, as `srm` takes them. A segment that the treatment itself
    changes (a page that only one arm reaches) cannot locate anything.

    weights: label → planned share; they sum to 1.
    Raises ValueError: `counts_by_segment` must map segments to counts; `counts_by_segment` must hold at least
    one segment.

    >>> found = localise({"ios": [500, 500], "android": [500, 300]}, [0.5, 0.5])
    >>> list(found), found["android"].passed
    (['android', 'ios'], False)
    """
    if not isinstance(counts_by_segment, Mapping):
        raise _check.fail("counts_by_segment", "must map segments to counts", _check.short(counts_by_segment))
    if not counts_by_segment:
        raise _check.fail("counts_by_segment", "must hold at least one segment", "none")
    alpha = _check.share("alpha", alpha) / len(counts_by_segment)
    checks = {k: srm(v, weights, alpha=alpha) for k, v in counts_by_segment.items()}
    return dict(sorted(checks.items(), key=lambda item: item[1].pvalue))


def _matched(counts: Any, weights: Any) -> tuple[np.ndarray, np.ndarray, list[str]]:
    counts, weights = _check.labelled("counts", counts), _check.labelled("weights", weights)
    shares = _check.weights("weights", weights)
    if isinstance(counts, Mapping):
        if isinstance(weights, Mapping) and set(counts) != set(weights):
            raise _check.fail(
                "counts", f"must have the arms {sorted(map(str, weights))}", sorted(map(str, counts))
            )
        counts = _stacked([counts[k] for k in (weights if isinstance(weights, Mapping) else counts)])
    labels = (
        [str(k) for k in weights]
        if isinstance(weights, Mapping)
        else [f"arm {i + 1}" for i in range(len(shares))]
    )
    observed = _check.array("counts", counts)
    if observed.ndim == 0 or observed.shape[-1] != len(shares):
        raise _check.fail("counts", f"must hold {len(shares)} arms, as weights does", np.shape(observed))
    if (observed < 0).any():
        raise _check.fail("counts", "must not be negative", _check.shares_text(observed.ravel()))
    if (observed % 1 != 0).any():
        raise _check.fail("counts", "must be whole numbers of units", _check.shares_text(observed.ravel()))
    return observed, shares, labels


def _stacked(arms: Sequence[Any]) -> np.ndarray:
    """Counts of each arm, scalars or arrays over looks, with the arms on the last axis."""
    columns = [_check.array("counts", arm) for arm in arms]
    if len({column.shape for column in columns}) > 1:
        raise _check.fail("counts", "must be as many for every arm", [column.shape for column in columns])
    return np.stack(columns, -1) if columns else np.empty(0)


def _verdict(
    pvalue: Any, alpha: float, observed: np.ndarray, expected: np.ndarray, labels: list[str]
) -> tuple[Any, str]:
    if np.ndim(pvalue):
        return np.asarray(pvalue >= alpha), f"alpha {alpha:g} for each of {np.size(pvalue)} sets of counts"
    plan = [f"{e:,.1f}".removesuffix(".0") for e in expected]
    counts = ", ".join(
        f"{label} {int(o):,} (planned {e})" for label, o, e in zip(labels, observed, plan, strict=True)
    )
    passed = bool(plain(pvalue) >= alpha)
    end = (
        "the shares fit the plan"
        if passed
        else "sample-ratio mismatch: do not read any effect, find the cause"
    )
    p = f"p = {float(pvalue):.2g}" if pvalue > 0 else "p < 1e-300"  # below the smallest number of the machine
    return passed, f"{counts}; {p}, alpha {alpha:g}: {end}"
