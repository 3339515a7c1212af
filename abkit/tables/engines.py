"""Sums that an engine does itself: one query, shifted by a pilot mean, exact to 1e-12."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np

from abkit.moments import Moments
from abkit.tables.blocks import PILOT
from abkit.tables.reading import absent, as_number, refuse_infinite, rows_of


def reduce_lazy(
    frame: Any, names: Sequence[str], by: str | None
) -> tuple[dict[Any, Moments], int, dict[str, int]]:
    schema = frame.collect_schema()
    columns = [as_number(name, schema[name] == nw.Boolean).alias(f"x{i}") for i, name in enumerate(names)]
    frame = frame.select(*columns, *([] if by is None else [nw.col(by).alias("arm")]))
    shift = _pilot(frame, len(names))
    found = _sums(frame, shift, by is not None)
    rows = sum(row["rows"] for row in found)
    missing = dict.fromkeys([*names, *([by] if by is not None else [])], 0)
    if by is not None:
        missing[by] = sum(row["rows"] for row in found if absent(row["arm"]))
        found = [row for row in found if not absent(row["arm"])]
    if not all(_clean(row, len(names)) for row in found) or missing.get(by or ""):
        frame = _normalised(frame, names, missing, by is not None)
        found = _sums(frame, shift, by is not None)
    groups = {row.get("arm"): row for row in found if row["rows"] and not absent(row.get("arm", 0))}
    return (
        {label: _finished(frame, row, shift, names, by is not None) for label, row in groups.items()},
        rows,
        missing,
    )


def _pilot(frame: Any, k: int) -> np.ndarray:
    """Mean of the first rows: near enough to the true mean that x − c keeps its digits."""
    head = frame.head(PILOT).collect("pyarrow").to_arrow()
    values = np.array([head.column(f"x{i}").to_numpy() for i in range(k)], float).reshape(k, -1)
    good = np.isfinite(values)
    return np.where(good, values, 0.0).sum(1) / np.maximum(good.sum(1), 1)


def _sums(frame: Any, shift: np.ndarray, grouped: bool) -> list[dict[str, Any]]:
    """Rows, rows without a null, sums and products of x − c, in one query."""
    k = len(shift)
    keys = ["arm"] if grouped else []
    pairs = [(i, j) for i in range(k) for j in range(i, k)]
    shifted = frame.select(*keys, *[(nw.col(f"x{i}") - float(shift[i])).alias(f"x{i}") for i in range(k)])
    products = shifted.with_columns(
        *[(nw.col(f"x{i}") * nw.col(f"x{j}")).alias(f"p{i}_{j}") for i, j in pairs]
    )
    wanted = [
        nw.len().alias("rows"),
        sum((nw.col(f"x{i}") for i in range(1, k)), nw.col("x0")).count().alias("whole"),
        *[nw.col(f"x{i}").sum().alias(f"s{i}") for i in range(k)],
        *[nw.col(f"p{i}_{j}").sum() for i, j in pairs],
    ]
    return rows_of(products.group_by("arm").agg(*wanted) if grouped else products.select(*wanted))


def _clean(row: dict[str, Any], k: int) -> bool:
    """No null (the count is whole), no NaN and nothing infinite (they would stay in the sums)."""
    return not row["rows"] or (
        row["whole"] == row["rows"] and all(np.isfinite(row[f"s{i}"]) for i in range(k))
    )


def _normalised(frame: Any, names: Sequence[str], missing: dict[str, int], grouped: bool) -> Any:
    """Count null and NaN in every column, refuse infinite values, and keep the complete rows."""
    empty = [nw.col(f"x{i}").is_null() | nw.col(f"x{i}").is_nan() for i in range(len(names))]
    infinite = [(nw.col(f"x{i}").abs() == float("inf")).fill_null(False) for i in range(len(names))]
    flags = [(~e).cast(nw.Int64).alias(f"e{i}") for i, e in enumerate(empty)]
    flags += [f.cast(nw.Int64).alias(f"f{i}") for i, f in enumerate(infinite)]
    flagged = frame.select(*flags)
    found = rows_of(
        flagged.select(
            nw.len().alias("rows"), *[nw.col(f"{c}{i}").sum() for c in "ef" for i in range(len(names))]
        )
    )[0]
    for i, name in enumerate(names):
        refuse_infinite(name, int(found[f"f{i}"] or 0))
        missing[name] = int(found["rows"] - (found[f"e{i}"] or 0))
    for e in empty:
        frame = frame.filter(~e)
    return frame.filter(~nw.col("arm").is_null()) if grouped else frame


def _finished(
    frame: Any,
    row: dict[str, Any],
    shift: np.ndarray,
    names: Sequence[str],
    grouped: bool,
    again: bool = True,
) -> Moments:
    """Moments from shifted sums; a group far from the pilot mean is summed again around its own."""
    k, n = len(names), int(row["rows"])
    gap = np.array([row[f"s{i}"] for i in range(k)], float) / n
    scatter = np.empty((k, k))
    for i in range(k):
        for j in range(i, k):
            scatter[i, j] = scatter[j, i] = row[f"p{i}_{j}"] - n * gap[i] * gap[j]
    far = n * gap**2 > 100 * np.abs(np.diag(scatter))
    if again and n > 1 and far.any():
        own = frame.filter(nw.col("arm") == row["arm"]) if grouped else frame
        return _finished(
            frame,
            {**_sums(own, shift + gap, False)[0], "arm": row.get("arm")},
            shift + gap,
            names,
            grouped,
            False,
        )
    np.fill_diagonal(scatter, np.maximum(np.diag(scatter), 0.0))
    return Moments(n, shift + gap, scatter, tuple(names))
