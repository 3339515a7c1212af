"""Exercises of notebook 08: many metrics, segments and arms, and the correction that fits."""

from __future__ import annotations

from abkit.exercises.checks import Choice, Near
from abkit.exercises.questions import Exercise, Quiz, Solution

_METHOD = {
    "a": "Bonferroni is sound, but Holm makes the same promise and never finds less.",
    "b": (
        "BH keeps the expected SHARE of false wins at 5 per cent. You promised a false win in at most 5 per"
        " cent of experiments."
    ),
    "c": "Holm keeps the chance of any false win at 5 per cent, under any dependence.",
    "d": (
        "Each at .05 is the family of ten without a correction: at most 50 per cent of experiments get a"
        " false win, 40 if the metrics are independent."
    ),
}

EXERCISES = {
    "08.1": Exercise(
        "08.1",
        1,
        "Eight independent metrics, none of them changed, each tested at .05. What is the chance of at least"
        " one false win, as a share?",
        Near(
            0.33658,
            5e-4,
            why="1 - .95^8 = .3366.",
            slips=(
                (
                    0.4,
                    (
                        "You added eight chances of .05. Two false wins in one experiment are then counted"
                        " twice."
                    ),
                ),
                (0.66342, "That is .95^8, the chance of NO false win. Take it from 1."),
                (0.05, "That is the chance for one metric. There are eight."),
            ),
            step="Change k in `ab.familywise_error(20, 0.05)`.",
            unit="share",
        ),
        ("Change the number in the cell with `ab.familywise_error`.", "`ab.familywise_error(8, 0.05)`"),
        Solution(
            0.3366, "One metric stays quiet with chance .95, eight independent ones with .95^8 = .6634."
        ),
        (
            (0.4, "counted twice"),
            (0.66342, "Take it from 1"),
            (0.05, "one metric"),
            (0.9, "Change k"),
        ),
    ),
    "08.2": Exercise(
        "08.2",
        2,
        "Ten correlated secondary metrics. You promise: 'in at most 5 per cent of experiments is any win that"
        " I report false'. Which method finds the most under this promise, whatever the dependence? a)"
        " Bonferroni, b) BH, c) Holm, d) each at .05.",
        Choice("c", _METHOD),
        (
            "Is the promise about ANY false win, or about the SHARE of false wins?",
            "Two letters keep the promise. Which finds more?",
        ),
        Solution("c", "Holm needs no assumption. Hochberg and Hommel find a little more, but need one."),
        (
            ("a", "never finds less"),
            ("b", "expected SHARE"),
            ("d", "without a correction"),
            (7, "one of the letters"),
        ),
    ),
    "08.3": Exercise(
        "08.3",
        3,
        "Five metrics have p = .001, .012, .014, .040, .300, and a sixth could not be measured (nan). Write"
        " code for the adjusted p-value of Holm for the metric with p = .014.",
        Near(
            0.048,
            3e-4,
            why="Five tests count. .012 × 4 = .048, and .014 × 3 = .042 is raised to it: the order stays.",
            slips=(
                (
                    0.042,
                    (
                        "You multiplied by 3 and stopped. An adjusted p-value is never smaller than the one"
                        " before it."
                    ),
                ),
                (0.07, "That is Bonferroni: .014 × 5. Holm multiplies the third smallest by 3."),
                (0.06, "You counted the missing metric: .012 × 5. A nan is not tested, so five count."),
                (0.02333, "That is BH: .014 × 5/3. The question asks for Holm."),
            ),
            step='`ab.adjust_pvalues(values, method="holm")` keeps the order, and nan stays nan.',
            unit="share",
        ),
        (
            'Write the six values in a list, with `float("nan")` as the last.',
            '`ab.adjust_pvalues([.001, .012, .014, .040, .300, float("nan")], method="holm")[2]`',
        ),
        Solution(0.048, "Holm: .001 × 5, .012 × 4, .014 × 3, … and each is at least the one before."),
        (
            (0.042, "never smaller"),
            (0.07, "Bonferroni"),
            (0.06, "missing metric"),
            (0.02333, "BH"),
            (0.5, "keeps the order"),
        ),
    ),
    "08.4": Exercise(
        "08.4",
        3,
        "Bug hunt. Omar's report: 'The primary metric won (p < .001). After it I tested two secondary"
        " metrics, each at .05; their false-win rate is 5 per cent, because the primary was tested first.'"
        " Neither secondary changed, and they are independent. What is the chance that he reports a false"
        " secondary win, as a share?",
        Near(
            0.0975,
            5e-4,
            why="1 - .95² = .0975. The first test opens the door; behind it stand two tests.",
            slips=(
                (
                    0.05,
                    "That holds for one secondary metric, or for two in a fixed order. He tests both at .05.",
                ),
                (0.1, "You added the two chances. Both can be false in one experiment."),
                (0.1426, "You counted the primary too. It has a true effect, so it can't be a false win."),
                (0.0025, "That is the chance that BOTH are false wins."),
            ),
            step="Two tests at .05 that are independent: when is none of them a false win?",
            unit="share",
        ),
        (
            "How many metrics that did not change are tested at .05?",
            "Neither is a false win with chance .95 × .95.",
        ),
        Solution(
            0.0975, "Holm within the two, or testing the second only after the first won, gives at most .05."
        ),
        (
            (0.05, "fixed order"),
            (0.1, "added"),
            (0.1426, "primary too"),
            (0.0025, "BOTH"),
            (0.7, "Two tests at .05"),
        ),
    ),
}

QUIZ = {
    "08.q1": Quiz(
        "08.q1",
        "Nothing changed. How often is the p-value of one sound test below .05?",
        {"a": "never", "b": "in 1 of 20 experiments", "c": "in 19 of 20 experiments"},
        "b",
        {
            "a": "Chance alone gives small p-values.",
            "b": "That is what the level .05 means.",
            "c": "That is how often it stays above.",
        },
    ),
    "08.q2": Quiz(
        "08.q2",
        "p = .03. What is the chance that the effect is zero?",
        {"a": ".03", "b": ".97", "c": "the p-value does not say"},
        "c",
        {
            "a": "p assumes that the effect is zero. It can't also be its chance.",
            "b": "This is the same mistake, from the other side.",
            "c": "For that you need to know how many ideas are good.",
        },
    ),
    "08.q3": Quiz(
        "08.q3",
        "Two metrics of the same users are correlated. The test statistics are then …",
        {"a": "independent", "b": "correlated in the same way", "c": "equal"},
        "b",
        {
            "a": "The same users make both means.",
            "b": "A user with more of one has more of the other, in both arms.",
            "c": "Only at correlation 1.",
        },
    ),
    "08.q4": Quiz(
        "08.q4",
        "You test ten metrics at .05, and two are below. How many of the two are false wins?",
        {"a": "one", "b": "half a metric", "c": "these p-values do not say"},
        "c",
        {
            "a": "With true effects both can be right.",
            "b": "That is what chance gives on average when nothing changed, not in your test.",
            "c": "Both can be right, both can be wrong. A correction keeps the long-run rate.",
        },
    ),
    "08.q5": Quiz(
        "08.q5",
        "A report with BH at .05 lists 20 wins. How many are false?",
        {
            "a": "exactly one",
            "b": "at most one",
            "c": (
                "the report does not say; only the expected share over all experiments is at most 5 per cent"
            ),
        },
        "c",
        {
            "a": "The rate is an expectation, no count.",
            "b": "One report can hold many more.",
            "c": "Most experiments can have none and a few very many.",
        },
    ),
    "08.q6": Quiz(
        "08.q6",
        "Where does a guardrail belong?",
        {"a": "in the family of the wins", "b": "outside it: it can only stop a launch"},
        "b",
        {
            "a": "A stricter level turns passes AND harms into 'inconclusive'.",
            "b": "All must pass, so no correction is needed. Plan their joint power.",
        },
    ),
}
