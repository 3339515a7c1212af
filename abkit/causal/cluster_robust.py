"""Whole clusters in one arm: the effect with an error that counts clusters, and an exact test when they
are few.

Users of one city resemble each other, so 20,000 users in 50 cities hold far less than 20,000 independent
ones. Every formula here needs two numbers a cluster only: the total of y and the number of users.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from abkit import _check
from abkit.causal.partitions import in_order
from abkit.estimate import Check, Effect, Estimate, difference
from abkit.inference.means import contrast

WEIGHTS = ("user", "cluster")
ENUMERATE = 100_000  # assignments gone through; more are drawn
DRAWS = 20_000
CHUNK = 4_096  # assignments at once; part of the random stream
TIE = 1e-9  # statistics closer than this share of their size are equal


@dataclass(frozen=True, eq=False, repr=False)
class RandomizationCheck(Check):
    """A `Check` of "no effect on anybody": passed True where that is rejected at alpha, None where no p is so
    small.

    statistic: the observed difference, or its ratio to the CR2 error. smallest: the smallest p that this
    design can give. assignments: how many were compared. exact: all there are, else drawn ones with 1 added.
    """

    smallest: float = math.nan
    assignments: int = 0
    exact: bool = True


def cluster_effect(
    y: Any,
    cluster: Any,
    treated: Any,
    *,
    weights: str = "user",
    alpha: float = 0.05,
    alternative: str = "two-sided",
    null: float = 0.0,
) -> Effect:
    """Compare two arms of whole clusters: CR2 error with Bell-McCaffrey degrees of freedom.

    weights="user": the difference of the users' means, the effect per user. weights="cluster": each cluster
    counts once, whatever its size (Welch on the clusters' means), the effect per cluster; where large
    clusters react otherwise the two differ, and neither is wrong. The df come from the sizes alone, for users
    that are independent with equal variance; K − 2 is right for equal clusters in equal numbers only: with 2
    treated clusters of 20 it errs in 20 per cent of tests. Analysing users as if they had been assigned alone
    is the usual mistake: 67 per cent false alarms with 200 users a cluster and a correlation of .1.

    Parameters: y, shape (…, users); cluster, a label a user; treated, 0 or 1 a user, equal within a cluster;
    weights; alpha, alternative, null as in `welch`. Replications stand on leading axes of y.
    Returns an `Effect` in units of y; n_control and n_treatment count users, `method` the clusters.
    Raises ValueError for missing labels, a cluster in both arms, or an arm of one cluster: there is no error
    then, and packages that return one measure the other arm's spread only. `randomization_test` still works.

    References: Bell and McCaffrey (2002); Pustejovsky and Tipton (2018), Journal of Business and Economic
    Statistics 36, 672-683: CR2 and its Satterthwaite df.

    >>> effect = cluster_effect([1, 2, 3, 2, 4, 5, 6, 5.0], list("aabbccdd"), [0, 0, 0, 0, 1, 1, 1, 1])
    >>> effect.estimate, round(effect.se, 4), round(effect.df, 6), effect.method
    (3.0, 0.7071, 2.0, 'CR2 per user, 2 and 2 clusters')
    """
    _check.one_of("weights", weights, WEIGHTS)
    totals = cluster_totals(y, cluster, treated)
    return effect_of_totals(*totals, weights=weights, alpha=alpha, alternative=alternative, null=null)


def effect_of_totals(
    total: np.ndarray,
    size: np.ndarray,
    treated: np.ndarray,
    *,
    weights: str = "user",
    alpha: float = 0.05,
    alternative: str = "two-sided",
    null: float = 0.0,
) -> Effect:
    """Return `cluster_effect` from each cluster's total (…, clusters), number of users, and True where
    treated.

    weights, alpha, alternative, null: as there. Raises ValueError for an arm of one cluster.

    >>> totals = np.array([3.0, 5.0, 9.0, 11.0]), np.array([2, 2, 2, 2]), np.array([False, False, True, True])
    >>> effect_of_totals(*totals).estimate
    3.0
    """
    sides = (~treated, treated)
    if min(side.sum() for side in sides) < 2:
        hint = "One cluster shows no spread of its own: use `randomization_test`."
        got = f"{sides[0].sum()} in control and {sides[1].sum()} in treatment"
        raise _check.fail("cluster", "must name at least two clusters in each arm", got, hint)
    by_user = weights == "user"
    found = (_per_user if by_user else _per_cluster)(total, size, treated)
    control = total[..., ~treated]
    name = "CR2 per user" if by_user else "Welch per cluster"
    return contrast(
        found,
        "y",
        *(int(size[side].sum()) for side in sides),
        alpha=alpha,
        alternative=alternative,
        null=null,
        method=f"{name}, {sides[0].sum()} and {sides[1].sum()} clusters",
        value_control=control.sum(-1) / size[~treated].sum()
        if by_user
        else (control / size[~treated]).mean(-1),
    )


def randomization_test(
    y: Any,
    cluster: Any,
    treated: Any,
    *,
    weights: str = "user",
    studentised: bool = False,
    block: Any = None,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    rng: int | np.random.Generator | None = None,
) -> RandomizationCheck:
    """Test "no effect on anybody" by all ways in which the clusters could have been assigned.

    Exact for any number of clusters, from 1 treated up, if the arms were drawn with these counts (within each
    block). p is the share of assignments whose statistic is at least as far out as the observed one, which is
    among them; beyond 100,000 assignments 20,000 are drawn and 1 is added. With few clusters p cannot be
    small: 2 of 6 give .067 at best, so no test at .05 exists, and `passed` is None whatever the data say.

    Parameters: y, shape (users,); cluster, a label a user; treated, 0 or 1 a user, equal within a cluster;
    weights, users or clusters as in `cluster_effect`; studentised, divide by the CR2 error of each assignment
    (closer to right when only the AVERAGE effect is zero; needs two clusters in each arm); block, the block
    or pair of each cluster in order of the cluster's first appearance, as `size_blocks` gives it; alpha;
    alternative; rng, used beyond 100,000 only.
    Raises ValueError as `cluster_effect` does, but allows an arm of one cluster.

    References: Fisher (1935); Gail and others (1996), Statistics in Medicine 15, 1069-1092.

    >>> test = randomization_test([5, 6, 7, 1, 2, 3.0], list("abcdef"), [1, 1, 1, 0, 0, 0])
    >>> test.pvalue, test.smallest, test.assignments
    (0.1, 0.1, 20)
    """
    _check.flag("studentised", studentised)
    _check.one_of("weights", weights, WEIGHTS)
    _check.one_of("alternative", alternative, _check.ALTERNATIVES)
    alpha = _check.share("alpha", alpha)
    values = _check.rows("y", y)
    if values.ndim != 1:
        raise _check.fail("y", "must be one experiment, shape (users,)", f"shape {values.shape}")
    total, size, arm = cluster_totals(values, cluster, treated)
    if studentised and min(arm.sum(), (~arm).sum()) < 2:
        raise _check.fail(
            "studentised", "needs two clusters in each arm", f"{arm.sum()} treated of {len(arm)}"
        )
    blocks = in_order(block if block is not None else np.zeros(len(arm)))
    if len(blocks) != len(arm):
        raise _check.fail("block", f"must hold one label for each of {len(arm)} clusters", len(blocks))
    observed = _statistic(total, size, arm[None], weights, studentised)[0]
    count = math.prod(
        math.comb(int((blocks == b).sum()), int(arm[blocks == b].sum())) for b in np.unique(blocks)
    )
    exact = count <= ENUMERATE
    worlds = (
        _all_assignments(arm, blocks)
        if exact
        else _drawn_assignments(arm, blocks, np.random.default_rng(rng))
    )
    beyond = sum(
        int(_as_far(_statistic(total, size, z, weights, studentised), observed, alternative).sum())
        for z in worlds
    )
    return _verdict(
        observed, beyond, count, exact, twins=_mirrored(arm, blocks), alpha=alpha, alternative=alternative
    )


def cluster_totals(y: Any, cluster: Any, treated: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each cluster's total (…, clusters), its number of users, and True where it is treated.

    Clusters come in order of first appearance. Raises ValueError for other lengths, missing labels, values
    other than 0 and 1, one arm only, or a cluster in both arms.

    >>> [part.tolist() for part in cluster_totals([1.0, 2.0, 4.0], ["b", "a", "b"], [1, 0, 1])]
    [[5.0, 2.0], [2, 1], [True, False]]
    """
    values, arm = _check.rows("y", y), _check.array("treated", treated)
    index = _labels(cluster)
    if values.ndim < 1 or not values.shape[-1] == len(index) == arm.size or arm.ndim != 1:
        got = f"{values.shape[-1] if values.ndim else 'a number'}, {len(index)} and {arm.size}"
        raise _check.fail("y, cluster and treated", "must have one value a user", got)
    if not np.isin(arm, (0, 1)).all():
        raise _check.fail("treated", "must hold 0 and 1", np.setdiff1d(arm, (0, 1))[:3])
    size = np.bincount(index)
    share = np.bincount(index, arm) / size
    if mixed := int(((share > 0) & (share < 1)).sum()):
        hint = "Were users assigned one by one? Then this design had no clusters."
        raise _check.fail("treated", "must be equal within a cluster", f"{mixed} clusters in both arms", hint)
    if share.min() == share.max():
        raise _check.fail("treated", "must name clusters of both arms", "one arm only")
    order = np.argsort(index, kind="stable")
    starts = np.r_[0, np.cumsum(size)[:-1]]
    return np.add.reduceat(values[..., order], starts, axis=-1), size, share == 1


def _labels(cluster: Any) -> np.ndarray:
    """Clusters as whole numbers in order of first appearance, none missing."""
    try:
        return in_order(cluster)
    except ValueError as error:
        raise ValueError(str(error).replace("`partition`", "`cluster`")) from None


def _per_user(total: np.ndarray, size: np.ndarray, arm: np.ndarray) -> Estimate:
    """Difference of users' means; CR2 and Satterthwaite df, closed form of the matrix formulas for two arms.

    In arm a cluster g holds the share f of the N users, so its leverage is f and its CR2 term (its residual
    total)² / N² / (1 − f). The Satterthwaite matrix has f / N on the diagonal and −f f' / (N √((1 − f)(1 −
    f'))) beside it.
    """
    mean, variance, trace, square = [], np.zeros(total.shape[:-1]), 0.0, 0.0
    for side in (~arm, arm):
        n = size[side].sum()
        f = size[side] / n
        centre = total[..., side].sum(-1, keepdims=True) / n
        mean.append(centre[..., 0])
        residual = total[..., side] - centre * size[side]
        variance = variance + (residual**2 / (1 - f)).sum(-1) / n**2
        trace += 1 / n
        square += ((f**2).sum() + (f**2 / (1 - f)).sum() ** 2 - (f**4 / (1 - f) ** 2).sum()) / n**2
    return Estimate(mean[1] - mean[0], np.sqrt(variance), trace**2 / square)


def _per_cluster(total: np.ndarray, size: np.ndarray, arm: np.ndarray) -> Estimate:
    """Difference of the clusters' means, each cluster once, with Welch's error and df."""
    mean = total / size

    def one(side: np.ndarray) -> Estimate:
        k = int(side.sum())
        return Estimate(mean[..., side].mean(-1), mean[..., side].std(-1, ddof=1) / math.sqrt(k), k - 1.0)

    return difference(one(~arm), one(arm))


def _statistic(
    total: np.ndarray, size: np.ndarray, treated: np.ndarray, weights: str, studentised: bool
) -> np.ndarray:
    """Difference of the arms for each assignment, shape (assignments,); treated has shape (assignments,
    clusters).
    """
    if weights == "cluster":
        total, size = total / size, np.ones(len(size))
    z = treated.astype(float)
    users = np.stack([(1 - z) @ size, z @ size])
    mean = np.stack([(1 - z) @ total, z @ total]) / users
    gap = mean[1] - mean[0]
    if not studentised:
        return gap
    variance = np.zeros(len(z))
    for side, n, centre in zip((1 - z, z), users, mean, strict=True):
        residual = total - centre[:, None] * size
        variance += (side * residual**2 / np.maximum(1 - side * size / n[:, None], 1e-300)).sum(1) / n**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gap == 0, 0.0, gap / np.sqrt(variance))


def _as_far(value: np.ndarray, observed: float, alternative: str) -> np.ndarray:
    """True where a statistic is at least as far out as the observed one; ties count."""
    sign = {"two-sided": np.abs, "greater": np.positive, "less": np.negative}[alternative]
    slack = TIE * abs(observed) if np.isfinite(observed) else 0.0
    return sign(value) >= sign(np.float64(observed)) - slack


def _all_assignments(arm: np.ndarray, blocks: np.ndarray) -> Iterator[np.ndarray]:
    """Every way to treat as many clusters of each block, in chunks of shape (assignments, clusters)."""
    members = [np.flatnonzero(blocks == b).tolist() for b in np.unique(blocks)]
    choices = [itertools.combinations(m, int(arm[m].sum())) for m in members]
    every = itertools.product(*choices)
    while part := list(itertools.islice(every, CHUNK)):
        z = np.zeros((len(part), len(arm)), bool)
        for row, picked in zip(z, part, strict=True):
            row[list(itertools.chain.from_iterable(picked))] = True
        yield z


def _drawn_assignments(arm: np.ndarray, blocks: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """`DRAWS` random assignments with as many treated clusters in each block, in chunks."""
    for start in range(0, DRAWS, CHUNK):
        z = np.zeros((min(CHUNK, DRAWS - start), len(arm)), bool)
        for b in np.unique(blocks):
            members = np.flatnonzero(blocks == b)
            z[:, members] = rng.permuted(np.broadcast_to(arm[members], (len(z), len(members))), axis=1)
        yield z


def _mirrored(arm: np.ndarray, blocks: np.ndarray) -> bool:
    """True where swapping the arms gives an assignment that could have been drawn: every block has equal
    arms.
    """
    return all(2 * arm[blocks == b].sum() == (blocks == b).sum() for b in np.unique(blocks))


def _verdict(
    observed: float, beyond: int, count: int, exact: bool, *, twins: bool, alpha: float, alternative: str
) -> RandomizationCheck:
    """p, the smallest p of the design, and what they allow to say."""
    both = 2 if twins and alternative == "two-sided" else 1  # a mirrored assignment is just as far out
    p = beyond / count if exact else (beyond + 1) / (DRAWS + 1)
    smallest = both / count if exact else 1 / (DRAWS + 1)
    message = (
        f"p {p:.3g} of {count if exact else DRAWS:,} assignments; the smallest p possible is {smallest:.3g}"
    )
    if smallest > alpha:
        message += f", so no test at {alpha:g} exists"
    return RandomizationCheck(
        "randomization test",
        observed,
        p,
        passed=None if smallest > alpha else p <= alpha,
        message=message,
        smallest=smallest,
        assignments=count if exact else DRAWS,
        exact=exact,
    )
