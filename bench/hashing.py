"""Assignment of a long list against a loop over hashlib, both on one core, and of a single unit."""

from __future__ import annotations

import hashlib
import os
import statistics
import time

HALVES = {"control": 0.5, "treatment": 0.5}


def measure(units: int) -> dict[str, float]:
    """Median seconds of five runs in turns, for `units` ids, and of 2,000 single assignments."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import abkit as ab

    ids = [f"user-{i}" for i in range(units)]
    ab.position(ids, "warm")  # imports are not measured
    assert ab.assign(ids[:1_000], HALVES, salt="bench").tolist() == _loop(ids[:1_000])
    ours, loop = [], []
    for _ in range(5):
        ours.append(_timed(lambda: ab.assign(ids, HALVES, salt="bench")))
        loop.append(_timed(lambda: _loop(ids)))
    single = [_timed(lambda unit=unit: ab.assign([unit], HALVES, salt="bench")) for unit in ids[:2_000]]
    return {
        "units": units,
        "ours": statistics.median(ours),
        "loop": statistics.median(loop),
        "single": statistics.median(single),
    }


def _loop(ids: list[str]) -> list[str]:
    """The same arms, one id after the other: all enter, so the arm's hash is enough here too."""
    out = []
    for unit in ids:
        arm = int(hashlib.md5(f"bench/arm.{unit}".encode()).hexdigest()[:15], 16) % 10_000
        out.append("control" if arm < 5_000 else "treatment")
    return out


def _timed(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
