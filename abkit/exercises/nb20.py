"""Exercises of notebook 20: the luck of the best segment, answers that hold, and rules in money."""

from __future__ import annotations

import numpy as np

from abkit.datasets.unequal_worlds import best_of_segments, customers
from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution


def _gap(guess: float | None, value: float) -> str:
    money = (
        "The coupon costs 5 euros, so the best segment looks as though it pays. Nothing but luck chose it."
    )
    if guess is None:
        return money
    if guess < value - 1:
        return f"The luck is larger than you thought. {money}"
    return f"You saw how large luck is. {money}" if guess <= value + 1 else money


def _again(guess: float | None, value: float) -> str:
    if guess is not None and guess > value + 1:
        return "The luck does not come twice: new customers know nothing of the first test."
    return "New customers know nothing of the first test, so only the true effect is left."


def _promise(guess: float | None, value: float) -> str:
    if guess is not None and abs(guess - 6) <= 1:
        return (
            "The true effect is 6, but the learner also read luck, and its best fifth is where luck was"
            " highest."
        )
    return "The true effect is 6 for everybody. What it promises beyond that is luck, found by a machine."


PREDICTIONS = {
    "20.p1": Prediction(
        "20.p1",
        "The coupon truly adds 2 euros in each of twenty segments. The standard error of a segment's result"
        " is 2.683 euros. You look at all twenty results and take the best. What does it"
        " show, on average over many tests?",
        unit="euros",
        low=-20,
        high=40,
        answer=7.01,
        step=0.5,
        consequence=_gap,
    ),
    "20.p2": Prediction(
        "20.p2",
        "You test the chosen segment again, with new customers of the same segment, as many as before. What"
        " does this second test show, on average?",
        unit="euros",
        low=-20,
        high=40,
        answer=2.0,
        step=0.5,
        consequence=_again,
    ),
    "20.p3": Prediction(
        "20.p3",
        "The coupon adds 6 euros for every customer. A T-learner that saw 2,000 customers predicts the"
        " effect for new ones. We sort these by prediction. Which effect does it promise, on average, to"
        " the best fifth, those with the largest predictions?",
        unit="euros",
        low=-20,
        high=60,
        answer=10.7,
        step=0.5,
        consequence=_promise,
    ),
}


def _written_before(rng: np.random.Generator) -> float:
    table = customers("step", 40_000, rng=rng)
    sent = table[table.days > 45]
    arms = sent.groupby("coupon").spend.mean()
    return float(len(sent) / len(table) * (arms[1] - arms[0] - 8.0))


def _pooled(rng: np.random.Generator) -> float:
    hunt = best_of_segments(20, effect=2.0, se=2.683, rng=rng)
    return float(np.mean((hunt.found + hunt.again) / 2))


EXERCISES = {
    "20.1": Exercise(
        "20.1",
        1,
        "Another app has 10 segments instead of twenty. The true effect is 1 euro in each, and the standard"
        " error of a result is 3 euros. What does the best segment show, on average? In euros.",
        Near(
            5.62,
            0.011,
            unit="euros",
            why=(
                "1 + 3 · 1.539. With ten results instead of twenty the luck is smaller, and still larger than"
                " the effect."
            ),
            step="Luck is counted in standard errors, and comes on top of the true effect.",
            slips=(
                (4.62, "That is the luck alone: the true effect of 1 euro is missing."),
                (6.60, "That is the best of twenty: this app has ten segments."),
                (1.54, "That is the luck in standard errors: turn it into euros, and add the true effect."),
                (
                    5.01,
                    "That is the luck in Leila's test: this app has ten segments and another standard error.",
                ),
                (2.54, "You added the luck in standard errors to euros: one standard error is 3 euros."),
            ),
        ),
        (
            "What is asked: the true effect, plus the luck of the best of ten, in euros.",
            "Look up the luck in standard errors, turn it into euros, and add the true effect.",
            "`1 + 3 * ____(10)`, with the function of the table of luck",
        ),
        Solution(5.62, "1 + 3 * ab.luck_of_best(10): the luck of the best of ten is 1.539 standard errors."),
        wrong=((4.62, "true effect of 1 euro is missing"), (6.6, "best of twenty"), (3, "standard errors")),
    ),
    "20.2": Exercise(
        "20.2",
        2,
        "A test is over, and its table has 30 segments. The team asks where the effect is above what it"
        " costs. Which of these gives an interval for one segment that one may believe?",
        Choice(
            "c",
            why={
                "a": "The largest of 30 is where luck was largest: its interval misses too often.",
                "b": "A p-value below .05 chose it. That is a choice by the result, and luck chose with you.",
                "c": "Right: new customers of that segment know nothing of the luck in the first test.",
            },
            options={
                "a": "The segment with the largest result, and its usual interval",
                "b": "Any segment with p below .05, and its usual interval",
                "c": "The largest one, tested again with new customers",
            },
            step="Ask of each: did the same outcomes choose the segment and judge it?",
        ),
        (
            "What is asked: which interval is not spoiled by the choice of the segment.",
            "For each option, say which data chose the segment, and which data give the interval.",
            "In code: `ab.welch(____, ____)` of customers who came after the choice.",
        ),
        Solution(
            "c", "The choice and the interval come from different customers, so luck cannot enter twice."
        ),
        wrong=(("a", "luck was largest"), ("b", "choice by the result")),
    ),
    "20.3": Exercise(
        "20.3",
        3,
        "In the step world the coupon adds 12 euros for customers above 45 days, who are half of all, and"
        " nothing for the others. Now a coupon costs 8 euros. The rule is written before: send it above 45"
        " days. What does the rule gain per customer of the whole list, also those without a coupon? In"
        " euros. Think, or draw 40,000 customers.",
        Near(
            2.0,
            0.005,
            unit="euros",
            noise=0.6,  # five Monte-Carlo errors of .11 at 40,000 customers
            why="Half of the list gets a coupon, and each of these brings 12 − 8 = 4 euros.",
            step="Take the cost off for everyone who gets a coupon, and divide by the whole list.",
            slips=(
                (4.0, "That is per coupon. The question asks per customer of the whole list."),
                (6.0, "That is before the cost of the coupons."),
                (-2.0, "That is what sending to everybody gains."),
            ),
        ),
        (
            "What is asked: the gain after cost, shared by all customers, also those without a coupon.",
            ("Find the share that gets a coupon, and what each coupon brings after the cost of today."),
            "`share * (effect - ____)`; if you draw: `sent = table[table.days > ____]`",
        ),
        Solution(2.0, "Half of the customers times (12 − 8) euros."),
        wrong=((4.0, "per coupon"), (6, "before the cost"), (-2, "to everybody")),
        method=_written_before,
    ),
    "20.4": Exercise(
        "20.4",
        3,
        "Bug hunt. A colleague picks the best of twenty segments (true effect 2 euros in each, standard error"
        " 2.683), tests it again with as many new customers, and reports the mean of both tests, 'for more"
        " data'. Which flaw is it, and what does his report show on average, in euros? Answer with a pair.",
        Both(
            Choice(
                "b",
                why={
                    "a": "Two tests of one segment are no family of two: he reports one number.",
                    "b": "The first test chose the segment, so half of its luck stays in the mean.",
                    "c": "As many new customers as before are enough for an unbiased second test.",
                },
                options={
                    "a": "He needs a correction for two tests",
                    "b": "The first result comes with its luck",
                    "c": "The second test has too few users",
                },
                step="Ask which of the two results would be different if another segment had been best.",
            ),
            Near(
                4.51,
                0.011,
                unit="euros",
                noise=0.09,  # five Monte-Carlo errors of 10,000 hunts
                why="Half of the luck of 5.01 euros is left above the true 2.",
                step="Average what the first test shows and what the second shows.",
                slips=(
                    (7.01, "That is the first test alone."),
                    (2.0, "That is the second test alone, the one that he should report."),
                ),
            ),
        ),
        (
            "What is asked: which of the two results is not honest, and what their mean shows on average.",
            "Draw many hunts, and average what the first and the second test of each show.",
            (
                "`hunt = ab.datasets.best_of_segments(20, effect=2, se=2.683, rng=rng)`, then the mean of"
                " `(hunt.found + hunt.____) / 2`"
            ),
        ),
        Solution(("b", 4.51), "(7.01 + 2.00) / 2: the first test brings 7.01 on average, the second 2."),
        wrong=(
            ("a", "no family of two"),
            (("b", 7.01), "first test alone"),
            (("b", 2.0), "second test alone"),
        ),
        method=lambda rng: ("b", _pooled(rng)),
    ),
}

QUIZ = {
    "20.q1": Quiz(
        "20.q1",
        "A result has a standard error of 3 euros. What does that say?",
        {
            "a": "Repeated tests differ from the truth by 3 euros, typically",
            "b": "The result is wrong by 3 euros in this very test, for sure",
            "c": "The true effect lies between −3 and 3 euros, almost surely",
        },
        "a",
        {
            "a": "Right: it is the spread of the results of many such tests.",
            "b": "Nobody knows how wrong one test is: 3 euros is what is typical.",
            "c": "It says how results spread around the truth, not where the truth is.",
        },
    ),
    "20.q2": Quiz(
        "20.q2",
        "You test twenty metrics that did not change, each at .05. What do you expect?",
        {
            "a": "No metric is significant, because nothing changed",
            "b": "Every metric has p near one half, more or less",
            "c": "One metric is significant on average, by chance",
        },
        "c",
        {
            "a": "Each has a chance of .05, and there are twenty of them.",
            "b": "Without an effect every p-value is equally likely.",
            "c": "Right: twenty times .05 is one.",
        },
    ),
    "20.q3": Quiz(
        "20.q3",
        "You split 40,000 customers into twenty equal segments. The error of a segment's result, beside that"
        " of the whole, is",
        {"a": "the same as before", "b": "4.5 times as large", "c": "20 times as large"},
        "b",
        {
            "a": "A segment has a twentieth of the customers, so it knows less.",
            "b": "Right: the error grows with the square root of twenty.",
            "c": "It grows with the square root of twenty, not with twenty.",
        },
    ),
    "20.q4": Quiz(
        "20.q4",
        "The best of 40 segments shows 9 euros, and its interval is 3 to 15. What do you do first?",
        {
            "a": "Test this segment again with new customers",
            "b": "Send the coupon, because 3 is above zero",
            "c": "Report 9 euros, with its interval beside it",
        },
        "a",
        {
            "a": "Right: the choice and the judgement need different customers.",
            "b": "Luck chose this segment, and the interval does not know of the choice.",
            "c": "The interval is made for a segment that was named before the test.",
        },
    ),
    "20.q5": Quiz(
        "20.q5",
        "You cut the same 40,000 customers into 40 equal segments instead of 20. What happens to the luck of"
        " the best?",
        {
            "a": "It shrinks, as each segment is smaller",
            "b": "It stays, as the customers are the same",
            "c": "It grows: more results, each less exact",
        },
        "c",
        {
            "a": "A smaller segment has a larger standard error, so luck moves its result more.",
            "b": "The best of 40 has more luck than the best of 20, and each result is less exact.",
            "c": "Right: more standard errors of luck, and each standard error is larger.",
        },
    ),
    "20.q6": Quiz(
        "20.q6",
        "A model promises 15 euros to its best fifth. Which number do you plan with?",
        {
            "a": "The promise of 15 euros for them, as it was",
            "b": "What that fifth gets in data it has not seen",
            "c": "The mean of its predictions for all customers",
        },
        "b",
        {
            "a": "The best fifth is where the model was luckiest, like the best segment.",
            "b": "Right: customers that it has not seen carry none of its luck.",
            "c": "That is about everybody, not about the customers whom you choose.",
        },
    ),
}
