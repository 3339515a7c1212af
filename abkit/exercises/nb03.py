"""Exercises of notebook 03: detect, localise and react to a sample-ratio mismatch."""

from __future__ import annotations

from abkit.exercises.checks import Choice, Near
from abkit.exercises.questions import Exercise, Quiz, Solution

_REACTION = {
    "a": "The interval assumes that the arms differ only by the treatment. Lost users break that.",
    "b": "Dropping users at random makes the counts equal. The lost users stay lost, and the bias stays.",
    "c": "Find where users were lost, repair it, and run again. Until then no effect can be read.",
    "d": "More users shrink the standard error. The bias does not shrink with n.",
}

EXERCISES = {
    "03.1": Exercise(
        "03.1",
        1,
        "The plan is 90 per cent control, 10 per cent treatment. You count 9,070 and 930 users. What is the"
        " p-value?",
        Near(
            0.01963,
            5e-4,
            why="chi-square is 5.44 with 1 df. At .001 this is no alarm.",
            slips=(
                (0.0, "You assumed an equal split. Give the planned shares, 0.9 and 0.1."),
                (5.444, "That is the chi-square statistic. The question asks for its p-value."),
                (5.44, "That is the chi-square statistic. The question asks for its p-value."),
                (0.98037, "You took the lower tail. A large distance from the plan is the upper tail."),
            ),
            step="Pass the counts and the planned shares to `ab.srm`, control first, and read `.pvalue`.",
            unit="share",
        ),
        (
            "Change the counts and the shares in the cell with `ab.srm`.",
            "`ab.srm([9_070, 930], [0.9, 0.1]).pvalue`",
        ),
        Solution(0.01963, "The expected counts are 9,000 and 1,000: 70²/9,000 + 70²/1,000 = 5.44."),
        (
            (0.0, "equal split"),
            (5.444, "statistic"),
            (5.44, "statistic"),
            (0.98037, "lower tail"),
            (0.5, "planned shares"),
        ),
    ),
    "03.2": Exercise(
        "03.2",
        2,
        "SRM has p = 1.8e-6. The effect is +2 per cent, and its interval excludes zero. What do you do? a)"
        " ship, b) drop users from the larger arm at random until the arms are equal, c) find and repair the"
        " cause, then run again, d) run two more weeks and read the effect then.",
        Choice("c", _REACTION),
        (
            "Which users are missing: a random part, or a special part?",
            "Does any calculation bring them back?",
        ),
        Solution("c", "The missing users can differ from the rest. No later calculation can know how."),
        (
            ("a", "differ only by the treatment"),
            ("b", "stay lost"),
            ("d", "bias does not shrink"),
            (7, "one of the letters"),
        ),
    ),
    "03.3": Exercise(
        "03.3",
        3,
        "The plan is 80 per cent control, 20 per cent treatment. In one segment you count 32,000 and 7,300"
        " users, and only treatment lost users. About how many did it lose?",
        Near(
            700.0,
            100.0,
            why=(
                "Control shows the size: 32,000 × 0.2/0.8 = 8,000 were assigned (give or take 100), 7,300"
                " arrived."
            ),
            slips=(
                (
                    560.0,
                    (
                        "You took 20 per cent of the observed total. The total has lost the same users: start"
                        " from control."
                    ),
                ),
                (8_000.0, "That is how many were assigned. Subtract the 7,300 that arrived."),
                (24_700.0, "You took the difference of the arms. The plan is not an equal split."),
            ),
            step="Which number of treatment users belongs to 32,000 control users at 80 to 20?",
        ),
        (
            "Control lost nobody, so it tells you the size of the segment.",
            "32,000 users are 80 per cent. What is 20 per cent?",
        ),
        Solution(
            700, "About 8,000 treatment users belong to 32,000 control users. 8,000 - 7,300 = 700 ± 100."
        ),
        (
            (560, "observed total"),
            (8_000, "Subtract the 7,300"),
            (24_700, "not an equal split"),
            (100, "80 to 20"),
        ),
    ),
    "03.4": Exercise(
        "03.4",
        3,
        "Bug hunt. Rosa checks the counts every day for 30 days with the fixed test at .01. She writes: 'a"
        " sound experiment has a 1 per cent chance of an alarm'. What is the chance, as a share?",
        Near(
            0.0744,
            6e-3,
            why="Repeated looks add chances, but the looks share their data: .0744.",
            slips=(
                (0.01, "That is one look at .01, or 30 looks at .001. She looks 30 times at .01."),
                (0.2603, "You used 1 - (1 - a)^k: looks are not dice. Day 9 contains the users of day 8."),
                (0.3, "You added the 30 chances. That is only an upper bound."),
            ),
            step="Look at the simulated rate of the 30 daily looks, for alpha .01.",
            unit="share",
        ),
        (
            "The notebook measured this rate.",
            "The looks share users, so the answer lies between .01 and .26.",
        ),
        Solution(0.0744, "With .001 a day it is .0096. A sequential check keeps one alpha for all looks."),
        (
            (0.01, "one look"),
            (0.0096, "30 looks at .001"),
            (0.2603, "not dice"),
            (0.3, "upper bound"),
            (0.5, "simulated rate"),
        ),
    ),
}

QUIZ = {
    "03.q1": Quiz(
        "03.q1",
        "A stable assignment puts a returning user into …",
        {"a": "the same arm as before", "b": "a new random arm", "c": "the smaller arm"},
        "a",
        {
            "a": "The arm is a function of the user and the salt.",
            "b": "Then one user would see both versions.",
            "c": "An arm that depends on the counts is no random assignment.",
        },
    ),
    "03.q2": Quiz(
        "03.q2",
        "What makes the two arms comparable?",
        {"a": "equal counts", "b": "random assignment", "c": "a large number of users"},
        "b",
        {
            "a": "A 90/10 test is as sound as a 50/50 test.",
            "b": "Chance alone decides the arm, so nothing else differs on average.",
            "c": "A large biased test is biased.",
        },
    ),
    "03.q3": Quiz(
        "03.q3",
        "In a sound experiment, how often is p below .001 at one look?",
        {"a": "never", "b": "in 1 of 1,000 experiments", "c": "in 1 of 20 experiments"},
        "b",
        {
            "a": "Chance alone can give any count.",
            "b": "That is what the threshold .001 means.",
            "c": "That is the rate at .05.",
        },
    ),
    "03.q4": Quiz(
        "03.q4",
        "A planned 90/10 test shows 9,000 and 1,000 users. What does SRM say?",
        {"a": "alarm", "b": "no alarm"},
        "b",
        {
            "a": "You compared with an equal split. The plan is 90/10.",
            "b": "The counts are exactly as planned.",
        },
    ),
    "03.q5": Quiz(
        "03.q5",
        "SRM passes. What do you know?",
        {"a": "the effect is real", "b": "the counts give no sign of lost users", "c": "no user was lost"},
        "b",
        {
            "a": "SRM reads counts. It never reads the metric.",
            "b": "It is a necessary check, no proof.",
            "c": "Both arms can lose the same share, and a small loss can hide.",
        },
    ),
    "03.q6": Quiz(
        "03.q6",
        "You look at the counts every day. Which check keeps its promise?",
        {"a": "the fixed test at .01", "b": "the sequential check", "c": "no check until the end"},
        "b",
        {
            "a": "30 daily looks give a false alarm in 7.4 per cent of sound experiments.",
            "b": "One alpha holds for all looks together.",
            "c": "A broken test would run for weeks.",
        },
    ),
}
