"""A run of the benchmarks as JSON, and the comparison with an earlier one."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parent.parent / "build" / "bench"
COLUMNS = ("what", "abkit", "peer", "ratio", "target")
TO_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


def machine() -> dict[str, Any]:
    """Say on what the run was made: times of two machines are not comparable, ratios roughly are."""
    import numpy

    return {
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
    }


def write(lines: Sequence[Sequence[str]], now: datetime, *, quick: bool, folder: Path = OUT) -> Path:
    """Store the table in `folder` as DATE.json and return the path."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [dict(zip(COLUMNS, line, strict=True)) for line in lines]
    path = folder / f"{now:%Y-%m-%d-%H%M%S}.json"
    whole = {"date": f"{now:%Y-%m-%d %H:%M:%S}", "quick": quick, "machine": machine(), "rows": rows}
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> dict[str, Any]:
    """Read a stored run; SystemExit names the file when it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"date": found["date"], "machine": found["machine"], "rows": found["rows"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"--against {path}: no run that `make bench` stored ({error})") from None


def size(cell: str) -> float | None:
    """Return the first number of a cell, times in seconds.

    >>> size("0.0123 s"), size("11.2 us"), size("p50 139 ms, p95 179 ms"), size("")
    (0.0123, 1.12e-05, 0.139, None)
    """
    found = re.search(r"(?<![\w.])(\d[\d.]*(?:e-?\d+)?) (s|ms|us|MB)\b", cell)
    return round(float(found[1]) * TO_SECONDS.get(found[2], 1.0), 12) if found else None


def compared(before: dict[str, Any], lines: Sequence[Sequence[str]]) -> str:
    """Set the new run beside the old: now / before, of abkit's own value and of the ratio to the peer.

    A row is marked "slower" when its ratio to its peer grew by a quarter, or its own value without a peer.

    >>> old = {"date": "2026-01-01 10:00:00", "machine": machine(),
    ...        "rows": [{"what": "a", "abkit": "1 s", "ratio": "0.50"}]}
    >>> print(compared(old, [("a", "1.5 s", "loop 2 s", "0.75", "")]).splitlines()[-1])
      1.50    1.50  a  slower
    """
    old = {row["what"]: row for row in before["rows"]}
    out = [f"\nagainst {before['date']} (1.00 = as before)", " abkit   ratio"]
    if before["machine"] != machine():
        out.insert(1, f"ANOTHER MACHINE: {before['machine']}")
    for what, ours, _, ratio, _ in lines:
        row = old.get(what)
        if row is None:
            out.append(f"   new          {what}")
            continue
        own = quotient(size(ours), size(row["abkit"]))
        peer = quotient(number(ratio), number(row["ratio"]))
        mark = (
            "  slower" if (own if peer is None else peer) and (own if peer is None else peer) > 1.25 else ""
        )
        out.append(f"{text(own):>6}  {text(peer):>6}  {what}{mark}")
    gone = [f"  gone          {what}" for what in old if what not in {line[0] for line in lines}]
    return "\n".join(out + gone)


def number(cell: str) -> float | None:
    """Return the number with which a ratio begins."""
    found = re.match(r"[\d.]+", cell)
    return float(found[0]) if found else None


def quotient(new: float | None, old: float | None) -> float | None:
    """Return new / old where both are known."""
    return None if not new or not old else new / old


def text(value: float | None) -> str:
    """Write a quotient with two decimals."""
    return "" if value is None else f"{value:.2f}"
