"""Imports point down, `import abkit` is light, and every public name resolves and stays itself."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import abkit

PACKAGE = Path(abkit.__file__).parent
LEVELS = {
    0: ("_table", "_check"),
    1: ("moments", "estimate", "analysis", "tables", "units", "tails"),
    2: (
        "design",
        "rates",
        "targeting",
        "assignment",
        "sql",
        "sample_ratio",
        "inference",
        "relative",
        "resample",
        "adjust",
        "corrections",
        "recursion",
        "bounds",
        "futility",
        "ordering",
        "sequential",
        "anytime",
        "betting",
        "bayes",
        "bandits",
        "contextual",
        "ope",
        "cate",
        "causal",
        "interference",
        "interleave",
        "objectives",
    ),
    3: ("datasets", "trials", "commerce", "simulate"),
    4: ("registry", "looks", "decision", "layout", "inputs", "report"),
    5: ("plots", "explore", "teach", "exercises", "cli"),
}
LEVEL = {name: level for level, names in LEVELS.items() for name in names}
HEAVY = ("pandas", "scipy.stats", "sklearn", "matplotlib", "ipywidgets", "duckdb")
LAZY_UP = {("report", "plots"), ("moments", "tables")}


def topic(path, package):
    """First part of the module's name below the package: `plots` for abkit/plots/style.py."""
    return path.relative_to(package).parts[0].removesuffix(".py")


def imported(path):
    """Topics of abkit that a file imports, each with True where the import waits inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            full = (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "abkit"
                else [str(node.module)]
            )
        elif isinstance(node, ast.Import):
            full = [alias.name for alias in node.names]
        else:
            continue
        for name in full:
            if name.split(".")[0] == "abkit":
                yield (name.split(".")[1:] or [""])[0], id(node) in inside


def upward(package):
    """Imports that go up, or take the whole package below the top level."""
    wrong = []
    for path in sorted(package.rglob("*.py")):
        here = topic(path, package)
        if here == "__init__":
            continue
        for there, lazy in imported(path):
            level = LEVEL.get(there, 0 if there == "__version__" else 5)
            if level > LEVEL.get(here, 0) and not (lazy and (here, there) in LAZY_UP):
                wrong.append(f"{path.relative_to(package)} imports {there or 'abkit'}")
    return wrong


def circles(package):
    """Topics that wait for each other at import time."""
    needs = {}
    for path in package.rglob("*.py"):
        here = topic(path, package)
        needs.setdefault(here, set()).update(
            there for there, lazy in imported(path) if not lazy and there in LEVEL and there != here
        )

    def reaches(start, goal, seen):
        return any(
            n == goal or (n not in seen and reaches(n, goal, seen | {n})) for n in needs.get(start, ())
        )

    return [name for name in needs if name != "__init__" and reaches(name, name, {name})]


def python(code):
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_every_module_has_a_level():
    assert {topic(path, PACKAGE) for path in PACKAGE.rglob("*.py")} - {"__init__"} <= set(LEVEL)


def test_imports_point_down():
    assert upward(PACKAGE) == []


def test_siblings_make_no_circle():
    assert circles(PACKAGE) == []


@pytest.mark.parametrize(
    "line",
    [
        "from abkit.inference import welch",
        "import abkit.simulate",
        "from abkit import inference",
        "from abkit import welch",
        "import abkit as ab",
        "def f():\n    from abkit.plots import style",
        "from abkit.tables import arm_counts\nfrom abkit.plots.style import x",
    ],
)
def test_an_import_upward_is_caught(tmp_path, line):
    (tmp_path / "moments.py").write_text(line + "\n")
    assert len(upward(tmp_path)) == 1


def test_imports_down_and_the_two_lazy_exceptions_are_allowed(tmp_path):
    (tmp_path / "inference.py").write_text("from abkit import _check\nfrom abkit.moments import Moments\n")
    (tmp_path / "moments.py").write_text("def f():\n    from abkit.tables import moments_of\n")
    assert upward(tmp_path) == []
    (tmp_path / "moments.py").write_text("def f():\n    from abkit.inference import welch\n")
    assert upward(tmp_path) == ["moments.py imports inference"]


def test_a_circle_is_caught(tmp_path):
    (tmp_path / "sequential.py").write_text("from abkit.recursion import a\n")
    (tmp_path / "recursion.py").write_text("from abkit.sequential import b\n")
    assert sorted(circles(tmp_path)) == ["recursion", "sequential"]


def test_import_abkit_is_light():
    loaded = python(f"import sys, json, abkit; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))")
    assert loaded == []


def test_a_first_test_of_two_arms_is_light():
    """Moments and welch need numpy and scipy.special only."""
    code = "import sys, json, abkit as ab; ab.welch([1., 2, 3], [2., 3, 5]); ab.srm([5, 5], [.5, .5]); "
    assert python(code + f"print(json.dumps([m for m in {HEAVY} if m in sys.modules]))") == []


RESOLVE = """
import importlib, json, pkgutil, types, abkit
def kinds():
    return {n: type(getattr(abkit, n)).__name__ for n in abkit.__all__}
ALL
print(json.dumps(kinds()))
"""
IMPORT_ALL = "for m in pkgutil.walk_packages(abkit.__path__, 'abkit.'): importlib.import_module(m.name)"


def test_public_names_resolve_before_and_after_all_modules_are_imported():
    fresh, after = python(RESOLVE.replace("ALL", "")), python(RESOLVE.replace("ALL", IMPORT_ALL))
    assert set(fresh) == set(abkit.__all__)
    assert fresh == after
    assert {name for name, kind in fresh.items() if kind == "module"} == set(abkit._MODULES)


def test_no_module_has_the_name_of_a_public_function():
    modules = {topic(path, PACKAGE) for path in PACKAGE.rglob("*.py")}
    assert modules & set(abkit._HOME) == set()


def test_public_names_are_listed_once_and_unknown_names_fail():
    names = [name for group in abkit._EXPORTS.values() for name in group]
    assert len(names) == len(set(names))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = abkit.no_such_name
