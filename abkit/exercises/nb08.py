"""Exercises of notebook 08: count false wins of a family, choose a promise, and judge the best of many."""

from __future__ import annotations

import numpy as np

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution


def _asked(guess: float | None, value: float) -> str:
    """Say what a win in so many tests means for the social team."""
    return f"One metric gives 2.5. With unrelated metrics {value:.0f} of 100 useless screens give some win."


def _fewer(guess: float | None, value: float) -> str:
    return "The same number of false wins, gathered in fewer tests: related metrics are lucky together."


def _promised(guess: float | None, value: float) -> str:
    return f"A plan built on it promises about {value / 0.5:.0f} times the 0.5 minutes that come."


PREDICTIONS = {
    "08.p1": Prediction(
        "08.p1",
        "Twenty metrics that have nothing to do with each other; the change changes none of them. Each is"
        " tested at p < .05. In how many of 100 such tests does at least one metric win (significant, and"
        " up)?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=39.7,
        consequence=_asked,
    ),
    "08.p2": Prediction(
        "08.p2",
        "The same twenty metrics, unchanged, each at p < .05. But now every two of them have correlation .5,"
        " as in Nadia's app. In how many of 100 such tests does at least one metric win?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=21.0,
        consequence=_fewer,
    ),
    "08.p3": Prediction(
        "08.p3",
        "The true effect is 0.5 minutes in each of twenty segments. Each segment's result has a standard"
        " error of 1 minute. Somebody picks the segment with the largest result. What does this best segment"
        " show, on average?",
        unit="minutes",
        low=-10,
        high=60,
        answer=2.367,
        step=0.1,
        consequence=_promised,
    ),
}


def _best_of_ten(rng: np.random.Generator) -> float:
    """Play 10,000 tests of ten segments, as the notebook does with twenty."""
    from abkit.datasets.unequal_worlds import best_of_segments

    return float(best_of_segments(10, effect=0.2, se=2.0, rng=rng).found.mean())


def _kept_three(rng: np.random.Generator) -> tuple[str, float]:
    """Play Omar's report: the smallest of twenty p-values against .05 / 3, rises only."""
    z = rng.normal(size=(10_000, 20))
    return "c", 100 * float((z.max(axis=1) > 2.394).mean())


_METHOD = {
    "a": "BH promises a small SHARE of false alarms. More than 5 of 100 tests can have one.",
    "b": "Holm: any false alarm in at most 5 of 100 tests, however the metrics are related.",
    "c": "Sound, but Holm makes the same promise and never keeps fewer.",
    "d": "Ten unrelated metrics would give a false alarm in 40.1 of 100 tests, related ones in more than 5.",
}

EXERCISES: dict[str, Exercise] = {
    "08.1": Exercise(
        "08.1",
        1,
        "Eight unrelated metrics, none of them changed, each tested at p < .05. In how many of 100 such tests"
        " does at least one metric win? Fill the blank of `100 * (1 - 0.975 ** ____)`.",
        Near(
            answer=18.335,
            tol=0.05,
            unit="of 100 tests",
            why="1 − .975^8 = 18.3 in 100: seven times the 2.5 of one metric.",
            step="Which number does the blank want: users, euros or metrics?",
            slips=(
                (20.0, "You added up 8 times 2.5. A test with two false wins is then counted twice."),
                (33.66, "That counts losses too. A win is up only: half of .05 on that side."),
                (2.5, "That is one metric. There are eight."),
                (8.0, "8 fills the blank. Now run the line, and type what it gives."),
                (39.73, "That is the rate of twenty metrics."),
                (81.665, "That is the chance of NO false win. Take it from 100."),
            ),
        ),
        (
            "You are asked for tests with at least one win among eight metrics that did not change.",
            "One metric shows no win with chance .975. Eight show none with .975 multiplied eight times.",
            "`100 * (1 - 0.975 ** ____)`: twenty in the blank gives the 39.7 of twenty metrics.",
        ),
        Solution(
            18.335,
            "`100 * (1 - 0.975 ** 8)`: one metric shows no win with chance .975, eight unrelated ones with"
            " .975^8 = .817.",
        ),
        (
            (20, "counted twice"),
            ("33.7%", "losses too"),
            (2.5, "one metric"),
            (39.7, "twenty metrics"),
            (60, "users, euros or metrics"),
        ),
    ),
    "08.2": Exercise(
        "08.2",
        2,
        "Ten related metrics. Each win that you report is built at once, for 50,000 euros, so you promise:"
        " 'in at most 5 of 100 tests do I report any false alarm'. You do not know the correlation. Which"
        " rule keeps this promise and finds the most?",
        Choice(
            "b",
            why=_METHOD,
            options={
                "a": "BH at .05 for the ten",
                "b": "Holm at .05 for the ten",
                "c": "Bonferroni for the ten",
                "d": "each alone at p < .05",
            },
            step="Is the promise about ANY false alarm, or about their SHARE?",
        ),
        (
            "You are asked for a promise about any false alarm, and among those that keep it for the best.",
            "Cross out what promises a share or nothing. Of the other two, one never keeps fewer.",
            "The rule compares the smallest p with .05 / 10, the next with .05 / ____.",
        ),
        Solution("b", "Holm keeps all that Bonferroni keeps, under any dependence, and sometimes more."),
        (("a", "SHARE"), ("c", "never keeps fewer"), ("d", "40.1 of 100"), (7, "one of the letters")),
    ),
    "08.3": Exercise(
        "08.3",
        3,
        "A change adds 0.2 minutes in each of ten segments. The standard error of a segment is 2 minutes."
        " Write code that plays 10,000 such tests. What does the best segment show, in minutes, on average?",
        Near(
            answer=3.2775,
            tol=0.006,
            unit="minutes",
            noise=0.06,
            why="0.2 is true and 3.08 is luck: together sixteen times the truth.",
            step="Check the number of segments, the true effect and the standard error in your call.",
            slips=(
                (3.935, "That is the best of twenty. Here there are ten."),
                (3.0775, "That is the luck alone. Add the true effect."),
                (0.2, "That is the true effect. The best is picked by its luck."),
                (1.7388, "That has a standard error of 1 minute. Here it is 2."),
                (1.5388, "That is in standard errors, and without the true effect."),
            ),
        ),
        (
            "You are asked for the average result of the segment that looks best in each test.",
            "The cell of your third guess does this for twenty segments. Change its three numbers.",
            "`ab.datasets.best_of_segments(____, effect=____, se=____, rng=rng).found.mean()`",
        ),
        Solution(
            3.2775,
            "`ab.datasets.best_of_segments(10, effect=0.2, se=2, rng=rng).found.mean()`. The best of ten lies"
            " 1.54 standard errors above the truth.",
        ),
        (
            (3.935, "best of twenty"),
            (3.08, "luck alone"),
            (0.2, "picked by its luck"),
            (1.74, "Here it is 2"),
            (40, "number of segments"),
        ),
        method=_best_of_ten,
    ),
    "08.4": Exercise(
        "08.4",
        3,
        "Bug hunt. Omar's dashboard has twenty unrelated metrics, none of them changed. He writes: 'I looked"
        " at all, took the three smallest p-values, and corrected them by Bonferroni: each must be at most"
        " .05 / 3, a gap of at least 2.39 standard errors. So a false win comes in at most 2.5 of 100 tests.'"
        " Which flaw is it, and in how many of 100 tests does he report a false win?",
        Both(
            Choice(
                "c",
                why={
                    "a": "Holm on these three keeps at least as much. The list is wrong, not the method.",
                    "b": "Bonferroni needs no assumption about how the metrics are related.",
                    "c": "He chose the three after he saw all twenty. Twenty could have been chosen.",
                },
                options={
                    "a": "Holm must replace Bonferroni",
                    "b": "unrelated metrics forbid it",
                    "c": "his family holds all twenty",
                },
                step="Which metrics could have been among his three?",
            ),
            Near(
                answer=15.41,
                tol=0.06,
                unit="of 100 tests",
                noise=1.9,
                why="1 − (1 − .025/3)^20 = 15.4 in 100, six times what he says.",
                step="How often does the best of twenty lie above his limit?",
                slips=(
                    (2.5, "That would hold if the three had been named before the data."),
                    (28.55, "That counts losses too. A win is up only."),
                    (39.73, "That is without any correction. His limit is 2.39, not 1.96."),
                    (16.667, "You added up the twenty chances. Two false wins in a test are counted twice."),
                ),
            ),
        ),
        (
            "You are asked what is wrong with his list, and how often the best of the true family passes.",
            "Draw twenty unrelated metrics many times. Take the best, and compare it with his limit.",
            "`z = rng.normal(size=(10_000, 20))`, then `100 * (z.max(axis=1) > ____).mean()`",
        ),
        Solution(
            ("c", 15.41),
            "`100 * (1 - (1 - 0.025 / 3) ** 20)`, or count `100 * (best > 2.39).mean()` with `best` as above."
            " The family is every metric from which he would have reported a win.",
        ),
        (
            (("a", 15.41), "The list is wrong"),
            (("c", "2.5%"), "named before the data"),
            (("c", 28.5), "losses too"),
            (("c", 39.7), "without any correction"),
            (("c", 70), "best of twenty"),
        ),
        method=_kept_three,
    ),
}


QUIZ = {
    q.key: q
    for q in (
        Quiz.of(
            "08.q1",
            "Nothing changed. How often is the p-value of one sound test below .05?",
            "c",
            a=("in none of 20 tests", "Chance alone gives small p-values."),
            b=("in 19 of 20 tests", "That is how often it stays above."),
            c=("in 1 of 20 tests", "That is what the level .05 means."),
        ),
        Quiz.of(
            "08.q2",
            "p = .03. What is the chance that the change does nothing?",
            "a",
            a=("p does not say this", "For that you need to know how many ideas are good."),
            b=("3 of 100, as p says", "p assumes that nothing changed. It cannot be its chance."),
            c=("97 of 100, 1 minus p", "The same mistake, from the other side."),
        ),
        Quiz.of(
            "08.q3",
            "A team looks every day and stops at the first win. What is its false-win rate?",
            "a",
            a=("far above that of one look", "At 30 looks 14.0 of 100, not 2.5: notebook 07."),
            b=("the same as that of one look", "Each look is one more chance."),
            c=("below the rate of one look", "More chances never make it smaller."),
        ),
        Quiz.of(
            "08.q4",
            "You test ten metrics at .05, and two win. How many of the two are false?",
            "c",
            a=("one of the two", "With true effects both can be right."),
            b=("none of the two", "Both can be luck as well."),
            c=("p does not tell", "A correction keeps the rate over many tests; it marks no single win."),
        ),
        Quiz.of(
            "08.q5",
            "A report with BH at .05 lists 20 alarms. How many of them are false?",
            "b",
            a=("at most one of the 20", "One report can hold many more."),
            b=("this report cannot say", "The promise is about the average share, over many reports."),
            c=("exactly one of the 20", "The rate is an average, no count."),
        ),
        Quiz.of(
            "08.q6",
            "Twenty metrics move closely together (correlation .9). What changes for the family?",
            "a",
            a=(
                "fewer tests with a false win",
                "The same false wins, gathered in 7.8 in place of 39.7 of 100 tests.",
            ),
            b=("Bonferroni breaks its promise", "It holds under any dependence, and wastes more here."),
            c=("no correction is needed now", "A false win still comes in 7.8 of 100 tests."),
        ),
    )
}
