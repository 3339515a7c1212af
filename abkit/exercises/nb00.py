"""Exercises of notebook 00: run, check and reset a notebook, and ask first what chance does."""

from __future__ import annotations

import numpy as np

from abkit.exercises.checks import Both, Choice, Near
from abkit.exercises.questions import Exercise, Prediction, Quiz, Solution

PRICE = 40_000  # euros for the new page


def _shown(guess: float | None, value: float) -> str:
    """Say what so many useless pages mean for the price."""
    return (
        f"About half of them are gains, half losses. Who buys at each such gain buys {value / 2:.0f} of 100"
        f" useless pages, at {PRICE:,} euros each."
    )


def _remembered(guess: float | None, value: float) -> str:
    return (
        f"Her code says 500 and one 60: only memory holds {value:.0f}. After a restart she runs each cell"
        " once: 560."
    )


def _repeated(guess: float | None, value: float) -> str:
    return "A seed fixes all draws: who restarts and runs all sees the numbers of this page."


PREDICTIONS = {
    "00.p1": Prediction(
        "00.p1",
        "Imagine 100 useless pages. Each is tested on 10,100 visitors, beside 10,000 of the old page, and"
        " every visitor books with the same chance, 5.27 of 100. How many of these 100 tests show a gap of"
        " 0.54 points, as the clinic's, or a larger one, up or down?",
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
        "Two sources of chance start from the same seed, 8. Each draws five counts of bookings. How many of"
        " the five counts of the second are the same as those of the first?",
        unit="of the five",
        low=0,
        high=5,
        answer=5,
        consequence=_repeated,
    ),
}


def _smaller_gap(rng: np.random.Generator) -> float:
    """Count useless pages with the other clinic's gap, as the notebook counts those of Lina's gap."""
    old = rng.binomial(20_000, 0.0514, 20_000) / 20_000
    new = rng.binomial(20_100, 0.0514, 20_000) / 20_100
    return 100 * float((abs(new - old) >= 1_060 / 20_100 - 0.05).mean())


_KERNEL: dict[str, str] = {
    "a": "Saving writes the page to the disk. What stands in memory stays as it is.",
    "b": "A restart empties the memory. Then every cell runs once, in the order of the page.",
    "c": "That cell runs, and all names in memory stay, also those of cells that are gone.",
}
_SEED: dict[str, str] = {
    "a": "20,000 pages are many: the five other seeds moved the share by 0.4 of 100 at most.",
    "b": "A restart is right: it shows that no hidden step is at work. It makes no new draws.",
    "c": "Seed 57 draws the same pages again. It is one simulation, printed three times.",
}

EXERCISES: dict[str, Exercise] = {
    "00.1": Exercise(
        "00.1",
        1,
        "A third page also takes 560 bookings, from 11,200 visitors. Of 100 of its visitors, how many book?"
        " Fill the blank of `100 * 560 / ____` and answer with the result.",
        Near(
            answer=5.0,
            tol=0.006,
            unit="of 100 visitors",
            why="5.00, as on the old page: 60 bookings more than there, and no gap at all.",
            step="Divide by the visitors of the same page, and by nobody else.",
            slips=(
                (5.6, "You divided by 10,000: the visitors of the old page."),
                (5.545, "You divided by 10,100: the visitors of the new page."),
                (2.642, "You divided by the visitors of the third and the old page."),
                (11_200.0, "That fills the blank. The answer is the result of the line."),
                (20.0, "You divided visitors by bookings. That is how many visitors bring one booking."),
            ),
        ),
        (
            "You are asked for a share of the third page, written per 100 visitors.",
            "A share divides the bookings of a page by the visitors of the same page.",
            "`100 * 560 / ____`: put the visitors of the third page into the blank.",
        ),
        Solution(5.0, "`100 * 560 / 11_200`: 60 bookings more than the old page, and the same share."),
        (
            (5.6, "visitors of the old page"),
            (5.54, "visitors of the new page"),
            (2.64, "the third and the old page"),
            (20, "visitors by bookings"),
            (11_200, "fills the blank"),
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
        Solution(
            "b",
            "If her cell now fails too, only memory held the name. If not, you skipped a cell, or your pages"
            " differ.",
        ),
        (("a", "to the disk"), ("c", "stay"), (3, "one of the letters")),
    ),
    "00.3": Exercise(
        "00.3",
        3,
        "Another clinic also counts 60 bookings more: 1,000 of 20,000 visitors book on its old page, 1,060 of"
        " 20,100 on its new one. How many of 100 useless pages show such a gap or a larger one, up or down?"
        " Draw them, or compute it with `ab.proportions`.",
        Near(
            answer=21.55,
            tol=0.15,
            noise=0.9,
            unit="of 100 pages",
            why="60 more bookings, and chance shows it more than twice as often as at Lina's clinic.",
            step="Which numbers of Lina's clinic still stand in your code: the visitors, the share, the gap?",
            slips=(
                (10.78, "You counted one direction. The question asks for up or down."),
                (8.42, "That is Lina's clinic: your code still holds her numbers."),
                (17.47, "You took 20,000 visitors for both pages, or a gap of 0.3 points."),
                (78.45, "Those are the pages with a smaller gap."),
            ),
        ),
        (
            "You are asked for useless pages: both pages get the same share of bookings, 2,060 of 40,100.",
            "With draws: copy the lines of `old`, `new`, `gaps` and `seen`, and change the visitors, the"
            " bookings and the chance, 0.0514. Or compute: the line of `control` stands there.",
            '`ab.proportions(control, treatment, method="pooled").pvalue` is it as a share. The treatment is'
            " `ab.Moments.counts(1_060, ____)`.",
        ),
        Solution(
            21.55,
            "`ab.proportions(ab.Moments.counts(1_000, 20_000), ab.Moments.counts(1_060, 20_100),"
            ' method="pooled").pvalue` times 100, or the lines of numpy with 20,000, 20,100, 0.0514 and'
            " this gap. The formula gives 21.46; counted piece by piece it is 21.55.",
        ),
        (
            (10.7, "one direction"),
            (8.42, "Lina's clinic"),
            (17.5, "for both"),
            (78.5, "smaller gap"),
            (50, "still stand"),
        ),
        method=_smaller_gap,
    ),
    "00.4": Exercise(
        "00.4",
        3,
        "Bug hunt. Lina simulates 20,000 useless pages with seed 57 and counts 8.4 of 100. She restarts and"
        " runs it again with seed 57: 8.4. A third time: 8.4. She writes: “three independent simulations"
        " agree.” Which flaw is it, and how many different pages has she simulated in all?",
        Both(
            Choice(
                right="c",
                why=_SEED,
                options={
                    "a": "20,000 pages are far too few to count",
                    "b": "the restart spoils a long simulation",
                    "c": "the same seed repeats the same draws",
                },
                step="What would a fourth run with seed 57 give?",
            ),
            Near(
                answer=20_000,
                tol=1,
                unit="pages",
                why="20,000 pages, three times the same ones.",
                step="Count a page once, however often it is printed.",
                slips=((60_000, "The second and the third run drew the pages of the first again."),),
            ),
        ),
        (
            "You are asked what makes the runs agree, and then for a count of pages.",
            "What does a seed fix? Change it in the first code cell, run all cells anew, and look.",
            'Answer with a pair, such as `("a", 5_000)`.',
        ),
        Solution(("c", 20_000), "Three copies of one run. Seeds 58 and 59 would give two more runs."),
        (("a", "many"), ("b", "no hidden step"), (("c", 60_000), "the first again")),
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
        "A share rises from 4 of 100 to 5 of 100. One more of 100 is called one point. How do you say it?",
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
        "The new page is called the treatment, the old page the control. A gap with a plus means that the"
        " treatment is higher. Which difference is it?",
        {
            "a": "control minus treatment",
            "b": "treatment minus control",
            "c": "larger minus smaller",
        },
        "b",
        {
            "a": "Then a gain would have a minus.",
            "b": "So in the whole series: plus means that the new one is higher.",
            "c": "Then no gap could have a minus, and you could not see a loss.",
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
            "a": "If you ran all cells in order, only the other kernel holds it. A restart there fails too.",
            "b": "A new package may change a number. A name of the notebook does not vanish by it.",
            "c": "Then the message would be about memory.",
        },
    ),
}
