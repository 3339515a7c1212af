"""From effects and checks to an action, by a rule that is written down before the data are seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit._table import Table
from abkit.estimate import Check, Effect
from abkit.inference.two_rates import proportions
from abkit.moments import Moments
from abkit.numeric.normal import quantile, tail

ACTIONS = ("ship", "stop", "extend", "inconclusive", "investigate")


@dataclass(frozen=True, eq=False, repr=False)
class Rule(Table):
    """What was agreed beforehand.

    worth: the smallest gain that pays, in the effect's unit, never below 0. direction: the good one.
    information: the part of the planned information that has come in; "extend" exists only below 1.

    >>> Rule(worth=0.01).information
    1.0
    """

    worth: float = 0.0
    direction: str = "up"
    information: float = 1.0

    def __post_init__(self) -> None:
        if _check.number("worth", self.worth) < 0:
            raise _check.fail("worth", "must not be negative", f"{self.worth:g}")
        _check.one_of("direction", self.direction, ("up", "down"))
        if _check.positive("information", self.information) > 2:
            raise _check.fail(
                "information",
                "must be a share of the plan, at most 2",
                f"{self.information:g}",
                "Is that per cent? Write .5 for half.",
            )
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Decision(Table):
    """An action with its reasons, and the checks and effects it rests on."""

    action: str
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]
    effects: tuple[Effect, ...]


def guardrail(effect: Effect, *, harm: str = "decrease", margin: float, alpha: float = 0.05) -> Check:
    """Say whether a harm of `margin` is ruled out (True), shown (False), or neither (None).

    One-sided bounds at level alpha. A difference of rates by "score", "pooled" or "newcombe" is tested at the
    margin by its own statistic (from the counts in the effect), every other effect by estimate, se and df.
    All guardrails must pass: that needs no correction of alpha, but its joint power must be planned. margin:
    above 0, in the effect's unit.
    Raises ValueError for an effect without an error, and for a lift by a method that has no such bound.

    >>> e = Effect.of(2.0, 1.0, label="load")
    >>> guardrail(e, harm="increase", margin=10).passed, guardrail(e, harm="increase", margin=2).passed
    (True, None)
    """
    _check.instance("effect", effect, Effect)
    _check.one_of("harm", harm, ("increase", "decrease"))
    margin, alpha = _check.positive("margin", margin), _check.share("alpha", alpha)
    of_rates = not effect.relative and effect.method in ("score", "pooled", "newcombe")
    fine, bad, most = (_rates_at if of_rates else _linear_at)(
        effect, 1 if harm == "increase" else -1, margin, alpha
    )
    passed = True if fine < alpha else False if bad < alpha else None
    word = {True: "ruled out", False: "shown", None: "neither shown nor ruled out"}[passed]
    text = (
        f"{effect.label}: a harm of {margin:g} or more is {word}; harm at most {most:.4g} (level"
        f" {1 - alpha:g})."
    )
    z = ndtri(fine) if fine < 0.5 else -ndtri(bad)  # the tail that keeps its digits
    return Check(f"guardrail {effect.label}", z, fine, passed=passed, message=text)


def _linear_at(effect: Effect, sign: int, margin: float, alpha: float) -> tuple[float, float, float]:
    """P-values against "harm of margin or more" and against "less", and the bound of the harm: estimate +
    q·se.
    """
    if effect.relative and effect.method in ("fieller", "score", "log"):
        raise _check.fail(
            "effect",
            "must be absolute, or a lift by method 'delta'",
            f"a lift by {effect.method!r}",
            "Take the difference, with the margin times the control's mean.",
        )
    estimate, se, df = (_scalar(effect, name) for name in ("estimate", "se", "df"))
    if not se > 0:
        raise _check.fail("effect", "must have a standard error above 0", f"{se:g}")
    harmed = sign * estimate
    t = (harmed - margin) / se
    q = quantile(alpha, df)
    return float(tail(-t, df)), float(tail(t, df)), harmed + q * se


def _rates_at(effect: Effect, sign: int, margin: float, alpha: float) -> tuple[float, float, float]:
    """The same from the counts behind a difference of rates, by the effect's own method."""
    if effect.value_control is None or effect.n_control is None or effect.n_treatment is None:
        raise _check.fail(
            "effect",
            "must carry value_control, n_control and n_treatment",
            "an effect without them",
            "Take it from `proportions`.",
        )
    base, gap = _scalar(effect, "value_control"), _scalar(effect, "estimate")
    arms = [
        Moments(n, np.array([p]), np.array([[n * p * (1 - p)]]), ("y",))
        for n, p in ((_scalar(effect, "n_control"), base), (_scalar(effect, "n_treatment"), base + gap))
    ]
    sides = ("less", "greater") if sign > 0 else ("greater", "less")
    fine, bad = (
        proportions(*arms, method=effect.method, alpha=alpha, alternative=side, null=sign * margin)
        for side in sides
    )
    return fine.pvalue, bad.pvalue, fine.high if sign > 0 else -fine.low


def non_inferiority(effect: Effect, margin: float, *, alpha: float = 0.025) -> Check:
    """Say whether treatment is worse than control by less than `margin`; up is good. It is `guardrail` at one
    side.

    effect: the effect to detect, in the metric's own units; alpha: the error rate, strictly between 0 and 1.

    >>> non_inferiority(Effect.of(0.0, 1.0), 3.0).passed
    True
    """
    _check.instance("effect", effect, Effect)
    return guardrail(effect, harm="decrease", margin=margin, alpha=alpha)


def equivalence(effect: Effect, margin: float, *, alpha: float = 0.05) -> Check:
    """Say whether the effect lies within ± margin: two one-sided tests (Schuirmann 1987).

    True: both sides are ruled out. False: a difference above the margin is shown. None: neither.

    alpha: the error rate, strictly between 0 and 1.

    >>> equivalence(Effect.of(0.0, 1.0), 1.0).passed is None
    True
    """
    _check.instance("effect", effect, Effect)
    margin = _check.positive("margin", margin)
    sides = [guardrail(effect, harm=harm, margin=margin, alpha=alpha) for harm in ("decrease", "increase")]
    worst = max(sides, key=lambda check: check.pvalue)
    states = [check.passed for check in sides]
    passed = True if all(states) else False if False in states else None
    text = {True: "lies within", False: "lies beyond", None: "may lie within or beyond"}[passed]
    return Check(
        f"equivalence {effect.label}",
        worst.statistic,
        worst.pvalue,
        passed=passed,
        message=f"{effect.label}: the effect {text} ±{margin:g}.",
    )


def decide(
    primary: Effect,
    *,
    guardrails: Sequence[Check] = (),
    checks: Sequence[Check] = (),
    rule: Rule | None = None,
) -> Decision:
    """Return the action that the rule gives, with its reasons; it reads the interval, never observed power.

    primary: one effect with an interval; checks and guardrails: `Check`s that passed, failed or are None. A
    check that is None vetoes nothing, and its message stands among the reasons. Raises ValueError for
    anything else.

    In this order: a failed check → investigate; a harmed guardrail → stop; interval wholly above
    `rule.worth` (and every guardrail passed) → ship; wholly below it → stop; else extend while planned
    information is below 1, and inconclusive (plan a new test) when all of it is in.

    >>> decide(Effect.of(2.0, 0.5)).action
    'ship'
    """
    _check.instance("primary", primary, Effect)
    rule = Rule() if rule is None else _check.instance("rule", rule, Rule)
    for name in ("estimate", "low", "high"):
        _scalar(primary, name)
    guards, others = _checks_of("guardrails", guardrails), _checks_of("checks", checks)
    action, reasons = _action(primary, guards, others, rule)
    if action != "investigate":
        reasons += tuple(check.message for check in others if check.passed is None)
    return Decision(action, reasons, (*others, *guards), effects=(primary,))


def _action(
    primary: Effect, guardrails: tuple[Check, ...], checks: tuple[Check, ...], rule: Rule
) -> tuple[str, tuple[str, ...]]:
    failed = [c for c in checks if c.passed is False]
    if failed:
        return "investigate", tuple(c.message for c in failed) + (
            "No effect is read before this is explained.",
        )
    harmed, unsure = ([c for c in guardrails if c.passed is state] for state in (False, None))
    if harmed:
        return "stop", tuple(c.message for c in harmed)
    low, high = (primary.low, primary.high) if rule.direction == "up" else (-primary.high, -primary.low)
    interval = f"{primary.label}: {primary.estimate:+.4g}, interval {primary.low:.4g} to {primary.high:.4g}"
    if low > high:
        reasons: tuple[str, ...] = (f"{interval}: the set has no bound.",)
    elif high < rule.worth:
        return "stop", (f"{interval}: a gain of {rule.worth:g} is ruled out.",)
    elif low > rule.worth and not unsure:
        return "ship", (f"{interval}: the gain is above {rule.worth:g}.", *(c.message for c in guardrails))
    elif low > rule.worth:
        reasons = (f"{interval}: the gain is above {rule.worth:g}.", *(c.message for c in unsure))
    else:
        reasons = (f"{interval}: it holds gains below and above {rule.worth:g}.",)
    if rule.information < 1:
        return "extend", (*reasons, f"{rule.information:.0%} of the planned information is in.")
    return "inconclusive", (*reasons, "All planned information is in: a new test, with a plan of its own.")


def _checks_of(name: str, items: Any) -> tuple[Check, ...]:
    """One check, a sequence of checks, or a mapping to checks (as `localise` gives) as a tuple."""
    items = (
        (items,)
        if isinstance(items, (Check, Effect))
        else tuple(
            items.values() if isinstance(items, Mapping) else _check.several(name, items, "must hold checks")
        )
    )
    for item in items:
        state: Any = item.passed if isinstance(item, Check) else type(item).__name__
        if not isinstance(item, Check) or np.ndim(state) or state not in (True, False, None):
            raise _check.fail(name, "must hold checks, each True, False or None", state)
    return items


def _scalar(effect: Effect, name: str) -> float:
    value: Any = getattr(effect, name)
    if np.ndim(value) or np.isnan(value):
        raise _check.fail("effect", f"must be one effect with a known {name}", value)
    return float(value)
