"""Plant one fault at a time in abkit and count how many the tests see (`make mutants`, about 20 minutes).

Cosmic Ray changes one operator or constant. A seeded sample of places is drawn, each place alike, and at
each place one of its changes. Every mutant lives in a copy of the project and meets the tests that run its
line, quick ones first, and its module's examples. What cannot be wrong is no place: annotations, docstrings,
messages of errors, and the size, width and distance of what is drawn. Survivors that change nothing a caller
could see are listed in `mutants_alike.txt`, with the reason, and do not count.

The map (test → lines) is made once by a run of the suite under coverage and kept in build/mutants; `--map`
makes it anew, which is due after a change of the tests.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUILD, PYTHON = ROOT / "build" / "mutants", ROOT / ".venv" / "bin" / "python"
ALIKE = Path(__file__).with_name("mutants_alike.txt")
SKIP = "wheel environment handouts pairs contract architecture notebooks docstrings calibration"
WARM = "numpy scipy.stats pandas matplotlib.figure seaborn sklearn.ensemble networkx hypothesis pytest"
HEADS = [  # they see what no line of a test runs: signatures and the kind of each class
    "tests/test_defaults.py::test_the_defaults_are_those_of_the_table",
    "tests/test_edges.py::test_a_result_is_equal_to_itself_alone_and_shown_as_a_table",
]
WHOLE = ("tests/test_results_said.py", "tests/test_figures_said.py")  # asked parameter by parameter
LONGEST, CPU = 60.0, 90  # seconds of tests that a mutant meets at most, and of its processor
KINDS = """NumberReplacer AddNot ReplaceTrueWithFalse ReplaceFalseWithTrue ReplaceAndWithOr ReplaceOrWithAnd
    ReplaceBreakWithContinue ReplaceContinueWithBreak ZeroIterationForLoop ReplaceUnaryOperator"""
FAMILIES = ("Add Sub Mul Div Pow", "FloorDiv Div Mod", "BitAnd BitOr", "Eq NotEq Lt LtE Gt GtE", "Is IsNot")
LOOKS = """fontsize linewidth linewidths alpha markersize zorder pad capsize elinewidth markeredgewidth dpi
    height widths width_ratios ncol ncols
    borderaxespad bbox_to_anchor rotation nbins hspace wspace labelpad y x0"""
PLACED = {"annotate": 2, "note": 3}  # call → its argument that is a distance in points
ENV = {
    "ABKIT_PROGRESS": "0",
    "JUPYTER_PLATFORM_DIRS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


@dataclass
class Mutant:
    """One change: file, operator and its occurrence, lines; then what became of it."""

    path: str
    operator: str
    occurrence: int
    line: int
    before: str = ""
    after: str = ""
    code: str = field(default="", repr=False)
    seen: bool = False
    by: str = ""
    seconds: float = 0.0

    @property
    def key(self) -> str:
        """Return what `mutants_alike.txt` holds of it."""
        return f"{self.path}: {self.before} -> {self.after}"


def spans(tree: ast.AST, drawn: bool) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where no fault is planted: annotations, raised messages and, in figures, sizes and distances.

    >>> spans(ast.parse("def f(x: int | None): pass"), False)
    [((1, 9), (1, 19))]
    """
    found: list[ast.AST | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise):
            found.append(node.exc)
        elif isinstance(node, (ast.arg, ast.AnnAssign)):
            found.append(node.annotation)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(node.returns)
        elif drawn and isinstance(node, ast.Call):
            found += [k.value for k in node.keywords if k.arg in LOOKS.split()]
            found += node.args[PLACED.get(getattr(node.func, "attr", ""), 99) :]
        elif drawn and isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found += [v for k, v in pairs if isinstance(k, ast.Constant) and k.value in LOOKS.split()]
    return [
        ((n.lineno, n.col_offset), (n.end_lineno, n.end_col_offset))
        for n in found
        if n is not None and hasattr(n, "lineno")
    ]


def kind_of(operator: str) -> str | None:
    """Return the kind of a change, or None for one that is not made: `x | y` for `x * y` fails at once.

    >>> kind_of("ReplaceBinaryOperator_Add_Sub"), kind_of("ReplaceBinaryOperator_Add_BitOr")
    ('ReplaceBinaryOperator', None)
    """
    name, *words = operator.split("_")
    if name in ("ReplaceBinaryOperator", "ReplaceComparisonOperator"):
        return name if any(set(words) <= set(family.split()) for family in FAMILIES) else None
    return name if name in KINDS.split() else None


def places(path: Path) -> Iterator[list[Mutant]]:
    """Yield the changes of each place of one file."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    text, name = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
    shut = spans(ast.parse(text), name.startswith(("abkit/plots", "abkit/explore")))
    nodes = list(ast_nodes(get_ast(text)))
    found: dict[tuple[tuple[int, int], str], list[Mutant]] = defaultdict(list)
    for operator in sorted(operator_names()):
        kind = kind_of(operator.removeprefix("core/"))
        if kind is None:
            continue
        change = get_operator(operator)()
        at = (start for node in nodes for start, _ in change.mutation_positions(node))
        for occurrence, start in enumerate(at):
            if not any(low <= start < high for low, high in shut):
                found[start, kind].append(Mutant(name, operator, occurrence, start[0]))
    yield from (found[key] for key in sorted(found))


def plain(code: str) -> str:
    """Return what a program does, as text: without annotations, so that those of two mutants are alike."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return ast.dump(tree)


def applied(mutant: Mutant) -> bool:
    """Fill in the changed program; False where it does not parse or is the same program."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    text = (ROOT / mutant.path).read_text(encoding="utf-8")
    code = mutate_code(text, get_operator(mutant.operator)(), mutant.occurrence)
    try:
        if code is None or plain(code) == plain(text):
            return False
    except SyntaxError:
        return False
    pairs = zip(text.split("\n"), code.split("\n"), strict=False)
    changed = next(((a, b) for a, b in pairs if a != b), ("", ""))
    mutant.code, (mutant.before, mutant.after) = code, (" ".join(v.split()) for v in changed)
    return True


def sample(number: int, seed: int) -> list[Mutant]:
    """Return `number` mutants: places drawn alike over all files, one change at each."""
    files = sorted((ROOT / "abkit").rglob("*.py"))
    every = [p for f in files if "exercises" not in f.parts for p in places(f)]
    rng, found = random.Random(seed), []
    rng.shuffle(every)
    for place in every:
        mutant = rng.choice(place)
        if applied(mutant):
            found.append(mutant)
        if len(found) == number:
            break
    print(f"{len(every):,} places; seed {seed}, {len(found)} mutants.", flush=True)
    return found


def copy_to(where: Path) -> Path:
    """Copy the project's files, as they stand, to a place of their own."""
    names = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True
    ).stdout.split("\n")
    shutil.rmtree(where, ignore_errors=True)
    for name in names:
        if name and (ROOT / name).is_file():
            (where / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, where / name)
    return where


def make_map() -> None:
    """Run the suite under coverage, test by test, and keep which lines each one runs, and how long."""
    tree, data = copy_to(BUILD / "map"), BUILD / "coverage.data"
    settings = BUILD / "coveragerc"
    settings.write_text(f"[run]\nsource = abkit\ndata_file = {data}\n")
    ignored = [f"--ignore=tests/{n}" for n in ("browser", "engines")]
    ignored += [f"--ignore-glob=tests/test_*{name}.py" for name in SKIP.split()]
    command = [str(PYTHON), "-m", "coverage", "run", f"--rcfile={settings}", "-m", "pytest", "-q", "tests"]
    command += ["-p", "mutants", "-p", "no:cacheprovider", "--durations=0", "--durations-min=0.005", *ignored]
    env = {**os.environ, **ENV, "PYTHONPATH": f"{tree}:{tree / 'tools'}"}
    print("The map is made: one run of the suite under coverage.", flush=True)
    with open(BUILD / "map.log", "w") as log:
        subprocess.run(command, cwd=tree, env=env, stdout=log, stderr=subprocess.STDOUT)
    read_map(data, BUILD / "map.log", tree)


def pytest_runtest_setup(item: Any) -> None:
    """Tell coverage which test runs: this file is a plugin of the run that makes the map."""
    from coverage import Coverage

    now = Coverage.current()
    assert now is not None
    now.switch_context(asked(item.nodeid))


def asked(node: str) -> str:
    """Return how a test is asked for: with its parameters where they are many, else with all of them.

    >>> asked("tests/test_plots.py::test_names[a]"), asked("tests/test_results_said.py::test_a[x y]")
    ('tests/test_plots.py::test_names', 'tests/test_results_said.py::test_a[x y]')
    """
    return node if node.startswith(WHOLE) else node.split("[")[0]


def read_map(data: Path, log: Path, tree: Path) -> None:
    """Turn coverage data and durations into build/mutants/map.json: file → line → tests, test → seconds."""
    from coverage import CoverageData

    seconds: dict[str, float] = defaultdict(float)
    pattern = r"^([\d.]+)s \w+ +(tests/[\w/]+\.py::.+)$"
    for spent, node in re.findall(pattern, log.read_text(encoding="utf-8"), re.MULTILINE):
        seconds[asked(node)] += float(spent)
    stored = CoverageData(str(data))
    stored.read()
    lines = {
        str(Path(file).relative_to(tree)): {
            str(line): [c for c in contexts if c]
            for line, contexts in stored.contexts_by_lineno(file).items()
        }
        for file in sorted(stored.measured_files())
    }
    (BUILD / "map.json").write_text(json.dumps({"lines": lines, "seconds": seconds}))


def chosen(mutant: Mutant, known: dict[str, Any]) -> list[str]:
    """Return the tests that run the line, else its function, else its file; quick ones first."""
    lines, seconds = known["lines"].get(mutant.path, {}), known["seconds"]
    tree = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
    statements = [
        n for n in ast.walk(tree) if isinstance(n, ast.stmt) and first_line(n) <= mutant.line <= n.end_lineno
    ]
    inner = max(statements, key=lambda n: n.lineno, default=None)
    ranges = [] if inner is None or isinstance(inner, ast.FunctionDef) else [(inner.lineno, inner.end_lineno)]
    kinds = (ast.FunctionDef, ast.ClassDef)
    ranges += [(n.lineno, n.end_lineno) for n in reversed(statements) if isinstance(n, kinds)]
    for low, high in [*sorted(ranges, key=lambda r: r[1] - r[0]), (0, 10**6)]:
        tests = {t for k, v in lines.items() if low <= int(k) <= high for t in v}
        if tests:
            break
    head = isinstance(inner, ast.FunctionDef | ast.ClassDef | ast.AnnAssign)
    found, total = list(HEADS) if head else [], 0.0
    for test in sorted(tests, key=lambda t: (seconds.get(t, 0.0), t)):
        total += seconds.get(test, 0.0)
        if found and total > LONGEST:
            break
        found.append(test)
    return found


def first_line(node: ast.stmt) -> int:
    """Return where a statement begins: a function or class with its first decorator.

    >>> first_line(ast.parse("@f\\ndef g(): pass").body[0])
    1
    """
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])


class Runner:
    """Runs tests in a copy of the project: one warm process a copy, and a fork of it for each mutant."""

    def __init__(self, tree: Path) -> None:
        self.tree = copy_to(tree)
        env = {**os.environ, **ENV, "PYTHONPATH": str(self.tree)}
        command = [str(PYTHON), str(Path(__file__)), "--serve"]
        self.server = subprocess.Popen(
            command, cwd=self.tree, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, arguments: list[str], limit: float) -> dict[str, Any]:
        """Return the exit code of pytest (None: no end), and the first failed test."""
        assert self.server.stdin is not None and self.server.stdout is not None
        self.server.stdin.write(json.dumps([arguments, limit]) + "\n")
        self.server.stdin.flush()
        return json.loads(self.server.stdout.readline())


def serve() -> None:
    """Load what tests load (nothing of abkit), then fork for each line of stdin, a run of pytest."""
    for name in WARM.split():
        importlib.import_module(name)
    for line in sys.stdin:
        arguments, limit = json.loads(line)
        with tempfile.TemporaryFile("w+") as said:
            child = os.fork()
            if child == 0:
                os.setsid()
                resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 2))
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                sys.path.insert(0, os.getcwd())
                os._exit(int(importlib.import_module("pytest").main(arguments)))
            code = ended(child, limit)
            said.seek(0)
            text = said.read()
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", text, re.MULTILINE)
        by = failed[1] if failed else text[-300:] if code not in (0, None) else ""
        print(json.dumps({"code": code, "by": by}), flush=True)


def ended(child: int, limit: float) -> int | None:
    """Wait for a child, and end it with what it started when the time is over."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def judge(mutant: Mutant, runner: Runner, known: dict[str, Any]) -> None:
    """Write the mutant into the copy, run its tests until one fails, and put the file back."""
    file = runner.tree / mutant.path
    right = file.read_text(encoding="utf-8")
    tests = chosen(mutant, known)
    options = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=line", "--doctest-modules"]
    limit = 90 + 10 * sum(known["seconds"].get(t, 0.0) for t in tests)
    began = time.monotonic()
    try:
        written(file, mutant.code)
        done = runner.run([*options, mutant.path, *tests], limit)
    finally:
        written(file, right)
    mutant.seen, mutant.seconds = done["code"] != 0, time.monotonic() - began
    mutant.by = done["by"] or ("no end" if mutant.seen else f"{len(tests)} tests")


def written(file: Path, text: str) -> None:
    """Write a module and forget its compiled form."""
    file.write_text(text, encoding="utf-8")
    for old in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        old.unlink()


def alike() -> dict[str, str]:
    """Return the mutants that change nothing a caller could see, with the reason."""
    rows = ALIKE.read_text(encoding="utf-8").split("\n") if ALIKE.exists() else []
    return dict(row.rsplit(" # ", 1) for row in rows if row.startswith("abkit/"))


def main() -> None:
    """Draw, judge, and print the score and the survivors."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--number", type=int, default=150)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--map", action="store_true", help="make the map of tests anew")
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        return serve()
    began = time.monotonic()
    BUILD.mkdir(parents=True, exist_ok=True)
    if given.map or not (BUILD / "map.json").exists():
        make_map()
    known = json.loads((BUILD / "map.json").read_text())
    mutants, free = sample(given.number, given.seed), Queue[Runner]()
    for i in range(given.workers):
        free.put(Runner(BUILD / f"tree{i}"))

    def one(mutant: Mutant) -> None:
        runner = free.get()
        judge(mutant, runner, known)
        free.put(runner)
        print("." if mutant.seen else "S", end="", flush=True)

    with ThreadPoolExecutor(given.workers) as pool:
        list(pool.map(one, mutants))
    report(mutants, given.seed, time.monotonic() - began)


def report(mutants: list[Mutant], seed: int, seconds: float) -> None:
    """Print the survivors and the score, and keep every mutant in build/mutants."""
    same = alike()
    left = [m for m in mutants if not m.seen]
    print()
    for m in sorted(left, key=lambda m: (m.path, m.line)):
        print(f"{'alike   ' if m.key in same else 'SURVIVOR'} {m.path}:{m.line} ({m.by})")
        print(f"    - {m.before}\n    + {m.after}")
        if m.key in same:
            print(f"    {same[m.key]}")
    counted = len(mutants) - sum(m.key in same for m in left)
    seen = sum(m.seen for m in mutants)
    print(f"Seed {seed}: {seen} of {counted} seen, {seen / max(counted, 1):.1%}; {seconds / 60:.0f} minutes.")
    rows = [{k: v for k, v in vars(m).items() if k != "code"} for m in mutants]
    (BUILD / f"seed{seed}.json").write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
