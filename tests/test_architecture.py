"""Imports point down, `import abkit` is light, and every public name resolves and stays itself."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import abkit

PACKAGE = Path(abkit.__file__).parent
FLOORS = (
    ("0", ("_table", "_check", "_labels", "_lazy", "_stored", "numeric")),
    ("1", ("metrics", "moments", "estimate", "tables")),
    ("2a", ("assignment", "inference")),
    ("2b", ("planning", "sequential", "bayes")),
    ("2c", ("adaptive", "causal")),
    ("3", ("datasets", "simulate")),
    ("4a", ("reporting",)),
    ("4b", ("registry",)),
    ("5a", ("plots",)),
    ("5b", ("explore",)),
    ("5c", ("course",)),
    ("5d", ("exercises",)),
    ("5e", ("teach",)),
    ("5f", ("cli",)),
    ("5g", ("__main__",)),
)
FLOOR = {room: number for number, (_, rooms) in enumerate(FLOORS) for room in rooms}
OPEN = {"0", "1", "3"}  # floors whose rooms may lean on each other; no topic imports its own floor
CLOSED = {room for floor, rooms in FLOORS if floor not in OPEN for room in rooms}
TOPICS = {room for floor, rooms in FLOORS if floor[0] in "24" for room in rooms} | {"numeric", "tables"}
LAZY_UP = {("reporting", "plots"), ("moments", "tables")}
HEAVY = ("pandas", "scipy.stats", "sklearn", "matplotlib", "ipywidgets", "duckdb", "networkx", "sqlalchemy")


def room(path, package):
    """First part of the module's name below the package: `plots` for abkit/plots/style.py."""
    return path.relative_to(package).parts[0].removesuffix(".py")


def module(path, package):
    """Dotted name of a file below the package: `plots.style`; a package's `__init__` has the package's
    name.
    """
    return ".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__")


def imported(path):
    """Modules of abkit that a file imports, at any depth; True where the import waits inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    functions = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    inside = {id(child) for node in functions for child in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            full = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            full = [alias.name for alias in node.names]
        else:
            continue
        for name in full:
            if name.split(".")[0] == "abkit":
                yield name.partition(".")[2], id(node) in inside


def upward(package):
    """Imports that go up, stay on a closed floor, or take the whole package below the top level."""
    wrong = []
    for path in sorted(package.rglob("*.py")):
        here = room(path, package)
        if here == "__init__":
            continue
        for name, lazy in imported(path):
            there = name.split(".")[0]
            floor, own = FLOOR.get(there, 0 if there == "__version__" else len(FLOORS)), FLOOR.get(here, 0)
            beside = floor == own and here != there and here in CLOSED
            if (floor > own or beside) and not (lazy and (here, there) in LAZY_UP):
                wrong.append(f"{module(path, package)} imports {there or 'abkit'}")
    return wrong


def circles(package):
    """Modules, at any depth, that wait for each other at import time."""
    files = {module(path, package): path for path in package.rglob("*.py")}
    needs = {}
    for here, path in files.items():
        needs[here] = set()
        for name, lazy in imported(path):
            target = name if name in files else name.rpartition(".")[0]
            if not lazy and target in files and target != here:
                needs[here].add(target)

    def reaches(start, goal, seen):
        for n in needs.get(start, ()):
            if n == goal:
                return True
            if n not in seen:
                seen.add(n)
                if reaches(n, goal, seen):
                    return True
        return False

    lazy_maps = {"", "__init__", "datasets", "plots", "explore"}  # what they name loads on first use
    return [name for name in needs if name not in lazy_maps and reaches(name, name, set())]


def python(code):
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_every_module_has_a_floor():
    assert {room(path, PACKAGE) for path in PACKAGE.rglob("*.py")} - {"__init__"} <= set(FLOOR)


def test_imports_point_down():
    assert upward(PACKAGE) == []


def test_modules_make_no_circle():
    assert circles(PACKAGE) == []


@pytest.mark.parametrize(
    "line",
    [
        "from abkit.inference.means import welch",
        "import abkit.simulate",
        "from abkit import inference",
        "from abkit import welch",
        "import abkit as ab",
        "def f():\n    from abkit.plots import style",
        "from abkit.tables.reducing import arm_counts\nfrom abkit.plots.style import x",
    ],
)
def test_an_import_upward_is_caught(tmp_path, line):
    (tmp_path / "moments.py").write_text(line + "\n")
    assert len(upward(tmp_path)) == 1


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("inference", "assignment"),
        ("planning", "sequential"),
        ("inference", "planning"),
        ("causal", "adaptive"),
    ],
)
def test_a_topic_beside_or_above_is_caught_at_any_depth(tmp_path, here, there):
    deep = tmp_path / here / "deep"
    deep.mkdir(parents=True)
    (deep / "part.py").write_text(f"def f():\n    from abkit.{there}.other import g\n")
    assert upward(tmp_path) == [f"{here}.deep.part imports {there}"]


def test_imports_down_and_the_two_lazy_exceptions_are_allowed(tmp_path):
    (tmp_path / "causal").mkdir()
    (tmp_path / "causal" / "x.py").write_text(
        "from abkit import _check\nfrom abkit.causal.y import z\nfrom abkit.planning.means import Plan\n"
    )
    (tmp_path / "moments.py").write_text("def f():\n    from abkit.tables.reducing import moments_of\n")
    assert upward(tmp_path) == []
    (tmp_path / "moments.py").write_text("def f():\n    from abkit.inference.means import welch\n")
    assert upward(tmp_path) == ["moments imports inference"]


def test_a_circle_is_caught_inside_a_topic(tmp_path):
    (tmp_path / "sequential").mkdir()
    (tmp_path / "sequential" / "plans.py").write_text("from abkit.sequential.recursion import a\n")
    (tmp_path / "sequential" / "recursion.py").write_text("from abkit.sequential.plans import b\n")
    assert sorted(circles(tmp_path)) == ["sequential.plans", "sequential.recursion"]


def test_the_init_of_a_topic_is_a_docstring_and_nothing_else():
    for topic in TOPICS:
        path = PACKAGE / topic / "__init__.py"
        if path.parent.exists():
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) == 1 and ast.get_docstring(ast.Module(body, [])), topic
            text = ast.get_docstring(ast.Module(body, []))
            assert "?" in text, f"{topic}: say which question the folder answers"
            files = {f.stem for f in path.parent.glob("*.py")}
            assert set(re.findall(r"`(\w+)`", text)) & files, f"{topic}: say which file to open first"


def test_no_notebook_imports_a_panel():
    for path in sorted((PACKAGE.parent / "notebooks" / "text").glob("*.py")):
        assert "explore.panel" not in path.read_text(encoding="utf-8"), path.name


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
IMPORT_ALL = """for m in pkgutil.walk_packages(abkit.__path__, "abkit."):
    importlib.import_module(m.name)"""


def test_public_names_resolve_before_and_after_all_modules_are_imported():
    fresh, after = python(RESOLVE.replace("ALL", "")), python(RESOLVE.replace("ALL", IMPORT_ALL))
    assert set(fresh) == set(abkit.__all__)
    assert fresh == after
    assert {name for name, kind in fresh.items() if kind == "module"} == set(abkit._MODULES)


def test_no_module_at_any_depth_has_the_name_of_a_public_function():
    modules = {path.stem for path in PACKAGE.rglob("*.py")} | {
        path.name for path in PACKAGE.rglob("*") if path.is_dir()
    }
    functions = {name for names in abkit._EXPORTS.values() for name in names}
    assert modules & functions == set()


@pytest.mark.parametrize("name", ["", "datasets", "plots", "explore"])
def test_the_names_for_type_checkers_are_the_names_that_load(name):
    """The lines under TYPE_CHECKING say the same as the lazy map."""
    path = PACKAGE / name / "__init__.py"
    package = f"abkit.{name}".rstrip(".")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lines = [
        n
        for node in tree.body
        if isinstance(node, ast.If)
        for n in node.body
        if isinstance(n, ast.ImportFrom)
    ]
    typed = {
        (str(node.module), alias.asname) for node in lines for alias in node.names if node.module != "abkit"
    }
    exports = sys.modules[package]._EXPORTS if package in sys.modules else getattr(abkit, name)._EXPORTS
    assert typed == {(f"{package}.{home}", n) for home, names in exports.items() for n in names}


def test_public_names_are_listed_once_and_unknown_names_fail():
    names = [name for group in abkit._EXPORTS.values() for name in group]
    assert len(names) == len(set(names))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = abkit.no_such_name
