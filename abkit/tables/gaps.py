"""Columns with gaps: fill them with one value for all rows, and mark where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from abkit import _check
from abkit.tables.reading import as_number, check_columns, rows_of


def fill_gaps(frame: Any, groups: Mapping[str, Sequence[str]]) -> tuple[Any, dict[str, int]]:
    """Return a Narwhals frame whose columns have no gap, with a 0/1 column "NAME is missing" for each group
    that had some.

    groups: name → columns that are one thing (a ratio has two): a row that misses one of them counts as
    missing the group, and takes the means of all rows. The second result says how many rows that were, for
    each new column.
    Raises ValueError for text, and for a column without any value.

    >>> import pandas as pd
    >>> frame, gaps = fill_gaps(nw.from_native(pd.DataFrame({"pre": [1.0, None, 3.0]})), {"pre": ["pre"]})
    >>> frame.to_native()["pre"].tolist(), gaps
    ([1.0, 2.0, 3.0], {'pre is missing': 1})
    """
    names = list(dict.fromkeys(name for columns in groups.values() for name in columns))
    check_columns(frame, names, None)
    schema = frame.collect_schema()
    number = {name: as_number(name, schema[name] == nw.Boolean) for name in names}
    empty = {name: number[name].is_null() | number[name].is_nan() for name in names}
    gap = {group: _any([empty[name] for name in columns]) for group, columns in groups.items()}
    found = rows_of(
        frame.select(
            *[nw.when(~empty[name]).then(number[name]).mean().alias(f"m{i}") for i, name in enumerate(names)],
            *[g.cast(nw.Int64).sum().alias(f"g{i}") for i, g in enumerate(gap.values())],
        )
    )[0]
    means = {name: found[f"m{i}"] for i, name in enumerate(names)}
    for name, value in means.items():
        if value is None or value != value:
            raise _check.fail(name, "must hold at least one value", "a column of missing values")
    counts = {group: int(found[f"g{i}"]) for i, group in enumerate(groups) if found[f"g{i}"]}
    new = [
        nw.when(gap[group]).then(nw.lit(means[name])).otherwise(number[name]).alias(name)
        for group in counts
        for name in groups[group]
    ]
    new += [gap[group].cast(nw.Float64).alias(f"{group} is missing") for group in counts]
    filled = frame.with_columns(*new) if new else frame
    return filled, {f"{group} is missing": n for group, n in counts.items()}


def _any(conditions: Sequence[Any]) -> Any:
    first, *others = conditions
    for condition in others:
        first = first | condition
    return first
