"""Ten million rows to moments: abkit against the engine's own sums and against a plain numpy block pass."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from abkit.tables.reducing import moments_from_table

COLUMNS = [f"x{i}" for i in range(5)]
PAIRS = [(a, b) for i, a in enumerate(COLUMNS) for b in COLUMNS[i:]]
BLOCK = 8_192


def write(path: Path, rows: int) -> None:
    """Write two arms and five metrics as Parquet, a million rows at a time."""
    rng = np.random.default_rng(0)
    writer = None
    for start in range(0, rows, 1_000_000):
        n = min(1_000_000, rows - start)
        part = pa.table(
            {
                "arm": pa.array(np.array(["control", "treatment"])[rng.integers(0, 2, n)]),
                **{c: rng.normal(10, 3, n) for c in COLUMNS},
            }
        )
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    if writer is not None:
        writer.close()


def engine_sums(path: Path) -> list:
    """The query that an analyst writes by hand: count, sums and products for each arm."""
    wanted = [f"sum({c})" for c in COLUMNS] + [f"sum({a} * {b})" for a, b in PAIRS]
    return duckdb.sql(
        f"SELECT arm, count(*), {', '.join(wanted)} FROM read_parquet('{path}') GROUP BY arm"
    ).fetchall()


def block_pass(arms: np.ndarray, x: list[np.ndarray]) -> list[np.ndarray]:
    """Sums and products of each arm, block by block, arms already coded 0 and 1: a floor in numpy."""
    sums, products = np.zeros((2, len(x))), np.zeros((2, len(x), len(x)))
    shift = np.array([c[:BLOCK].mean() for c in x])[:, None]
    for start in range(0, len(arms), BLOCK):
        arm = arms[start : start + BLOCK]
        block = np.stack([c[start : start + BLOCK] for c in x]) - shift
        for code in (0, 1):
            part = block[:, arm == code]
            sums[code] += part.sum(1)
            products[code] += part @ part.T
    return [sums, products]


def in_turn(first: Callable, second: Callable, repeats: int) -> tuple[float, float]:
    """Median seconds of two functions, run one after the other so that both meet the same machine."""
    times: tuple[list[float], list[float]] = ([], [])
    first(), second()
    for _ in range(repeats):
        for function, seconds in zip((first, second), times, strict=True):
            start = time.perf_counter()
            function()
            seconds.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def peak(function: Callable) -> float:
    """Megabytes above the start at the highest point of a call (Linux; nan elsewhere)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return float("nan")
    before = _status("VmRSS")
    function()
    return (_status("VmHWM") - before) / 1024


def _status(name: str) -> float:
    line = next(
        row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith(name + ":")
    )
    return float(line.split()[1])


def parquet(path: Path, repeats: int) -> dict[str, float]:
    """Seconds of abkit and of the engine's sums from a file, and abkit's memory."""
    moments_from_table(pa.table({"arm": ["a"], "x": [1.0]}), "x", by="arm")
    megabytes = peak(lambda: moments_from_table(path, COLUMNS, by="arm"))
    ours, theirs = in_turn(
        lambda: moments_from_table(path, COLUMNS, by="arm"), lambda: engine_sums(path), repeats
    )
    return {"ours": ours, "theirs": theirs, "megabytes": megabytes}


def memory(path: Path, repeats: int) -> dict[str, float]:
    """Seconds of abkit and of the numpy block pass from a table in memory, and abkit's memory."""
    table = pq.read_table(path).combine_chunks()
    moments_from_table(table[:100_000], COLUMNS, by="arm")
    megabytes = peak(lambda: moments_from_table(table, COLUMNS, by="arm"))
    arms = np.concatenate([(c.dictionary_encode().indices.to_numpy()) for c in table["arm"].chunks])
    x = [table[c].to_numpy() for c in COLUMNS]
    ours, theirs = in_turn(
        lambda: moments_from_table(table, COLUMNS, by="arm"), lambda: block_pass(arms, x), repeats
    )
    return {"ours": ours, "theirs": theirs, "megabytes": megabytes}
