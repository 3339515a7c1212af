"""Every notebook of the second edition keeps the contract with its reader; the first edition is listed until
rewritten.
"""

import nbformat
import pytest
from contract import FOLDER, contract_faults, option_faults, rights_of, spread_faults

from abkit.exercises.asking import module
from abkit.exercises.checks import Both

BOOKS = {path.stem[:2]: path for path in sorted(FOLDER.glob("*.ipynb"))}
SECOND = list(BOOKS)
EXERCISES = [(key, e) for number in SECOND for key, e in module(number).EXERCISES.items()]


def read(number):
    return nbformat.read(str(BOOKS[number]), as_version=4)


@pytest.mark.parametrize("number", SECOND)
def test_a_notebook_keeps_the_contract(number):
    assert contract_faults(read(number), module(number), number) == []
    assert BOOKS[number].stat().st_size <= 900_000


def test_right_answers_are_spread_over_the_series():
    assert spread_faults([pair for number in SECOND for pair in rights_of(module(number))]) == []


@pytest.mark.parametrize("key, exercise", EXERCISES, ids=[k for k, _ in EXERCISES])
def test_a_rounded_answer_is_accepted(key, exercise):
    size = exercise.check.second if isinstance(exercise.check, Both) else exercise.check
    if not hasattr(size, "answer"):
        return
    for digits in (2, 3):
        typed = float(f"{size.answer:.{digits - 1}e}")
        answer = (exercise.check.first.right, typed) if isinstance(exercise.check, Both) else typed
        assert exercise.check(answer).ok, (key, answer)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("key, exercise", EXERCISES, ids=[k for k, _ in EXERCISES])
def test_the_method_of_the_notebook_is_accepted_at_any_seed(key, exercise, seed):
    import numpy as np

    size = exercise.check.second if isinstance(exercise.check, Both) else exercise.check
    assert exercise.method is not None or not getattr(size, "noise", 0.0), "a noise without a method"
    if exercise.method is not None:
        answer = exercise.method(np.random.default_rng(seed))
        assert exercise.check(answer).ok, (key, answer)


@pytest.mark.parametrize("key, exercise", EXERCISES, ids=[k for k, _ in EXERCISES])
def test_a_hint_does_not_hold_the_answer(key, exercise):
    size = exercise.check.second if isinstance(exercise.check, Both) else exercise.check
    if hasattr(size, "answer"):
        typed = {f"{size.answer:.{d}g}".lstrip("0") for d in (2, 3, 4)}
        assert not [h for h in exercise.hints if any(t in h.split() for t in typed)]


def markdown(text):
    return lambda book: book.cells.insert(4, nbformat.v4.new_markdown_cell(text))


def visible(source):
    def plant(book):
        next(c for c in book.cells if c.cell_type == "code").source += "\n" + source

    return plant


def swapped(old, new):
    def plant(book):
        cell = next(c for c in book.cells if old in c.source)
        cell.source = cell.source.replace(old, new)

    return plant


def without(text):
    def plant(book):
        book.cells = [c for c in book.cells if text not in c.source]

    return plant


PLANTED = [  # a fault in a copy of notebook 07, and what the contract must say
    (markdown("word " * 900), "words in the core"),
    (lambda book: book.cells.extend(nbformat.v4.new_code_cell("1") for _ in range(9)), "cells in the core"),
    (without("## Take-aways"), "no heading '## Take-aways"),
    (without("ab.teach.reveal"), "no call of ab.teach.reveal"),
    (swapped("Amara runs", "Amara runs " + "and runs " * 40), "a story of"),
    (visible("\n".join("abcdefghi")), "visible lines"),
    (visible("[[x for x in y] for y in z]"), "a nested comprehension"),
    (visible("a @ b"), "a matrix product"),
    (visible("a[:, None]"), "a new axis"),
    (swapped("ab.plots.plot_gap(daily)", "import math\nab.plots.plot_gap(daily)"), "an import outside"),
    (visible("\n".join(["assert 1"] * 30)), "lines are plumbing"),
    (swapped('ab.teach.predict("07.p1")', 'ab.teach.predict("07.p1", 40)'), "07.p1 starts with a guess"),
    (swapped('ab.teach.predict("07.p2")', "0"), "07.p2 is not predicted and then revealed"),
    (swapped("# How often", "# 14 of 100 wins: how often"), "a heading gives 07.p1 away"),
    (swapped("# How often", "# A share of .15: how often"), "a heading gives 07.p1 away"),
    (swapped('ab.exercise("07.3")', "0"), "no ab.exercise('07.3')"),
    (markdown("A test runs for two weeks and is looked at every day"), "a copy of the question of 07.1"),
    (swapped('ab.teach.quiz("07.q4")', 'ab.teach.quiz("07.q4", "a")'), "07.q4 is answered"),
    (swapped('ab.teach.quiz("07.q6")', "0"), "not six quiz questions"),
    (swapped('choice=""', 'choice="ship"'), "the memo comes with a choice"),
    (swapped(', by_rule="extend"', ""), "the memo does not know what the rule gives"),
    (markdown("**a** **b** **c** **d** **e** **f** **g** **h**"), "terms in bold"),
    (
        lambda book: [c.update(source=c.source.replace("DOI 10.", "")) for c in book.cells],
        "references without a DOI",
    ),
    (swapped("ab.teach.checked(", "print("), "0 cells with ab.teach.checked"),
    (visible('ab.teach.match("x", 1, 1, 1)'), "ab.teach.match"),
    (swapped("Previous: [05", "Before: [05"), "no 'Previous:"),
    (swapped("Next: [08", "Next: [06"), "no 'Next:"),
    (swapped("08_multiple_testing.ipynb", "08_tests.ipynb"), "which does not exist"),
    (markdown("See notebook 24."), "notebook 24 does not exist"),
]


@pytest.mark.parametrize("plant, said", PLANTED, ids=range(len(PLANTED)))
def test_a_planted_fault_is_found(plant, said):
    book = read("07")
    plant(book)
    assert any(said in fault for fault in contract_faults(book, module("07"), "07"))


def test_a_name_that_no_cell_shows_is_found():
    book = read("07")
    for cell in book.cells:
        cell.source = cell.source.replace("ab.peeking_error", "ab.peeking")
    assert any("07.1 names ab.peeking_error" in fault for fault in contract_faults(book, module("07"), "07"))


def test_options_that_tell_are_found():
    assert option_faults({"a": "short", "b": "much longer than the rest", "c": "short"})
    assert option_faults({"a": "yes", "b": "not"}) == ["2 options"]
    assert spread_faults([("b", {"a": "x", "b": "x", "c": "x"})] * 6) != []
    assert any(
        "longest" in f
        for f in spread_faults([(k, {"a": "x", "b": "x", "c": "x", k: "xyz"}) for k in "abc" * 2])
    )
