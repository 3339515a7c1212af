"""Tests that are looked at every day: the gap so far, the chance band of each day, and the first alarm.

Y ~ N(mean, sd²) in both arms, `lift` more in treatment; `per_day` new users a day and arm. The gap of all
users so far wanders with standard deviation sd·√(2/n); the chance band of a day holds 95 of 100 gaps of tests
whose change changes nothing. A gap above the band is a win, one below it a loss, both are alarms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit._table import Table

if TYPE_CHECKING:
    import pandas as pd

DAYS, PER_DAY, SD, MEAN = 30, 100, 20.0, 20.0  # the plan of notebook 07; sd and mean in minutes
C = float(-ndtri(0.025))
BATCH, TRIES = 100, 1_000  # tests drawn at a time, and how many times, to find a first win on a given day


@dataclass(frozen=True, eq=False, repr=False)
class RunningTests(Table):
    """Many tests, day by day.

    gap: (tests, days), treatment minus control of all users so far. band: (days,), half of the chance band.
    state: (tests, days), 1 above the band, −1 below, 0 inside. alarm: (tests,), day of the first alarm, 0 for
    none. result: (tests,), the state at the first alarm, 0 for none: it is what a team that looks every day
    reports. claim: (tests,), the gap at the first alarm, nan for none.
    """

    gap: np.ndarray
    band: np.ndarray
    state: np.ndarray
    alarm: np.ndarray
    result: np.ndarray
    claim: np.ndarray
    lift: float


def running_tests(
    tests: int = 100,
    *,
    lift: float = 0.0,
    days: int = DAYS,
    per_day: int = PER_DAY,
    sd: float = SD,
    bound: Any = C,
    rng: int | np.random.Generator | None = None,
) -> RunningTests:
    """Draw many tests that run for some days, and read each of them every day.

    tests, days, per_day: counts; per_day is in each arm. lift: the true difference, sd: of one user, both in
    the units of the metric. The standard deviation counts as known, as if from past data: with 100 users it
    hardly matters. bound: z beyond which a day is an alarm, one for all or one a day (inf: no look); the
    chance band stays 1.96. Raises ValueError for a count below 1, a sd that is not positive, a lift that is
    not a number, or bounds of another length.

    >>> found = running_tests(1_000, rng=7)
    >>> found.band.round(2)[[0, 29]].tolist(), found.gap.shape
    ([5.54, 1.01], (1000, 30))
    """
    rng = np.random.default_rng(rng)
    shape = _check.integer("tests", tests), _check.integer("days", days)
    day = np.arange(1, days + 1)
    one = _check.positive("sd", sd) * np.sqrt(2 / _check.integer("per_day", per_day))  # of one day's gap
    gap = _check.number("lift", lift) + one * rng.normal(size=shape).cumsum(axis=1) / day
    band = C * one / np.sqrt(day)
    z = np.asarray(bound, float)
    if z.shape not in ((), (days,)):
        raise _check.fail("bound", f"must be one number or {days}, one a day", z.shape)
    state = np.sign(gap) * (np.abs(gap) > band * z / C)
    alarm, result = first_alarm(state)
    claim = np.where(
        alarm > 0, np.take_along_axis(gap, np.maximum(alarm, 1)[:, None] - 1, axis=1)[:, 0], np.nan
    )
    return RunningTests(
        gap=gap, band=band, state=state, alarm=alarm, result=result, claim=claim, lift=float(lift)
    )


def first_alarm(state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the day of the first alarm of each test, 0 for none, and the state on that day.

    state: (tests, days) of 1, 0 and −1.

    >>> [x.tolist() for x in first_alarm(np.array([[0, -1, 1], [0, 0, 0]]))]
    [[2, 0], [-1.0, 0.0]]
    """
    hit = state != 0
    any_hit, at = hit.any(axis=1), hit.argmax(axis=1)
    side = np.where(any_hit, np.take_along_axis(state, at[:, None], axis=1)[:, 0], 0)
    return np.where(any_hit, at + 1, 0), side.astype(float)


def states_so_far(found: RunningTests, day: int, *, every_day: bool = True) -> np.ndarray:
    """Return what a team reports by the evening of a day: 1 a win, −1 a loss, 0 neither.

    every_day: the first alarm counts and ends the test; else only the look on that day counts. Raises
    ValueError for a day after the last one.

    >>> found = running_tests(100, rng=7)
    >>> bool((np.abs(states_so_far(found, 30)) >= np.abs(states_so_far(found, 9))).all())
    True
    """
    days = found.gap.shape[1]
    if _check.integer("day", day) > days:
        raise _check.fail("day", f"must be at most {days}, the last day", day)
    if not every_day:
        return found.state[:, day - 1]
    return np.where((found.alarm > 0) & (found.alarm <= day), found.result, 0.0)


def audiobook_test(
    first_win: int = 9, *, days: int = DAYS, per_day: int = PER_DAY, seed: int = 7
) -> pd.DataFrame:
    """Return the users of one test whose new player changes nothing, and which looks like a win on day
    `first_win`.

    One row a user: `user`, `day` of entry (1 to days), `arm` ("control" or "treatment"), `minutes` of
    listening (exponential, mean and sd 20, in both arms). Tests are drawn until one has its first alarm on
    that day, a win that has gone by the last day. Raises ValueError for a day that is not before the last
    one.

    per_day: new users a day; seed: fixes the draws; the same seed, the same picture.

    >>> audiobook_test(9).head(2)["day"].tolist()
    [1, 1]
    """
    if _check.integer("first_win", first_win) >= _check.integer("days", days, low=2):
        raise _check.fail("first_win", "must lie before the last day", first_win)
    rng = np.random.default_rng(_check.integer("seed", seed, low=0))
    minutes = _first_win_on(first_win, days, _check.integer("per_day", per_day, low=2), rng)
    return rows_in_order(minutes.round(1), names=("user", "day", "minutes"), rng=rng)


def rows_in_order(
    values: np.ndarray, *, names: tuple[str, str, str], rng: int | np.random.Generator | None = None
) -> pd.DataFrame:
    """Return the users of a test, one row a user, in the order in which they came: by period, arms mixed.

    values: (2, periods, users), control first. names: of the columns for the number of the user, the period
    and the value; `arm` stands before the value.

    >>> rows_in_order(np.array([[[1.0, 2.0]], [[3.0, 4.0]]]), names=("user", "day", "clicks"), rng=1).shape
    (4, 4)
    """
    import pandas as pd

    rng = np.random.default_rng(rng)
    arms, periods, each = values.shape
    table = pd.DataFrame(
        {
            names[1]: np.repeat(np.arange(1, periods + 1), arms * each),
            "arm": np.tile(np.repeat(["control", "treatment"], each), periods),
            names[2]: np.moveaxis(values, 0, 1).ravel(),
        }
    )
    mixed = np.concatenate([arms * each * p + rng.permutation(arms * each) for p in range(periods)])
    table = table.iloc[mixed].reset_index(drop=True)
    table.insert(0, names[0], np.arange(1, len(table) + 1))
    return table


def _first_win_on(day: int, days: int, per_day: int, rng: np.random.Generator) -> np.ndarray:
    """Draw minutes (2, days, per_day) until the first alarm is a win on the day, gone at the end."""
    n = per_day * np.arange(1, days + 1)
    for _ in range(TRIES):
        rows = rng.exponential(MEAN, size=(BATCH, 2, days, per_day))
        total, squares = (x.sum(axis=-1).cumsum(axis=-1) for x in (rows, rows * rows))
        mean = total / n
        variance = (squares - n * mean**2) / (n - 1)
        gap, se = mean[:, 1] - mean[:, 0], np.sqrt(variance.sum(axis=1) / n)
        alarm, result = first_alarm(np.sign(gap) * (np.abs(gap) > 2.0 * se))
        inside = (
            np.abs(gap) < 1.9 * se
        )  # clear of the band on every other day, so that rounding changes nothing
        clear = inside[:, : day - 1].all(axis=1) & inside[:, -1]
        hits = np.flatnonzero(
            (alarm == day) & (result > 0) & clear & (gap[:, day - 1] > 2.05 * se[:, day - 1])
        )
        if len(hits):
            return rows[hits[0]]
    raise _check.fail("first_win", "must be a day on which a first win is found", day)
