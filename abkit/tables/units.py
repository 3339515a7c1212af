"""From events to units: one row a randomization unit, and what is wrong when there are more."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw

from abkit import _check
from abkit._table import Table
from abkit.tables.reading import as_number, check_columns, column_names, opened, require_names, rows_of


@dataclass(frozen=True, eq=False, repr=False)
class UnitCount(Table):
    """Units of a table: how many, how many with several rows, how many seen in several arms.

    missing: rows without a unit; left_out: rows without a unit or without an arm.
    """

    units: int
    repeated: int
    crossed: int
    missing: int
    left_out: int


def count_units(table: Any, unit: str, *, arm: str) -> UnitCount:
    """Count the units that have several rows and those seen in more than one arm.

    table: any data frame that `reduce_table` takes, or the path of a CSV or Parquet file.

    >>> import pandas as pd
    >>> count_units(pd.DataFrame({"user": [1, 1, 2], "arm": ["a", "b", "a"]}), "user", arm="arm")
    UnitCount: units 2  repeated 1  crossed 1  missing 0  left_out 0
    """
    with opened(table) as frame:
        require_names(frame, "unit", [unit])
        require_names(frame, "arm", [arm])
        pairs = _nulls(frame.select(nw.col(unit).alias("unit"), nw.col(arm).alias("arm")))
        empty = nw.col("unit").is_null()
        lost = rows_of(
            pairs.select(_count(empty).alias("unit"), _count(empty | nw.col("arm").is_null()).alias("any"))
        )[0]
        pairs = pairs.drop_nulls().group_by("unit", "arm").agg(nw.len().alias("rows"))
        units = pairs.group_by("unit").agg(nw.len().alias("arms"), nw.col("rows").sum())
        found = rows_of(
            units.select(
                nw.len().alias("units"),
                _count(nw.col("rows") > 1).alias("repeated"),
                _count(nw.col("arms") > 1).alias("crossed"),
            )
        )[0]
    counts = (found["units"], found["repeated"], found["crossed"], lost["unit"], lost["any"])
    return UnitCount(*(int(n or 0) for n in counts))  # an engine's sum over no row is null


def sum_units(table: Any, columns: Sequence[str], *, unit: str, arm: str, flags: Sequence[str] = ()) -> Any:
    """Return one row a unit: its arm, the sum of each of `columns` over its rows, and 1 for a flag that any
    row has.

    table: a data frame, or a lazy one (polars, DuckDB, Spark): the answer has the same type, and in memory
    the order of first sight. The path of a CSV or Parquet file gives a pandas frame. flags: columns of 0 and
    1, such as "converted". A missing value adds nothing, and a unit without any value stays missing: it is
    not 0. Rows without a unit or an arm are left out, with a warning that counts them.
    Raises ValueError when a unit is seen in two arms: no sum can mend that.

    >>> import pandas as pd
    >>> who = {"user": [1, 1, 2], "arm": ["a", "a", "b"]}
    >>> log = pd.DataFrame({**who, "clicks": [1, 2, 0], "bought": [1, 1, 0]})
    >>> sum_units(log, ["clicks"], flags=["bought"], unit="user", arm="arm").values.tolist()
    [[1, 'a', 3, 1], [2, 'b', 0, 0]]
    """
    _require_sound(count_units(table, unit, arm=arm), unit, arm)
    with opened(table) as frame:
        names = column_names([*columns, *flags])
        check_columns(frame, names, None)
        frame = _nulls(frame.select(unit, arm, *names))
        _require_flags(frame, flags)
        if isinstance(table, (str, Path)):
            return _summed(frame, columns, flags, unit, arm).collect("pandas").to_native()
        if isinstance(frame, nw.LazyFrame):
            return _summed(frame, columns, flags, unit, arm).to_native()
        frame = _summed(frame.with_row_index("_row"), columns, flags, unit, arm, nw.col("_row").min())
        return frame.sort("_row").drop("_row").to_native()


def _summed(frame: Any, columns: Sequence[str], flags: Sequence[str], unit: str, arm: str, *more: Any) -> Any:
    values = {name: nw.col(name) for name in [*columns, *flags]}
    if isinstance(frame, nw.LazyFrame):  # an engine's sum of whole numbers may have a type of its own
        schema = frame.collect_schema()
        values = {name: as_number(name, schema[name] == nw.Boolean) for name in values}
    parts = [values[c].sum().alias(c) for c in columns] + [values[c].max().alias(c) for c in flags]
    seen = {c: f"_seen {i}" for i, c in enumerate(columns)}
    sums = (
        frame.drop_nulls([unit, arm])
        .group_by(unit, arm)
        .agg(*parts, *(nw.col(c).count().alias(s) for c, s in seen.items()), *more)
    )
    known = [nw.when(nw.col(s) > 0).then(nw.col(c)).alias(c) for c, s in seen.items()]
    return (sums.with_columns(*known) if known else sums).drop(*seen.values())


def _count(condition: Any) -> Any:
    return condition.cast(nw.Int64).sum()  # Spark has no sum of truth values


def _nulls(frame: Any) -> Any:
    """NaN is no value: the engines and Arrow tell it from null, pandas does not."""
    schema = frame.collect_schema()
    floats = [name for name in schema.names() if schema[name].is_float()]
    values = [nw.when(~nw.col(name).is_nan()).then(nw.col(name)).alias(name) for name in floats]
    return frame.with_columns(*values) if values else frame


def _require_flags(frame: Any, flags: Sequence[str]) -> None:
    for name in flags:
        present = frame.select(
            as_number(name, frame.collect_schema()[name] == nw.Boolean).alias("v")
        ).drop_nulls()
        value = nw.col("v")
        found = rows_of(
            present.select(
                _count((value != 0) & (value != 1)).alias("bad"),
                value.min().alias("low"),
                value.max().alias("high"),
            )
        )[0]
        if found["bad"]:
            raise _check.fail(
                name,
                "must hold 0 and 1 only, as a flag",
                f"values from {found['low']:g} to {found['high']:g}",
                "Is it a sum?",
            )


def _require_sound(counted: UnitCount, unit: str, arm: str) -> None:
    if counted.crossed:
        raise _check.fail(
            "unit",
            "must be in one arm each",
            f"{counted.crossed:,} of {counted.units:,} units in two arms or more",
        )
    if counted.left_out:
        warnings.warn(
            f"{counted.left_out:,} rows have no value in {unit} or {arm} and are left out.", stacklevel=3
        )
