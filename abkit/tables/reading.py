"""Open any table or file as a Narwhals frame, and refuse what cannot be read right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import narwhals as nw

from abkit import _check


def column_names(columns: Any) -> list[str]:
    names = list(columns) if isinstance(columns, (list, tuple)) else [columns]
    if not names or not all(isinstance(c, str) for c in names) or len(set(names)) < len(names):
        raise _check.fail("columns", "must be a column name or a list of different names", repr(columns))
    return names


@contextmanager
def opened(table: Any, *, text: bool = False) -> Iterator[Any]:
    """Give a Narwhals frame; what an engine says about a broken file becomes a ValueError. text: a CSV file
    as text.
    """
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


def require_names(frame: Any, parameter: str, names: Sequence[str]) -> None:
    existing = frame.collect_schema().names()
    for name in names:
        if name not in existing:
            raise _check.fail(
                parameter, "must name columns of the table, which are " + ", ".join(existing), repr(name)
            )


def check_columns(frame: Any, names: Sequence[str], by: str | None) -> None:
    require_names(frame, "columns", names)
    require_names(frame, "by", [] if by is None else [by])
    schema = frame.collect_schema()
    for name in names:
        kind = schema[name]
        if not (kind.is_numeric() or kind in (nw.Boolean, nw.Object)):
            if not rows_of(frame.head(1)):  # a CSV file of a header alone: its columns have no type yet
                raise _check.fail("table", "must hold at least one complete row", "no rows")
            found = (
                rows_of(frame.select(nw.col(name).cast(nw.String).alias("v")).drop_nulls().head(1))
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


def absent(label: Any) -> bool:
    return label is None or label != label


def refuse_infinite(name: str, count: int) -> None:
    if count:
        raise _check.fail(name, "must hold finite numbers or missing values", f"{count} infinite values")


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """Rows of a small frame as dicts of Python scalars."""
    import pyarrow as pa

    frame = frame.collect("pyarrow") if isinstance(frame, nw.LazyFrame) else frame
    try:
        return frame.to_arrow().to_pylist()
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise _check.fail("table", "must hold values of one type in each column", "mixed values") from None


def as_number(name: str, boolean: bool) -> Any:
    """A column as floats. Booleans go by cases: DuckDB moves a cast into its CSV reader, which cannot do that
    one.
    """
    column = nw.col(name)
    if boolean:
        return nw.when(column).then(nw.lit(1.0)).otherwise(nw.when(~column).then(nw.lit(0.0)))
    return column.cast(nw.Float64)
