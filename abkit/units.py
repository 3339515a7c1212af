"""From events to units: one row a randomization unit, and what is wrong when there are more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from abkit import _check
from abkit._table import Table
from abkit.tables import _known, _opened, _rows


@dataclass(frozen=True, eq=False, repr=False)
class UnitCount(Table):
    """Units of a table: how many, how many with several rows, how many seen in several arms, rows without a unit."""

    units: int
    repeated: int
    crossed: int
    missing: int


def count_units(table: Any, unit: str, *, arm: str) -> UnitCount:
    """Count the units that have several rows and those seen in more than one arm.

    table: any data frame that `reduce_table` takes, or the path of a CSV or Parquet file.

    >>> import pandas as pd
    >>> count_units(pd.DataFrame({"user": [1, 1, 2], "arm": ["a", "b", "a"]}), "user", arm="arm")
    UnitCount: units 2  repeated 1  crossed 1  missing 0
    """
    with _opened(table) as frame:
        _known(frame, "unit", [unit])
        _known(frame, "arm", [arm])
        pairs = frame.select(nw.col(unit).alias("unit"), nw.col(arm).alias("arm"))
        missing = _rows(pairs.select(nw.col("unit").is_null().sum().alias("rows")))[0]["rows"] or 0
        pairs = pairs.drop_nulls().group_by("unit", "arm").agg(nw.len().alias("rows"))
        units = pairs.group_by("unit").agg(nw.len().alias("arms"), nw.col("rows").sum())
        found = _rows(units.select(nw.len().alias("units"), (nw.col("rows") > 1).sum().alias("repeated"),
                                   (nw.col("arms") > 1).sum().alias("crossed")))[0]
    return UnitCount(int(found["units"]), int(found["repeated"] or 0), int(found["crossed"] or 0), int(missing))


def sum_units(table: Any, columns: Sequence[str], *, unit: str, arm: str) -> Any:
    """Return one row a unit: its arm and the sum of each column over its rows, in the order of first sight.

    table: a data frame in memory; the answer has the same type. A missing value adds nothing.
    Raises ValueError when a unit is seen in two arms: no sum can mend that.

    >>> import pandas as pd
    >>> sum_units(pd.DataFrame({"user": [1, 1, 2], "arm": ["a", "a", "b"], "clicks": [1, 2, 0]}), ["clicks"], unit="user", arm="arm").clicks.tolist()
    [3, 0]
    """
    counted = count_units(table, unit, arm=arm)
    if counted.crossed:
        raise _check.fail("unit", "must be in one arm each", f"{counted.crossed:,} of {counted.units:,} units in two arms or more")
    frame = nw.from_native(table, eager_only=True)
    _known(frame, "columns", columns)
    sums = frame.with_row_index("_row").drop_nulls([unit, arm]).group_by(unit, arm).agg(
        nw.col("_row").min(), *(nw.col(c).sum() for c in columns))
    return sums.sort("_row").drop("_row").to_native()
