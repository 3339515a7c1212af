"""The part of a report that takes the past out of an effect: dates, balance, the adjusted line and what it
saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from abkit import _check
from abkit.estimate import Check, Effect
from abkit.inference.adjusting import cuped
from abkit.inference.covariates import BALANCE_ALPHA, balance, saving
from abkit.metrics import Analysis, Metric
from abkit.moments import Moments
from abkit.reporting.inputs import Arms

LATE = ("refuse", "allow")


def dates(analysis: Analysis, late_covariates: str) -> list[str]:
    """Return notes on the covariates' dates; one measured at or after the start is refused unless "allow"
    forces it.

    >>> dates(Analysis("arm", "a", (Metric("y", covariates=("pre",)),)), "refuse")
    ['y: whether pre dates from before the start was NOT checked: give the dates (measured, start).']
    """
    _check.one_of("late_covariates", late_covariates, LATE)
    notes = []
    for metric in analysis.metrics:
        names, measured, start = ", ".join(metric.covariates), metric.measured, analysis.start
        if not names:
            continue
        if measured is None or start is None:
            text = (
                f"whether {names} dates from before the start was NOT checked: give the dates (measured,"
                " start)."
            )
            notes.append(f"{metric.label}: {text}")
        elif measured >= start and late_covariates == "refuse":
            hint = (
                'A covariate that the treatment may have moved biases the effect; late_covariates="allow"'
                " forces it."
            )
            raise _check.fail("measured", f"must lie before the start, {start}, for {names}", measured, hint)
        elif measured >= start:
            text = (
                f"{names} was measured on {measured}, not before the start ({start}): if the treatment moved"
                " it, the effect is wrong."
            )
            notes.append(f"{metric.label}: {text}")
    return notes


def balance_checks(read: Mapping[Metric, Arms], control: str, others: list[str]) -> list[Check]:
    """Return the joint balance test of each metric's covariates in each arm; a secondary metric's never
    vetoes.

    >>> balance_checks({Metric("y"): Arms({})}, "a", ["b"])
    []
    """
    checks = []
    for metric, arms in read.items():
        for arm in others if metric.covariates and arms.history else []:
            try:
                pair = arms.history[control], arms.history[arm]  # type: ignore[index]
                found = balance(*pair, alpha=BALANCE_ALPHA / len(others))
            except (KeyError, ValueError):
                if metric.role == "secondary":
                    continue
                raise
            passed = None if metric.role == "secondary" and not found.passed else found.passed
            name = f"balance {metric.label}" + (f", {arm}" if len(others) > 1 else "")
            checks.append(replace(found, name=name, passed=passed))
    return checks


def adjusted_effect(metric: Metric, control: Moments, treatment: Moments, alpha: float) -> Effect:
    """Return the effect with the covariates taken out, under the metric's label.

    >>> from abkit.datasets import pre_period_world
    >>> import numpy as np
    >>> both = pre_period_world(100)(np.random.default_rng(1), 1)
    >>> c, t = (Moments(100, m.mean[0], m.scatter[0], m.names) for m in both)
    >>> adjusted_effect(Metric("y", covariates=("pre",)), c, t, 0.05).method
    'cuped optimal'
    """
    return replace(cuped(control, treatment, alpha=alpha), label=metric.label)


def comparison(metric: Metric, arm: str, arms: Arms, control: str, plain: Effect) -> str:
    """Say in one note what the line would be without the covariates, and what they save, by their lower bound
    too.

    >>> import numpy as np
    >>> from abkit import welch
    >>> rng = np.random.default_rng(1)
    >>> pre = rng.normal(size=(2, 5_000))
    >>> c, t = (Moments.of(x + 0.5 * rng.normal(size=5_000), pre=x) for x in pre)
    >>> arms = Arms({"a": c, "b": t}, history={"a": c, "b": t})
    >>> comparison(Metric("y", covariates=("pre",)), "b", arms, "a", welch(c, t)).split(". It ")[1][:27]
    'leaves 19% of the variance,'
    """
    pair = arms.history[control], arms.history[arm]  # type: ignore[index]
    found = saving(*pair)
    filled = f" Filled and marked: {arms.gaps}." if arms.gaps else ""
    return (
        f"{metric.label}, {arm}: adjusted for {', '.join(metric.covariates)}, as named beforehand. Without"
        f" it: {plain.estimate:+.4g}, interval {plain.low:.4g} to {plain.high:.4g}, p {plain.pvalue:.4f}. It"
        f" leaves {found.left:.0%} of the variance, at most {found.at_most:.0%}: for this width a test"
        f" without it needs {found.users:.2f} times the units and weeks, at least {found.users_at_least:.2f}"
        f" times.{filled}"
    )
