"""Which arm for THIS user? Policies that look at a context before they choose: LinUCB and a logistic one.

A context is a list of numbers that describe the user, known before the pull. With `intercept` (the default)
each gets a 1 put before it: without that an arm has no level of its own, and rewards around .5 are fitted by
lines through 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from scipy import special

from abkit import _check
from abkit._table import Table
from abkit.adaptive.picking import pick
from abkit.adaptive.policies import no_propensity, unknown_arm


@dataclass(frozen=True, eq=False, repr=False)
class LinUcb(Table):
    """Show the arm whose linear prediction for this user could be the highest (disjoint LinUCB).

    arms, features: how many; features without the intercept. alpha: width of the bonus, in errors of the
    prediction. ridge: penalty on every weight, the intercept too. intercept: put a 1 before each context.
    inverse, b: what it has learned, A⁻¹ (..., arms, d, d) and b (..., arms, d), d = features + 1. It leaves
    nothing to chance but ties.

    Raises ValueError where an argument lies outside its range.

    References: Li, Chu, Langford and Schapire 2010, algorithm 1; Sherman and Morrison 1950 for the update.

    >>> LinUcb(2, 1).update(0, 1.0, [0.5]).index([0.5]).round(2)
    array([1.3 , 1.12])
    """

    arms: int
    features: int
    alpha: float = field(default=1.0, kw_only=True)
    ridge: float = field(default=1.0, kw_only=True)
    intercept: bool = field(default=True, kw_only=True)
    inverse: Any = field(default=None, kw_only=True)
    b: Any = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check.integer("arms", self.arms, low=2)
        _check.integer("features", self.features)
        _check.positive("alpha", self.alpha)
        object.__setattr__(self, "ridge", _check.positive("ridge", self.ridge))
        d = self.features + bool(self.intercept)
        start = {"inverse": np.eye(d) / self.ridge, "b": np.zeros(d)}
        for name, value in start.items():
            given = getattr(self, name)
            shape = (self.arms, *value.shape)
            out = np.broadcast_to(value, shape) if given is None else _check.array(name, given)
            if out.shape[-len(shape) :] != shape:
                raise _check.fail(name, f"must end in the shape {shape}", out.shape)
            object.__setattr__(self, name, out)
        super().__post_init__()

    @property
    def name(self) -> str:
        """Return what a log and a table call the policy.

        >>> LinUcb(2, 1).name
        'LinUcb'
        """
        return "LinUcb"

    @property
    def theta(self) -> np.ndarray:
        """Return the weights of each arm (..., arms, d), the intercept first.

        >>> LinUcb(2, 1).update(0, 1.0, [0.0]).theta.tolist()
        [[0.5, 0.0], [0.0, 0.0]]
        """
        return (self.inverse @ self.b[..., None])[..., 0]

    def index(self, context: Any) -> np.ndarray:
        """Return the upper bounds of the predictions for a context (..., features), an array (..., arms).

        >>> LinUcb(2, 1, alpha=2.0).index([0.0])
        array([2., 2.])
        """
        mean, sd = self.posterior(context)
        return mean + self.alpha * sd

    def posterior(self, context: Any, *, noise_sd: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and sd of each arm's prediction (..., arms), as linear Thompson sampling would draw it.

        Raises ValueError for a context of the wrong length or a noise_sd that is not above 0.

        context: (..., features). noise_sd: standard deviation of one reward around its line; `index` takes 1.

        References: Agrawal and Goyal 2013, section 2.

        >>> [v.round(2).tolist() for v in LinUcb(2, 1).posterior([0.5])]
        [[0.0, 0.0], [1.12, 1.12]]
        """
        x = design(context, self.features, self.intercept)[..., None, :]
        spread = (x * (self.inverse @ x[..., None])[..., 0]).sum(-1)
        return (x * self.theta).sum(-1), _check.positive("noise_sd", noise_sd) * np.sqrt(spread)

    def pull(self, rng: int | np.random.Generator | None, context: Any) -> Any:
        """Return the arm for a user with this context (..., features); ties by chance.

        >>> LinUcb(2, 1).update(1, 1.0, [0.5]).pull(0, [0.5])
        1
        """
        index = self.index(context)
        u = np.random.default_rng(rng).random(index.shape)
        arm = pick(index == index.max(-1, keepdims=True), u)
        return arm if arm.ndim else int(arm)

    def update(self, arm: Any, reward: Any, context: Any) -> Self:
        """Return the policy after a reward: A⁻¹ by Sherman and Morrison's formula, b + reward · context.

        Raises ValueError for an unknown arm, a missing reward, or a context of the wrong length.

        >>> LinUcb(2, 1).update(0, 1.0, [0.5]).b[0]
        array([1. , 0.5])
        """
        hit, gain = _seen(arm, reward, self.arms)
        x = design(context, self.features, self.intercept)[..., None, :]
        ax = (self.inverse @ x[..., None])[..., 0]
        step = ax[..., :, None] * ax[..., None, :] / (1 + (x * ax).sum(-1))[..., None, None]
        return _changed(
            self,
            inverse=self.inverse - hit[..., None, None] * step,
            b=self.b + (hit * gain)[..., None] * x,
        )

    def propensity(self, context: Any) -> np.ndarray:
        """Refuse: LinUCB leaves nothing to chance. Raises ValueError.

        context: the features of this pull, shape (d,).

        >>> LinUcb(2, 1).propensity([0.5])  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        ValueError: `policy` must draw its arms by chance to have a propensity; got LinUcb. ...
        """
        raise no_propensity(self.name)


@dataclass(frozen=True, eq=False, repr=False)
class LogisticGreedy(Table):
    """Show a random arm with probability epsilon, else that of the highest predicted rate for this user.

    One logistic regression an arm, moved a step of size `rate` by each reward 0 or 1 (stochastic gradient of
    the log loss). arms, features: how many. epsilon: from 0 to 1, exploring draws from ALL arms. intercept:
    put a 1 before each context. weights: what it has learned (..., arms, d).

    Raises ValueError where an argument lies outside its range.

    References: Bottou 2010, table 1 (the gradient step); Auer, Cesa-Bianchi and Fischer 2002 (epsilon).

    >>> LogisticGreedy(2, 1, intercept=False).update(0, 1, [0.5]).weights.round(3)
    array([[0.025],
           [0.   ]])
    """

    arms: int
    features: int
    epsilon: float = field(default=0.1, kw_only=True)
    rate: float = field(default=0.1, kw_only=True)
    intercept: bool = field(default=True, kw_only=True)
    weights: Any = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check.integer("arms", self.arms, low=2)
        _check.integer("features", self.features)
        _check.positive("rate", self.rate)
        if not 0 <= _check.number("epsilon", self.epsilon) <= 1:
            raise _check.fail("epsilon", "must lie from 0 to 1", f"{self.epsilon:g}")
        shape = (self.arms, self.features + bool(self.intercept))
        weights = np.zeros(shape) if self.weights is None else _check.array("weights", self.weights)
        if weights.shape[-2:] != shape:
            raise _check.fail("weights", f"must end in the shape {shape}", weights.shape)
        object.__setattr__(self, "weights", weights)
        super().__post_init__()

    @property
    def name(self) -> str:
        """Return what a log and a table call the policy.

        >>> LogisticGreedy(2, 1, epsilon=0).name, LogisticGreedy(2, 1).name
        ('greedy', 'LogisticGreedy')
        """
        return "greedy" if self.epsilon == 0 else "LogisticGreedy"

    def predict(self, context: Any) -> np.ndarray:
        """Return each arm's predicted rate (..., arms) for a context (..., features).

        >>> LogisticGreedy(2, 1).predict([0.5])
        array([0.5, 0.5])
        """
        x = design(context, self.features, self.intercept)[..., None, :]
        return special.expit((x * self.weights).sum(-1))

    def pull(self, rng: int | np.random.Generator | None, context: Any) -> Any:
        """Return the arm for a user with this context (..., features); ties by chance.

        >>> LogisticGreedy(2, 1, epsilon=0).update(1, 1, [0.5]).pull(0, [0.5])
        1
        """
        rate = self.predict(context)
        u = np.random.default_rng(rng).random((*rate.shape[:-1], 1 + self.arms))
        explore = u[..., :1] < self.epsilon
        arm = pick((rate == rate.max(-1, keepdims=True)) | explore, u[..., 1:])
        return arm if arm.ndim else int(arm)

    def update(self, arm: Any, reward: Any, context: Any) -> Self:
        """Return the policy after a step along (reward − predicted rate) · context, for the pulled arm only.

        Raises ValueError for an unknown arm, a reward that is not 0 or 1, or a context of the wrong length.

        >>> LogisticGreedy(2, 1).update(0, 1, [0.5]).weights[0]
        array([0.05 , 0.025])
        """
        hit, gain = _seen(arm, reward, self.arms)
        if not ((gain == 0) | (gain == 1)).all():
            wrong = gain[(gain != 0) & (gain != 1)].flat[0]
            raise _check.fail("reward", "must be 0 or 1 for a logistic policy", f"{wrong:g}")
        x = design(context, self.features, self.intercept)[..., None, :]
        step = self.rate * (gain - self.predict(context))[..., None] * x
        return _changed(self, weights=self.weights + hit[..., None] * step)

    def propensity(self, context: Any) -> np.ndarray:
        """Return the probability of each arm (..., arms) for a context. Raises ValueError where epsilon is 0.

        >>> LogisticGreedy(2, 1).update(1, 1, [0.5]).propensity([0.5])
        array([0.05, 0.95])
        """
        if self.epsilon == 0:
            raise no_propensity(self.name)
        rate = self.predict(context)
        best = rate == rate.max(-1, keepdims=True)
        return self.epsilon / self.arms + (1 - self.epsilon) * best / best.sum(-1, keepdims=True)


def laplace(mean: Any, precision: Any, contexts: Any, rewards: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the diagonal normal posterior of logistic weights, mean and precision (d,), after a batch.

    mean, precision: of the prior, (d,). contexts: (rows, d). rewards: (rows,), 0 or 1. The mean is the mode,
    found by Newton's method; precisions add x²p(1 − p), and what the weights share (their covariance) is
    dropped.

    Raises ValueError for shapes that do not fit.

    References: Chapelle and Li 2011, algorithm 3.

    >>> laplace([0.0], [1.0], [[1.0], [1.0]], [1, 0])[1]
    array([1.5])
    """
    m, q = _check.array("mean", mean), _check.array("precision", precision)
    x, y = _check.array("contexts", contexts), _check.array("rewards", rewards)
    if x.shape != (*y.shape, *m.shape) or q.shape != m.shape:
        raise _check.fail("contexts", f"must have the shape ({y.size}, {m.size})", x.shape)
    w = m.copy()
    for _ in range(100):
        p = special.expit(x @ w)
        slope = x.T @ (y - p) - q * (w - m)
        step = np.linalg.solve((x.T * (p * (1 - p))) @ x + np.diag(q), slope)
        w = w + step
        if np.abs(step).max() < 1e-12:
            break
    p = special.expit(x @ w)
    return w, q + (x**2 * (p * (1 - p))[:, None]).sum(0)


def design(context: Any, features: int, intercept: bool) -> np.ndarray:
    """Return the context (..., features) with a 1 before it where there is an intercept.

    Raises ValueError for another number of features.

    >>> design([2.0, 3.0], 2, True)
    array([1., 2., 3.])
    """
    x = _check.array("context", context)
    if x.shape[-1:] != (features,):
        raise _check.fail("context", f"must hold {features} numbers on its last axis", f"shape {x.shape}")
    return np.concatenate([np.ones((*x.shape[:-1], 1)), x], axis=-1) if intercept else x


def _seen(arm: Any, reward: Any, arms: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which arm was pulled (..., arms), and the reward (..., 1)."""
    label = np.asarray(arm)
    if label.dtype.kind not in "iu" or ((label < 0) | (label >= arms)).any():
        raise unknown_arm(arm, arms)
    return label[..., None] == np.arange(arms), _check.array("reward", reward)[..., None]


def _changed(policy: Any, **fields: np.ndarray) -> Any:
    """Return a copy with other arrays and without the checks: this runs once a user."""
    new = object.__new__(type(policy))
    new.__dict__.update(policy.__dict__, **fields)
    return new
