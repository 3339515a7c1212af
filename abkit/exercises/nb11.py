"""Exercises of notebook 11: look always, and know the price."""

from __future__ import annotations

from abkit.exercises.checks import Choice, Near
from abkit.exercises.questions import Exercise, Quiz, Solution

_FRIDAY = {
    "a": (
        "That is the value at Friday's look alone. The p-value of a sequence never rises: you could have"
        " stopped on Monday."
    ),
    "b": "The p-value is the smallest 1/money so far. Ville's inequality allows to stop at the best moment.",
    "c": "No correction is needed. All looks are in the price already.",
    "d": "It is defined at every look. That is the point of the method.",
}

EXERCISES = {
    "11.1": Exercise(
        "11.1",
        1,
        "At alpha = .01, how many times as wide as one planned look is the confidence sequence at best?",
        Near(
            1.3866,
            5e-3,
            why="1.39 at r = 11.8. A stricter alpha pays a smaller factor: 1.92 times the users.",
            slips=(
                (1.5485, "That is the factor at alpha = .05. Pass the alpha to `factor`."),
                (1.9226, "That is the factor of users. The width is its square root."),
                (3.5716, "You did not divide by the quantile of one planned look, 2.58."),
            ),
            step="Minimise `factor(grid, alpha=0.01)` over the grid.",
        ),
        ("`factor` takes alpha as its second argument.", "`factor(grid, 0.01).min()`"),
        Solution(1.3866, "`factor(grid, 0.01).min()` is 1.39: both intervals widen, the sequence less."),
        ((1.5485, "alpha = .05"), (1.9226, "square root"), (3.5716, "did not divide"), (3.0, "Minimise")),
    ),
    "11.2": Exercise(
        "11.2",
        2,
        "The mSPRT shows p = .04 on Monday. On Friday the money has fallen. What is the p-value on Friday? a)"
        " larger, b) .04, the smallest so far, c) .04 times 5, d) undefined.",
        Choice("b", _FRIDAY),
        (
            "Could Noor have stopped on Monday?",
            "Which event does Ville's inequality bound: money at the end, or money at any time?",
        ),
        Solution("b", "The p-value is the running minimum of 1/money."),
        (("a", "never rises"), ("c", "already"), ("d", "every look"), (4, "one of the letters")),
    ),
    "11.3": Exercise(
        "11.3",
        3,
        "20,000 users in each arm, a rate of 10 per cent. Which tau, in percentage points, makes the interval"
        " tightest at the end?",
        Near(
            0.8597,
            0.0125,
            why="se at the end is .3 points, and the best r is 8.21: tau = .3 × sqrt(8.21).",
            slips=(
                (0.3, "That is the standard error at the end. r would be 1; the best r is 8.21."),
                (2.464, "You forgot the root: r = tau²/se²."),
                (0.6079, "You used the variance of one arm. A difference has two."),
                (0.008597, "That is a share. The question asks for points."),
            ),
            step="Find se of the difference at the end, then tau = se × sqrt(best r).",
        ),
        (
            "r = tau²/se², and the notebook printed the best r.",
            "se = 100 × sqrt(2 × .1 × .9 / 20,000) = .3 points",
        ),
        Solution(0.8597, "`ab.asymptotic_rho(1, alpha=0.05)` is sqrt(8.21) = 2.87; times .3 points."),
        (
            (0.3, "standard error at the end"),
            (2.464, "forgot the root"),
            (0.6079, "two"),
            (0.008597, "share"),
            (86.0, "sqrt(best r)"),
            (2.0, "sqrt(best r)"),
        ),
    ),
    "11.4": Exercise(
        "11.4",
        3,
        "Bug hunt. Omar adds 28 days of the same users as if each day brought new users. The correlation of a"
        " user's days is .3. He writes: 'z-test, error 5 per cent'. What is it, as a share?",
        Near(
            0.5159,
            5e-3,
            why="The variance is 1 + 27 × .3 = 9.1 times too small: 52 per cent.",
            slips=(
                (0.05, "The test thinks that all rows are independent. The days of one user are not."),
                (
                    0.7622,
                    (
                        "You used 1 - (1 - a)^28: he tests once. The standard error is wrong, not the number"
                        " of tests."
                    ),
                ),
                (0.8294, "You divided by 9.1. That is the factor of the variance: z shrinks by its root."),
            ),
            step="The true standard error is sqrt(1 + 27 × .3) times his. How often is |z| above 1.96 then?",
            unit="share",
        ),
        ("The design effect is 1 + (days - 1) × ICC.", "`2 * scipy.special.ndtr(-1.96 / 9.1**0.5)`"),
        Solution(0.5159, "2Φ(-1.96/√9.1) = .516. Bucket sums or per-user totals bring back 5 per cent."),
        (
            (0.05, "are not"),
            (0.7622, "tests once"),
            (0.8294, "its root"),
            (0.2, "|z| above"),
        ),
    ),
}

QUIZ = {
    "11.q1": Quiz(
        "11.q1",
        "Ten looks at p < .05 give how many false alarms?",
        {"a": "5 per cent", "b": "19 per cent", "c": "40 per cent"},
        "b",
        {
            "a": "That is one look.",
            "b": "Looks share data, but they add chances.",
            "c": "That is the dice formula.",
        },
    ),
    "11.q2": Quiz(
        "11.q2",
        "A 95 per cent interval covers the truth …",
        {"a": "at one planned look, in 95 of 100 tests", "b": "at every look, in 95 of 100 tests"},
        "a",
        {"a": "Its promise is for one look.", "b": "That is what a confidence sequence promises."},
    ),
    "11.q3": Quiz(
        "11.q3",
        "Half the width needs how many users?",
        {"a": "twice as many", "b": "four times as many"},
        "b",
        {
            "a": "The width falls with the root of n.",
            "b": "The width falls with the root of n, so n grows with the square.",
        },
    ),
    "11.q4": Quiz(
        "11.q4",
        "You use a confidence sequence, but look only once. What do you pay?",
        {"a": "nothing", "b": "the full price"},
        "b",
        {
            "a": "The price is for the looks you could take.",
            "b": "The width does not know how often you looked.",
        },
    ),
    "11.q5": Quiz(
        "11.q5",
        "When may tau be chosen?",
        {"a": "before the data", "b": "after a look, to fit the effect"},
        "a",
        {
            "a": "Then any tau is valid, and one near the smallest effect that matters is good.",
            "b": "A tau fitted to the data breaks the guarantee.",
        },
    ),
    "11.q6": Quiz(
        "11.q6",
        "A rate of 1 per cent. When do you start to read?",
        {"a": "at 30 users in the smaller arm", "b": "at some tens of events in the smaller arm"},
        "b",
        {
            "a": "30 users hold 0.3 events. The variance is not known then.",
            "b": "Events, not users, tell the variance of a rate.",
        },
    ),
}
