"""Exercises of notebook 10: plan looks and their price, follow one test, report it after a stop."""

from __future__ import annotations

import numpy as np

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution

WEEKS = 10  # of a test without looks


def _strict(guess: float | None, value: float) -> str:
    return "Without looks 1.96 is enough. So each of the five looks now asks for more, the last one too."


def _days(guess: float | None, value: float) -> str:
    days = 7 * WEEKS * value / 100
    return f"For Ines, whose one look takes {WEEKS} weeks, that is {days:.0f} days more at most."


def _kept(guess: float | None, value: float) -> str:
    return f"The dashboard promised at least 92 wins in 100 to each of them. {value:.0f} in 100 came."


PREDICTIONS = {
    "10.p1": Prediction(
        "10.p1",
        "Five looks, and the same bound at each. How high must it be, in standard errors, so that only 5 of"
        " 100 useless changes get beyond it, up or down, at some look?",
        unit="standard errors",
        low=1,
        high=6,
        answer=2.413,
        step=0.1,
        consequence=_strict,
    ),
    "10.p2": Prediction(
        "10.p2",
        "Five looks with the falling bound shall find 80 in 100, as one look does. How many per cent more"
        " users than for one look must you be ready for, at most?",
        unit="per cent more users",
        low=0,
        high=100,
        answer=2.84,
        step=0.5,
        consequence=_days,
    ),
    "10.p3": Prediction(
        "10.p3",
        "Take useless changes whose z at week 4 is above 1.96, and let them run on by Ines's plan. Of 100"
        " such tests, how many end as a win?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=32.4,
        consequence=_kept,
    ),
}


def _rate(rng: np.random.Generator) -> tuple[str, float]:
    """Count the useless changes that leave Tom's bounds, as the notebook counts."""
    looks = np.arange(1, 6)
    z = rng.normal(size=(100_000, 5)).cumsum(axis=1) / looks**0.5
    return "c", 100 * float((abs(z) > 1.96 * (5 / looks) ** 0.5).any(axis=1).mean())


EXERCISES: dict[str, Exercise] = {
    "10.1": Exercise(
        "10.1",
        1,
        "A test has four equal looks and the falling bound of O'Brien and Fleming. Which z does its last look"
        ' need? Fill the blank of `ab.group_sequential(____, design="obrien_fleming").upper[-1]`.',
        Near(
            2.0243,
            5e-4,
            why="Four looks end at 2.024, five at 2.040: the last look stays nearly a plain test.",
            step="Which number does the call want first, and what does `[-1]` pick?",
            slips=(
                (1.96, "That is the bound of a single look. The earlier looks have used some of the 5."),
                (2.3613, "That is the flat bound, Pocock's. The falling one asks for less at the end."),
                (4.0486, "That is the first look. The question asks for the last."),
                (2.0401, "That is the last bound of five looks."),
                (
                    2.0141,
                    "That is the plan with a budget (Going further). Here a `design=` is named.",
                ),
            ),
            unit="standard errors",
        ),
        (
            "You are asked for the bound at the end of a plan with four looks.",
            "Take the call that made the falling bound of five looks, and change the number of looks.",
            '`ab.group_sequential(____, design="obrien_fleming").upper[-1]`',
        ),
        Solution(
            2.0243, '`ab.group_sequential(4, design="obrien_fleming").upper[-1]`. The flat bound needs 2.361.'
        ),
        (
            (1.96, "single look"),
            (2.36, "flat bound"),
            (4.05, "first look"),
            (2.04, "five looks"),
            (2.0141, "with a budget"),
            (3, "what does"),
        ),
    ),
    "10.2": Exercise(
        "10.2",
        2,
        "Zara planned four equal looks with the falling bound of O'Brien and Fleming. Her z is 1.1 at look 1,"
        " 2.6 at look 2 and 2.2 at look 3. After look 2 a dashboard promised 99 wins in 100. What does her"
        " plan say after look 3, and why?",
        Choice(
            "a",
            why={
                "a": "2.6 is below the second bound, 2.86, and 2.2 below the third, 2.34. Look 4 needs 2.02.",
                "b": "2.6 came at look 2, and the bound of look 2 is 2.86. No bound was crossed.",
                "c": "Only a z below -2.34 stops look 3 as a loss. A gap that shrinks is no bound.",
            },
            options={"a": "go on to look 4", "b": "stop it as a win", "c": "stop it as a loss"},
            step="Put the four bounds beside the three values of z.",
        ),
        (
            "You are asked whether one of three looks has crossed its own bound.",
            "Print the bounds of her plan, and compare look by look. The promise of a dashboard is no bound.",
            "`ab.group_sequential(____, design=____).upper`",
        ),
        Solution(
            "a", "The bounds are 4.05, 2.86, 2.34 and 2.02. No bound is crossed, and look 4 is to come."
        ),
        (("b", "bound of look 2"), ("c", "no bound"), (9, "one of the letters")),
    ),
    "10.3": Exercise(
        "10.3",
        3,
        "A test with five looks and the flat bound of Pocock ends with z of 0.4, 1.2, 1.7, 1.9 and 2.1. No"
        " bound was crossed. Write code for the stagewise p-value (a share); `ab.stagewise` also takes a list"
        " of z.",
        Near(
            0.06387,
            5e-4,
            why="p is .064: above .05, as it must be where no bound was crossed.",
            step="Which plan belongs to these bounds, and which z values does the report want?",
            slips=(
                (0.03573, "That is the plain p of the last look. It forgets the four looks before."),
                (0.03193, "That is one side only. The plan has two."),
                (0.04544, "That belongs to the falling bound. This plan has a flat one."),
                (
                    0.04464,
                    "That belongs to the plan with a budget (Going further). This plan has a flat bound.",
                ),
            ),
            unit="share",
        ),
        (
            "You are asked for the p-value that knows all five looks.",
            "Make the plan first. The report takes the z values of all looks, in brackets, and the plan.",
            "`ab.stagewise([____], plan).pvalue`",
        ),
        Solution(
            0.06387,
            '`plan = ab.group_sequential(5, design="pocock")`, then `ab.stagewise([0.4, 1.2, 1.7, 1.9, 2.1],'
            " plan).pvalue`.",
        ),
        (
            (0.0357, "plain p"),
            (0.0319, "one side"),
            (0.0454, "falling bound"),
            (0.5, "which z values"),
        ),
    ),
    "10.4": Exercise(
        "10.4",
        3,
        "Bug hunt. Tom plans five looks with the bounds 1.96·√(5/look): 4.38, 3.10, 2.53, 2.19, 1.96. He"
        " writes: 'O'Brien-Fleming, 5 alarms in 100 useless changes.' Which flaw is it, and how many alarms"
        " in 100 does he get?",
        Both(
            Choice(
                "c",
                why={
                    "a": "The falling form is right: √(5/look) is what O'Brien and Fleming use.",
                    "b": "A very high first bound costs nearly nothing; it is no flaw.",
                    "c": "The last look alone uses all 5. The looks before add to them.",
                },
                options={
                    "a": "the bounds should all be equal",
                    "b": "the first bound is much too high",
                    "c": "the last look uses 5 by itself",
                },
                step="Which share of useless changes lies outside 1.96 on the last day alone?",
            ),
            Near(
                6.10,
                0.05,
                why="6.1 alarms: 5.0 on the last day, and 1.1 that were outside earlier only.",
                step="Draw useless changes as in the first simulation; hold each look against its bound.",
                slips=(
                    (5.0, "That would be right if he looked only once, at the end."),
                    (14.2, "That is five plain looks. His early bounds are higher."),
                    (3.05, "That counts wins only. He promises alarms, on both sides."),
                ),
                unit="of 100 tests",
                noise=0.38,
            ),
        ),
        (
            "You are asked what is wrong with his last bound, and what it costs.",
            "Take `z` of the first simulation. Each look has its own bound, so compare with five numbers.",
            "`bounds = [4.38, 3.10, 2.53, ____, ____]`, then `100 * (abs(z) > bounds).any(axis=1).mean()`",
        ),
        Solution(("c", 6.10), "The form is right, its constant is missing: 2.040·√(5/look)."),
        (
            (("a", 6.1), "form is right"),
            (("b", 6.1), "no flaw"),
            (("c", 5), "only once"),
            (("c", "14.2%"), "five plain looks"),
            (("c", 3.05), "wins only"),
            (("c", 40), "first simulation"),
        ),
        method=_rate,
    ),
}


QUIZ = {
    q.key: q
    for q in (
        Quiz.of(
            "10.q1",
            "A useless change is looked at five times; each look alarms at 5 in 100. How many of 100 such"
            " tests alarm?",
            "b",
            a=("5 tests", "That holds for one look."),
            b=("14 tests", "The looks share users, so the alarms overlap: 14.2."),
            c=("23 tests", "That would be right for five separate tests. Looks share users."),
        ),
        Quiz.of(
            "10.q2",
            "Four times the users: how large is the standard error of the gap?",
            "c",
            a=("twice as large", "More users never make it larger."),
            b=("just as large", "It falls with the square root of the users."),
            c=("half as large", "It falls with the square root of the users."),
        ),
        Quiz.of(
            "10.q3",
            "A plan has power .8 for an effect of 2 euros. What does that say?",
            "a",
            a=("2 real euros win in 80 of 100 tests", "Power is the chance to find an effect of that size."),
            b=("a win is a real one in 80 of 100", "That depends on how many ideas are good."),
            c=("the effect is 2 with chance .8", "Power says what a test does if the effect is 2."),
        ),
        Quiz.of(
            "10.q4",
            "You go from two planned looks to five, with the falling bound. The users you need at most …",
            "c",
            a=("more than double", "Five looks cost 2.8 per cent more than one look, two cost 0.8."),
            b=("stay the same", "Each look uses some of the 5 alarms."),
            c=("grow a little", "By 2.8 per cent instead of 0.8, against one look."),
        ),
        Quiz.of(
            "10.q5",
            "At look 2 of 5 z is 2.2 and the bound 3.23. The dashboard promises 97 wins in 100. You …",
            "a",
            a=("go on to look 3", "No bound is crossed, and the promise takes luck for the truth."),
            b=("ship it at once", "That is a look at 1.96: peeking."),
            c=("plan more looks", "A look that comes because of the data breaks the plan."),
        ),
        Quiz.of(
            "10.q6",
            "A test stopped early at its bound. What do you hold against the smallest effect that pays?",
            "b",
            a=("the plain interval", "It forgets that luck helped to cross the bound."),
            b=("the stagewise one", "It knows the looks, so it keeps its 95 in 100."),
            c=("the bound crossed", "The bound is about zero, not about what pays."),
        ),
    )
}
