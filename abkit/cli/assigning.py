"""`abkit assign` writes the arm of every unit of a file: a pure function of salt and id, so it can be run
again.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

from abkit import _check
from abkit.assignment.arms import assign
from abkit.cli import files

FORMULA = ("=", "+", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of a formula


def add(commands: Any) -> None:
    """Register `assign`.

    >>> import argparse
    >>> parser = argparse.ArgumentParser(); add(parser.add_subparsers())
    >>> parser.parse_args("assign ids.csv --unit id --weights a=.5,b=.5 --salt x --share 20%".split()).share
    0.2
    """
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
        "--share",
        type=files.typed("share"),
        default=1.0,
        help="the part of all units that enters (default 1.0)",
    )
    parser.add_argument(
        "--out", type=Path, help="the CSV file to write (default: the screen); it must not exist"
    )
    parser.add_argument("--force", action="store_true", help="replace the file of --out if it exists")
    parser.set_defaults(
        run=lambda o: assign_file(
            o.file, o.unit, weights=o.weights, salt=o.salt, share=o.share, out=o.out, force=o.force
        ),
        names={name: f"--{name}" for name in ("unit", "weights", "salt", "share", "out")}
        | {"table": "the file"},
    )


def assign_file(
    file: Path,
    unit: str,
    *,
    weights: str,
    salt: str,
    share: float = 1.0,
    out: Path | None = None,
    force: bool = False,
) -> int:
    """Write one line a row, id and arm (empty where the unit is not enrolled), and return the exit code.

    Rows stay in the order of the file. A missing id is refused, and a file that exists is replaced with
    `force` only.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "ids.csv"); _ = file.write_text("id\\nann\\nbob\\n")
    ...     assign_file(file, "id", weights="old=.5,new=.5", salt="x")
    id,arm
    ann,new
    bob,old
    0
    """
    planned = files.shares(weights, "weights")
    for label in planned:
        if label.startswith(FORMULA):
            got = f"{label!r}, which a spreadsheet would run as a formula"
            raise _check.fail("weights", "must have labels that begin with a letter or a digit", got)
    ids = _ids(Path(file), unit)
    arms = assign(ids, planned, salt=salt, share=share)
    text = io.StringIO()
    rows = zip(ids, ("" if arm is None else arm for arm in arms), strict=True)
    csv.writer(text, lineterminator="\n").writerows([(unit, "arm"), *rows])
    if out is None:
        sys.stdout.write(text.getvalue())
        return 0
    files.write_new(out, text.getvalue(), option="out", force=force, inputs=[Path(file)])
    counts = {label: int((arms == label).sum()) for label in planned}
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
