"""The lines of a report: one metric in one arm against control, its effect, guardrail and corrected
p-value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.causal.cluster_robust import effect_of_totals
from abkit.estimate import Check, Effect, mean, ratio_estimate
from abkit.inference.adjusting import cuped_lift
from abkit.inference.families import adjust_pvalues
from abkit.inference.lifts import lift
from abkit.inference.means import ratio, welch
from abkit.inference.two_rates import proportions
from abkit.metrics import Analysis, Metric
from abkit.moments import Moments
from abkit.reporting.adjusted import adjusted_effect, comparison
from abkit.reporting.decision import Rule, guardrail
from abkit.reporting.inputs import Arms, Totals
from abkit.tables.skewness import misses, skewness_of_difference

SKEWED = 355**-0.5  # the rule n ≥ 355·skewness² (Boos and Hughes-Oliver 2000), said of the difference


@dataclass(frozen=True, eq=False, repr=False)
class Line(Table):
    """One metric in one arm against control. `adjusted`: corrected p-value, None for a guardrail; `lift`:
    relative effect or None.

    unadjusted: the effect without the metric's covariates, where it has some.
    """

    metric: Metric
    arm: str
    effect: Effect
    lift: Effect | None
    adjusted: float | None = None
    guard: Check | None = None
    unadjusted: Effect | None = None

    @property
    def harm_from(self) -> float | None:
        """Return the effect from which on a guardrail is harmed, with its sign; None for another role.

        >>> metric = Metric("load", role="guardrail", margin=0.1, direction="up")
        >>> guard = guardrail(Effect.of(0.02, 0.01), harm="decrease", margin=0.1)
        >>> Line(metric, "b", Effect.of(0.02, 0.01), None, guard=guard).harm_from
        -0.1
        """
        if self.metric.margin is None or self.guard is None:
            return None
        return self.metric.margin if self.metric.direction == "down" else -self.metric.margin


def lines_of(
    read: Mapping[Metric, Arms], analysis: Analysis, control: str, others: list[str], notes: list[str]
) -> list[Line]:
    """Return the lines of every metric, an arm each; what a metric cannot tell is said in `notes`.

    read: the moments of each metric by arm. others: the arms beside control. A secondary metric that has too
    few values is left out with a note. Raises ValueError for such a metric of another role.

    >>> metrics, notes = (Metric("y"), Metric("z", role="secondary")), []
    >>> arms = Arms({"a": Moments.of([1.0, 2.0, 3.0]), "b": Moments.of([2.0, 4.0, 6.0])})
    >>> read = {metrics[0]: arms, metrics[1]: Arms({"a": Moments.of([1.0, 2.0])})}
    >>> [line.effect.estimate for line in lines_of(read, Analysis("arm", "a", metrics), "a", ["b"], notes)]
    [2.0]
    >>> notes[0][:18]
    'z is not compared:'
    """
    lines = []
    for metric, arms in read.items():
        try:
            for arm in (control, *others):
                _require_values(metric, arm, arms.moments.get(arm))
        except ValueError as error:
            if metric.role != "secondary":
                raise
            notes.append(f"{metric.label} is not compared: {error}")
            continue
        alpha = analysis.alpha / len(others) if metric.role == "primary" else analysis.alpha
        own = [_line(metric, arm, arms, control, alpha) for arm in others]
        notes += [comparison(metric, x.arm, arms, control, x.unadjusted) for x in own if x.unadjusted]
        lines += own
        notes += [note for arm in others if (note := _skewed(metric, arms, control, arm, alpha))]
    return lines


def _skewed(metric: Metric, arms: Arms, control: str, arm: str, alpha: float) -> str:
    if arms.third is None:
        return ""
    pair = [arms.moments[k] for k in (control, arm)]
    variances = [
        float(np.square(mean(m).se if metric.kind == "mean" else ratio_estimate(m).se) * m.n) for m in pair
    ]
    skewness = skewness_of_difference(
        (pair[0].n, pair[1].n), (variances[0], variances[1]), (arms.third[control], arms.third[arm])
    )
    if not abs(skewness) > SKEWED:
        return ""
    above, below = misses(skewness, alpha)
    equal = abs(np.log(pair[1].n / pair[0].n)) < 0.1
    what, cure = (
        ("more skewed in one arm", "A cap")
        if equal
        else ("skewed and the arms unequal", "Equal arms or a cap")
    )
    return (
        f"{metric.label}, {arm}: the values are {what}. About {above:.1%} of such intervals lie above the"
        f" truth and {below:.1%} below it ({alpha / 2:.1%} each is promised). {cure} fixed beforehand"
        " mends it."
    )


def _require_values(metric: Metric, arm: str, moments: Moments | None) -> None:
    cure = "Leave the metric or the arm out."
    if moments is None or moments.n < 2:
        raise _check.fail(
            metric.label,
            f"must have at least two values in arm {arm!r}",
            0 if moments is None else moments.n,
            cure,
        )
    if metric.kind == "mean" and not moments.scatter[0, 0] > 0:
        raise _check.fail(
            metric.label, f"must vary in arm {arm!r}", f"{moments.mean[0]:g} in all {moments.n:,} rows", cure
        )
    if (
        metric.kind == "proportion"
        and abs(moments.scatter[0, 0] / moments.n - moments.mean[0] * (1 - moments.mean[0])) > 1e-6
    ):
        raise _check.fail(
            metric.label,
            f"must hold 0 and 1 only in arm {arm!r}",
            f"mean {moments.mean[0]:g}",
            "Is it a mean?",
        )
    if metric.kind == "ratio" and moments.mean[1] == 0:
        raise _check.fail(
            metric.label,
            f"must have a denominator that is not 0 in arm {arm!r}",
            f"mean 0 in {moments.n:,} rows",
            cure,
        )
    if metric.kind == "ratio" and not ratio_estimate(moments).se > 0:
        raise _check.fail(
            metric.label, f"must vary in arm {arm!r}", f"the same ratio in all {moments.n:,} rows", cure
        )


def _line(metric: Metric, arm: str, arms: Arms, control_arm: str, alpha: float) -> Line:
    """One effect; a guardrail's interval is at 1 − 2·alpha, so that it reaches the margin when its one-sided
    test does not pass.
    """
    effect_of: Mapping[str, Callable[..., Effect]] = {
        "mean": welch,
        "proportion": proportions,
        "ratio": ratio,
    }
    level = min(2 * alpha, 0.99) if metric.role == "guardrail" else alpha
    control, treatment = arms.moments[control_arm], arms.moments[arm]
    if arms.clusters is None:
        effect = effect_of[metric.kind](control, treatment, alpha=level)
    else:
        effect = _by_cluster(arms.clusters[control_arm], arms.clusters[arm], level)
    effect = replace(effect, label=metric.label)
    plain = effect if arms.history else None
    if arms.history:
        effect = adjusted_effect(metric, arms.history[control_arm], arms.history[arm], level)
    harm, margin = ("increase" if metric.direction == "down" else "decrease"), metric.margin
    guard = (
        guardrail(effect, harm=harm, margin=margin, alpha=alpha)
        if metric.role == "guardrail" and margin
        else None
    )
    relative = None
    if metric.kind != "ratio" and effect.value_control > 0 and arms.history:
        relative = cuped_lift(arms.history[control_arm], arms.history[arm], alpha=level)
    elif metric.kind != "ratio" and control.mean[0] > 0 and arms.clusters is None:
        relative = lift(
            control, treatment, method="score" if metric.kind == "proportion" else "fieller", alpha=level
        )
    return Line(metric, arm, effect, lift=relative, guard=guard, unadjusted=plain)


def _by_cluster(control: Totals, treatment: Totals, alpha: float) -> Effect:
    """The effect per unit, with an error that counts the clusters."""
    total, size = (np.concatenate([getattr(control, k), getattr(treatment, k)]) for k in ("total", "size"))
    return effect_of_totals(total, size, np.arange(len(size)) >= len(control.size), alpha=alpha)


def with_corrections(lines: list[Line], method: str) -> tuple[Line, ...]:
    """Correct the p-values of each arm: first the primary metric, then, behind it, the secondary ones.

    With k arms against control everything is taken times k (Bonferroni; the primary's p then agrees with its
    interval). Within an arm the secondary p-values are corrected by `method`, and none is below the
    primary's: a fixed sequence, so that in all arms and metrics together a false claim stays at alpha (Holm,
    Hommel, Bonferroni) or, for a method of false discoveries, at its share behind the primary.

    >>> lines = [Line(Metric("y"), "b", Effect.of(1.0, 1.0), None)]
    >>> lines += [Line(Metric("z", role="secondary"), "b", Effect.of(3.0, 1.0), None)]
    >>> [round(line.adjusted, 3) for line in with_corrections(lines, "holm")]
    [0.317, 0.317]
    """
    out = list(lines)
    arms = {line.arm for line in lines}
    for arm in arms:
        primary, others = (
            [i for i, line in enumerate(lines) if line.arm == arm and line.metric.role == role]
            for role in ("primary", "secondary")
        )
        gate = 0.0
        for i in primary:
            gate = min(1.0, len(arms) * float(lines[i].effect.pvalue))
            out[i] = replace(lines[i], adjusted=gate)
        if others:
            own = adjust_pvalues([lines[i].effect.pvalue for i in others], method=method)
            for i, value in zip(others, own, strict=True):
                out[i] = replace(lines[i], adjusted=max(gate, min(1.0, len(arms) * float(value))))
    return tuple(out)


def row_of(line: Line, control: str, rule: Rule) -> dict[str, Any]:
    """Return one line as plain values; the p-value of a guardrail is that of its own one-sided test at the
    margin.

    >>> effect = Effect.of(0.4, 0.2, n_control=50, n_treatment=52, value_control=2.0)
    >>> row = row_of(Line(Metric("y"), "b", effect, None), "a", Rule(worth=0.1))
    >>> row["value_treatment"], row["n_treatment"], row["ships_from"]
    (2.4, 52, 0.1)
    """
    e, r, u = line.effect, line.lift, line.unadjusted
    ships_from = (
        (rule.worth if rule.direction == "up" else -rule.worth) if line.metric.role == "primary" else None
    )
    values = {"value_control": float(e.value_control), "value_treatment": float(e.value_control + e.estimate)}
    number = {k: float(getattr(e, k)) for k in ("estimate", "low", "high", "alpha")}
    number["pvalue"] = float(e.pvalue if line.guard is None else line.guard.pvalue)
    sizes = {"n_control": int(np.asarray(e.n_control)), "n_treatment": int(np.asarray(e.n_treatment))}
    relative = {
        "lift": None if r is None else float(r.estimate),
        "lift_low": None if r is None else float(r.low),
        "lift_high": None if r is None else float(r.high),
    }
    return {
        "metric": line.metric.label,
        "role": line.metric.role,
        "kind": line.metric.kind,
        "control": control,
        "arm": line.arm,
        **sizes,
        **values,
        **number,
        "adjusted": line.adjusted,
        "method": e.method,
        **relative,
        "margin": line.metric.margin,
        "harm_from": line.harm_from,
        "ships_from": ships_from,
        "guardrail": None if line.guard is None else line.guard.passed,
        "covariates": ", ".join(line.metric.covariates),
        "unadjusted_estimate": None if u is None else float(u.estimate),
        "unadjusted_low": None if u is None else float(u.low),
        "unadjusted_high": None if u is None else float(u.high),
        "unadjusted_pvalue": None if u is None else float(u.pvalue),
    }
