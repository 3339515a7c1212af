"""Is a ranking of users worth anything? Answers from users who took no part in making it.

`qini` draws what treating the best first would have gained, `policy_value` puts a fixed rule in money, and
`predicted_and_found` lays predicted effects beside the effects of the same groups. All need data that the
ranking has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit._table import Table
from abkit.causal.unequal_effects import effect_of, gates, treatment
from abkit.estimate import Effect

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Curve(Table):
    """What treating the best first gains, at every share of the users; arrays of one value a cut.

    share: users treated, best first, 0 to 1. gain: (mean of treated − mean of others, among these users) ×
    share, so the gain per user of the whole list. low, high: pointwise normal band of `gain`, nan where an
    arm has fewer than two users. qini: Radcliffe's curve Y1 − Y0·n1/n0, in outcome units of the treated.
    auuc: the area under `gain`; random: the area under the straight line to its end; qini_area −
    qini_random is the Qini coefficient, not normalised.
    """

    share: Any
    gain: Any
    low: Any
    high: Any
    qini: Any
    auuc: float
    random: float
    qini_area: float
    qini_random: float
    qini_coefficient: float
    alpha: float = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class Calibrated(Table):
    """Groups of users by predicted effect, lowest first: mean prediction beside the effect found."""

    predicted: Any
    found: Any
    se: Any
    low: Any
    high: Any
    n: Any
    alpha: float = 0.05

    def to_frame(self) -> pd.DataFrame:
        """Return one row a group.

        >>> both = predicted_and_found([0.0, 1.0, 2.0, 4.0], [0.1, 0.1, 3.0, 3.1], groups=2)
        >>> both.to_frame().found.tolist()
        [0.5, 3.0]
        """
        import pandas as pd

        fields = ("n", "predicted", "found", "se", "low", "high")
        return pd.DataFrame({f: getattr(self, f) for f in fields}, index=pd.RangeIndex(1, len(self.n) + 1))


def qini(score: Any, y: Any, w: Any, *, alpha: float = 0.05) -> Curve:
    """Return the uplift and Qini curves of a ranking of users, on data that it has not seen.

    For a randomised treatment with one probability for all. The curve has a point at the end of each block
    of equal scores, so its course does not depend on the order of ties. A term of an empty arm is 0. The
    band holds at one share at a time, with the cut taken as fixed.

    score: (rows,) the ranking, highest first. y: (rows,) outcomes. w: (rows,) 0/1 treatment. alpha: the
    band's level.

    Raises ValueError for other shapes, and for a `w` that is not 0/1 with both arms.

    References: Radcliffe (2007), Direct Marketing Analytics Journal 14-21 (Qini); Gutierrez and Gérardy
    (2017), PMLR 67, 1-13, section 4.1 (uplift curve).

    >>> curve = qini([3.0, 2.0, 1.0, 0.0], [1, 0, 0, 0], [1, 0, 1, 0])
    >>> curve.gain.round(2).tolist(), round(curve.auuc, 3)
    ([0.0, 0.25, 0.5, 0.38, 0.5], 0.344)
    """
    score, y, w = _check.array("score", score), _check.rows("y", y), treatment(w)
    if not score.shape == y.shape == w.shape or score.ndim != 1:
        raise _check.fail(
            "score, y and w", "must have one value a user", f"{score.shape}, {y.shape}, {w.shape}"
        )
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(y) - 1)
    n1, sum1, within1 = _running(y[order], w[order], ends)
    n0, sum0, within0 = _running(y[order], 1 - w[order], ends)
    share = np.append(0.0, (ends + 1) / len(y))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean1, mean0 = np.where(n1 > 0, sum1 / n1, 0.0), np.where(n0 > 0, sum0 / n0, 0.0)
        variance = within1 / n1 / (n1 - 1) + within0 / n0 / (n0 - 1)
        half = -ndtri(_check.share("alpha", alpha) / 2) * np.sqrt(
            np.where((n1 > 1) & (n0 > 1), variance, np.nan)
        )
        curve = np.append(0.0, sum1 - np.where(n0 > 0, mean0 * n1, 0.0))
    gain, half = np.append(0.0, mean1 - mean0) * share, np.append(0.0, half) * share
    area, random = float(np.trapezoid(curve, share)), float(curve[-1] / 2)
    return Curve(
        share,
        gain,
        gain - half,
        high=gain + half,
        qini=curve,
        auuc=float(np.trapezoid(gain, share)),
        random=float(gain[-1] / 2),
        qini_area=area,
        qini_random=random,
        qini_coefficient=area - random,
        alpha=alpha,
    )


def policy_value(
    scores: Any, treat: Any, *, cost: float = 0.0, against: str = "none", alpha: float = 0.05
) -> Effect:
    """Return what a rule gains per user of the whole list, after cost, against treating nobody or everybody.

    The rule is fixed beforehand: a share that the budget pays for, or "treat whom it pays", made on other
    users. Gain against none: mean of treat·(score − cost); against all: mean of (treat − 1)·(score − cost),
    of the same users, so the difference is paired.

    scores: (rows,) AIPW scores in the unit of the outcome (money, if the outcome is money). treat: (rows,)
    True where the rule treats, or a probability. cost: of one treatment, in that unit. against: "none" or
    "all". alpha: the level.

    Raises ValueError for other shapes, and for a rule that is the one it is compared with.

    References: Athey and Wager (2021), Econometrica 89, 133-161, eq. 5.

    >>> gain = policy_value([0.0, 1.0, 2.0, 4.0], [False, False, True, True], cost=1.0)
    >>> gain.estimate, round(gain.se, 3)
    (1.0, 0.707)
    """
    _check.one_of("against", against, ("none", "all"))
    s, rule = _check.array("scores", scores), _check.array("treat", treat)
    if s.shape != rule.shape or s.ndim != 1 or ((rule < 0) | (rule > 1)).any():
        raise _check.fail("treat", "must be True or False for each score", f"{s.shape} and {rule.shape}")
    part = (rule if against == "none" else rule - 1) * (s - _check.number("cost", cost))
    if not part.any():
        raise _check.fail("treat", f"must differ from treating {against}", "the same rule")
    return effect_of(
        f"gain against treating {against}",
        part.mean(),
        part.std(ddof=1) / np.sqrt(len(part)),
        np.inf,
        alpha=alpha,
        method="policy value, aipw",
    )


def predicted_and_found(scores: Any, predicted: Any, *, groups: int = 5, alpha: float = 0.05) -> Calibrated:
    """Return groups of users by predicted effect, and the effect found in each: does the prediction hold?

    scores: (rows,) AIPW scores of users who took no part in the fit. predicted: (rows,) their predicted
    effects. groups: how many, of nearly equal size; equal predictions stay together. alpha: the level of
    each interval alone.

    Raises ValueError where the predictions do not make that many groups.

    References: Chernozhukov, Demirer, Duflo and Fernández-Val (2025), Econometrica 93, 1121-1164, section
    2.3.

    >>> predicted_and_found([0.0, 1.0, 2.0, 4.0], [0.1, 0.1, 3.0, 3.1], groups=2).found.tolist()
    [0.5, 3.0]
    """
    predicted = _check.array("predicted", predicted)
    if predicted.ndim != 1 or not len(predicted):
        raise _check.fail("predicted", "must hold one value a user", f"shape {predicted.shape}")
    edges = np.quantile(predicted, np.arange(1, _check.integer("groups", groups, low=2)) / groups)
    place = np.searchsorted(edges, predicted, side="left")
    made = int((np.bincount(place, minlength=groups) > 1).sum())
    if made < groups:
        need = f"must make {groups} groups of two users and more"
        raise _check.fail("predicted", need, f"{made}: fewer groups, or fewer equal predictions")
    found = gates(scores, place, alpha=alpha)
    mean = np.bincount(place, predicted) / found.n
    return Calibrated(
        mean, found.estimate, found.se, low=found.low, high=found.high, n=found.n, alpha=found.alpha
    )


def _running(y: np.ndarray, arm: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, ...]:
    """n, sum and scatter of one arm among the first users, at each end; y is shifted to keep its digits."""
    centre = (y * arm).sum() / arm.sum()
    n, total = np.cumsum(arm)[ends], np.cumsum(y * arm)[ends]
    shifted, squares = np.cumsum((y - centre) * arm)[ends], np.cumsum((y - centre) ** 2 * arm)[ends]
    with np.errstate(divide="ignore", invalid="ignore"):
        return n, total, np.maximum(squares - shifted**2 / n, 0.0)
