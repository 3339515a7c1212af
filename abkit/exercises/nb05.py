"""Exercises of notebook 05: count what a test finds, size it for what pays, and turn users into days."""

from __future__ import annotations

from typing import Any

import numpy as np

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution

HOPE, TRAFFIC = 31_234, 4_000  # users in each arm for half a point, and new visitors a day
FOUND = 35.4  # of 100 tests of 10,000 users in each arm find half a point


def _missed(guess: float | None, value: float) -> str:
    """Say what the other tests report: the heap counts 36, and the exact share is 35.4."""
    near = ", so 35 is as good" if guess is not None and round(guess) == 35 else ""
    return (
        f"Exactly: {FOUND}{near}. The other {100 - FOUND:.1f} say 'no significant difference' of a page that"
        " works."
    )


def _longer(guess: float | None, value: float) -> str:
    """Say what the users mean in days."""
    return (
        f"That is {value / HOPE:.1f} times {HOPE:,}: {2 * value / TRAFFIC:.0f} days of Noor's traffic, not"
        f" {2 * HOPE / TRAFFIC:.0f}."
    )


def _undecided(guess: float | None, value: float) -> str:
    """Say how the other tests end."""
    return f"The other {100 - value:.0f} end inconclusive, though this page earns twice its cost."


PREDICTIONS = {
    "05.p1": Prediction(
        "05.p1",
        "The new page really brings half a point: 5 against 5.5 per cent. Each test has 10,000 users in each"
        " arm. In how many of 100 such tests does the gap lie beyond the line?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=FOUND,
        consequence=_missed,
    ),
    "05.p2": Prediction(
        "05.p2",
        "For 5 against 5.5 per cent, 31,234 users in each arm give power .80. How many users in each arm does"
        " 5 against 5.25 per cent take?",
        unit="users",
        low=1_000,
        high=1_000_000,
        answer=122_124,
        step=2_000,
        consequence=_longer,
    ),
    "05.p3": Prediction(
        "05.p3",
        "The new page brings the hoped-for half a point. The test has 42,000 users in each arm. Noor ships if"
        " the whole interval lies above a quarter point. In how many of 100 such tests does she ship?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=36.9,
        consequence=_undecided,
    ),
}


def _found(rng: np.random.Generator, p: float = 0.08, q: float = 0.086, users: int = 12_000) -> float:
    """Count the tests (of the shop) that find the effect, as the notebook does."""

    def gaps(control: float, treatment: float) -> Any:
        return rng.binomial(users, treatment, 100_000) - rng.binomial(users, control, 100_000)

    line = 1.96 * gaps((p + q) / 2, (p + q) / 2).std()
    return 100 * float((gaps(p, q) > line).mean())


_DAYS = {
    "a": "Of the 20,000 active users, 4,000 are new. A user who comes back adds nothing.",
    "b": "Two weekdays would count three times and the others twice. Take whole weeks.",
    "c": "62,468 new users at 4,000 a day are 15.6 days; whole weeks make 21.",
}

EXERCISES: dict[str, Exercise] = {
    "05.1": Exercise(
        "05.1",
        1,
        "On a clinic's page 20 of 100 visitors book. A reminder pays from 2 percentage points on. How many"
        " users does each arm need for power .80? Fill the blanks of `ab.sample_size_proportions(____,"
        " p_treatment=____).n_control`.",
        Near(
            answer=6510,
            tol=9,  # 6,502 by the printed formula, with 1.96 and .84
            unit="users",
            why="20 against 22 per cent: 6,510 users in each arm.",
            step="Which two rates does the call want? Does your number count one arm?",
            slips=(
                (13_020, "That is both arms together. The question asks for each arm."),
                (47, "You typed the effect, .02, where the rate of the treatment belongs."),
                (158_150, "You read 2 per cent of 20, a lift. It is 2 points."),
                (8714, "That is power .90. The question asks for .80."),
                (3255, "You halved it. The call gives the users of one arm already."),
            ),
        ),
        (
            "You are asked for the users of one arm, for the smallest effect that pays.",
            "The first rate is the page as it is. The second is that rate plus 2 points.",
            "`ab.sample_size_proportions(0.20, p_treatment=____).n_control`",
        ),
        Solution(6510, "`ab.sample_size_proportions(0.20, p_treatment=0.22).n_control`."),
        (
            (13_020, "both arms"),
            ("13,000 users", "both arms"),
            (8714, "power .90"),
            (500, "two rates"),
        ),
    ),
    "05.2": Exercise(
        "05.2",
        2,
        "You need 31,234 users in each of two arms. Only new users enter the test: 4,000 come each day;"
        " 20,000 users are active each day. How long do you run, and why?",
        Choice(
            "c",
            why=_DAYS,
            options={
                "a": "4 days: 20,000 users a day",
                "b": "16 days: 62,468 by 4,000",
                "c": "21 days: whole weeks only",
            },
            step="Ask who enters the test for the first time, and which weekdays it holds.",
        ),
        (
            "You are asked which users count, and which durations treat every weekday alike.",
            "Add the users of both arms, divide by those who are new, and look at the weekdays.",
            "2 · 31,234 / ____, then up to a multiple of ____ days.",
        ),
        Solution("c", "62,468 / 4,000 = 15.6 days, so three whole weeks."),
        (("a", "comes back"), ("b", "whole weeks"), (21, "one of the letters")),
    ),
    "05.3": Exercise(
        "05.3",
        3,
        "In a shop 8 of 100 visitors buy. A new basket really brings 8.6. The test has 12,000 users in each"
        " arm. Write code that plays 100,000 such tests. In how many of 100 does the gap lie beyond the right"
        " line?",
        Near(
            answer=39.15,
            tol=0.3,
            unit="of 100 tests",
            noise=1.8,
            why="Power .39: 61 of 100 such tests say 'no significant difference' of a basket that works.",
            step="Check the rates, the users of one arm, and where your line stands.",
            slips=(
                (60.85, "That is how many tests miss the effect."),
                (22.1, "You split the 12,000 over two arms. They are in each arm."),
                (2.5, "That is the world without an effect. Count the second heap."),
                (51.6, "Your line stands 1.645 standard errors out. It belongs at 1.96."),
                (66.4, "That is with 24,000 users in each arm."),
            ),
        ),
        (
            "You are asked for the share of the second heap beyond the line.",
            (
                "Make two heaps with `gaps`: without an effect, both at the mean of the two rates, and with"
                " the effect. The line comes from the first."
            ),
            (
                "`line = 1.96 * gaps(0.083, 0.083, ____).std()`, then `100 * (gaps(0.08, ____, ____) >"
                " line).mean()`"
            ),
        ),
        Solution(
            39.15,
            "`line = 1.96 * gaps(0.083, 0.083, 12_000).std()`, `100 * (gaps(0.08, 0.086, 12_000) >"
            " line).mean()`. By formula: `100 * ab.power_proportions(0.08, 0.086, 12_000).power`.",
        ),
        (
            (61, "miss the effect"),
            (22, "split"),
            (2.5, "without an effect"),
            (51.6, "1.645"),
            (90, "where your line stands"),
        ),
        method=_found,
    ),
    "05.4": Exercise(
        "05.4",
        3,
        "Bug hunt. Bo plans 5 against 5.5 per cent. `n = ab.sample_size_proportions(0.05,"
        " p_treatment=0.055).n_control` is 31,234. He has 2,231 new users a day, half in each arm, and"
        " computes `n / 2_231`: 14 days. He runs two weeks and reports 'power .80'. Which flaw is it, and"
        " what is the power of his test (a share, or per cent)?",
        Both(
            Choice(
                "a",
                why={
                    "a": "His 14 days bring 31,234 users in all: 15,617 in each arm.",
                    "b": "Two full weeks hold each weekday twice. That is as it should be.",
                    "c": "From 5 to 5.5 per cent is half a point, and that is what the call got.",
                },
                options={
                    "a": "n counts one arm, not two",
                    "b": "weekends are counted twice",
                    "c": "lift and points are mixed",
                },
                step="Count the users of each arm after 14 days.",
            ),
            Near(
                answer=0.5084,
                tol=0.0006,
                noise=0.012,
                unit="share",
                why="He plans .80 and gets .508: his test misses half of such effects.",
                step="Put the users of one arm into the call that gives power.",
                slips=(
                    (0.80, "That is the power with 31,234 users in each arm."),
                    (0.4916, "That is the chance to miss the effect."),
                    (0.9774, "That is 62,468 users in each arm. He has fewer than planned, not more."),
                ),
            ),
        ),
        (
            "You are asked what `n` counts, and what his users can find.",
            "Count the users of one arm after 14 days, and compute the power for them.",
            "`ab.power_proportions(0.05, 0.055, ____).power`",
        ),
        Solution(("a", 0.5084), "`ab.power_proportions(0.05, 0.055, 15_617).power`. He needs 28 days."),
        (
            (("b", 0.5084), "each weekday twice"),
            (("c", 0.5084), "half a point"),
            (("a", 0.8), "in each arm"),
            (("a", "49.2%"), "miss the effect"),
            (("a", 0.2), "users of one arm"),
        ),
        method=lambda rng: ("a", f"{_found(rng, 0.05, 0.055, 15_617)}%"),
    ),
}


QUIZ = {
    q.key: q
    for q in (
        Quiz.of(
            "05.q1",
            "What does a method of 95 per cent intervals promise?",
            "a",
            a=("95 of 100 such intervals hold the truth", "It is a promise over many tests."),
            b=("95 of 100 users lie inside the interval", "It is about the effect, not about users."),
            c=("the effect is real in 95 of 100 changes", "How many changes work is another question."),
        ),
        Quiz.of(
            "05.q2",
            "Both arms see the same page. What is the gap between their rates?",
            "c",
            a=("0, for the pages are equal", "The visitors differ, and chance sends them to the arms."),
            b=("5 in 100, the false alarms", "That is how often chance alone gives an alarm. It is no gap."),
            c=("near 0, new in each test run", "Chance gives another gap each time."),
        ),
        Quiz.of(
            "05.q3",
            "The control books at 10 per cent, the treatment at 11. How large is the gap?",
            "b",
            a=("10 percentage points", "That is 10 against 20 per cent."),
            b=("1 percentage point", "And it is a lift of 10 per cent of the baseline."),
            c=("a lift of 1 per cent", "That is 10 against 10.1 per cent."),
        ),
        Quiz.of(
            "05.q4",
            "A test with power .35 for what pays says 'no significant difference'. What follows?",
            "c",
            a=("the change has no effect", "65 of 100 such tests say so of a change that pays."),
            b=("the change harms a little", "The gap may have either sign."),
            c=("little: most tests miss it", "Look at the interval, and plan a test with enough users."),
        ),
        Quiz.of(
            "05.q5",
            "Which effect belongs in the plan?",
            "a",
            a=("the smallest effect that pays", "Then what pays and what does not can be told apart."),
            b=("the effect the team hopes for", "Hope makes tests too small."),
            c=("the effect of last week's test", "It has its own luck in it; winners show too much."),
        ),
        Quiz.of(
            "05.q6",
            "A plan for a lift of 10 per cent takes four weeks. How long for a lift of 5?",
            "b",
            a=("about 8 weeks", "Twice the users make the heaps only 1.4 times narrower."),
            b=("about 16 weeks", "Half the distance takes four times the users."),
            c=("4 weeks as well", "A smaller effect hides in the same spread."),
        ),
    )
}
