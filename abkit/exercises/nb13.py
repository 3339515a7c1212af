"""Notebook 13, CUPED: predictions, exercises and questions."""

from __future__ import annotations

from typing import Any

import numpy as np

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution

TESTS = 20_000  # simulated tests of the bug hunt: an error of .3 in 100


def _weeks(guess: float | None, value: float) -> str:
    return f"So {4 - value:.1f} of the four weeks are saved, and the interval is as wide."


def _alarms(guess: float | None, value: float) -> str:
    return "The promise was 5 of 100. The code runs, the intervals look short, and nothing warns you."


def _late(guess: float | None, value: float) -> str:
    return "The page was good, and the report hides four fifths of its effect."


def short_errors(rng: np.random.Generator) -> Any:
    """Return the bug's letter and the wins in 100 A/A tests whose errors are halved: the way of the notebook.

    >>> letter, wins = short_errors(np.random.default_rng(1))
    >>> letter, 25 < wins < 40
    ('a', True)
    """
    from abkit.datasets import listening_tests
    from abkit.inference.adjusting import cuped

    found = cuped(*listening_tests(4_000, effect=0.0)(rng, TESTS))
    wrong = float((abs(found.estimate / (found.se / 2)) > 1.96).mean())
    return "a", 100 * wrong


PREDICTIONS = {
    "13.p1": Prediction(
        "13.p1",
        "Last month's minutes and this month's correlate .7. How many weeks of entry does a test of 4 weeks"
        " need, with last month, for an interval of the same width?",
        unit="weeks",
        low=0,
        high=4,
        answer=2.04,
        step=0.3,
        consequence=_weeks,
    ),
    "13.p2": Prediction(
        "13.p2",
        "Each arm is adjusted around its own mean of last month; the correlation is .9, the page changes"
        " nothing. How many of 100 tests end with a false alarm, p < .05?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=39.3,
        step=2.0,
        consequence=_alarms,
    ),
    "13.p3": Prediction(
        "13.p3",
        "The true effect is 6 minutes a month. How many minutes does the test report when it is adjusted by"
        " the minutes of its own first week?",
        unit="minutes",
        low=-10,
        high=20,
        answer=1.2,
        step=0.3,
        consequence=_late,
    ),
}

EXERCISES = {
    "13.1": Exercise(
        "13.1",
        1,
        "Mara plans a test of 6 weeks. Her metric correlates .5 with last month. How many weeks does she need"
        " with last month? Answer in weeks, one decimal.",
        Near(
            4.5,
            0.02,
            unit="weeks",
            why="A quarter of the variance goes, and with it a quarter of the weeks.",
            step="Ask which share of the variance is left, and take that share of the weeks.",
            slips=(
                (3.0, "You took the correlation as the share that goes. It is its square."),
                (1.5, "That is what she saves. The question is what she needs."),
                (5.196, "You took the share of the error that is left. Weeks go with the variance."),
            ),
        ),
        (
            "What is asked: the weeks that give the same interval when last month is taken out.",
            "The plan: users, and so weeks, go with the variance. Find the share of it that is left.",
            "6 * ab.cuped_factor(____)",
        ),
        Solution(
            4.5,
            "`6 * ab.cuped_factor(0.5)`: three quarters of the variance are left, so three quarters of the"
            " weeks.",
        ),
        ((3.0, "its square"), (1.5, "what she saves"), (20, "share of the variance")),
    ),
    "13.2": Exercise(
        "13.2",
        2,
        "Back to Lena. Say that 40 per cent of her users are new: they have no last month. For the others the"
        " correlation is .7. Which share of the variance is left? Answer in per cent, one decimal. Start from"
        " `ab.cuped_factor(0.7)`.",
        Near(
            70.6,
            0.06,
            unit="per cent",
            why="Only the users with a past give something: .6 times .49 goes.",
            step="Ask how many of the users can give anything, and how much each of them gives.",
            slips=(
                (51.0, "That is so when every user has a past."),
                (29.4, "That is what goes. The question is what is left."),
                (80.4, "You let only 40 per cent have a past. It is the other way round."),
            ),
        ),
        (
            "What is asked: the share of the variance that stays when some users bring no past.",
            "The plan: the same call as before, with one more value: the share of new users.",
            "100 * ab.cuped_factor(0.7, new=____)",
        ),
        Solution(70.6, "`100 * ab.cuped_factor(0.7, new=0.4)` is 1 − .6 · .49, in per cent."),
        ((51, "every user has a past"), (29.4, "what goes"), (80.4, "other way round")),
    ),
    "13.3": Exercise(
        "13.3",
        3,
        "JOBS II again. Adjust `depress2` by another column from before the start, `econ_hard` (money"
        " worries, 1 to 5), instead of `depress1`. By how many per cent is the interval narrower than the"
        " plain one? Answer in per cent, one decimal.",
        Near(
            1.6244,
            0.05,
            unit="per cent",
            why="Money worries say little about later depression: a covariate helps as far as it correlates.",
            step="Compare the two widths, high − low, as a share of the plain one.",
            slips=(
                (98.376, "That is the width that is left. The question is by how much it is narrower."),
                (3.22, "That is the variance. The width goes with its root."),
                (3.3, "That is the variance. The width goes with its root."),
                (10.46, "That is the gain with depress1. Read another column."),
            ),
        ),
        (
            "What is asked: the width of two intervals, without and with the column.",
            "The plan: read two columns by arm, take the effect twice, compare high − low.",
            'pair = ab.Moments.from_table(ab.datasets.jobs2(), ["depress2", ____], by="treat")',
        ),
        Solution(
            1.6244,
            'With `pair = ab.Moments.from_table(ab.datasets.jobs2(), ["depress2", "econ_hard"], by="treat")`,'
            " compare `ab.welch(pair[0], pair[1])` and `ab.cuped(pair[0], pair[1])`.",
        ),
        (
            (98.376, "width that is left"),
            (3.3, "That is the variance"),
            (10.5, "gain with depress1"),
            (40, "two widths"),
        ),
    ),
    "13.4": Exercise(
        "13.4",
        3,
        "Bug hunt. The page changes nothing. A colleague takes theta · (before − mean of all users) from"
        " everybody's minutes, and compares the two halves. The printed error is the standard deviation of"
        " all N adjusted values, divided by √N. Which sentence names a fault? And in how many of 100 tests"
        " does the effect then lie more than 1.96 printed errors from 0? Answer with a pair: letter, number"
        " of 100 tests.",
        Both(
            Choice(
                "a",
                {
                    "a": (
                        "√N is the error of the mean of everybody; a difference of two halves has twice that"
                        " error."
                    ),
                    "b": "One centre for both arms is right: it keeps the arms' own gap.",
                    "c": "One slope from both arms is fine: half of the users are in each.",
                },
                {
                    "a": "The error is that of one mean, not of a gap.",
                    "b": "The centre is that of all users, not of arms.",
                    "c": "The slope is taken from both arms together.",
                },
                step="Ask of which number each printed value is the spread.",
            ),
            Near(
                32.71,
                0.2,
                unit="of 100 tests",
                why="With an error half as large as it should be, every third test is an alarm.",
                step="Take many tests without an effect, and divide by an error half as large.",
                slips=(
                    (5.0, "That is the promise, with the right error."),
                    (10.0, "False alarms do not double with the error: look at the tails."),
                ),
                noise=1.7,
            ),
        ),
        (
            "What is asked: first the sentence that names a fault, then its price in false alarms.",
            "The plan: draw many tests without an effect, halve the error of each, count.",
            (
                "e = ab.cuped(*ab.datasets.listening_tests(4_000, effect=0)(rng, 20_000)); (abs(e.estimate) >"
                " 1.96 * e.se / ____).mean()"
            ),
        ),
        Solution(
            ("a", 32.7),
            "Half the error turns 1.96 into .98, and a normal number lies beyond ±.98 in 32.7 of 100 cases.",
        ),
        (("b", "keeps the arms' own gap"), (("a", 5), "the promise"), (("a", 60), "half as large")),
        method=short_errors,
    ),
}

QUIZ = {
    "13.q1": Quiz(
        "13.q1",
        "You want to see an effect half as large. How many users do you need?",
        {"a": "twice as many users", "b": "four times the users", "c": "as many users as now"},
        "b",
        {
            "a": "Half the effect needs half the error, and the error goes with the root of the users.",
            "b": "Right: half the error takes four times the users.",
            "c": "Then the same error would hide it.",
        },
    ),
    "13.q2": Quiz(
        "13.q2",
        "What is the standard error of an effect?",
        {
            "a": "the spread of users around the mean",
            "b": "the distance of our effect from zero",
            "c": "the spread of effects in many tests",
        },
        "c",
        {
            "a": "That is the standard deviation of users. The error is smaller by a root of users.",
            "b": "That is the effect itself.",
            "c": "Right: repeat the test, and the effects spread by it.",
        },
    ),
    "13.q3": Quiz(
        "13.q3",
        "What does a 95 per cent interval promise?",
        {
            "a": "that 95 of 100 such intervals hold the truth",
            "b": "that 95 of 100 users lie inside its ends",
            "c": "that our effect is real with 95 per cent",
        },
        "a",
        {
            "a": "Right: it is a promise about the method, over many tests.",
            "b": "Users spread much wider than a mean.",
            "c": "The truth is inside or not; the 95 belongs to the method.",
        },
    ),
    "13.q4": Quiz(
        "13.q4",
        "The correlation with last month is .6. Which share of the variance is left?",
        {"a": "36 per cent", "b": "64 per cent", "c": "80 per cent"},
        "b",
        {
            "a": "That goes. What is left is the rest.",
            "b": "Right: 1 − .6².",
            "c": "That is the share of the error, the root of 64 per cent.",
        },
    ),
    "13.q5": Quiz(
        "13.q5",
        "Which column may be taken out of the effect on a month's minutes?",
        {
            "a": "the minutes of the month before",
            "b": "the minutes of the first test week",
            "c": "the visits since the test's start",
        },
        "a",
        {
            "a": "Right: the test cannot have moved it.",
            "b": "The new page moved these minutes: a part of the effect would be taken out.",
            "c": "Visits since the start may be an effect of the page.",
        },
    ),
    "13.q6": Quiz(
        "13.q6",
        "The plan: adjust, and ship above 2 minutes. Plain interval: 0.3 to 7.3. Adjusted: 2.4 to 6.8. What"
        " now?",
        {
            "a": "Wait: the plain interval holds 2 minutes.",
            "b": "Wait: take the middle of both intervals.",
            "c": "Ship: the adjusted interval was the plan.",
        },
        "c",
        {
            "a": "The plain one still holds the luck from before the start. The plan named the other.",
            "b": "Nobody planned that number, and no promise holds for it.",
            "c": "Right: the planned interval lies above what pays.",
        },
    ),
}
