"""The effect at each planned look of one's own test, from a table with one row a user and a day of entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from abkit import _check
from abkit._labels import missing
from abkit.estimate import Effect
from abkit.inference.means import welch
from abkit.moments import Moments
from abkit.tables.reading import opened


def effects_at_looks(
    table: Any,
    *,
    looks: Sequence[int],
    arm: str = "arm",
    day: str = "day",
    metric: str = "metric",
    user: str | None = None,
    control: Any = None,
    alpha: float = 0.05,
) -> Effect:
    """Return the difference of means of all users so far at each planned look, fields of shape (looks,).

    table: a data frame or the path of a CSV file, one row a user. arm, day, metric, user: names of its
    columns; day is the day of entry, a number or a date (the first date is day 1). looks: days of the plan,
    increasing; those that lie after the last day in the table have not happened and are left out. control:
    label of the control arm; without it "control", "A", "a", "0" or False is looked for. Days of the same
    users do not add: with `user`, a user with two rows is refused.

    Raises ValueError for a column that is not there, other than two arms, an unknown control, days that
    cannot be read, a metric that is not a number, a user with two rows, and data that end before the first
    look or leave an arm below two users.

    alpha: the error rate, strictly between 0 and 1.

    >>> import pandas as pd
    >>> users = pd.DataFrame({"arm": ["A", "B"] * 40, "day": np.repeat([1, 2], 40), "y": np.arange(80.0) % 7})
    >>> effects_at_looks(users, looks=(1, 2, 3), metric="y").n_control.tolist()
    [20, 40]
    """
    labels = {"arm": [arm], "day": [day]} | ({} if user is None else {"user": [user]})
    frame = _frame(table, metric, labels)
    if user is not None and frame[user].duplicated().any():
        raise _check.fail(
            "table",
            f"must have one row a user; `{user}` repeats",
            frame[user][frame[user].duplicated()].iloc[0],
        )
    first, second = _arms(frame[arm], control)
    number = _days(frame[day], day)
    values = _metric(frame[metric], metric)
    happened = _happened(looks, int(number.max()))
    treated = (frame[arm].astype(str) == second).to_numpy()
    early = number <= happened[0]
    for side, name in ((False, first), (True, second)):
        count = int((early & (treated == side)).sum())
        if count < 2:
            raise _check.fail("table", f"must hold at least two users of arm {name} at the first look", count)
    parts = [
        [Moments.of(values[(number <= last) & (treated == side)]) for last in happened]
        for side in (False, True)
    ]
    return welch(*(_stacked(side) for side in parts), alpha=alpha)


def _frame(table: Any, metric: str, labels: dict[str, list[str]]) -> Any:
    """Return the columns in pandas; rows without an arm are not in the test, other gaps are refused."""
    (arm,) = labels["arm"]
    names = [metric, *(name for columns in labels.values() for name in columns)]
    with opened(table, numbers={"metric": [metric]}, labels=labels) as native:
        frame = native.lazy().collect().select(*dict.fromkeys(names)).to_pandas()
    frame = frame[frame[arm].notna()]
    gaps = frame.isna().sum()
    if gaps.any():
        raise _check.fail("table", f"must have no missing value in `{gaps.idxmax()}`", f"{gaps.max()} rows")
    return frame


def _arms(labels: Any, control: Any) -> tuple[str, str]:
    """Return the labels of control and treatment as text."""
    found = sorted({str(v) for v in labels.unique() if not missing(v)})
    if len(found) != 2:
        raise _check.fail("arm", "must hold two arms", ", ".join(found[:5]) or "none")
    known = [str(control)] if control is not None else ["control", "Control", "A", "a", "0", "False"]
    first = next((name for name in known if name in found), None)
    if first is None:
        raise _check.fail(
            "control",
            f"must be one of the arms, {found[0]} or {found[1]}",
            known[0] if control is not None else "no arm named control, A or 0",
        )
    return first, next(name for name in found if name != first)


def _days(column: Any, name: str) -> np.ndarray:
    """Return the day of entry as a whole number from 1; dates count from the first date."""
    import pandas as pd

    is_date = pd.api.types.is_datetime64_any_dtype(column)
    number = column if is_date else pd.to_numeric(column, errors="coerce")
    if is_date or number.isna().any():
        dates = pd.to_datetime(column, errors="coerce", format="mixed")
        if dates.isna().any():
            raise _check.fail(
                "day", f"must be numbers or dates in every row of `{name}`", column[dates.isna()].iloc[0]
            )
        number = (dates.dt.normalize() - dates.dt.normalize().min()).dt.days + 1
    if not len(number):
        raise _check.fail("table", "must hold at least one complete row", "none")
    return number.to_numpy(float)


def _metric(column: Any, name: str) -> np.ndarray:
    import pandas as pd

    values = pd.to_numeric(column, errors="coerce")
    if values.isna().any() or not np.isfinite(values).all():
        raise _check.fail(
            "metric",
            f"must be a finite number in every row of `{name}`",
            column[values.isna() | ~np.isfinite(values)].iloc[0],
        )
    return values.to_numpy(float)


def _happened(looks: Sequence[int], last: int) -> list[float]:
    """Return the planned looks that lie within the data."""
    days = _check.array("looks", looks)
    if days.ndim != 1 or not len(days) or (np.diff(days) <= 0).any():
        raise _check.fail("looks", "must be increasing days", looks)
    happened = [float(d) for d in days if d <= last]
    if not happened:
        raise _check.fail(
            "looks",
            f"must have begun: the data end on day {last}",
            f"the first look is day {days[0]:g}",
            "There is nothing to read yet.",
        )
    return happened


def _stacked(parts: Sequence[Moments]) -> Moments:
    """Join moments of several looks along a new first axis."""
    return Moments(
        np.array([m.n for m in parts]),
        np.array([m.mean for m in parts]),
        np.array([m.scatter for m in parts]),
        parts[0].names,
    )
