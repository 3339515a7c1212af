"""Exercises of notebook 01: an interval against the smallest effect that pays."""

from __future__ import annotations

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution


def _fetched(guess: float | None, value: float) -> str:
    """Say what so many results mean for 100 people."""
    return (
        f"With an empty paper 40 of 100 come. So a voucher of a little more than a day's wage"
        f" brings {value - 40:.0f} more."
    )


def _drawn(guess: float | None, value: float) -> str:
    return f"The other {70 - value:.0f} draws miss by 0.5: they say 0 or 1 where the truth is 0.5."


def _enough(guess: float | None, value: float) -> str:
    if guess is None:
        return f"With fewer than {value:.0f} people in each arm, effects that pay for Peter still fit."
    word = "stop" if guess >= value else "inconclusive"
    return f"With your {guess:,.0f} people in each arm the rule says {word}."


PREDICTIONS = {
    "01.p1": Prediction(
        "01.p1",
        "Of 100 people who drew an empty paper, 40 fetch their result. The average voucher is worth 1.23"
        " dollars, a little more than a day's wage. How many of 100 fetch it with a voucher?",
        unit="of 100 people",
        low=0,
        high=100,
        answer=80.8,
        consequence=_fetched,
    ),
    "01.p2": Prediction(
        "01.p2",
        "The true mean effect in the village is 0.5. One of the two draws above showed 0.5, the other 0. In"
        " how many of all 70 draws does the gap lie within 0.25 of the truth (from 0.25 to 0.75)?",
        unit="draws",
        low=0,
        high=70,
        answer=58,
        consequence=_drawn,
    ),
    "01.p3": Prediction(
        "01.p3",
        "Of 100 people, 40 come without a voucher and 81 with one, as above. How many people in each arm"
        " (with a voucher, without one) does it take until the whole interval lies below Peter's 52.7"
        " points?",
        unit="people in each arm",
        low=1,
        high=5_000,
        answer=98,
        consequence=_enough,
    ),
}

_TRAINING = {
    "a": "Zero does not fit, that is true. But 500 dollars fit, and they do not pay.",
    "b": "1,500 lies inside: effects that pay fit the data, and effects that do not.",
    "c": "474 is one end. 3,000 dollars fit as well, and they pay twice over.",
}
_COUNTED = {
    "a": "40 of these 81 come without a voucher too. They are paid, and their results are not extra.",
    "b": "A voucher of a person who stays away costs nothing, and he has left it out rightly.",
    "c": "The p-value compares with zero. A better one would leave the price as it is.",
}

EXERCISES: dict[str, Exercise] = {
    "01.1": Exercise(
        "01.1",
        1,
        "Does a larger voucher bring more? Control: `small`, the people with a voucher of up to 1 dollar."
        " Treatment: `large`, above 1 dollar. Fill the blank of"
        ' `100 * ab.proportions(small["got"], ____).estimate`: by how many percentage'
        " points does the share who fetch their result (`got`) rise?",
        Near(
            12.914,
            0.06,
            unit="points",
            why="74.5 of 100 come with a small voucher, 87.4 with a large one. The bag drew the amounts too.",
            step="Which rows are the treatment, and which column is the outcome?",
            slips=(
                (-12.914, "Control comes first: the effect is treatment − control."),
                (40.656, "That is any voucher against an empty paper."),
                (17.333, "That is the rise as a per cent of the control. The question asks for points."),
            ),
        ),
        (
            "You are asked for a gap of two shares, in points, between two kinds of vouchers.",
            "The control `small` is there. The treatment has the same column.",
            '`100 * ab.proportions(small["got"], large[____]).estimate`',
        ),
        Solution(
            12.9, '`100 * ab.proportions(small["got"], large["got"]).estimate`; interval 9.1 to 16.7 points.'
        ),
        (
            (-12.9, "Control comes first"),
            (40.7, "any voucher"),
            (17.3, "per cent of the control"),
            ("many", "one number"),
        ),
    ),
    "01.2": Exercise(
        "01.2",
        2,
        "A year of job training was tested in the United States: 445 men, a random draw."
        " Earnings rose by 1,794 dollars"
        " a year, 95 per cent interval 474 to 3,115, p-value 0.008. A city pays for it if earnings rise by at"
        " least 1,500 dollars. What does the rule of this notebook say, and why?",
        Choice(
            right="b",
            why=_TRAINING,
            options={
                "a": "ship: the interval does not hold zero",
                "b": "inconclusive: the interval holds 1,500",
                "c": "stop: the effect may be as low as 474",
            },
            step="Where does 1,500 lie: below, inside or above the interval?",
        ),
        (
            "You are asked for the word of the rule. What is `worth` here?",
            "Draw the interval on paper, and mark 1,500 on it.",
            "Is 474 above 1,500? Is 3,115 below it? If neither: ____",
        ),
        Solution("b", "1,500 lies between 474 and 3,115. The estimate alone, 1,794, would have shipped."),
        (("a", "500 dollars fit"), ("c", "one end"), (7, "one of the letters")),
    ),
    "01.3": Exercise(
        "01.3",
        3,
        "The RAND health experiment: `health` has one row a person and year. `person`"
        " and `year` name them, `coins` is the per"
        " cent of each bill that the person paid (0, 25, 50, 95 or 100, up to a yearly limit), `mdvis`"
        " the visits to a doctor in that year. Keep the rows with `year` 1, so that each person has one row."
        " Control: `coins` 95. Treatment: `coins` 0, free care. The effect is in visits a year. The rule says"
        " ship if the whole interval lies above `worth`: how large may `worth` be at most? Two decimals.",
        Near(
            0.5935,
            0.004,
            unit="visits",
            why="The interval is 0.59 to 1.26 visits. If `worth` lies above its lower end, some effects that"
            " fit do not pay.",
            step="Which end of the interval has to lie above `worth`, and in which year?",
            slips=(
                (0.925, "That is the estimate. Smaller effects fit the data as well."),
                (1.257, "That is the upper end. Below it lie effects that fit and do not pay."),
                (0.836, "You took all years. A person then has several rows, and they are alike."),
                (-1.257, "Control comes first: the effect is free care minus `coins` 95."),
            ),
        ),
        (
            "You are asked for the largest `worth` below the whole interval.",
            "Keep the rows of year 1, then the rows of each group, and compute the interval of `mdvis`.",
            '`first = health[health["year"] == 1]`, then `paying = first[first["coins"] == 95]`, `free` in'
            ' the same way with 0, and `ab.welch(paying["mdvis"], ____).low`',
        ),
        Solution(
            0.59,
            '`ab.welch(paying["mdvis"], free["mdvis"]).low`. 784 people paid 95 per cent, 3,088 nothing.'
            " (Plans went to whole families;"
            " with families as units the interval is wider.)",
        ),
        ((0.925, "the estimate"), (1.26, "upper end"), (0.836, "all years"), (0.1, "Which end")),
    ),
    "01.4": Exercise(
        "01.4",
        3,
        "Bug hunt. Jonas writes to Peter: “100 vouchers cost 105.4 dollars, and 81 people fetch their result."
        " That is 1.30 dollars for each result. The phone costs 2. Ship.” With an empty paper 40 of 100 come."
        " Which flaw is it, and what does one extra result cost with vouchers, in dollars? Two decimals.",
        Both(
            Choice(
                right="a",
                why=_COUNTED,
                options={
                    "a": "he divides by people who come anyway",
                    "b": "he forgets vouchers that nobody uses",
                    "c": "he gives a price without a p-value",
                },
                step="How many of the 81 would have come with an empty paper?",
            ),
            Near(
                2.58,
                0.034,
                unit="dollars",
                why="105.4 dollars bring 41 extra results. The phone is cheaper: stop.",
                step="Divide the same dollars by another number of people.",
                slips=(
                    (1.301, "That is Jonas's number: all who come."),
                    (2.635, "You divided by those who come without a voucher."),
                    (1.054, "That is the cost of one voucher, not of one result."),
                ),
            ),
        ),
        (
            "You are asked who is counted in the price, and then for the price of one extra result.",
            "Vouchers bring 81 people, an empty paper brings 40. How many results are extra?",
            "`105.4 / ____`",
        ),
        Solution(
            ("a", 2.57),
            "`105.4 / (81 - 40)` is 2.57 dollars, more than the phone's 2. (From the unrounded gap: 2.59.)",
        ),
        (("b", "costs nothing"), ("c", "compares with zero"), (("a", 1.3), "Jonas's number")),
    ),
}

QUIZ = {
    "01.q1": Quiz(
        "01.q1",
        "A test has a p-value of 0.04. It says that …",
        {
            "a": "4 of 100 changes like it are useless",
            "b": "the change is 96 per cent sure to work",
            "c": "4 of 100 useless changes look like it",
        },
        "c",
        {
            "a": "It starts from useless changes. It cannot say how many there are.",
            "b": "It speaks of useless changes, not of this one.",
            "c": "They show such a gap or a larger one, up or down.",
        },
    ),
    "01.q2": Quiz(
        "01.q2",
        "A share rises from 40 of 100 to 50 of 100. That is …",
        {"a": "10 points, 25 per cent", "b": "25 points, 10 per cent", "c": "10 points, 10 per cent"},
        "a",
        {
            "a": "50 − 40 = 10 points, and 10 / 40 is 25 per cent of what it was.",
            "b": "The other way round: points are the plain difference.",
            "c": "Per cent compares with what it was: 10 / 40.",
        },
    ),
    "01.q3": Quiz(
        "01.q3",
        "You run a simulation again with the same seed and get the same number. This shows that …",
        {
            "a": "the number is the true one",
            "b": "the draws were the same ones",
            "c": "the seed was a good one",
        },
        "b",
        {
            "a": "A run with the same seed repeats a number. It does not confirm it.",
            "b": "All draws follow from the seed.",
            "c": "No seed is better than another.",
        },
    ),
    "01.q4": Quiz(
        "01.q4",
        "Why may the gap of two groups of a random draw stand for the mean effect?",
        {
            "a": "over all draws it is right on average",
            "b": "each person was seen with both papers",
            "c": "both groups are equal in every draw",
        },
        "a",
        {
            "a": "The 70 gaps average to the truth. One gap may miss, hence the interval.",
            "b": "Each person shows one outcome. The other one stays hidden.",
            "c": "They are equal on average only: 12 of 70 draws said 0 or 1.",
        },
    ),
    "01.q5": Quiz(
        "01.q5",
        "The interval is 38 to 48 points, the break-even 44.7. The rule says …",
        {"a": "ship, as zero is far away", "b": "stop, as 38 is below 44.7", "c": "inconclusive, 44.7 is in"},
        "c",
        {
            "a": "Zero is no cost. Compare with the break-even.",
            "b": "Stop needs the whole interval below: 48 is above.",
            "c": "Effects below and above the break-even fit the data.",
        },
    ),
    "01.q6": Quiz(
        "01.q6",
        "The rule says inconclusive, though the gap lies well above the break-even. What helps?",
        {
            "a": "a smaller p-value for the effect",
            "b": "more people, a narrower interval",
            "c": "a look at the estimate on its own",
        },
        "b",
        {
            "a": "It compares with zero. The break-even is another line.",
            "b": "Plan their number beforehand (notebook 05).",
            "c": "The estimate is one of many effects that fit.",
        },
    ),
}
