"""Exercises of notebook 03: detect missing users, say who is missing, and decide what to do."""

from __future__ import annotations

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution


def _all_gone(guess: float | None, value: float) -> str:
    """Say what the missing users are worth."""
    return f"The missing users make {value / 100 * 300_000:,.0f} of the 300,000 euros a month."


def _allowed(guess: float | None, value: float) -> str:
    return f"Maya's gap is 6,106 users, {6_106 / value:.2f} times as large. It is no chance."


def _unseen(guess: float | None, value: float) -> str:
    return f"The other {100 - value:.0f} of 100 such tests pass, and their effect would be read."


PREDICTIONS = {
    "03.p1": Prediction(
        "03.p1",
        "Treatment shows 6,106 users fewer than control, 0.7 per cent of an arm. Suppose they were there, and"
        " none of them booked. Put them back into the table. How many per cent of the gain of 300,000 euros a"
        " month go away?",
        unit="per cent",
        low=0,
        high=100,
        answer=100.0,
        consequence=_all_gone,
    ),
    "03.p2": Prediction(
        "03.p2",
        "A fair coin gives each of 1,637,070 users an arm, and nobody is lost. The arms still"
        " differ a little."
        " Which gap between the arms is passed by only 1 in 1,000 such tests?",
        unit="users",
        low=0,
        high=1_637_070,
        answer=4_210.0,
        step=10.0,
        consequence=_allowed,
    ),
    "03.p3": Prediction(
        "03.p3",
        "An app tests with 20,000 users, half and half. Of its users 40 in 100 have android, and treatment"
        " loses 10 in 100 of those. In how many of 100 such tests does the check of all users raise the alarm"
        " at .001?",
        unit="of 100 tests",
        low=0,
        high=100,
        answer=33.3,
        consequence=_unseen,
    ),
}

_REACTION = {
    "a": "The counts are then equal. The lost users stay lost, and so does the difference that they make.",
    "b": "More days shrink the error of chance. They do not shrink the difference that lost users make.",
    "c": "Until the cause is found, no effect of this test can be read, on day 9 or on day 30.",
}

EXERCISES: dict[str, Exercise] = {
    "03.1": Exercise(
        "03.1",
        1,
        "The plan is 90 per cent control, 10 per cent treatment. You count 9,070 and 930 users."
        " Fill the blanks"
        " of `ab.srm([9_070, 930], [____, ____]).pvalue`. What is the p-value, with two digits"
        " that are not 0?",
        Near(
            answer=0.01963,
            tol=5e-4,
            unit="share",
            why="In 2 of 100 sound tests the gap is as large or larger. At .001 this is no alarm.",
            slips=(
                (0.0, "That comes of an equal split, or of the plan in reverse order."),
                (0.00982, "That counts one side only. Chance can go to either side."),
                (5.444, "That is chi-square. The question asks for the p-value."),
                (0.98037, "That is the chance of a smaller gap. The p-value counts the larger ones."),
            ),
            step="The plan goes into the second list, control first.",
        ),
        (
            "You are asked how often chance alone gives counts so far from this plan.",
            "The first list holds the counts, the second the planned shares, which add up to 1.",
            "`ab.srm([9_070, 930], [0.9, ____]).pvalue`",
        ),
        Solution(
            0.01963,
            "`ab.srm([9_070, 930], [0.9, 0.1]).pvalue`. Planned are 9,000 and 1,000: 70²/9,000 + 70²/1,000 ="
            " 5.44.",
        ),
        (
            (0.0, "reverse order"),
            (0.0098, "one side"),
            (5.44, "chi-square"),
            (0.98, "smaller gap"),
            (0.3, "second list"),
        ),
    ),
    "03.2": Exercise(
        "03.2",
        2,
        "Day 9 of 30: the check that may be read daily raises its alarm. The effect so far is +2"
        " per cent, and"
        " its interval (the effects that fit the data) lies above what pays. What do you do, and why?",
        Choice(
            "c",
            why=_REACTION,
            options={
                "a": "drop users until both arms are equal",
                "b": "run on to day 30, then read the effect",
                "c": "stop, find the cause, then run again",
            },
            step="Ask which of the three brings a missing user back.",
        ),
        (
            "You are asked what makes a comparison of this change possible again.",
            "Think of the 100 users an arm. Which action changes who is missing?",
            "As long as the ____ is unknown, nobody can say what the missing users would have done.",
        ),
        Solution(
            "c", "Nothing that is done with the users who are left tells what the missing ones would do."
        ),
        (("a", "stay lost"), ("b", "do not shrink"), (7, "one of the letters")),
    ),
    "03.3": Exercise(
        "03.3",
        3,
        "A ride app plans 80 per cent control, 20 per cent treatment. The options hold control"
        " and treatment of"
        " three cities. One city lost treatment users. Write code that finds it, at .001 for the three checks"
        " together. Which city is it, and about how many treatment users are missing there?",
        Both(
            Choice(
                "b",
                why={
                    "a": "There treatment has about the fifth that was planned: p is .50.",
                    "b": "There p is about 2 in a million millions.",
                    "c": "Its p of .024 is far above .001 / 3. Chance gives such a gap in 2 of 100 cities.",
                },
                options={
                    "a": "north: 40,100 and 9,950",
                    "b": "south: 32,000 and 7,300",
                    "c": "west: 8,090 and 1,910",
                },
                step="Run the check in each city with the plan of 80 to 20.",
            ),
            Near(
                answer=700.0,
                tol=50.0,
                unit="users",
                why=(
                    "About 700: to 32,000 in control belong 8,000 in treatment, give or take 100, and 7,300"
                    " came."
                ),
                slips=(
                    (560.0, "You took a fifth of the total, but the total lost the same users."),
                    (8_000.0, "That is how many belong to control's 32,000. How many of them came?"),
                    (24_700.0, "That is the gap between the arms. The plan is not half and half."),
                ),
                step="How many treatment users belong to 32,000 control users at 80 to 20?",
            ),
        ),
        (
            "You are asked who is missing, and how many.",
            "Put the three cities into a dictionary and check them at once. Then compare with what"
            " control tells.",
            '`ab.localise({"north": [40_100, 9_950], "south": [32_000, 7_300], "west": [8_090, 1_910]}, [0.8,'
            " ____])`, then `32_000 * 0.2 / ____ - 7_300`.",
        ),
        Solution(
            ("b", 700),
            "`ab.localise` names south alone. 20 per cent belong to 80 per cent as 8,000 to 32,000: 700 are"
            " missing, give or take 100.",
        ),
        (
            (("a", 700), "the fifth that was planned"),
            (("c", 700), "in 2 of 100"),
            (("b", 560), "lost the same users"),
            (("b", 8_000), "How many of them came"),
            (("b", 24_700), "not half and half"),
            (("b", 100), "80 to 20"),
        ),
    ),
    "03.4": Exercise(
        "03.4",
        3,
        "Bug hunt. Ben's tool raises an alarm if an arm lies more than 5 per cent above or below its planned"
        " number of users. He writes: 'No alarm, so nobody is missing.' Which flaw is it? And in Maya's test,"
        " 1,637,070 users planned half and half, up to which gap between the arms is the tool"
        " silent, in users?",
        Both(
            Choice(
                "b",
                why={
                    "a": "With 200 users it is: 44 of 100 sound tests raise the alarm. With a million it is"
                    " far too much.",
                    "b": "Chance gives 5 per cent with 200 users, and never with a million.",
                    "c": "1 per cent would still be 16,371 users in Maya's test. Chance passes 4,210 in 1 of"
                    " 1,000.",
                },
                options={
                    "a": "5 per cent is too little for any test",
                    "b": "the limit ignores the number of users",
                    "c": "its limit has to be 1 per cent instead",
                },
                step="How large is the gap of chance with 200 users, and with 1.6 million?",
            ),
            Near(
                answer=81_854.0,
                tol=60.0,
                unit="users",
                why="That is 19 times the gap at which the check raises the alarm. Maya's 6,106 pass unseen.",
                slips=(
                    (
                        40_927.0,
                        "That is how far one arm lies from its plan. The other lies as far on its side.",
                    ),
                    (4_210.0, "That is where the check of this notebook raises the alarm, not his tool."),
                    (6_106.0, "That is Maya's gap. Ask which gap his tool would notice."),
                    (163_707.0, "You took 5 per cent of all users for each arm. An arm is half of them."),
                ),
                step="How many users are 5 per cent of one arm? What does the other arm do then?",
            ),
        ),
        (
            "You are asked what his limit leaves out, and how much passes under it.",
            "Take 5 per cent of one planned arm. If one arm lies so far below, the other lies so far above.",
            "`arm = 1_637_070 / 2`, then `2 * ____ * arm`",
        ),
        Solution(
            ("b", 81_854),
            "`2 * 0.05 * 1_637_070 / 2`. In per cent, chance shrinks with the users; a fixed limit does not.",
        ),
        (
            (("a", 81_854), "far too much"),
            (("c", 81_854), "16,371"),
            (("b", 40_927), "one arm"),
            (("b", 4_210), "not his tool"),
            (("b", 100), "5 per cent of one arm"),
        ),
    ),
}


QUIZ = {
    q.key: q
    for q in (
        Quiz.of(
            "03.q1",
            "A user comes back the next day. With a stable assignment she gets …",
            "a",
            a=("the arm that she had", "The arm is fixed by the user and the name of the test."),
            b=("a new arm by a coin", "Then one user would see both versions."),
            c=("the smaller of both", "An arm that depends on the counts is not random."),
        ),
        Quiz.of(
            "03.q2",
            "What makes the users of two arms comparable?",
            "c",
            a=("as many in each arm", "A test of 90 to 10 is as sound as one of 50 to 50."),
            b=("very many in both", "A large test that is broken stays broken."),
            c=("chance picks the arm", "Then nothing else differs between them, on average."),
        ),
        Quiz.of(
            "03.q3",
            "You toss a fair coin 100 times. How many heads do you see?",
            "b",
            a=("exactly 50, always", "Exactly 50 comes in 8 of 100 tries."),
            b=("about 50, seldom 60", "More than 60 heads come in fewer than 2 of 100 tries."),
            c=("from 0 to 100, alike", "Most tries lie between 40 and 60."),
        ),
        Quiz.of(
            "03.q4",
            "A test planned 90 to 10 shows 9,000 and 1,000 users. The check …",
            "b",
            a=("alarms, the arms differ", "Compare with the plan, not with half and half."),
            b=("passes, the plan is met", "The counts are exactly as planned."),
            c=("cannot judge such plans", "It takes any planned shares."),
        ),
        Quiz.of(
            "03.q5",
            "All users pass, and the old phones raise the alarm at .001 / 4. You …",
            "c",
            a=("read the effect of all users", "Old phones are part of all users. Their loss is in it."),
            b=(
                "leave the old phones out now",
                "The rest may leak too, unseen, and it answers for other users only.",
            ),
            c=("look for the cause there", "The segment says where to look."),
        ),
        Quiz.of(
            "03.q6",
            "The counts do not fit, and the effect looks large. What do you know about it?",
            "a",
            a=("nothing yet: who is missing?", "The missing users may be all of it, or none of it."),
            b=("it is real, since it is large", "The largest effects are often a fault of the data."),
            c=("it is zero, the test is broken", "It may be there. This test cannot tell."),
        ),
    )
}
