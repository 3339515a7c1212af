"""From a table to a report: checks first, then effects with intervals, then a decision for each arm."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from abkit import _check
from abkit._labels import arm_label
from abkit._table import Table
from abkit.assignment.sample_ratio import srm
from abkit.estimate import Check
from abkit.metrics import Analysis, Metric
from abkit.numeric.chi_square import pearson
from abkit.reporting import layout
from abkit.reporting.adjusted import balance_checks, dates
from abkit.reporting.decision import Decision, Rule, decide
from abkit.reporting.inputs import Arms, Rows, Sums, source
from abkit.reporting.lines import Line, lines_of, row_of, with_corrections

MISSING_ALPHA = 0.001  # as for a sample-ratio mismatch: a false alarm stops a good test


@dataclass(frozen=True, eq=False, repr=False)
class Report(Table):
    """What `analyze` found: counts, checks, one line a metric and arm, a decision an arm, notes on what was
    left out.

    `lines` is empty when a check failed: then no effect may be read.

    >>> from abkit import Moments
    >>> arms = {"old": Moments.of([5.0, 6.0, 7.0]), "new": Moments.of([8.0, 9.0, 9.5])}
    >>> report = analyze(arms, Analysis("arm", "old", (Metric("y"),)))
    >>> report.rows()[0]["estimate"].__round__(2), report.decisions["new"].action
    (2.83, 'ship')
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
        return [row_of(line, arm_label(self.analysis.control), self.rule) for line in self.lines]

    def to_frame(self) -> Any:
        """Return the rows as a data frame.

        >>> from abkit import Moments
        >>> arms = {"old": Moments.of([5.0, 6.0, 7.0]), "new": Moments.of([8.0, 9.0, 9.5])}
        >>> frame = analyze(arms, Analysis("arm", "old", (Metric("y"),))).to_frame()
        >>> frame[["arm", "value_control"]].values.tolist()
        [['new', 6.0]]
        """
        import pandas as pd

        return pd.DataFrame(self.rows())

    def facts(self) -> dict[str, Any]:
        """Return everything as plain dicts, lists, numbers and text.

        >>> from abkit import Moments
        >>> arms = {"old": Moments.of([5.0, 6.0, 7.0]), "new": Moments.of([8.0, 9.0, 9.5])}
        >>> facts = analyze(arms, Analysis("arm", "old", (Metric("y"),))).facts()
        >>> facts["counts"], facts["decisions"]["new"]["action"]
        ({'old': 3, 'new': 3}, 'ship')
        """
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
        """Return the facts as JSON: the same table and analysis give the same text.

        >>> import json
        >>> from abkit import Moments
        >>> arms = {"old": Moments.of([5.0, 6.0, 7.0]), "new": Moments.of([8.0, 9.0, 9.5])}
        >>> json.loads(analyze(arms, Analysis("arm", "old", (Metric("y"),))).json())["counts"]
        {'new': 3, 'old': 3}
        """
        return layout.json_text(self.facts())

    def markdown(self) -> str:
        """Return the report as Markdown.

        >>> from abkit import Moments
        >>> arms = {"old": Moments.of([5.0, 6.0, 7.0]), "new": Moments.of([8.0, 9.0, 9.5])}
        >>> analyze(arms, Analysis("arm", "old", (Metric("y"),))).markdown().splitlines()[0]
        '# Report'
        """
        return layout.markdown(self.facts())

    def html(self, *, file: str | None = None, date: str | None = None) -> str:
        """Return the report as one HTML page with a small figure a line; it needs no other file.

        file: the name of the table, for the title. date: of the analysis, today's without it.

        >>> from abkit import Moments
        >>> arms = {"old": Moments.of([5.0, 6.0, 7.0]), "new": Moments.of([8.0, 9.0, 9.5])}
        >>> page = analyze(arms, Analysis("arm", "old", (Metric("y"),))).html(date="2026-03-02")
        >>> "2026-03-02" in page, page.count("<svg")
        (True, 1)
        """
        from abkit import __version__

        said = {} if file is None else {"File": file}
        said |= {"Date": date or datetime.date.today().isoformat(), "abkit": __version__}
        return layout.page(self.facts(), said=said)

    def plot(self, *, arm: str | None = None) -> Any:
        """Draw one arm, a panel a metric, and return the axes; see `plots.plot_report`.

        >>> from abkit import Moments
        >>> arms = {"old": Moments.of([5.0, 6.0, 7.0]), "new": Moments.of([8.0, 9.0, 9.5])}
        >>> analyze(arms, Analysis("arm", "old", (Metric("y"),))).plot().shape
        (1,)
        """
        from abkit.plots import plot_report

        return plot_report(self, arm=arm)

    def _repr_html_(self) -> str:
        return layout.body(self.facts())

    def __repr__(self) -> str:
        return layout.text(self.facts())


def analyze(
    table: Any, analysis: Analysis, *, rule: Rule | None = None, late_covariates: str = "refuse"
) -> Report:
    """Check the arms and units, estimate each metric in each arm against control, and decide.

    table: any data frame or file with one row a unit; or `Moments` by arm, `{"control": Moments.counts(…),
    …}`; or a mapping of these by metric label. Rows that miss a value are dropped from that metric and
    reported. Arm shares are tested only when `analysis.expect` gives the plan; the shares of missing values
    are always compared (p < .001). If a check fails no effect is computed. Where `analysis.cluster` is given,
    whole clusters had the arms: shares are those of the clusters, and effects are `cluster_effect`'s.

    With k arms the primary metric's interval and p-value are at alpha / (k − 1) (Bonferroni: they agree), so
    that all decisions together keep alpha. Secondary metrics stand behind the primary one of their arm: their
    p-values are corrected by `analysis.correction` within the arm, taken times k − 1, and never below the
    primary's, so that all claims together keep alpha; their intervals are not corrected. Guardrails need no
    correction. All intervals are those of
    one look at the planned end: while `rule.information` is below 1 no gain ships and none is given up.

    A metric with covariates is adjusted for them (`cuped`); a note has the effect without them beside it, and
    what they save. Their gaps are filled and marked; their balance is checked (p < .001).

    rule: the smallest gain that pays, and the information that is in; its direction is the primary metric's.
    late_covariates: "refuse" covariates measured at or after `analysis.start`, or "allow" them, with a note.
    Raises ValueError for late or singular covariates, unknown columns, arms or shares, a mean without
    variance in an arm, a ratio whose denominator has mean 0.

    >>> from abkit.moments import Moments
    >>> arms = {"a": Moments.counts(100, 1000), "b": Moments.counts(150, 1000)}
    >>> analyze(arms, Analysis("arm", "a", (Metric("sold", "proportion"),))).decisions["b"].action
    'ship'
    """
    _check.instance("analysis", analysis, Analysis)
    rule, dated = _rule(rule, analysis.primary), dates(analysis, late_covariates)
    with source(table, analysis) as rows:
        counted, control = rows.counts(), arm_label(analysis.control)
        _require_arms(counted.counts, control, analysis.expect)
        checks, notes = _checks(rows, analysis, counted.counts)
        read = {} if _failed(checks) else rows.read(analysis.metrics)
    notes += dated
    if counted.missing:
        notes.append(f"{counted.missing:,} rows have no value in {analysis.arm} and are in no arm.")
    total = sum(counted.counts.values())
    notes += [
        f"{m.label}: {a.dropped - counted.missing:,} of {total:,} rows with an arm dropped ({a.reason})."
        for m, a in read.items()
        if a.reason
    ]
    checks += [
        c
        for metric, arms in read.items()
        if analysis.cluster is None and (c := _missing(metric, arms, counted.counts)) is not None
    ]
    others = [arm for arm in counted.counts if arm != control]
    checks += balance_checks(read, control, others)
    lines = (
        ()
        if _failed(checks)
        else with_corrections(lines_of(read, analysis, control, others, notes), analysis.correction)
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
        drawn = counts if analysis.cluster is None else rows.clusters()
        checks.append(srm({arm: drawn.get(arm, 0) for arm in planned}, planned))
    if analysis.cluster is not None:
        notes.append(_of_clusters(analysis.cluster, rows.clusters()))
    if analysis.unit is None:
        notes.append("Repeated units were NOT looked for: give the column of the unit (unit).")
        return checks, notes
    found = rows.units(analysis.unit)
    passed = not (found.repeated or found.crossed)
    text = (
        f"{found.units:,} units, one row each"
        if passed
        else (
            f"{found.repeated:,} of {found.units:,} units have several rows and {found.crossed:,} are in"
            " several arms: sum the rows up to units (sum_units), and find out why a unit changed its arm"
        )
    )
    checks.append(Check("units", found.repeated, None, passed=passed, message=text))
    if found.missing:
        notes.append(
            f"{found.missing:,} rows have no value in {analysis.unit}; each is analysed as a unit of its own."
        )
    return checks, notes


def _of_clusters(name: str, clusters: Mapping[str, int]) -> str:
    each = ", ".join(f"{n:,} in arm {arm}" for arm, n in clusters.items())
    return (
        f"The arm was given to each {name} ({each}): effects are per unit, errors count clusters. Shares of"
        " missing values were NOT compared."
    )


def _missing(metric: Metric, arms: Arms, counts: Mapping[str, int]) -> Check | None:
    """Compare the shares of missing values (Pearson's chi-square); a secondary metric is only marked, never
    vetoes.

    Sums of other units than the primary metric's (more of them in an arm) are not compared.
    """
    n = np.array([float(counts[arm]) for arm in counts])
    lost = n - [float(np.asarray(arms.moments[arm].n)) if arm in arms.moments else 0.0 for arm in counts]
    share = lost.sum() / n.sum()
    if not 0 < share < 1 or (lost < 0).any():
        return None
    cells, expected = np.append(lost, n - lost), np.append(n * share, n * (1 - share))
    chi2, pvalue = map(float, pearson(cells, expected, len(n) - 1))
    each = ", ".join(
        f"{int(k):,} of {int(m):,} in arm {arm}" for arm, k, m in zip(counts, lost, n, strict=True)
    )
    text = f"values of {metric.label} are missing for {each}: p = {pvalue:.2g}"
    if pvalue >= MISSING_ALPHA:
        return Check(f"missing {metric.label}", chi2, pvalue, passed=True, message=text)
    if metric.role == "secondary":
        return Check(
            f"missing {metric.label}",
            chi2,
            pvalue,
            passed=None,
            message=f"{text}: its effect is no fair comparison, and the decision does not use it",
        )
    return Check(
        f"missing {metric.label}",
        chi2,
        pvalue,
        passed=False,
        message=f"{text}, so the rows left are no fair split: find out why, or bound the effect",
    )


def _decision(arm: str, lines: tuple[Line, ...], checks: list[Check], rule: Rule) -> Decision:
    failed = _failed(checks)
    if failed:
        return Decision(
            "investigate",
            (*(c.message for c in failed), "No effect is read before this is explained."),
            tuple(checks),
            effects=(),
        )
    own = [line for line in lines if line.arm == arm]
    primary = next(line.effect for line in own if line.metric.role == "primary")
    guards = [line.guard for line in own if line.guard is not None]
    found = decide(primary, guardrails=guards, checks=checks, rule=rule)
    if rule.information < 1 and found.action in ("ship", "stop") and not _failed(guards):
        early = (
            f"{rule.information:.0%} of the planned information is in: this interval keeps its promise at the"
            " planned end only."
        )
        return replace(found, action="extend", reasons=(*found.reasons, early))
    return found
