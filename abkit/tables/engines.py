"""Sums that an engine does itself: one query, shifted by a pilot mean, exact to 1e-12."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np

from abkit.moments import Moments
from abkit.tables.blocks import PILOT
from abkit.tables.reading import absent, as_number, refuse_infinite, rows_of

_Places = Sequence[Sequence[int]]  # groups of columns x0, x1, … by their numbers


def reduce_lazy(
    frame: Any, groups: Sequence[Sequence[str]], by: str | None
) -> tuple[list[dict[Any, Moments]], int, dict[str, int]]:
    """Return moments by label of each group of columns, on its own complete rows; rows seen; missing values a
    column.

    One query for all of them. Only groups with a NaN, or with columns that miss different rows, are summed
    again.

    >>> import duckdb
    >>> table = duckdb.sql("SELECT * FROM (VALUES ('a', 1.0), ('b', 2.0), ('b', 4.0), ('b', NULL)) t(arm, y)")
    >>> found, rows, missing = reduce_lazy(nw.from_native(table), [["y"]], "arm")
    >>> found[0]["b"].n, found[0]["b"].mean.tolist(), rows, missing
    (2, [3.0], 4, {'y': 1, 'arm': 0})
    """
    names = list(dict.fromkeys(name for group in groups for name in group))
    places = [[names.index(name) for name in group] for group in groups]
    schema = frame.collect_schema()
    columns = [as_number(name, schema[name] == nw.Boolean).alias(f"x{i}") for i, name in enumerate(names)]
    frame = frame.select(*columns, *([] if by is None else [nw.col(by).alias("arm")]))
    shift = _pilot(frame, len(names))
    rows = _sums(frame, shift, places, by is not None)
    missing = {name: sum(row["rows"] - row[f"c{i}"] for row in rows) for i, name in enumerate(names)}
    if by is not None:
        missing[by] = sum(row["rows"] for row in rows if absent(row["arm"]))
    dirty = [j for j, own in enumerate(places) if not all(_whole(row, own, j) for row in rows)]
    found = [
        {} if j in dirty else _moments(frame, rows, shift, (j, places[j], group), by is not None)
        for j, group in enumerate(groups)
    ]
    if dirty:
        used = sorted({i for j in dirty for i in places[j]})
        missing.update(_missing(frame, used, [names[i] for i in used]))
        masked, where = _masked(frame, [places[j] for j in dirty], by is not None)
        shifts = np.concatenate([shift[list(places[j])] for j in dirty])
        again = _sums(masked, shifts, where, by is not None)
        for own, j in enumerate(dirty):
            found[j] = _moments(masked, again, shifts, (own, where[own], groups[j]), by is not None)
    return found, sum(row["rows"] for row in rows), missing


def _pilot(frame: Any, k: int) -> np.ndarray:
    """Mean of the first rows: near enough to the true mean that x − c keeps its digits."""
    head = frame.head(PILOT).collect("pyarrow").to_arrow()
    values = np.array([head.column(f"x{i}").to_numpy() for i in range(k)], float).reshape(k, -1)
    good = np.isfinite(values)
    return np.where(good, values, 0.0).sum(1) / np.maximum(good.sum(1), 1)


def _pairs(places: _Places) -> list[tuple[int, int]]:
    """Pairs of columns that stand in one group, each once."""
    pairs = {tuple(sorted((i, j))) for own in places for i in own for j in own}
    return sorted((i, j) for i, j in pairs)


def _sums(frame: Any, shift: np.ndarray, places: _Places, grouped: bool) -> list[dict[str, Any]]:
    """Rows; values of each column; rows without a null in each group; sums and products of x − c, in one
    query.
    """
    k, pairs = len(shift), _pairs(places)
    keys = ["arm"] if grouped else []
    shifted = frame.select(*keys, *[(nw.col(f"x{i}") - float(shift[i])).alias(f"x{i}") for i in range(k)])
    products = shifted.with_columns(
        *[(nw.col(f"x{i}") * nw.col(f"x{j}")).alias(f"p{i}_{j}") for i, j in pairs]
    )
    wholes = [sum((nw.col(f"x{i}") for i in own[1:]), nw.col(f"x{own[0]}")) for own in places]
    wanted = [
        nw.len().alias("rows"),
        *[nw.col(f"x{i}").count().alias(f"c{i}") for i in range(k)],
        *[nw.col(f"x{i}").sum().alias(f"s{i}") for i in range(k)],
        *[nw.col(f"p{i}_{j}").sum() for i, j in pairs],
        *[whole.count().alias(f"n{j}") for j, whole in enumerate(wholes) if len(places[j]) > 1],
    ]
    found = rows_of(products.group_by("arm").agg(*wanted) if grouped else products.select(*wanted))
    alone = {f"n{j}": f"c{own[0]}" for j, own in enumerate(places) if len(own) == 1}
    return [{**row, **{n: row[c] for n, c in alone.items()}} for row in found]


def _whole(row: dict[str, Any], own: Sequence[int], group: int) -> bool:
    """The columns of the group miss the same rows, and no NaN and nothing infinite has stayed in a sum."""
    n = row[f"n{group}"]
    return all(row[f"c{i}"] == n and (n == 0 or np.isfinite(row[f"s{i}"])) for i in own)


def _masked(frame: Any, places: _Places, grouped: bool) -> tuple[Any, list[list[int]]]:
    """Columns of their own for each group, null in the rows where any of the group is missing."""
    columns: list[Any] = []
    where = []
    for own in places:
        whole = ~nw.any_horizontal(*[_gap(i) for i in own], ignore_nulls=False)
        where.append(list(range(len(columns), len(columns) + len(own))))
        columns += [
            nw.when(whole).then(nw.col(f"x{i}")).alias(f"x{len(columns) + k}") for k, i in enumerate(own)
        ]
    return frame.select(*columns, *(["arm"] if grouped else [])), where


def _gap(i: int) -> Any:
    return nw.col(f"x{i}").is_null() | nw.col(f"x{i}").is_nan().fill_null(True)


def _missing(frame: Any, places: Sequence[int], names: Sequence[str]) -> dict[str, int]:
    """Count null and NaN in columns, and refuse infinite values."""
    infinite = [(nw.col(f"x{i}").abs() == float("inf")).fill_null(False) for i in places]
    flags = [_gap(i).cast(nw.Int64).alias(f"e{i}") for i in places]
    flags += [flag.cast(nw.Int64).alias(f"f{i}") for i, flag in zip(places, infinite, strict=True)]
    found = rows_of(frame.select(*flags).select(*[nw.col(f"{c}{i}").sum() for c in "ef" for i in places]))[0]
    for i, name in zip(places, names, strict=True):
        refuse_infinite(name, int(found[f"f{i}"] or 0))
    return {name: int(found[f"e{i}"] or 0) for i, name in zip(places, names, strict=True)}


def _moments(
    frame: Any,
    rows: Sequence[dict[str, Any]],
    shift: np.ndarray,
    group: tuple[int, Sequence[int], Sequence[str]],
    grouped: bool,
) -> dict[Any, Moments]:
    """Moments by label of one group: its number in the sums, its columns there, and their names."""
    number, own, names = group
    kept = {row.get("arm"): row for row in rows if row[f"n{number}"] and not absent(row.get("arm", 0))}
    return {
        label: _finished(frame, {**row, "n": row[f"n{number}"]}, shift, own, tuple(names), grouped)
        for label, row in kept.items()
    }


def _finished(
    frame: Any,
    row: dict[str, Any],
    shift: np.ndarray,
    own: Sequence[int],
    names: tuple[str, ...],
    grouped: bool,
    again: bool = True,
) -> Moments:
    """Moments from shifted sums; a group far from the pilot mean is summed again around its own."""
    k, n = len(own), int(row["n"])
    gap = np.array([row[f"s{i}"] for i in own], float) / n
    scatter = np.empty((k, k))
    for i in range(k):
        for j in range(i, k):
            low, high = sorted((own[i], own[j]))
            scatter[i, j] = scatter[j, i] = row[f"p{low}_{high}"] - n * gap[i] * gap[j]
    far = n * gap**2 > 100 * np.abs(np.diag(scatter))
    if again and n > 1 and far.any():
        rows = frame.filter(nw.col("arm") == row["arm"]) if grouped else frame
        near = shift.copy()
        near[list(own)] += gap
        return _finished(rows, {**_sums(rows, near, [own], False)[0], "n": n}, near, own, names, False, False)
    np.fill_diagonal(scatter, np.maximum(np.diag(scatter), 0.0))
    return Moments(n, shift[list(own)] + gap, scatter, names)
