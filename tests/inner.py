"""The inner functions, each with arguments of a real call: of its own example, else of another in its module.

Left out are those that hold an open connection, a file or a generator, or find no end where an argument is
not what their callers promise.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import inspect
import io
import pkgutil
import sys
from copy import deepcopy
from functools import cache, wraps

import abkit as ab

SHUT = """abkit.cli abkit.course abkit.teach abkit.exercises abkit.explore abkit.registry.database
    abkit.plots.style abkit.plots.showing"""
NOT = [
    "registry.scorecard.markdown",
    "registry.scorecard.page",
    "tables.engines.reduce_lazy",
    "numeric.roots.rising_root",
    "sequential.futility.with_beta",
    "sequential.futility.both_spending",
    "tables.delimited.read",
    "tables.delimited._begun",
    "tables.delimited._require_separator",
    "tables.json_lines.read",
    "tables.json_lines._object",
    "tables.reading._kind",
    "registry.store._row",
    "causal.cross_fitting.fold_numbers",
    "causal.cross_fitting._one_thread",
    "assignment.drawing._permuted",
    "datasets.running._first_win_on",
    "inference.largest._some",
    "inference.many_arms._critical",
    "sequential.futility._drift_at_power",
]
KNOWN = [getattr(place, name) for place in (ab, ab.datasets, ab.plots) for name in dir(place)]
CALLS = 3


def functions_of(module):
    """Name → function, of those that a module defines itself."""
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    }


def has_example(function):
    """Whether a function's docstring calls it."""
    return f"{function.__name__}(" in (function.__doc__ or "")


def inner():
    """Every function of the package that no other row calls."""
    found = {}
    for info in pkgutil.walk_packages(ab.__path__, "abkit."):
        if not info.name.startswith(tuple(SHUT.split())) and not info.name.endswith("__main__"):
            for name, function in functions_of(importlib.import_module(info.name)).items():
                key = f"{info.name.removeprefix('abkit.')}.{name}"
                if function not in KNOWN and key not in NOT:
                    found[key] = function
    return found


@cache
def arguments(function):
    """The arguments of a call of a function, or None where no example calls it or it draws into a figure."""
    made = of_example(function) if has_example(function) else of_module(function.__module__).get(function)
    return None if made is None or "ax" in made or "axes" in made else made


@cache
def of_example(function):
    """The arguments of the last call of a function in the examples of its docstring."""
    made = []

    def recorded(*data, **options):
        bound = inspect.signature(function).bind(*data, **options)
        bound.apply_defaults()
        made.append(deepcopy(dict(bound.arguments)))
        return function(*data, **options)

    run(function.__doc__, {**vars(sys.modules[function.__module__]), function.__name__: recorded})
    return made[-1]


@cache
def of_module(name):
    """Function → arguments, of the functions without an example: what the other examples ask of them."""
    module, made = sys.modules[name], {}
    own = functions_of(module)
    silent = {n: f for n, f in own.items() if not has_example(f)}
    texts = [f.__doc__ for f in own.values()]
    kinds = [k for k in vars(module).values() if inspect.isclass(k) and k.__module__ == name]
    texts += [getattr(m, "__doc__", "") for kind in kinds for m in (kind, *vars(kind).values())]
    forget()
    try:
        for n, function in silent.items():
            setattr(module, n, recorder(function, made))
        for text in texts:
            run(text, dict(vars(module)))
    finally:
        for n, function in silent.items():
            setattr(module, n, function)
    return {function: calls[-1] for function, calls in made.items()}


def forget():
    """Empty the caches of the package: the calls are the same whatever was asked before."""
    for name, module in list(sys.modules.items()):
        if name.startswith("abkit."):
            for value in vars(module).values():
                if callable(getattr(value, "cache_clear", None)):
                    value.cache_clear()


def recorder(function, made):
    """A function that does what another does, and keeps the arguments of its first calls."""

    @wraps(function)
    def recorded(*data, **options):
        calls = made.setdefault(function, [])
        if len(calls) < CALLS:
            bound = inspect.signature(function).bind(*data, **options)
            bound.apply_defaults()
            with contextlib.suppress(TypeError):
                calls.append(deepcopy(dict(bound.arguments)))
        if not calls:
            made.pop(function)
        return function(*data, **options)

    return recorded


def run(text, names):
    """Run the examples of a docstring, up to the first refusal."""
    with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
        for example in doctest.DocTestParser().get_examples(text or ""):
            exec(compile(example.source, "<example>", "single"), names)
