"""Exercises of notebook 00: run, check and reset a notebook, and ask first what chance does."""

from __future__ import annotations

import numpy as np

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution

PRICE = 40_000  # euros for the new page


def _shown(guess: float | None, value: float) -> str:
    """Say what so many useless pages mean for the price."""
    return (
        f"Who pays for every gap of this size also pays for useless pages: {PRICE:,} euros, and nothing comes"
        " of it."
    )


def _remembered(guess: float | None, value: float) -> str:
    return f"The page shows no sign of it: only memory holds {value:.0f}. A restart brings back 560."


def _reproduced(guess: float | None, value: float) -> str:
    return "So for such numbers your machine and ours are one. A wrong formula would have missed one of them."


PREDICTIONS = {
    "00.p1": Prediction(
        "00.p1",
        "Take pages that change nothing: the same share books on both. Each is tested on 10,000 visitors of"
        " the old page and 10,100 of the new. How many of 100 such pages show a gap of 0.54 points or more,"
        " up or down?",
        unit="of 100 pages",
        low=0,
        high=100,
        answer=8.4,
        consequence=_shown,
    ),
    "00.p2": Prediction(
        "00.p2",
        "A colleague runs the cell `bookings = 500` once. Then she runs the cell `bookings = bookings + 60`,"
        " is called away, comes back, and runs it two more times. What number does `bookings` hold now?",
        unit="bookings",
        low=0,
        high=2_000,
        answer=680,
        consequence=_remembered,
    ),
    "00.p3": Prediction(
        "00.p3",
        "Five numbers come from papers and from the program R. How many of them does your machine give, to"
        " the last printed digit?",
        unit="numbers",
        low=0,
        high=5,
        answer=5,
        consequence=_reproduced,
    ),
}


def _smaller_gap(rng: np.random.Generator) -> float:
    """Count useless pages with a gap of 0.3 points, as the notebook counts those of Lina's gap."""
    old = rng.binomial(20_000, 0.0515, 10_000) / 20_000
    new = rng.binomial(20_000, 0.0515, 10_000) / 20_000
    return 100 * float((abs(new - old) >= 0.003 - 1e-12).mean())


_KERNEL: dict[str, str] = {
    "a": "Saving writes the page to the disk. What stands in memory stays as it is.",
    "b": "A restart empties the memory. Then every cell runs once, in the order of the page.",
    "c": "That cell runs, and all names in memory stay, also those of cells that are gone.",
}
_SEED: dict[str, str] = {
    "a": "10,000 pages are many: the share moves by about 0.3 of 100 from one seed to another.",
    "b": "A restart is right: it shows that no hidden step is at work. It makes no new draws.",
    "c": "Seed 7 draws the same pages again. It is one simulation, printed three times.",
}

EXERCISES: dict[str, Exercise] = {
    "00.1": Exercise(
        "00.1",
        1,
        "Of 100 visitors of the new page, how many book? Fill the blank of `100 * 560 / ____`, and give two"
        " decimals.",
        Near(
            answer=5.545,
            tol=0.006,
            unit="of 100 visitors",
            why="560 of the 10,100 visitors of this page book.",
            step="Divide by the visitors of the same page, and by nobody else.",
            slips=(
                (5.6, "You divided by 10,000: the visitors of the old page."),
                (5.0, "That is the old page."),
                (2.786, "You divided by the visitors of both pages."),
                (0.545, "That is the gap to the old page."),
            ),
        ),
        (
            "You are asked for a share of the new page, written per 100 visitors.",
            "The bookings are 560. The table above says how many visitors that page had.",
            "`100 * 560 / ____`",
        ),
        Solution(5.545, "`100 * 560 / 10_100`"),
        (
            (5.6, "visitors of the old page"),
            (5, "the old page"),
            (2.79, "both pages"),
            (0.54, "the gap"),
            ("many", "one number"),
        ),
    ),
    "00.2": Exercise(
        "00.2",
        2,
        "In your notebook a cell fails: `name 'visits' is not defined`. On a colleague's screen the same cell"
        " shows a number. Which step tells you both whose screen to believe?",
        Choice(
            right="b",
            why=_KERNEL,
            options={
                "a": "she saves the page and sends it to you",
                "b": "she restarts, and runs all of the cells",
                "c": "she runs that cell again on her screen",
            },
            step="Which of the steps empties the memory?",
        ),
        (
            "A number on a screen may come from memory. Where does memory come from?",
            "Go through the letters: what is in memory after each?",
            "Only one of them begins with an empty memory, as your machine did.",
        ),
        Solution("b", "Her screen shows a name that only her memory held. A restart shows it to her too."),
        (("a", "to the disk"), ("c", "stay"), (3, "one of the letters")),
    ),
    "00.3": Exercise(
        "00.3",
        3,
        "Another clinic also counts 60 bookings more: 1,000 of 20,000 visitors book on its old page, 1,060 of"
        " 20,000 on its new one. How many of 100 useless pages show such a gap, 0.3 points, up or down?"
        " Simulate or compute it.",
        Near(
            answer=17.47,
            tol=0.06,
            noise=2.0,
            unit="of 100 pages",
            why="60 more bookings, and chance shows it about twice as often as at Lina's clinic.",
            step="Which numbers of Lina's clinic still stand in your code: the visitors, the share, the gap?",
            slips=(
                (8.73, "You counted one direction. The question asks for up or down."),
                (8.42, "That is Lina's clinic: your code still holds her numbers."),
                (0.1747, "That is a share. Multiply by 100 to count of 100 pages."),
                (82.53, "Those are the pages with a smaller gap."),
            ),
        ),
        (
            "You are asked for useless pages: both pages get the same share of bookings, 2,060 of 40,000.",
            "Copy the cells that drew `old`, `new` and `gaps`, and change visitors, share and the gap.",
            "`ab.datasets.rarity(____, 5, 0.3)` gives it exactly: the visitors of each page are missing.",
        ),
        Solution(
            17.47,
            "`ab.datasets.rarity(20_000, 5, 0.3)`, or the three lines of numpy with 20,000, 0.0515 and 0.3.",
        ),
        ((8.73, "one direction"), (8.42, "Lina's clinic"), (82.5, "smaller gap"), (50, "still stand")),
        method=_smaller_gap,
    ),
    "00.4": Exercise(
        "00.4",
        3,
        "Bug hunt. Lina simulates 10,000 useless pages with seed 7 and counts 8.5 of 100. She restarts and"
        " runs it again with seed 7: 8.5. A third time: 8.5. She writes: “three independent simulations"
        " agree.” Which flaw is it, and how many different pages has she simulated in all?",
        Both(
            Choice(
                right="c",
                why=_SEED,
                options={
                    "a": "10,000 pages are far too few to count",
                    "b": "the restart spoils a long simulation",
                    "c": "the same seed repeats the same draws",
                },
                step="What would a fourth run with seed 7 give?",
            ),
            Near(
                answer=10_000,
                tol=1,
                unit="pages",
                why="10,000 pages, three times the same ones.",
                step="Count a page once, however often it is printed.",
                slips=((30_000, "The second and the third run drew the pages of the first again."),),
            ),
        ),
        (
            "You are asked what makes the runs agree, and then for a count of pages.",
            "What does a seed fix? Change it in the cell of the simulation, and look.",
            'Answer with a pair, such as `("a", 5_000)`.',
        ),
        Solution(("c", 10_000), "Three copies of one run. Seeds 8 and 9 would give two more runs."),
        (("a", "many"), ("b", "no hidden step"), (("c", 30_000), "the first again")),
    ),
}

QUIZ = {
    "00.q1": Quiz(
        "00.q1",
        "50 of 1,000 visitors book. How many of 100 is that?",
        {"a": "5 of 100", "b": "50 of 100", "c": "20 of 100"},
        "a",
        {
            "a": "50 / 1,000 = 0.05, and 0.05 times 100 is 5.",
            "b": "That would be half of the visitors.",
            "c": "You divided 1,000 by 50. Divide bookings by visitors.",
        },
    ),
    "00.q2": Quiz(
        "00.q2",
        "A share rises from 4 of 100 to 5 of 100. How do you say it?",
        {
            "a": "by 1 per cent, or by 25 points",
            "b": "by 25 points, or by 4 per cent",
            "c": "by 1 point, or by 25 per cent",
        },
        "c",
        {
            "a": "The other way round: a difference of percentages is counted in points.",
            "b": "The difference is 5 − 4 = 1. Points count differences.",
            "c": "5 − 4 = 1 percentage point. 1 / 4 = 25 per cent of what it was.",
        },
    ),
    "00.q3": Quiz(
        "00.q3",
        "The new page is the treatment, the old page the control. A positive effect means that the treatment"
        " is higher. Which difference is it?",
        {
            "a": "control minus treatment",
            "b": "treatment minus control",
            "c": "larger minus smaller",
        },
        "b",
        {
            "a": "Then a gain would be negative.",
            "b": "So in the whole series: plus means that the new one is higher.",
            "c": "Then no effect could be negative, and you could not see a loss.",
        },
    ),
    "00.q4": Quiz(
        "00.q4",
        "A test of another page has a p-value of 0.03. What does it say?",
        {
            "a": "with 97 chances in 100 this page works",
            "b": "3 of 100 pages like this one are useless",
            "c": "3 of 100 useless pages show such a gap",
        },
        "c",
        {
            "a": "It speaks about pages that change nothing, not about this one.",
            "b": "It starts from useless pages. It cannot say how many of them there are.",
            "c": "Such a gap or a larger one, up or down. That is all it says.",
        },
    ),
    "00.q5": Quiz(
        "00.q5",
        "Why does each notebook set a seed?",
        {
            "a": "better draws, and so truer numbers",
            "b": "the same draws, so the same numbers",
            "c": "fewer draws, and so faster numbers",
        },
        "b",
        {
            "a": "A seed repeats a number. It does not make it right.",
            "b": "You see what the text talks about. Another seed gives another draw.",
            "c": "The seed changes no speed.",
        },
    ),
    "00.q6": Quiz(
        "00.q6",
        "A notebook runs on one machine and fails on yours: a name is not defined. What is the likely cause?",
        {
            "a": "the name came from a cell that is gone",
            "b": "the package is too new for this page",
            "c": "the table has too many rows for you",
        },
        "a",
        {
            "a": "The other memory still holds it. A restart there shows the same fault.",
            "b": "A new package may change a number. A name of the notebook does not vanish by it.",
            "c": "Then the message would be about memory.",
        },
    ),
}
