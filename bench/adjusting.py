"""Ten metrics with CUPED, each with its own covariate: abkit against tea-tasting and a numpy Gram pass.

Both sides read one table with the same engine, in turns; tea-tasting lives in the peers' environment.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from abkit import cuped
from abkit.tables.reducing import reduce_groups

PEERS = Path(__file__).resolve().parents[1] / ".venv-peers" / "bin" / "python"
GROUPS = [[f"y{i}", f"pre{i}"] for i in range(10)]
BLOCK, TURNS = 8_192, 5
THEIRS = """
import sys, time
import duckdb, ibis, pandas as pd, polars as pl
import tea_tasting as tt
path = sys.argv[1]
test = tt.Experiment({f"y{i}": tt.Mean(f"y{i}", f"pre{i}") for i in range(10)}, variant="arm")
tables = {"pandas": pd.read_parquet(path), "polars": pl.read_parquet(path)}
engine = ibis.duckdb.connect()
engine.raw_sql(f"CREATE TABLE users AS SELECT * FROM read_parquet({path!r})")
tables["duckdb"] = engine.table("users")
for name in sys.stdin:
    start = time.perf_counter()
    found = test.analyze(tables[name.strip()])
    print(time.perf_counter() - start, found["y0"].effect_size, found["y0"].pvalue, flush=True)
"""


def write(path: Path, rows: int) -> None:
    """Write two arms, ten metrics and the value of each before the start, correlation .7, as Parquet."""
    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {"arm": rng.integers(0, 2, rows)}
    for metric, past in GROUPS:
        columns[past] = rng.normal(10, 3, rows)
        columns[metric] = 0.7 * columns[past] + rng.normal(3, 2.14, rows) + 0.01 * columns["arm"]
    pq.write_table(pa.table(columns), path)


def analysis(table: Any) -> list[Any]:
    """The ten adjusted effects, from one pass over the table."""
    found = reduce_groups(table, GROUPS, by="arm")
    return [cuped(one.moments[0], one.moments[1]) for one in found]


def gram(arms: np.ndarray, x: list[np.ndarray]) -> np.ndarray:
    """Sums of products of all twenty columns, by arm and block: a floor in numpy."""
    products = np.zeros((2, len(x) + 1, len(x) + 1))
    shift = np.array([c[:BLOCK].mean() for c in x])[:, None]
    for start in range(0, len(arms), BLOCK):
        arm = arms[start : start + BLOCK]
        block = np.stack([c[start : start + BLOCK] for c in x]) - shift
        block = np.vstack([block, np.ones(len(arm))])
        for code in (0, 1):
            part = block[:, arm == code]
            products[code] += part @ part.T
    return products


def measure(folder: Path, rows: int) -> dict[str, float]:
    """Median seconds of both sides on each engine, and of the Gram pass; without the peers, ours only."""
    path = folder / "users.parquet"
    write(path, rows)
    frame = pl.read_parquet(path)
    connection = duckdb.connect()
    connection.register("arrow", frame.to_arrow())
    connection.execute("CREATE TABLE users AS SELECT * FROM arrow")
    tables = {"pandas": frame.to_pandas(), "polars": frame, "duckdb": connection.table("users")}
    arms = frame["arm"].to_numpy()
    x = [frame[name].to_numpy() for group in GROUPS for name in group]
    out: dict[str, float] = {"rows": rows}
    out["memory"], out["gram"] = in_turn(lambda: analysis(tables["pandas"]), lambda: gram(arms, x))
    peer = subprocess.Popen(
        [str(PEERS), "-c", THEIRS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) if installed() else None  # fmt: skip
    for name, table in tables.items():
        pairs = [_turn(name, table, peer) for _ in range(TURNS + 1)][1:]
        out[name] = statistics.median(ours for ours, _ in pairs)
        if peer is not None:
            out[f"{name}_theirs"] = statistics.median(theirs for _, theirs in pairs)
    if peer is not None:
        peer.communicate()
    return out


def installed() -> bool:
    """Say whether the peers' environment has tea-tasting."""
    return (
        PEERS.exists()
        and not subprocess.run([PEERS, "-c", "import tea_tasting"], capture_output=True).returncode
    )


def in_turn(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[float, float]:
    """Median seconds of two functions, one after the other."""
    times = [(_seconds(first), _seconds(second)) for _ in range(TURNS + 1)][1:]
    return statistics.median(a for a, _ in times), statistics.median(b for _, b in times)


def _turn(name: str, table: Any, peer: Any) -> tuple[float, float]:
    ours = _seconds(lambda: analysis(table))
    if peer is None:
        return ours, float("nan")
    peer.stdin.write(name + "\n")
    peer.stdin.flush()
    return ours, float(peer.stdout.readline().split()[0])


def _seconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(measure(Path(name), 1_000_000)))
