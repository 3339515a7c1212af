"""Coverage and power of effects that differ, in worlds with known effects, against an independent study's
rates.
"""

from __future__ import annotations

import json
import re
import sys

import numpy as np
import pytest
from conftest import ORACLES, SEED
from linear_models import Line

from abkit.causal import cross_fitting, learners, unequal_effects
from abkit.causal.bootstrapping import COVERS, bootstrap_interval
from abkit.datasets import people

sys.path.insert(0, str(ORACLES))
from heterogeneity_study import EFFECTS, MEASURED, study  # noqa: E402

REFERENCE = {  # our name → the name in the reference study, whose rates rest on 2,000 replications
    "ate": "ate_cover",
    "slope": "blp_slope_cover_hc3",
    "intercept": "blp_int_cover_hc3",
    "at1_projection": "at1_cover_projection",
    "at1_effect": "at1_cover_tau",
    "omnibus": "omnibus_reject",
    "calibration": "calib_reject_one_sided",
}
NOMINAL = ("ate", "slope", "intercept", "at1_projection")


def reference(oracle, world):
    return next(
        e["expected"] for e in oracle("heterogeneity", "coverage_study_rates") if e["id"] == f"cov_{world}"
    )


def compare_with_reference(rates, reps, want):
    for name, rate in rates.items():
        known = want[REFERENCE[name]]
        spread = known * (1 - known) + 1e-4  # a rate of 1 has no error of its own
        error = np.sqrt(spread / reps + spread / 2_000)
        assert abs(rate - known) < 5 * error, (name, rate, known)


@pytest.mark.parametrize("shape", list(EFFECTS))
def test_intervals_cover_as_in_the_independent_study(oracle, shape):
    reps = 1_000
    counts = study(shape, Line(), Line(), reps, np.random.default_rng([SEED, 17]))
    rates = {name: count / reps for name, count in counts.items()}
    compare_with_reference(rates, reps, reference(oracle, f"{shape}_rct"))
    for name in NOMINAL:  # normal intervals at n = 2,000: nominal to .01, beside 5 Monte-Carlo errors
        assert abs(rates[name] - 0.95) < 0.01 + 5 * np.sqrt(0.95 * 0.05 / reps), name
    if shape == "flat":  # no effect differs: both tests err at their level, and one-sided
        assert all(
            abs(rates[t] - 0.05) < 0.01 + 5 * np.sqrt(0.05 * 0.95 / reps) for t in ("omnibus", "calibration")
        )
    else:  # power: the row that a test which never rejects would fail
        assert rates["omnibus"] > 0.99 and rates["calibration"] > 0.99


def test_a_fitted_propensity_covers_where_treatment_was_not_by_coin(oracle):
    reps = 300
    counts = study("linear", Line(), Line(), reps, np.random.default_rng([SEED, 18]), confounded=True)
    rates = {name: count / reps for name, count in counts.items()}
    compare_with_reference(rates, reps, reference(oracle, "linear_conf"))
    world = people("linear", 50_000, confounded=True, rng=SEED)
    plain = world.y[world.w == 1].mean() - world.y[world.w == 0].mean()
    assert plain - 0.5 == pytest.approx(0.584, abs=0.08)  # the bias that the reference study found, 5 errors


def test_the_straight_dr_learner_errs_no_more_than_econmls(oracle):
    """Mean over 60 draws against the golden mean over 30 of econml 0.17, and against the same draws in
    pehe_econml.json.
    """
    for shape in EFFECTS:
        want = next(
            e for e in oracle("heterogeneity", "pehe_econml_linear_dr") if e["id"] == f"pehe_{shape}_rct"
        )
        rng, errors = np.random.default_rng([SEED, 19]), []
        for _ in range(60):
            world, new = people(shape, 2_000, rng=rng), people(shape, 5_000, rng=rng)
            fitted = learners.dr_learner(Line(), e=0.5, rng=0).fit(world.x, world.y, world.w)
            errors.append(np.sqrt(np.mean((fitted.effect(new.x) - new.effect) ** 2)))
        golden_error = float(re.search(r"MC se (0\.\d+)", want["note"])[1])
        error = np.hypot(np.std(errors, ddof=1) / np.sqrt(60), golden_error)
        assert np.mean(errors) < want["expected"]["pehe"] + 5 * error, shape
    for row in json.loads((ORACLES / "pehe_econml.json").read_text(encoding="utf-8"))["entries"]:
        assert row["abkit"] <= row["econml"] + row["error"], row  # a stored study: it cannot move


def test_boosted_nuisances_cover_too():
    """Counts of the study that ran once, date in the file: coverage at least .93, tests at most .07 where
    nothing differs.
    """
    stored = json.loads((ORACLES / "heterogeneity_coverage.json").read_text(encoding="utf-8"))
    assert [e["world"] for e in stored["entries"]] == list(EFFECTS)
    for entry in stored["entries"]:
        rates = {name: count / entry["reps"] for name, count in entry["counts"].items()}
        assert entry["reps"] == 1_000 and set(rates) == set(MEASURED)
        error = np.sqrt(0.95 * 0.05 / entry["reps"])
        assert all(abs(rates[name] - 0.95) < 5 * error for name in NOMINAL), entry
        rejects = {rates["omnibus"], rates["calibration"]}
        assert max(rejects) < 0.05 + 5 * error if entry["world"] == "flat" else min(rejects) > 0.99


def test_teeth_gates_without_splitting_find_differences_that_are_not_there(rng):
    """Groups by the effects that the same outcomes made: in the flat world the joint test rejects nearly
    always.
    """
    rejected, honest, reps = 0, 0, 40
    for _ in range(reps):
        world = people("flat", 1_000, rng=rng)
        found = cross_fitting.nuisances(world.x, world.y, world.w, model=Line(), e=0.5, rng=rng)
        scores = unequal_effects.aipw_scores(world.y, world.w, found.mu0, found.mu1, found.e)
        half = np.arange(1_000) < 500
        own = learners.t_learner(rng=0).fit(world.x, world.y, world.w).effect(world.x)
        other = (
            learners.t_learner(rng=0).fit(world.x[half], world.y[half], world.w[half]).effect(world.x[~half])
        )
        fifth = [np.searchsorted(np.quantile(v, [0.2, 0.4, 0.6, 0.8]), v) for v in (own, other)]
        rejected += not unequal_effects.heterogeneity(scores, fifth[0]).passed
        honest += not unequal_effects.heterogeneity(scores[~half], fifth[1]).passed
    assert rejected / reps > 0.8
    assert honest / reps < 0.05 + 5 * np.sqrt(0.05 * 0.95 / reps)


def test_teeth_bootstrap_of_a_straight_t_learner_misses_the_step():
    """The spread of refits knows nothing of the model's bias: nominal 95 covers about 37 per cent of the
    effects.
    """
    rng, shares = np.random.default_rng([SEED, 20]), []
    for _ in range(10):
        world, new = people("step", 2_000, rng=rng), people("step", 500, rng=rng)
        found = bootstrap_interval(
            learners.t_learner(Line()), world.x, world.y, world.w, new.x, reps=40, rng=rng
        )
        shares.append(np.mean((found.low <= new.effect) & (new.effect <= found.high)))
    assert np.mean(shares) < 0.6
    assert "not measured" in found.method
    with pytest.raises(ValueError, match="T- or X-learner"):
        bootstrap_interval(learners.dr_learner(), world.x, world.y, world.w, new.x)


def test_bootstrap_labels_are_what_was_measured():
    """The study that ran once: the label of each interval; X cannot draw the step, and its interval does not
    know.
    """
    stored = json.loads((ORACLES / "bootstrap_coverage.json").read_text(encoding="utf-8"))["entries"]
    assert len(stored) == 6
    for row in stored:
        assert COVERS[row["kind"]][row["world"]] == round(100 * row["covers"]), row
    worst = min(stored, key=lambda row: row["covers"])
    assert (worst["kind"], worst["world"]) == ("X", "step") and worst["covers"] + 5 * worst["error"] < 0.5
