"""Exercises of notebook 11: look always, know the price, and decide against what pays."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution

ERROR = 1.9  # standard error of the gap of one day, in points


def _fair(guess: float | None, value: float) -> str:
    return "So 20 euros are rare luck: a team with 100 useless forms sees about three such bets in a year."


def _users(guess: float | None, value: float) -> str:
    return f"So the same width takes {value**2:.2f} times the visitors, and that on the best morning."


def _lost(guess: float | None, value: float) -> str:
    return f"With tau of 2 points it is 96: Noor misses {96 - value:.0f} more good forms of 100."


PREDICTIONS = {
    "11.p1": Prediction(
        "11.p1",
        "A useless form is looked at on each of 365 mornings. Of 100 such tests, how many ever reach 20"
        " euros?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=2.70,
        consequence=_fair,
    ),
    "11.p2": Prediction(
        "11.p2",
        "How many times as wide as the plain interval of one planned look is the interval for every morning,"
        " on its best morning?",
        unit="times as wide",
        low=1,
        high=10,
        answer=1.5485,
        step=0.1,
        consequence=_users,
    ),
    "11.p3": Prediction(
        "11.p3",
        "Noor looks on 20 mornings. With tau of 2 points she finds 96 of 100 forms that add 2 points. With"
        " tau of 100 points, how many of 100 does she find?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=77.0,
        consequence=_lost,
    ),
}


def _omar(rng: np.random.Generator) -> tuple[str, float]:
    """Count the useless forms that make Omar rich, with his line in `money_paths`."""
    most = np.ones(10_000)
    for day in range(1, 8):
        today, error = rng.normal(0, ERROR, 10_000), ERROR / day**0.5
        most = np.maximum(most, norm.pdf(today, 0, (error**2 + 4) ** 0.5) / norm.pdf(today, 0, error))
    return "b", 100 * float((most >= 20).mean())


def _best_tau(rng: np.random.Generator) -> float:
    """Search the tau as the notebook would: its `times_as_wide` for each tau."""
    error, taus, away = 0.3, np.arange(0.1, 3.05, 0.1), np.arange(0, 30, 0.001)
    wide = [
        away[
            norm.pdf(away * error, 0, (error**2 + t**2) ** 0.5) / norm.pdf(away * error, 0, error) < 20
        ].max()
        for t in taus
    ]
    return float(taus[int(np.argmin(wide))])


EXERCISES: dict[str, Exercise] = {
    "11.1": Exercise(
        "11.1",
        1,
        "Noor's boss wants a stricter promise: a wrong interval in at most 1 of 100 tests, not 5. What is the"
        " lower end of the interval of day 10 then, in percentage points? With `effects` and `money` of day"
        " 10, fill the blank in `effects[money < ____].min()`.",
        Near(
            -0.2373,
            2e-3,
            why="The limit is 100 euros, and zero is inside again: a stricter promise needs more days.",
            step="At most how many of 100 useless forms may reach the limit? The average stays 1 euro.",
            slips=(
                (0.1010, "That is the interval with 20 euros, for 5 wrong ones of 100."),
                (0.4497, "With 5 euros, 20 of 100 useless forms may reach the limit."),
                (4.2773, "That is the upper end."),
                (0.2373, "The size is right. Look at its sign."),
            ),
            unit="points",
        ),
        (
            "You are asked for the smallest effect that is still standing, under a higher limit.",
            "5 of 100 belongs to 20 euros, since 5 times 20 is 100. Which limit belongs to 1 of 100?",
            "`effects[money < ____].min()`, with the limit in euros",
        ),
        Solution(-0.2373, "`effects[money < 100].min()`: 1 of 100 with 100 euros makes 1 euro on average."),
        (
            (0.101, "20 euros"),
            (0.45, "5 euros"),
            (4.28, "upper end"),
            (0.2373, "sign"),
            (2, "how many of 100"),
        ),
    ),
    "11.2": Exercise(
        "11.2",
        2,
        "Another form pays from 2 points on. Its rule: interval above 2 points, ship; below, stop; else"
        " extend. tau was fixed before the data. On day 30 the confidence sequence goes from 0.05 to 2.73"
        " points. What does the rule say, and why?",
        Choice(
            "c",
            why={
                "a": "Zero is out, so there is an effect. It pays only from 2 points on, and it may be 0.05.",
                "b": "Some effects that pay, from 2 to 2.73, still stand.",
                "c": "2 is inside: the form may pay, or may not. Waiting breaks no promise.",
            },
            options={
                "a": "ship: zero is outside",
                "b": "stop: 0.05 is too little",
                "c": "extend: 2 is inside",
            },
            step="Hold both ends of the interval against what pays.",
        ),
        (
            "You are asked to compare an interval with the smallest effect that pays.",
            "Say for each end whether the form would pay. Then read the rule again.",
            "`low, high = 0.05, 2.73`, then `low > ____` and `high < ____`",
        ),
        Solution("c", "0.05 would not pay and 2.73 would. The rule looks at 2 points, not at zero."),
        (("a", "only from 2"), ("b", "still stand"), (4, "one of the letters")),
    ),
    "11.3": Exercise(
        "11.3",
        3,
        "At the end of a clinic's test the standard error of the gap will be 0.3 points. Write code that"
        " tries a tau of 0.1, 0.2, 0.3 and so on, up to 3 points. With which tau is the interval tightest"
        " then? Give that tau in percentage points.",
        Near(
            0.9,
            0.1,
            why="From .8 to 1 points the width differs by less than 1 per cent: any of them does.",
            step="Print `times_as_wide` for each tau, with the error of the end. Where is it smallest?",
            slips=(
                (0.3, "That is the standard error at the end. The best tau is larger."),
                (2.5, "You took tau²/error² for tau/error: a root is missing."),
                (1.5485, "That is the width at the best tau. The question asks for tau."),
                (2.0, "That is Noor's tau. Look for the one that suits this clinic's error."),
            ),
            unit="points",
        ),
        (
            "You are asked for the tau at which `times_as_wide` is smallest, for one standard error.",
            "Loop over the values of tau. Print each tau beside its `times_as_wide`.",
            "`for tau in np.arange(0.1, 3.1, 0.1): print(tau, times_as_wide(____, tau))`",
        ),
        Solution(
            0.9,
            "`times_as_wide(0.3, tau)` is smallest, 1.55, at tau = .9: about three times the error. A test"
            " planned to find an effect in 80 of 100 has an error of about a third of it: tau is near that"
            " effect.",
        ),
        (
            (0.3, "standard error at the end"),
            (2.46, "root"),
            (2.0, "Noor's tau"),
            (1.55, "asks for tau"),
            (4.0, "smallest"),
        ),
        method=_best_tau,
    ),
    "11.4": Exercise(
        "11.4",
        3,
        "Bug hunt. Omar copies `money_paths` for Noor's site, but writes `money_of(today, 1.9 / day**0.5,"
        " tau)`, with `today` in place of `total / day`. He stops at 20 euros and says 'always valid'. Which"
        " flaw is it, and how many of 100 useless forms make him stop within 7 days?",
        Both(
            Choice(
                "b",
                why={
                    "a": "20 euros is the right limit for 5 of 100.",
                    "b": "Today's gap moves by 1.9 points every day; his narrow bell forgets that.",
                    "c": "Fixing tau before the data is what the promise needs.",
                },
                options={
                    "a": "20 euros are too low a limit",
                    "b": "the error is not that of today",
                    "c": "tau was fixed too early on",
                },
                step="Which standard error has the gap of one day's visitors?",
            ),
            Near(
                61.43,
                0.5,
                why="61 of 100 within a week. The right bet needs a year for 2.7.",
                step="Draw useless forms with his copy of `money_paths`: a lift of 0, and 7 days.",
                slips=(
                    (2.7, "That is the right bet, in a year. Omar's bet is not fair."),
                    (5.0, "That is the promise. Omar's bet does not keep it."),
                    (28.0, "That is looking at 1.96 for 30 days. Omar's flaw is another one."),
                ),
                unit="of 100 tests",
                noise=3.5,
            ),
        ),
        (
            "You are asked what is wrong with his two bells, and what it costs in a week.",
            "Copy `money_paths`, name it `omar`, change the line as he did, and count the useless forms.",
            "`paths = omar(____, ____)`, then `100 * (paths.max(axis=1) >= 20).mean()`",
        ),
        Solution(
            ("b", 61.43),
            "Two bells of different looks. The gap of all visitors so far belongs to `1.9 / day**0.5`: that"
            " bet is fair.",
        ),
        (
            (("a", 61), "right limit"),
            (("c", 61), "promise needs"),
            (("b", 2.7), "in a year"),
            (("b", 5), "does not keep"),
            (("b", 28), "30 days"),
            (("b", 90), "Draw useless"),
        ),
        method=_omar,
    ),
}


QUIZ = {
    q.key: q
    for q in (
        Quiz.of(
            "11.q1",
            "A useless change is read on 30 mornings, each time at 1.96 standard errors. How many of 100 such"
            " tests alarm on some morning?",
            "b",
            a=("5 of them", "That holds for one morning."),
            b=("28 of them", "Mornings share users, so their alarms overlap: 28.0."),
            c=("79 of them", "That would be right for dice. Mornings share users."),
        ),
        Quiz.of(
            "11.q2",
            "You want half the standard error. How many users do you need?",
            "a",
            a=("four times as many", "The error falls with the square root of the users."),
            b=("just twice as many", "The error falls with the square root of the users."),
            c=("eight times as many", "Four times are enough: the root of 4 is 2."),
        ),
        Quiz.of(
            "11.q3",
            "A plain 95 per cent interval goes from 0.1 to 3.9 points. The change pays from 1 point on. What"
            " do you know?",
            "c",
            a=("it works, and it pays", "An effect of 0.1 would not pay, and it is inside."),
            b=("it works, too little", "An effect of 3.9 would pay, and it is inside."),
            c=("it works, may not pay", "Zero is out, but 1 point is inside."),
        ),
        Quiz.of(
            "11.q4",
            "You use a confidence sequence, but read it on one morning only. What do you pay?",
            "a",
            a=("the price of all looks", "The width does not know how often you looked."),
            b=("the price of one look", "The width is for all looks that are possible."),
            c=("nothing but the wait", "The interval is wider than a plain one, read or not."),
        ),
        Quiz.of(
            "11.q5",
            "When may tau be chosen?",
            "c",
            a=("after the first look", "A tau that knows the data breaks the promise."),
            b=("at the largest gap", "A tau that knows the data breaks the promise."),
            c=("before the first data", "Then any tau is valid, and one near the effect is good."),
        ),
        Quiz.of(
            "11.q6",
            "The confidence sequence goes from 1.1 to 3.0 points on day 43. The change pays from 1 point on."
            " You …",
            "b",
            a=("wait a week", "All effects that still stand pay. Waiting costs money."),
            b=("ship it now", "All effects that still stand pay, and any day may be the last."),
            c=("stop it now", "Stop is for an interval below what pays."),
        ),
    )
}
