"""Exercises of notebook 00: run, check and reset a notebook."""

from __future__ import annotations

from abkit.exercises.checks import Choice, Near
from abkit.exercises.questions import Exercise, Quiz, Solution

_KERNEL = {
    "a": "Saving writes the file. The names in memory stay as they are.",
    "b": "A restart empties the memory, and then every cell runs in the order of the page.",
    "c": "Running one cell again keeps all other names, also those of deleted cells.",
}
_SEED = {
    "a": "The same seed gives the same draws, so two runs cannot confirm each other. Change the seed.",
    "b": "Speed does not depend on the seed.",
    "c": "They must agree: it is one run, printed twice. It confirms nothing.",
}

EXERCISES = {
    "00.1": Exercise(
        "00.1",
        1,
        "Change the two counts in the cell of the third number: treatment 66 of 100, control 50 of 100. What"
        " is the difference, as a share?",
        Near(
            0.16,
            1e-6,
            why="66/100 - 50/100 = 0.16, treatment minus control.",
            slips=(
                (-0.16, "You took control minus treatment. The order is treatment minus control."),
                (0.32, "That is the relative lift, 0.16/0.50. The question asks for the difference."),
            ),
            step="Subtract the control's share from the treatment's share.",
            unit="share",
        ),
        ("A share is successes divided by units.", "Write `66 / 100 - 50 / 100`."),
        Solution(0.16, "The share of the treatment is 0.66, that of the control is 0.50."),
        (
            (-0.16, "control minus treatment"),
            (0.32, "relative lift"),
            ("a lot", "one number"),
        ),
    ),
    "00.2": Exercise(
        "00.2",
        2,
        "A cell fails with a name that is not defined. A colleague's screen shows a number in that cell. What"
        " shows that the notebook works? a) save it, b) restart the kernel and run all, c) run the cell"
        " again.",
        Choice("b", _KERNEL),
        ("Where do names live: in the file, or in memory?", "Which of the three empties the memory?"),
        Solution("b", "Only a fresh kernel shows that the cells work in the order of the page."),
        (("a", "Saving writes the file"), ("c", "keeps all other names"), (3, "one of the letters")),
    ),
    "00.3": Exercise(
        "00.3",
        3,
        "Compute the variance (divisor n - 1) of 100000001, 100000002, 100000003. Use any code.",
        Near(
            1.0,
            1e-9,
            why="The deviations are -1, 0 and 1. Their squares sum to 2, and n - 1 is 2.",
            slips=(
                (2 / 3, "You divided by n. A sample variance divides by n - 1."),
                (0.0, "The textbook formula lost all digits: subtract the mean first, then square."),
                (2.0, "That is the sum of squares. Divide it by n - 1."),
            ),
            step="Subtract the mean first, square the deviations, sum them and divide by n - 1.",
        ),
        ("Subtract the mean of the three numbers first.", "`ab.Moments.of([...]).cov` does it in one call."),
        Solution(1.0, "A shift of 1e8 does not change a variance: it is that of 1, 2, 3."),
        ((2 / 3, "divided by n"), (0.0, "lost all digits"), (2.0, "sum of squares")),
    ),
    "00.4": Exercise(
        "00.4",
        3,
        "Bug hunt. Lina runs a simulation twice with seed 7 and gets 0.0512 twice. She writes: "
        "'two independent runs agree'. What is wrong? a) the runs are not independent, b) the seed made "
        "the run slow, c) nothing is wrong, the numbers agree.",
        Choice("a", _SEED),
        ("What does a seed fix?", "Would a third run with seed 7 give another number?"),
        Solution("a", "The runs are copies. A second seed gives a second, independent number."),
        (("b", "Speed does not depend"), ("c", "one run, printed twice"), ("x", "one of the letters")),
    ),
}

QUIZ = {
    "00.q1": Quiz(
        "00.q1",
        "Which difference does an effect in this series report?",
        {"a": "control minus treatment", "b": "treatment minus control", "c": "the larger minus the smaller"},
        "b",
        {
            "a": "That turns the sign: a gain would be negative.",
            "b": "A positive effect means that the treatment is higher.",
            "c": "Then no effect could be negative.",
        },
    ),
    "00.q2": Quiz(
        "00.q2",
        "What does a p-value of 0.03 say?",
        {
            "a": "the treatment is better with 97 per cent probability",
            "b": "without an effect, data at least this far from zero come in 3 of 100 tests",
            "c": "the effect is 3 per cent",
        },
        "b",
        {
            "a": "A p-value assumes no effect. It cannot give the probability of an effect.",
            "b": "It is a statement about the data if there is no effect.",
            "c": "A p-value has no unit of the metric. The estimate is the effect.",
        },
    ),
    "00.q3": Quiz(
        "00.q3",
        "Why does each notebook set a seed?",
        {
            "a": "so that you get the printed numbers",
            "b": "so that the numbers are true",
            "c": "so that the code is faster",
        },
        "a",
        {
            "a": "The same seed repeats the same draws.",
            "b": "A seed repeats a number, right or wrong.",
            "c": "A seed does not change the speed.",
        },
    ),
}
