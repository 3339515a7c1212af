"""Bounds of 20 equal looks (Kim-DeMets, rho 2): abkit here, spotify-confidence in the peers' own
environment.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import numpy as np

PEERS = Path(__file__).resolve().parents[1] / ".venv-peers" / "bin" / "python"
LOOKS = 20
THEIRS = f"""
import json, statistics, time, warnings
import numpy as np
from spotify_confidence.analysis.frequentist.sequential_bound_solver import bounds
warnings.simplefilter("ignore")
times, t = [], np.arange(1, {LOOKS} + 1) / {LOOKS}
for _ in range(6):
    start = time.perf_counter()
    found = bounds(t, 0.05, 2, 8, 2)
    times.append(time.perf_counter() - start)
print(json.dumps([statistics.median(times[1:]), float(found.df.zb.iloc[-1])]))
"""


def measure() -> dict[str, float]:
    """Median seconds of both, the last bound of both, and our K = 100; without the peers' environment, ours
    only.
    """
    from abkit import group_sequential

    plan = group_sequential(LOOKS, spending="kim_demets", parameter=2.0)
    out = {
        "ours": _seconds(lambda: group_sequential(LOOKS, spending="kim_demets", parameter=2.0)),
        "last": float(plan.upper[-1]),
        "hundred": _seconds(lambda: group_sequential(100, design="obrien_fleming")),
    }
    if PEERS.exists():
        done = subprocess.run([PEERS, "-c", THEIRS], capture_output=True, text=True, check=True)
        out["theirs"], out["their_last"] = json.loads(done.stdout)
    return out


def _seconds(function) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return float(np.median(times))
