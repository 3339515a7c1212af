"""Each kind of bad option of every public function: the refusal names parameter, need, and what came."""

from __future__ import annotations

import re
from operator import attrgetter

import fuzz_rows as rows
import numpy as np
import pytest

import abkit as ab
from abkit import explore

ALTERNATIVES = "must be one of 'two-sided', 'greater', 'less'"
UP = "must be one of 'up', 'down'"
METHODS = "must be one of 'bonferroni', 'sidak', 'holm', 'hochberg', 'hommel', 'bh', 'by'"
COLUMNS = "must name columns of the table, which are user, arm, y, x, z, other, day"
SHARES = "must be a list or a mapping of shares"
STRICT, WHOLE = "must lie strictly between 0 and 1", "must be a whole number of at least"
FLAGS = """intersect pooled normal whole_weeks binding last balanced studentised propensity batched"""
COUNTS = """reps folds splits buckets horizon batch days tests k users delay burn_in smallest clusters arms"""
NUMBERS = """null sd tau rho n_opt margin worth information target_se cost decay ridge epsilon discount
    constant noise_sd rate floor concentration drift truth cv icc size effect correlation"""
ABOVE = """tau rho n_opt margin information target_se ridge constant noise_sd rate concentration"""


def all_of(names, need):
    return dict.fromkeys(names.split(), need)


KINDS = {  # what comes → (how the message writes it, what each parameter of this name needs)
    "more than 1": (5, "5", all_of("alpha power p_control allocation confidence good", STRICT)),
    "0": (0.0, "0", all_of("alpha power p_control allocation confidence", STRICT)),
    "1": (1.0, "1", all_of("alpha power p_control allocation confidence", STRICT)),
    "a word": (
        "alwyas",
        "'alwyas'",
        {
            "alternative": ALTERNATIVES,
            "direction": UP,
            "correction": METHODS,
            "theta": "must be one of 'optimal', 'within'",
            "harm": "must be one of 'increase', 'decrease'",
            "against": "must be one of 'none', 'all'",
            "sigma": "must be one of 'pooled', 'batch'",
            "dialect": "must be one of 'duckdb', 'postgresql', 'spark'",
            "kind": "must be one of 'mean', 'proportion', 'ratio'",
            "role": "must be one of 'primary', 'secondary', 'guardrail'",
            "op": "must be one of '==', '!=', '<', '<=', '>', '>=', 'in', 'not in'",
            "spending": "must be one of 'obrien_fleming', 'pocock', 'hsd', 'kim_demets'",
            "late_covariates": "must be one of 'refuse', 'allow'",
            "weights": SHARES,
            "arm": COLUMNS,
        },
    ),
    "no flag": ("no", "'no'", all_of(FLAGS, "must be True or False")),
    "a half": (2.5, "2.5", all_of(COUNTS, WHOLE) | {"sides": "must be 1 or 2"}),
    "below": (-1, "-1", all_of(COUNTS, WHOLE) | {"sides": "must be 1 or 2"}),
    "no number": ("x", "'x'", all_of(NUMBERS, "must (be a number|hold numbers only)")),
    "negative": (
        -1.0,
        "-1(.0)?",
        all_of(ABOVE, "must be above 0")
        | {
            "epsilon": "must lie from 0 to 1",
            "discount": "must lie above 0 and at most at 1",
            "floor": "must lie from 0 to 1/2",
            "decay": "must lie from 0 to below 1",
            "cv": "must not be negative",
            "sd": "must (be above 0|not be negative)",
        },
    ),
}
OWN = {  # another need than that of the other functions
    "Experiment weights": "must map each arm to its planned share",
    "cluster_effect weights": "must be one of 'user', 'cluster'",
    "randomization_test weights": "must be one of 'user', 'cluster'",
    "weighted_aipw weights": "must be one of 'constant', 'two_point', 'contrast'",
    "exposure arm": "must be one of 'control', 'treatment'",
    "sample_size_proportions correction": "must be one of 'bonferroni', 'dunnett', 'none'",
    "equivalence effect": "must be of type Effect",
    "guardrail effect": "must be of type Effect",
    "non_inferiority effect": "must be of type Effect",
    "conditional_power effect": "must be one of 'planned', 'estimate'",
    "Metric margin": None,  # belongs to a guardrail
    "Analysis arm": None,  # any text
    "LinUcb alpha": None,  # of the bonus: any number above 0
    "interactions arms": None,  # a mapping
    "run arms": None,  # rates
}
MORE = [  # function, parameter, what comes, need, how it is written
    ("Watch", "rule", "alwyas", "must be one of 'always', 'planned'", "'alwyas'"),
    ("Thompson", "model", "alwyas", "must be one of 'bernoulli', 'gaussian'", "'alwyas'"),
    ("adjust_pvalues", "method", "alwyas", METHODS, "'alwyas'"),
    (
        "clusters",
        "method",
        "alwyas",
        "must be one of 'label_propagation', 'louvain', 'three_net'",
        "'alwyas'",
    ),
    ("cuped", "se", "alwyas", "must be one of 'welch', 'classical'", "'alwyas'"),
    ("lin", "se", "alwyas", "must be one of 'hc2', 'hc3'", "'alwyas'"),
    ("lin", "population", "no", "must be True or False", "'no'"),
    ("aipw", "population", "alwyas", "must be one of 'all', 'treated'", "'alwyas'"),
    ("exact_power", "method", "alwyas", "must be one of 'score', 'pooled'", "'alwyas'"),
    ("lift", "method", "alwyas", "must be one of 'fieller', 'score', 'log', 'delta'", "'alwyas'"),
    ("proportions", "method", "alwyas", "must be one of 'score', 'pooled', 'wald', 'newcombe'", "'alwyas'"),
    ("simultaneous", "method", "alwyas", "must be one of 'bonferroni', 'fcr'", "'alwyas'"),
    ("exposure", "rule", "alwyas", 'must be "full", "any", a share', "'alwyas'"),
    ("exposure_probabilities", "rule", "alwyas", 'must be "full", "any", a share', "'alwyas'"),
    ("decide", "rule", "alwyas", "must be of type Rule", "'alwyas'"),
    ("analyze", "rule", "alwyas", "must be a Rule", "'alwyas'"),
    ("cross_fit", "model", "alwyas", "must be a model as of scikit-learn", "'alwyas'"),
    ("nuisances", "model", "alwyas", "must be a model as of scikit-learn", "'alwyas'"),
    ("proportions", "null", 1.0, "must lie strictly between -1 and 1", "1"),
    ("proportions", "null", -1.0, "must lie strictly between -1 and 1", "-1"),
    ("proportions", "null", -1.5, "must lie strictly between -1 and 1", "-1.5"),
    ("proportions", "null", 1.5, "must lie strictly between -1 and 1", "1.5"),
    ("bernoulli_sequence", "null", 0.0, "must lie strictly between 0 and 1", "0"),
    ("bernoulli_sequence", "null", 1.0, "must lie strictly between 0 and 1", "1"),
    ("betting_sequence", "null", 1.5, "must lie", "1.5"),
    ("betting_sequence", "null", -0.5, "must lie", "-0.5"),
    ("Rule", "worth", -0.1, "must", "-0.1"),
    ("duration", "share", 1.5, "must lie above 0 and at most at 1", "1.5"),
    ("duration", "share", 0.0, "must lie above 0 and at most at 1", "0"),
    ("mde_by_week", "share", 0.0, "must be above 0", "0"),
    ("assign", "share", 1.01, "must lie between 0 and 1", "1.01"),
    ("assign", "share", -0.01, "must lie between 0 and 1", "-0.01"),
    ("assign_clusters", "share", 1.0, "must lie strictly between 0 and 1", "1"),
    ("cuped_factor", "correlation", 1.0, "must lie strictly between -1 and 1", "1.0"),
    ("cuped_factor", "new", 1.5, "must lie", "1.5"),
    ("familywise_error", "correlation", 1.5, "must lie from 0 to 1", "1.5"),
    ("joint_power", "correlation", 1.5, "must lie between 0 and 1", "1.5"),
    ("power", "power", 1 - 1e-13, "must be at most", "0.99"),
    ("design_effect", "icc", 1.5, "must lie between -1 and 1", "1.5"),
    ("design_effect", "size", 0.5, "must be at least 1", "0.5"),
    ("Moments.summary", "n", 0, "must be at least 1", "0"),
    ("Moments.counts", "successes", 0.3, "must be a whole number from 0 to n", "0.3. Is that a rate?"),
    ("Moments.counts", "successes", 11, "must be a whole number from 0 to n", "11"),
    ("Moments.counts", "n", 0, "must be a whole number of units, at least 1", "0"),
    ("Effect.of", "se", 0.0, "must be above 0", "0"),
    ("Effect.of", "df", 0.0, "must be above 0", "0"),
    ("srm", "weights", [0.5, 0.6], "must sum to 1", "0.5, 0.6, which sum to 1.1"),
    ("srm", "weights", [50, 50], "must sum to 1", "50, 50, which sum to 100. Is that per cent?"),
    ("srm", "weights", [1.5, -0.5], "must not be negative", "1.5, -0.5"),
    ("sequential_srm", "counts", [[50, 40], [49, 60]], "must be cumulative", "a smaller count"),
    ("group_sequential", "fraction", [0.5, 1.2], "must not exceed 1", "1.2"),
    ("group_sequential", "fraction", [0.5, 0.5], "must be above 0 and increase", "0.5, 0.5"),
    ("group_sequential", "futility", [-1.0, 0.0, 1.0], "must hold 2 z values", "3"),
    ("group_sequential", "futility", [-1.0, 9.0], "must stay below the efficacy bound", "-1, 9"),
    ("monitor", "effects_by_look", [rows.EFFECT] * 4, "must hold at most 3 looks, as planned", "4"),
]


def cases():
    for kind, (bad, written, needs) in KINDS.items():
        for name in rows.CALLS:
            for parameter in rows.CALLS[name]():
                need = OWN.get(f"{name} {parameter}", needs.get(parameter))
                if parameter in needs and need is not None:
                    yield pytest.param(name, parameter, bad, need, written, id=f"{name}-{parameter}-{kind}")


def refused(name, parameter, bad, need, written):
    call, row = attrgetter(name)(ab), rows.CALLS[name]()
    with pytest.raises(ValueError) as found:
        call(**{**row, parameter: bad})
    message = str(found.value)
    assert message.startswith(f"`{parameter}` "), message
    assert re.search(need if "|" in need else re.escape(need), message), message
    assert re.search(
        rf"; got (values such as )?{written if '(' in written else re.escape(written)}", message
    ), message


@pytest.mark.parametrize("name, parameter, bad, need, written", list(cases()))
def test_a_bad_option_is_named_with_what_is_needed_and_what_came(name, parameter, bad, need, written):
    refused(name, parameter, bad, need, written)


@pytest.mark.parametrize("name, parameter, bad, need, written", MORE)
def test_an_option_of_one_function_is_named_too(name, parameter, bad, need, written):
    if parameter not in rows.CALLS[name]():
        name = "mde"
    refused(name, parameter, bad, need, written)


def test_the_table_reaches_every_option_of_these_names():
    """A function whose option is called so is refused above, or its reason stands in OWN."""
    reached = {f"{case.values[0]} {case.values[1]}" for case in cases()}
    named = {
        f"{name} {parameter}"
        for name in rows.CALLS
        for parameter in rows.CALLS[name]()
        if any(parameter in needs for _, _, needs in KINDS.values())
    }
    assert named - reached <= {name for name, need in OWN.items() if need is None}
    assert len(reached) > 180


@pytest.mark.parametrize("make", [ab.s_learner, ab.t_learner, ab.x_learner, ab.dr_learner, ab.r_learner])
def test_a_learner_asks_for_a_model_when_it_is_fitted(make):
    with pytest.raises(
        ValueError, match="`model` must be a model as of scikit-learn, such as Ridge\\(\\); got 'alwyas'"
    ):
        make("alwyas").fit(np.arange(20.0)[:, None], np.arange(20.0), np.arange(20) % 2)


@pytest.mark.parametrize("name", [n for n in explore.__all__ if n[0].islower()])
def test_a_control_beyond_its_end_is_named(name):
    made = getattr(explore, name)
    for control, kind in made().controls.items():
        ends = kind.corners()
        beyond = ends[-1] * 2 + 1 if isinstance(ends[-1], (int, float)) else "alwyas"
        if name == "verdict" and control == "base":
            continue
        with pytest.raises(
            ValueError, match=rf"`{control}` must start between {re.escape(str(ends[0]))} and"
        ):
            made(**{control: beyond})


def test_a_plan_takes_one_way_to_spend():
    with pytest.raises(ValueError, match="`spending and design` must not both be given; got 'hsd' and"):
        ab.group_sequential(3, spending="hsd", design="pocock")
    with pytest.raises(ValueError, match="`futility` needs a plan with `sides=1`; got sides=2"):
        ab.group_sequential(3, futility=[-1, 0])
    with pytest.raises(ValueError, match="`design` must be one of 'obrien_fleming', 'pocock'"):
        ab.group_sequential(3, design="alwyas")
