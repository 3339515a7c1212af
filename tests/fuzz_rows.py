"""One sound call of every public name; the fuzz test spoils one or two arguments and judges the answer.

A new name in `abkit.__all__` needs a row here: in CALLS (name → arguments of a call that works), in RESULTS
(data that functions return: nobody makes them by hand), or in MODULES.
"""

from __future__ import annotations

import functools
from datetime import date

import networkx as nx
import numpy as np
import pandas as pd

import abkit as ab

MODULES = ("datasets", "explore", "plots", "teach")
SERVICES = ("Registry",)  # a database: its own tests
RESULTS = [
    "ArmCounts",
    "BanditRun",
    "Boundary",
    "BucketSums",
    "Calibration",
    "Check",
    "ClusterPlan",
    "Comparison",
    "Decision",
    "Effect",
    "Estimate",
    "Moments",
    "Path",
    "Plan",
    "Reduction",
    "Report",
    "RunSummary",
    "Saving",
    "Shrunk",
    "StopRules",
    "Stopped",
    "Tradeoff",
    "UnitTotals",
]
rng = np.random.default_rng(5)
Y, X = rng.gamma(2.0, 1.0, (2, 60)), rng.normal(size=(2, 60))
W = np.arange(60) % 2
GROUP = np.arange(60) // 10
SCORES = rng.normal(1.0, 1.0, 60)
ARMS = [ab.Moments.of(Y[i], pre=X[i], views=1 + Y[1 - i]) for i in (0, 1)]
RATES = [ab.Moments.counts(45, 100), ab.Moments.counts(58, 110)]
EFFECT = ab.Effect.of(0.4, 0.2, n_control=50, n_treatment=50)
EFFECTS = [ab.Effect.of(0.4, 0.2 / k, n_control=50 * k * k, n_treatment=50 * k * k) for k in (1, 2, 3)]
FRAME = pd.DataFrame(
    {
        "user": np.arange(60),
        "arm": np.where(W, "b", "a"),
        "y": Y[0],
        "x": X[0],
        "z": W,
        "other": np.arange(60) // 2 % 2,
        "day": 1 + np.arange(60) // 20,
    }
)
METRIC = ab.Metric("y")
ANALYSIS = ab.Analysis("arm", "a", (METRIC,), unit="user")
SHARES = {"a": 0.5, "b": 0.5}
GRAPH = nx.random_regular_graph(4, 30, seed=1)
PARTITION = np.arange(30) // 5
WATCH = ab.Watch(target_se=0.1).look(7, EFFECT)


@functools.cache
def made(name):
    """What takes a moment to make, once."""
    makers = {
        "boundary": lambda: ab.group_sequential(3),
        "path": lambda: ab.monitor(
            [ab.Effect.of(0.4, 0.2 / k**0.5) for k in (1, 2, 3)], ab.group_sequential(3)
        ),
        "log": lambda: ab.run(
            ab.Thompson(2), [0.1, 0.3], horizon=60, reps=4, batch=20, propensity=True, rng=1
        ),
        "plan": lambda: ab.sample_size(0.5, sd=1.0),
        "exposure": lambda: ab.exposure_probabilities(GRAPH, PARTITION, 0.5, "full", rng=1),
        "exposed": lambda: np.stack(
            [ab.exposure(GRAPH, treated(), "full", arm=a) for a in ("control", "treatment")]
        ),
    }
    return makers[name]()


def treated():
    return PARTITION % 2 == 1


def draw(rng, size):
    return rng.normal(size=(size, 20)), rng.normal(size=(size, 20))


def pair(names="control treatment", of=ARMS):
    return dict(zip(names.split(), of, strict=True))


def linear_model():
    from sklearn.linear_model import LinearRegression

    return LinearRegression()


def EXPOSED():
    return {"y": np.arange(30.0), "exposed": made("exposed"), "probabilities": made("exposure")}


SCORED = {"y": Y[0], "w": W, "mu0": np.ones(60), "mu1": np.full(60, 2.0), "e": np.full(60, 0.5)}
TABLE = {"table": FRAME}
CALLS = {
    "Analysis": lambda: {
        "arm": "arm",
        "control": "a",
        "metrics": (METRIC,),
        "expect": SHARES,
        "unit": "user",
        "alpha": 0.05,
        "correction": "holm",
        "start": date(2026, 3, 1),
    },
    "Beta": lambda: {"a": 1.0, "b": 2.0},
    "EpsilonGreedy": lambda: {"arms": 2, "discount": 1.0, "epsilon": 0.1, "half_at": None},
    "EvenSplit": lambda: {"arms": 2, "discount": 1.0},
    "Layer": lambda: {"salt": "s"},
    "LinUcb": lambda: {"arms": 2, "features": 2, "alpha": 1.0, "ridge": 1.0},
    "LogisticGreedy": lambda: {"arms": 2, "features": 2, "epsilon": 0.1, "rate": 0.1},
    "Metric": lambda: {
        "name": "y",
        "kind": "mean",
        "denominator": None,
        "covariates": ("x",),
        "direction": "up",
        "margin": None,
        "role": "primary",
        "measured": date(2026, 3, 1),
    },
    "Normal": lambda: {"mean": 0.0, "sd": 1.0},
    "Rule": lambda: {"worth": 0.0, "direction": "up", "information": 1.0},
    "Thompson": lambda: {"arms": 2, "discount": 1.0, "model": "bernoulli", "noise_sd": 1.0, "floor": 0.0},
    "Ucb": lambda: {"arms": 2, "discount": 1.0, "constant": 2.0},
    "Watch": lambda: {
        "target_se": 0.1,
        "alpha": 0.05,
        "rule": "always",
        "tau": None,
        "burn_in": 30,
        "day": (7.0,),
        "estimate": (0.1,),
        "se": (0.2,),
        "n_control": (5,),
        "n_treatment": (5,),
    },
    "Where": lambda: {"column": "y", "op": ">", "value": 1},
    "adjust_pvalues": lambda: {"pvalues": [0.01, 0.04, 0.5], "method": "holm"},
    "analyze": lambda: {**TABLE, "analysis": ANALYSIS, "rule": ab.Rule()},
    "arm_counts": lambda: {**TABLE, "arm": "arm", "by": "z"},
    "assign": lambda: {"units": ["u1", "u2"], "weights": SHARES, "salt": "s", "share": 0.5},
    "assign_sql": lambda: {
        "weights": SHARES,
        "salt": "s",
        "share": 0.5,
        "column": "user",
        "dialect": "duckdb",
    },
    "asymptotic_rho": lambda: {"n_opt": 100.0, "alpha": 0.05},
    "balance": lambda: {**pair(), "covariates": ["pre"], "alpha": 0.001},
    "bernoulli_sequence": lambda: {
        "successes": [3, 6, 9],
        "n": [10, 20, 30],
        "alpha": 0.05,
        "n_opt": 20.0,
        "null": 0.5,
        "intersect": False,
    },
    "beta_binomial_bound": lambda: {"v": 10.0, "rho": 5.0, "alpha": 0.05, "low": 0.5, "high": 0.5},
    "betting_sequence": lambda: {
        "y": np.clip(Y[0] / 10, 0, 1),
        "alpha": 0.05,
        "bounds": (0.0, 1.0),
        "null": 0.5,
        "intersect": False,
    },
    "check": lambda: {"key": "01.1", "answer": 3},
    "compare": lambda: {"posteriors": {"a": ab.Beta(3, 4), "b": ab.Beta(4, 4)}, "alpha": 0.05},
    "conditional_power": lambda: {
        "path": made("path"),
        "boundary": made("boundary"),
        "effect": "planned",
        "obeyed": True,
    },
    "confidence_sequence": lambda: {
        "effects_by_look": EFFECTS,
        "alpha": 0.05,
        "rho": 0.5,
        "intersect": False,
        "burn_in": 0,
    },
    "count_units": lambda: {**TABLE, "unit": "user", "arm": "arm"},
    "cuped": lambda: {
        **pair(),
        "theta": "optimal",
        "covariates": ["pre"],
        "se": "welch",
        "alpha": 0.05,
        "alternative": "two-sided",
        "null": 0.0,
    },
    "cuped_factor": lambda: {"correlation": 0.5, "new": 0.1},
    "cuped_theta": lambda: {**pair(), "theta": "within", "covariates": "pre"},
    "decide": lambda: {"primary": EFFECT, "guardrails": (), "checks": (), "rule": ab.Rule()},
    "design_effect": lambda: {"size": 10, "icc": 0.1, "cv": 0.0},
    "difference": lambda: pair(of=[ab.mean(m) for m in ARMS]),
    "discoveries": lambda: {"rejected": [[True, False], [True, True]], "real": [True, False]},
    "dunnett": lambda: {"control": ARMS[0], "treatments": ARMS, "alpha": 0.05, "pooled": False},
    "duration": lambda: {"plan": made("plan"), "arrivals": 100.0, "share": 0.5, "whole_weeks": True},
    "eligible": lambda: {"frame": FRAME, "rules": [ab.Where("y", ">", 1)]},
    "equivalence": lambda: {"effect": EFFECT, "margin": 1.0, "alpha": 0.05},
    "exact_power": lambda: {
        "p_control": 0.1,
        "p_treatment": 0.3,
        "n_control": 30,
        "n_treatment": 40,
        "alpha": 0.05,
        "alternative": "two-sided",
        "method": "score",
    },
    "exercise": lambda: {"key": "01.1"},
    "expected_size": lambda: {"boundary": made("boundary"), "power": 0.8, "effect": 1.0},
    "familywise_error": lambda: {"k": 3, "alpha": 0.05, "correlation": 0.1, "sides": 2},
    "fill_missing": lambda: {"x": [1.0, np.nan, 2.0]},
    "fixed_sequence": lambda: {"pvalues": [0.01, 0.2], "alpha": 0.05},
    "group_sequential": lambda: {
        "fraction": 3,
        "spending": "hsd",
        "design": None,
        "parameter": -4.0,
        "alpha": 0.05,
        "sides": 1,
        "futility": "pocock",
        "binding": False,
        "power": 0.8,
    },
    "guardrail": lambda: {"effect": EFFECT, "harm": "decrease", "margin": 1.0, "alpha": 0.05},
    "hint": lambda: {"key": "01.1"},
    "icc": lambda: {"y": Y[0], "cluster": GROUP},
    "inflation": lambda: {"boundary": made("boundary"), "power": 0.8},
    "joint_power": lambda: {"powers": [0.8, 0.9], "correlation": 0.2},
    "lift": lambda: {**pair(), "method": "fieller", "alpha": 0.05, "metric": "y"},
    "lin": lambda: {
        "y": Y[0],
        "treated": W,
        "x": X[0],
        "se": "hc2",
        "population": True,
        "alpha": 0.05,
        "alternative": "two-sided",
        "null": 0.0,
    },
    "linear": lambda: {"moments": ARMS[0], "coefficients": [1.0, 0.0, -1.0]},
    "localise": lambda: {
        "counts_by_segment": {"ios": {"a": 50, "b": 40}, "web": {"a": 5, "b": 4}},
        "weights": SHARES,
        "alpha": 0.001,
    },
    "max_t": lambda: {
        "statistics": [2.0, 1.0],
        "correlation": [[1.0, 0.5], [0.5, 1.0]],
        "alternative": "two-sided",
        "step_down": True,
        "draws": 200,
    },
    "mde": lambda: {
        "n": 100,
        "sd": 1.0,
        "power": 0.8,
        "alpha": 0.05,
        "alternative": "two-sided",
        "allocation": 0.5,
        "normal": False,
    },
    "mde_by_week": lambda: {
        "arrivals": 100.0,
        "p_control": 0.1,
        "weeks": (2, 4),
        "power": 0.8,
        "alpha": 0.05,
        "arms": 2,
        "share": 1.0,
    },
    "mde_proportions": lambda: {
        "p_control": 0.1,
        "n": 1000,
        "power": 0.8,
        "alpha": 0.05,
        "alternative": "two-sided",
        "allocation": 0.5,
    },
    "mean": lambda: {"moments": ARMS[0], "metric": "y"},
    "monitor": lambda: {
        "effects_by_look": EFFECTS,
        "boundary": made("boundary"),
        "information": None,
        "last": False,
    },
    "msprt": lambda: {"effects_by_look": EFFECTS, "tau": 0.1, "burn_in": 30, "intersect": False},
    "non_inferiority": lambda: {"effect": EFFECT, "margin": 1.0, "alpha": 0.025},
    "normal_mixture_bound": lambda: {"v": 10.0, "rho": 5.0, "alpha": 0.05, "sides": 2},
    "normal_mixture_rho": lambda: {"v_opt": 10.0, "alpha": 0.05, "sides": 2},
    "over_splits": lambda: {"effects": EFFECTS, "alpha": 0.05},
    "peeking_error": lambda: {"looks": 3, "alpha": 0.05},
    "policy_from_json": lambda: {"text": ab.policy_to_json(ab.Ucb(2))},
    "policy_to_json": lambda: {"policy": ab.Ucb(2)},
    "position": lambda: {"units": ["u1", "u2"], "salt": "s"},
    "power": lambda: {
        "effect": 0.5,
        "n": 50,
        "sd": 1.0,
        "alpha": 0.05,
        "alternative": "two-sided",
        "allocation": 0.5,
        "normal": False,
    },
    "power_proportions": lambda: {
        "p_control": 0.1,
        "p_treatment": 0.2,
        "n": 100,
        "alpha": 0.05,
        "alternative": "two-sided",
        "allocation": 0.5,
    },
    "proportions": lambda: {
        **pair(of=RATES),
        "method": "score",
        "alpha": 0.05,
        "alternative": "two-sided",
        "null": 0.0,
        "metric": "y",
    },
    "pseudonyms": lambda: {"units": ["u1", "u2"], "key": "a long enough key of text"},
    "ratio": lambda: {
        **pair(),
        "numerator": "y",
        "denominator": "views",
        "alpha": 0.05,
        "alternative": "two-sided",
        "null": 0.0,
    },
    "ratio_estimate": lambda: {"moments": ARMS[0], "numerator": "y", "denominator": "views"},
    "reduce_table": lambda: {**TABLE, "columns": ["y", "x"], "by": "arm"},
    "predictive_power": lambda: {"path": made("path"), "boundary": made("boundary"), "obeyed": True},
    "replan": lambda: {"boundary": made("boundary"), "fraction": [0.3, 0.6], "last": False},
    "sample_size": lambda: {
        "effect": 0.5,
        "sd": 1.0,
        "power": 0.8,
        "alpha": 0.05,
        "alternative": "two-sided",
        "allocation": 0.5,
        "normal": False,
        "factor": 1.0,
    },
    "sample_size_proportions": lambda: {
        "p_control": 0.1,
        "lift": None,
        "p_treatment": 0.12,
        "power": 0.8,
        "alpha": 0.05,
        "arms": 2,
        "correction": "bonferroni",
    },
    "saving": lambda: {**pair(), "covariates": ["pre"], "confidence": 0.95},
    "segment_counts": lambda: {**TABLE, "arm": "arm", "by": "z", "smallest": 5},
    "sequential_srm": lambda: {
        "counts": [[50, 40], [90, 95]],
        "weights": [0.5, 0.5],
        "alpha": 0.001,
        "concentration": 1.0,
    },
    "shares": lambda: {"weights": SHARES},
    "shrink": lambda: {"effects": EFFECTS, "alpha": 0.05, "spread": 0.1},
    "simultaneous": lambda: {"effects": EFFECTS, "method": "bonferroni", "alpha": 0.05},
    "solution": lambda: {"key": "01.1"},
    "srm": lambda: {"counts": {"a": 50, "b": 40}, "weights": SHARES, "alpha": 0.001},
    "srm_power": lambda: {"n": 20_000, "loss": 0.04, "share": 0.5, "alpha": 0.001},
    "stagewise": lambda: {"looks": made("path"), "boundary": made("boundary")},
    "stratified": lambda: {"units": ["u1", "u2"], "strata": ["x", "y"], "weights": SHARES, "rng": 1},
    "sum_units": lambda: {**TABLE, "columns": ["y"], "unit": "user", "arm": "arm", "flags": ["z"]},
    "welch": lambda: {**pair(), "alpha": 0.05, "alternative": "two-sided", "null": 0.0, "metric": "y"},
    "win_ledger": lambda: {"good": 0.1, "power": 0.8, "alpha": 0.05, "tests": 100},
    "z_test": lambda: {**pair(), "alpha": 0.05, "alternative": "two-sided", "null": 0.0, "metric": "y"},
    "Experiment": lambda: {
        "name": "x",
        "hypothesis": "y grows",
        "layer": None,
        "weights": SHARES,
        "analysis": ANALYSIS,
        "plan": made("plan"),
        "looks": 1,
        "eligible": (),
    },
    "aipw": lambda: {**SCORED, "alpha": 0.05, "alternative": "two-sided", "population": "all"},
    "aipw_scores": lambda: {**SCORED},
    "assign_clusters": lambda: {"partition": PARTITION, "share": 0.5, "balanced": True},
    "batched_ols": lambda: {"log": made("log"), "sigma": "pooled", "pair": (0, 1), "alpha": 0.05},
    "best_linear_projection": lambda: {
        "scores": SCORES,
        "x": X[0],
        "alpha": 0.05,
        "alternative": "two-sided",
    },
    "calibrate": lambda: {
        "draw": draw,
        "procedure": ab.welch,
        "truth": 0.0,
        "reps": 50,
        "batched": True,
        "alpha": 0.05,
    },
    "calibration_slope": lambda: {"scores": SCORES, "predicted": X[0], "alpha": 0.05},
    "claimed_sum": lambda: {"effects": EFFECTS, "alpha": 0.05, "direction": "up"},
    "cluster_effect": lambda: {
        "y": Y[0],
        "cluster": GROUP,
        "treated": GROUP % 2,
        "weights": "user",
        "alpha": 0.05,
        "alternative": "two-sided",
        "null": 0.0,
    },
    "clusters": lambda: {"graph": GRAPH, "method": "label_propagation"},
    "compare_procedures": lambda: {"draw": draw, "procedures": {"welch": ab.welch}, "reps": 50},
    "cross_fit": lambda: {"model": linear_model(), "x": X.T, "y": Y[0], "folds": 3},
    "cut_links": lambda: {"graph": GRAPH, "partition": PARTITION},
    "delta": lambda: {
        "moments": ARMS[0],
        "value": lambda m: m[..., 0],
        "gradient": lambda m: np.array([1.0, 0.0, 0.0]),
    },
    "dr_learner": lambda: {"model": linear_model()},
    "earn_or_learn": lambda: {
        "rates": [0.1, 0.2],
        "users": 200,
        "days": 2,
        "drift": None,
        "reps": 5,
        "rng": 1,
    },
    "exposure": lambda: {"graph": GRAPH, "treated": treated(), "rule": "full", "arm": "treatment"},
    "exposure_probabilities": lambda: {
        "graph": GRAPH,
        "partition": PARTITION,
        "share": 0.5,
        "rule": "full",
        "exact": None,
    },
    "gates": lambda: {"scores": SCORES, "groups": GROUP, "alpha": 0.05, "together": None},
    "hajek": lambda: {**EXPOSED(), "alpha": 0.05, "alternative": "two-sided", "null": 0.0},
    "heterogeneity": lambda: {"scores": SCORES, "groups": GROUP, "alpha": 0.05},
    "history_correlation": lambda: {"week": 0.5, "weeks": 0.3, "window": 4},
    "horvitz_thompson": lambda: {**EXPOSED(), "alpha": 0.05, "alternative": "two-sided", "null": 0.0},
    "interactions": lambda: {
        **TABLE,
        "arms": {"arm": "a", "other": 0},
        "metric": METRIC,
        "alpha": 0.05,
        "correction": "holm",
    },
    "linearised": lambda: {"moments": ARMS[0]},
    "nuisances": lambda: {
        "x": X.T,
        "y": Y[0],
        "w": W,
        "model": linear_model(),
        "e": 0.5,
        "folds": 3,
        "splits": 1,
    },
    "policy_value": lambda: {"scores": SCORES, "treat": W, "cost": 0.0, "against": "none", "alpha": 0.05},
    "predicted_and_found": lambda: {"scores": SCORES, "predicted": X[0], "groups": 3, "alpha": 0.05},
    "qini": lambda: {"score": X[0], "y": Y[0], "w": W, "alpha": 0.05},
    "r_learner": lambda: {"model": linear_model()},
    "randomization_test": lambda: {
        "y": Y[0],
        "cluster": GROUP,
        "treated": GROUP % 2,
        "weights": "user",
        "studentised": False,
        "block": None,
        "alpha": 0.05,
        "alternative": "two-sided",
    },
    "run": lambda: {
        "policy": ab.Ucb(2),
        "arms": [0.1, 0.2],
        "horizon": 20,
        "reps": 3,
        "batch": 2,
        "delay": 1,
        "propensity": False,
    },
    "s_learner": lambda: {"model": linear_model()},
    "size_blocks": lambda: {"partition": PARTITION, "share": 0.5},
    "sweep": lambda: {
        "make_draw": lambda shift: draw,
        "procedure": ab.welch,
        "settings": {"shift": [0.0, 1.0]},
        "truth": 0.0,
        "reps": 50,
    },
    "t_learner": lambda: {"model": linear_model()},
    "weighted_aipw": lambda: {
        "log": made("log"),
        "weights": "constant",
        "pair": (0, 1),
        "decay": 0.7,
        "alpha": 0.05,
    },
    "x_learner": lambda: {"model": linear_model()},
    "bootstrap_interval": lambda: {
        "learner": ab.t_learner(linear_model()),
        "x": X.T,
        "y": Y[0],
        "w": W,
        "x_new": X.T[:3],
        "reps": 20,
        "alpha": 0.05,
        "rng": 1,
    },
    "effects_at_looks": lambda: {
        "table": FRAME,
        "looks": (1, 2),
        "arm": "arm",
        "day": "day",
        "metric": "y",
        "user": None,
        "control": "a",
        "alpha": 0.05,
    },
    "luck_of_best": lambda: {"k": 20},
    "stop_rules": lambda: {"drift": 2.9, "days": 5},
    "cuped_lift": lambda: {**pair(), "covariates": ["pre"], "theta": "optimal", "alpha": 0.05},
    "power_clusters": lambda: {
        "effect": 0.5,
        "clusters": 20,
        "sd": 1.0,
        "icc": 0.1,
        "size": 50,
        "cv": 0.1,
        "alpha": 0.05,
        "alternative": "two-sided",
        "allocation": 0.5,
    },
    "sample_size_clusters": lambda: {
        "effect": 0.5,
        "sd": 1.0,
        "icc": 0.1,
        "size": 50,
        "cv": 0.1,
        "power": 0.8,
        "alpha": 0.05,
        "alternative": "two-sided",
        "allocation": 0.5,
    },
    # methods
    "Moments.of": lambda: {"y": [1.0, 2.0], "x": [2.0, 5.0]},
    "Moments.counts": lambda: {"successes": 3, "n": 10},
    "Moments.summary": lambda: {"n": 10, "mean": 1.0, "sd": 2.0},
    "Moments.from_table": lambda: {**TABLE, "columns": ["y"], "by": "arm"},
    "Moments.from_json": lambda: {"text": ARMS[0].to_json()},
    "Effect.of": lambda: {
        "estimate": 0.4,
        "se": 0.2,
        "df": 9.0,
        "alpha": 0.05,
        "alternative": "two-sided",
        "null": 0.0,
    },
    "BucketSums.empty": lambda: {"salt": "s", "buckets": 10},
    "BucketSums.from_json": lambda: {"text": ab.BucketSums.empty("s").to_json()},
    "UnitTotals.from_json": lambda: {"text": ab.UnitTotals.empty().to_json()},
    "Watch.from_json": lambda: {"text": WATCH.to_json()},
    "Watch.from_dict": lambda: {"state": WATCH.to_dict()},
}
