"""Exercises of notebook 01: from a raw table to a decision."""

from __future__ import annotations

from abkit.exercises.checks import Choice, Near
from abkit.exercises.questions import Exercise, Quiz, Solution

_TRAINING = {
    "a": "p = .008 says that zero does not fit. It says nothing about 1,500 dollars, which do fit.",
    "b": "474 is one end. 3,115 fits the data as well, and then training pays twice over.",
    "c": (
        "1,500 lies inside 474 to 3,115, so the rule does not decide. Plan a larger test, with its size fixed"
        " beforehand."
    ),
    "d": "Then you stop on a lucky day. Looks need a plan of their own (notebook 07).",
}

EXERCISES = {
    "01.1": Exercise(
        "01.1",
        1,
        "Compare people with a voucher above one dollar (treatment) with people whose voucher is worth at"
        " most one dollar, but more than nothing (control). By how much does the share that fetches the"
        " result rise, as a share?",
        Near(
            0.1353,
            1.5e-3,
            why="85.9 against 72.4 per cent. Both groups drew a voucher, so chance alone separates them.",
            slips=(
                (0.4506, "That is any voucher against none."),
                (-0.1353, "Control comes first: effect = treatment − control."),
                (
                    0.187,
                    (
                        "That is the lift, the effect divided by control's share. The question asks for the"
                        " difference."
                    ),
                ),
                (0.2714, "Your control holds people without a voucher. Keep `tinc > 0`."),
            ),
            step="Keep rows with `tinc > 0`, split them at `tinc > 1`, and compare the means of `got`.",
            unit="share",
        ),
        (
            '`small = known[(known["tinc"] > 0) & (known["tinc"] <= 1)]`, and `large` in the same way.',
            '`ab.proportions(small["got"], large["got"]).estimate`',
        ),
        Solution(
            0.1353,
            "13.5 points more, 95% interval 10.2 to 16.9. The amounts were drawn too; inside districts the"
            " answer is the same.",
        ),
        (
            (0.4506, "any voucher against none"),
            (-0.1353, "Control comes first"),
            (0.187, "the lift"),
            (0.5203, "compare the means"),
        ),
    ),
    "01.2": Exercise(
        "01.2",
        2,
        "Job training in the United States (445 men, randomised) raised yearly earnings by 1,794 dollars, 95%"
        " interval 474 to 3,115, p = .008. A city pays 1,500 dollars a man. Its rule: pay if the interval"
        " lies above the cost, stop if it lies below, else not decided. What does it do? a) pay: p is below"
        " .05; b) stop: the effect may be 474; c) not decided: plan a larger test; d) train more men, and pay"
        " as soon as the interval lies above 1,500.",
        Choice("c", _TRAINING),
        (
            "Where does 1,500 lie: below, inside or above the interval?",
            "Which option obeys the rule that stood before the data?",
        ),
        Solution(
            "c",
            "1,500 lies inside. p compares with zero, the rule compares with the cost. Data:"
            " `ab.datasets.nsw()`.",
        ),
        (("a", "nothing about 1,500"), ("b", "one end"), ("d", "lucky day"), (7, "one of the letters")),
    ),
    "01.3": Exercise(
        "01.3",
        3,
        "The RAND health experiment has 20,190 rows, one a person and year. Control: people who paid 95 per"
        " cent of each bill (`coins` 95). Treatment: free care (`coins` 0). Visits to a doctor a year differ"
        " by 1.01. Write code for the standard error with the person as the unit: sum visits and years of"
        " each person, and compare the ratios.",
        Near(
            0.139,
            1.5e-3,
            why="With 4,079 people as units the error is .139. Rows as units give .090, one third too small.",
            slips=(
                (
                    0.090,
                    (
                        "You took each row as a unit. The years of one person are alike: sum them up with"
                        " `ab.sum_units`."
                    ),
                ),
                (
                    0.1364,
                    (
                        "You averaged each person's yearly mean. Then two years count as much as five. Use"
                        " visits over years."
                    ),
                ),
                (1.012, "That is the effect. The question asks for its standard error."),
            ),
            step=(
                '`ab.sum_units` gives one row a person, `ab.Moments.from_table(…, by="coins")` the arms,'
                " `ab.ratio` the effect."
            ),
            unit="share",
        ),
        (
            (
                'Add a column `years` of ones, then `ab.sum_units(frame, ["mdvis", "years"], unit="person",'
                ' arm="coins")`.'
            ),
            '`ab.ratio(arms[95], arms[0], numerator="mdvis", denominator="years").se`',
        ),
        Solution(
            0.139,
            "Free care brings 1.01 visits a year more, standard error .139. (Plans went to families: the true"
            " unit is larger still.)",
        ),
        (
            (0.09, "each row as a unit"),
            (0.1364, "two years count as much as five"),
            (1.012, "the effect"),
            (0.5, "ab.sum_units"),
        ),
    ),
    "01.4": Exercise(
        "01.4",
        3,
        "Bug hunt. Jonas writes the guardrail `fail = effect < 0` for the shop, where the new page loads 18.6"
        " ms slower, and his report says LAUNCH. A rise is the harm here, and 10 ms was the margin. Which"
        " rise, in ms, is the largest that the data leave open (one-sided bound at level .95)?",
        Near(
            19.91,
            0.06,
            why=(
                "The bound 19.9 lies far above the margin of 10, and so does the lower bound 17.3: harm is"
                " shown."
            ),
            slips=(
                (18.6, "That is the estimate. Chance may hide a larger rise."),
                (
                    20.16,
                    (
                        "That is the upper end of the two-sided interval. A guardrail looks at one side, at"
                        " level .95."
                    ),
                ),
                (
                    17.05,
                    (
                        "That is the lower end of the 95% interval: it shows that harm is there. The question"
                        " asks for the largest."
                    ),
                ),
                (17.30, "That is the one-sided lower bound. A rise is the harm, so take the upper one."),
                (
                    10.0,
                    "That is the margin, set before the data. The question asks for a bound from the data.",
                ),
            ),
            step='Read the message of `ab.guardrail(effect, harm="increase", margin=10)`.',
        ),
        (
            "The report of the shop has a line for load_ms.",
            '`ab.welch(old, new, alternative="less").high`, or the guardrail\'s message.',
        ),
        Solution(
            19.91,
            "A guardrail needs its harmful direction and a margin. `effect < 0` calls every slowdown fine.",
        ),
        ((18.6, "estimate"), (20.16, "two-sided"), (17.05, "lower end"), (10, "margin"), (0.5, "guardrail")),
    ),
}

QUIZ = {
    "01.q1": Quiz(
        "01.q1",
        'A check says "not yet". What does it tell you?',
        {"a": "which mistake led to your answer", "b": "the right answer", "c": "nothing"},
        "a",
        {
            "a": "Each message names a misconception.",
            "b": "The solution is closed below, for later.",
            "c": "Read it: it names your mistake.",
        },
    ),
    "01.q2": Quiz(
        "01.q2",
        "You run the same notebook with the same seed on another machine. The numbers …",
        {"a": "are the same", "b": "differ a little by chance", "c": "differ if the machine is faster"},
        "a",
        {
            "a": "The last cell counts how many match.",
            "b": "The seed fixes the draws.",
            "c": "Speed changes the time only.",
        },
    ),
    "01.q3": Quiz(
        "01.q3",
        "An arm is …",
        {"a": "one of the groups in a test", "b": "a person in a test", "c": "the result of a test"},
        "a",
        {
            "a": "Each arm sees one version.",
            "b": "That is a unit.",
            "c": "That is an effect with its interval.",
        },
    ),
    "01.q4": Quiz(
        "01.q4",
        "Why does the difference of two random groups estimate an effect at all?",
        {
            "a": "each person is seen in both arms",
            "b": "over all draws it is right on average",
            "c": "the groups are equal in every draw",
        },
        "b",
        {
            "a": "Each person shows one of two outcomes. The other one stays unseen.",
            "b": (
                "70 draws of eight people average to the truth. One draw misses by chance: hence the"
                " interval."
            ),
            "c": "They are equal on average only.",
        },
    ),
    "01.q5": Quiz(
        "01.q5",
        "The interval is 38 to 48 points, and the break-even is 44.7. The rule says …",
        {"a": "ship: zero is far away", "b": "not decided", "c": "ship: 46 is more than 44.7"},
        "b",
        {
            "a": "Zero is no cost. Compare with the break-even.",
            "b": "Effects below and above the break-even fit the data.",
            "c": "46 is inside the interval. 40 fits as well.",
        },
    ),
    "01.q6": Quiz(
        "01.q6",
        "Eight per cent of the outcomes are missing in one arm, 0.5 per cent in the other. You …",
        {
            "a": "drop these rows and go on",
            "b": "fill in the mean",
            "c": "find out why, and bound the effect by the worst case",
        },
        "c",
        {
            "a": "The rows that are left are no fair split any more.",
            "b": "That invents the answer you hoped for.",
            "c": "If the decision survives the worst case, it stands.",
        },
    ),
}
