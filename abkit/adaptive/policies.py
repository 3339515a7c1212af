"""Which arm does the next user see? Epsilon-greedy, UCB1 and Thompson sampling, as small frozen values.

A policy keeps two numbers an arm, pulls and the sum of rewards, with the arms on the last axis. Leading axes
are as many policies as there are places: `racing.run` steps thousands at once through the same code that
serves one user. A pull takes its random numbers replication by replication, so both ways read one stream
alike. What lies in the past is discounted before the new reward is added, in all arms; the prior is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.adaptive.picking import floored, over_arms, pick
from abkit.bayes.comparing import beta_best, normal_best
from abkit.bayes.posteriors import Beta, Normal

MODELS = {"bernoulli": (1.0, 1.0), "gaussian": (0.0, 1.0)}
LEAST_PRIOR = 0.25  # below, draws of 0 and of 1 tie too often for the largest draw to be a fair choice


@dataclass(frozen=True, eq=False, repr=False)
class Policy(Table):
    """What every policy without contexts keeps: pulls and sums of rewards (..., arms), both discounted.

    arms: how many, at least 2. discount: what each pull leaves of all earlier ones, above 0 and at most 1 (1:
    nothing is forgotten; .99: about the last hundred pulls count). seen: pulls so far, not discounted.
    """

    arms: int
    discount: float = field(default=1.0, kw_only=True)
    pulls: Any = field(default=None, kw_only=True)
    sums: Any = field(default=None, kw_only=True)
    seen: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        _check.integer("arms", self.arms, low=2)
        if not 0 < _check.number("discount", self.discount) <= 1:
            raise _check.fail("discount", "must lie above 0 and at most at 1", f"{self.discount:g}")
        for name in ("pulls", "sums"):
            value = getattr(self, name)
            value = np.zeros(self.arms) if value is None else _check.array(name, value)
            if value.shape[-1:] != (self.arms,):
                raise _check.fail(name, f"must hold one number for each of {self.arms} arms", value.shape)
            object.__setattr__(self, name, value)
        super().__post_init__()

    def pull(self, rng: int | np.random.Generator | None) -> Any:
        """Return the arm of the next user: a whole number from 0, or one for each policy on the leading axes.

        rng: a generator, so that the next pull goes on where this one ended.

        >>> Thompson(2).pull(np.random.default_rng(1))
        1
        """
        arm = self.pull_batch(np.random.default_rng(rng), 1)[0]
        return arm if arm.ndim else int(arm)

    def pull_batch(self, rng: np.random.Generator, times: int) -> np.ndarray:
        """Return the arms (times, ...) of the next users, who all come before any reward of theirs.

        >>> policies = EvenSplit(2), EpsilonGreedy(2, epsilon=0), Ucb(2), Thompson(2, floor=0.1)
        >>> seen, rng = [policy.update([0, 1], [0, 1]) for policy in policies], np.random.default_rng(3)
        >>> [policy.pull_batch(rng, 4).tolist() for policy in seen]
        [[0, 0, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]
        """
        raise NotImplementedError

    def update(self, arm: Any, reward: Any) -> Self:
        """Return the policy that has seen the reward of a pull, or of a batch of pulls in their order.

        arm, reward: one number each, or (times,) for a batch; with leading axes (...) or (times, ...).

        Raises ValueError for an arm that does not exist, a reward that is missing or does not fit the
        policy's model, or shapes that do not fit.

        >>> Thompson(2).update(0, 1).update([1, 1], [0, 1]).pulls
        array([1., 2.])
        """
        if isinstance(arm, int) and self.pulls.ndim == 1 and isinstance(reward, (int, float)):
            return self._update_one(arm, reward)
        arm, reward = _pair(arm, reward, self.arms)
        self.check_reward(reward)
        lead = self.pulls.shape[:-1]
        if arm.shape == lead:
            arm, reward = arm[None], reward[None]
        if arm.shape[1:] != lead:
            raise _check.fail("arm", f"must have the shape {lead} or (times, *{lead})", arm.shape)
        return self.absorb(arm, reward)

    def _update_one(self, arm: int, reward: float) -> Self:
        """The same for one user, without arrays of one element: this is what a server calls."""
        if not 0 <= arm < self.arms or isinstance(arm, bool):
            raise unknown_arm(arm, self.arms)
        reward = _check.number("reward", float(reward))
        self.check_reward(reward)
        pulls, sums = self.discount * self.pulls, self.discount * self.sums
        pulls[arm] += 1
        sums[arm] += reward
        return self._after(pulls, sums, 1)

    def absorb(self, arm: np.ndarray, reward: np.ndarray) -> Self:
        """Return the policy after rewards (times, ...) that were checked before.

        arm, reward: one row a pull, in order; a discount leaves less of the earlier ones.

        >>> EvenSplit(2, discount=0.5).absorb(np.array([0, 0, 1]), np.array([1.0, 1.0, 1.0])).sums
        array([0.75, 1.  ])
        """
        if len(arm) == 1:
            return self._absorb_one(arm[0].ravel(), reward[0].ravel())
        hit: np.ndarray = arm[..., None] == np.arange(self.arms)
        gain, kept = hit * reward[..., None], 1.0
        if self.discount < 1:
            age = np.arange(len(arm))[::-1].reshape(-1, *[1] * (hit.ndim - 1))
            weight, kept = self.discount**age, self.discount ** len(arm)
            hit, gain = weight * hit, weight * gain
        return self._after(kept * self.pulls + hit.sum(0), kept * self.sums + gain.sum(0), len(arm))

    def _absorb_one(self, arm: np.ndarray, reward: np.ndarray) -> Self:
        """The same for one pull of each policy, added where it belongs: the step that runs most often."""
        if self.discount == 1:
            pulls, sums = self.pulls.copy(), self.sums.copy()
        else:
            pulls, sums = self.discount * self.pulls, self.discount * self.sums
        place = arm + np.arange(0, pulls.size, self.arms)
        pulls.reshape(-1)[place] += 1
        sums.reshape(-1)[place] += reward
        return self._after(pulls, sums, 1)

    def _after(self, pulls: np.ndarray, sums: np.ndarray, more: int) -> Self:
        """Return a copy with other counts and without the checks: this runs once a user."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__, pulls=pulls, sums=sums, seen=self.seen + more)
        return new

    def spread(self, reps: int) -> Self:
        """Return as many copies of the policy on a new leading axis.

        >>> EvenSplit(2).update(0, 1).spread(3).pulls.tolist()
        [[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]
        """
        shape = (reps, *self.pulls.shape)
        return self._after(np.broadcast_to(self.pulls, shape), np.broadcast_to(self.sums, shape), 0)

    @property
    def name(self) -> str:
        """Return what a log and a table call the policy.

        >>> EvenSplit(2).name, EpsilonGreedy(2, epsilon=0).name
        ('EvenSplit', 'greedy')
        """
        return type(self).__name__

    def check_reward(self, reward: Any) -> None:
        """Raise where finite rewards do not fit the policy's model; any fits a policy without one.

        >>> EvenSplit(2).check_reward(12.5)
        """

    def means(self) -> np.ndarray:
        """Return the mean reward of each arm (..., arms), inf where an arm was never pulled: it comes first.

        >>> EpsilonGreedy(2).update(1, 0.5).means()
        array([inf, 0.5])
        """
        if self.known:
            return self.sums / self.pulls
        out = np.full(self.pulls.shape, np.inf)
        return np.divide(self.sums, self.pulls, out=out, where=self.pulls > 0)

    @property
    def known(self) -> bool:
        """Say whether every arm was pulled; once true it stays so, and later copies remember it.

        >>> EvenSplit(2).update(0, 1).known, EvenSplit(2).update([0, 1], [1, 0]).known
        (False, True)
        """
        if not self.__dict__.get("_known") and self.pulls.all():
            self.__dict__["_known"] = True
        return bool(self.__dict__.get("_known"))

    def propensity(self) -> np.ndarray:
        """Return each arm's probability at the next pull (..., arms); a policy without chance has none.

        >>> policies = EvenSplit(2), EpsilonGreedy(2, epsilon=0.2), Thompson(2)
        >>> [policy.update([0, 1], [0, 1]).propensity().round(2).tolist() for policy in policies]
        [[0.5, 0.5], [0.1, 0.9], [0.17, 0.83]]
        """
        raise no_propensity(self.name)


@dataclass(frozen=True, eq=False, repr=False)
class EvenSplit(Policy):
    """Show each arm with the same probability, whatever they earn: the fixed test, to compare with.

    arms: how many.

    >>> EvenSplit(4).propensity()
    array([0.25, 0.25, 0.25, 0.25])
    """

    def pull_batch(self, rng: np.random.Generator, times: int) -> np.ndarray:
        return (self.arms * rng.random((times, *self.pulls.shape[:-1]))).astype(np.int64)

    def propensity(self) -> np.ndarray:
        return np.full(self.pulls.shape, 1 / self.arms)


@dataclass(frozen=True, eq=False, repr=False)
class EpsilonGreedy(Policy):
    """Show a random arm with probability epsilon, else the one with the best mean so far; ties by chance.

    arms: how many. epsilon: from 0 (greedy) to 1; exploring draws from ALL arms, the best included. half_at:
    pulls after which epsilon has fallen to its half (epsilon · half_at / (half_at + pulls)), None for a
    constant one. discount: see `Policy`. Every arm is shown once before all else.

    Raises ValueError where an argument lies outside its range.

    References: Auer, Cesa-Bianchi and Fischer 2002, figure 3 (an epsilon that falls like 1/t).

    >>> EpsilonGreedy(2, epsilon=0.1).update([0, 1], [1, 0]).propensity()
    array([0.95, 0.05])
    """

    epsilon: float = field(default=0.1, kw_only=True)
    half_at: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not 0 <= _check.number("epsilon", self.epsilon) <= 1:
            slip = "Is that per cent? Divide by 100." if 1 < self.epsilon <= 100 else ""
            raise _check.fail("epsilon", "must lie from 0 to 1", f"{self.epsilon:g}", slip)
        if self.half_at is not None:
            _check.positive("half_at", self.half_at)
        super().__post_init__()

    @property
    def name(self) -> str:
        return "greedy" if self.epsilon == 0 else "EpsilonGreedy"

    @property
    def exploring(self) -> float:
        """Return the epsilon of the next pull, a share.

        >>> EpsilonGreedy(2, epsilon=0.2, half_at=1).update(0, 1).exploring
        0.1
        """
        if self.half_at is None:
            return self.epsilon
        return self.epsilon * self.half_at / (self.half_at + self.seen)

    def pull_batch(self, rng: np.random.Generator, times: int) -> np.ndarray:
        means = self.means()
        u = rng.random((times, *self.pulls.shape[:-1], 1 + self.arms))
        explore = u[..., :1] < self.exploring
        if not self.known:
            explore = explore & np.isfinite(means).all(-1)[..., None]
        return pick((means == over_arms(np.maximum, means)) | explore, u[..., 1:])

    def propensity(self) -> np.ndarray:
        if self.exploring == 0:
            raise no_propensity(self.name)
        means = self.means()
        best = means == means.max(-1, keepdims=True)
        known = np.isfinite(means).all(-1, keepdims=True)
        share = np.where(known, self.exploring, 0.0)
        return share / self.arms + (1 - share) * best / best.sum(-1, keepdims=True)


@dataclass(frozen=True, eq=False, repr=False)
class Ucb(Policy):
    """Show the arm whose mean could be the highest: mean + √(constant · ln t / pulls); ties by chance (UCB1).

    arms: how many. constant: 2 is UCB1's own, for rewards from 0 to 1, which are the only ones taken. t:
    pulls so far. discount: below 1 all counts are discounted ones (D-UCB: its 4 B² ξ is the constant). There
    is no chance in it, so no propensity, and nothing can be claimed from its data by weighting.

    Raises ValueError for a constant that is not above 0.

    References: Auer, Cesa-Bianchi and Fischer 2002, figure 1; Garivier and Moulines 2011, section 2.

    >>> Ucb(3, pulls=[10, 20, 5], sums=[3, 9, 1]).index().round(3)
    array([1.143, 1.046, 1.393])
    """

    constant: float = field(default=2.0, kw_only=True)

    def __post_init__(self) -> None:
        _check.positive("constant", self.constant)
        super().__post_init__()

    def index(self) -> np.ndarray:
        """Return the upper bounds (..., arms), inf for an arm that was never pulled.

        >>> Ucb(2).update(0, 1).index()
        array([ 1., inf])
        """
        chance = self.constant * np.log(np.maximum(over_arms(np.add, self.pulls), 1.0))
        pulls = self.pulls if self.known else np.maximum(self.pulls, 1e-300)
        return self.means() + np.sqrt(chance / pulls)

    def pull_batch(self, rng: np.random.Generator, times: int) -> np.ndarray:
        index = self.index()
        u = rng.random((times, *self.pulls.shape))
        return pick(index == over_arms(np.maximum, index), u)

    def check_reward(self, reward: Any) -> None:
        """Raise ValueError for a reward (a number or an array) outside 0 to 1.

        >>> Ucb(2).check_reward(1.5)
        Traceback (most recent call last):
            ...
        ValueError: `reward` must lie from 0 to 1 for Ucb; got 1.5. Divide by the largest reward there can be.
        """
        if isinstance(reward, float) and 0 <= reward <= 1:
            return
        if np.min(reward, initial=0.0) < 0 or np.max(reward, initial=1.0) > 1:
            worst = np.ravel(reward)[np.abs(np.ravel(reward) - 0.5).argmax()]
            hint = "Divide by the largest reward there can be."
            raise _check.fail("reward", "must lie from 0 to 1 for Ucb", f"{worst:g}", hint)


@dataclass(frozen=True, eq=False, repr=False)
class Thompson(Policy):
    """Draw a value for each arm from its posterior and show the arm of the largest (Thompson sampling).

    arms: how many. model: "bernoulli" (rewards 0 or 1, prior Beta(a, b), each at least .25) or "gaussian"
    (any reward, prior (mean, sd), noise_sd: known standard deviation of one reward). prior: (1, 1) or (0, 1)
    by default. floor: the least probability of each arm, from 0 to 1/arms. With a floor the probabilities are
    written down first (normal posteriors of the same mean and sd) and the arm is drawn from them, so that
    they are known exactly. discount: see `Policy`.

    Raises ValueError where an argument lies outside its range.

    References: Thompson 1933; Russo and others 2018, sections 3 and 4; Raj and Kalyani 2017 (discount).

    >>> Thompson(2).update([0, 0, 1], [1, 1, 0]).propensity().round(2)
    array([0.9, 0.1])
    """

    model: str = field(default="bernoulli", kw_only=True)
    prior: Any = field(default=None, kw_only=True)
    noise_sd: float = field(default=1.0, kw_only=True)
    floor: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        _check.one_of("model", self.model, tuple(MODELS))
        prior = MODELS[self.model] if self.prior is None else tuple(map(float, self.prior))
        if len(prior) != 2 or not np.isfinite(prior).all():
            raise _check.fail("prior", "must hold two finite numbers", self.prior)
        least = LEAST_PRIOR if self.model == "bernoulli" else 0.0
        if prior[1] <= 0 or (self.model == "bernoulli" and min(prior) < least):
            need = f"must be at least {least} each" if least else "must have an sd above 0"
            raise _check.fail("prior", need, prior)
        _check.positive("noise_sd", self.noise_sd)
        super().__post_init__()
        if not 0 <= _check.number("floor", self.floor) <= 1 / self.arms:
            raise _check.fail("floor", f"must lie from 0 to 1/{self.arms}", f"{self.floor:g}")
        object.__setattr__(self, "prior", prior)

    def parameters(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the posterior's two parameters (..., arms): a and b, or mean and sd.

        >>> Thompson(2).update(1, 1).parameters()
        (array([1., 2.]), array([1., 1.]))
        """
        first, second = self.prior
        if self.model == "bernoulli":
            return first + self.sums, second + self.pulls - self.sums
        precision = second**-2 + self.pulls / self.noise_sd**2
        mean = (first * second**-2 + self.sums / self.noise_sd**2) / precision
        return mean, precision**-0.5

    def posteriors(self, labels: Any = None) -> dict[str, Beta] | dict[str, Normal]:
        """Return label → posterior of one policy, for `compare`. labels: one an arm ("0", "1", … by default).

        Raises ValueError for another number of labels, or several policies at once.

        >>> Thompson(2).update(1, 1).posteriors(["old", "new"])["new"]
        Beta: a 2  b 1
        """
        if self.pulls.ndim != 1:
            raise _check.fail("policy", "must be a single one", f"{self.pulls.shape[:-1]} policies")
        names = [str(i) for i in range(self.arms)] if labels is None else list(labels)
        if len(names) != self.arms:
            raise _check.fail("labels", f"must name each of {self.arms} arms", names)
        kind: Any = Beta if self.model == "bernoulli" else Normal
        return {k: kind(float(p), float(q)) for k, p, q in zip(names, *self.parameters(), strict=True)}

    def pull_batch(self, rng: np.random.Generator, times: int) -> np.ndarray:
        if self.floor > 0:
            u = rng.random((times, *self.pulls.shape[:-1], 1))
            return (u >= self.propensity().cumsum(-1)[..., :-1]).sum(-1)
        draw = rng.beta if self.model == "bernoulli" else rng.normal
        first, second = self.parameters()
        return draw(first, second, (times, *self.pulls.shape)).argmax(-1)

    def propensity(self) -> np.ndarray:
        first, second = self.parameters()
        if self.floor > 0:
            if self.model == "bernoulli":
                total = first + second
                first, second = first / total, np.sqrt(first * second / (total + 1)) / total
            return floored(normal_best(first, second)[0], self.floor)
        return (beta_best if self.model == "bernoulli" else normal_best)(first, second)[0]

    def check_reward(self, reward: Any) -> None:
        """Raise ValueError for a reward (a number or an array) that is not 0 or 1, in the Bernoulli model.

        >>> Thompson(2, model="gaussian").check_reward(0.5)
        >>> Thompson(2).check_reward(0.5)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        ValueError: `reward` must be 0 or 1 for a Bernoulli policy; got 0.5. For amounts use ...
        """
        if self.model != "bernoulli" or (isinstance(reward, float) and reward in (0, 1)):
            return
        values = np.ravel(reward)
        wrong = values[(values != 0) & (values != 1)]
        if wrong.size:
            hint = 'For amounts use Thompson(arms, model="gaussian", noise_sd=…).'
            raise _check.fail("reward", "must be 0 or 1 for a Bernoulli policy", f"{wrong[0]:g}", hint)


def no_propensity(name: str) -> ValueError:
    """Build the error for a policy that leaves nothing to chance.

    >>> str(no_propensity("Ucb")).split(";")[0]
    '`policy` must draw its arms by chance to have a propensity'
    """
    hint = "Use EpsilonGreedy with epsilon above 0, or Thompson with a floor."
    return _check.fail("policy", "must draw its arms by chance to have a propensity", name, hint)


def unknown_arm(arm: Any, arms: int) -> ValueError:
    """Build the error for an arm that does not exist.

    >>> unknown_arm(3, 2)
    ValueError('`arm` must be a whole number from 0 to 1; got 3.')
    """
    return _check.fail("arm", f"must be a whole number from 0 to {arms - 1}", arm)


def _pair(arm: Any, reward: Any, arms: int) -> tuple[np.ndarray, np.ndarray]:
    """Return arm and reward as arrays of one shape, each arm known and each reward finite."""
    labels, values = np.asarray(arm), _check.array("reward", reward)
    if labels.dtype.kind not in "iu" or ((labels < 0) | (labels >= arms)).any():
        raise unknown_arm(arm, arms)
    if labels.shape != values.shape:
        raise _check.fail("reward", f"must have the shape of `arm`, {labels.shape}", values.shape)
    return labels, values
