"""Exercises of notebook 05: size a test, trade days against the effect, and find a plan that cannot work."""

from __future__ import annotations

from abkit.exercises.checks import Choice, Near
from abkit.exercises.questions import Exercise, Quiz, Solution

_CHOICES = {
    "a": "Five days hold no second weekend, and 10,000 users an arm give a power of .354 for this effect.",
    "b": "Whole weeks, at least two, and enough users: 62,468 at 4,000 a day is 15.6 days, so three weeks.",
    "c": "Sixteen days count two weekdays three times and the others twice. Round up to whole weeks.",
    "d": "Daily active users are mostly the same people each day. Only new units add to n.",
}

EXERCISES = {
    "05.1": Exercise(
        "05.1",
        1,
        "A clinic's booking rate is 20 per cent. You want to detect a lift of 10 per cent with power .80 at"
        " alpha .05. How many users does each arm need?",
        Near(
            6510.0,
            1.0,
            why="20 against 22 per cent: 6,510 users in each arm.",
            slips=(
                (294.0, "You added 10 percentage points. A lift of 10 per cent of 20 is 2 points."),
                (13020.0, "That is both arms together. The question asks for one."),
                (8714.0, "That is power .90. The plan asks for .80."),
                (6507.0, "That is the unpooled formula. The test of the notebook pools under the null."),
            ),
            step=(
                "Use `ab.sample_size_proportions` with the baseline and the relative lift, and read"
                " `.n_control`."
            ),
        ),
        (
            "Change the baseline in the call of the notebook.",
            "`ab.sample_size_proportions(0.20, lift=0.10).n_control`",
        ),
        Solution(6510, "`ab.sample_size_proportions(0.20, lift=0.10).n_control`: 20 against 22 per cent."),
        (
            (294, "percentage points"),
            (13020, "both arms"),
            (8714, "power .90"),
            (6507, "unpooled"),
            (5, "relative lift"),
        ),
    ),
    "05.2": Exercise(
        "05.2",
        2,
        "You need 31,234 users in each of two arms. Each day 4,000 new users come, and 20,000 users are"
        " active. How long do you run? a) 5 days, b) 21 days, c) 16 days, d) 4 days, because 20,000 are"
        " active each day.",
        Choice("b", _CHOICES),
        ("Add both arms, and divide by NEW users.", "Does each weekday count equally in your answer?"),
        Solution("b", "62,468 / 4,000 = 15.6 days. Whole weeks: 21 days."),
        (("a", "second weekend"), ("c", "whole weeks"), ("d", "same people"), (21, "one of the letters")),
    ),
    "05.3": Exercise(
        "05.3",
        3,
        "100 communities of 50 users each are assigned whole, half to each arm. The ICC is .05 and all have"
        " the same size. How many independent users is this worth in each arm?",
        Near(
            724.6,
            1.0,
            why="2,500 users an arm divided by the design effect 3.45.",
            slips=(
                (2500.0, "You counted users as independent. Users of one community resemble each other."),
                (50.0, "That is the number of communities. It would be right if the ICC were 1."),
                (8625.0, "You multiplied by the design effect. Clusters make users worth less."),
                (1449.3, "That is both arms together. The question asks for each arm."),
            ),
            step="Divide the users of one arm by `ab.design_effect(50, 0.05)`.",
        ),
        ("How many users does each arm hold?", "Their worth is n divided by 1 + (m - 1)·ICC."),
        Solution(724.6, "50 communities × 50 users = 2,500 users an arm; 2,500 / 3.45 = 724.6."),
        (
            (2500, "independent"),
            (50, "number of communities"),
            (8625, "worth less"),
            (1449.3, "both arms"),
            (1, "Divide"),
        ),
    ),
    "05.4": Exercise(
        "05.4",
        3,
        "Bug hunt. Bo plans 5 to 5.5 per cent with d = 0.005/√(.05 × .95). He gets 29,826 users an arm and"
        " writes 'power .80'. What is the power of the test that he will run, to three decimals?",
        Near(
            0.782,
            6e-4,
            why="5.5 per cent has a larger variance than 5 per cent. He left it out.",
            slips=(
                (0.8, "You trusted the plan. It uses the variance of control for both arms."),
                (0.218, "That is the chance to miss the effect. Power is the rest."),
                (0.49, "You split 29,826 over two arms. They are in EACH arm."),
            ),
            step="Put 0.05, 0.055 and 29,826 into `ab.power_proportions`.",
            unit="share",
        ),
        ("Which variance is missing in d?", "`ab.power_proportions(0.05, 0.055, 29_826).power`"),
        Solution(
            0.7816, "`ab.power_proportions(0.05, 0.055, 29_826).power`. With both variances he needs 31,234."
        ),
        ((0.8, "control for both"), (0.218, "miss the effect"), (0.49, "EACH arm"), (0.5, "29,826")),
    ),
}

QUIZ = {
    "05.q1": Quiz(
        "05.q1",
        "What does a 95 per cent interval promise?",
        {
            "a": "95 of 100 such intervals cover the truth",
            "b": "95 per cent of the users lie in it",
            "c": "the effect is real",
        },
        "a",
        {
            "a": "It is a promise of the method, over many experiments.",
            "b": "It is about the effect, not about users.",
            "c": "An interval can cover zero, or miss the truth.",
        },
    ),
    "05.q2": Quiz(
        "05.q2",
        "You have four times as many users. What happens to the standard error?",
        {"a": "it is a quarter", "b": "it is a half", "c": "it stays"},
        "b",
        {
            "a": "The variance is a quarter. The standard error is its root.",
            "b": "It shrinks with √n.",
            "c": "More users, less noise.",
        },
    ),
    "05.q3": Quiz(
        "05.q3",
        "Control books at 10 per cent, treatment at 11. What is the lift?",
        {"a": "1 per cent", "b": "10 per cent"},
        "b",
        {
            "a": "That is the difference in percentage points.",
            "b": "One point is 10 per cent of the baseline.",
        },
    ),
    "05.q4": Quiz(
        "05.q4",
        "The effect you look for is half as large. How many users do you need?",
        {"a": "twice as many", "b": "about four times as many", "c": "the same"},
        "b",
        {
            "a": "Noise shrinks with √n only.",
            "b": "Units grow with 1/effect².",
            "c": "A smaller effect hides in the noise.",
        },
    ),
    "05.q5": Quiz(
        "05.q5",
        "Which effect belongs in the plan?",
        {
            "a": "the effect seen last week",
            "b": "the smallest effect that changes the decision",
            "c": "the effect the team hopes for",
        },
        "b",
        {
            "a": "The power at an observed effect is only another way to write its p-value.",
            "b": "Below it you would not act, so you need not see it.",
            "c": "Hope makes tests too small.",
        },
    ),
    "05.q6": Quiz(
        "05.q6",
        "Ten harmless guardrails are independent and each passes with power .80. All must pass. How often do"
        " they?",
        {"a": "in 80 per cent", "b": "in 11 per cent", "c": "never"},
        "b",
        {"a": "That is one guardrail alone.", "b": ".8 to the power ten is .107.", "c": "All ten can pass."},
    ),
}
