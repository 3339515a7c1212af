"""Any data frame → Moments: one pass over the rows, whatever holds them.

Two ways. Tables in memory (pandas, polars, pyarrow) go through numpy in blocks, in row order, so
identical calls give identical bits. Engines (DuckDB, lazy polars, files) do the sums themselves in
one query, shifted by a pilot mean, and agree to 1e-12. A row with a null or NaN in a needed column
is dropped and counted; infinite values are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from abkit import _check
from abkit._table import Table
from abkit.moments import Moments
from abkit.tables.blocks import reduce_blocks
from abkit.tables.engines import reduce_lazy
from abkit.tables.reading import absent, check_columns, column_names, opened, rows_of


@dataclass(frozen=True, eq=False, repr=False)
class Reduction(Table):
    """Moments of a table, and what was left out: rows seen, rows dropped, missing values a column.

    A row that misses two values counts once in `dropped`, and twice in `dropped_by_column`.
    """

    moments: Any
    rows: int
    dropped: int
    dropped_by_column: dict[str, int]


@dataclass(frozen=True, eq=False, repr=False)
class ArmCounts(Table):
    """Rows per arm (or segment → arm → rows), and the rows without an arm or segment."""

    counts: dict[Any, Any]
    missing: int


def moments_from_table(table: Any, columns: Any, *, by: str | None = None) -> Any:
    """Return the moments of complete rows; with `by`, a dict from each of its values, sorted.

    `reduce_table` gives the same and says how many rows were dropped. One row must be one
    randomization unit: sum events up to units first.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"arm": ["b", "a", "a"], "y": [5.0, 1.0, 3.0]})
    >>> {arm: m.mean.tolist() for arm, m in moments_from_table(frame, "y", by="arm").items()}
    {'a': [2.0], 'b': [5.0]}
    """
    return reduce_table(table, columns, by=by).moments


def reduce_table(table: Any, columns: Any, *, by: str | None = None) -> Reduction:
    """Return the moments of a table and the count of dropped rows.

    table: pandas, polars (eager or lazy), pyarrow, a DuckDB relation, a Spark frame, or the path of a CSV,
    TSV, JSON Lines or Parquet file; labels of a text file are text. columns: a name or a list of names;
    numbers or booleans (0/1). A row with a null or NaN in `columns` or `by` is dropped; a group with no
    complete row has no key.

    Raises ValueError for unknown columns, text, infinite values, unreadable files, or no complete row.

    >>> import pandas as pd
    >>> found = reduce_table(pd.DataFrame({"y": [1.0, None, 3.0]}), "y")
    >>> found.moments.n, found.rows, found.dropped, found.dropped_by_column
    (2, 3, 1, {'y': 1})
    """
    return reduce_groups(table, [column_names(columns)], by=by)[0]


def reduce_groups(
    table: Any, groups: Sequence[Sequence[str]], *, by: str | None, parameter: str = "columns"
) -> list[Reduction]:
    """Return one `Reduction` a group of columns, each on the rows that are complete for it, from one pass.

    parameter: what an error about a column's name is called.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"x": [1.0, None, 3.0], "y": [1.0, 2.0, 6.0]})
    >>> [found.moments.mean.tolist() for found in reduce_groups(frame, [["x"], ["y"]], by=None)]
    [[2.0], [3.0]]
    """
    names = list(dict.fromkeys(name for group in groups for name in group))
    labels = {} if by is None else {"by": [by]}
    with opened(table, numbers={parameter: names}, labels=labels) as frame:
        check_columns(frame, names, by)
        lazy = isinstance(frame, nw.LazyFrame)
        found, rows, missing = (reduce_lazy if lazy else reduce_blocks)(frame, groups, by)
    return [_reduction(own, rows, missing, group, by) for own, group in zip(found, groups, strict=True)]


def _reduction(
    found: Mapping[Any, Moments], rows: int, missing: Mapping[str, int], names: Sequence[str], by: str | None
) -> Reduction:
    kept = sum(m.n for m in found.values())
    lost = {name: missing[name] for name in [*names, *([] if by is None else [by])]}
    if kept == 0:
        what = "; missing values: " + ", ".join(f"{k} {v}" for k, v in lost.items()) if rows else ""
        got = f"{rows} rows, all dropped{what}" if rows else "no rows"
        raise _check.fail("table", "must hold at least one complete row", got)
    moments = found[None] if by is None else {k: found[k] for k in sorted(found)}
    return Reduction(moments, rows, rows - kept, lost)


def arm_counts(table: Any, arm: str, *, by: str | None = None) -> ArmCounts:
    """Count the rows of each arm, for `srm`; with `by`, of each arm in each segment.

    Rows without an arm (or segment) are in `missing`: an arm lost by the log is itself a reason to
    distrust the counts.

    table: a data frame or the path of a file.
    Raises ValueError: `table` must hold at least one row with ….

    >>> import pandas as pd
    >>> found = arm_counts(pd.DataFrame({"arm": ["b", "a", "b", None]}), "arm")
    >>> found.counts, found.missing
    ({'a': 1, 'b': 2}, 1)
    """
    keys = {"arm": arm} if by is None else {"by": by, "arm": arm}
    with opened(table, labels={parameter: [name] for parameter, name in keys.items()}) as frame:
        for name in keys.values():
            check_columns(frame, [], name)
        labels = frame.select(*[nw.col(v).alias(k) for k, v in keys.items()])
        found = rows_of(labels.group_by(*keys).agg(nw.len().alias("rows")))
    counts: dict[Any, Any] = {}
    missing = 0
    for row in found:
        if any(absent(row[k]) for k in keys):
            missing += row["rows"]
            continue
        home = counts if by is None else counts.setdefault(row["by"], {})
        home[row["arm"]] = row["rows"]
    if not counts:
        raise _check.fail(
            "table",
            f"must hold at least one row with {' and '.join(keys.values())}",
            f"{missing} rows without",
        )
    ordered = {k: counts[k] if by is None else dict(sorted(counts[k].items())) for k in sorted(counts)}
    return ArmCounts(ordered, missing)
