"""Exercises of notebook 02: compute a stable assignment, find whom a ramp moved, see what two tests share."""

from __future__ import annotations

import numpy as np

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution

IN_TEST, CANCELLED = 10_000, 60  # learners in the test in the first week; euros a subscription


def _mails(guess: float | None, value: float) -> str:
    """Say how many learners that is, and what they may cost."""
    return (
        f"Of 10,000 learners, that is about {round(value / 100 * IN_TEST, -2):,.0f}. Each one who cancels"
        f" costs {CANCELLED} euros."
    )


def _fair(guess: float | None, value: float) -> str:
    return "A check against half and half would sound an alarm here, though nothing is broken."


def _copied(guess: float | None, value: float) -> str:
    return "The colour does nothing. Team B would ship it, and gain nothing."


PREDICTIONS = {
    "02.p1": Prediction(
        "02.p1",
        "In the first week 10 per cent of all learners are in the test, half of them with the new plan. Then"
        " 50 per cent are in, again half and half. Of 100 learners who were in the test in the first week,"
        " how many see the other plan in the second?",
        unit="of 100 learners",
        low=0,
        high=100,
        answer=50.0,
        consequence=_mails,
    ),
    "02.p2": Prediction(
        "02.p2",
        "The new entrants came in when the test grew from 10 to 50 per cent. Of 100 new entrants, how many"
        " are in treatment?",
        unit="of 100 learners",
        low=0,
        high=100,
        answer=62.5,
        consequence=_fair,
    ),
    "02.p3": Prediction(
        "02.p3",
        "The reminder adds 2 minutes a day, the colour adds nothing. Both tests have the salt 'default'. What"
        " effect does Team B measure for its colour, on average?",
        unit="minutes",
        low=-60,
        high=60,
        answer=2.0,
        step=0.1,
        consequence=_copied,
    ),
}


def _third_arm(rng: np.random.Generator) -> float:
    """Count the new entrants in the third arm among 100,000 learners under some salt."""
    from abkit.assignment.hashing import position

    where = position([f"learner-{i}" for i in range(100_000)], f"salt-{rng.integers(10**6)}") / 10_000
    new = where[(where >= 0.2) & (where < 0.5)]
    return 100 * float((new >= 2 / 3 * 0.5).mean())


def _two_cuts(rng: np.random.Generator) -> tuple[str, float]:
    """Count who has the reminder in both arms of the colour, among 100,000 learners under some salt."""
    from abkit.assignment.hashing import position

    where = position([f"learner-{i}" for i in range(100_000)], f"salt-{rng.integers(10**6)}") / 10_000
    reminder, colour = where < 0.5, where < 0.2
    return "b", 2 * float(reminder[colour].mean() - reminder[~colour].mean())


EXERCISES: dict[str, Exercise] = {
    "02.1": Exercise(
        "02.1",
        1,
        "A test with the salt '2026' lets everybody in whose position lies below the share. Above which"
        " share is the learner 'maya' in? Fill the blanks of `ab.position([____], ____) / 10_000`.",
        Near(
            0.5778,
            0.00015,
            unit="share",
            why="maya stands at .5778. A larger share lets her in, on every day and on every machine.",
            step="The call wants a list of ids first, then the salt, both in quotes.",
            slips=(
                (5778, "That is the place among 10,000. Divide by 10,000."),
                (0.2007, "You swapped salt and id."),
                (0.0705, "You left out the dot between salt and id."),
                (0.2512, "You took the last 15 signs. The rule takes the first 15."),
            ),
        ),
        (
            "You are asked for the position of one id under one salt, as a number from 0 to 1.",
            "Take the call that gave `where`, and put in a list with one id and the other salt.",
            "`ab.position(['maya'], ____) / 10_000`",
        ),
        Solution(0.5778, "`ab.position(['maya'], '2026') / 10_000`."),
        ((0.2007, "swapped"), (5778, "Divide by"), ("7%", "dot"), (0.25, "first 15"), (0.9, "list of ids")),
    ),
    "02.2": Exercise(
        "02.2",
        2,
        "A test with two hashes runs on 10 per cent of the users, half and half. You want more users in"
        " treatment, soon. What do you do?",
        Choice(
            "c",
            why={
                "a": "New weights move the cut between the arms: users of control change version.",
                "b": "A new salt shuffles all: many leave the test, half of the others change version.",
                "c": "The entry lets more users in, and the position for the arm stays as it is.",
            },
            options={
                "a": "set the weights to 20 and 80",
                "b": "raise `share`, take a new salt",
                "c": "raise `share`, keep the salt",
            },
            step="Take one user who is in control now, and ask what happens to her.",
        ),
        (
            "You are asked which change leaves all who are in where they are.",
            "Entry and arm are two positions. Ask of each choice which position or which cut it changes.",
            "To grow a test, raise the ____, and nothing else.",
        ),
        Solution("c", "A larger share lets users in. Nobody changes the arm."),
        (("a", "cut between the arms"), ("b", "shuffles all"), (3, "one of the letters")),
    ),
    "02.3": Exercise(
        "02.3",
        3,
        "A tool has one hash and three equal arms: the lowest third of the share is the first arm, the"
        " highest the third. The share grows from 20 to 50 per cent. Write code, or count on the line: of"
        " 100 new entrants, how many are in the third arm?",
        Near(
            55.56,
            0.06,
            unit="of 100 new entrants",
            noise=1.45,
            why="The new ones stand from .2 to .5, the third arm from .333 to .5: five ninths of them.",
            step="Which positions do the new entrants have? Where does the third arm begin now?",
            slips=(
                (
                    33.33,
                    "That is the third arm's part of all. New ones have no low positions.",
                ),
                (44.44, "That is the second arm, which begins at .167."),
                (66.67, "That is the part of the first users who change arm with three arms."),
                (62.5, "That is the number for two arms and a ramp from 10 to 50 per cent."),
                (16.67, "That divides by all users. Divide by the new entrants."),
            ),
        ),
        (
            "You are asked for a part of those who stand between the old and the new share.",
            "Cut the new share into three equal parts. Count who stands in the last one.",
            "`new = where[(where >= 0.2) & (where < ____)]`, then `100 * (new >= ____).mean()`.",
        ),
        Solution(
            55.56,
            "`new = where[(where >= 0.2) & (where < 0.5)]`, `100 * (new >= 2 / 3 * 0.5).mean()`. The first"
            " arm gets none of them: it holds early users only.",
        ),
        (
            (33.3, "part of all"),
            (44.4, "second arm"),
            (66.7, "first users"),
            (62.5, "two arms"),
            (16.7, "new entrants"),
            (90, "third arm begin"),
        ),
        method=_third_arm,
    ),
    "02.4": Exercise(
        "02.4",
        3,
        "Bug hunt. Two tests have the salt 'app' and one position. Positions below .5 get the reminder, which"
        " adds 2 minutes. Positions below .2 get the new colour, which does nothing. Ines compares the new"
        " with the old colour and writes: 'The colour works.' Which flaw is it, and how many minutes does she"
        " find, on average?",
        Both(
            Choice(
                "b",
                why={
                    "a": "Unequal arms are fair, if you compare means.",
                    "b": "Who has the new colour has the reminder too.",
                    "c": "The reminder harms no comparison, if it is spread evenly over the colours.",
                },
                options={
                    "a": "the colour's arm is too small",
                    "b": "both tests share one position",
                    "c": "the reminder should not run",
                },
                step="Draw the line from 0 to 1. Mark who has the colour, then who has the reminder.",
            ),
            Near(
                answer=1.25,
                tol=0.003,
                unit="minutes",
                noise=0.02,
                why="All with the new colour have the reminder, and 37.5 per cent of the others: 2 − 0.75.",
                step="Which part of each colour has the reminder?",
                slips=(
                    (-1.25, "The sign is the other way round: new colour minus old."),
                    (2.0, "That holds if nobody with the old colour had the reminder. Look from .2 to .5."),
                    (0.75, "That is what the reminder adds to the old colour. Take the gap."),
                    (1.4, "You divided those from .2 to .5 by all users. Divide by those from .2 to 1."),
                    (0.0, "That is the effect of the colour. She finds the reminder's in it."),
                    (1.0, "That treats the whole old colour as half reminded. Count from .2 to 1."),
                ),
            ),
        ),
        (
            "You are asked what the colour's comparison picks up from the other test.",
            "Count which part of the new colour has the reminder, and which part of the old. Each part is"
            " worth its share of 2 minutes.",
            "`reminder, colour = where < 0.5, where < 0.2`, then `2 * (reminder[colour].mean() - ____)`.",
        ),
        Solution(
            ("b", 1.25),
            "`reminder, colour = where < 0.5, where < 0.2`, then `2 * (reminder[colour].mean() -"
            " reminder[~colour].mean())`. Own salts make both parts 50 per cent, and the gap 0.",
        ),
        (
            (("a", 1.25), "Unequal arms are fair"),
            (("b", -1.25), "other way round"),
            (("b", 2), "old colour had the reminder"),
            (("b", 0.75), "Take the gap"),
            (("b", 1.4), "by all users"),
            (("b", 0), "effect of the colour"),
            (("b", 30), "part of each colour"),
        ),
        method=_two_cuts,
    ),
}


QUIZ = {
    q.key: q
    for q in (
        Quiz.of(
            "02.q1",
            "Why does chance, and not the user, choose the arm?",
            "a",
            a=("so that the arms are alike before", "Then only the version differs, apart from chance."),
            b=("so that both arms are equally large", "A test with 90 and 10 per cent is as fair."),
            c=("so that no user sees a difference", "Users may see it. The comparison is still fair."),
        ),
        Quiz.of(
            "02.q2",
            "An effect in this course is …",
            "b",
            a=("control minus treatment", "The sign is the other way round."),
            b=("treatment minus control", "Above 0 means that treatment has more."),
            c=("larger mean minus smaller", "Then no effect could be below 0."),
        ),
        Quiz.of(
            "02.q3",
            "A user of a test comes back after a week. Which version should she see?",
            "c",
            a=("one that is drawn anew", "Then one user sees both versions."),
            b=("the newest one there is", "Then control loses its users."),
            c=("the one of last week", "Otherwise her data belong to neither arm."),
        ),
        Quiz.of(
            "02.q4",
            "A tool takes one number from 0 to 255. Below 26: in the test. Below 128: control. Who of those"
            " in the test is in control?",
            "a",
            a=("all of them", "Every number below 26 is also below 128."),
            b=("half of them", "That needs a second number for the arm."),
            c=("none of them", "Then no number below 26 could be below 128."),
        ),
        Quiz.of(
            "02.q5",
            "A ramp moved half of the first users into control. Which comparison with treatment is fair?",
            "c",
            a=("all users in control now", "Some of them saw the new version, and lost it."),
            b=("the first users in control", "Those who lost the new version are among them."),
            c=("new entrants in control", "None of them lost a version, and a hash chose their arm."),
        ),
        Quiz.of(
            "02.q6",
            "Two tests have own salts, and their changes spoil each other. What is true?",
            "b",
            a=(
                "own salts undo the interaction",
                "Salts make comparisons fair. Users still see both.",
            ),
            b=(
                "fair, for a mix nobody will see",
                "It is the mean over a world in which half have the other.",
            ),
            c=("each plain effect is then biased", "Each is right for the mix of arms while both tests run."),
        ),
    )
}
