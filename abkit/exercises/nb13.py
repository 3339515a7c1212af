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


def own_centres(rng: np.random.Generator) -> Any:
    """Return the bug's letter and the false alarms in 100 tests at correlation .8 with own centres: the way
    of the notebook.

    >>> letter, alarms = own_centres(np.random.default_rng(1))
    >>> letter, 22 < alarms < 26
    ('a', True)
    """
    from abkit.datasets import centred_by_arm, listening_tests

    draw = listening_tests(4_000, effect=0.0, correlation=0.8)
    return "a", 100 * float((centred_by_arm(*draw(rng, TESTS)).pvalue < 0.05).mean())


PREDICTIONS = {
    "13.p1": Prediction(
        "13.p1",
        "Last month's minutes and this month's correlate .7. After how many weeks of entry is the adjusted"
        " interval as narrow as the plain one after 4 weeks?",
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
        " nothing. How many of 100 tests end with a false alarm?",
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
        "Bug hunt. The page changes nothing, the correlation is .8. A colleague takes theta · (before − m)"
        " from each listener's `after`, where m is the mean of `before` in the listener's own arm, and"
        " compares the arms. theta is the slope of both arms together. Which sentence names a fault? And how"
        " many of 100 tests, each with 4,000 listeners, end with a false alarm? Answer with a pair: letter,"
        " number of 100 tests.",
        Both(
            Choice(
                "a",
                {
                    "a": (
                        "Around its own mean an arm has no luck left: the effect stays plain, and only"
                        " the printed error shrinks."
                    ),
                    "b": "One theta for both arms is no fault.",
                    "c": "That is right: a covariate must be older than the start.",
                },
                {
                    "a": "m is the mean of one arm, not of all.",
                    "b": "theta is one number for both arms.",
                    "c": "before is a month before the start.",
                },
                step="Ask what each part of the line does to the luck of the arms.",
            ),
            Near(
                23.96,
                0.2,
                unit="of 100 tests",
                why="The printed error is .6 of the true one, since .8² leaves .36 of the variance.",
                step="Take many tests without an effect, and count those whose interval leaves out 0.",
                slips=(
                    (5.0, "That is the promise. It holds with one centre for both arms."),
                    (16.2, "That is so at a correlation of .7. Here it is .8."),
                    (39.3, "That is so at a correlation of .9. Here it is .8."),
                ),
                noise=1.7,
            ),
        ),
        (
            "What is asked: first the sentence that names a fault, then its price in false alarms.",
            "The plan: draw many tests without an effect, take own centres, count p below .05.",
            (
                "old, new = ab.datasets.listening_tests(4_000, effect=0, correlation=____)(rng, 20_000); 100"
                " * (ab.datasets.centred_by_arm(old, new).pvalue < 0.05).mean()"
            ),
        ),
        Solution(
            ("a", 24.0),
            "With `correlation=0.8` in the code of the third hint: about 24 of 100 tests. The printed error"
            " is .6 of the true one, so ±1.96 printed errors are only ±1.18 true ones.",
        ),
        (("b", "no fault"), (("a", 5), "the promise"), (("a", 60), "leaves out 0")),
        method=own_centres,
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
            "a": "That is the standard deviation of users. An effect spreads much less than users do.",
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
