"""Exercises of notebook 04: read, choose and validate an interval."""

from __future__ import annotations

from abkit.exercises.checks import Choice, Near
from abkit.exercises.questions import Exercise, Quiz, Solution

_OBSERVED = {
    "a": (
        "Observed power is a function of p alone: p = .3 always gives .178. It is no evidence for an effect."
    ),
    "b": (
        "The interval holds zero, and it also holds large gains. No proof of an effect is not a proof of no"
        " effect."
    ),
    "c": "The interval says which effects fit the data. Compare its ends with the effect that pays.",
    "d": "Stopping at a good observed power is stopping at a small p: it is peeking with another name.",
}

EXERCISES = {
    "04.1": Exercise(
        "04.1",
        1,
        "Control: 30 users, mean 10.0, sd 3.0. Treatment: 300 users, mean 11.0, sd 1.0. What is Welch's"
        " two-sided p-value?",
        Near(
            0.07949,
            5e-4,
            why="The small arm varies most, so the error is 0.551 and t is 1.816 with 29.7 df.",
            slips=(
                (0.0000795, "That is Student's t: it lets 300 quiet users stand in for 30 noisy ones."),
                (0.06945, "You took the normal quantile. The small arm has 30 users: use t with Welch's df."),
                (0.03975, "That is the one-sided p-value. The question asks for two sides."),
            ),
            step="Pass two `Moments.summary(n, mean, sd)` to `ab.welch`, control first, and read `.pvalue`.",
            unit="share",
        ),
        ("`ab.Moments.summary(30, 10.0, 3.0)` is the control arm.", "`ab.welch(control, treatment).pvalue`"),
        Solution(
            0.07949, "The error is √(9/30 + 1/300) = 0.551. The effect of 1.0 is 1.816 errors, with 29.7 df."
        ),
        (
            (0.0000795, "Student's t"),
            (0.06945, "normal quantile"),
            (0.03975, "one-sided"),
            (0.5, "Moments.summary"),
        ),
    ),
    "04.2": Exercise(
        "04.2",
        2,
        "A test ends with p = .3. A colleague adds: 'observed power is .178'. What do you report? a) power"
        " was low, so the effect is probably there, b) there is no effect, c) the interval, beside the effect"
        " that pays, d) run until the observed power is .8.",
        Choice("c", _OBSERVED),
        (
            "Can two tests with the same p have different observed power?",
            "Which number still tells small effects from large ones?",
        ),
        Solution(
            "c",
            "Observed power repeats the p-value. The interval adds what p does not say: how large the effect"
            " can be.",
        ),
        (
            ("a", "function of p alone"),
            ("b", "not a proof of no effect"),
            ("d", "peeking"),
            (7, "one of the letters"),
        ),
    ),
    "04.3": Exercise(
        "04.3",
        3,
        "Write a procedure that averages the two variances (each divided by n, not n − 1), takes the error"
        " √(average · (1/n₁ + 1/n₂)) and the quantile 1.96. Calibrate its interval at 30 against 300 normal"
        " users with sd 3 and 1. Which share covers?",
        Near(
            0.857,
            0.012,
            why="The average gives the quiet large arm half of the say about a noisy small arm: .857.",
            slips=(
                (0.95, "That is the promise, or Welch's interval. Measure the interval of the question."),
                (0.621, "You pooled the variances with weights n. The question takes their plain average."),
                (0.143, "That is the share that misses. Coverage is the rest."),
                (0.872, "You used the true variances. Estimates from 30 users cover less often."),
            ),
            step=(
                "Return an `Effect` from `ab.z_test` with other ends, or count with numpy: low <= 0 <= high"
                " in 20,000 draws."
            ),
            unit="share",
        ),
        (
            "`normal_rows(30, sd=(3.0, 1.0), allocation=10 / 11)` draws the world.",
            "`arm.var(-1)` divides by n. Count `abs(difference) <= 1.96 * error`.",
        ),
        Solution(0.857, "About one interval in seven misses. Welch's interval covers .95 in the same world."),
        (
            (0.95, "promise"),
            (0.621, "plain average"),
            (0.143, "misses"),
            (0.872, "true variances"),
            (0.5, "ab.z_test"),
        ),
    ),
    "04.4": Exercise(
        "04.4",
        3,
        "Bug hunt. Tom has a treatment mean of 8.95 and the interval −0.33 to 0.88 of the difference. He"
        " draws a bar of 8.95 with `yerr = [[8.95 - low], [high - 8.95]]`. Matplotlib stops: yerr must not be"
        " negative. What is the half-length of the interval that belongs around the difference 0.27?",
        Near(
            0.605,
            0.011,
            why="The interval is 0.275 ± 0.605, on an axis of differences, against zero.",
            slips=(
                (1.21, "That is the whole length. From the middle to one end is half of it."),
                (9.28, "That is 8.95 − low: the distance of a mean from the end of a DIFFERENCE."),
                (-8.07, "That is high − 8.95, the negative yerr. A difference does not live around a mean."),
                (
                    8.07,
                    (
                        "You dropped the sign so that the plot runs. The bar still mixes a mean and a"
                        " difference."
                    ),
                ),
            ),
            step="The interval is about treatment − control. How far are its ends from its middle?",
            unit="share",
        ),
        ("Which quantity has the ends −0.33 and 0.88?", "Half of high − low."),
        Solution(
            0.605,
            "(0.88 + 0.33)/2. The bar mixed a mean with the interval of a difference. Draw the effect with"
            " `plot_effects`.",
        ),
        (
            (1.21, "whole length"),
            (9.28, "DIFFERENCE"),
            (-8.07, "negative yerr"),
            (8.07, "dropped the sign"),
            (3.0, "treatment − control"),
        ),
    ),
}

QUIZ = {
    "04.q1": Quiz(
        "04.q1",
        "Before you read an effect, you check …",
        {"a": "that the counts fit the plan", "b": "that p is small", "c": "that the arms have equal means"},
        "a",
        {
            "a": "A sample-ratio mismatch makes every interval worthless.",
            "b": "p is the result, no check.",
            "c": "The effect is the difference of the means.",
        },
    ),
    "04.q2": Quiz(
        "04.q2",
        "A user who comes back on three days is …",
        {"a": "three rows", "b": "one row with the sum", "c": "the first visit only"},
        "b",
        {
            "a": "Rows of one user are alike. They are no new information.",
            "b": "The unit of analysis is the unit of assignment.",
            "c": "That throws away what the user did later.",
        },
    ),
    "04.q3": Quiz(
        "04.q3",
        "Random assignment makes …",
        {
            "a": "the two arms equal in each experiment",
            "b": "the arm independent of what each user would do in either arm",
            "c": "every user respond alike",
        },
        "b",
        {
            "a": "They differ by chance. The interval measures that.",
            "b": "That is more than balance of the features you see.",
            "c": "Users still differ, and so may effects.",
        },
    ),
    "04.q4": Quiz(
        "04.q4",
        "You run an A/A test once. Which p-value is most likely?",
        {"a": "near .5", "b": "near 1", "c": "all are equally likely"},
        "c",
        {
            "a": "The average is .5, but no value is favoured.",
            "b": "No effect does not mean a large p.",
            "c": "One in twenty lies below .05, and one in twenty above .95.",
        },
    ),
    "04.q5": Quiz(
        "04.q5",
        "The 95 per cent interval is −0.3 to 0.9 euros. Break-even is 0.4. You say …",
        {"a": "no effect", "b": "inconclusive: it holds loss, zero and profit", "c": "a gain of 0.3 euros"},
        "b",
        {
            "a": "0.9 euros also fits the data.",
            "b": "A longer test with a planned size decides. Observed power does not.",
            "c": "That is the middle. The ends fit as well.",
        },
    ),
    "04.q6": Quiz(
        "04.q6",
        "Clicks per view, users assigned. What is a row?",
        {"a": "a view", "b": "a user with clicks and views", "c": "a click"},
        "b",
        {
            "a": "Views of one user are alike: 22 per cent of A/A tests reject.",
            "b": "The delta method needs both sums for each user.",
            "c": "A user without a click would vanish.",
        },
    ),
}
