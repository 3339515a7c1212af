"""How much of alpha each look may spend (Lan and DeMets 1983)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from abkit import _check

SPENDING = ("obrien_fleming", "pocock", "hsd", "kim_demets")
_DEFAULT = {"haybittle_peto": 3.0}  # Peto and others (1976): z = 3 at every interim look
_NEEDS = {"hsd": "gamma", "kim_demets": "rho", "wang_tsiatis": "delta"}


def rule_name(rule: Any) -> str:
    """Return the name of a spending rule, also of a function.

    >>> rule_name("pocock")
    'pocock'
    """
    return getattr(rule, "__name__", "callable") if callable(rule) else str(rule)


def spent_share(rule: Any, t: np.ndarray, parameter: float | None, alpha: float) -> np.ndarray:
    """Return the share of alpha (of one side) that a rule has spent up to each fraction.

    >>> spent_share("kim_demets", np.array([0.5, 1.0]), 2.0, 0.025).tolist()
    [0.25, 1.0]
    """
    return _custom(rule, t) if callable(rule) else _share_spent(t, rule, parameter, alpha)


def parameter_of(name: str, parameter: float | None) -> float | None:
    """Return the parameter of a rule: the one that is given, else its default; None for a rule without one.

    Raises ValueError where a rule needs a parameter and has none, or is given one that it does not use.

    >>> parameter_of("hsd", -4), parameter_of("haybittle_peto", None), parameter_of("pocock", None)
    (-4.0, 3.0, None)
    """
    if parameter is None:
        if name in _NEEDS:
            raise _check.fail("parameter", f"must give the {_NEEDS[name]} of {name}", None)
        return _DEFAULT.get(name)
    if name not in _NEEDS and name not in _DEFAULT:
        raise _check.fail("parameter", f"is not used by {name}", repr(parameter))
    return (_check.positive if name in ("kim_demets", "haybittle_peto") else _check.number)(
        "parameter", parameter
    )


def _share_spent(t: np.ndarray, name: str, parameter: float | None, alpha: float) -> np.ndarray:
    if name == "obrien_fleming":  # Lan and DeMets (1983): 2 − 2Φ(z_{α/2} / √t), α of one side
        return 2 * ndtr(ndtri(alpha / 2) / np.sqrt(t)) / alpha
    if name == "pocock":  # Lan and DeMets (1983): α log(1 + (e − 1)t)
        return np.log1p((np.e - 1) * t)
    assert parameter is not None
    if name == "kim_demets":  # Kim and DeMets (1987): α t^ρ
        return t**parameter
    # Hwang, Shih and DeCani (1990): α (1 − exp(−γt)) / (1 − exp(−γ)), which is αt at γ = 0
    if parameter < 0:  # the same, both terms times exp(γ): nothing grows beyond what a float holds
        return np.exp(parameter * (1 - t)) * np.expm1(parameter * t) / np.expm1(parameter)
    return t.copy() if parameter == 0 else np.expm1(-parameter * t) / np.expm1(-parameter)


def _custom(rule: Callable[[Any], Any], t: np.ndarray) -> np.ndarray:
    share = _check.array("spending", [float(rule(float(x))) for x in t])
    if (
        (np.diff(share, prepend=0.0) < 0).any()
        or share[-1] > 1 + 1e-9
        or (t[-1] == 1 and share[-1] < 1 - 1e-9)
    ):
        raise _check.fail(
            "spending", "must give shares of alpha that never fall and end at 1", _check.shares_text(share)
        )
    return np.minimum(share, 1.0)
