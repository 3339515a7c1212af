"""Any data frame → Moments: one pass over the rows, whatever holds them.

Two ways. Tables in memory (pandas, polars, pyarrow) go through numpy in blocks, in row order, so
identical calls give identical bits. Engines (DuckDB, lazy polars, files) do the sums themselves in
one query, shifted by a pilot mean, and agree to 1e-12. A row with a null or NaN in a needed column
is dropped and counted; infinite values are refused.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.moments import BLOCK, Moments

CHUNK = 16 * BLOCK  # rows turned into numpy at once: one megabyte a column
PILOT = 10_000  # rows behind the shift of an engine's sums
MASKS = 8  # groups up to which one masked product a group is faster than sorting


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

    table: pandas, polars (eager or lazy), pyarrow, a DuckDB relation, a Spark frame, or the path of a CSV or Parquet
    file. columns: a name or a list of names; numbers or booleans (0/1). A row with a null or NaN in
    `columns` or `by` is dropped; a group with no complete row has no key.

    Raises ValueError for unknown columns, text, infinite values, unreadable files, or no complete row.

    >>> import pandas as pd
    >>> found = reduce_table(pd.DataFrame({"y": [1.0, None, 3.0]}), "y")
    >>> found.moments.n, found.rows, found.dropped, found.dropped_by_column
    (2, 3, 1, {'y': 1})
    """
    names = _names(columns)
    with _opened(table) as frame:
        _check_columns(frame, names, by)
        groups, rows, missing = (
            _reduce_lazy(frame, names, by)
            if isinstance(frame, nw.LazyFrame)
            else _reduce_blocks(frame, names, by)
        )
    kept = sum(m.n for m in groups.values())
    if kept == 0:
        what = "; missing values: " + ", ".join(f"{k} {v}" for k, v in missing.items()) if rows else ""
        raise _check.fail(
            "table",
            "must hold at least one complete row",
            f"{rows} rows, all dropped{what}" if rows else "no rows",
        )
    moments = groups[None] if by is None else {k: groups[k] for k in sorted(groups)}
    return Reduction(moments, rows, rows - kept, missing)


def arm_counts(table: Any, arm: str, *, by: str | None = None) -> ArmCounts:
    """Count the rows of each arm, for `srm`; with `by`, of each arm in each segment.

    Rows without an arm (or segment) are in `missing`: an arm lost by the log is itself a reason to
    distrust the counts.

    >>> import pandas as pd
    >>> found = arm_counts(pd.DataFrame({"arm": ["b", "a", "b", None]}), "arm")
    >>> found.counts, found.missing
    ({'a': 1, 'b': 2}, 1)
    """
    with _opened(table) as frame:
        keys = {"arm": arm} if by is None else {"by": by, "arm": arm}
        for parameter, name in keys.items():
            _known(frame, parameter, [name])
            _check_columns(frame, [], name)
        labels = frame.select(*[nw.col(v).alias(k) for k, v in keys.items()])
        found = _rows(labels.group_by(*keys).agg(nw.len().alias("rows")))
    counts: dict[Any, Any] = {}
    missing = 0
    for row in found:
        if any(_absent(row[k]) for k in keys):
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


def _names(columns: Any) -> list[str]:
    names = list(columns) if isinstance(columns, (list, tuple)) else [columns]
    if not names or not all(isinstance(c, str) for c in names) or len(set(names)) < len(names):
        raise _check.fail("columns", "must be a column name or a list of different names", repr(columns))
    return names


@contextmanager
def _opened(table: Any, *, text: bool = False) -> Iterator[Any]:
    """Give a Narwhals frame; what an engine says about a broken file becomes a ValueError. text: a CSV file as text."""
    if not isinstance(table, (str, Path)):
        try:
            frame = nw.from_native(table)
        except TypeError:
            need = "must be a pandas, polars, pyarrow or DuckDB table, or the path of a CSV or Parquet file"
            raise _check.fail("table", need, type(table).__name__) from None
        except nw.exceptions.DuplicateError as error:
            raise _check.fail(
                "table", "must have different column names", " ".join(str(error).split())
            ) from None
        yield frame
        return
    import duckdb

    path = _file(Path(table))
    connection = duckdb.connect()
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            yield nw.from_native(connection.read_parquet(str(path)))
        else:  # -1: types from ALL rows; from the first ones, a later 0.49 would be rounded to 0
            rows = (
                connection.read_csv(str(path), all_varchar=True)
                if text
                else connection.read_csv(str(path), sample_size=-1)
            )
            yield nw.from_native(rows)
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise _check.fail(
            "table", "must be a whole, readable CSV or Parquet file", f"{path} ({reason})"
        ) from None
    finally:
        connection.close()


def _file(path: Path) -> Path:
    if not path.name.lower().endswith((".csv", ".csv.gz", ".parquet", ".pq")):
        raise _check.fail("table", "must end in .csv, .csv.gz, .parquet or .pq", repr(path.name))
    if not path.is_file():
        raise _check.fail("table", "must be the path of a file that exists", repr(str(path)))
    if path.stat().st_size == 0:
        raise _check.fail("table", "must be a file with rows", f"{path}, which is empty")
    return path


def _known(frame: Any, parameter: str, names: Sequence[str]) -> None:
    existing = frame.collect_schema().names()
    for name in names:
        if name not in existing:
            raise _check.fail(
                parameter, "must name columns of the table, which are " + ", ".join(existing), repr(name)
            )


def _check_columns(frame: Any, names: Sequence[str], by: str | None) -> None:
    _known(frame, "columns", names)
    _known(frame, "by", [] if by is None else [by])
    schema = frame.collect_schema()
    for name in names:
        kind = schema[name]
        if not (kind.is_numeric() or kind in (nw.Boolean, nw.Object)):
            if not _rows(frame.head(1)):  # a CSV file of a header alone: its columns have no type yet
                raise _check.fail("table", "must hold at least one complete row", "no rows")
            found = (
                _rows(frame.select(nw.col(name).cast(nw.String).alias("v")).drop_nulls().head(1))
                if kind == nw.String
                else []
            )
            if kind == nw.String and not found:
                raise _check.fail(name, "must hold at least one value", "a column of missing values")
            cure = "Leave missing cells empty, and write decimals with a point." if found else ""
            raise _check.fail(
                name,
                "must hold numbers or booleans",
                f"text such as {found[0]['v']!r}" if found else f"a column of type {kind}",
                cure,
            )
    if by is not None and schema[by].is_nested():
        raise _check.fail(by, "must hold plain labels", f"a column of type {schema[by]}")


def _absent(label: Any) -> bool:
    return label is None or label != label


def _refuse_infinite(name: str, count: int) -> None:
    if count:
        raise _check.fail(name, "must hold finite numbers or missing values", f"{count} infinite values")


_Parts = tuple[np.ndarray, np.ndarray, np.ndarray]  # n (groups,), mean (groups, k), scatter (groups, k, k)


def _reduce_blocks(
    frame: Any, names: Sequence[str], by: str | None
) -> tuple[dict[Any, Moments], int, dict[str, int]]:
    rows, k = len(frame), len(names)
    series = [frame.get_column(name) for name in names]
    arms = None if by is None else frame.get_column(by)
    codes_of: dict[Hashable, int] = {} if arms is not None else {None: 0}
    missing = dict.fromkeys([*names, *([by] if by is not None else [])], 0)
    parts: _Parts = (np.zeros(0), np.zeros((0, k)), np.zeros((0, k, k)))
    shift: np.ndarray | None = None
    for start in range(0, rows, CHUNK):
        stop = min(start + CHUNK, rows)
        x = np.stack([_numbers(name, s[start:stop]) for name, s in zip(names, series, strict=True)])
        codes = np.zeros(stop - start, np.intp) if arms is None else _codes(by, arms[start:stop], codes_of)
        x, codes = _complete(x, codes, names, by, missing)
        shift = x[:, :PILOT].mean(1) if shift is None and len(codes) else shift
        x -= 0.0 if shift is None else shift[:, None]  # in place: x is our own copy
        parts = _grown(parts, len(codes_of))
        for at in range(0, len(codes), BLOCK):
            parts = _merge(parts, _block(x[:, at : at + BLOCK], codes[at : at + BLOCK], len(codes_of)))
    n, mean, scatter = parts
    mean = mean if shift is None else mean + shift
    found = {
        label: Moments(int(n[i]), mean[i], scatter[i], tuple(names))
        for label, i in codes_of.items()
        if i < len(n) and n[i]
    }
    return found, rows, missing


def _numbers(name: str, series: Any) -> np.ndarray:
    if series.dtype == nw.Boolean and series.null_count():
        series = series.cast(nw.Float64)
    try:
        if series.dtype == nw.Object and any(isinstance(v, str) for v in series):
            raise TypeError
        return np.asarray(series.to_numpy(), dtype=float)
    except (TypeError, ValueError):
        raise _check.fail(name, "must hold numbers or booleans", "text or other objects") from None


def _codes(by: str | None, series: Any, codes_of: dict[Hashable, int]) -> np.ndarray:
    """Whole-number codes of the labels, −1 where missing; new labels are added to `codes_of`."""
    import pyarrow as pa

    try:
        encoded = pa.chunked_array([series.to_arrow()]).combine_chunks()
        if not pa.types.is_dictionary(encoded.type):
            encoded = encoded.dictionary_encode()
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        raise _check.fail(str(by), "must hold labels of one type", "mixed or nested values") from None
    labels = encoded.dictionary.to_pylist()
    own = encoded.indices.fill_null(len(labels)).to_numpy(zero_copy_only=False)
    present = np.unique(own) if pa.types.is_dictionary(series.to_arrow().type) else range(len(labels))
    table = np.full(len(labels) + 1, -1, np.intp)
    for i in present:
        if i < len(labels) and not _absent(labels[i]):
            table[i] = codes_of.setdefault(labels[i], len(codes_of))
    return table[own]


def _complete(
    x: np.ndarray, codes: np.ndarray, names: Sequence[str], by: str | None, missing: dict[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Keep the rows that miss nothing, and add to the counts of what is missing."""
    bad = codes < 0
    if by is not None:
        missing[by] += int(bad.sum())
    if not np.isfinite(x.sum()):
        nan = np.isnan(x)
        for name, row, empty in zip(names, x, nan, strict=True):
            _refuse_infinite(name, int(np.isinf(row).sum()))
            missing[name] += int(empty.sum())
        bad = bad | nan.any(0)
    return (x[:, ~bad], codes[~bad]) if bad.any() else (x, codes)


def _grown(parts: _Parts, groups: int) -> _Parts:
    n, mean, scatter = parts
    more, k = groups - len(n), mean.shape[1]
    return (
        np.append(n, np.zeros(more)),
        np.vstack([mean, np.zeros((more, k))]),
        np.concatenate([scatter, np.zeros((more, k, k))]),
    )


def _block(x: np.ndarray, codes: np.ndarray, groups: int) -> _Parts:
    """Moments of each group in one block x (k, rows), centred at the group's own mean in the block."""
    n = np.bincount(codes, minlength=groups).astype(float)
    mask = (codes == np.arange(groups)[:, None]).astype(float) if 1 < groups <= MASKS else None
    mean = _means(x, codes, n, mask)
    d = x - (mean.T if groups == 1 else mean.T[:, codes])
    scatter = _scatter(d, codes, groups, mask)
    spread = np.einsum("gii->gi", scatter)
    noise = len(codes) * np.finfo(float).eps * np.abs(mean)
    if (
        (spread > 0) & (spread <= n[:, None] * noise**2)
    ).any():  # equal values, of which rounding made a spread
        mean = mean + _means(d, codes, n, mask)
        scatter = _scatter(x - (mean.T if groups == 1 else mean.T[:, codes]), codes, groups, mask)
    return n, mean, scatter


def _means(x: np.ndarray, codes: np.ndarray, n: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    if len(n) == 1:
        return x.mean(1)[None]
    sums = np.stack([np.bincount(codes, row, len(n)) for row in x], -1) if mask is None else mask @ x.T
    return sums / np.maximum(n, 1)[:, None]


def _scatter(d: np.ndarray, codes: np.ndarray, groups: int, mask: np.ndarray | None) -> np.ndarray:
    k = len(d)
    if groups == 1:
        return (d @ d.T)[None]
    if mask is not None:
        return np.stack([(d * m) @ d.T for m in mask])
    scatter = np.empty((groups, k, k))
    for i in range(k):
        for j in range(i, k):
            scatter[:, i, j] = scatter[:, j, i] = np.bincount(codes, d[i] * d[j], groups)
    return scatter


def _merge(a: _Parts, b: _Parts) -> _Parts:
    """Merge two sets of groups; a group without rows adds nothing (Chan, Golub and LeVeque 1983, eq. 2.1)."""
    n = a[0] + b[0]
    size = np.maximum(n, 1)
    gap = b[1] - a[1]
    mean = a[1] + gap * (b[0] / size)[:, None]
    between = gap[:, :, None] * gap[:, None, :] * (a[0] * b[0] / size)[:, None, None]
    return n, mean, a[2] + b[2] + between


def _rows(frame: Any) -> list[dict[str, Any]]:
    """Rows of a small frame as dicts of Python scalars."""
    import pyarrow as pa

    frame = frame.collect("pyarrow") if isinstance(frame, nw.LazyFrame) else frame
    try:
        return frame.to_arrow().to_pylist()
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise _check.fail("table", "must hold values of one type in each column", "mixed values") from None


def _reduce_lazy(
    frame: Any, names: Sequence[str], by: str | None
) -> tuple[dict[Any, Moments], int, dict[str, int]]:
    schema = frame.collect_schema()
    columns = [_as_number(name, schema[name] == nw.Boolean).alias(f"x{i}") for i, name in enumerate(names)]
    frame = frame.select(*columns, *([] if by is None else [nw.col(by).alias("arm")]))
    shift = _pilot(frame, len(names))
    found = _sums(frame, shift, by is not None)
    rows = sum(row["rows"] for row in found)
    missing = dict.fromkeys([*names, *([by] if by is not None else [])], 0)
    if by is not None:
        missing[by] = sum(row["rows"] for row in found if _absent(row["arm"]))
        found = [row for row in found if not _absent(row["arm"])]
    if not all(_clean(row, len(names)) for row in found) or missing.get(by or ""):
        frame = _normalised(frame, names, missing, by is not None)
        found = _sums(frame, shift, by is not None)
    groups = {row.get("arm"): row for row in found if row["rows"] and not _absent(row.get("arm", 0))}
    return (
        {label: _finished(frame, row, shift, names, by is not None) for label, row in groups.items()},
        rows,
        missing,
    )


def _as_number(name: str, boolean: bool) -> Any:
    """A column as floats. Booleans go by cases: DuckDB moves a cast into its CSV reader, which cannot do that one."""
    column = nw.col(name)
    if boolean:
        return nw.when(column).then(nw.lit(1.0)).otherwise(nw.when(~column).then(nw.lit(0.0)))
    return column.cast(nw.Float64)


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
    return _rows(products.group_by("arm").agg(*wanted) if grouped else products.select(*wanted))


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
    found = _rows(
        flagged.select(
            nw.len().alias("rows"), *[nw.col(f"{c}{i}").sum() for c in "ef" for i in range(len(names))]
        )
    )[0]
    for i, name in enumerate(names):
        _refuse_infinite(name, int(found[f"f{i}"] or 0))
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
