"""From a table to a report: checks first, then effects with intervals, then a decision for each arm."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import chdtrc

from abkit import _check
from abkit._labels import arm_label
from abkit._table import Table
from abkit.assignment.sample_ratio import srm
from abkit.estimate import Check, Effect, mean, ratio_estimate
from abkit.inference.families import adjust_pvalues
from abkit.inference.lifts import lift
from abkit.inference.means import ratio, welch
from abkit.inference.two_rates import proportions
from abkit.metrics import Analysis, Metric
from abkit.moments import Moments
from abkit.reporting import layout
from abkit.reporting.decision import Decision, Rule, decide, guardrail
from abkit.reporting.inputs import Arms, Rows, Sums, source
from abkit.tables.skewness import misses, skewness_of_difference

MISSING_ALPHA = 0.001  # as for a sample-ratio mismatch: a false alarm stops a good test
SKEWED = 355**-0.5  # the rule n ≥ 355·skewness² (Boos and Hughes-Oliver 2000), said of the difference


@dataclass(frozen=True, eq=False, repr=False)
class Line(Table):
    """One metric in one arm against control. `adjusted`: corrected p-value, None for a guardrail; `lift`: relative effect or None."""

    metric: Metric
    arm: str
    effect: Effect
    lift: Effect | None
    adjusted: float | None = None
    guard: Check | None = None

    @property
    def harm_from(self) -> float | None:
        """The effect from which on a guardrail is harmed, with its sign; None for another role."""
        if self.metric.margin is None or self.guard is None:
            return None
        return self.metric.margin if self.metric.direction == "down" else -self.metric.margin


@dataclass(frozen=True, eq=False, repr=False)
class Report(Table):
    """What `analyze` found: counts, checks, one line a metric and arm, a decision an arm, notes on what was left out.

    `lines` is empty when a check failed: then no effect may be read.
    """

    analysis: Analysis
    rule: Rule
    counts: Mapping[str, int]
    checks: tuple[Check, ...]
    lines: tuple[Line, ...]
    decisions: Mapping[str, Decision]
    notes: tuple[str, ...]

    def rows(self) -> list[dict[str, Any]]:
        """Return the lines as plain rows, unrounded: the data behind every form of the report."""
        return [_row(line, arm_label(self.analysis.control), self.rule) for line in self.lines]

    def to_frame(self) -> Any:
        """Return the rows as a data frame."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def facts(self) -> dict[str, Any]:
        """Return everything as plain dicts, lists, numbers and text."""
        spec = {**self.analysis.to_dict(), "metrics": [m.to_dict() for m in self.analysis.metrics]}
        return {
            "analysis": spec,
            "rule": self.rule.to_dict(),
            "counts": dict(self.counts),
            "checks": [c.to_dict() for c in self.checks],
            "lines": self.rows(),
            "guardrails": [{"arm": x.arm, **x.guard.to_dict()} for x in self.lines if x.guard is not None],
            "decisions": {
                arm: {"action": d.action, "reasons": list(d.reasons)} for arm, d in self.decisions.items()
            },
            "notes": list(self.notes),
        }

    def json(self) -> str:
        """Return the facts as JSON: the same table and analysis give the same text."""
        return layout.json_text(self.facts())

    def markdown(self) -> str:
        """Return the report as Markdown."""
        return layout.markdown(self.facts())

    def html(self) -> str:
        """Return the report as one HTML page with a small figure a line; it needs no other file."""
        return layout.page(self.facts())

    def plot(self, *, arm: str | None = None) -> Any:
        """Draw one arm, a panel a metric; see `plots.plot_report`."""
        from abkit.plots import plot_report

        return plot_report(self, arm=arm)

    def _repr_html_(self) -> str:
        return layout.body(self.facts())

    def __repr__(self) -> str:
        return layout.text(self.facts())


def analyze(table: Any, analysis: Analysis, *, rule: Rule | None = None) -> Report:
    """Check the arms and units, estimate each metric in each arm against control, and decide.

    table: any data frame or file with one row a unit; or `Moments` by arm, `{"control": Moments.counts(…), …}`; or a
    mapping of these by metric label. Rows that miss a value are dropped from that metric and reported. Arm shares are
    tested only when `analysis.expect` gives the plan; the shares of missing values are always compared (p < .001). If a
    check fails no effect is computed.

    With k arms the primary metric's interval and p-value are at alpha / (k − 1) (Bonferroni: they agree), so that all
    decisions together keep alpha; p-values of secondary metrics are corrected by `analysis.correction`, their intervals
    are not. Guardrails need no correction. All intervals are those of one look at the planned end: while
    `rule.information` is below 1 no gain ships and none is given up.

    rule: the smallest gain that pays, and the information that is in; its direction is the primary metric's.
    Raises ValueError for unknown columns, arms or shares, a mean without variance in an arm, a ratio whose
    denominator has mean 0.

    >>> arms = {"a": Moments.counts(100, 1000), "b": Moments.counts(150, 1000)}
    >>> analyze(arms, Analysis("arm", "a", (Metric("sold", "proportion"),))).decisions["b"].action
    'ship'
    """
    rule = _rule(rule, analysis.primary)
    with source(table, analysis) as rows:
        counted, control = rows.counts(), arm_label(analysis.control)
        _require_arms(counted.counts, control, analysis.expect)
        checks, notes = _checks(rows, analysis, counted.counts)
        read = {} if _failed(checks) else {metric: rows.read(metric) for metric in analysis.metrics}
    if counted.missing:
        notes.append(f"{counted.missing:,} rows have no value in {analysis.arm} and are in no arm.")
    total = sum(counted.counts.values())
    notes += [
        f"{m.label}: {a.dropped - counted.missing:,} of {total:,} rows with an arm dropped ({a.reason})."
        for m, a in read.items()
        if a.reason
    ]
    checks += [
        c for metric, arms in read.items() if (c := _missing(metric, arms, counted.counts)) is not None
    ]
    others = [arm for arm in counted.counts if arm != control]
    lines = (
        ()
        if _failed(checks)
        else _adjusted(_lines(read, analysis, control, others, notes), analysis.correction)
    )
    decisions = {arm: _decision(arm, lines, checks, rule) for arm in others}
    return Report(analysis, rule, counted.counts, tuple(checks), lines, decisions, tuple(notes))


def _rule(rule: Rule | None, primary: Metric) -> Rule:
    if rule is not None and not isinstance(rule, Rule):
        raise _check.fail("rule", "must be a Rule", repr(rule), "Write Rule(worth=…).")
    if rule is not None and primary.kind == "proportion" and rule.worth >= 1:
        raise _check.fail(
            "worth",
            "must be below 1 for a proportion",
            f"{rule.worth:g}",
            "Is that per cent? Write .02 for two points.",
        )
    return replace(rule or Rule(), direction=primary.direction)


def _failed(checks: Sequence[Check]) -> list[Check]:
    return [check for check in checks if check.passed is False]


def _require_arms(arms: Mapping[str, int], control: str, expect: Mapping[str, float] | None) -> None:
    names = ", ".join(arm if arm == arm.strip() else repr(arm) for arm in arms)
    if control not in arms:
        raise _check.fail("control", f"must be an arm of the table, which are {names}", repr(control))
    if len(arms) < 2:
        raise _check.fail("arm", "must hold at least two arms", names)
    planned = None if expect is None else {arm_label(k) for k in expect}
    if planned is not None and not set(arms) <= planned:
        extra = ", ".join(a for a in arms if a not in planned)
        raise _check.fail(
            "expect",
            "must name every arm of the table",
            ", ".join(sorted(planned)),
            f"The table also has {extra}.",
        )


def _checks(
    rows: Rows | Sums, analysis: Analysis, counts: Mapping[str, int]
) -> tuple[list[Check], list[str]]:
    checks, notes = [], []
    if analysis.expect is None:
        notes.append("The arm shares were NOT checked: give the planned shares (expect).")
    else:
        planned = {arm_label(k): v for k, v in analysis.expect.items()}
        checks.append(srm({arm: counts.get(arm, 0) for arm in planned}, planned))
    if analysis.unit is None:
        notes.append("Repeated units were NOT looked for: give the column of the unit (unit).")
        return checks, notes
    found = rows.units(analysis.unit)
    passed = not (found.repeated or found.crossed)
    text = (
        f"{found.units:,} units, one row each"
        if passed
        else f"{found.repeated:,} of {found.units:,} units have several rows and {found.crossed:,} are in several arms: "
        "sum the rows up to units (sum_units), and find out why a unit changed its arm"
    )
    checks.append(Check("units", found.repeated, None, passed, text))
    if found.missing:
        notes.append(
            f"{found.missing:,} rows have no value in {analysis.unit}; each is analysed as a unit of its own."
        )
    return checks, notes


def _missing(metric: Metric, arms: Arms, counts: Mapping[str, int]) -> Check | None:
    """Compare the shares of missing values (Pearson's chi-square); a secondary metric is only marked, never vetoes.

    Sums of other units than the primary metric's (more of them in an arm) are not compared.
    """
    n = np.array([float(counts[arm]) for arm in counts])
    lost = n - [float(np.asarray(arms.moments[arm].n)) if arm in arms.moments else 0.0 for arm in counts]
    share = lost.sum() / n.sum()
    if not 0 < share < 1 or (lost < 0).any():
        return None
    chi2 = float(((lost - n * share) ** 2 / (n * share * (1 - share))).sum())
    pvalue = float(chdtrc(len(n) - 1, chi2))
    each = ", ".join(
        f"{int(k):,} of {int(m):,} in arm {arm}" for arm, k, m in zip(counts, lost, n, strict=True)
    )
    text = f"values of {metric.label} are missing for {each}: p = {pvalue:.2g}"
    if pvalue >= MISSING_ALPHA:
        return Check(f"missing {metric.label}", chi2, pvalue, True, text)
    if metric.role == "secondary":
        return Check(
            f"missing {metric.label}",
            chi2,
            pvalue,
            None,
            f"{text}: its effect is no fair comparison, and the decision does not use it",
        )
    return Check(
        f"missing {metric.label}",
        chi2,
        pvalue,
        False,
        f"{text}, so the rows left are no fair split: find out why, or bound the effect",
    )


def _lines(
    read: Mapping[Metric, Arms], analysis: Analysis, control: str, others: list[str], notes: list[str]
) -> list[Line]:
    lines = []
    for metric, arms in read.items():
        if metric.covariates:
            raise _check.fail("covariates", "are not adjusted for in a report", ", ".join(metric.covariates))
        try:
            for arm in (control, *others):
                _require_values(metric, arm, arms.moments.get(arm))
        except ValueError as error:
            if metric.role != "secondary":
                raise
            notes.append(f"{metric.label} is not compared: {error}")
            continue
        alpha = analysis.alpha / len(others) if metric.role == "primary" else analysis.alpha
        lines += [_line(metric, arm, arms.moments[control], arms.moments[arm], alpha) for arm in others]
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
        f"{metric.label}, {arm}: the values are {what}. About {above:.1%} of such intervals lie above the truth "
        f"and {below:.1%} below it ({alpha / 2:.1%} each is promised). {cure} fixed beforehand mends it."
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


def _line(metric: Metric, arm: str, control: Moments, treatment: Moments, alpha: float) -> Line:
    """One effect; a guardrail's interval is at 1 − 2·alpha, so that it reaches the margin when its one-sided test does not pass."""
    effect_of: Mapping[str, Callable[..., Effect]] = {
        "mean": welch,
        "proportion": proportions,
        "ratio": ratio,
    }
    level = min(2 * alpha, 0.99) if metric.role == "guardrail" else alpha
    effect = replace(effect_of[metric.kind](control, treatment, alpha=level), label=metric.label)
    harm, margin = ("increase" if metric.direction == "down" else "decrease"), metric.margin
    guard = (
        guardrail(effect, harm=harm, margin=margin, alpha=alpha)
        if metric.role == "guardrail" and margin
        else None
    )
    relative = None
    if metric.kind != "ratio" and control.mean[0] > 0:
        relative = lift(
            control, treatment, method="score" if metric.kind == "proportion" else "fieller", alpha=level
        )
    return Line(metric, arm, effect, relative, guard=guard)


def _adjusted(lines: list[Line], method: str) -> tuple[Line, ...]:
    """Correct the p-values of each family. The primary one by Bonferroni: then p and the interval at alpha/(k − 1) agree."""
    out = list(lines)
    for role, way in (("primary", "bonferroni"), ("secondary", method)):
        family = [i for i, line in enumerate(lines) if line.metric.role == role]
        if not family:
            continue
        values = adjust_pvalues([lines[i].effect.pvalue for i in family], method=way)
        for i, value in zip(family, values, strict=True):
            out[i] = replace(lines[i], adjusted=float(value))
    return tuple(out)


def _decision(arm: str, lines: tuple[Line, ...], checks: list[Check], rule: Rule) -> Decision:
    failed = _failed(checks)
    if failed:
        return Decision(
            "investigate",
            (*(c.message for c in failed), "No effect is read before this is explained."),
            tuple(checks),
            (),
        )
    own = [line for line in lines if line.arm == arm]
    primary = next(line.effect for line in own if line.metric.role == "primary")
    guards = [line.guard for line in own if line.guard is not None]
    found = decide(primary, guardrails=guards, checks=checks, rule=rule)
    if rule.information < 1 and found.action in ("ship", "stop") and not _failed(guards):
        early = f"{rule.information:.0%} of the planned information is in: this interval keeps its promise at the planned end only."
        return replace(found, action="extend", reasons=(*found.reasons, early))
    return found


def _row(line: Line, control: str, rule: Rule) -> dict[str, Any]:
    """One line as plain values; the p-value of a guardrail is that of its own one-sided test at the margin."""
    e, r = line.effect, line.lift
    ships_from = (
        (rule.worth if rule.direction == "up" else -rule.worth) if line.metric.role == "primary" else None
    )
    values = {"value_control": float(e.value_control), "value_treatment": float(e.value_control + e.estimate)}
    number = {k: float(getattr(e, k)) for k in ("estimate", "low", "high", "alpha")}
    number["pvalue"] = float(e.pvalue if line.guard is None else line.guard.pvalue)
    sizes = {"n_control": int(np.asarray(e.n_control)), "n_treatment": int(np.asarray(e.n_treatment))}
    relative = {
        f"lift{'_' * bool(k)}{k}": None if r is None else float(getattr(r, k or "estimate"))
        for k in ("", "low", "high")
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
    }
