"""What every command reads: planned shares from the command line, columns from a CSV or Parquet file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from abkit import _check


def shares(text: str) -> dict[str, float]:
    """Read 'control=.5,treatment=.5'."""
    shares: dict[str, float] = {}
    for part in text.split(","):
        label, equals, value = (piece.strip() for piece in part.rpartition("="))
        if not equals or not label:
            raise _check.fail("expect", "must look like control=.5,treatment=.5", repr(text))
        if label in shares:
            raise _check.fail("expect", "must name each arm once", repr(text))
        if value.endswith("%"):
            raise _check.fail(
                "expect", "must hold shares", repr(value), "Is that per cent? Write .5 for 50%."
            )
        shares[label] = number("expect", value)
    _check.weights("expect", shares)
    return shares


def number(name: str, text: str) -> float:
    """Read a number that was typed, '.5'."""
    try:
        return _check.number(name, float(text))
    except ValueError:
        raise _check.fail(name, "must be a number", repr(text)) from None


def read(path: Path, columns: list[str]) -> Any:
    """Read the named columns of a CSV file (as text) or a Parquet file."""
    if not path.is_file():
        raise _check.fail("file", "must be a CSV or Parquet file that exists", str(path))
    if path.stat().st_size == 0:
        raise _check.fail("file", "must not be empty", f"{path}, which has 0 bytes")
    kinds = {".csv": _read_csv, ".gz": _read_csv, ".parquet": _read_parquet, ".pq": _read_parquet}
    if path.suffix.lower() not in kinds:
        raise _check.fail("file", "must end in .csv, .csv.gz, .parquet or .pq", path.name)
    try:
        present, load = kinds[path.suffix.lower()](path, columns)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    missing = [name for name in columns if name not in present]
    if missing:
        raise _check.fail(
            "file", f"must have the column {missing[0]}", f"the columns {', '.join(map(str, present))}"
        )
    try:
        return load()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> ValueError:
    first = (str(error).splitlines() or ["no reason given"])[0].rstrip(".")
    return _check.fail(
        "file", "must be a whole, readable table", f"{path} ({first})", "Was it cut off? Copy it again."
    )


def _read_csv(path: Path, columns: list[str]) -> tuple[list[str], Any]:
    import pandas as pd

    text = {
        "dtype": str,
        "keep_default_na": False,
        "na_values": [""],
        "encoding": "utf-8-sig",
        "index_col": False,
    }
    present = list(pd.read_csv(path, nrows=0, **text).columns)
    return present, lambda: pd.read_csv(path, usecols=columns, **text)


def _read_parquet(path: Path, columns: list[str]) -> tuple[list[str], Any]:
    from pyarrow import parquet

    present = parquet.ParquetFile(path).schema_arrow.names
    return present, lambda: parquet.read_table(path, columns=columns)
