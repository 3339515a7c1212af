"""The command line: `abkit lab` opens the course, `abkit doctor` checks the machine, `abkit srm` checks a file."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abkit import _check
from abkit.sample_ratio import localise, srm

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
FIRST = "00_start_here.ipynb"
INSTALL = 'python -m pip install -c constraints.txt -e ".[lab,data]"'
PASSED, FAILED, BAD_INPUT = 0, 1, 2


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 fine, 1 a check failed, 2 bad input."""
    parser = _parser()
    options, rest = parser.parse_known_args(argv)
    if rest and options.command != "lab":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    try:
        if options.command == "lab":
            return lab(rest, browser=not options.no_browser)
        if options.command == "doctor":
            return doctor()
        return srm_of_file(options.file, options.arm, expect=options.expect, by=options.by, alpha=options.alpha)
    except ValueError as error:
        print(f"abkit: {error}", file=sys.stderr)
        return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="abkit", description="Learn, plan and check A/B tests.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("lab", help="open the course in JupyterLab", allow_abbrev=False,
                                description="Open the course in JupyterLab. Other arguments go to `jupyter lab`.")
    start.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    commands.add_parser("doctor", help="check Python, packages, kernel and notebooks")
    ratio = commands.add_parser("srm", help="check the arm shares of a CSV or Parquet file (one row a unit)",
                                description="Exit code 0: the shares fit the plan. 1: sample-ratio mismatch. 2: bad input.")
    ratio.add_argument("file", type=Path)
    ratio.add_argument("--arm", required=True, help="the column that holds the arm")
    ratio.add_argument("--expect", help="the planned shares, such as control=.5,treatment=.5")
    ratio.add_argument("--by", help="a column of segments: where were the units lost?")
    ratio.add_argument("--alpha", type=float, default=0.001, help="false alarm rate (default .001)")
    return parser


def lab(arguments: list[str], *, browser: bool = True) -> int:
    """Start JupyterLab on the first notebook and wait until it ends."""
    if not (ROOT / "notebooks" / FIRST).is_file():
        raise _check.fail("notebooks", f"must hold {FIRST}", ROOT / "notebooks", "Run abkit from a copy of the project.")
    if browser and not _has_display():
        print("This machine has no display. Open the address below, which begins with http://127.0.0.1, in a browser.",
              flush=True)
        browser = False
    try:
        return subprocess.call(_lab_command(arguments, browser=browser), cwd=ROOT)
    except KeyboardInterrupt:
        return PASSED


def _lab_command(arguments: list[str], *, browser: bool) -> list[str]:
    command = [sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={ROOT}",
               f"--LabApp.default_url=/lab/tree/notebooks/{FIRST}"]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return [*command, *arguments]


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def doctor() -> int:
    """Print what is wrong with this installation, one sentence a problem; return 1 if there is one."""
    problems = [*_python_problems(), *_version_problems(), *_kernel_problems(), *_notebook_problems()]
    for problem in problems:
        print(problem)
    if not problems:
        print(f"All is well: Python {sys.version.split()[0]}, packages, Jupyter kernel and notebooks.")
    return FAILED if problems else PASSED


def _python_problems(version: tuple[int, ...] = sys.version_info[:3]) -> list[str]:
    if version >= OLDEST:
        return []
    return [f"Python is {'.'.join(map(str, version))}: install Python 3.11 or newer and make the environment again."]


def _version_problems() -> list[str]:
    """Compare what is installed with the versions that made the stored numbers."""
    pinned = _pins(ROOT / "constraints.txt")
    problems = []
    for name in _required():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"{name} is not installed: run  {INSTALL}  in {ROOT}.")
            continue
        wanted = pinned.get(_plain_name(name), found)
        if found != wanted:
            problems.append(f"{name} is {found}, but the notebooks were made with {wanted}: run  {INSTALL}  in {ROOT}.")
    return problems


def _required() -> list[str]:
    """Names of the packages that the project and its extras lab and data ask for."""
    try:
        lines = importlib.metadata.requires("abkit-lab") or []
    except importlib.metadata.PackageNotFoundError:
        return ["abkit-lab"]
    extras = [(line, re.search(r"extra == ['\"](\w+)['\"]", line)) for line in lines]
    return [re.split(r"[^\w.-]", line)[0] for line, extra in extras if extra is None or extra[1] in ("lab", "data")]


def _pins(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("#")[0].strip().partition("==") for line in lines)
    return {_plain_name(name): version for name, _, version in pairs if version}


def _plain_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _kernel_problems() -> list[str]:
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return [f"Jupyter is not installed: run  {INSTALL}  in {ROOT}."]
    mend = "run  python -m ipykernel install --sys-prefix  and start again."
    try:
        program = Path(KernelSpecManager().get_kernel_spec("python3").argv[0])
    except NoSuchKernel:
        return [f"Jupyter finds no kernel named python3: {mend}"]
    if program.is_absolute() and program.parent != Path(sys.executable).parent:
        return [f"The kernel python3 starts another Python ({program}): {mend}"]
    return []


def _notebook_problems() -> list[str]:
    if (ROOT / "notebooks" / FIRST).is_file():
        return []
    return [f"The notebook {FIRST} is not in {ROOT / 'notebooks'}: run abkit from a whole copy of the project."]


def srm_of_file(
    file: Path, arm: str, *, expect: str | None = None, by: str | None = None, alpha: float = 0.001,
) -> int:
    """Check the arm shares of a file against the plan, print the finding, return the exit code.

    Each row is one unit. Without `expect` nothing is tested: an equal split is never assumed.
    """
    from abkit.tables import arm_counts

    shares = None if expect is None else _shares(expect)
    alpha = _check.share("alpha", alpha)
    table = _read(Path(file), [arm] if by in (None, arm) else [arm, str(by)])
    total = arm_counts(table, arm)
    counts = {str(label): n for label, n in total.counts.items()}
    if shares is not None:
        counts = _complete(counts, shares)
    _print_missing(total.missing, f"{arm} and are not counted")
    segments = {}
    if by is not None:
        grouped = arm_counts(table, arm, by=by)
        segments = _by_segment(grouped.counts)
        _print_missing(grouped.missing - total.missing, f"{by} and are in no segment")
    if shares is None:
        return _print_counts(counts, segments)
    return _print_checks(counts, segments, shares, alpha)


def _print_missing(rows: int, where: str) -> None:
    if rows:
        print(f"{rows:,} rows have no value in {where}.")


def _by_segment(counts: Mapping[Any, Mapping[Any, int]]) -> dict[str, dict[str, int]]:
    return {str(segment): {str(k): n for k, n in arms.items()} for segment, arms in counts.items()}


def _print_counts(counts: Mapping[str, int], segments: Mapping[str, Mapping[str, int]]) -> int:
    print(_counts_text(counts))
    for segment, arms in segments.items():
        print(f"  {segment}: {_counts_text(arms)}")
    print("No SRM was computed: give the planned shares, such as --expect control=.5,treatment=.5")
    return PASSED


def _counts_text(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{label} {n:,}" for label, n in counts.items())


def _print_checks(
    counts: Mapping[str, int], segments: Mapping[str, Mapping[str, int]], shares: Mapping[str, float], alpha: float,
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
        raise _check.fail("expect", "must name every arm of the file", ", ".join(shares), f"The file also has {', '.join(unknown)}.")
    return {label: counts.get(label, 0) for label in shares}


def _shares(text: str) -> dict[str, float]:
    """Read 'control=.5,treatment=.5'."""
    shares: dict[str, float] = {}
    for part in text.split(","):
        label, equals, value = (piece.strip() for piece in part.rpartition("="))
        if not equals or not label:
            raise _check.fail("expect", "must look like control=.5,treatment=.5", repr(text))
        if label in shares:
            raise _check.fail("expect", "must name each arm once", repr(text))
        if value.endswith("%"):
            raise _check.fail("expect", "must hold shares", repr(value), "Is that per cent? Write .5 for 50%.")
        shares[label] = _check.number("expect", value)
    _check.weights("expect", shares)
    return shares


def _read(path: Path, columns: list[str]) -> Any:
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
        raise _check.fail("file", f"must have the column {missing[0]}", f"the columns {', '.join(map(str, present))}")
    try:
        return load()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> ValueError:
    first = (str(error).splitlines() or ["no reason given"])[0].rstrip(".")
    return _check.fail("file", "must be a whole, readable table", f"{path} ({first})", "Was it cut off? Copy it again.")


def _read_csv(path: Path, columns: list[str]) -> tuple[list[str], Any]:
    import pandas as pd

    text = {"dtype": str, "keep_default_na": False, "na_values": [""], "encoding": "utf-8-sig", "index_col": False}
    present = list(pd.read_csv(path, nrows=0, **text).columns)
    return present, lambda: pd.read_csv(path, usecols=columns, **text)


def _read_parquet(path: Path, columns: list[str]) -> tuple[list[str], Any]:
    from pyarrow import parquet

    present = parquet.ParquetFile(path).schema_arrow.names
    return present, lambda: parquet.read_table(path, columns=columns)
