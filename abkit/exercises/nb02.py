"""Exercises of notebook 02: build a stable assignment, test independence, ramp without moving anybody."""

from __future__ import annotations

from abkit.exercises.checks import Choice, Near
from abkit.exercises.questions import Exercise, Quiz, Solution

_RAMP = {
    "a": "New weights move the edge between the arms, so users change their arm.",
    "b": "The entry hash admits more users, and the arm hash stays as it is.",
    "c": (
        "A fresh salt shuffles entry and arm: exposed users leave the test, and half of those who stay change"
        " arm."
    ),
    "d": "The same salt gives the same arms twice, so the two effects are mixed.",
}

EXERCISES = {
    "02.1": Exercise(
        "02.1",
        1,
        "Which bucket has the id 'maya' under the salt '2026'?",
        Near(
            5778,
            0.4,
            why="The digest of '2026.maya', first 15 digits, modulo 10,000.",
            slips=(
                (2007, "You swapped salt and id. The salt comes first, then a dot, then the id."),
                (705, "You left out the dot between salt and id."),
                (2512, "You took the last 15 digits. The rule takes the first 15."),
            ),
            step="Call `ab.position` with a list of one id and the salt.",
        ),
        ("Use the function `bucket` of this notebook.", "`ab.position(['maya'], '2026')`"),
        Solution(5778, "The same number comes from `bucket('maya', '2026')`."),
        ((2007, "swapped"), (705, "dot"), (2512, "first 15"), (-1, "list of one id")),
    ),
    "02.2": Exercise(
        "02.2",
        2,
        "A test runs with 10 per cent of the users, half and half. You want more users. What do you do? a)"
        " change the weights to 80/20, b) raise `share` and keep the salt, c) raise `share` and take a fresh"
        " salt, d) start a second test with the same salt.",
        Choice("b", _RAMP),
        (
            "Which change touches the arm of a user who is already in?",
            "Entry and arm have two hashes. Change only one of them.",
        ),
        Solution("b", "A larger share adds users. Nobody changes the arm."),
        (("a", "edge"), ("c", "leave the test"), ("d", "mixed"), (3, "one of the letters")),
    ),
    "02.3": Exercise(
        "02.3",
        3,
        "A one-hash tool has four equal arms and grows from 20 to 30 per cent. Which share of the exposed"
        " users changes its arm?",
        Near(
            0.625,
            0.012,
            why="The first quarter keeps its arm, and half of the second: five eighths move.",
            slips=(
                (0.25, "That is the answer for two arms. Count again with four."),
                (0.5, "That is the answer for three arms. Count again with four."),
                (0.75, "That is the answer for a ramp that doubles. This one grows by half."),
                (0.375, "That is the share that stays. The question asks for the share that moves."),
                (0.0, "That is the answer for two hashes. This tool has one."),
            ),
            step="Write the arm of each position from 0 to 1,999 before and after, and compare.",
            unit="share",
        ),
        (
            "Before: arm = position × 4 // 2,000. After: arm = position × 4 // 3,000.",
            "Count the positions from 0 to 1,999 where they differ.",
        ),
        Solution(
            0.625,
            "Positions 0 to 499 keep arm 0, and 750 to 999 keep arm 1. The other 1,250 of 2,000 move down by"
            " one arm.",
        ),
        (
            (0.25, "two arms"),
            (0.5, "three arms"),
            (0.75, "doubles"),
            (0.375, "stays"),
            (0.0, "two hashes"),
            (0.9, "before and after"),
        ),
    ),
    "02.4": Exercise(
        "02.4",
        3,
        "Bug hunt. Ines takes a number from 0 to 255 out of a hash. Users below 26 enter, and users below 128"
        " are control. Which share of the enrolled users is in control?",
        Near(
            1.0,
            1e-3,
            why="All values below 26 are below 128: nobody is in treatment.",
            slips=(
                (0.5, "That holds for a second, independent number. She uses one number for both."),
                (26 / 256, "That is the share of all users that enters. Among them, ask for the arm."),
                (0.0, "Below 128 is control, and every enrolled value is below 26."),
            ),
            step="List the values that enter, then ask each of them for its arm.",
        ),
        ("Which values enter?", "Is any of them 128 or more?"),
        Solution(1.0, "Entry and arm need two hashes. A sample-ratio check shows this at once."),
        ((0.5, "independent number"), (26 / 256, "enters"), (0.0, "control"), (0.25, "values that enter")),
    ),
}

QUIZ = {
    "02.q1": Quiz(
        "02.q1",
        "Why is the arm chosen by chance?",
        {
            "a": "so that the arms differ only by the treatment, on average",
            "b": "so that both arms have the same number of users",
            "c": "so that users do not notice",
        },
        "a",
        {
            "a": "Chance spreads everything else evenly over the arms.",
            "b": "A 90/10 test is as sound as a 50/50 test.",
            "c": "Users may notice. The comparison is still fair.",
        },
    ),
    "02.q2": Quiz(
        "02.q2",
        "An effect in this course is …",
        {
            "a": "control minus treatment",
            "b": "treatment minus control",
            "c": "the larger mean minus the smaller",
        },
        "b",
        {
            "a": "The sign is the other way round.",
            "b": "A positive effect means that treatment has more.",
            "c": "Then no effect could be negative.",
        },
    ),
    "02.q3": Quiz(
        "02.q3",
        "A user comes back after a week. Which version should she see?",
        {"a": "a version drawn anew", "b": "the newest version", "c": "the version of last week"},
        "c",
        {
            "a": "Then one user sees both versions.",
            "b": "Then control loses its users.",
            "c": "Otherwise her data belong to no arm.",
        },
    ),
    "02.q4": Quiz(
        "02.q4",
        "Two experiments have the same salt and the same weights. Their arms are …",
        {"a": "independent", "b": "the same", "c": "opposite"},
        "b",
        {
            "a": "Independence needs two salts.",
            "b": "The position is a function of salt and id alone.",
            "c": "Nothing turns them round.",
        },
    ),
    "02.q5": Quiz(
        "02.q5",
        "You raise `share` in `ab.assign` from .1 to .5. How many exposed users change their arm?",
        {"a": "half", "b": "one in ten", "c": "none"},
        "c",
        {
            "a": "That happens with one hash for two purposes.",
            "b": "No user in the test is moved.",
            "c": "The arm has a hash of its own.",
        },
    ),
    "02.q6": Quiz(
        "02.q6",
        "A rule says `country != 'DE'`. A user's country is unknown. Is the user eligible?",
        {"a": "yes", "b": "no"},
        "b",
        {
            "a": "The user could be from Germany. Of an unknown country nothing is known.",
            "b": "A rule is met only by a known value.",
        },
    ),
}
