"""Exercises of notebook 04: read an interval against what pays, choose the call, test it in A/A tests."""

from __future__ import annotations

import numpy as np

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution


def _losses(guess: float | None, value: float) -> str:
    return f"In {value:.0f} of 100 tests a page that pays looks like a loss, by the luck of who came."


def _above(guess: float | None, value: float) -> str:
    return (
        f"In the other {100 - value:.0f} the interval holds zero or lies below it: with 5,000 users this gain"
        " mostly stays unproved."
    )


def _flat(guess: float | None, value: float) -> str:
    return "No value of p is favoured: 'no effect' does not mean a large p."


PREDICTIONS = {
    "04.p1": Prediction(
        "04.p1",
        "Amara's page truly gains 0.425 euros a user. She runs the same test 100 times, with 5,000 new users"
        " in each arm every time. In how many of the 100 does the new page look worse than the old one (an"
        " estimate below zero)?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=7.8,
        consequence=_losses,
    ),
    "04.p2": Prediction(
        "04.p2",
        "Each of 100 repetitions gives a 95 per cent interval. The page truly gains. In how many of the 100"
        " does the whole interval lie above zero, so that the test shows a gain?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=29.3,
        consequence=_above,
    ),
    "04.p3": Prediction(
        "04.p3",
        "You run 100 A/A tests: both arms see the same page. In how many of them does p lie between .95 and"
        " 1?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=5.0,
        consequence=_flat,
    ),
}


def _second_country(rng: np.random.Generator) -> tuple[str, float]:
    """Read the lower end of clicks per view, in points; the table is fixed."""
    from abkit.datasets.commerce import shop_table
    from abkit.inference.means import ratio
    from abkit.moments import Moments

    second = shop_table(1_000, rng=np.random.default_rng(14))
    arms = Moments.from_table(second, ["clicks", "views"], by="arm")
    found = ratio(arms["control"], arms["treatment"], numerator="clicks", denominator="views")
    return "b", 100 * float(found.low)


def _doubled_rows(rng: np.random.Generator) -> tuple[str, float]:
    """Count A/A tests beyond 1.96 standard errors of a table that holds every user twice."""
    from abkit.datasets.commerce import repeated_shop

    nothing = repeated_shop(2_000, gain=0.0, rng=rng)
    return "a", 100 * float((np.abs(nothing.estimate) > 1.96 * nothing.se / 2**0.5).mean())


_TWO_TESTS = {
    "a": "Test A is significant, but its interval ends at 0.30. All that fits is less than what pays.",
    "b": "Test B holds 0.60 too, more than what pays. 'Not significant' is not 'no effect'.",
    "c": "All of A lies below 0.40. B holds values on both sides of 0.40, so it leaves the decision open.",
}

EXERCISES: dict[str, Exercise] = {
    "04.1": Exercise(
        "04.1",
        1,
        "A clinic tests a new booking page. The estimate is 1.80 minutes saved, with a standard error of"
        " 0.50 minutes. Where does the 95 per cent interval begin, in minutes, with two decimals? Fill the"
        " blank of `1.80 - ____ * 0.50`.",
        Near(
            answer=0.82,
            tol=0.0051,
            unit="minutes",
            why="1.80 − 1.96 · 0.50. If one minute pays, the clinic cannot say yet whether it does.",
            step="Within how many standard errors to each side does the truth lie in 95 of 100 experiments?",
            slips=(
                (0.80, "You took 2 standard errors. Take the multiple with two decimals."),
                (1.30, "That is one standard error. Of 100 such intervals 68 hold the truth."),
                (2.78, "That is where the interval ends."),
                (0.98, "That is half of the length. Take it off the estimate."),
                (0.30, "That is 3 standard errors: more than the promise needs."),
            ),
        ),
        (
            "You are asked for the lower end of an interval.",
            "The interval is the estimate, less and plus a multiple of the standard error.",
            "`1.80 - ____ * 0.50`, with the multiple that holds 95 of 100",
        ),
        Solution(0.82, "`1.80 - 1.96 * 0.50`. The interval is 0.82 to 2.78 minutes."),
        (
            (0.8, "2 standard errors"),
            (1.3, "one standard error"),
            (2.78, "ends"),
            (0.98, "half of the length"),
            (0.3, "3 standard errors"),
            (7, "to each side"),
        ),
    ),
    "04.2": Exercise(
        "04.2",
        2,
        "A change pays from 0.40 euros a user. Test A: interval 0.05 to 0.30, p = .006. Test B: interval"
        " −0.20 to 0.60, p = .33. What do you decide, and why?",
        Choice(
            "c",
            why=_TWO_TESTS,
            options={
                "a": "ship A, since p is small; stop B",
                "b": "stop A, it cannot pay; stop B also",
                "c": "stop A; inconclusive about test B",
            },
            step="Lay each interval beside 0.40, not beside zero.",
        ),
        (
            "You are asked to read two intervals against what pays.",
            "For each test ask: does all of the interval lie on one side of what pays?",
            "A lies ____ 0.40; B lies ____ 0.40.",
        ),
        Solution("c", "A has an effect that is too small to pay. B has not decided anything yet."),
        (("a", "ends at 0.30"), ("b", "not 'no effect'"), (0.4, "one of the letters")),
    ),
    "04.3": Exercise(
        "04.3",
        3,
        "Amara tests her product list in a second country: `second = ab.datasets.shop_table(1_000,"
        " rng=np.random.default_rng(14))`. Do clicks per view rise? Which call fits, and where does its 95"
        " per cent interval begin, in points (clicks per 100 views)?",
        Both(
            Choice(
                "b",
                why={
                    "a": "Views of one user are alike: this is Tom's error. Its p-value cannot be trusted.",
                    "b": "Users were assigned, and each brings two counts.",
                    "c": "A view is still no unit, whichever call reads it.",
                },
                options={
                    "a": "ab.proportions, one row a view",
                    "b": "ab.ratio, one row for a user",
                    "c": "ab.welch, one row for a view",
                },
                step="What does one user give here: a number, yes or no, or two counts?",
            ),
            Near(
                answer=-0.508,
                tol=0.05,
                unit="points",
                why="From −0.5 to 3.8 points: this p-value may be trusted, and no effect still fits. With"
                " views as units it would begin at 0.3 and look like a gain.",
                step="Name the arms, and read the lower end, times 100.",
                slips=(
                    (0.292, "That comes from views as units. Its standard error is too small."),
                    (1.662, "That is the estimate. The interval begins lower."),
                    (3.832, "That is where the interval ends."),
                    (-3.832, "You took control minus treatment."),
                    (0.508, "Look at the sign: the interval begins below zero."),
                    (-0.027, "That is the mean of each user's own rate. Here the sums are divided."),
                ),
            ),
        ),
        (
            "You are asked for the call that fits the metric, and for the lower end of its interval.",
            "Find the row of the metric in the table of calls. Keep one row a user, then call it.",
            (
                "`arms = ab.Moments.from_table(second, ['clicks', 'views'], by='arm')`, then `found ="
                " ____(arms['control'], arms['treatment'], numerator='clicks', denominator='views')` and"
                " `100 * found.low`"
            ),
        ),
        Solution(
            ("b", -0.508),
            "`ab.ratio` with clicks over views: −0.5 to 3.8 points. Views as units say 0.3 to 3.0.",
        ),
        (
            (("a", 0.29), "Tom's error"),
            (("c", -0.5), "no unit"),
            (("b", 0.3), "views as units"),
            (("b", 1.66), "the estimate"),
            (("b", "3.8 points"), "ends"),
            (("b", -3.8), "control minus treatment"),
            (("b", 0.5), "sign"),
            (("b", -0.03), "own rate"),
            (("b", 9), "lower end"),
        ),
        method=_second_country,
    ),
    "04.4": Exercise(
        "04.4",
        3,
        "Bug hunt. Tom joins two tables, and every user now stands twice in the result. He writes: 'The"
        " estimate is as before, and I have 10,000 users in each arm.' He takes 1.96 standard errors of this"
        " table. Which flaw is it, and in how many of 100 A/A tests does he find a significant effect?",
        Both(
            Choice(
                "a",
                why={
                    "a": "A copy is no new user. His standard error is too small, by the square root of 2.",
                    "b": "Both arms are doubled, so the two means and their gap stay the same.",
                    "c": "The copies go into both arms alike. The arms still differ by chance only.",
                },
                options={
                    "a": "the standard error is too small",
                    "b": "the estimate is twice as large",
                    "c": "the two arms differ by design",
                },
                step="What does a row twice change: the means, the arms, or the n in the formula?",
            ),
            Near(
                answer=16.58,
                tol=0.1,
                unit="of 100 tests",
                noise=4.2,
                why="Twice the rows give 16.6 false alarms in 100 instead of 5.",
                step="Play A/A tests, and divide each standard error by what the copies divide it by.",
                slips=(
                    (5.0, "That is the promise. His standard error does not keep it."),
                    (10.0, "Twice the rows do not give twice the false alarms."),
                    (32.7, "You divided the standard error by 2. The formula takes a square root."),
                    (0.56, "You made the standard error larger. Copies make it smaller."),
                    (8.29, "That is one side. A gap beyond either end counts."),
                ),
            ),
        ),
        (
            "You are asked what copies do to the formula of the standard error, and then to A/A tests.",
            (
                "In the formula n doubles and the spread stays. Play worlds without effect, and count gaps"
                " beyond 1.96 of his standard errors."
            ),
            (
                "`nothing = ab.datasets.repeated_shop(2_000, gain=0, rng=rng)`, then `toms = nothing.se /"
                " ____` and `100 * (abs(nothing.estimate) > 1.96 * toms).mean()`"
            ),
        ),
        Solution(
            ("a", 16.58),
            "`toms = nothing.se / 2**0.5`: 1.96 of his errors are 1.39 true ones. One row a user, always.",
        ),
        (
            (("b", 16.58), "stay the same"),
            (("c", 16.58), "by chance only"),
            (("a", "5%"), "the promise"),
            (("a", 10), "twice the false alarms"),
            (("a", 32.7), "square root"),
            (("a", 8.3), "one side"),
            (("a", 70), "A/A tests"),
        ),
        method=_doubled_rows,
    ),
}


QUIZ = {
    q.key: q
    for q in (
        Quiz.of(
            "04.q1",
            "Before you read an effect, what do you check?",
            "a",
            a=("that the counts fit the plan", "If users are missing, no interval helps."),
            b=("that the p-value is very small", "p is a result, not a check."),
            c=("that both arms have equal means", "The effect is the difference of the means."),
        ),
        Quiz.of(
            "04.q2",
            "A user comes back on three days of a test. In the table this user is …",
            "c",
            a=("three rows, a row for each day", "Rows of one user are alike. They are no new users."),
            b=("one row, with the first day only", "That throws away what the user did later."),
            c=("one row, with the sum of the days", "Users were assigned, so a user is the unit."),
        ),
        Quiz.of(
            "04.q3",
            "Users are assigned by chance. What does that make sure?",
            "b",
            a=("both arms are equal in every test", "They differ by chance in each test."),
            b=(
                "only chance decides who sees what",
                "So nothing else explains a gap but chance and the page.",
            ),
            c=("all the users react to it alike", "Users still differ, and so may effects."),
        ),
        Quiz.of(
            "04.q4",
            "The interval is −0.3 to 0.9 euros. The change pays from 0.4. What do you say?",
            "b",
            a=("no effect, for it holds 0", "0.6 fits the data as well as 0 does, and it pays."),
            b=("inconclusive: it holds 0.4", "Values that pay and values that do not pay both fit."),
            c=("a gain of about 0.3 euros", "That is the middle. The ends fit too."),
        ),
        Quiz.of(
            "04.q5",
            "What does the 95 of a 95 per cent interval count?",
            "c",
            a=(
                "users whose gain lies in the interval",
                "It is about the mean effect, not about single users.",
            ),
            b=("next estimates that lie in the interval", "On average 83 of 100 do."),
            c=(
                "repetitions whose interval is right",
                "The promise belongs to the rule, over many experiments.",
            ),
        ),
        Quiz.of(
            "04.q6",
            "In A/A tests a method gives p below .05 in 22 of 100 cases. What follows?",
            "a",
            a=("its p-values cannot be trusted", "A sound method gives 5. Often rows are no units."),
            b=("22 of the 100 pages do differ", "In an A/A test both arms see the same page."),
            c=("the test has too few users", "Few users do not make a sound method do this."),
        ),
    )
}
