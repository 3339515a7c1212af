"""Fixed test, bandit, or first one and then the other: what each earns, names and claims, in one table.

A test earns less while it runs and says what an effect is; a bandit earns more and says it badly. How much of
each, in the reader's own world, is a simulation; every number has its Monte-Carlo error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.adaptive.policies import EvenSplit, Policy, Thompson
from abkit.adaptive.racing import run

if TYPE_CHECKING:
    import pandas as pd

DESIGNS = ("fixed test", "Thompson", "hybrid")
WORLDS = ("steady", "a day late", "drift")
TEST, NARROW = 0.5, 0.2  # shares of the users who are in the test, and in the hybrid's first, adaptive part


@dataclass(frozen=True, eq=False, repr=False)
class Tradeoff(Table):
    """One row a design and world; every mean over replications has its Monte-Carlo error beside it.

    regret: rewards lost over all users against always showing the best arm. named_best: share of replications
    that end with the best arm. claim_bias, claim_error: mean and root mean square of (claimed − true)
    difference between the named arm and its runner-up, in the unit of the rates.
    """

    design: tuple[str, ...]
    world: tuple[str, ...]
    regret: np.ndarray
    regret_se: np.ndarray
    named_best: np.ndarray
    named_best_se: np.ndarray
    claim_bias: np.ndarray
    claim_bias_se: np.ndarray
    claim_error: np.ndarray
    claim_error_se: np.ndarray
    reps: int

    def summary(self) -> pd.DataFrame:
        """Return one row a design and world, to read: rewards lost, best named, claim − truth, typical miss.

        Each cell holds a number and its Monte-Carlo error.

        >>> len(earn_or_learn([0.1, 0.3], users=200, days=4, reps=5, rng=1).summary())
        9
        """
        import pandas as pd

        said = {
            "rewards lost": (self.regret, self.regret_se, 1),
            "best named in 100": (100 * self.named_best, 100 * self.named_best_se, 0),
            "claim − truth (points)": (100 * self.claim_bias, 100 * self.claim_bias_se, 2),
            "typical miss (points)": (100 * self.claim_error, 100 * self.claim_error_se, 2),
        }
        columns: dict[str, Any] = {"design": self.design, "world": self.world}
        for name, (values, errors, digits) in said.items():
            most = max(digits, 1)
            pairs = zip(values, errors, strict=True)
            columns[name] = [f"{v:.{digits}f} ± {e:.{most}f}" for v, e in pairs]
        return pd.DataFrame(columns)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a design and world, its numbers unrounded, and the number of repetitions in each.

        >>> frame = earn_or_learn([0.1, 0.3], users=200, days=4, reps=5, rng=1).to_frame()
        >>> frame.shape, frame["reps"].unique().tolist()
        ((9, 11), [5])
        """
        import pandas as pd

        fields = self.to_dict()
        return pd.DataFrame({k: list(v) if isinstance(v, tuple) else v for k, v in fields.items()})


@dataclass(frozen=True)
class _World:
    """True rates at each user (users, arms), users a day, and whether rewards are known a day late."""

    rates: np.ndarray
    day: int
    late: bool

    @property
    def gaps(self) -> np.ndarray:
        """What each arm earns less than the best one at that user (users, arms)."""
        return self.rates.max(1, keepdims=True) - self.rates


def earn_or_learn(
    rates: Any,
    *,
    users: int = 10_000,
    days: int = 10,
    drift: float | None = None,
    reps: int = 200,
    rng: int | np.random.Generator | None = None,
) -> Tradeoff:
    """Return what a fixed test, Thompson sampling and a hybrid earn, name and claim, in three worlds.

    The fixed test splits half of the users evenly, then everyone gets the arm with the highest mean. Thompson
    sampling runs to the end. The hybrid lets it narrow the arms down to two on a fifth of the users, tests
    these two evenly until half, and claims from that test alone. Worlds: steady rates; rewards that come in
    at the end of the day (a test then goes on for one more day); and a drift of ALL rates alike, by `drift`
    from first to last user, which changes no difference between arms.

    rates: (arms,), chance of the reward 1. users, days: in all. drift: in the unit of the rates, half of the
    lowest rate by default. reps: replications.

    Raises ValueError for fewer than two arms, no single best arm, or rates that leave 0 to 1 by the drift.

    References: Russo and others 2018, section 8 (Thompson sampling with delay and drift).

    >>> earn_or_learn([0.1, 0.3], users=500, days=5, reps=20, rng=1).design[:3]
    ('fixed test', 'Thompson', 'hybrid')
    """
    p = _check.array("rates", rates)
    if p.ndim != 1 or len(p) < 2 or (p == p.max()).sum() > 1:
        raise _check.fail("rates", "must hold at least two rates with one best", p.tolist())
    users, days = _check.integer("users", users, low=10), _check.integer("days", days)
    reps = _check.integer("reps", reps, low=2)
    shift = p.min() / 2 if drift is None else _check.number("drift", drift)
    moving = p + shift * (np.arange(users)[:, None] / users - 0.5)
    if moving.min() < 0 or moving.max() > 1:
        raise _check.fail("drift", "must leave the rates within 0 and 1", f"{shift:g}")
    steady, day = np.broadcast_to(p, (users, len(p))), max(users // days, 1)
    worlds = [
        _World(steady, day, late=False),
        _World(steady, day, late=True),
        _World(moving, day, late=False),
    ]
    cases = [
        (world, name, design, simulate)
        for world, name in zip(worlds, WORLDS, strict=True)
        for design, simulate in zip(DESIGNS, (_fixed, _thompson, _hybrid), strict=True)
    ]
    sources = np.random.default_rng(rng).spawn(len(cases))
    rows = [
        _measured(*simulate(world, reps, source), p)
        for (world, _, _, simulate), source in zip(cases, sources, strict=True)
    ]
    columns: dict[str, Any] = {k: np.array([row[k] for row in rows]) for k in rows[0]}
    design, world_names = tuple(c[2] for c in cases), tuple(c[1] for c in cases)
    return Tradeoff(design, world_names, **columns, reps=reps)


def _fixed(world: _World, reps: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Regret (reps,), and pulls and sums (reps, arms) that the claim rests on."""
    end = _test_end(world)
    regret, pulls, sums = _part(EvenSplit(world.rates.shape[1]), world, slice(0, end), reps, rng)
    return regret + world.gaps[end:].sum(0)[_best(pulls, sums)], pulls, sums


def _thompson(
    world: _World, reps: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for Thompson sampling to the end; the claim takes its plain means."""
    return _part(Thompson(world.rates.shape[1]), world, slice(0, len(world.rates)), reps, rng)


def _hybrid(world: _World, reps: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for the hybrid: narrow down, then test the last two; arms out of the test have no pulls."""
    arms, start, end = world.rates.shape[1], int(NARROW * len(world.rates)), _test_end(world)
    regret, pulls, sums = _part(Thompson(arms), world, slice(0, start), reps, rng)
    pair = np.argsort(np.where(pulls > 0, sums / np.maximum(pulls, 1), -1.0), axis=1)[:, -2:]
    side = rng.integers(0, 2, (end - start, reps))
    arm = np.where(side == 0, pair[:, 0], pair[:, 1])
    reward = rng.random(arm.shape) < np.take_along_axis(world.rates[start:end], arm, 1)
    hit = arm[..., None] == np.arange(arms)
    regret = regret + np.take_along_axis(world.gaps[start:end], arm, 1).sum(0)
    pulls, sums = hit.sum(0).astype(float), (hit * reward[..., None]).sum(0).astype(float)
    return regret + world.gaps[end:].sum(0)[_best(pulls, sums)], pulls, sums


def _part(
    policy: Policy, world: _World, users: slice, reps: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run a policy on some of the users; late rewards come in once a day."""
    rates = world.rates[users]
    batch = world.day if world.late else 1
    done = run(policy, rates, horizon=len(rates), reps=reps, batch=batch, rng=rng)
    return done.regret[:, -1], *done.totals()


def _test_end(world: _World) -> int:
    """The user at whom a test ends; late rewards keep it open for one more day."""
    return min(int(TEST * len(world.rates)) + world.day * world.late, len(world.rates))


def _best(pulls: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """The arm of the highest mean in each replication."""
    return np.where(pulls > 0, sums / np.maximum(pulls, 1), -1.0).argmax(1)


def _measured(regret: np.ndarray, pulls: np.ndarray, sums: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Means over replications with their errors."""
    mean = np.where(pulls > 0, sums / np.maximum(pulls, 1), -1.0)
    second, first = np.argsort(mean, axis=1)[:, -2:].T
    row = np.arange(len(mean))
    miss = (mean[row, first] - mean[row, second]) - (truth[first] - truth[second])
    out: dict[str, float] = {}
    each: list[tuple[str, np.ndarray, Callable]] = [
        ("regret", regret, float),
        ("named_best", first == truth.argmax(), float),
        ("claim_bias", miss, float),
        ("claim_error", miss**2, np.sqrt),
    ]
    for name, values, scale in each:
        average, error = values.mean(), values.std(ddof=1) / np.sqrt(len(values))
        out[name] = float(scale(average))
        out[f"{name}_se"] = float(error / (2 * out[name]) if name == "claim_error" else error)
    return out
