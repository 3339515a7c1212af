"""`abkit assign` writes the arm of every unit of a file: a pure function of salt and id, so it can be run
again.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

from abkit import _check
from abkit.assignment.arms import assign
from abkit.cli import files


def add(commands: Any) -> None:
    """Register `assign`."""
    parser = commands.add_parser(
        "assign",
        help="give every unit of a CSV, TSV, JSON Lines or Parquet file its arm",
        description="Same file, salt and weights: same arms. Exit code 0: done. 2: bad input.",
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--unit", required=True, help="the column that holds the ids")
    parser.add_argument(
        "--weights", required=True, help="the shares of the arms, such as control=.5,treatment=.5"
    )
    parser.add_argument("--salt", required=True, help="the name of the experiment; never use one twice")
    parser.add_argument(
        "--share", type=float, default=1.0, help="the part of all units that enters (default 1.0)"
    )
    parser.add_argument(
        "--out", type=Path, help="the CSV file to write (default: the screen); it must not exist"
    )
    parser.set_defaults(
        run=lambda o: assign_file(o.file, o.unit, weights=o.weights, salt=o.salt, share=o.share, out=o.out)
    )


def assign_file(
    file: Path, unit: str, *, weights: str, salt: str, share: float = 1.0, out: Path | None = None
) -> int:
    """Write one line a row, id and arm (empty where the unit is not enrolled), and return the exit code.

    Rows stay in the order of the file. A missing id is refused, and a file that exists is never replaced.
    """
    ids = _ids(Path(file), unit)
    arms = assign(ids, files.shares(weights), salt=salt, share=share)
    rows = [(unit, "arm"), *zip(ids, ("" if arm is None else arm for arm in arms), strict=True)]
    if out is None:
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
        return 0
    try:
        with Path(out).open("x", encoding="utf-8", newline="") as target:
            csv.writer(target, lineterminator="\n").writerows(rows)
    except OSError as error:
        raise _check.fail(
            "out", "must be a new file in a folder that exists", f"{out} ({error.strerror})"
        ) from None
    counts = {label: int((arms == label).sum()) for label in files.shares(weights)}
    print(
        ", ".join(f"{label} {n:,}" for label, n in counts.items())
        + f", not enrolled {len(ids) - sum(counts.values()):,}: {out}"
    )
    return 0


def _ids(file: Path, unit: str) -> list[Any]:
    import narwhals as nw

    from abkit._labels import missing
    from abkit.tables.reading import opened

    with opened(file, labels={"unit": [unit]}) as frame:
        ids = (frame.collect("pyarrow") if isinstance(frame, nw.LazyFrame) else frame)[unit].to_list()
    gaps = sum(map(missing, ids))
    if gaps:
        got = f"{gaps} rows of {len(ids)} without one in {unit}"
        raise _check.fail("unit", "must hold an id in every row", got)
    return ids
