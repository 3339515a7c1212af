"""The inner functions that have an example, and the arguments of that example.

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
from functools import cache

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
    "tables.json_lines.read",
    "causal.cross_fitting.fold_numbers",
]
KNOWN = [getattr(place, name) for place in (ab, ab.datasets, ab.plots) for name in dir(place)]


def inner():
    """Every function of the package that no other row calls, and that has an example which calls it."""
    found = {}
    for module in pkgutil.walk_packages(ab.__path__, "abkit."):
        if module.name.startswith(tuple(SHUT.split())) or module.name.endswith("__main__"):
            continue
        for name, function in vars(importlib.import_module(module.name)).items():
            own = inspect.isfunction(function) and function.__module__ == module.name
            key = f"{module.name.removeprefix('abkit.')}.{name}"
            shown = f"{name}(" in (function.__doc__ or "")
            if own and shown and function not in KNOWN and key not in NOT:
                found[key] = function
    return found


@cache
def of_example(function):
    """The arguments of the last call of a function in the examples of its docstring, or None."""
    made = []

    def recorded(*data, **options):
        bound = inspect.signature(function).bind(*data, **options)
        bound.apply_defaults()
        made.append(deepcopy(dict(bound.arguments)))
        return function(*data, **options)

    names = {**vars(sys.modules[function.__module__]), function.__name__: recorded}
    with contextlib.suppress(ValueError, ImportError), contextlib.redirect_stdout(io.StringIO()):
        for example in doctest.DocTestParser().get_examples(function.__doc__):
            exec(compile(example.source, "<example>", "single"), names)
    return made[-1]
