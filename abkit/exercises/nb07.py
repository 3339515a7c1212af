"""Exercises of notebook 07: predict, measure and stop the errors of peeking."""

from __future__ import annotations

from abkit.exercises.checks import Choice, Near
from abkit.exercises.questions import Exercise, Quiz, Solution

_DICE = "You used 1 - (1 - a)^k: looks are not dice. Day 9 contains the users of day 8."

_DAY_9 = {
    "a": "p = .03 on a day you chose because p was small is no 3 per cent risk. With 30 looks the risk is 28 per cent.",
    "b": "Multiplying p by 9 is safe but wasteful, and it forgets the looks that would have come.",
    "c": "The plan promised one look. Its 5 per cent holds only if day 30 decides, whatever day 9 shows.",
    "d": "Adding users because p is close is one more look. It also breaks the 5 per cent.",
}

EXERCISES = {
    "07.1": Exercise(
        "07.1",
        1,
        "A test runs for two weeks. The team looks every day, 14 looks, and stops when p < .05. What is the chance of a "
        "false alarm, as a share?",
        Near(
            0.2196,
            2e-3,
            why="14 looks give 22.0 per cent, 4.4 times the promise.",
            slips=(
                (0.5123, _DICE),
                (0.05, "That is the chance at one look. They look 14 times."),
                (0.7, "You added the 14 chances. That is only an upper bound."),
            ),
            step="Call `ab.peeking_error` with the number of looks.",
            unit="share",
        ),
        ("Change the number of looks in a call of the notebook.", "`ab.peeking_error(14)`"),
        Solution(0.2196, "`ab.peeking_error(14)` carries the chance of no alarm from look to look."),
        (
            (0.5123, "not dice"),
            (0.05, "one look"),
            (0.7, "upper bound"),
            (0.3, "peeking_error"),
        ),
    ),
    "07.2": Exercise(
        "07.2",
        2,
        "The plan says: 30 days, one look. On day 9 somebody shows you p = .03. What do you do? a) ship, b) multiply p by 9 "
        "and go on looking, c) run to day 30 and decide there, d) if p is between .05 and .2 on day 30, add two weeks.",
        Choice("c", _DAY_9),
        (
            "Which of the four keeps the promise that was made before the data?",
            "Ask what you would do after p = .30 on day 9.",
        ),
        Solution(
            "c", "The number on day 9 changes nothing: only a rule fixed before the data has a known error."
        ),
        (("a", "28 per cent"), ("b", "wasteful"), ("d", "one more look"), (9, "one of the letters")),
    ),
    "07.3": Exercise(
        "07.3",
        3,
        "A team insists on ten daily looks, with the same threshold for p at each. Write code that finds the threshold at "
        "which the ten looks together have a false-alarm rate of .05.",
        Near(
            0.01062,
            1e-4,
            why="p < .0106 at each of ten looks: the plan of Pocock (1977).",
            slips=(
                (
                    0.005,
                    "You divided by ten. That is safe, but the looks share data, so their error is only 2.5 per cent.",
                ),
                (
                    0.005116,
                    "You solved 1 - (1 - a)^10 = .05: looks are not dice. Their error at this a is only 2.6 per cent.",
                ),
                (2.555, "That is the bound for z. The question asks for the threshold of p."),
                (0.05, "At .05 each, ten looks give 19.3 per cent."),
            ),
            step="Find a with `ab.peeking_error(10, a)` equal to .05.",
            unit="share",
        ),
        (
            "`ab.peeking_error(10, a)` rises with a. Try a few values.",
            "`scipy.optimize.brentq(lambda a: ab.peeking_error(10, a) - 0.05, 0.001, 0.05)`",
        ),
        Solution(
            0.01062, "`ab.group_sequential(10, design='pocock')` gives the same threshold as z = 2.555."
        ),
        (
            (0.005, "divided by ten"),
            (0.005116, "not dice"),
            (0.05, "19.3 per cent"),
            (2.555, "bound for z"),
            (2.55501, "bound for z"),
            (0.02, "equal to .05"),
        ),
    ),
    "07.4": Exercise(
        "07.4",
        3,
        "Bug hunt. Lena looks once, at the planned end. Only if .05 < p < .5 she doubles the users and looks again. She "
        "writes: 'I never peeked, so the error is 5 per cent'. What is it, as a share?",
        Near(
            0.0785,
            8e-4,
            why="Doubling is a second chance: .0785. It costs less than a free second look, but it is not free.",
            slips=(
                (0.05, "The second look is a second chance for a false alarm. It can only add."),
                (0.0676, "That is the error for .05 < p < .2. She doubles up to .5."),
                (0.0975, "You used 1 - .95²: looks are not dice. The doubled sample contains the first."),
                (0.0831, "That is two looks for everybody. She stops when p > .5."),
            ),
            step="Use the integral of the notebook with .5 in place of .2.",
            unit="share",
        ),
        ("Which experiments get a second chance?", "`one_doubling(0.5)`"),
        Solution(
            0.0785, "One look gives .05. The experiments with .05 < p < .5 add .0285 on their second look."
        ),
        (
            (0.05, "second chance"),
            (0.0676, "up to .5"),
            (0.0975, "not dice"),
            (0.0831, "for everybody"),
            (0.5, "integral"),
        ),
    ),
}

QUIZ = {
    "07.q1": Quiz(
        "07.q1",
        "In an A/A test both arms get the same version. How often is p below .05 at one planned look?",
        {"a": "never", "b": "in 1 of 20 tests", "c": "in 1 of 2 tests"},
        "b",
        {
            "a": "Chance alone can give any p.",
            "b": "That is what .05 means.",
            "c": "p is below .5 in 1 of 2 tests.",
        },
    ),
    "07.q2": Quiz(
        "07.q2",
        "Four times the users: the standard error becomes …",
        {"a": "half as large", "b": "a quarter", "c": "twice as large"},
        "a",
        {
            "a": "It falls with the square root of n.",
            "b": "That would need 16 times the users.",
            "c": "More users never make it larger.",
        },
    ),
    "07.q3": Quiz(
        "07.q3",
        "What must be fixed before the data?",
        {"a": "the number of users and the rule", "b": "the estimate", "c": "nothing, p corrects for it"},
        "a",
        {
            "a": "Then the error has a known rate.",
            "b": "The data give the estimate.",
            "c": "p knows nothing of looks that could have happened.",
        },
    ),
    "07.q4": Quiz(
        "07.q4",
        "Why are ten looks worse than one, but better than ten dice?",
        {
            "a": "each look is a new sample",
            "b": "each look contains all earlier looks",
            "c": "p-values grow with n",
        },
        "b",
        {
            "a": "Then the dice formula would be right.",
            "b": "Looks agree often, so they add less than new chances.",
            "c": "Without an effect p has no trend.",
        },
    ),
    "07.q5": Quiz(
        "07.q5",
        "A test with a true effect stops early because p < .05. Its estimate is on average …",
        {"a": "too small", "b": "right", "c": "too large"},
        "c",
        {
            "a": "Small estimates do not stop a test early.",
            "b": "The stop selects large estimates.",
            "c": "Only a large estimate is significant with few users.",
        },
    ),
    "07.q6": Quiz(
        "07.q6",
        "You must look every week. Which rule keeps its promise?",
        {
            "a": "p < .05 at any look",
            "b": "a plan with a bound for each look",
            "c": "P(B > A) > .95 at any look",
        },
        "b",
        {
            "a": "Thirty such looks give 28 per cent.",
            "b": "All looks together spend one alpha.",
            "c": "Thirty such looks ship 24 per cent of A/A tests.",
        },
    ),
}
