"""From effects and checks to an action, by a rule that is written down before the data are seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from abkit import _check
from abkit._table import Table
from abkit.estimate import Check, Effect

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
        _check.positive("information", self.information)
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

    One-sided bounds at level alpha, from estimate, se and df. All guardrails must pass: that needs no
    correction of alpha, but its joint power must be planned. margin: above 0, in the effect's unit.

    >>> e = Effect("load", 2.0, 1.0, np.inf, 0.0, 4.0, 0.05)
    >>> guardrail(e, harm="increase", margin=10).passed, guardrail(e, harm="increase", margin=2).passed
    (True, None)
    """
    _check.one_of("harm", harm, ("increase", "decrease"))
    margin, alpha = _check.positive("margin", margin), _check.share("alpha", alpha)
    estimate, se, df = (_scalar(effect, name) for name in ("estimate", "se", "df"))
    harmed = estimate if harm == "increase" else -estimate
    q = -ndtri(alpha) if np.isinf(df) else -stdtrit(df, alpha)
    low, high = harmed - q * se, harmed + q * se
    passed = True if high < margin else False if low > margin else None
    word = {True: "ruled out", False: "shown", None: "neither shown nor ruled out"}[passed]
    t = (harmed - margin) / se
    text = f"{effect.label}: a harm of {margin:g} or more is {word}; harm at most {high:.4g} (level {1 - alpha:g})."
    return Check(f"guardrail {effect.label}", t, float(_lower_tail(t, df)), passed, text)


def non_inferiority(effect: Effect, margin: float, *, alpha: float = 0.025) -> Check:
    """Say whether treatment is worse than control by less than `margin`; up is good. It is `guardrail` at one side.

    >>> non_inferiority(Effect("y", 0.0, 1.0, np.inf, -2.0, 2.0, 1.0), 3.0).passed
    True
    """
    return guardrail(effect, harm="decrease", margin=margin, alpha=alpha)


def equivalence(effect: Effect, margin: float, *, alpha: float = 0.05) -> Check:
    """Say whether the effect lies within ± margin: two one-sided tests (Schuirmann 1987).

    True: both sides are ruled out. False: a difference above the margin is shown. None: neither.

    >>> equivalence(Effect("y", 0.0, 1.0, np.inf, -2.0, 2.0, 1.0), 1.0).passed is None
    True
    """
    sides = [guardrail(effect, harm=harm, margin=margin, alpha=alpha) for harm in ("decrease", "increase")]
    worst = max(sides, key=lambda check: check.pvalue)
    states = [check.passed for check in sides]
    passed = True if all(states) else False if False in states else None
    text = {True: "lies within", False: "lies beyond", None: "may lie within or beyond"}[passed]
    return Check(f"equivalence {effect.label}", worst.statistic, worst.pvalue, passed, f"{effect.label}: the effect {text} ±{margin:g}.")


def decide(primary: Effect, *, guardrails: Sequence[Check] = (), checks: Sequence[Check] = (), rule: Rule | None = None) -> Decision:
    """Return the action that the rule gives, with its reasons; it reads the interval, never observed power.

    In this order: a failed check → investigate; a harmed guardrail → stop; interval wholly above
    `rule.worth` (and every guardrail passed) → ship; wholly below it → stop; else extend while planned
    information is below 1, and inconclusive (plan a new test) when all of it is in.

    >>> decide(Effect("y", 2.0, 0.5, np.inf, 1.0, 3.0, 1e-4)).action
    'ship'
    """
    rule = Rule() if rule is None else rule
    _scalar(primary, "estimate")
    action, reasons = _action(primary, tuple(guardrails), tuple(checks), rule)
    return Decision(action, reasons, (*checks, *guardrails), (primary,))


def _action(primary: Effect, guardrails: tuple[Check, ...], checks: tuple[Check, ...], rule: Rule) -> tuple[str, tuple[str, ...]]:
    failed = [c for c in checks if c.passed is False]
    if failed:
        return "investigate", tuple(c.message for c in failed) + ("No effect is read before this is explained.",)
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


def _scalar(effect: Effect, name: str) -> float:
    value: Any = getattr(effect, name)
    if np.ndim(value) or np.isnan(value):
        raise _check.fail("effect", f"must be one effect with a known {name}", value)
    return float(value)


def _lower_tail(t: float, df: float) -> float:
    return ndtr(t) if np.isinf(df) else stdtr(df, t)
