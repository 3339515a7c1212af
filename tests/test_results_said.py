"""What every public call, world, policy, report, registry and command answers, with changed arguments.

The answers are stored by `python tests/results_said.py`: after a change that is wanted, write them anew and
read the difference by eye. They are no oracle; those are in the tests of each topic.
"""

from __future__ import annotations

import json

import pytest
from results_said import CALLS, FILE, INNER, entry, whole
from scenes import COMMANDS, told
from test_figures_said import near

import abkit as ab

STORED = json.loads(FILE.read_text(encoding="utf-8"))["entries"]


def same(name):
    found, want = entry(name), STORED[name]
    assert list(found) == list(want)
    for title, value in want.items():
        near(whole(found[title], found.get("")), whole(value, want.get("")), f"{name}, {title}")


def group(name):
    """The test that asks for a name: no test takes long."""
    if name in ab.__all__:
        return "first" if name < "f" else "last"
    if name in INNER:
        return "inner"
    return "figure" if name.startswith("plot_") else "world" if name.startswith("datasets.") else "other"


def names(which):
    return pytest.mark.parametrize(
        "name", [name for name in CALLS if name in STORED and group(name) == which]
    )


@names("first")
def test_first_names_answer_as_stored(name):
    same(name)


@names("last")
def test_last_names_answer_as_stored(name):
    same(name)


@names("world")
def test_worlds_answer_as_stored(name):
    same(name)


@names("figure")
def test_figures_show_what_is_stored(name):
    same(name)


@names("inner")
def test_inner_functions_answer_as_stored(name):
    same(name)


@names("other")
def test_methods_policies_reports_and_registries_answer_as_stored(name):
    same(name)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_answers_as_stored(words):
    near(told(words), STORED["commands"][words], words)


def test_every_call_is_stored_and_no_other():
    assert [name for name in CALLS if name not in INNER] == [
        n for n in STORED if n in CALLS and n not in INNER
    ]
    assert set(STORED) <= {*CALLS, "commands"} and list(STORED["commands"]) == COMMANDS
