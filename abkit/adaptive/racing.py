"""What does a policy cost? The same policy, run thousands of times at once, against the best arm.

One loop over the users serves all replications: each step is a few calls on arrays (replications, arms). In a
batch all pulls come first, pull by pull and replication by replication, then all rewards, then the updates;
so `run(reps=R)` equals R live policies that take turns at the same generator.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.adaptive.policies import Policy

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, eq=False, repr=False)
class BanditRun(Table):
    """Every pull of every replication; it is also the log that an analysis after the run reads.

    arm, reward: shape (reps, horizon). regret: cumulative, what always showing the best arm would have earned
    more by then, in expected rewards; nan where the arms' means are unknown. propensity: (reps, horizon,
    arms) if it was logged, else None. batch: (horizon,), number of the batch of each pull. means: true means
    (arms,) or (horizon, arms). policy: its name.
    """

    arm: np.ndarray
    reward: np.ndarray
    regret: np.ndarray
    arms: int
    propensity: np.ndarray | None = None
    batch: np.ndarray | None = None
    means: np.ndarray | None = None
    policy: str = ""

    def totals(self) -> tuple[np.ndarray, np.ndarray]:
        """Return pulls and sums of rewards, each (reps, arms).

        >>> from abkit.adaptive.policies import EvenSplit
        >>> run(EvenSplit(2), [0.0, 1.0], horizon=8, reps=1, rng=0).totals()
        (array([[1., 7.]]), array([[0., 7.]]))
        """
        hit = [self.arm == k for k in range(self.arms)]
        pulls = np.stack([h.sum(-1) for h in hit], -1).astype(float)
        return pulls, np.stack([(h * self.reward).sum(-1) for h in hit], -1)

    def bands(
        self, quantiles: Sequence[float] = QUANTILES, *, points: int = 200
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return some pulls (points,) and quantiles of the regret there (quantiles, points).

        quantiles: shares strictly between 0 and 1; each value is one that a replication had. points: at most
        so many pulls, evenly spaced, the last one included. Raises ValueError where a share lies outside its
        range.

        >>> from abkit.adaptive.policies import EvenSplit
        >>> run(EvenSplit(2), [0.0, 1.0], horizon=8, reps=3, rng=0).bands([0.5])[1][0, -3:]
        array([3., 3., 4.])
        """
        for q in quantiles:
            _check.share("quantiles", q)
        horizon = self.arm.shape[1]
        at = np.unique(np.linspace(0, horizon - 1, min(points, horizon)).round().astype(int))
        return at + 1, np.quantile(self.regret[:, at], quantiles, axis=0, method="inverted_cdf")

    def summary(self) -> RunSummary:
        """Return mean regret, its quantiles, the best arm's share of the pulls and the chance to name it.

        Named is the arm with the highest observed mean; a tie gives each of the tied its part. The best arm
        is that of the highest mean over the horizon. Raises ValueError where the arms' means are unknown.

        >>> from abkit.adaptive.policies import EvenSplit
        >>> run(EvenSplit(2), [0.0, 1.0], horizon=8, reps=3, rng=0).summary().named_best
        1.0
        """
        if self.means is None:
            raise _check.fail("run", "must have arms with known means", "a callable without `means`")
        pulls, sums = self.totals()
        truth = self.means if self.means.ndim == 1 else self.means.mean(0)
        best = truth == truth.max()
        mean = np.divide(sums, pulls, out=np.full(sums.shape, -np.inf), where=pulls > 0)
        top = mean == mean.max(-1, keepdims=True)
        named = (top & best).sum(-1) / top.sum(-1)
        share = pulls[:, best].sum(-1) / self.arm.shape[1]
        last = self.regret[:, -1]
        low, middle, high = np.quantile(last, QUANTILES, method="inverted_cdf")
        return RunSummary(
            self.policy,
            *_mean(last),
            q05=low,
            q50=middle,
            q95=high,
            best_share=_mean(share)[0],
            best_share_se=_mean(share)[1],
            named_best=_mean(named)[0],
            named_best_se=_mean(named)[1],
            reps=len(last),
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row a replication: regret, reward, and pulls and mean reward of each arm.

        >>> from abkit.adaptive.policies import EvenSplit
        >>> run(EvenSplit(2), [0.0, 1.0], horizon=8, reps=1, rng=0).to_frame()["pulls of 1"].tolist()
        [7.0]
        """
        import pandas as pd

        pulls, sums = self.totals()
        mean = np.divide(sums, pulls, out=np.full(sums.shape, np.nan), where=pulls > 0)
        columns = {"regret": self.regret[:, -1], "reward": self.reward.sum(-1)}
        for k in range(self.arms):
            columns[f"pulls of {k}"], columns[f"mean of {k}"] = pulls[:, k], mean[:, k]
        return pd.DataFrame(columns)


@dataclass(frozen=True, repr=False)
class RunSummary(Table):
    """A run in numbers; each mean over replications has its Monte-Carlo error beside it.

    regret, q05, q50, q95: at the horizon, in expected rewards. best_share: of the pulls. named_best: share of
    replications whose highest observed mean is that of the best arm.
    """

    policy: str
    regret: float
    regret_se: float
    q05: float
    q50: float
    q95: float
    best_share: float
    best_share_se: float
    named_best: float
    named_best_se: float
    reps: int


def run(
    policy: Policy,
    arms: Any,
    *,
    horizon: int,
    reps: int,
    batch: int = 1,
    delay: int = 0,
    propensity: bool = False,
    rng: int | np.random.Generator | None = None,
) -> BanditRun:
    """Run a policy many times at once against arms of known rates, or against a callable.

    policy: where each replication starts; it is not changed. arms: rates (arms,), each the probability of the
    reward 1; (horizon, arms) where they drift; or a callable (rng, arm, t) → reward, arm an array (reps,) and
    t from 0, with true means as its attribute `means` where regret is wanted. horizon: pulls (users). reps:
    replications. batch: users who are served between two updates. delay: further pulls until a batch's
    rewards are known. propensity: log each arm's probability at each pull (reps, horizon, arms).

    Raises ValueError for arms that do not fit the policy, rates outside 0 to 1, or rewards that the policy
    refuses.

    References: pseudo-regret as in Lattimore and Szepesvári 2020, section 4.5.

    >>> from abkit.adaptive.policies import Thompson
    >>> run(Thompson(2), [0.1, 0.5], horizon=200, reps=50, rng=1).regret.shape
    (50, 200)
    """
    _check.flag("propensity", propensity)
    _check.instance("policy", policy, Policy)
    horizon, reps = _check.integer("horizon", horizon), _check.integer("reps", reps)
    batch, delay = _check.integer("batch", batch), _check.integer("delay", delay, low=0)
    rng = np.random.default_rng(rng)
    means, reward_of = _world(policy, arms, horizon)
    state = policy.spread(reps)
    arm_out = np.empty((horizon, reps), np.uint8 if policy.arms < 256 else np.int64)
    reward_out = np.empty((horizon, reps))
    logged = np.empty((horizon, reps, policy.arms)) if propensity else None
    waiting: deque[tuple[int, np.ndarray, np.ndarray]] = deque()
    for start in range(0, horizon, batch):
        while waiting and waiting[0][0] <= start:
            state = state.absorb(*waiting.popleft()[1:])
        end = min(start + batch, horizon)
        if logged is not None:
            logged[start:end] = state.propensity()
        arm = state.pull_batch(rng, end - start)
        reward = reward_of(rng, arm, start)
        waiting.append((end + delay, arm, reward))
        arm_out[start:end], reward_out[start:end] = arm, reward
    return BanditRun(
        arm_out.T,
        reward_out.T,
        _regret(arm_out, means).T,
        arms=policy.arms,
        propensity=None if logged is None else logged.swapaxes(0, 1),
        batch=np.arange(horizon) // batch,
        means=means,
        policy=policy.name,
    )


def _world(policy: Policy, arms: Any, horizon: int) -> tuple[np.ndarray | None, Callable]:
    """Return the true means, and a function (rng, arm, start) → rewards, both (times, reps)."""
    if callable(arms):
        means = getattr(arms, "means", None)
        means = None if means is None else _check.array("means", means)

        def draw(rng: np.random.Generator, arm: np.ndarray, start: int) -> np.ndarray:
            each = [np.broadcast_to(arms(rng, row, start + i), row.shape) for i, row in enumerate(arm)]
            reward = _check.array("reward", np.stack(each))
            policy.check_reward(reward)
            return reward

        return means, draw
    rates = _check.array("arms", arms)
    if rates.shape not in ((policy.arms,), (horizon, policy.arms)):
        need = f"must hold {policy.arms} rates, or {horizon} rows of them"
        raise _check.fail("arms", need, f"shape {rates.shape}")
    if ((rates < 0) | (rates > 1)).any():
        raise _check.fail("arms", "must be rates from 0 to 1", _check.shares_text(rates.ravel()[:4]))

    def toss(rng: np.random.Generator, arm: np.ndarray, start: int) -> np.ndarray:
        if rates.ndim == 1:
            return rng.random(arm.shape) < rates[arm]
        now = np.take_along_axis(rates[start : start + len(arm)], arm, 1)
        return rng.random(arm.shape) < now

    return rates, toss


def _regret(arm: np.ndarray, means: np.ndarray | None) -> np.ndarray:
    """Cumulative pseudo-regret (horizon, reps): gaps to the arm that is the best at that pull."""
    if means is None:
        return np.full(arm.shape, np.nan)
    if means.ndim == 1:
        return (means.max() - means)[arm].cumsum(0)
    return (means.max(-1, keepdims=True) - np.take_along_axis(means, arm.astype(int), 1)).cumsum(0)


def _mean(values: np.ndarray) -> tuple[float, float]:
    """Mean over replications and its Monte-Carlo error (nan for a single one)."""
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return float(values.mean()), float(error)


def lai_robbins(rates: Any) -> float:
    """Return the constant C of C · ln(pulls), which no consistent policy beats as the pulls go to infinity.

    rates: Bernoulli arms strictly between 0 and 1, at least two different. It says nothing about a horizon
    that one has: Thompson sampling lies far below that line at 10,000 pulls, so the line is no floor and no
    plot draws it.

    Raises ValueError for rates outside 0 to 1 or all equal.

    References: Lai and Robbins 1985, theorem 1.

    >>> round(lai_robbins([0.5, 0.6]), 3)
    4.899
    """
    p = _check.array("rates", rates)
    if p.ndim != 1 or ((p <= 0) | (p >= 1)).any() or (p == p.max()).all():
        raise _check.fail("rates", "must lie between 0 and 1 and differ", p.tolist())
    best, rest = p.max(), p[p < p.max()]
    divergence = rest * np.log(rest / best) + (1 - rest) * np.log((1 - rest) / (1 - best))
    return float(((best - rest) / divergence).sum())
