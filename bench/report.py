"""A report from a CSV file on the command line against a script of pandas, scipy and statsmodels for the same
numbers.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

SPEC = [
    "--arm",
    "arm",
    "--control",
    "a",
    "--metric",
    "y:proportion",
    "--metric",
    "x:mean",
    "--metric",
    "clicks/views:ratio",
    "--guardrail",
    "load:mean:down:10",
    "--expect",
    "a=.5,b=.5",
    "--unit",
    "user",
]
SCRIPT = """
import sys, numpy as np, pandas as pd
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest
t = pd.read_csv(sys.argv[1])
assert not t.user.duplicated().any() and not t.isna().any().any()
print(stats.chisquare(t.arm.value_counts()).pvalue)
a, b = (t[t.arm == arm] for arm in "ab")
print(proportions_ztest([b.y.sum(), a.y.sum()], [len(b), len(a)]))
print(confint_proportions_2indep(b.y.sum(), len(b), a.y.sum(), len(a), method="score"))
for name in ("x", "load"):
    print(stats.ttest_ind(b[name], a[name], equal_var=False).confidence_interval())
def ratio(p):
    c, m = np.cov(p.clicks, p.views), p[["clicks", "views"]].mean().to_numpy()
    g = np.array([1 / m[1], -m[0] / m[1] ** 2])
    return m[0] / m[1], g @ c @ g / len(p)
print(ratio(b)[0] - ratio(a)[0], np.sqrt(ratio(a)[1] + ratio(b)[1]))
"""


def write(path: Path, rows: int) -> None:
    """Write one row a user: arm, a proportion, a mean, a ratio and a guardrail."""
    rng = np.random.default_rng(1)
    table = pa.table(
        {
            "user": np.arange(rows),
            "arm": np.array(["a", "b"])[rng.integers(0, 2, rows)],
            "y": rng.integers(0, 2, rows),
            "x": rng.random(rows),
            "clicks": rng.poisson(2, rows),
            "views": 1 + rng.poisson(5, rows),
            "load": rng.normal(300, 30, rows),
        }
    )
    csv.write_csv(table, path)


def measure(folder: Path, rows: int) -> dict[str, float]:
    """Whole processes, in turns, median of three."""
    path = folder / "users.csv"
    write(path, rows)
    commands = {
        "ours": [sys.executable, "-c", "from abkit.cli import main; main()", "analyze", str(path), *SPEC],
        "theirs": [sys.executable, "-c", SCRIPT, str(path)],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(3):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times[name].append(time.perf_counter() - start)
    medians = {name: sorted(values)[1] for name, values in times.items()}
    return {"rows": rows, **medians, **six_metrics(folder / "six.parquet", 3 * rows)}


def six_metrics(path: Path, rows: int) -> dict[str, float]:
    """`analyze` of six metrics from Parquet and one reduction of their columns, in turns, median of five."""
    import abkit as ab

    rng, names = np.random.default_rng(2), [f"x{i}" for i in range(6)]
    arms = np.array(["a", "b"])[rng.integers(0, 2, rows)]
    parquet.write_table(pa.table({"arm": arms, **{name: rng.gamma(1, 5, rows) for name in names}}), path)
    metrics = [ab.Metric(name, role="secondary" if i else "primary") for i, name in enumerate(names)]
    calls = {
        "analyze": lambda: ab.analyze(path, ab.Analysis("arm", "a", tuple(metrics))),
        "reduce": lambda: ab.reduce_table(path, names, by="arm"),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(5):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - start)
    return {"parquet_rows": rows, **{name: sorted(values)[2] for name, values in times.items()}}
