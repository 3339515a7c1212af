"""`abkit srm` checks the arm shares of a file (one row a unit) against the plan."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abkit import _check
from abkit._labels import arm_label
from abkit.assignment.sample_ratio import localise, srm
from abkit.cli import files

PASSED, FAILED, NOT_ASKED = 0, 1, 2


def add(commands: Any) -> None:
    """Register `srm`.

    >>> import argparse
    >>> parser = argparse.ArgumentParser(); add(parser.add_subparsers())
    >>> parser.parse_args("srm users.csv --arm arm --alpha 1%".split()).alpha
    0.01
    """
    ratio = commands.add_parser(
        "srm",
        help="check the arm shares of a CSV, TSV, JSON Lines or Parquet file (one row a unit)",
        description="Exit code 0: the shares fit the plan. 1: sample-ratio mismatch. 2: bad input.",
    )
    ratio.add_argument("file", type=Path)
    ratio.add_argument("--arm", required=True, help="the column that holds the arm")
    ratio.add_argument(
        "--expect", help="the planned shares, such as control=.5,treatment=.5; without them exit code 2"
    )
    ratio.add_argument("--by", help="a column of segments: where were the units lost?")
    ratio.add_argument(
        "--alpha", type=files.typed("alpha"), default=0.001, help="false alarm rate (default .001)"
    )
    ratio.set_defaults(
        run=lambda o: srm_of_file(o.file, o.arm, expect=o.expect, by=o.by, alpha=o.alpha),
        names={name: f"--{name}" for name in ("arm", "expect", "by", "alpha")}
        | {"weights": "--expect", "table": "the file"},
    )


def srm_of_file(
    file: Path,
    arm: str,
    *,
    expect: str | None = None,
    by: str | None = None,
    alpha: float = 0.001,
) -> int:
    """Check the arm shares of a file against the plan, print the finding, return the exit code.

    Each row is one unit. Without `expect` nothing is tested (code 2): an equal split is never assumed.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:  # doctest: +ELLIPSIS
    ...     file = Path(folder, "users.csv"); _ = file.write_text("arm\\n" + 60 * "old\\n" + 140 * "new\\n")
    ...     srm_of_file(file, "arm", expect="old=.5,new=.5")
    old 60 (planned 100), new 140 (planned 100); p = 1.5e-08, alpha 0.001: sample-ratio mismatch: ...
    1
    """
    from abkit.tables.reading import opened
    from abkit.tables.reducing import arm_counts

    shares = None if expect is None else files.shares(expect)
    alpha = _check.share("alpha", alpha)
    labels = {"arm": [arm], "by": [] if by is None else [by]}
    with opened(Path(file), labels=labels) as frame:
        total = arm_counts(frame.to_native(), arm)
        grouped = None if by is None else arm_counts(frame.to_native(), arm, by=by)
    counts = {arm_label(label): n for label, n in total.counts.items()}
    if shares is not None:
        counts = _complete(counts, shares)
    _print_missing(total.missing, f"{arm} and are not counted")
    segments = {}
    if grouped is not None:
        segments = _by_segment(grouped.counts)
        _print_missing(grouped.missing - total.missing, f"{by} and are in no segment")
    if shares is None:
        return _print_counts(counts, segments)
    return _print_checks(counts, segments, shares, alpha)


def _print_missing(rows: int, where: str) -> None:
    if rows:
        print(f"{rows:,} rows have no value in {where}.")


def _by_segment(counts: Mapping[Any, Mapping[Any, int]]) -> dict[str, dict[str, int]]:
    return {str(segment): {arm_label(k): n for k, n in arms.items()} for segment, arms in counts.items()}


def _print_counts(counts: Mapping[str, int], segments: Mapping[str, Mapping[str, int]]) -> int:
    print(_counts_text(counts))
    for segment, arms in segments.items():
        print(f"  {segment}: {_counts_text(arms)}")
    print("No SRM was computed: give the planned shares, such as --expect control=.5,treatment=.5")
    return NOT_ASKED


def _counts_text(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{label} {n:,}" for label, n in counts.items())


def _print_checks(
    counts: Mapping[str, int],
    segments: Mapping[str, Mapping[str, int]],
    shares: Mapping[str, float],
    alpha: float,
) -> int:
    checks = [srm(counts, shares, alpha=alpha)]
    print(checks[0].message)
    if segments:
        found = localise({k: _complete(v, shares) for k, v in segments.items()}, shares, alpha=alpha)
        print(f"By segment, each at alpha / {len(found)}, smallest p-value first:")
        for segment, check in found.items():
            print(f"  {segment}: {check.message}")
        checks.extend(found.values())
    return PASSED if all(check.passed for check in checks) else FAILED


def _complete(counts: Mapping[str, int], shares: Mapping[str, float]) -> dict[str, int]:
    """Counts in the order of the plan; a planned arm that the file lacks counts as 0 units."""
    unknown = [label for label in counts if label not in shares]
    if unknown:
        raise _check.fail(
            "expect",
            "must name every arm of the file",
            ", ".join(shares),
            f"The file also has {files.listed(unknown)}.",
        )
    return {label: counts.get(label, 0) for label in shares}
