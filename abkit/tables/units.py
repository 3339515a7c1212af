"""From events to units: one row a randomization unit, and what is wrong when there are more."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw

from abkit import _check
from abkit._labels import label_text, missing
from abkit._table import Table
from abkit.tables.blocks import as_floats
from abkit.tables.reading import as_number, check_columns, column_names, opened, rows_of

LARGEST = 2**63 - 1  # of a sum that is kept as a whole number


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

    table: any data frame that `reduce_table` takes, or the path of a file. Ids compare as text: 7 and "7" are
    one.

    unit: the unit of the values, written on the axis.

    >>> import pandas as pd
    >>> count_units(pd.DataFrame({"user": [1, 1, 2], "arm": ["a", "b", "a"]}), "user", arm="arm")
    UnitCount: units 2  repeated 1  crossed 1  missing 0  left_out 0
    """
    with opened(table, labels={"unit": [unit], "arm": [arm]}) as frame:
        return _counted(_selected(frame, unit, arm, []))


def sum_units(table: Any, columns: Sequence[str], *, unit: str, arm: str, flags: Sequence[str] = ()) -> Any:
    """Return one row a unit: its arm, the sum of each of `columns` over its rows, and 1 for a flag that any
    row has.

    table: a data frame, or a lazy one (polars, DuckDB, Spark): the answer has the same type, and in memory
    the order of first sight. The path of a file gives a pandas frame. flags: columns of 0 and 1, such as
    "converted". A missing value adds nothing, and a unit without any value stays missing: it is not 0. Rows
    without a unit or an arm are left out, with a warning that counts them. Ids compare as text: 7 and "7" are
    one unit. In memory, sums of whole numbers are whole and exact while they fit 64 bits; all other sums, and
    those of lazy frames and text files, are 64-bit floats (whole numbers exact up to 2**53). No sum wraps
    round.
    Raises ValueError when a unit is seen in two arms: no sum can mend that.

    >>> import pandas as pd
    >>> who = {"user": [1, 1, 2], "arm": ["a", "a", "b"]}
    >>> log = pd.DataFrame({**who, "clicks": [1, 2, 0], "bought": [1, 1, 0]})
    >>> sum_units(log, ["clicks"], flags=["bought"], unit="user", arm="arm").values.tolist()
    [[1, 'a', 3, 1], [2, 'b', 0, 0]]
    """
    names = column_names([*_check.several("columns", columns), *_check.several("flags", flags)])
    for name, value in (("unit", unit), ("arm", arm)):
        _check.text(name, value)
    if len({unit, arm, *names}) < len(names) + 2:
        raise _check.fail("columns", "must be other columns than the unit and the arm", ", ".join(names))
    wanted = {"unit": [unit], "arm": [arm]}
    with opened(table, numbers={"columns": names}, labels=wanted) as frame:
        check_columns(frame, names, None)
        frame = _selected(frame, unit, arm, names)
        _require_sound(_counted(frame.select("unit", "arm")), unit, arm)
        _require_flags(frame, dict(list(_places(names).items())[len(columns) :]))
        sums = _summed(frame, list(_places(names)), len(columns))
        own = {"unit": unit, "arm": arm, **_places(names)}
        sums = sums.select(*[nw.col(place).alias(name) for place, name in own.items()])
        if not isinstance(table, (str, Path)):
            return sums.to_native()
        return sums.collect("pandas").to_native() if isinstance(sums, nw.LazyFrame) else sums.to_pandas()


def _places(names: Sequence[str]) -> dict[str, str]:
    return {f"v{i}": name for i, name in enumerate(names)}


def _selected(frame: Any, unit: str, arm: str, names: Sequence[str]) -> Any:
    """Columns unit, arm, v0, v1, …: null where missing, labels of mixed types as text, values whose sums
    cannot wrap.
    """
    for name in (unit, arm):
        check_columns(frame, [], name)
    own = {"unit": unit, "arm": arm, **_places(names)}
    frame = frame.select(*[nw.col(name).alias(place) for place, name in own.items()])
    schema = frame.collect_schema()
    if isinstance(frame, nw.LazyFrame):
        values = [as_number(place, schema[place] == nw.Boolean).alias(place) for place in _places(names)]
        frame = frame.with_columns(*values) if values else frame
    else:
        frame = nw.maybe_reset_index(frame)
        texts = [_as_text(frame[k], frame) for k in ("unit", "arm") if schema[k] == nw.Object]
        frame = frame.with_columns(*texts, *[_wide(frame[v], frame) for v in _places(names)])
    schema = frame.collect_schema()
    floats = [nw.col(name) for name in schema.names() if schema[name].is_float()]
    known = [nw.when(~value.is_nan()).then(value) for value in floats]  # Arrow and engines tell NaN from null
    return frame.with_columns(*known) if known else frame


def _as_text(series: Any, frame: Any) -> Any:
    texts = [None if missing(v) else label_text(v) for v in series.to_list()]
    return nw.new_series(series.name, texts, nw.String, backend=frame.implementation)


def _wide(series: Any, frame: Any) -> Any:
    """The values in a type in which their sum cannot wrap: 64-bit whole numbers where that is certain, else
    floats.
    """
    kind = series.dtype
    if kind == nw.Boolean:
        return series.cast(nw.Int64)
    if kind.is_integer():
        largest = max((abs(int(v)) for v in (series.min(), series.max()) if v is not None), default=0)
        if largest * len(series) <= LARGEST:
            return series.cast(nw.Int64)
    values = as_floats(series.name, series)
    return nw.new_series(series.name, values, nw.Float64, backend=frame.implementation)


def _counted(pairs: Any) -> UnitCount:
    empty = nw.col("unit").is_null()
    lost = rows_of(
        pairs.select(_count(empty).alias("unit"), _count(empty | nw.col("arm").is_null()).alias("any"))
    )[0]
    known = pairs.drop_nulls()
    if isinstance(known, nw.DataFrame) and known["unit"].n_unique() == len(known):  # no unit comes twice
        return UnitCount(len(known), 0, 0, int(lost["unit"] or 0), int(lost["any"] or 0))
    each = known.group_by("unit", "arm").agg(nw.len().alias("rows"))
    units = each.group_by("unit").agg(nw.len().alias("arms"), nw.col("rows").sum())
    found = rows_of(
        units.select(
            nw.len().alias("units"),
            _count(nw.col("rows") > 1).alias("repeated"),
            _count(nw.col("arms") > 1).alias("crossed"),
        )
    )[0]
    counts = (found["units"], found["repeated"], found["crossed"], lost["unit"], lost["any"])
    return UnitCount(*(int(n or 0) for n in counts))  # an engine's sum over no row is null


def _summed(frame: Any, places: Sequence[str], sums: int) -> Any:
    """One row a unit and arm: sums of the first places, the largest value of the others (flags)."""
    parts = [nw.col(v).sum() if i < sums else nw.col(v).max() for i, v in enumerate(places)]
    seen = [nw.col(v).count().alias(f"seen {v}") for v in places[:sums]]
    eager = isinstance(frame, nw.DataFrame)
    frame = frame.with_row_index("row") if eager else frame
    order = [nw.col("row").min()] if eager else []
    found = frame.drop_nulls(["unit", "arm"]).group_by("unit", "arm").agg(*parts, *seen, *order)
    known = [nw.when(nw.col(f"seen {v}") > 0).then(nw.col(v)).alias(v) for v in places[:sums]]
    found = found.with_columns(*known) if known else found
    return found.sort("row") if eager else found


def _count(condition: Any) -> Any:
    return condition.cast(nw.Int64).sum()  # Spark has no sum of truth values


def _require_flags(frame: Any, flags: Mapping[str, str]) -> None:
    for place, name in flags.items():
        value = nw.col(place)
        found = rows_of(
            frame.select(value)
            .drop_nulls()
            .select(
                _count((value != 0) & (value != 1)).alias("bad"),
                value.min().alias("low"),
                value.max().alias("high"),
            )
        )[0]
        if found["bad"]:
            got = f"values from {found['low']:g} to {found['high']:g}"
            raise _check.fail(name, "must hold 0 and 1 only, as a flag", got, "Is it a sum?")


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
