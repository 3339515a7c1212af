"""Every public docstring says what a caller must know: parameters, errors, source, and an example that
runs.
"""

import ast
import dataclasses
import inspect
import re
import textwrap

import pytest

import abkit

OBVIOUS = {"self", "cls", "ax", "rng", "_"}  # one meaning everywhere; CONTRIBUTING says which
METHODS = {  # named after a paper: a year stands in the docstring
    "welch", "proportions", "lift", "ratio", "adjust_pvalues", "dunnett", "simultaneous", "fixed_sequence",
    "max_t", "group_sequential", "stagewise", "replan", "msprt", "confidence_sequence", "bernoulli_sequence",
    "betting_sequence", "peeking_error", "sequential_srm", "cuped", "lin", "cluster_effect", "aipw",
}  # fmt: skip


def functions():
    """Every public function, and every public method of a public class, by its dotted name."""
    for group in (abkit, abkit.plots, abkit.explore, abkit.datasets):
        prefix = group.__name__.removeprefix("abkit").lstrip(".")
        for name in group.__all__:
            thing = getattr(group, name)
            dotted = f"{prefix}.{name}" if prefix else name
            if inspect.isclass(thing):
                for method, value in vars(thing).items():
                    raw = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
                    if inspect.isfunction(raw) and not method.startswith("_"):
                        yield f"{dotted}.{method}", raw
            elif inspect.isfunction(inspect.unwrap(thing)):
                yield dotted, inspect.unwrap(thing)


FOUND = dict(functions())
CLASSES = {n: getattr(abkit, n) for n in abkit.__all__ if inspect.isclass(getattr(abkit, n))}
CLASSES |= {f"explore.{n}": getattr(abkit.explore, n) for n in ("Explorer", "Control", "Menu")}
INHERITED = {"to_frame", "to_dict", "to_json", "from_json"}  # one meaning everywhere; shown once, in `Table`


def refuses(function):
    """Says whether the body checks its input at the boundary: calls `_check`, or raises ValueError."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = (n for n in ast.walk(tree) if isinstance(n, ast.Raise))
    return any("_check.fail" in ast.unparse(n) for n in calls)


@pytest.mark.parametrize("name", FOUND)
def test_a_docstring_names_every_parameter_and_shows_an_example(name):
    text = inspect.getdoc(FOUND[name]) or ""
    missing = [
        p
        for p in inspect.signature(FOUND[name]).parameters
        if p not in OBVIOUS and not re.search(rf"\b{p}\b", text)
    ]
    assert not missing, f"{name}: {missing} not explained"
    owner, _, method = name.rpartition(".")
    shown = text + (inspect.getdoc(CLASSES[owner]) or "" if owner in CLASSES else "")
    assert ">>>" in shown or method in INHERITED, f"{name}: no example"


@pytest.mark.parametrize("name", [n for n, f in FOUND.items() if refuses(f)])
def test_a_docstring_says_what_is_refused(name):
    assert re.search(r"Raises|ValueError|[Rr]efuse|is refused", inspect.getdoc(FOUND[name])), name


@pytest.mark.parametrize("name", sorted(METHODS & set(FOUND)))
def test_a_method_of_the_literature_names_its_source(name):
    assert re.search(r"\((18|19|20)\d\d\)|, (18|19|20)\d\d", inspect.getdoc(FOUND[name])), name


def test_no_example_builds_a_result_by_hand():
    """Invented fields made `decide` say nonsense in an example; `Effect.of` computes them."""
    for name, function in FOUND.items():
        assert not re.search(r">>>.*\bEffect\(", inspect.getdoc(function) or ""), name


def test_every_result_says_what_its_fields_are():
    for name in abkit.__all__:
        thing = getattr(abkit, name)
        if inspect.isclass(thing) and dataclasses.is_dataclass(thing):
            assert thing.__doc__ and not thing.__doc__.startswith(f"{name}("), name
