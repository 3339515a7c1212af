"""What was done against what was promised: every difference from the frozen plan is listed by name.

A departure is no crime and no veto. It says that the promised error rate is not the one that was kept, and
why.
"""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.assignment.targeting import Where, eligible
from abkit.metrics import Analysis
from abkit.registry.experiments import Experiment, rules_of
from abkit.registry.meeting import columns_of
from abkit.reporting.decision import Rule
from abkit.reporting.inputs import source
from abkit.reporting.report import Report, analyze

SHORT_OF = 0.05  # of the planned units may be missing


@dataclass(frozen=True)
class Facts:
    """When it was read, as which look, and the first and last day that really were."""

    at: str
    look: int
    started: date | None
    ended: date | None


@dataclass(frozen=True, eq=False, repr=False)
class Registered(Table):
    """A report and the departures from the registered plan. `kept`: there is none. notes: what was not
    checked.

    >>> from abkit import Metric, Moments
    >>> plan = Experiment("x", "Why.", None, {"a": 0.5, "b": 0.5}, Analysis("arm", "a", (Metric("y"),)))
    >>> arms = {"a": Moments.of([5.0, 6.0, 7.0]), "b": Moments.of([8.0, 9.0, 9.5])}
    >>> facts = Facts("2026-03-02", 2, None, None)
    >>> found = compare(plan, arms, analysis=None, rule=None, eligible=None, facts=facts)
    >>> found.kept, found.text().splitlines()[:2], "<li>looks: " in found.html()
    (False, ['x: 1 departure from the registered plan', '  - looks: this is look 2, 1 planned'], True)
    """

    name: str
    report: Report
    departures: tuple[str, ...]
    look: int
    notes: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Say whether the analysis is the one that was promised."""
        return not self.departures

    def text(self) -> str:
        """Return the departures, then the report, as text."""
        if self.kept:
            head = f"{self.name}: analysed as registered."
        else:
            lines = "".join(f"\n  - {departure}" for departure in self.departures)
            many = "departure" if len(self.departures) == 1 else "departures"
            head = f"{self.name}: {len(self.departures)} {many} from the registered plan{lines}"
        return "\n".join([head, *self.notes, "", repr(self.report)])

    def html(self, *, file: str | None = None, date: str | None = None) -> str:
        """Return the report as one HTML page, the departures first; `file` and `date` as in `Report.html`."""
        return self.report.html(file=file, date=date).replace("</h1>", f"</h1>{self._said()}", 1)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self._said() + self.report._repr_html_()

    def _said(self) -> str:
        items = "".join(f"<li>{html.escape(d)}</li>" for d in self.departures)
        found = f"<ul>{items}</ul>" if items else "<p>Analysed as registered.</p>"
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return f"<h2>{html.escape(self.name)}: departures from the plan</h2>{found}{notes}"


def compare(
    experiment: Experiment, table: Any, *, analysis: Any, rule: Any, eligible: Any, facts: Facts
) -> Registered:
    """Analyse, and list every departure from the experiment's plan; `Registry.analyze` is the way in.

    analysis, rule, eligible: what was really done; None is the plan's. facts: the look and its days.

    >>> from abkit import Metric, Moments
    >>> plan = Experiment("x", "Why.", None, {"a": 0.5, "b": 0.5}, Analysis("arm", "a", (Metric("y"),)))
    >>> arms = {"a": Moments.of([5.0, 6.0, 7.0]), "b": Moments.of([8.0, 9.0, 9.5])}
    >>> done, facts = Analysis("arm", "a", (Metric("y"),), alpha=0.1), Facts("2026-03-02", 1, None, None)
    >>> compare(plan, arms, analysis=done, rule=None, eligible=None, facts=facts).departures
    ('alpha: 0.1, planned 0.05',)
    """
    promised = replace(
        experiment.analysis,
        expect=dict(experiment.weights),
        start=experiment.analysis.start or facts.started or experiment.start,
    )
    done = promised if analysis is None else _same_expectation(analysis, promised)
    rule, ruled = _ruled(experiment, done, rule)
    report, arms = _report(table, done, rule, experiment, facts)
    outside, note = _let_in(table, experiment.eligible)
    found = [
        *arms,
        *_metrics(promised, done),
        *_options(promised, done),
        *ruled,
        *_units(experiment, report, facts),
        *_looks(experiment, facts),
        *_dates(experiment, facts),
        *_eligible(experiment, outside, eligible),
    ]
    notes = (note,) if note else ()
    return Registered(experiment.name, report, tuple(found), look=facts.look, notes=notes)


def outcome(found: Registered) -> dict[str, Any]:
    """Return what the registry keeps of a look: counts, effects, decisions, departures, and no id of a unit.

    >>> from abkit import Metric, Moments
    >>> plan = Experiment("x", "Why.", None, {"a": 0.5, "b": 0.5}, Analysis("arm", "a", (Metric("y"),)))
    >>> arms = {"a": Moments.of([5.0, 6.0, 7.0]), "b": Moments.of([8.0, 9.0, 9.5])}
    >>> facts = Facts("2026-03-02", 1, None, None)
    >>> kept = outcome(compare(plan, arms, analysis=None, rule=None, eligible=None, facts=facts))
    >>> kept["counts"], kept["decisions"]
    ({'a': 3, 'b': 3}, {'b': 'ship'})
    """
    keep = ("metric", "role", "arm", "estimate", "low", "high", "pvalue", "adjusted", "alpha")
    lines = [
        {key: _number(row[key]) for key in keep} | {"se": _number(line.effect.se)}
        for row, line in zip(found.report.rows(), found.report.lines, strict=True)
    ]
    return {
        "counts": {arm: int(n) for arm, n in found.report.counts.items()},
        "effects": lines,
        "failed": [c.name for c in found.report.checks if c.passed is False],
        "decisions": {arm: d.action for arm, d in found.report.decisions.items()},
        "departures": list(found.departures),
    }


def _number(value: Any) -> Any:
    """Plain JSON: infinite and missing numbers are None."""
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value


def _same_expectation(analysis: Any, promised: Analysis) -> Analysis:
    """What was left unsaid, shares and first day, is that of the plan."""
    if not isinstance(analysis, Analysis):
        raise _check.fail("analysis", "must be an Analysis", type(analysis).__name__)
    expect = promised.expect if analysis.expect is None else analysis.expect
    return replace(analysis, expect=expect, start=analysis.start or promised.start)


def _report(
    table: Any, done: Analysis, rule: Any, experiment: Experiment, facts: Facts
) -> tuple[Report, list[str]]:
    """The report; the information is units over planned units. An arm that nobody planned is a departure, and
    no share is tested.
    """
    with source(table, replace(done, expect=None)) as rows:
        counts = rows.counts().counts
    extra = [arm for arm in counts if arm not in experiment.weights]
    absent = [arm for arm in experiment.weights if arm not in counts]
    said = [f"arms: {arm!r} was not planned" for arm in extra] + [
        f"arms: {arm!r} has no units" for arm in absent
    ]
    if str(done.control) != str(experiment.analysis.control):
        said.append(f"arms: control is {done.control!r}, planned {experiment.analysis.control!r}")
    known = {arm: float(share) for arm, share in (done.expect or {}).items()}
    if known and known != dict(experiment.weights):
        said.append(f"arms: shares tested against {known}, planned {dict(experiment.weights)}")
    if rule is None or isinstance(rule, Rule):
        rule = rule or Rule()
        rule = replace(rule, information=min(rule.information, _information(experiment, counts, facts)))
    return analyze(table, replace(done, expect=None) if extra else done, rule=rule), said


def _ruled(experiment: Experiment, done: Analysis, rule: Any) -> tuple[Any, list[str]]:
    """The rule of the plan where none is given; another worth, or of another metric, is a departure."""
    if experiment.worth is None:
        return rule, []
    planned, label, used = experiment.worth, experiment.analysis.primary.label, done.primary.label
    rule = Rule(worth=planned if used == label else 0.0) if rule is None else rule
    if not isinstance(rule, Rule) or (rule.worth == planned and used == label):
        return rule, []
    return rule, [f"rule: worth {rule.worth:g} for {used}, planned {planned:g} for {label}"]


def _information(experiment: Experiment, counts: Mapping[str, int], facts: Facts) -> float:
    """Below 1 while looks are left: then no early gain ships by an interval of the planned end."""
    planned = _planned(experiment)
    if not planned or facts.look >= experiment.looks or facts.ended:
        return 1.0
    return float(min(1.0, sum(counts.get(arm, 0) for arm in planned) / sum(planned.values())))


def _planned(experiment: Experiment) -> dict[str, int]:
    plan = experiment.plan
    if plan is None:
        return {}
    control = str(experiment.analysis.control)
    return {arm: int(plan.n_control if arm == control else plan.n_treatment) for arm in experiment.weights}


def _metrics(promised: Analysis, done: Analysis) -> list[str]:
    before, after = ({m.label: m for m in a.metrics} for a in (promised, done))
    said = [f"metrics: {label} was added ({m.role})" for label, m in after.items() if label not in before]
    said += [f"metrics: {label} was dropped ({m.role})" for label, m in before.items() if label not in after]
    for label in before.keys() & after.keys():
        for field in dataclasses.fields(before[label]):
            old, new = getattr(before[label], field.name), getattr(after[label], field.name)
            if old != new:
                what = (
                    f"was {old}, is {new}"
                    if field.name == "role"
                    else f"{field.name} is {new!r}, planned {old!r}"
                )
                said.append(f"metrics: {label} {what}")
    return sorted(said)


def _options(promised: Analysis, done: Analysis) -> list[str]:
    """Alpha, correction, unit, arm column, and whatever else an analysis has."""
    return [
        f"{field.name}: {getattr(done, field.name)!r}, planned {getattr(promised, field.name)!r}"
        for field in dataclasses.fields(promised)
        if field.name not in ("metrics", "expect", "control")
        and getattr(done, field.name) != getattr(promised, field.name)
    ]


def _units(experiment: Experiment, report: Report, facts: Facts) -> list[str]:
    """Units short of the plan by more than 5 per cent, at the last look."""
    if facts.look < experiment.looks and not facts.ended:
        return []
    return [
        f"units: {arm} has {report.counts.get(arm, 0):,} of {planned:,} planned"
        for arm, planned in _planned(experiment).items()
        if report.counts.get(arm, 0) < (1 - SHORT_OF) * planned
    ]


def _looks(experiment: Experiment, facts: Facts) -> list[str]:
    return (
        []
        if facts.look <= experiment.looks
        else [f"looks: this is look {facts.look}, {experiment.looks} planned"]
    )


def _dates(experiment: Experiment, facts: Facts) -> list[str]:
    said = []
    if experiment.start and facts.started and facts.started != experiment.start:
        said.append(f"dates: started on {facts.started}, planned {experiment.start}")
    if experiment.end and facts.ended and facts.ended != experiment.end:
        said.append(f"dates: ended on {facts.ended}, planned {experiment.end}")
    last_look = facts.look >= experiment.looks and not facts.ended
    if experiment.end and last_look and date.fromisoformat(facts.at) < experiment.end:
        said.append(f"dates: read on {facts.at}, before the planned end {experiment.end}")
    return said


def _eligible(experiment: Experiment, outside: int, used: Any) -> list[str]:
    rules = experiment.eligible
    done = rules if used is None else rules_of(used)
    said = [] if _same_rules(done, rules) else [f"eligible: {_said(done)}, planned {_said(rules)}"]
    if outside and used is None:
        said.append(f"eligible: {outside:,} rows do not meet the rules ({_said(rules)})")
    return said


def _same_rules(a: tuple[Where, ...], b: tuple[Where, ...]) -> bool:
    return sorted(map(repr, a)) == sorted(map(repr, b))


def _said(rules: tuple[Where, ...]) -> str:
    return " and ".join(f"{r.column} {r.op} {r.value!r}" for r in rules) or "all"


def _let_in(table: Any, rules: tuple[Where, ...]) -> tuple[int, str]:
    """Rows of a table or file that break a rule, and a note where nobody can tell."""
    if not rules:
        return 0, ""
    if isinstance(table, Mapping):
        return 0, "Who was let in was NOT checked: sums do not know their users."
    counted = [r.column for r in rules if _is_number(r.value)]
    named = [r.column for r in rules if r.column not in counted]
    try:
        columns = columns_of(table, labels={"eligible": named}, numbers={"eligible": counted})
    except ValueError as error:
        return 0, f"Who was let in was NOT checked: {error}"
    return int((~eligible(columns, rules)).sum()), ""


def _is_number(value: Any) -> bool:
    values = value if isinstance(value, (tuple, list, set, frozenset)) else (value,)
    return all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
