"""Notebook 25: what was promised before the test, and how many wins are real?"""

from __future__ import annotations

import numpy as np

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution


def _false_wins(rng: np.random.Generator) -> float:
    """The way of the notebook: 100,000 tests of a shop with more good ideas and less power."""
    from abkit.datasets import year_of_tests

    many = year_of_tests(tests=100_000, good=0.2, power=0.5, rng=rng)
    wins = many[many.won]
    return float(100 * (~wins.good).mean())


def _claimed(rng: np.random.Generator) -> tuple[str, float]:
    """The way of the notebook: both sums over the wins of 100,000 tests."""
    from abkit.datasets import year_of_tests

    many = year_of_tests(tests=100_000, rng=rng)
    wins = many[many.won]
    return "b", float(wins.estimate.sum() / wins.effect.sum())


def _chosen(guess: float | None, value: float) -> str:
    return (
        "With one metric, named before, it would be 2.5. The choice afterwards makes it nearly five times"
        " as many."
    )


def _small(guess: float | None, value: float) -> str:
    return "So a lift of this size would be missed in 70 of 100 such tests."


def _false(guess: float | None, value: float) -> str:
    if guess is not None and abs(guess - 5) < 0.51:
        return "Your 5 is alpha: it counts tests of ideas that do nothing, not wins."
    if guess is not None and abs(guess - 2.25) < 0.31:
        return "Your number is out of 100 tests. Out of 100 wins it is more than one in five."
    return "More than one win in five is empty, though every test kept its promise."


PREDICTIONS = {
    "25.p1": Prediction(
        "25.p1",
        "Nothing works in 100 tests with five independent metrics each. In how many does at least one of the"
        " five win?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=11.89,
        step=1.0,
        consequence=_chosen,
    ),
    "25.p2": Prediction(
        "25.p2",
        "With what chance does a test with 5,000 users in each arm find the lift from 25 to 26.25 per cent?",
        unit="per cent",
        low=0,
        high=100,
        answer=29.9,
        step=1.0,
        consequence=_small,
    ),
    "25.p3": Prediction(
        "25.p3",
        "Ten of 100 ideas are good, and their tests have power .8. The others do nothing; alpha is .05"
        " (two-sided). Of 100 wins, how many are false in the long run?",
        unit="of 100 wins",
        low=0,
        high=100,
        answer=21.95,
        step=1.0,
        consequence=_false,
    ),
}

EXERCISES = {
    "25.1": Exercise(
        "25.1",
        1,
        "The plan of the search box is registered with 10,000 users in each arm instead of 19,147. What power"
        " can it reach (in per cent, one digit behind the point)?",
        Near(
            answer=52.579,
            tol=0.06,
            unit="per cent",
            why="Half of the users, and the chance to find the lift falls from 80 to about that of a coin.",
            step="Put the number of users into the text of the plan, and ask the plan for its check.",
            slips=(
                (80.0, "That is what the plan promises, not what its users give."),
                (41.8, "Power does not fall in proportion to the users."),
                (29.9, "That is the power with 5,000 users."),
            ),
        ),
        (
            "The plan is text. One number in it changes.",
            "Replace the users, read the text as a plan again, and look at the statistic of its check.",
            'ab.Experiment.from_yaml(plan.yaml().replace("19147", "____")).check().statistic',
        ),
        Solution(52.6, 'ab.Experiment.from_yaml(plan.yaml().replace("19147", "10000")).check() says .526.'),
        wrong=((80, "what the plan promises"), (41.8, "in proportion"), (12, "ask the plan for its check")),
    ),
    "25.2": Exercise(
        "25.2",
        2,
        "The plan names clicks, one look, alpha .05. The report shows clicks at alpha .05, on the planned"
        " day, with all planned users; below it stands minutes, p = .01, which was added. What may the report"
        " say?",
        Choice(
            "c",
            why={
                "a": (
                    "Minutes was chosen after the data were seen: its p-value does not count the other"
                    " choices."
                ),
                "b": (
                    "The promised analysis was made in full; something that stands beside it takes nothing"
                    " from it."
                ),
                "c": (
                    "Clicks keep their promise, and what was found beside them is the plan of the next test."
                ),
            },
            options={
                "a": "Minutes is a win, for its p-value is small.",
                "b": "Nothing at all, for the plan was not kept.",
                "c": "Clicks as planned; minutes is a new idea.",
            },
            step="Ask of each number: was it promised before?",
        ),
        (
            "There are two results. Was each of them in the plan?",
            "List the departures, then ask which number each of them touches.",
            "clicks: planned → the result ____; minutes: added → a ____ for the next plan.",
        ),
        Solution("c", "The primary metric is untouched by the departure. The added metric is an idea."),
        wrong=(("a", "after the data were seen"), ("b", "takes nothing from it")),
    ),
    "25.3": Exercise(
        "25.3",
        3,
        "Another shop: 20 of 100 ideas are good, and their tests have power .5; alpha is .05, two-sided. Of"
        " 100 wins, how many are false in the long run (one digit behind the point)?",
        Near(
            answer=16.667,
            tol=0.06,
            unit="of 100 wins",
            noise=1.7,
            why="Twice as many good ideas help more than the lower power hurts: 2 false beside 10 true wins.",
            step="Count true and false wins of 100 ideas, and divide the false ones by all wins.",
            slips=(
                (28.571, "You counted losses as wins too: an empty idea wins with alpha / 2."),
                (2.0, "That is the number of false wins of 100 ideas, not of 100 wins."),
                (20.0, "You divided false wins by true wins, not by all wins."),
                (11.111, "That is with power .8."),
            ),
        ),
        (
            "Wins come from good ideas and from empty ones.",
            "Simulate many tests of that shop, keep the wins, and take the share that is not good.",
            'many = ab.datasets.year_of_tests(tests=100_000, good=____, power=____); many[many["won"]]',
        ),
        Solution(16.667, ".2 · .5 = .1 true and .8 · .025 = .02 false wins: .02 / .12."),
        wrong=(
            (28.6, "losses as wins too"),
            (2, "of 100 ideas"),
            (20, "by true wins"),
            (50, "divide the false ones"),
        ),
        method=_false_wins,
    ),
    "25.4": Exercise(
        "25.4",
        3,
        'Bug hunt. A report says: `year[year["won"]]["estimate"].sum()` is what the year brought. Which flaw'
        " has it (a, b or c)? And of a shop like Amira's (10 good ideas of 100, power .8): by what factor is"
        " the claimed sum larger than the true one (two digits behind the point)?",
        Both(
            Choice(
                "b",
                why={
                    "a": (
                        "Lost ideas are not shipped, so they bring nothing. The flaw is in the wins that are"
                        " added."
                    ),
                    "b": "Luck helped the wins to be chosen, so their sum is too large on average.",
                    "c": (
                        "Small effects in per cent of sales do add up, nearly. The flaw is in how they were"
                        " chosen."
                    ),
                },
                options={
                    "a": "It leaves out the tests that lost, whose estimates must be added.",
                    "b": "It adds estimates that were chosen because they were large.",
                    "c": "It adds effects of several tests, and effects never add up.",
                },
                step="Ask why a test is among the wins.",
            ),
            Near(
                answer=1.36,
                tol=0.006,
                unit="",
                noise=0.034,
                why="1.36: of 136 euros claimed, 100 come.",
                step="The ledger of that shop holds both sums: divide the claimed by the true one.",
                slips=(
                    (1.28, "That is all wins over true wins. The true wins are too large as well."),
                    (0.736, "Turn it round: claimed over true."),
                    (0.36, "That is the part that is too much. The factor is 1 and this part."),
                ),
            ),
        ),
        (
            "Which tests are in the sum, and what made them come in?",
            "Take the ledger of the shop, and divide one of its sums by the other.",
            "ledger = ab.win_ledger(good=0.1, power=0.8); ledger.____ / ledger.____",
        ),
        Solution(
            ("b", 1.36),
            "ab.win_ledger(good=0.1, power=0.8): claimed 10.88, true 8.00, in effects of one good idea.",
        ),
        wrong=(
            ("a", "bring nothing"),
            ("c", "how they were chosen"),
            (("b", 1.28), "too large as well"),
            (("b", 0.736), "Turn it"),
            (("b", 0.36), "the part that is too much"),
        ),
        method=_claimed,
    ),
}

QUIZ = {
    "25.q1": Quiz(
        "25.q1",
        "Twenty independent metrics, none changed, each tested at .05. Some metric raises an alarm in"
        " about …",
        {"a": "64 of 100 tests", "b": "5 of 100 tests", "c": "100 of 100 tests"},
        "a",
        {
            "a": "Yes: 1 − .95 to the power 20.",
            "b": "That is one metric.",
            "c": "Twenty times 5 would be 100, but alarms come together in some tests.",
        },
    ),
    "25.q2": Quiz(
        "25.q2",
        "A test has power .8. This means:",
        {
            "a": "80 of 100 wins are real effects, and 20 are luck",
            "b": "80 of 100 effects of the planned size are found",
            "c": "the effect is real with a chance of .8",
        },
        "b",
        {
            "a": "That depends on how many ideas are good.",
            "b": "Yes, and it says nothing about effects that are not there.",
            "c": "Power is a property of the plan, before the data.",
        },
    ),
    "25.q3": Quiz(
        "25.q3",
        "An A/A test is looked at ten times, and stops at the first p below .05. How often does it raise an"
        " alarm?",
        {"a": "in 5 of 100 tests", "b": "in 50 of 100 tests", "c": "in 19 of 100 tests"},
        "c",
        {
            "a": "That holds for one look.",
            "b": "Ten times 5 would be 50, but looks at the same users resemble each other.",
            "c": "Yes: each look is another chance.",
        },
    ),
    "25.q4": Quiz(
        "25.q4",
        "A plan is frozen, and the team finds a better primary metric on day 3. What now?",
        {
            "a": "change the plan, with a note why",
            "b": "keep it; use the new one next",
            "c": "report the better of the two",
        },
        "b",
        {
            "a": "A plan that may change after data came is a memory again.",
            "b": "Yes: the test ends as promised, and the better metric gets a plan of its own.",
            "c": "That is the choice afterwards, with up to twice the chance of an empty win.",
        },
    ),
    "25.q5": Quiz(
        "25.q5",
        "Which of these makes the share of false wins smaller?",
        {
            "a": "more ideas tested of the same kind",
            "b": "more metrics that may be reported",
            "c": "more power for tests of good ideas",
        },
        "c",
        {
            "a": "Twice as many true and twice as many false wins: the share stays.",
            "b": "That makes more empty wins.",
            "c": "Yes: more true wins beside the same number of false ones.",
        },
    ),
    "25.q6": Quiz(
        "25.q6",
        "The sum of what the wins claim is too large on average. Why?",
        {
            "a": "luck helped to choose the wins",
            "b": "estimates of all tests are too large",
            "c": "the lost tests are not in the sum",
        },
        "a",
        {
            "a": "Yes: what was chosen because it was large had luck, and luck does not come again.",
            "b": "Over all tests they are right on average; only the chosen ones are too large.",
            "c": "Lost ideas are not shipped, so they bring nothing.",
        },
    ),
}
