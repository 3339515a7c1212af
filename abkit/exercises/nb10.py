"""Exercises of notebook 10: plan looks, pay for them, and report what is valid after a stop."""

from __future__ import annotations

from abkit.exercises.checks import Choice, Near
from abkit.exercises.questions import Exercise, Quiz, Solution

_PLAN = {
    "a": "Four plain tests at .05 give a false alarm in 12.6 per cent of tests without an effect.",
    "b": (
        "Bonferroni is safe, but its last bound is 2.50, far from a plain 1.96; and the looks share their"
        " data."
    ),
    "c": "High bounds early and 2.02 at the end: the price is 2.4 per cent more units.",
    "d": "Then a very large effect, good or bad, runs to the end. A plan lets you look safely.",
}

EXERCISES = {
    "10.1": Exercise(
        "10.1",
        1,
        "Plan four equal looks with the O'Brien-Fleming design at alpha .05. What is the z of the last look?",
        Near(
            2.0243,
            5e-4,
            why="C = 2.0243 for four looks; the first look needs twice as much, 4.05.",
            slips=(
                (1.96, "That is the bound of a single look. Earlier looks have spent some alpha."),
                (
                    2.3613,
                    "That is Pocock's constant. O'Brien-Fleming asks for more early and less at the end.",
                ),
                (4.0486, "That is the first look. The question asks for the last."),
                (2.0401, "That is the constant for five looks."),
                (2.0141, "That is O'Brien-Fleming spending. Name the classical bound with design=."),
            ),
            step="Read the last entry of `.upper` of the plan.",
        ),
        (
            "Use `ab.group_sequential` with `design=`.",
            '`ab.group_sequential(4, design="obrien_fleming").upper[-1]`',
        ),
        Solution(2.0243, "Pocock's constant for four looks is 2.3613, at every look."),
        (
            (1.96, "single look"),
            (2.3613, "Pocock"),
            (4.0486, "first look"),
            (2.04, "five looks"),
            (2.0141, "spending"),
        ),
    ),
    "10.2": Exercise(
        "10.2",
        2,
        "You want to stop early only for a very large effect, and the last look should be almost a plain"
        " test. You look four times. a) plain .05 each time, b) .05/4 each time, c) O'Brien-Fleming, d) no"
        " looks.",
        Choice("c", _PLAN),
        (
            "Which plan keeps the last bound near 1.96?",
            "Compare `.upper[-1]` and `ab.inflation` of the plans.",
        ),
        Solution("c", "O'Brien-Fleming needs 2.4 per cent more units at most; Pocock 20 per cent."),
        (("a", "12.6"), ("b", "last bound is 2.50"), ("d", "runs to the end"), (7, "one of the letters")),
    ),
    "10.3": Exercise(
        "10.3",
        3,
        "A Pocock plan with five equal looks ends without a crossing: z = 0.4, 1.2, 1.7, 1.9, 2.1. Give the"
        " stagewise p-value (two-sided).",
        Near(
            0.06387,
            5e-4,
            why="p = .064 is above .05, as no bound was crossed.",
            slips=(
                (0.03573, "That is the plain p-value of the last look. It forgets the four looks before."),
                (0.03193, "That is one side only. The plan has two."),
            ),
            step="Give the five z values and the plan to `ab.stagewise`, and read `.pvalue`.",
            unit="share",
        ),
        (
            'The plan first: `ab.group_sequential(5, design="pocock")`.',
            "`ab.stagewise([0.4, 1.2, 1.7, 1.9, 2.1], plan).pvalue`",
        ),
        Solution(
            0.06387, "Stopping earlier counts as stronger evidence. The plain p of .036 contradicts the plan."
        ),
        ((0.0357, "plain p-value"), (0.0319, "one side"), (0.5, "stagewise")),
    ),
    "10.4": Exercise(
        "10.4",
        3,
        "Bug hunt. Tom plans five looks with the bounds 1.96·√(5/j), j = 1 to 5, and writes 'O'Brien-Fleming,"
        " alpha = .05'. What is the false-alarm rate, as a share?",
        Near(
            0.0610,
            6e-4,
            why="His last bound is 1.96. The constant for five looks is 2.040.",
            slips=(
                (0.05, "Then his last look alone would spend all of it. The earlier looks spend some more."),
                (0.142, "That is the rate of five plain tests. His early bounds are higher."),
            ),
            step="Measure it: the share of paths that cross on any of the five looks.",
            unit="share",
        ),
        ("The notebook measured this rate.", "A last bound of 1.96 spends .05 alone."),
        Solution(0.0610, "The shape is right and the constant is missing: 2.040·√(5/j)."),
        ((0.05, "earlier looks"), (0.142, "plain tests"), (0.3, "Measure")),
    ),
}

QUIZ = {
    "10.q1": Quiz(
        "10.q1",
        "Five looks, each at p < .05, no effect: the false-alarm rate is …",
        {"a": "5 per cent", "b": "14 per cent", "c": "23 per cent"},
        "b",
        {
            "a": "That holds for one look.",
            "b": "The looks share data: 14.2 per cent.",
            "c": "That is the dice formula.",
        },
    ),
    "10.q2": Quiz(
        "10.q2",
        "Information is …",
        {"a": "1/se²", "b": "the p-value", "c": "days"},
        "a",
        {
            "a": "For most metrics it grows with the number of users.",
            "b": "The p-value depends on the effect.",
            "c": "Ten days with few users hold little.",
        },
    ),
    "10.q3": Quiz(
        "10.q3",
        "Power is …",
        {"a": "the chance to find a real effect of the planned size", "b": "1 − alpha"},
        "a",
        {"a": "Usually planned as .8.", "b": "That is the chance of silence without an effect."},
    ),
    "10.q4": Quiz(
        "10.q4",
        "The last bound of O'Brien-Fleming with five looks is …",
        {"a": "1.96", "b": "2.04", "c": "2.41"},
        "b",
        {"a": "That is a test without looks.", "b": "The early looks cost little.", "c": "That is Pocock."},
    ),
    "10.q5": Quiz(
        "10.q5",
        "After an early stop the plain estimate is on average …",
        {"a": "too large", "b": "right"},
        "a",
        {"a": "A lucky high value is what crossed the bound.", "b": "Stopping selects high values."},
    ),
    "10.q6": Quiz(
        "10.q6",
        "A non-binding futility bound …",
        {"a": "may be ignored without more false alarms", "b": "must be obeyed"},
        "a",
        {"a": "The efficacy bounds do not count on it.", "b": "That is a binding bound."},
    ),
}
