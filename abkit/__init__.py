"""abkit: learn, plan and analyse A/B tests with numbers that are checked.

The map, in the order of an analysis: rows → Moments → Estimate → Effect → Decision.
Names load on first use, so `import abkit` costs a few milliseconds.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_EXPORTS = {
    "moments": ("Moments",),
    "tables": ("Reduction", "ArmCounts", "reduce_table", "arm_counts"),
    "estimate": (
        "Estimate",
        "Effect",
        "Check",
        "Path",
        "delta",
        "mean",
        "ratio_estimate",
        "linear",
        "difference",
    ),
    "design": (
        "Plan",
        "power",
        "sample_size",
        "mde",
        "duration",
        "design_effect",
        "icc",
        "cuped_factor",
        "joint_power",
    ),
    "rates": (
        "sample_size_proportions",
        "power_proportions",
        "mde_proportions",
        "mde_by_week",
        "exact_power",
    ),
    "assignment": ("position", "assign", "shares", "Layer", "stratified"),
    "targeting": ("Where", "eligible"),
    "sql": ("assign_sql",),
    "inference": ("welch", "z_test", "proportions", "ratio"),
    "relative": ("lift",),
    "analysis": ("Metric", "Analysis"),
    "decision": ("Rule", "Decision", "decide", "guardrail", "non_inferiority", "equivalence"),
    "report": ("Report", "analyze"),
    "units": ("count_units", "sum_units"),
    "sample_ratio": ("srm", "sequential_srm", "localise"),
    "corrections": (
        "adjust_pvalues",
        "fixed_sequence",
        "simultaneous",
        "dunnett",
        "familywise_error",
        "discoveries",
    ),
    "sequential": (
        "Boundary",
        "group_sequential",
        "monitor",
        "replan",
        "inflation",
        "expected_size",
        "peeking_error",
    ),
    "ordering": ("Stopped", "stagewise"),
    "anytime": (
        "msprt",
        "confidence_sequence",
        "bernoulli_sequence",
        "asymptotic_rho",
        "normal_mixture_rho",
        "normal_mixture_bound",
        "beta_binomial_bound",
    ),
    "betting": ("betting_sequence",),
    "looks": ("BucketSums", "UnitTotals", "Watch"),
    "bayes.posteriors": ("Beta", "Normal"),
    "bayes.comparing": ("Comparison", "compare"),
    "simulate": ("Calibration", "calibrate", "compare_procedures", "sweep"),
    "exercises": ("check", "hint", "solution"),
}
_HOME = {name: module for module, names in _EXPORTS.items() for name in names}
_MODULES = ("datasets", "plots", "explore", "teach")

__all__ = [*_HOME, *_MODULES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(f"abkit.{_HOME[name]}"), name)
    elif name in _MODULES:
        value = importlib.import_module(f"abkit.{name}")
    else:
        raise AttributeError(f"module 'abkit' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
