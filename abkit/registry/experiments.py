"""One registered experiment, as data: hypothesis, arms, analysis, plan, who may enter, dates, owner.

A plan is checked when it is frozen: can the registered units reach the power that it promises?
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.assignment.targeting import Where
from abkit.estimate import Check
from abkit.metrics import Analysis
from abkit.planning.means import Plan, power, sample_size
from abkit.planning.rates import power_proportions, sample_size_proportions

STATES = ("draft", "running", "paused", "stopped", "completed", "archived")
LEGAL = {
    "draft": ("running",),
    "running": ("paused", "stopped", "completed"),
    "paused": ("running", "stopped", "completed"),
    "stopped": ("archived",),
    "completed": ("archived",),
    "archived": (),
}
LONGEST = 200  # letters of a name
SHORT = 0.005  # power that rounding of n may cost
SEGMENT = "segment"  # the column that a rule written as one word looks at


@dataclass(frozen=True, eq=False, repr=False)
class Experiment(Table):
    """A plan for one test: what is believed, who enters, which arms, how it will be read, and with how many
    units.

    hypothesis: what is believed, in a sentence. owner: who answers for it. weights: arm → planned share, the
    control among them. share: the part of the layer's users that enters. layer: experiments of one layer
    never share users; experiments of different layers meet at random; None is no layer. plan: units, smallest
    effect of interest, power; `plan.n_control` and `n_treatment` are the units that will really come. looks:
    at how many planned moments the result is read. eligible: rules (`Where`) that a user has to meet, all of
    them; "all" or () is everyone; one word, "mobile", stands for Where("segment", "==", "mobile"). start,
    end: first and last day, a date or "2026-03-02". status: set by the registry, never by hand. worth: the
    smallest gain of the primary metric that pays, in its unit: `Registry.analyze` decides by it (None: by 0).
    Raises ValueError for a name of several lines, weights that do not fit the analysis, an end before the
    start, a plan at another alpha than the analysis.

    >>> from abkit import Analysis, Metric
    >>> analysis = Analysis("arm", "control", (Metric("ordered", "proportion"),))
    >>> arms = {"control": 0.5, "big": 0.5}
    >>> plan = Experiment("button", "More orders.", None, arms, analysis, eligible="mobile")
    >>> plan.eligible, plan.status
    ((Where(column='segment', op='==', value='mobile'),), 'draft')
    """

    name: str
    hypothesis: str
    layer: str | None
    weights: Mapping[str, float]
    analysis: Analysis
    plan: Plan | None = None
    looks: int = 1
    eligible: Any = ()
    start: date | None = None
    end: date | None = None
    owner: str = ""
    status: str = "draft"
    share: float = 1.0
    worth: float | None = None

    def __post_init__(self) -> None:
        line("name", self.name)
        _check.text("hypothesis", self.hypothesis)
        _check.text("owner", self.owner)
        if self.layer is not None:
            line("layer", self.layer)
        if not isinstance(self.analysis, Analysis):
            raise _check.fail("analysis", "must be an Analysis", type(self.analysis).__name__)
        _check.integer("looks", self.looks)
        _check.one_of("status", self.status, STATES)
        if not 0 < _check.number("share", self.share) <= 1:
            raise _check.fail("share", "must lie above 0 and at most at 1", f"{self.share:g}")
        if self.worth is not None and _check.number("worth", self.worth) < 0:
            raise _check.fail("worth", "must not be negative", f"{self.worth:g}")
        for field, value in (
            ("weights", _arms(self.weights, self.analysis)),
            ("eligible", rules_of(self.eligible)),
            ("start", day("start", self.start)),
            ("end", day("end", self.end)),
        ):
            object.__setattr__(self, field, value)
        if self.start is not None and self.end is not None and self.end < self.start:
            raise _check.fail("end", "must not lie before the start", f"{self.end} (start {self.start})")
        if self.plan is not None:
            _require_plan(self.plan, self.analysis)
        super().__post_init__()

    @property
    def unit(self) -> str | None:
        """Return the column of the unit that is assigned and analysed.

        >>> from abkit import Metric
        >>> analysis = Analysis("arm", "a", (Metric("y"),), unit="user_id")
        >>> Experiment("x", "Why.", None, {"a": 0.5, "b": 0.5}, analysis).unit
        'user_id'
        """
        return self.analysis.unit

    @property
    def arms(self) -> tuple[str, ...]:
        """Return the labels, in the order of the weights.

        >>> from abkit import Metric
        >>> Experiment("x", "Why.", None, {"b": 0.5, "a": 0.5}, Analysis("arm", "a", (Metric("y"),))).arms
        ('b', 'a')
        """
        return tuple(self.weights)

    def check(self) -> Check:
        """Say whether the registered units reach the planned power; see `plan_check`.

        >>> from abkit import Metric
        >>> units, analysis = sample_size(effect=0.5, sd=10.0), Analysis("arm", "a", (Metric("y"),))
        >>> few = replace(units, n_control=100, n_treatment=100)
        >>> tests = [Experiment("x", "", None, {"a": 0.5, "b": 0.5}, analysis, n) for n in (units, few)]
        >>> [test.check().passed for test in tests]
        [True, False]
        """
        return plan_check(self)

    def yaml(self) -> str:
        """Return the plan as YAML text, for a file that is reviewed in git.

        >>> from abkit import Metric
        >>> analysis = Analysis("arm", "a", (Metric("y"),))
        >>> Experiment("x", "Why.", None, {"a": 0.5, "b": 0.5}, analysis).yaml().splitlines()[:2]
        ['name: x', 'hypothesis: Why.']
        """
        from abkit.registry.notation import yaml_text

        return yaml_text(self)

    @classmethod
    def from_yaml(cls, source: Any) -> Experiment:
        """Read a plan. source: the path of a YAML file, or YAML text of at least two lines.

        >>> from abkit import Metric
        >>> analysis = Analysis("arm", "a", (Metric("y"),))
        >>> text = Experiment("x", "Why.", None, {"b": 0.5, "a": 0.5}, analysis).yaml()
        >>> Experiment.from_yaml(text).arms
        ('b', 'a')
        """
        from abkit.registry.notation import read_yaml

        return read_yaml(source)

    def __repr__(self) -> str:
        n = (
            "no plan"
            if self.plan is None
            else f"{int(self.plan.n_control):,} units in {self.analysis.control}"
        )
        days = f"{self.start or '?'} to {self.end or '?'}"
        return (
            f"Experiment {self.name} ({self.status}): {self.analysis.primary.label}, {n}, {days}, looks"
            f" {self.looks}"
        )

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.yaml())}</pre>"


def line(name: str, value: Any) -> str:
    """Return a name of one line, or say what is wrong with it.

    >>> line("name", "button")
    'button'
    """
    text = _check.text(name, value)
    if not text.strip() or len(text) > LONGEST or not text.isprintable():
        raise _check.fail(name, f"must be one line of 1 to {LONGEST} letters", repr(text[:60]))
    return text


def day(name: str, value: Any) -> date | None:
    """Return a date from a date, a datetime or text like 2026-03-02; None stays None.

    >>> day("start", "2026-03-02")
    datetime.date(2026, 3, 2)
    """
    if value is None or type(value) is date:
        return value
    if isinstance(value, datetime):
        return value.date()
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _check.fail(name, "must be a date such as 2026-03-02", repr(value)) from None


def plan_check(experiment: Experiment) -> Check:
    """Say whether the registered units reach the planned power; without a plan `passed` is None.

    The primary metric at alpha / (arms − 1), as `analyze` tests it. Rates by the pooled formula, means by the
    t-test. Several looks are taken as equally spaced with O'Brien-Fleming spending, which costs units.

    >>> from abkit import Analysis, Metric, sample_size
    >>> analysis = Analysis("arm", "a", (Metric("spent"),))
    >>> plan_check(Experiment("x", "", None, {"a": 0.5, "b": 0.5}, analysis, sample_size(0.1, sd=1.0))).passed
    True
    """
    plan = experiment.plan
    if plan is None:
        return Check(
            "plan", None, None, passed=None, message="no plan is registered: units, smallest effect, power"
        )
    arms = len(experiment.weights)
    reached, need = _power_and_need(plan, experiment, plan.alpha / (arms - 1))
    enough = reached >= plan.power - SHORT
    text = (
        f"{int(plan.n_control):,} units in control reach a power of {reached:.3g} for an effect of"
        f" {plan.effect:.4g}"
        + ("" if enough else f": the plan promises {plan.power:.3g}, which needs {need:,}")
    )
    return Check("plan", reached, None, passed=bool(enough), message=text)


def _power_and_need(plan: Plan, experiment: Experiment, alpha: float) -> tuple[float, int]:
    """Power with the registered units, and the control units that the planned power needs."""
    more = _price_of_looks(experiment.looks, alpha, plan)
    n, treatment = float(plan.n_control), float(plan.n_treatment)
    share, side = treatment / (n + treatment), plan.alternative
    rates = two_rates(plan) if experiment.analysis.primary.kind == "proportion" else None
    if rates is not None:
        p, q = rates
        reached = power_proportions(p, q, n / more, alpha=alpha, alternative=side, allocation=share)
        need = sample_size_proportions(
            p, p_treatment=q, power=plan.power, alpha=alpha, alternative=side, allocation=share
        )
    else:
        gap = abs(float(plan.effect)) if side == "two-sided" else float(plan.effect)
        reached = power(gap, n / more, sd=plan.sd, alpha=alpha, alternative=side, allocation=share)
        need = sample_size(gap, sd=plan.sd, power=plan.power, alpha=alpha, alternative=side, allocation=share)
    return float(reached.power), int(np.ceil(float(need.n_exact) * more - 1e-9))


def _price_of_looks(looks: int, alpha: float, plan: Plan) -> float:
    if looks == 1:
        return 1.0
    from abkit.sequential.cost import inflation
    from abkit.sequential.plans import group_sequential

    sides = 2 if plan.alternative == "two-sided" else 1
    return float(
        inflation(group_sequential(np.arange(1, looks + 1) / looks, alpha=alpha, sides=sides), plan.power)
    )


def two_rates(plan: Plan) -> tuple[float, float] | None:
    """Return the two rates of a plan from their sds: s₂² − s₁² = effect · (1 − 2p₁ − effect), solved for p₁.

    >>> from abkit import sample_size_proportions
    >>> two_rates(sample_size_proportions(0.25, lift=0.2))
    (0.25, 0.3)
    """
    if np.size(plan.sd) != 2:
        return None
    s1, s2 = (float(s) for s in plan.sd)
    p1 = (1 - plan.effect - (s2**2 - s1**2) / plan.effect) / 2
    fits = 0 < p1 < 1 and 0 < p1 + plan.effect < 1 and abs(p1 * (1 - p1) - s1**2) < 1e-6
    return (round(p1, 12), round(p1 + plan.effect, 12)) if fits else None


def _require_plan(plan: Any, analysis: Analysis) -> None:
    if not isinstance(plan, Plan):
        raise _check.fail("plan", "must be a Plan", type(plan).__name__, "Make one with sample_size.")
    if not _check.number("plan.effect", plan.effect):
        raise _check.fail("plan.effect", "must not be 0", 0)
    for field in ("n_control", "n_treatment"):
        _check.positive(f"plan.{field}", getattr(plan, field))
    _check.share("plan.power", plan.power)
    if abs(plan.alpha - analysis.alpha) > 1e-12:
        raise _check.fail(
            "plan", f"must be at the alpha of the analysis, {analysis.alpha:g}", f"{plan.alpha:g}"
        )


def _arms(weights: Any, analysis: Analysis) -> dict[str, float]:
    labelled = _check.labelled("weights", weights)
    if not isinstance(labelled, Mapping):
        raise _check.fail("weights", "must map each arm to its planned share", repr(weights))
    planned = {line("weights", str(arm)): _check.number("weights", share) for arm, share in labelled.items()}
    _check.weights("weights", planned)
    if len(planned) < 2 or len(planned) < len(labelled):
        raise _check.fail("weights", "must name at least two arms, each once", ", ".join(map(repr, labelled)))
    if str(analysis.control) not in planned:
        raise _check.fail("weights", "must name the control", ", ".join(planned))
    if analysis.expect is not None and {str(k): v for k, v in analysis.expect.items()} != planned:
        raise _check.fail("weights", "must be the shares that the analysis expects", dict(analysis.expect))
    return planned


def rules_of(eligible: Any) -> tuple[Where, ...]:
    """Return who may enter as rules: "all" is none, one word is a segment.

    >>> rules_of("all"), rules_of("mobile")
    ((), (Where(column='segment', op='==', value='mobile'),))
    """
    if eligible is None or (isinstance(eligible, str) and eligible == "all"):
        return ()
    if isinstance(eligible, str):
        return (Where(SEGMENT, "==", line("eligible", eligible)),)
    rules = (
        (eligible,)
        if isinstance(eligible, Where)
        else tuple(eligible)
        if isinstance(eligible, Sequence)
        else None
    )
    if rules is None or not all(isinstance(rule, Where) for rule in rules):
        raise _check.fail("eligible", 'must be "all", a segment, or rules (Where)', repr(eligible))
    return rules


def moved(experiment: Experiment, status: str) -> Experiment:
    """Return the experiment in its next state, or say which states are legal.

    >>> LEGAL["running"]
    ('paused', 'stopped', 'completed')
    """
    legal = LEGAL[experiment.status]
    if status not in legal:
        after = " or ".join(legal) if legal else "nothing"
        raise _check.fail("status", f"may go from {experiment.status} to {after} only", status)
    return replace(experiment, status=status)
