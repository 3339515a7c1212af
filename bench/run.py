"""One command, one table: how fast abkit is beside the thing one would use without it.

Every ratio is of medians measured in this run, in turns, on this machine. `--quick` uses fewer rows.
Data are generated into a temporary folder. Each part runs in a process of its own. The table is also stored
as JSON with the date and the machine, in build/bench/; `--against FILE` sets such a file beside the new run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime
from importlib import import_module
from pathlib import Path

import records

FIRST_WELCH = """
import time; start = time.perf_counter()
import abkit as ab
imported = time.perf_counter() - start
ab.welch(ab.Moments.of([1.0, 2.0, 4.0]), ab.Moments.of([2.0, 3.0, 5.0]))
print(imported, time.perf_counter() - start)
"""
OF_ROWS = ("parquet", "memory")  # the functions of rows.py; every other part is `measure` of its module
SIZES: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {  # its numbers with --quick, and without
    "simulation": ((2_000,), (20_000,)),
    "panel": ((), ()),
    "slider": ((20,), (60,)),
    "peeking": ((100,), (10,)),
    "families": ((40,), (10,)),
    "always": ((10,), (1,)),
    "hashing": ((200_000,), (1_000_000,)),
    "boundaries": ((), ()),
    "graphs": ((100_000, 20_000), (1_000_000, 200_000)),
    "report": ((100_000,), (1_000_000,)),
    "adjusting": ((100_000,), (1_000_000,)),
    "bandits": ((10,), (1,)),
    "learners": ((100_000,), (1_000_000,)),
}
IN_FOLDER = ("report", "adjusting")  # they write a file first


def main() -> None:
    """Measure every part and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows and experiments")
    parser.add_argument(
        "--part",
        choices=[*OF_ROWS, *SIZES],
        help=argparse.SUPPRESS,
    )
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--against", type=Path, metavar="FILE", help="a run stored before, to compare with")
    given = parser.parse_args()
    before = records.read(given.against) if given.against else None
    if given.part:
        print(json.dumps(part(given.part, given.folder, given.quick)))
        return
    rows = 1_000_000 if given.quick else 10_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        import rows as rows_bench

        rows_bench.write(folder / "rows.parquet", rows)
        lines = [
            *row_lines(folder, given.quick, rows),
            *start_lines(),
            *report_lines(folder, given.quick),
            *adjusting_lines(folder, given.quick),
            *panel_lines(folder, given.quick),
            *slider_lines(folder, given.quick),
            *simulation_lines(folder, given.quick),
            *peeking_lines(folder, given.quick),
            *family_lines(folder, given.quick),
            *always_lines(folder, given.quick),
            *hashing_lines(folder, given.quick),
            *boundary_lines(folder, given.quick),
            *bandit_lines(folder, given.quick),
            *graph_lines(folder, given.quick),
            *learner_lines(folder, given.quick),
        ]
    show(lines)
    now = datetime.now()
    print(f"\nstored: {records.write(lines, now, quick=given.quick)}")
    if before:
        print(records.compared(before, lines))


def part(name: str, folder: Path, quick: bool) -> dict[str, float]:
    """Run one part in this process."""
    if name in OF_ROWS:
        import rows

        return getattr(rows, name)(folder / "rows.parquet", 3 if quick else 5)
    size = SIZES[name][0 if quick else 1]
    return import_module(name).measure(*([folder] if name in IN_FOLDER else []), *size)


def alone(name: str, folder: Path, quick: bool) -> dict[str, float]:
    """Run one part in a new process, so that memory and imports are its own."""
    command = [
        sys.executable,
        __file__,
        "--part",
        name,
        "--folder",
        str(folder),
        *(["--quick"] if quick else []),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"{name}: could not be measured\n{done.stderr[-800:]}", file=sys.stderr)
        return {}
    return json.loads(done.stdout.splitlines()[-1])


def row_lines(folder: Path, quick: bool, rows: int) -> list[tuple[str, ...]]:
    """The two ways from rows to moments."""
    out = []
    for name, peer, ratio, megabytes in [
        ("parquet", "DuckDB sums by hand", 1.5, 700),
        ("memory", "numpy block pass", 2.0, 50),
    ]:
        found = alone(name, folder, quick)
        if found:
            label = f"{rows:,} rows x 5 columns x 2 arms, {name}"
            out.append(
                (
                    label,
                    seconds(found["ours"]),
                    f"{peer} {seconds(found['theirs'])}",
                    f"{found['ours'] / found['theirs']:.2f}",
                    f"at most {ratio} at 10,000,000 rows",
                )
            )
            out.append(
                (
                    f"  memory above start, {name}",
                    f"{found['megabytes']:.0f} MB",
                    "",
                    "",
                    f"under {megabytes} MB",
                )
            )
    return out


def start_lines() -> list[tuple[str, ...]]:
    """Import and first result in a new process, median of five."""
    runs = []
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", FIRST_WELCH], capture_output=True, text=True, check=True)
        runs.append([float(v) for v in done.stdout.split()])
    imported, first = (statistics.median(column) for column in zip(*runs, strict=True))
    return [
        ("import abkit, new process", seconds(imported), "", "", ""),
        ("import and first ab.welch, new process", seconds(first), "", "", ""),
    ]


def report_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """A report of four metrics from a CSV file (whole process), and of six from Parquet."""
    found = alone("report", folder, quick)
    if not found:
        return []
    peer, ratio = (
        f"pandas, scipy and statsmodels {seconds(found['theirs'])}",
        f"{found['ours'] / found['theirs']:.2f}",
    )
    return [
        (
            f"abkit analyze, CSV of {found['rows']:,.0f} users, 4 metrics",
            seconds(found["ours"]),
            peer,
            ratio,
            "at most 1",
        ),
        (
            f"analyze, Parquet of {found['parquet_rows']:,.0f} users, 6 metrics",
            seconds(found["analyze"]),
            f"one reduction of the columns {seconds(found['reduce'])}",
            f"{found['analyze'] / found['reduce']:.2f}",
            "at most 2",
        ),
    ]


def adjusting_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """Ten metrics with CUPED against tea-tasting, which needs an environment of its own, and a Gram pass."""
    found = alone("adjusting", folder, quick)
    if not found:
        return []
    what = f"10 metrics with CUPED, {found['rows']:,.0f} rows"
    ratio, peer = f"{found['memory'] / found['gram']:.2f}", f"numpy Gram pass {seconds(found['gram'])}"
    out = [(f"{what}, memory", seconds(found["memory"]), peer, ratio, "at most 2 at 1,000,000 rows")]
    for name in ("pandas", "polars", "duckdb"):
        theirs = found.get(f"{name}_theirs")
        peer = (
            "tea-tasting is not installed (make bench)"
            if theirs is None
            else f"tea-tasting {seconds(theirs)}"
        )
        ratio = "" if theirs is None else f"{found[name] / theirs:.2f}"
        out.append((f"{what}, {name}", seconds(found[name]), peer, ratio, "below 1 at 1,000,000 rows"))
    return out


def simulation_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """Calibration of Welch's test against a loop over scipy."""
    found = alone("simulation", folder, quick)
    if not found:
        return []
    reps, loop = f"{found['reps']:,.0f} experiments of 400 rows", found["loop"]
    peer = f"ttest_ind loop {seconds(loop)} (a tenth run, scaled)"
    return [
        (f"calibrate, {reps}, {what}", seconds(found[key]), peer, f"{found[key] / loop:.4f}", "")
        for key, what in (("rows", "rows drawn"), ("statistics", "sufficient statistics"))
    ]


def peeking_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """A peeking study from sufficient statistics against a loop that adds users one by one."""
    found = alone("peeking", folder, quick)
    if not found:
        return []
    peer = f"loop over users {seconds(found['loop'])} (1 in {found['share']:.0f} run, scaled)"
    what = f"peeking study, 1,000 A/A tests x 30 looks x 100 users ({found['rate']:.1%} significant)"
    ratio = f"{found['ours'] / found['loop']:.6f} (1/{found['loop'] / found['ours']:,.0f})"
    return [(what, seconds(found["ours"]), peer, ratio, "at most 1/2,000, under 0.03 s")]


def slider_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """What a reader waits for: from the key to the new picture, in a browser."""
    found, what = alone("slider", folder, quick), "slider to picture in JupyterLab"
    if not found:
        return [(what, "", "Chromium is not installed", "", "")]
    times = f"p50 {found['p50']:.0f} ms, p95 {found['p95']:.0f} ms"
    return [(f"{what}, {found['density']:g} pixels a point", times, "", "", "p50 150 ms, p95 200, idle")]


def panel_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """What a slider's move costs."""
    found = alone("panel", folder, quick)
    return (
        [("explorer update, compute and picture", seconds(found["update"]), "", "", "under 0.1 s of CPU")]
        if found
        else []
    )


def family_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """The family-wise error of correlated metrics against a loop over scipy's t test."""
    found = alone("families", folder, quick)
    if not found:
        return []
    peer = f"ttest_ind loop {seconds(found['loop'])} (1 in {found['part']:.0f} run, scaled)"
    what = f"false wins, 2,000 experiments x 20 metrics x 500 users, correlation .5 ({found['rate']:.1%})"
    ratio = f"{found['ours'] / found['loop']:.6f} (1/{found['loop'] / found['ours']:,.0f})"
    return [(what, seconds(found["ours"]), peer, ratio, "at most 1/500")]


def hashing_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """Assignment of a long list and of one unit."""
    found = alone("hashing", folder, quick)
    if not found:
        return []
    loop, ours = found["loop"], found["ours"]
    return [
        (
            f"assign, {found['units']:,.0f} ids, one core",
            seconds(ours),
            f"hashlib loop {seconds(loop)}",
            f"{ours / loop:.2f} ({loop / ours:.2f} times as fast)",
            "at least 2.5 times as fast at 1,000,000 ids",
        ),
        ("assign, one id", f"{1e6 * found['single']:.1f} us", "", "", "under 20 us"),
    ]


def boundary_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """Group-sequential bounds against spotify-confidence, which needs an environment of its own."""
    found = alone("boundaries", folder, quick)
    if not found:
        return []
    hundred = (
        "bounds of 100 looks, O'Brien-Fleming design",
        seconds(found["hundred"]),
        "",
        "",
        "under 0.1 s",
    )
    if "theirs" not in found:
        return [
            (
                "bounds of 20 looks",
                seconds(found["ours"]),
                "spotify-confidence is not installed (make bench)",
                "",
                "",
            ),
            hundred,
        ]
    what = f"bounds of 20 looks (last z {found['last']:.4f}, peer {found['their_last']:.4f})"
    peer, ratio = f"spotify-confidence {seconds(found['theirs'])}", f"{found['ours'] / found['theirs']:.4f}"
    return [(what, seconds(found["ours"]), peer, ratio, "below 1"), hundred]


def bandit_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """Races of three policies against a loop and against river, and one live user."""
    found = alone("bandits", folder, quick)
    if not found:
        return []
    lines = []
    for key, name, least in (
        ("epsilon", "epsilon-greedy", 5),
        ("ucb", "UCB1", 5),
        ("thompson", "Thompson", 12),
    ):
        what = f"{name}, 100 runs x 10,000 users, 2 arms"
        peers = [("loop", "loop over users", least), ("river", "river", 10)]
        for peer, label, target in peers:
            if f"{key}_{peer}" not in found:
                lines.append((what, seconds(found[key]), f"{label} is not installed (make bench)", "", ""))
                continue
            ratio = found[key] / found[f"{key}_{peer}"]
            cells = (
                f"{label} {seconds(found[f'{key}_{peer}'])}",
                f"{ratio:.4f} ({1 / ratio:.1f} times as fast)",
            )
            lines.append((what, seconds(found[key]), *cells, f"at least {target} times as fast"))
        lines.append(
            (
                f"{name}, one live pull and update",
                f"{1e6 * found[f'{key}_live']:.1f} us",
                "",
                "",
                "under 30 us",
            )
        )
    return lines


def graph_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """Users who touch each other: clusters of a graph, redesigns with chances, and a test of clusters."""
    import graphs

    return graphs.lines(alone("graphs", folder, quick))


def learner_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """The DR-learner, and the average effect from given nuisances."""
    found = alone("learners", folder, quick)
    if not found:
        return []
    what = f"aipw, {found['rows']:,.0f} rows, given nuisances"
    peer, ratio = f"numpy formula {seconds(found['theirs'])}", f"{found['ours'] / found['theirs']:.2f}"
    return [
        (
            "dr_learner, 10,000 users x 5 columns, one split",
            seconds(found["fit"]),
            "",
            "",
            "under 5 s of CPU",
        ),
        (what, seconds(found["ours"]), peer, ratio, "under 1 s at 1,000,000 rows"),
    ]


def always_lines(folder: Path, quick: bool) -> list[tuple[str, ...]]:
    """The always-valid path of a million looks against a loop over looks."""
    found = alone("always", folder, quick)
    if not found:
        return []
    peer = f"loop over looks {seconds(found['loop'])} (1 in {found['share']:.0f} run, scaled)"
    return [
        (
            "msprt path, 1,000,000 looks",
            seconds(found["ours"]),
            peer,
            f"{found['ours'] / found['loop']:.4f}",
            "under 0.1 s",
        )
    ]


def seconds(value: float) -> str:
    """Write seconds with three digits.

    >>> seconds(0.01234)
    '0.0123 s'
    """
    return f"{value:.3g} s"


def show(lines: list[tuple[str, ...]]) -> None:
    """Print one table."""
    table = [("what", "abkit", "peer", "ratio", "target"), *lines]
    widths = [max(len(row[i]) for row in table) for i in range(5)]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
