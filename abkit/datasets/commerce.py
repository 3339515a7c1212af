"""A web shop with known truth: every parameter is the mean of what is drawn, because nothing is clipped.

A world that draws max(0, N(8.5, 15)) has mean 11.17, and a lift of 5 per cent in its parameter is a lift of
2.74 per cent in its mean (see `clipped_mean`). Here revenue is gamma, which is positive by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from abkit import _check
from abkit.estimate import Effect
from abkit.inference.means import welch
from abkit.moments import Moments

if TYPE_CHECKING:
    import pandas as pd


Draw = Callable[[np.random.Generator, int], tuple[Any, Any]]
REVENUE, REVENUE_SD = 8.50, 15.0  # euros a user
CART, CLICK = 0.10, 0.25  # share of users, clicks a view
VIEWS = 8.0  # mean views a user: 1 + Poisson(7)
LIKENESS = 4.0  # a user's own click rate is Beta(4·rate, 4·(1 − rate)): views of one user are alike
LOAD, LOAD_SD = 320.0, 40.0  # milliseconds
COLUMNS = ("revenue", "cart", "clicks", "views", "load_ms")
BLOCK = 400_000  # users drawn at once


def shop(
    n: int = 5_000,
    *,
    click_lift: float = 0.08,
    cart_lift: float = 0.04,
    revenue_lift: float = 0.05,
    load_ms: float = 20.0,
    allocation: float = 0.5,
) -> Draw:
    """Return a world of a web shop; lifts are shares of the control mean, `load_ms` is added milliseconds.

    One unit is a user. revenue ~ Gamma with mean 8.50·(1 + revenue_lift) and sd 15 euros; cart ~
    Bernoulli(.10·(1 + cart_lift)); views = 1 + Poisson(7); clicks ~ Binomial(views, p) with the user's p ~
    Beta of mean .25·(1 + click_lift) and concentration 4; load_ms ~ Gamma with mean 320 + load_ms and sd 40.
    Columns are independent but for clicks and views. All truths are exact: the revenue effect is
    8.50·revenue_lift euros, the ratio clicks/views rises by .25·click_lift. Arms: `Moments` with leading axis
    `size`.

    n: units, a number or an array (...,); allocation: the treatment's share of all units.

    >>> control, treatment = shop(100)(np.random.default_rng(0), 2)
    >>> control.names, control.mean.shape
    (('revenue', 'cart', 'clicks', 'views', 'load_ms'), (2, 5))
    """
    control = _check.integer("n", n, low=2)
    share = _check.share("allocation", allocation)
    treatment = _check.integer("n", round(control * share / (1 - share)), low=2)
    return partial(_draw, (control, treatment), _lifts(click_lift, cart_lift, revenue_lift, load_ms))


def shop_table(
    n: int = 5_000,
    *,
    rng: int | np.random.Generator | None,
    click_lift: float = 0.08,
    cart_lift: float = 0.04,
    revenue_lift: float = 0.05,
    load_ms: float = 20.0,
) -> pd.DataFrame:
    """Return one experiment of the shop as rows: `user`, `arm` and the columns of `shop`, n users an arm.

    click_lift: relative lift of the clicks; cart_lift: relative lift of the carts; revenue_lift: relative
    lift of the revenue; load_ms: milliseconds added to the load time.

    >>> shop_table(2, rng=np.random.default_rng(0)).arm.tolist()
    ['control', 'control', 'treatment', 'treatment']
    """
    import pandas as pd

    n, rng = _check.integer("n", n, low=2), np.random.default_rng(rng)
    arms = {"control": _lifts(0, 0, 0, 0), "treatment": _lifts(click_lift, cart_lift, revenue_lift, load_ms)}
    frames = [pd.DataFrame({"arm": name, **_users(lifts, rng, n)}) for name, lifts in arms.items()]
    frame = pd.concat(frames, ignore_index=True)
    frame.insert(0, "user", [f"u{i}" for i in range(len(frame))])
    return frame


def repeated_shop(
    times: int, *, gain: float = 0.425, users: int = 5_000, rng: int | np.random.Generator | None = None
) -> Effect:
    """Return the revenue effect of the same shop test run again and again, each time on new users.

    World: that of `shop_table`. Revenue is gamma, with mean 8.50 euros in control and 8.50 + gain in
    treatment, and sd 15 in both; so the standard error is 15·√(2/users) euros. Fields of the effect have the
    shape (times,) and come from `welch`, in euros a user.

    times: experiments; gain: true effect, 0 for no effect; users: of each arm.
    Raises ValueError: `times` from 1, `users` from 2; `gain` must leave a positive mean.

    >>> many = repeated_shop(3, rng=7)
    >>> many.estimate.shape, many.n_control.tolist()
    ((3,), [5000, 5000, 5000])
    """
    times, users = _check.integer("times", times), _check.integer("users", users, low=2)
    if _check.number("gain", gain) <= -REVENUE:
        raise _check.fail("gain", f"must leave a positive mean: above {-REVENUE:g}", gain)
    rng, step = np.random.default_rng(rng), max(1, BLOCK // users)
    sizes = [min(step, times - start) for start in range(0, times, step)]
    arms = []
    for mean in (REVENUE, REVENUE + gain):
        parts = [Moments.of(_gamma(mean, REVENUE_SD, rng, (size, users))) for size in sizes]
        centre, scatter = (np.concatenate([getattr(p, k) for p in parts]) for k in ("mean", "scatter"))
        arms.append(Moments(np.full(times, users), centre, scatter, ("revenue",)))
    return welch(*arms)


def clipped_mean(mu: Any, sd: float) -> Any:
    """Return the mean of max(0, N(mu, sd²)): mu·Phi(mu/sd) + sd·phi(mu/sd). It is not mu.

    >>> round(float(clipped_mean(8.5, 15.0)), 2)
    11.17
    """
    z = _check.array("mu", mu) / _check.positive("sd", sd)
    return mu * ndtr(z) + sd * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def _lifts(click: float, cart: float, revenue: float, load_ms: float) -> tuple[float, float, float, float]:
    """Check the lifts and return the means of one arm: click rate, cart rate, revenue, load time."""
    parts = {"click_lift": CLICK * (1 + click), "cart_lift": CART * (1 + cart)}
    for name, rate in parts.items():
        if not 0 < rate < 1:
            raise _check.fail(name, "must leave a rate strictly between 0 and 1", f"a rate of {rate:g}")
    money = _check.positive("1 + revenue_lift", 1 + _check.number("revenue_lift", revenue))
    return parts["click_lift"], parts["cart_lift"], REVENUE * money, LOAD + _check.number("load_ms", load_ms)


def _users(
    means: tuple[float, float, float, float], rng: np.random.Generator, shape: Any
) -> dict[str, np.ndarray]:
    click, cart, revenue, load = means
    views = 1 + rng.poisson(VIEWS - 1, shape)
    own = rng.beta(LIKENESS * click, LIKENESS * (1 - click), shape)
    return {
        "revenue": _gamma(revenue, REVENUE_SD, rng, shape),
        "cart": (rng.random(shape) < cart).astype(int),
        "clicks": rng.binomial(views, own),
        "views": views,
        "load_ms": _gamma(load, LOAD_SD, rng, shape),
    }


def _gamma(mean: float, sd: float, rng: np.random.Generator, shape: Any) -> np.ndarray:
    return rng.gamma((mean / sd) ** 2, sd**2 / mean, shape)


def _draw(
    counts: tuple[int, int], treated: tuple[float, float, float, float], rng: np.random.Generator, size: int
) -> tuple[Moments, Moments]:
    arms = [_arm(n, means, rng, size) for n, means in zip(counts, (_lifts(0, 0, 0, 0), treated), strict=True)]
    return arms[0], arms[1]


def _arm(n: int, means: tuple[float, float, float, float], rng: np.random.Generator, size: int) -> Moments:
    step = max(1, BLOCK // n)
    parts = []
    for start in range(0, size, step):
        users = _users(means, rng, (min(step, size - start), n))
        parts.append(Moments.of(users.pop("revenue"), **users))
    mean, scatter = (np.concatenate([getattr(p, k) for p in parts]) for k in ("mean", "scatter"))
    return Moments(np.full(size, n), mean, scatter, COLUMNS)
