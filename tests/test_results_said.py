"""What every public call, world, policy, report, registry and command answers, with changed arguments.

The answers are stored by `python tests/results_said.py`: after a change that is wanted, write them anew and
read the difference by eye. They are no oracle; those are in the tests of each topic.
"""

from __future__ import annotations

import json

import pytest
from results_said import CALLS, FILE, entry, whole
from scenes import COMMANDS, told
from test_figures_said import near

import abkit as ab

STORED = json.loads(FILE.read_text(encoding="utf-8"))["entries"]
NAMES = list(CALLS)


def same(name):
    found, want = entry(name), STORED[name]
    assert list(found) == list(want)
    for title, value in want.items():
        near(whole(found[title], found[""]), whole(value, want[""]), f"{name}, {title}")


@pytest.mark.parametrize("name", [n for n in NAMES if n in ab.__all__ and n < "f"])
def test_first_names_answer_as_stored(name):
    same(name)


@pytest.mark.parametrize("name", [n for n in NAMES if n in ab.__all__ and n >= "f"])
def test_last_names_answer_as_stored(name):
    same(name)


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith("datasets.")])
def test_worlds_answer_as_stored(name):
    same(name)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ab.__all__ and not n.startswith("datasets.")])
def test_methods_policies_reports_and_registries_answer_as_stored(name):
    same(name)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_answers_as_stored(words):
    near(told(words), STORED["commands"][words], words)


def test_every_call_is_stored_and_no_other():
    assert list(STORED) == [*CALLS, "commands"] and list(STORED["commands"]) == COMMANDS
