"""Tests that lose treatment users before they are logged: one log, many tests, many days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abkit import _check

if TYPE_CHECKING:
    import pandas as pd

SEGMENTS = {"android": 0.40, "ios": 0.35, "web": 0.25}


LEAKY = "android"
PER_DAY = 10_000


def planted_counts(n: int, share: float, loss: float, *, seed: int = 0) -> dict[str, tuple[int, int]]:
    """Return (control, treatment) counts by segment when `loss` of android's treatment users are never
    logged.

    World: n users, segments 40, 35 and 25 per cent, treatment with probability `share`; then each
    android user in treatment is lost with probability `loss`. The luck is fixed by the seed: each count is
    the same quantile of its binomial for every n, share and loss, so that only the slider moves the picture.

    >>> planted_counts(1000, 0.5, 1.0)["android"][1]
    0
    """
    from scipy.stats import binom

    luck = np.random.default_rng(seed).random(4)
    android, ios = round(n * SEGMENTS["android"]), round(n * SEGMENTS["ios"])
    sizes = np.array([android, ios, n - android - ios])
    treated = binom.ppf(luck[:3], sizes, share)
    kept = treated - np.array([binom.ppf(luck[3], treated[0], loss), 0, 0])
    return {name: (int(s - t), int(k)) for name, s, t, k in zip(SEGMENTS, sizes, treated, kept, strict=True)}


DEVICES = {
    "laptop": (0.40, 0.24),
    "new phone": (0.35, 0.19),
    "tablet": (0.15, 0.18),
    "old phone": (0.10, 0.10),
}
SLOW = "old phone"


def hotel_log(
    *, users: int = 382_000, loss: float = 0.0743, rng: int | np.random.Generator | None = None
) -> pd.DataFrame:
    """Return a week of a hotel site's log, one row a user that was logged: user, day, device, arm, booked.

    World: each user is in control or treatment with chance one half, and books with a rate that depends on
    the device alone, 24, 19, 18 and 10 per cent: the page changes nobody. A share `loss` of treatment's
    users with an old phone leave before they are logged, only such as would not have booked.

    users: assigned in the week. Raises ValueError for a count below 1, or a loss that is not between 0 and 1.

    >>> hotel_log(users=3, rng=1).columns.tolist()
    ['user', 'day', 'device', 'arm', 'booked']
    """
    import pandas as pd

    n, loss = _check.integer("users", users), _check.share("loss", loss)
    rng = np.random.default_rng(rng)
    shares, rates = np.array(list(DEVICES.values())).T
    device = rng.choice(len(DEVICES), n, p=shares)
    treated, booked = rng.random(n) < 0.5, rng.random(n) < rates[device]
    slow = list(DEVICES).index(SLOW)
    gone = treated & (device == slow) & ~booked & (rng.random(n) < loss / (1 - rates[slow]))
    log = {
        "user": np.arange(1, n + 1),
        "day": np.sort(rng.integers(1, 8, n)),
        "device": np.array(list(DEVICES), object)[device],
        "arm": np.where(treated, "treatment", "control").astype(object),
        "booked": booked.astype(int),
    }
    return pd.DataFrame(log)[~gone].reset_index(drop=True)


def leaky_tests(
    tests: int, n: int, *, loss: float, share: float = 0.5, rng: int | np.random.Generator | None = None
) -> np.ndarray:
    """Return counts (tests, segments, 2) of many tests in the world of `planted_counts`: only android leaks.

    n: users assigned in each test, of whom 40, 35 and 25 per cent use android, ios and the web. loss: share
    of android's treatment users that are never logged. share: planned share of treatment.

    >>> leaky_tests(2, 1_000, loss=0.1, rng=1).shape
    (2, 3, 2)
    """
    rng = np.random.default_rng(rng)
    sizes = np.round(_check.integer("n", n) * np.array(list(SEGMENTS.values()))).astype(int)
    shape = _check.integer("tests", tests), len(sizes)
    treated = rng.binomial(sizes, _check.share("share", share), shape)
    kept = treated.copy()
    kept[:, 0] = rng.binomial(treated[:, 0], 1 - _check.number("loss", loss))
    return np.stack([sizes - treated, kept], -1)


def daily_counts(
    tests: int, *, loss: float, days: int = 30, rng: int | np.random.Generator | None = None
) -> np.ndarray:
    """Return counts so far, (tests, days, 2): 10,000 users a day, half of them planned in each arm.

    loss: share of treatment's users that are lost, from the first day on.

    >>> daily_counts(2, loss=0.02, rng=1).shape
    (2, 30, 2)
    """
    rng = np.random.default_rng(rng)
    treated = rng.binomial(PER_DAY, 0.5, (_check.integer("tests", tests), _check.integer("days", days)))
    kept = rng.binomial(treated, 1 - _check.number("loss", loss))
    return np.stack([PER_DAY - treated, kept], -1).cumsum(axis=1)
