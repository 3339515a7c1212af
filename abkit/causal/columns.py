"""What every function of effects that differ asks of its data: named covariates, a 0/1 treatment."""

from __future__ import annotations

from typing import Any

import numpy as np

from abkit import _check


def named_columns(x: Any) -> tuple[list[str], np.ndarray]:
    """Return the names of the columns and the values, (rows, k); a text column is refused by its name.

    x: a data frame, an array (rows, k), or one column (rows,), then named x1. Raises ValueError for what is
    no number.

    >>> named_columns([[1.0, 2.0], [3.0, 5.0]])[0]
    ['x1', 'x2']
    """
    if _check.is_frame(x):
        names = [str(name) for name in x.columns]
        hint = "Write text as 0/1 columns first: `pandas.get_dummies(x, drop_first=True, dtype=float)`."
        columns = []
        for name in x.columns:
            try:
                columns.append(_check.array(str(name), np.asarray(x[name])))
            except ValueError as error:
                raise ValueError(
                    f"{error} {hint}" if "only" in str(error) and "nan" not in str(error) else str(error)
                ) from None
        return names, np.column_stack(columns) if columns else np.empty((len(x), 0))
    values = _check.array("x", x)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or 0 in values.shape:
        raise _check.fail("x", "must have one row a user and at least one column", f"shape {values.shape}")
    return [f"x{i + 1}" for i in range(values.shape[1])], values


def experiment(x: Any, y: Any, w: Any) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Return names and values of the columns, outcomes and 0/1 treatment, one row a user, fit for a model.

    Raises ValueError for shapes that do not fit, nan, text, a constant column, one arm only, and for as
    many columns as an arm has users.

    >>> experiment(np.arange(6.0), np.arange(6.0), [0, 1, 0, 1, 0, 1])[0]
    ['x1']
    """
    names, columns = named_columns(x)
    y, w = _check.rows("y", y), treatment(w)
    if y.ndim != 1 or w.shape != y.shape or len(columns) != len(y):
        got = f"{columns.shape}, {y.shape} and {w.shape}"
        raise _check.fail("x, y and w", "must have one row a user", got)
    refuse_constant(names, columns)
    k, smaller = columns.shape[1], int(min(w.sum(), (1 - w).sum()))
    if smaller < k + 2:
        raise _check.fail("x", f"must have fewer columns than an arm has users ({smaller})", f"{k} columns")
    return names, columns, y, w


def refuse_constant(names: list[str], columns: np.ndarray) -> None:
    """Raise ValueError for a column with one value only, by its name.

    >>> refuse_constant(["x1"], np.array([[1.0], [2.0]]))
    """
    flat = np.ptp(columns, axis=0) == 0
    if flat.any():
        name = names[int(np.argmax(flat))]
        value = columns[0, int(np.argmax(flat))]
        raise _check.fail("x", "must have no constant column", f"{name}, which is {value:g} for all users")


def design(x: Any) -> np.ndarray:
    """Return the columns with a column of ones before them, (rows, k + 1).

    >>> design([2.0, 3.0]).tolist()
    [[1.0, 2.0], [1.0, 3.0]]
    """
    columns = named_columns(x)[1]
    return np.column_stack([np.ones(len(columns)), columns])


def treatment(w: Any) -> np.ndarray:
    """Return a 0/1 treatment (..., rows) as floats; anything else, or one arm only, is refused.

    >>> treatment([True, False]).tolist()
    [1.0, 0.0]
    """
    w = _check.array("w", w)
    if not np.isin(w, (0, 1)).all():
        raise _check.fail(
            "w", "must be 1 for treated users and 0 for the others", f"{w[~np.isin(w, (0, 1))][0]:g}"
        )
    if w.ndim == 0 or not w.size or (np.ptp(w, axis=-1) == 0).any():
        raise _check.fail("w", "must hold treated and untreated users", "one arm only")
    return w


def propensity_inside(e: Any) -> np.ndarray:
    """Return probabilities of treatment, all strictly between 0 and 1, or say how many rows are not.

    >>> propensity_inside([0.5, 0.2]).tolist()
    [0.5, 0.2]
    """
    e = _check.array("e", e)
    bad = int(((e <= 0) | (e >= 1)).sum())
    if bad:
        raise _check.fail(
            "e",
            "must lie strictly between 0 and 1",
            f"{bad} of {e.size} rows at or outside these limits",
            "Who is always or never treated tells nothing of the effect: leave such users out, and say so.",
        )
    return e
