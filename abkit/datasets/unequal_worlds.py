"""Worlds in which the effect may differ between users: linear, step, flat; twenty segments of a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abkit import _check
from abkit._table import Table

if TYPE_CHECKING:
    import pandas as pd

EFFECTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x1: 0.5 + 0.5 * x1,
    "step": lambda x1: (x1 > 0).astype(float),
    "flat": lambda x1: np.full(np.shape(x1), 0.5),
}
EUROS = 12.0  # of one unit of the worlds' outcome, in the tables of customers
CITIES = ("Bath", "Cork", "Gent", "Lyon", "Riga")
PHONES = ("Android new", "Android old", "iPhone new", "iPhone old")


@dataclass(frozen=True, eq=False, repr=False)
class People(Table):
    """One draw of a world: x (n, 5); outcomes y, treatment w (0/1), true effects, probability e: (n,)."""

    x: Any
    y: Any
    w: Any
    effect: Any
    e: Any


@dataclass(frozen=True, eq=False, repr=False)
class Hunt(Table):
    """The best of several segments, one experiment an element: what it showed, its truth, a second test."""

    found: Any
    truth: Any
    again: Any


def people(shape: str = "linear", n: int = 2_000, *, confounded: bool = False, rng: Any = None) -> People:
    """Return n users of a world where the effect tau(x) is known for each.

    x ~ N(0, I5). Without treatment y = 1 + .5·x1 − .5·x2 + .25·x3 + N(0, 1); treatment adds tau(x): .5 +
    .5·x1 (shape "linear"), 1 where x1 > 0, else 0 ("step"), or .5 for all ("flat"). The average effect is
    .5 in each. Treated: half of the users, by coin; with `confounded` with probability expit(.6·x1 −
    .4·x2), and then a plain difference of means is wrong by .58 in the linear world. rng: seed.

    Raises ValueError for an unknown shape, and for fewer than 20 users.

    >>> world = people("step", 1_000, rng=0)
    >>> world.x.shape, sorted(set(world.effect.tolist()))
    ((1000, 5), [0.0, 1.0])
    """
    effect_at = EFFECTS[_check.one_of("shape", shape, tuple(EFFECTS))]
    rng = np.random.default_rng(rng)
    x = rng.normal(size=(_check.integer("n", n, low=20), 5))
    e = 1 / (1 + np.exp(-0.6 * x[:, 0] + 0.4 * x[:, 1])) if confounded else np.full(n, 0.5)
    w = (rng.random(n) < e).astype(int)
    effect = effect_at(x[:, 0])
    y = 1 + 0.5 * x[:, 0] - 0.5 * x[:, 1] + 0.25 * x[:, 2] + w * effect + rng.normal(size=n)
    return People(x, y, w, effect=effect, e=e)


def customers(shape: str = "step", n: int = 8_000, *, rng: Any = None) -> pd.DataFrame:
    """Return the world of `people` as a shop's table: a coupon by coin, and spend in four weeks.

    Columns: `days` since the last order (45 + 10·x1), `orders` last year (20 + 5·x2), `basket`, the usual
    one in euros (40 + 10·x3), `age` (45 + 12·x4), `distance` in km (6 + 1.5·x5), `coupon` 1 or 0, `spend`
    in euros (48 + 12·y), and `effect`, the true effect of the coupon on that customer in euros: 6 on
    average, in "step" 12 above 45 days and else 0. rng: seed. Raises ValueError as `people`.

    shape: of the gamma law; n: units, a number or an array (...,).

    >>> customers("step", 1_000, rng=0).columns.tolist()
    ['days', 'orders', 'basket', 'age', 'distance', 'coupon', 'spend', 'effect']
    """
    import pandas as pd

    drawn = people(shape, n, rng=rng)
    centre, scale = np.array([45, 20, 40, 45, 6]), np.array([10, 5, 10, 12, 1.5])
    frame = pd.DataFrame(centre + scale * drawn.x, columns=["days", "orders", "basket", "age", "distance"])
    spend = 48 + EUROS * drawn.y
    return frame.assign(coupon=drawn.w, spend=spend, effect=EUROS * drawn.effect)


def coupon_segments(
    n: int = 2_000, *, effect: float = 2.0, spread: float = 0.0, rng: Any = None
) -> pd.DataFrame:
    """Return a coupon test of twenty segments, five cities × four kinds of phone, with n customers each.

    Half of each segment got a coupon. Spend ~ Exponential with mean 60 euros, plus the segment's effect for
    those with a coupon: `effect` + spread · N(0, 1), in euros, so that spread=0 makes all segments alike.
    The standard error of a segment's difference is 60·√(4/n): 2.68 at n = 2,000. Columns: `segment`,
    `coupon` (0, 1), `spend` in euros.

    rng: seed. Raises ValueError for fewer than four customers a segment.

    >>> coupon_segments(10, rng=0).groupby("coupon").size().tolist()
    [100, 100]
    """
    import pandas as pd

    n, rng = _check.integer("n", n, low=4), np.random.default_rng(rng)
    names = np.repeat([f"{city}, {phone}" for city in CITIES for phone in PHONES], n)
    coupon = np.tile(np.arange(n) % 2, 20)
    effects = np.repeat(effect + spread * rng.normal(size=20), n)
    frame = pd.DataFrame({"segment": names, "coupon": coupon})
    frame["spend"] = (rng.exponential(60.0, 20 * n) + coupon * effects).round(2)
    return frame.sample(frac=1, random_state=rng, ignore_index=True)


def best_of_segments(
    segments: int = 20,
    *,
    effect: float = 2.0,
    se: float = 2.683,
    spread: float = 0.0,
    reps: int = 10_000,
    rng: Any = None,
) -> Hunt:
    """Return `reps` experiments in which somebody picks the best of several segments, and tests it again.

    True effects ~ N(effect, spread²), results ~ N(true effect, se²), and the second test of the chosen
    segment has a new error of the same size. All in the outcome's unit. On average the best shows effect +
    √(se² + spread²)·m, with m of `luck_of_best`, and only spread²/(se² + spread²) of that excess is there
    in the second test.

    rng: seed. Raises ValueError for a negative spread and an error that is not above 0.

    se: its standard error, (...,).

    >>> hunt = best_of_segments(20, reps=1_000, rng=0)
    >>> bool(hunt.found.mean() > hunt.again.mean() + 3), set(hunt.truth.tolist())
    (True, {2.0})
    """
    k, reps = _check.integer("segments", segments), _check.integer("reps", reps)
    se, spread = _check.positive("se", se), _check.number("spread", spread)
    if spread < 0:
        raise _check.fail("spread", "must not be negative", f"{spread:g}")
    rng = np.random.default_rng(rng)
    truth = effect + spread * rng.normal(size=(reps, k))
    shown = truth + se * rng.normal(size=(reps, k))
    best = shown.argmax(1)[:, None]
    found, true = (np.take_along_axis(v, best, 1)[:, 0] for v in (shown, truth))
    return Hunt(found, true, true + se * rng.normal(size=reps))
