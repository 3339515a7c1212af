"""The one door: open any table or file as a Narwhals frame, and refuse what cannot be read right.

A path is that file, never a pattern, and the name of its folder says nothing. What stands in a text file is
decided by `delimited` (.csv, .tsv) or `json_lines` (.jsonl), each also .gz; a Parquet file has types of its
own.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import narwhals as nw

from abkit import _check
from abkit.tables import cells, delimited, json_lines

PARQUET = (".parquet", ".pq")
TEXT = (".csv", ".tsv", ".jsonl")
ENGINES = ("duckdb", "_duckdb", "polars", "pyarrow", "narwhals", "pandas", "numpy")
TABLES = (
    "must be a pandas, polars, pyarrow or DuckDB table, or the path of a CSV, TSV, JSON Lines or Parquet file"
)
Columns = Mapping[str, Sequence[str]]  # parameter → the columns that it names


def column_names(columns: Any) -> list[str]:
    """Return the names of one column or of a list; different texts, or it is refused.

    >>> column_names("y"), column_names(("y", "x"))
    (['y'], ['y', 'x'])
    """
    names = list(columns) if isinstance(columns, (list, tuple)) else [columns]
    if not names or not all(isinstance(c, str) for c in names) or len(set(names)) < len(names):
        raise _check.fail("columns", "must be a column name or a list of different names", repr(columns))
    return names


@contextmanager
def opened(table: Any, *, numbers: Columns | None = None, labels: Columns | None = None) -> Iterator[Any]:
    """Give a Narwhals frame that has the named columns; of a file, these only.

    numbers, labels: column names by the parameter that asked for them. In a text file numbers become floats,
    and labels (arms, ids, segments) text without outer blanks. What an engine says about its table becomes a
    ValueError.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "x.csv"); _ = path.write_text("id,arm,y\\n007, a ,1\\n")
    ...     with opened(path, numbers={"metric": ["y"]}, labels={"unit": ["id"], "arm": ["arm"]}) as frame:
    ...         rows_of(frame)
    [{'y': 1.0, 'id': '007', 'arm': 'a'}]
    """
    wanted = (numbers or {}, labels or {})
    try:
        if isinstance(table, (str, Path)):
            with _file(Path(table), *wanted) as frame:
                yield frame
        else:
            frame = _native(table)
            cells.require_columns(frame.collect_schema().names(), *wanted)
            yield frame
    except Exception as error:
        if isinstance(error, ValueError) and str(error).startswith("`"):
            raise
        if not _by_engine(error):
            raise
        where = f"{table}" if isinstance(table, (str, Path)) else f"a {type(table).__name__}"
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise _check.fail("table", "must be a whole, readable table", f"{where} ({reason})") from error


def _by_engine(error: Exception) -> bool:
    """Say whether an engine raised it: by its type, by the code that raised it, or for a type it has not."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    places = (type(error).__module__, "" if at is None else at.tb_frame.f_globals.get("__name__", ""))
    known = any(place.split(".")[0] in ENGINES for place in places)
    return known or isinstance(error, (OverflowError, NotImplementedError))


def _native(table: Any) -> Any:
    try:
        if hasattr(
            table, "unify_dictionaries"
        ):  # Arrow: the parts of a column may number its labels differently
            table = table.unify_dictionaries()
        return nw.from_native(table)
    except TypeError:
        raise _check.fail("table", TABLES, type(table).__name__) from None
    except nw.exceptions.DuplicateError as error:
        reason = " ".join(str(error).split())
        raise _check.fail("table", "must have different column names", reason) from None


@contextmanager
def _file(path: Path, numbers: Columns, labels: Columns) -> Iterator[Any]:
    kind = _kind(path)
    if kind in PARQUET:
        with _parquet(path) as (names, select):
            cells.require_columns(names, numbers, labels)
            yield select(list(dict.fromkeys([*cells.asked(numbers), *cells.asked(labels)])))
    elif kind == ".jsonl":
        yield nw.from_native(json_lines.read(path, numbers, labels))
    else:
        yield nw.from_native(delimited.read(path, delimited.SEPARATORS[kind], numbers, labels))


def _kind(path: Path) -> str:
    kind = Path(path.name.lower().removesuffix(".gz")).suffix
    if kind not in TEXT and path.suffix.lower() not in PARQUET:
        need = "must end in .csv, .tsv or .jsonl (each also .gz), .parquet or .pq"
        raise _check.fail("table", need, repr(path.name))
    if not path.is_file():
        raise _check.fail("table", "must be the path of a file that exists", repr(str(path)))
    if path.stat().st_size == 0:
        raise _check.fail("table", "must be a file with rows", f"{path}, which is empty")
    return kind


@contextmanager
def _parquet(path: Path) -> Iterator[tuple[list[str], Callable[[list[str]], Any]]]:
    """Give the names of a Parquet file's columns, and what selects some: by DuckDB, or by Arrow where it is
    absent.

    Arrow also reads a file whose name DuckDB would take for a pattern.
    """
    if importlib.util.find_spec("duckdb") is None or set(path.as_posix()) & set("*?[]\\"):
        from pyarrow import parquet

        file = parquet.ParquetFile(path)
        yield file.schema_arrow.names, lambda names: nw.from_native(file.read(columns=names))
        return
    import duckdb

    with duckdb.connect() as connection:
        frame = nw.from_native(connection.read_parquet(path.absolute().as_posix(), hive_partitioning=False))
        yield frame.collect_schema().names(), frame.select


def check_columns(frame: Any, names: Sequence[str], by: str | None) -> None:
    """Refuse a column that holds no numbers or booleans, or a column of labels with nested values.

    >>> import pandas as pd
    >>> check_columns(nw.from_native(pd.DataFrame({"y": ["1,5"]})), ["y"], None)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: `y` must hold numbers or booleans; got text such as '1,5'. Leave missing cells empty, ...
    """
    schema = frame.collect_schema()
    for name in names:
        kind = schema[name]
        if not (kind.is_numeric() or kind in (nw.Boolean, nw.Object)):
            found = (
                rows_of(frame.select(nw.col(name).cast(nw.String).alias("v")).drop_nulls().head(1))
                if kind == nw.String
                else []
            )
            if kind == nw.String and not found:
                raise _check.fail(name, "must hold at least one value", "a column of missing values")
            raise _check.fail(
                name,
                "must hold numbers or booleans",
                f"text such as {found[0]['v']!r}" if found else f"a column of type {kind}",
                cells.CURE if found else "",
            )
    if by is not None and schema[by].is_nested():
        raise _check.fail(by, "must hold plain labels", f"a column of type {schema[by]}")


def absent(label: Any) -> bool:
    """Say whether a label is missing: None or nan; 0 and "" are labels.

    >>> absent(float("nan")), absent(0)
    (True, False)
    """
    return label is None or label != label


def refuse_infinite(name: str, count: int) -> None:
    """Refuse a column with infinite values, of which there are `count`.

    >>> refuse_infinite("y", 0); refuse_infinite("y", 2)
    Traceback (most recent call last):
        ...
    ValueError: `y` must hold finite numbers or missing values; got 2 infinite values.
    """
    if count:
        raise _check.fail(name, "must hold finite numbers or missing values", f"{count} infinite values")


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """Return the rows of a small frame as dicts of Python scalars; a lazy one is read.

    >>> import pandas as pd
    >>> rows_of(nw.from_native(pd.DataFrame({"arm": ["a", None], "n": [3, 4]})))
    [{'arm': 'a', 'n': 3}, {'arm': None, 'n': 4}]
    """
    import pyarrow as pa

    frame = frame.collect("pyarrow") if isinstance(frame, nw.LazyFrame) else frame
    try:
        return frame.to_arrow().to_pylist()
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise _check.fail("table", "must hold values of one type in each column", "mixed values") from None


def as_number(name: str, boolean: bool) -> Any:
    """Return the expression of a column as floats. Booleans go by cases: DuckDB moves a cast into its reader,
    which cannot do that one.

    >>> import pandas as pd
    >>> rows_of(nw.from_native(pd.DataFrame({"y": [True, False]})).select(as_number("y", True).alias("y")))
    [{'y': 1.0}, {'y': 0.0}]
    """
    column = nw.col(name)
    if boolean:
        return nw.when(column).then(nw.lit(1.0)).otherwise(nw.when(~column).then(nw.lit(0.0)))
    return column.cast(nw.Float64)
