"""The effect of being reached, each exposed user weighed by 1 over the chance of it: Horvitz-Thompson and
Hajek.

Two errors stand side by side. `se` is Aronow and Samii's: what the design says, with an upper bound wherever
a pair can never be seen together; it is never too small on average and often several times too large.
`se_sharp` sums residual products over pairs that hang on one coin: right where every user has a few
neighbours, much too small with hubs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from abkit import _check
from abkit.causal.exposures import clusters_of
from abkit.estimate import Effect, Estimate
from abkit.inference.means import contrast

ENOUGH = 30  # effective clusters in both arms together; below that no normal interval is promised


@dataclass(frozen=True, eq=False, repr=False)
class ExposureEffect(Effect):
    """An `Effect` per user, all against none reached, from exposed users; n_control and n_treatment count the
    exposed.

    se_sharp, low_sharp, high_sharp: by the dependency neighbourhood. effective_control, effective_treatment:
    users that would weigh as much with equal weights. effective_clusters: the same for coins, both arms
    together. excluded: users who can never show both exposures; the effect is not about them. conclusive:
    True, or None below 30 effective clusters, and `message` says so.
    """

    se_sharp: Any = None
    low_sharp: Any = None
    high_sharp: Any = None
    effective_control: Any = None
    effective_treatment: Any = None
    effective_clusters: Any = None
    excluded: int = 0
    conclusive: bool | None = None
    message: str = ""


def horvitz_thompson(
    y: Any,
    exposed: Any,
    probabilities: Any,
    *,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    null: float = 0.0,
) -> ExposureEffect:
    """Return the unbiased effect per user of full against no exposure, if the rule is the true one.

    Sum of y / chance over the exposed, over ALL users, treatment − control. Unbiased over the coin flips
    whatever the outcomes are, but its error grows with the level of y: adding 100 to everybody changes it.
    `hajek` does not. Under a wrong rule it estimates the mean of what exposed users show, not the effect of
    treating all.

    Parameters: y, outcomes, shape (…, nodes); exposed, shape (2, …, nodes), control exposure first:
    `np.stack([exposure(…, arm="control"), exposure(…)])`; probabilities, from `exposure_probabilities`, or an
    array (2, nodes, nodes) alone, for which the covariance of the arms is bounded by the sum of their
    variances; alpha, alternative, null as in `welch`.
    Raises ValueError for other shapes, a user exposed who never can be, no user who can show both exposures,
    or a single test without an exposed user in an arm; a batch has nan there in se.

    References: Aronow and Samii (2017), Annals of Applied Statistics 11, 1912-1947: the estimator, its
    variance, and the bound for pairs never seen together; Leung (2022), Econometrica 90, 267-293, for the
    sharp error.

    >>> from abkit.causal.exposures import exposure_probabilities
    >>> p = exposure_probabilities({0: [], 1: [], 2: [], 3: []}, range(4), 0.5, "full")
    >>> horvitz_thompson([1.0, 2.0, 5.0, 4.0], [[1, 1, 0, 0], [0, 0, 1, 1]], p).estimate
    3.0
    """
    return _effect(y, exposed, probabilities, False, alpha=alpha, alternative=alternative, null=null)


def hajek(
    y: Any,
    exposed: Any,
    probabilities: Any,
    *,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    null: float = 0.0,
) -> ExposureEffect:
    """Return the difference of weighted means of exposed users: a little biased, far more precise.

    The bias is of order 1 / clusters: it halves when their number doubles. Adding a constant to y changes
    nothing. The errors are those of `horvitz_thompson` for the residuals around each arm's weighted mean.

    y, exposed, probabilities, alpha, alternative, null and Raises: as `horvitz_thompson`; a batch has nan
    where an arm has no exposed user.

    References: Aronow and Samii (2017), Annals of Applied Statistics 11, 1912-1947: the Hajek refinement.

    >>> from abkit.causal.exposures import exposure_probabilities
    >>> p = exposure_probabilities({0: [], 1: [], 2: [], 3: []}, range(4), 0.5, "full")
    >>> hajek([1.0, 2.0, 5.0, 4.0], [[1, 1, 0, 0], [0, 0, 1, 1]], p).estimate
    3.0
    """
    return _effect(y, exposed, probabilities, True, alpha=alpha, alternative=alternative, null=null)


def _effect(y: Any, exposed: Any, probabilities: Any, ratio: bool, **options: Any) -> ExposureEffect:
    """Point, both errors and counts, for either estimator."""
    values, seen, joint = _inputs(y, exposed, probabilities)
    single = np.diagonal(joint, axis1=1, axis2=2)
    kept: np.ndarray = np.min(single, 0) > 0
    if not kept.any():
        raise _check.fail("probabilities", "must let some user show both exposures", "none who can")
    chance = np.where(single > 0, single, 1.0)[(slice(None), *[None] * (values.ndim - 1))]
    weight = np.where(kept, seen / chance, 0.0)
    counts = (weight > 0).sum(-1)
    if values.ndim == 1 and not counts.all():
        arm = ("control", "treatment")[int(np.argmin(counts))]
        raise _check.fail("exposed", "must hold users of both exposures", f"none with the {arm} exposure")
    n = int(kept.sum())
    centre, rest = _centred(values, weight, n, ratio)
    estimate = centre[1] - centre[0]
    parts = weight * rest  # each user's term of n times the arm's mean
    variance = _design_variance(parts, rest, joint, probabilities, kept)
    spread = parts[1] - parts[0] - (0.0 if ratio else np.where(kept, estimate[..., None], 0.0))
    errors = np.stack([variance, _neighbour_variance(spread, joint, probabilities, kept)])
    errors = np.sqrt(np.where((errors > 0) & counts.all(0), errors, np.nan)) / n
    return _result(
        estimate,
        errors,
        weight=weight,
        control=centre[0],
        ratio=ratio,
        cluster=clusters_of(probabilities, len(kept)),
        excluded=len(kept) - n,
        options=options,
    )


def _centred(values: np.ndarray, weight: np.ndarray, n: int, ratio: bool) -> tuple[np.ndarray, np.ndarray]:
    """Means (2, …) and what is weighed, (2, …, nodes): outcomes, or residuals scaled to weights that sum to
    n.
    """
    if not ratio:
        return (weight * values).sum(-1) / n, np.broadcast_to(values, weight.shape)
    total = weight.sum(-1)
    total = np.where(total > 0, total, np.nan)
    centre = (weight * values).sum(-1) / total
    return centre, (values - centre[..., None]) * (n / total)[..., None]


def _inputs(y: Any, exposed: Any, probabilities: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes (…, nodes), exposures (2, …, nodes) and joint chances (2, nodes, nodes), checked against each
    other.
    """
    values, seen = _check.rows("y", y), _check.array("exposed", exposed)
    joint = _check.array("probabilities", probabilities)
    nodes = values.shape[-1] if values.ndim else 0
    if joint.shape != (2, nodes, nodes):
        raise _check.fail("probabilities", f"must have shape (2, {nodes}, {nodes})", f"shape {joint.shape}")
    if seen.ndim < 2 or seen.shape[0] != 2 or seen.shape[-1] != nodes:
        hint = "Stack the control exposure and the treatment exposure."
        raise _check.fail("exposed", f"must have shape (2, …, {nodes})", f"shape {seen.shape}", hint)
    _, values = _check.together(exposed=seen[0], y=values)
    if not np.isin(seen, (0, 1)).all() or (seen[0] * seen[1]).any():
        raise _check.fail(
            "exposed", "must hold 0 and 1, and no user twice", "other values or users exposed twice"
        )
    never = np.diagonal(joint, axis1=1, axis2=2)[(slice(None), *[None] * (seen.ndim - 2))] <= 0
    if wrong := int((seen.astype(bool) & never).sum()):
        hint = "Do rule, graph and design agree with those of the probabilities?"
        raise _check.fail("exposed", "must be possible by `probabilities`", f"{wrong} of chance 0", hint)
    return values, np.broadcast_to(seen, (2, *values.shape)), joint


def _design_variance(
    parts: np.ndarray, values: np.ndarray, joint: np.ndarray, probabilities: Any, kept: np.ndarray
) -> np.ndarray:
    """n² times Aronow and Samii's variance: each arm's own, less twice the covariance of the arms."""
    both = np.outer(kept, kept)
    single = np.diagonal(joint, axis1=1, axis2=2)
    own = [
        _bounded(parts[a], parts[a], (values[a], values[a]), joint[a], single[[a, a]], both) for a in (0, 1)
    ]
    cross = getattr(probabilities, "cross", None)
    if cross is None:  # −2 cov(a, b) is at most var a + var b
        return 2 * (own[0] + own[1])
    return (
        own[0]
        + own[1]
        - 2 * _bounded(parts[0], parts[1], (values[0], values[1]), cross, single, both, upper=False)
    )


def _bounded(
    left: np.ndarray,
    right: np.ndarray,
    values: tuple[np.ndarray, np.ndarray],
    together: np.ndarray,
    single: np.ndarray,
    both: np.ndarray,
    *,
    upper: bool = True,
) -> np.ndarray:
    """Σ over pairs that can be seen together, and a bound (half of both squares) for each pair that
    cannot.
    """
    possible = both & (together > 0)
    product = single[0][:, None] * single[1]
    share = np.where(possible, 1 - product / np.where(possible, together, 1.0), 0.0)
    never = both & ~possible
    bound = (left * values[0] * never.sum(1)).sum(-1) / 2 + (right * values[1] * never.sum(0)).sum(-1) / 2
    return ((left @ share) * right).sum(-1) + (bound if upper else -bound)


def _neighbour_variance(
    spread: np.ndarray, joint: np.ndarray, probabilities: Any, kept: np.ndarray
) -> np.ndarray:
    """n² times the variance from pairs of users that hang on one coin; it may come out negative."""
    dependent = getattr(probabilities, "dependent", None)
    if dependent is None:
        single = np.diagonal(joint, axis1=1, axis2=2)
        dependent = (np.abs(joint - single[:, :, None] * single[:, None, :]) > 1e-9).any(0)
    return ((spread @ (dependent & np.outer(kept, kept)).astype(float)) * spread).sum(-1)


def _result(
    estimate: np.ndarray,
    errors: np.ndarray,
    *,
    weight: np.ndarray,
    control: np.ndarray,
    ratio: bool,
    cluster: np.ndarray,
    excluded: int,
    options: dict[str, Any],
) -> ExposureEffect:
    """Intervals by both errors, and how much the weights leave."""
    member = np.eye(int(cluster.max()) + 1)[cluster]
    users, coins = _kish(weight), _kish(weight @ member).sum(0)
    wide, sharp = (
        contrast(
            Estimate(estimate[None], se[None], np.inf),
            "y",
            *(weight > 0).sum(-1),
            method="hajek" if ratio else "horvitz-thompson",
            value_control=control,
            **options,
        )
        for se in errors
    )
    enough = bool((coins >= ENOUGH).all())
    few = "" if enough else f"inconclusive: {np.min(coins):.1f} effective clusters, {ENOUGH} are needed"
    left = f"{excluded} users can never show both exposures; the effect is not about them" if excluded else ""
    fields = {
        **wide.to_dict(),
        **{k: getattr(wide, k)[0] for k in ("estimate", "se", "low", "high", "pvalue")},
    }
    return ExposureEffect(
        **fields,
        se_sharp=errors[1],
        low_sharp=sharp.low[0],
        high_sharp=sharp.high[0],
        effective_control=users[0],
        effective_treatment=users[1],
        effective_clusters=coins,
        excluded=excluded,
        conclusive=True if enough else None,
        message="; ".join(filter(None, (few, left))),
    )


def _kish(weight: np.ndarray) -> np.ndarray:
    """Kish's effective number, (Σw)² / Σw², 0 where there is no weight."""
    square = np.square(weight).sum(-1)
    return np.where(square > 0, np.square(weight.sum(-1)) / np.where(square > 0, square, 1.0), 0.0)
