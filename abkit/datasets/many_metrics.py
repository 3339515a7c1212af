"""Errors of every correction in the same simulated experiments with many metrics."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from abkit.datasets.worlds import correlated_metrics
from abkit.inference.families import METHODS, Discoveries, adjust_pvalues, discoveries

ALPHA, EFFECT = 0.05, 3.0


NAMES = {
    "bonferroni": "Bonferroni",
    "sidak": "Šidák",
    "holm": "Holm",
    "hochberg": "Hochberg",
    "hommel": "Hommel",
    "bh": "BH",
    "by": "BY",
}


def error_rates(
    metrics: int, correlation: float, share: float, *, reps: int = 1_000, seed: int = 0
) -> dict[str, Discoveries]:
    """Return the errors of no correction and of each correction in the same `reps` experiments.

    World: `correlated_metrics` with true effects of 3 standard errors in round(share · metrics) metrics,
    two-sided z tests, alpha .05.

    >>> rates = error_rates(10, 0.0, 0.0)
    >>> rates["none"].any_false > 0.3 > 0.1 > rates["Holm"].any_false
    True
    """
    z = correlated_metrics(metrics, correlation=correlation, share=share, effect=EFFECT)(
        np.random.default_rng(seed), reps
    )
    pvalue, real = 2 * ndtr(-np.abs(z)), np.arange(metrics) < round(share * metrics)
    rejected = {"none": pvalue <= ALPHA} | {
        NAMES[m]: adjust_pvalues(pvalue, method=m) <= ALPHA for m in METHODS
    }
    return {name: discoveries(r, real) for name, r in rejected.items()}
