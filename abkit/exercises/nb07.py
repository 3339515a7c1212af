"""Exercises of notebook 07: count what peeking does, know what an early win is worth, and choose a rule that
keeps its promise.
"""

from __future__ import annotations

import numpy as np

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution

LICENCE = 240_000  # euros a year


def _signed(guess: float | None, value: float) -> str:
    """Say what a win in so many tests means for the licence."""
    return (
        f"One planned look gives 2.5. Of 100 useless ideas, {value:.0f} licences of {LICENCE:,} euros a year"
        " are signed."
    )


def _gone(guess: float | None, value: float) -> str:
    return f"The other {100 - value:.0f} licences were signed on a morning that was gone by the end."


def _claimed(guess: float | None, value: float) -> str:
    return f"A forecast from such a win promises {value / 1.5:.1f} times what comes."


PREDICTIONS = {
    "07.p1": Prediction(
        "07.p1",
        "A player that changes nothing runs for 30 days. The team looks every morning. The first significant"
        " morning ends the test: better, and they sign; worse, and they drop it. In how many of 100 such"
        " tests do they sign?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=14.0,
        consequence=_signed,
    ),
    "07.p2": Prediction(
        "07.p2",
        "Take 100 useless changes that won on some morning, and let each run on to day 30. How many of them"
        " are still significantly better on day 30?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=17.6,
        consequence=_gone,
    ),
    "07.p3": Prediction(
        "07.p3",
        "Now the player is really better, by 1.5 minutes. Some tests win within their first ten days. What"
        " gap do these wins show, on average?",
        unit="minutes",
        low=0,
        high=60,
        answer=3.57,
        step=0.1,
        consequence=_claimed,
    ),
}


def _early_factor(rng: np.random.Generator) -> float:
    """Divide the mean gap of wins in ten days by a true lift of half a minute, as the notebook does."""
    from abkit.datasets.running import running_tests

    real = running_tests(10_000, lift=0.5, rng=rng)
    early = (real.result > 0) & (real.alarm <= 10)
    return float(real.claim[early].mean()) / 0.5


def _doubled(rng: np.random.Generator) -> tuple[str, float]:
    """Simulate Lena's rule on two equal halves."""
    from abkit.datasets.running import running_tests

    two = running_tests(10_000, days=2, rng=rng)
    score = np.abs(two.gap / two.band)
    alarm = (score[:, 0] > 1) | ((score[:, 0] > 0.344) & (score[:, 1] > 1))
    return "b", 100 * float(alarm.mean())


_WIN_ONLY = "That counts losses too. Amara signs for wins only: half of the alarms."
_DICE = "You treated looks as dice. Day 10 holds the users of day 9, so looks agree."
_DAY_9: dict[str, str] = {
    "a": "In 30 days such a morning comes in 14 of 100 tests of a useless change, not in 2.5.",
    "b": "The plan promised one look. Its risk holds only if day 30 decides, whatever day 9 shows.",
    "c": "More users because a result is close is one more look. It adds to the risk of the plan.",
}

EXERCISES: dict[str, Exercise] = {
    "07.1": Exercise(
        "07.1",
        1,
        "A test runs for two weeks and is looked at every day: 14 looks. The first alarm ends it. In how many"
        " of 100 tests of a useless change is that alarm a win? Fill the blank of `50 *"
        " ab.peeking_error(____)`.",
        Near(
            answer=10.98,
            tol=0.03,
            unit="of 100 tests",
            why="14 looks give 11.0 useless wins in 100, 4.4 times the 2.5 of one look.",
            step="Which number does the call want: looks or users? Which part of its alarms are wins?",
            slips=(
                (21.96, _WIN_ONLY),
                (2.5, "That is one look. They look 14 times."),
                (
                    35.0,
                    (
                        "You added up 14 times 2.5. That is only an upper limit, for the looks share their"
                        " users."
                    ),
                ),
                (25.6, _DICE),
                (14.0, "That is the rate at 30 looks."),
            ),
        ),
        (
            "You are asked for wins only, and for the number of looks in two weeks.",
            "Take the call that gave the exact wins for 30 looks, and change the number.",
            "`50 * ab.peeking_error(____)`",
        ),
        Solution(10.98, "`50 * ab.peeking_error(14)`: half of the 22.0 alarms in 100."),
        (
            (21.96, "losses too"),
            (2.5, "one look"),
            (35, "upper limit"),
            ("26%", "dice"),
            (3, "looks or users"),
        ),
    ),
    "07.2": Exercise(
        "07.2",
        2,
        "The plan says: 30 days, one look. On day 9 somebody shows you a significant win. What do you do, and"
        " why?",
        Choice(
            "b",
            why=_DAY_9,
            options={
                "a": "sign, since the risk is 2.5 in 100",
                "b": "run to day 30, and let it decide",
                "c": "add two weeks if day 30 is close",
            },
            step="Ask what you would do if day 9 had shown nothing.",
        ),
        (
            "You are asked which choice keeps the promise that was made before the data.",
            "Imagine a dull day 9. A rule that keeps its promise does the same on both mornings.",
            "The plan looks once, on day ____.",
        ),
        Solution("b", "Only a rule that was fixed before the data has a known risk."),
        (("a", "14 of 100"), ("c", "one more look"), (9, "one of the letters")),
    ),
    "07.3": Exercise(
        "07.3",
        3,
        "Now the player adds only 0.5 minutes. A team looks every day for"
        " 30 days. Write code that plays 10,000 such tests. How many times the truth is the gap of a win in"
        " the first ten days, on average?",
        Near(
            answer=7.509,
            tol=0.02,
            unit="times the truth",
            noise=0.45,
            why=(
                "Such wins show 3.8 minutes, even more than the 3.6 of a lift of 1.5. The size tells you"
                " where the band was, not what the player does."
            ),
            step="Check the lift, which wins your code takes, and what it divides by.",
            slips=(
                (2.38, "That is the factor for a lift of 1.5 minutes."),
                (3.755, "That is the gap in minutes. Divide it by the truth."),
                (5.36, "That counts wins of all 30 days, the late ones too."),
                (4.31, "That counts losses too. Amara signs for wins only."),
                (1.0, "All tests together show the truth. The early winners are picked by their luck."),
            ),
        ),
        (
            "You are asked for the mean gap of early wins, divided by the true lift.",
            (
                "The cell of your third guess does this for another lift. Change the lift, and divide at the"
                " end."
            ),
            (
                "`real = ab.datasets.running_tests(10_000, lift=____, rng=rng)`, then `early` and `claims` as"
                " before, and `claims.mean() / ____`."
            ),
        ),
        Solution(
            7.509,
            "`real = ab.datasets.running_tests(10_000, lift=0.5, rng=rng)`, `early = (real.result > 0) &"
            " (real.alarm <= 10)`, `real.claim[early].mean() / 0.5`. Plan with the interval of the last day,"
            " never with the size of an early win.",
        ),
        (
            (2.4, "lift of 1.5"),
            (3.76, "in minutes"),
            (5.4, "late ones too"),
            (4.3, "losses too"),
            (1, "picked by their luck"),
            (40, "what it divides by"),
        ),
        method=_early_factor,
    ),
    "07.4": Exercise(
        "07.4",
        3,
        "Bug hunt. Lena looks on the planned last day. If p is between .05 and .5, she runs the test for as"
        " long again and looks once more. She writes: 'I looked at the planned end only, so 5 per cent of"
        " useless changes give an alarm.' Which flaw is it, and what per cent of useless changes give her an"
        " alarm? (p below .5 is a gap of more than .344 half bands.)",
        Both(
            Choice(
                "b",
                why={
                    "a": (
                        "Two looks for everybody would give 8.3 per cent. She looks again at promising tests"
                        " only."
                    ),
                    "b": "The second look is a second chance for an alarm.",
                    "c": (
                        "More users make the band narrower, and the gap of a useless change shrinks with it."
                    ),
                },
                options={
                    "a": "she looks twice at every test",
                    "b": "a close call gets a 2nd chance",
                    "c": "more users widen the 2nd band",
                },
                step="Follow one test with p = .3 on the planned last day.",
            ),
            Near(
                answer=7.85,
                tol=0.08,
                unit="per cent",
                noise=1.35,
                why="7.85 per cent: 5 at the planned end, and 2.85 more on the second chance.",
                step="Play many tests of two equal halves, and apply her rule to each.",
                slips=(
                    (5.0, "The second look can only add alarms to the first."),
                    (9.75, _DICE),
                    (8.31, "That is two looks for everybody. She stops when p is above .5."),
                ),
            ),
        ),
        (
            "You are asked what her second look adds, and to which tests.",
            (
                "Make tests of two days, where day 1 is the planned end. An alarm is a gap beyond the band on"
                " day 1, or a close call there and a gap beyond the band on day 2."
            ),
            (
                "`two = ab.datasets.running_tests(10_000, days=2, rng=rng)`, then `score = abs(two.gap /"
                " two.band)` and `first, second = score[:, 0], score[:, 1]`; the alarms are `(first > 1) |"
                " ((first > ____) & (second > 1))`, where `|` means 'or'."
            ),
        ),
        Solution(
            ("b", 7.85), "A rule that looks again when a result is close is a stop rule with two looks."
        ),
        (
            (("a", 7.85), "promising tests only"),
            (("b", "5%"), "only add alarms"),
            (("b", 9.75), "dice"),
            (("b", 30), "two equal halves"),
        ),
        method=_doubled,
    ),
}


QUIZ = {
    q.key: q
    for q in (
        Quiz.of(
            "07.q1",
            "Both arms get the same version. How often is p below .05 at one look that was planned?",
            "b",
            a=("in none of 20 tests", "Chance alone can give any p."),
            b=("in 1 of 20 tests", "That is what .05 means."),
            c=("in 10 of 20 tests", "p is below .5 in half of the tests."),
        ),
        Quiz.of(
            "07.q2",
            "Four times the users: how large is the standard error of a mean?",
            "a",
            a=("half as large", "It falls with the square root of the number of users."),
            b=("a quarter of it", "That would need 16 times the users."),
            c=("twice as large", "More users never make it larger."),
        ),
        Quiz.of(
            "07.q3",
            "What has to be fixed before the first user enters a test?",
            "c",
            a=("the estimate and its error", "The data give both."),
            b=("nothing, p corrects for it", "p knows nothing of looks that could have happened."),
            c=("the users and the rule", "Then the risk of a false win is known."),
        ),
        Quiz.of(
            "07.q4",
            "Two daily looks in a row agree far more often than two throws of a die. Why?",
            "c",
            a=("a test slows down with its days", "Each day brings as many users as the day before."),
            b=("each day has a new set of users", "Then looks would be as independent as dice."),
            c=("each look holds the earlier ones", "Most users of day 10 were there on day 9."),
        ),
        Quiz.of(
            "07.q5",
            "A change really helps, and its test was stopped on an early win. On average its gap is then …",
            "a",
            a=("too large", "With few users only a large gap leaves the band."),
            b=("about right", "The stop picks the lucky tests out."),
            c=("too small", "A small gap does not stop a test early."),
        ),
        Quiz.of(
            "07.q6",
            "You must look every week. Which of these keeps its promise?",
            "a",
            a=("a plan with a bound for each look", "All looks together then spend one risk of 5 per cent."),
            b=(
                "p below .05 at any one of the looks",
                "Four such looks already give 13 alarms in 100 useless changes.",
            ),
            c=(
                "p below .05 at two looks in a row",
                "Looks agree: 30 of them still give 18 alarms in 100 useless changes.",
            ),
        ),
    )
}
