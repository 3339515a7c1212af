"""Every notebook of the second edition keeps the contract with its reader; the first edition is listed until rewritten."""

import nbformat
import pytest
from contract import FOLDER, contract_faults, rights_of, spread_faults

from abkit.exercises.asking import module
from abkit.exercises.checks import Both

FIRST_EDITION = ("00", "01", "02", "03", "04", "05", "08", "10", "11")
BOOKS = {path.stem[:2]: path for path in sorted(FOLDER.glob("*.ipynb"))}
SECOND = [number for number in BOOKS if number not in FIRST_EDITION]
EXERCISES = [(key, e) for number in SECOND for key, e in module(number).EXERCISES.items()]


def read(number):
    return nbformat.read(str(BOOKS[number]), as_version=4)


@pytest.mark.parametrize("number", SECOND)
def test_a_notebook_keeps_the_contract(number):
    assert contract_faults(read(number), module(number), number) == []
    assert BOOKS[number].stat().st_size <= 900_000


@pytest.mark.parametrize("number", FIRST_EDITION)
def test_a_listed_notebook_still_needs_its_place_in_the_list(number):
    assert contract_faults(read(number), module(number), number), f"take {number} out of FIRST_EDITION"


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
