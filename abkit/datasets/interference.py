"""Worlds in which one user's arm changes another user's outcome, with the total effect known.

The total effect is the mean outcome when all are treated, less that when nobody is. `word_of_mouth`: a
test by user hides a part of it. `shared_supply`: a test by user exaggerates it, or turns its sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abkit import _check
from abkit._table import Table

if TYPE_CHECKING:
    import pandas as pd

DESIGNS = ("users", "cities")
BATCH = 64  # redesigns at once; memory, not results


@dataclass(frozen=True, eq=False, repr=False)
class WordOfMouth(Table):
    """Friends pass a feature on: y = base + own · treated + spill · (treated friends / friends).

    links: who is a friend of whom, sparse, shape (users, users). city: shape (users,). base: minutes
    without the feature, shape (users,). own, spill: minutes. Someone without friends has own + spill from
    being treated alone, so that the total effect is own + spill for every user.
    """

    links: Any
    city: np.ndarray
    base: np.ndarray
    own: float
    spill: float

    @property
    def total(self) -> float:
        """Return the mean outcome with all treated less with nobody treated, in minutes: own + spill.

        >>> word_of_mouth(own=2, spill=3, rng=1).total
        5.0
        """
        return self.own + self.spill

    @property
    def friends(self) -> np.ndarray:
        """Return the number of friends, shape (users,).

        >>> word_of_mouth(cities=2, size=3, friends=2, away=0, rng=1).friends.tolist()
        [2, 2, 2, 2, 2, 2]
        """
        return np.diff(self.links.indptr)

    @property
    def inside(self) -> np.ndarray:
        """Return the share of each user's friends in the same city, shape (users,); 1 for a user without any.

        >>> home, away = (word_of_mouth(cities=2, size=3, friends=2, away=a, rng=1) for a in (0, 1))
        >>> home.inside.tolist(), away.inside.tolist()
        ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
        """
        coo = self.links.tocoo()
        same = np.bincount(coo.row, self.city[coo.row] == self.city[coo.col], minlength=len(self.city))
        return np.where(self.friends > 0, same / np.maximum(self.friends, 1), 1.0)

    def share(self, treated: Any) -> np.ndarray:
        """Return the share of treated friends, shape (…, users); for someone without friends the own arm.

        treated: 0 or 1, shape (…, users).

        >>> world = word_of_mouth(cities=2, size=3, friends=2, away=0, rng=1)
        >>> world.share([1, 1, 0, 0, 0, 0]).tolist()
        [0.5, 0.5, 1.0, 0.0, 0.0, 0.0]
        """
        z = np.asarray(treated, float)
        count = (self.links @ z.reshape(-1, len(self.city)).T).T.reshape(z.shape)
        return np.where(self.friends > 0, count / np.maximum(self.friends, 1), z)

    def outcomes(self, treated: Any) -> np.ndarray:
        """Return the minutes of each user under an assignment, shape (…, users).

        treated: 0 or 1, shape (…, users).

        >>> world = word_of_mouth(cities=2, size=3, friends=2, away=0, own=2, spill=3, rng=1)
        >>> (world.outcomes([1, 1, 0, 0, 0, 0]) - world.base).round(6).tolist()
        [3.5, 3.5, 3.0, 0.0, 0.0, 0.0]
        """
        return self.base + self.own * np.asarray(treated, float) + self.spill * self.share(treated)

    def expected(self, design: str) -> float:
        """Return the exact mean of the difference in means, in minutes, over all assignments of a design.

        Half of the users, or of the cities, are treated. By user: a treated user's friends are treated a
        little more seldom, (n/2 − 1)/(n − 1) against (n/2)/(n − 1), so own − spill/(n − 1). By city, all of
        one size: friends at home share the arm, the others have it more seldom.

        >>> world = word_of_mouth(cities=2, size=3, friends=2, away=0, own=2, spill=3, rng=1)
        >>> round(world.expected("users"), 6), world.expected("cities")
        (1.4, 5.0)
        """
        _check.one_of("design", design, DESIGNS)
        linked = float((self.friends > 0).mean())
        if design == "users":
            return self.own + self.spill * (1 - linked - linked / (len(self.city) - 1))
        others = len(np.unique(self.city)) - 1
        return self.own + self.spill * float((self.inside - (1 - self.inside) / others).mean())

    def to_users(self, treated: Any) -> pd.DataFrame:
        """Return one row a user: user, city, friends, arm, minutes.

        >>> users = word_of_mouth(cities=2, size=3, friends=2, rng=1).to_users([1, 0, 0, 0, 0, 0])
        >>> users.columns.tolist(), users["arm"].tolist()[:2]
        (['user', 'city', 'friends', 'arm', 'minutes'], ['treatment', 'control'])
        """
        import pandas as pd

        arm = np.where(np.asarray(treated, bool), "treatment", "control")
        columns = {"user": np.arange(len(self.city)), "city": self.city, "friends": self.friends, "arm": arm}
        return pd.DataFrame({**columns, "minutes": self.outcomes(treated)})


def word_of_mouth(
    *,
    cities: int = 40,
    size: int = 25,
    friends: int = 6,
    away: float = 0.1,
    own: float = 2.0,
    spill: float = 3.0,
    icc: float = 0.02,
    rng: int | np.random.Generator | None = None,
) -> WordOfMouth:
    """Return friends in cities: each user is linked to `friends` at home, and each link moves away with
    chance `away`.

    y = base + own · treated + spill · share of treated friends; base = 20 + city + user, of variance 16,
    of which the share `icc` lies between cities. A test by user shows own, not own + spill: it HIDES the
    spillover. A test by city shows nearly all, less what crosses the city's border.

    Parameters: cities, an even number, and size, users a city; friends, an even number below size; away,
    a share; own and spill, minutes; icc, a share; rng. Raises ValueError for numbers that cannot be.

    References: Eckles, Karrer and Ugander (2017), Journal of Causal Inference 5, for cluster designs and
    their bias.

    >>> world = word_of_mouth(rng=1)
    >>> world.total, round(world.expected("users"), 3), round(world.expected("cities"), 1)
    (5.0, 1.997, 4.7)
    """
    from abkit.causal.partitions import adjacency

    rng = np.random.default_rng(rng)
    cities, size, friends = (
        even("cities", cities),
        _check.integer("size", size, low=3),
        even("friends", friends),
    )
    if friends >= size:
        raise _check.fail("friends", "must be below the users of a city", friends)
    for name, value in (("away", away), ("icc", icc)):
        if not 0 <= _check.number(name, value) <= 1:
            raise _check.fail(name, "must lie between 0 and 1", value)
    n, city = cities * size, np.repeat(np.arange(cities), size)
    start = np.tile(np.arange(n), friends // 2)
    step = np.repeat(np.arange(1, friends // 2 + 1), n)
    end = city[start] * size + (start - city[start] * size + step) % size
    moved = rng.random(len(end)) < away
    elsewhere = (city[start] + rng.integers(1, cities, len(end))) % cities * size + rng.integers(
        0, size, len(end)
    )
    end = np.where(moved, elsewhere, end)
    base = 20 + 4 * np.sqrt(icc) * rng.normal(size=cities)[city] + 4 * np.sqrt(1 - icc) * rng.normal(size=n)
    return WordOfMouth(
        adjacency(_once(start, end, n)),
        city,
        base,
        own=_check.number("own", own),
        spill=_check.number("spill", spill),
    )


@dataclass(frozen=True, eq=False, repr=False)
class SharedSupply(Table):
    """Riders of a city compete for its cars: y = price if the rider asks and a car is left, else 0;
    coupon off if treated.

    A rider asks when `mood`, uniform on (0, 1), shape (riders,), is below the arm's rate; the city's
    `cars` go to the first who ask, in the order of the rows. city: shape (riders,). rates and prices:
    (control, treatment), shares and euros.
    """

    city: np.ndarray
    mood: np.ndarray
    cars: int
    rates: tuple[float, float]
    prices: tuple[float, float]

    @property
    def total(self) -> float:
        """Return the expected euros a rider with the coupon for all, less without it.

        By the binomial law, from E[min(requests, cars)].

        >>> mood = np.array([0.1, 0.2])
        >>> round(SharedSupply(np.array([0, 0]), mood, cars=1, rates=(0.5, 0.6), prices=(10.0, 8.0)).total, 3)
        -0.39
        """
        riders = int((self.city == 0).sum())
        none, everyone = (
            price * _served(riders, rate, self.cars)
            for rate, price in zip(self.rates, self.prices, strict=True)
        )
        return (everyone - none) / riders

    def outcomes(self, treated: Any) -> np.ndarray:
        """Return the euros of each rider under an assignment, shape (…, riders).

        treated: 0 or 1, shape (…, riders).

        >>> city, mood = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.55, 0.1])
        >>> world = SharedSupply(city, mood, cars=1, rates=(0.5, 0.6), prices=(10.0, 8.0))
        >>> world.outcomes([1, 0, 0, 0]).tolist(), world.outcomes([1, 0, 1, 0]).tolist()
        ([8.0, 0.0, 0.0, 10.0], [8.0, 0.0, 8.0, 0.0])
        """
        z = np.asarray(treated).astype(bool)
        asks = self.mood < np.where(z, self.rates[1], self.rates[0])
        by_city = asks.reshape(*asks.shape[:-1], int(self.city.max()) + 1, -1)
        served = (by_city & (by_city.cumsum(-1) <= self.cars)).reshape(asks.shape)
        return served * np.where(z, self.prices[1], self.prices[0])

    def to_users(self, treated: Any) -> pd.DataFrame:
        """Return one row a rider: rider, city, arm, euros.

        >>> city, mood = np.array([0, 0]), np.array([0.1, 0.2])
        >>> users = SharedSupply(city, mood, cars=1, rates=(0.5, 0.6), prices=(10.0, 8.0)).to_users([0, 1])
        >>> users[["arm", "euros"]].values.tolist()
        [['control', 10.0], ['treatment', 0.0]]
        """
        import pandas as pd

        arm = np.where(np.asarray(treated, bool), "treatment", "control")
        return pd.DataFrame(
            {
                "rider": np.arange(len(self.city)),
                "city": self.city,
                "arm": arm,
                "euros": self.outcomes(treated),
            }
        )


def shared_supply(
    *,
    cities: int = 40,
    riders: int = 200,
    cars: int = 36,
    rates: tuple[float, float] = (0.2, 0.3),
    prices: tuple[float, float] = (10.0, 9.0),
    rng: int | np.random.Generator | None = None,
) -> SharedSupply:
    """Return riders who compete for the cars of their city; the coupon makes more of them ask, and cars
    stay as many.

    y = price · [asks] · [a car is left]. With few cars a coupon for all sells the same rides for less:
    the total effect is below 0. In a test by rider the treated take cars from the control riders, so it
    shows a gain: the WRONG SIGN. A test by city compares whole markets and is unbiased. With enough cars
    (cars = riders) the two agree.

    Parameters: cities, an even number; riders and cars, of one city; rates, the share who asks (control,
    treatment); prices, euros a ride; rng. Raises ValueError for numbers that cannot be.

    References: Blake and Coey (2014), EC, on test-control interference in marketplaces.

    >>> world = shared_supply(rng=1)
    >>> round(world.total, 2), world.outcomes([True] * 8_000).shape
    (-0.14, (8000,))
    """
    rng = np.random.default_rng(rng)
    cities, riders, cars = (
        even("cities", cities),
        _check.integer("riders", riders),
        _check.integer("cars", cars),
    )
    low, high = (_check.share("rates", rate) for rate in rates)
    first, second = (_check.positive("prices", price) for price in prices)
    city = np.repeat(np.arange(cities), riders)
    return SharedSupply(city, rng.random(len(city)), cars, rates=(low, high), prices=(first, second))


@dataclass(frozen=True, eq=False, repr=False)
class Redesigns(Table):
    """The same people, assigned again and again: one estimate and one 95 per cent interval a test, shape
    (reps,).
    """

    design: str
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray


def redesigns(
    world: WordOfMouth | SharedSupply,
    design: str,
    *,
    reps: int = 200,
    rng: int | np.random.Generator | None = None,
) -> Redesigns:
    """Return what `reps` tests of one world show when half of its users, or of its cities, are drawn each
    time.

    By user the interval is Welch's; by city `cluster_effect`'s, for cities of one size: Welch on the
    cities' means.

    Parameters: world; design, "users" or "cities"; reps; rng. Raises ValueError for another design.

    >>> tests = redesigns(word_of_mouth(rng=1), "users", reps=100, rng=2)
    >>> round(float(tests.estimate.mean()), 1)
    2.0
    """
    from abkit.inference.means import welch

    _check.one_of("design", design, DESIGNS)
    reps, rng = _check.integer("reps", reps), np.random.default_rng(rng)
    cities = int(world.city.max()) + 1
    units = len(world.city) if design == "users" else cities
    found = []
    for start in range(0, reps, BATCH):
        z = rng.permuted(np.tile(np.arange(units) < units // 2, (min(BATCH, reps - start), 1)), axis=1)
        y = world.outcomes(z if design == "users" else z[:, world.city])
        if design == "cities":
            y = y.reshape(len(z), cities, -1).mean(-1)
        order = np.argsort(z, axis=1, kind="stable")  # control first
        control, treatment = np.split(np.take_along_axis(y, order, 1), [units - units // 2], axis=1)
        found.append(welch(control, treatment))
    return Redesigns(
        design, *(np.concatenate([getattr(e, k) for e in found]) for k in ("estimate", "low", "high"))
    )


@dataclass(frozen=True, eq=False, repr=False)
class SpillCurve(Table):
    """What tests by user and by city show on average, beside the total effect, for each spill; shape
    (spills,).
    """

    spill: np.ndarray
    total: np.ndarray
    by_user: np.ndarray
    by_city: np.ndarray


def spill_curve(world: WordOfMouth, spills: Any) -> SpillCurve:
    """Return exact expected differences of both designs over spillovers (minutes), in a world that is
    else the same.

    Parameters: world; spills, shape (spills,). Raises ValueError for values that are no numbers.

    >>> spill_curve(word_of_mouth(rng=1), [0, 3]).by_user.round(2).tolist()
    [2.0, 2.0]
    """
    from dataclasses import replace

    spills = np.atleast_1d(_check.array("spills", spills))
    worlds = [replace(world, spill=float(s)) for s in spills]
    by_user, by_city = (np.array([w.expected(d) for w in worlds]) for d in DESIGNS)
    return SpillCurve(spills, world.own + spills, by_user, by_city)


def _served(riders: int, rate: float, cars: int) -> float:
    """E[min(B, cars)] for B ~ Binomial(riders, rate): Σ over k < cars of P(B > k)."""
    from scipy.special import bdtrc

    return float(bdtrc(np.arange(min(cars, riders)), riders, rate).sum())


def even(name: str, value: int) -> int:
    """Return a whole even number of at least 2.

    >>> even("cities", 4)
    4
    """
    if _check.integer(name, value, low=2) % 2:
        raise _check.fail(name, "must be even", value)
    return value


def _once(start: np.ndarray, end: np.ndarray, n: int) -> Any:
    """Links as a symmetric matrix of ones: a friendship drawn twice is one."""
    from scipy.sparse import csr_array

    both = csr_array((np.ones(2 * len(start)), (np.r_[start, end], np.r_[end, start])), shape=(n, n))
    both.sum_duplicates()
    both.data[:] = 1
    return both
