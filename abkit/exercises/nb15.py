"""Notebook 15: can the control group catch the treatment?"""

from __future__ import annotations

import numpy as np

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution


def _tests_by_city(rng: np.random.Generator) -> float:
    """The way of the notebook: 400 tests by city of the world in 15.3."""
    from abkit.datasets import redesigns, word_of_mouth

    world = word_of_mouth(own=1.5, spill=-1.0, away=0.3, rng=7)
    return float(redesigns(world, "cities", reps=400, rng=rng).estimate.mean())


def _alarms(rng: np.random.Generator) -> float:
    """The way of the notebook: 4,000 tests without an effect, users compared as if each had a coin."""
    from abkit.datasets import marketplace
    from abkit.inference.means import welch
    from abkit.simulate import calibrate

    return float(100 * calibrate(marketplace(users=20), welch, reps=4_000, rng=rng).reject)


def _reached(guess: float | None, value: float) -> str:
    return "So the control group is hardly ever the world without the feature."


def _hidden(guess: float | None, value: float) -> str:
    return "What comes from friends reaches both arms alike, so the difference cannot show it."


def _sign(guess: float | None, value: float) -> str:
    if guess is not None and guess < 0:
        return "Your sign is that of the launch. The test by user shows the other one."
    return "A launch loses 0.14 euros a user, and a test by user shows a gain."


PREDICTIONS = {
    "15.p1": Prediction(
        "15.p1",
        "Of 100 control users, how many have at least one friend with voice notes?",
        unit="per cent",
        low=0,
        high=100,
        answer=98.2,
        step=1.0,
        consequence=_reached,
    ),
    "15.p2": Prediction(
        "15.p2",
        "A launch to all adds 5 minutes to everybody. How many minutes does a test by user show on average?",
        unit="minutes",
        low=-10,
        high=10,
        answer=2.0,
        step=0.1,
        consequence=_hidden,
    ),
    "15.p3": Prediction(
        "15.p3",
        "A coupon for all loses 0.14 euros a user. In a test by user both arms share the cars. How many euros"
        " a user does it show on average, with its sign?",
        unit="euros",
        low=-2,
        high=2,
        answer=0.50,
        step=0.02,
        consequence=_sign,
    ),
}

EXERCISES = {
    "15.1": Exercise(
        "15.1",
        1,
        "`ring` in the cell below is a new app with four cities of six users. Cities 0 and 1 are treated. How"
        " many of the 12 control users have a treated friend (a whole number of users)?",
        Near(
            answer=5,
            tol=0.1,
            unit="users",
            why="Coins by city, and still five: a third of the friendships lead to another city here.",
            step="Count users who are in control and have a treated friend.",
            slips=(
                (17, "You counted treated users as well."),
                (7, "These are the control users whom nothing reached."),
                (12, "That is the whole control group."),
            ),
        ),
        (
            "Two conditions must hold at once: in control, and a treated friend.",
            "`share`: of treated friends. Keep the users of cities 2 and 3; count those who have any.",
            "(share[ring.city >= 2] > ____).sum(), as in the count of Priya's control users",
        ),
        Solution(
            5, "(share[ring.city >= 2] > 0).sum(): 17 users have a treated friend; 5 of them are in control."
        ),
        wrong=(
            (17, "treated users as well"),
            (7, "nothing reached"),
            (3, "in control and have a treated friend"),
        ),
    ),
    "15.2": Exercise(
        "15.2",
        2,
        "Three tests wait for their coins: a new font for reading; a coupon for rides where cars are few;"
        " voice notes. Which of them need coins by city?",
        Choice(
            "b",
            why={
                "a": ("A font changes nothing for other people. Coins by city would only lose precision."),
                "b": (
                    "Users share the cars, and friends share the notes: an arm reaches the other through"
                    " both."
                ),
                "c": "My font reaches nobody else, but my voice notes reach friends.",
            },
            options={
                "a": "the font and voice notes",
                "b": "the coupon and the notes",
                "c": "the coupon and the font",
            },
            step="Ask of each: does my arm change what happens to you?",
        ),
        (
            "Ask who else notices when one user is treated.",
            "For each test, write the path from one user's arm to another user's outcome, or none.",
            "Font: user → ____. Coupon: user → cars → ____. Notes: user → friend → ____.",
        ),
        Solution(
            "b", "The coupon acts through cars that all users of a city share, the notes through friends."
        ),
        wrong=(("a", "changes nothing for other people"), ("c", "reach friends")),
    ),
    "15.3": Exercise(
        "15.3",
        3,
        "Another feature adds 1.5 minutes a day for the user who has it (`own`), and takes 1 minute from a"
        " user all of whose friends have it (`spill`). Three friendships in ten leave the city (`away`):"
        " `world = ab.datasets.word_of_mouth(own=1.5, spill=-1.0, away=0.3, rng=7)`. How many minutes does a"
        " test by city show on average?",
        Near(
            answer=0.797907,
            tol=0.005,
            unit="minutes",
            noise=0.079,
            why=(
                "By user it would be 1.50, and a launch to all gives 0.50: this time the test by user shows"
                " too much."
            ),
            step="Let many tests by city run in that app, and take the mean of what they show.",
            slips=(
                (1.5, "That is what a test by user shows."),
                (0.5, "That is the launch to all; friends in other cities keep a test by city away from it."),
            ),
        ),
        (
            "What is asked is a mean over many tests of the same people.",
            "Make the app, give new coins to its cities again and again, and average what the tests show.",
            'ab.datasets.redesigns(world, "____", reps=400, rng=1).estimate.mean()',
        ),
        Solution(
            0.797907,
            "Near 1.5 − 1 · .7 = 0.8: three friends in ten have coins of their own. The mean over all ways to"
            " treat 20 of 40 cities is world.expected('cities') = 0.798.",
        ),
        wrong=((1.5, "a test by user"), (0.5, "launch to all"), (3, "many tests by city")),
        method=_tests_by_city,
    ),
    "15.4": Exercise(
        "15.4",
        3,
        "Bug hunt. An analyst gives coins to 50 markets of 20 users, as alike as in the myth above, and"
        " nothing has an effect. Each time `ab.welch` compares the 500 users of one arm with the 500 of the"
        " other; a p-value below 0.05 is an alarm. `ab.datasets.marketplace(users=20)` are these markets."
        " Which flaw is it, and in how many of 100 such tests is there an alarm?",
        Both(
            Choice(
                "a",
                why={
                    "a": "Fifty coins fell, and the error pretends that a thousand did.",
                    "b": "An arm of 500 users is large enough for `ab.welch`.",
                    "c": "No arm reaches the other here: users are only alike.",
                },
                options={
                    "a": "the error counts the users",
                    "b": "the arms have few users",
                    "c": "the control group is reached",
                },
                step="Ask what had the coin, and what the error takes for independent.",
            ),
            Near(
                answer=24.976,
                tol=0.05,
                unit="of 100 tests",
                noise=3.5,
                why=(
                    "One in four instead of one in twenty, with twenty users a market; with 200 it is two in"
                    " three."
                ),
                step="Let `ab.calibrate` count the alarms in these markets.",
                slips=(
                    (5.0, "That is the promise, and what an error by market keeps."),
                    (67.0, "That is the number with 200 users a market; here a market has 20."),
                ),
            ),
        ),
        (
            "First the flaw: compare the unit of the coin with the unit of the error.",
            "Then its size: run the cell of the myth with 20 users in a market.",
            "100 * ab.calibrate(ab.datasets.marketplace(users=____), ab.welch, reps=4000, rng=1).reject",
        ),
        Solution(
            ("a", 24.976),
            "Two users of a market have correlation .1. So the true error is √(1 + 19 · .1) = 1.70 times what"
            " `ab.welch` says: its 1.96 errors are only 1.15 true ones, and 25.0 of 100 tests lie beyond.",
        ),
        wrong=(
            ("b", "large enough"),
            ("c", "only alike"),
            (("a", 5), "promise"),
            (("a", 67), "200 users a market"),
        ),
        method=lambda rng: ("a", _alarms(rng)),
    ),
}


QUIZ = {
    "15.q1": Quiz.of(
        "15.q1",
        "What does assignment by a hash of the user id give?",
        "a",
        a=("The same user has the same arm each day", "The hash of one id never changes."),
        b=("Both arms have the same number of users", "Only about: each hash falls like a coin."),
        c=("The friends of a user have the same arm", "Each id is hashed by itself, also those of friends."),
    ),
    "15.q2": Quiz.of(
        "15.q2",
        "What does a 95 per cent interval from 1.5 to 2.5 minutes say?",
        "c",
        a=("95 of 100 users gain 1.5 to 2.5 minutes", "It is about the mean, not about single users."),
        b=("95 of 100 new tests fall in these limits", "Each new test has limits of its own."),
        c=("95 of 100 such intervals cover the truth", "The promise is about the method."),
    ),
    "15.q3": Quiz.of(
        "15.q3",
        "How large is the standard error of a mean of 1,000 independent users, beside that of 250?",
        "b",
        a=("a quarter as large", "Four times the users halve it: the square root counts."),
        b=("one half as large", "The square root of 4 is 2."),
        c=("just the same size", "More independent users always make it smaller."),
    ),
    "15.q4": Quiz.of(
        "15.q4",
        "Friends pass on what adds minutes, as in Priya's app. Beside a launch, a test by user shows an"
        " effect that is",
        "c",
        a=("much too large", "It would be if treated users took something away from control."),
        b=("right on average", "Both arms get about as much of it, so it cancels in the difference."),
        c=("much too small", "What reaches both arms cancels in the difference."),
    ),
    "15.q5": Quiz.of(
        "15.q5",
        "A ride app tests a coupon, and cars are few. What gets the coin?",
        "a",
        a=("the city: its users share cars", "Then no arm takes cars from the other."),
        b=("the user: there are many more", "Treated users take the cars of control users."),
        c=("the ride: it is the finest unit", "One user would have the coupon and not have it."),
    ),
    "15.q6": Quiz.of(
        "15.q6",
        "Forty cities of 500 users had coins by city. What does the standard error count?",
        "b",
        a=("20,000 users, for each is a row", "Users of one city had one coin, and are alike."),
        b=("40 cities, for they had the coins", "The unit of the coin is the unit of the error."),
        c=(
            "500 users, for cities are equal",
            "The users of one city had one coin. Count the coins that fell.",
        ),
    ),
}
