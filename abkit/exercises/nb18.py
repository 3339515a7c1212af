"""Answers, hints and checks of notebook 18, bandits. Worlds: headlines of .10 and .12, and .30 twice."""

from __future__ import annotations

import numpy as np

from abkit.adaptive.policies import Thompson
from abkit.adaptive.racing import run
from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution


def _thousand(rng: np.random.Generator) -> float:
    """The notebook's own way: mean readers of the worse headline in 400 runs of 1,000 readers."""
    days = run(Thompson(2), [0.10, 0.12], horizon=1_000, reps=400, rng=rng)
    return float(days.to_frame()["pulls of 0"].mean())


PREDICTIONS = {
    "18.p1": Prediction(
        "18.p1",
        "Of 10,000 readers, how many see the worse headline on an average day?",
        unit="readers",
        low=0,
        high=10_000,
        answer=1_192.0,
        step=1.0,
        consequence=lambda guess, value: "An even split would show it to 5,000.",
    ),
    "18.p2": Prediction(
        "18.p2",
        "In the unluckiest 5 of 100 days, at least how many of the 10,000 readers see the worse headline?",
        unit="readers",
        low=0,
        high=10_000,
        answer=3_105.0,
        step=1.0,
        consequence=lambda guess, value: "One lucky day tells you nothing about the next one.",
    ),
    "18.p3": Prediction(
        "18.p3",
        "Both arms show the SAME headline. In how many of 100 days does the usual test find p below .05?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=14.6,
        step=1.0,
        consequence=lambda guess, value: "The test promises 5 of 100: it was made for a fixed split.",
    ),
}


EXERCISES = {
    "18.1": Exercise(
        "18.1",
        1,
        "A shop has steady rates, .10 and .12, and 10,000 users. It must report how much better B is, with a "
        "typical miss below 1 point. Read the table of `ab.earn_or_learn`: which design do you choose?",
        Choice(
            "a",
            why={
                "a": "It misses by about .9 points, and pays about 27 more clicks than Thompson.",
                "b": "It loses the fewest clicks, and misses by about 2 points.",
                "c": "One of the two misses by more than 1 point.",
            },
            options={
                "a": "The fixed test",
                "b": "Thompson sampling",
                "c": "Either of the two",
            },
            step="Read the last column.",
        ),
        (
            "You look for a design whose report is good enough.",
            "Compare the last column with the point that is asked for, design by design.",
            '`table[table["design"] == "____"]`',
        ),
        Solution(
            "a", "The report is what is asked for; only among designs that can give it do clicks decide."
        ),
        wrong=(("b", "fewest clicks"), ("c", "One of the two")),
    ),
    "18.2": Exercise(
        "18.2",
        2,
        "Your colleague has the log of a week of UCB1, `ab.Ucb(2)`: 9,000 readers saw B, 1,000 saw A. The "
        "board asks how much better B is. What do you do?",
        Choice(
            "b",
            why={
                "a": "The usual interval errs: an arm was left alone when it looked bad.",
                "b": "UCB1 draws nothing by chance, so no weight can make up for its choices.",
                "c": "1,000 and 9,000 are what happened, not the chance that each reader had.",
            },
            options={
                "a": "Take the usual interval of two rates",
                "b": "Run a short test with an even split",
                "c": "Weigh the readers by 1/10 and 9/10",
            },
            step="Ask what chance each reader had to see A.",
        ),
        (
            "You look for a claim that you can defend.",
            "Ask whether each reader could have seen either headline, and with which chance.",
            "Read what `ab.weighted_aipw(____)` says of a log of `ab.Ucb(2)`.",
        ),
        Solution(
            "b",
            "Without chance there is nothing to weigh by. New readers, split by chance, give a fair answer.",
        ),
        wrong=(("a", "left alone"), ("c", "what happened")),
    ),
    "18.3": Exercise(
        "18.3",
        3,
        "A smaller desk has 1,000 readers a day, and the same rates .10 and .12. How many of them see "
        "the worse headline on an average day with `ab.Thompson(2)`? Run at least 400 days. Answer in "
        "readers.",
        Near(
            answer=330.1,
            tol=3.0,
            unit="readers",
            why="A third of the readers of a small day see A; of a day with 10,000 it is an eighth.",
            step="Set the horizon to 1,000 and read the pulls of 0, readers of A.",
            slips=(
                (669.9, "These are the readers who saw the better headline."),
                (500.0, "That is the even split; the policy learns something."),
                (119.2, "Learning does not shrink in step: the first readers cost most."),
            ),
            noise=57.0,
        ),
        (
            "You look for the mean number of pulls of headline A, arm 0.",
            "Run the policy with another horizon, make a table of the days, take the mean of one column.",
            '`ab.run(ab.Thompson(2), rates, horizon=____, reps=400, rng=1).to_frame()["pulls of 0"].mean()`',
        ),
        Solution(
            330, "About 330 of 1,000: the cost of learning grows slowly, so small days pay a larger part."
        ),
        wrong=((670, "better headline"), (500, "even split"), (119.2, "in step"), (40, "Set the horizon")),
        method=_thousand,
    ),
    "18.4": Exercise(
        "18.4",
        3,
        "Bug hunt. A shop tells `ab.Thompson(2)` 1 when an offer earned more than 0 euros, else "
        "0. Offer A: one visitor in ten pays 10 euros. Offer B: two in ten pay 1 euro. Which flaw is "
        "it, and how many euros do 1,000 visitors pay less when all of them see the offer that this "
        'rule prefers? Answer ("letter", euros).',
        Both(
            Choice(
                "c",
                why={
                    "a": "Ten thousand visitors would not help: it learns the wrong thing well.",
                    "b": "The curves get narrow after some hundred visitors, round a wrong aim.",
                    "c": "It counts buyers, and 10 euros weigh as much as 1.",
                },
                options={
                    "a": "It has seen too few visitors yet",
                    "b": "Its curves are much too wide",
                    "c": "It counts buyers, not the euros",
                },
            ),
            Near(
                answer=800.0,
                tol=0.5,
                unit="euros",
                why="A earns 1.00 a visitor and B .20: the rule gives away 80 cents of each.",
                step="Work out the mean euros a visitor of each offer.",
                slips=(
                    (200.0, "That is what B earns; the question is what is lost against A."),
                    (1_000.0, "That is what A earns; B earns something too."),
                ),
            ),
        ),
        (
            "First: what does the rule count as good? Then: what does a visitor pay on average?",
            "Multiply chance by amount for each offer, take the difference, times 1,000.",
            "`1_000 * (0.1 * 10 - 0.2 * ____)`",
        ),
        Solution(("c", 800), "1,000 · (1.00 − .20) = 800 euros. A rule for amounts learns from euros."),
        wrong=(
            ("a", "wrong thing well"),
            ("b", "narrow"),
            (("c", 200), "what B earns"),
            (("c", 5), "mean euros"),
        ),
    ),
}


QUIZ = {
    "18.q1": Quiz(
        "18.q1",
        "A test is read on ten days, each time at .05, and nothing is different. How often does some "
        "day alarm?",
        {"a": "In 5 of 100 tests", "b": "In 19 of 100 tests", "c": "In 40 of 100 tests"},
        "b",
        {
            "a": "That is one look; every further look adds some alarms.",
            "b": "The looks share most of their users, so less than ten dice would give.",
            "c": "That is ten independent dice; the looks share their users.",
        },
    ),
    "18.q2": Quiz(
        "18.q2",
        "You want to find an effect of half the size with the same power. How many users do you need?",
        {"a": "Four times as many", "b": "Twice as many users", "c": "Just as many users"},
        "a",
        {
            "a": "The users grow with one over the square of the effect.",
            "b": "The effect enters squared.",
            "c": "A smaller effect hides deeper in the noise.",
        },
    ),
    "18.q3": Quiz(
        "18.q3",
        "The 95 per cent interval of an effect runs from −1 to 3 points. What do the data say?",
        {"a": "That there is no effect", "b": "That the effect is 1 point", "c": "That 0 and 3 both fit"},
        "c",
        {
            "a": "They fit no effect, and also a large one.",
            "b": "One point fits best; the rest of the interval is not ruled out.",
            "c": "A test at .05 rules out no value inside; those in the middle fit best.",
        },
    ),
    "18.q4": Quiz(
        "18.q4",
        "What does one day of a bandit tell you about its cost?",
        {
            "a": "The mean cost of the rule",
            "b": "The highest cost of a day",
            "c": "One draw from a wide heap",
        },
        "c",
        {
            "a": "The mean needs many days: on 90 of 100, between 184 and 3,105 readers see A.",
            "b": "One day is one draw: a later day may cost more.",
            "c": "On 5 of 100 days more than 3,105 readers see A, on 5 fewer than 184.",
        },
    ),
    "18.q5": Quiz(
        "18.q5",
        "Why does the arm that was shown less look worse than it is?",
        {
            "a": "It was left when unlucky",
            "b": "Its curve starts too low",
            "c": "It had the worse readers",
        },
        "a",
        {
            "a": "Bad luck stops the showing, so often it is never made good.",
            "b": "Both curves start alike: all rates equally plausible.",
            "c": "The readers of both are alike; how many there are follows the clicks.",
        },
    ),
    "18.q6": Quiz(
        "18.q6",
        "You must report an effect later, and want to earn meanwhile. What do you plan?",
        {
            "a": "Chances noted afterwards",
            "b": "A floor and a full log",
            "c": "UCB1 with more users",
        },
        "b",
        {
            "a": "Numbers written down later do not change what the rule did.",
            "b": "Every arm keeps a known chance, and weights make up for the rest.",
            "c": "UCB1 leaves nothing to chance, with any number of users.",
        },
    ),
}
