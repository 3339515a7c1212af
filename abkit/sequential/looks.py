"""Looks over accumulating data: progress, and a path that may be read daily.

`Watch` keeps the effects of the looks; `daily_sums` makes them. Its clock is information, 1/se², not n.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from abkit import _check, _stored
from abkit._table import Table
from abkit.estimate import Effect, Path
from abkit.sequential.mixture import asymptotic_rho, msprt
from abkit.sequential.monitoring import monitor, replan
from abkit.sequential.plans import group_sequential
from abkit.sequential.recursion import SMALLEST_STEP

LOOK = ("day", "estimate", "se", "n_control", "n_treatment")  # one value of each a look


@dataclass(frozen=True, eq=False, repr=False)
class Progress(Table):
    """How far the data are: share of the planned information, days so far, days left (inf: it does not
    grow).
    """

    information: float
    planned: float
    share: float
    day: float
    days_left: float


@dataclass(frozen=True, eq=False, repr=False)
class Watch(Table):
    """The looks of one metric so far, and the rule that reads them; JSON in, JSON out.

    target_se: the standard error at which the plan is complete. rule: "always" (mSPRT and its confidence
    sequence, tightest there unless `tau` says otherwise) or "planned" (group-sequential, O'Brien-Fleming
    spending). day, estimate, se, n_control, n_treatment: one value a look, filled by `look`.

    >>> watch = Watch(target_se=0.1).look(7, Effect.of(0.4, 0.2, n_control=50, n_treatment=50))
    >>> watch.progress().share, watch.progress().days_left
    (0.25, 21.0)
    """

    target_se: float
    alpha: float = 0.05
    rule: str = "always"
    tau: float | None = None
    burn_in: int = 30
    day: tuple[float, ...] = ()
    estimate: tuple[float, ...] = ()
    se: tuple[float, ...] = ()
    n_control: tuple[int, ...] = ()
    n_treatment: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("target_se", "alpha", "tau"):
            if getattr(self, name) is not None or name != "tau":
                object.__setattr__(self, name, _check.number(name, getattr(self, name)))
        _check.positive("target_se", self.target_se)
        _check.integer("burn_in", self.burn_in, low=0)
        _check.share("alpha", self.alpha)
        _check.one_of("rule", self.rule, ("always", "planned"))
        if self.tau is not None:
            _check.positive("tau", self.tau)
        self._require_looks()

    def _require_looks(self) -> None:
        """Days in order, errors above 0, whole numbers of users, and one value of each a look."""
        days = self.day if isinstance(self.day, (tuple, list)) else ()
        for name in LOOK:
            values = getattr(self, name)
            if not isinstance(values, (tuple, list)) or len(values) != len(days):
                got = f"{values!r} for {len(days)} days"
                raise _check.fail(name, "must hold one value a look", got)
            object.__setattr__(self, name, tuple(_value(name, v) for v in values))
        for before, after in pairwise((0.0, *self.day)):
            if after <= before:
                raise _check.fail(
                    "day", "must be above 0 and grow from look to look", f"{after:g} after {before:g}"
                )

    def look(self, day: float, effect: Effect) -> Watch:
        """Return the watch with one more look: CUMULATIVE data up to the end of `day`.

        effect: the effect to detect, in the metric's own units.
        Raises ValueError: `day` must come after the last look, day …; `effect` must carry n_control and
        n_treatment.

        >>> Watch(target_se=0.1).look(1, Effect.of(0.4, 0.2, n_control=50, n_treatment=50)).se
        (0.2,)
        """
        day = _check.positive("day", day)
        if self.day and day <= self.day[-1]:
            raise _check.fail("day", f"must come after the last look, day {self.day[-1]:g}", f"{day:g}")
        if effect.n_control is None or effect.n_treatment is None:
            raise _check.fail("effect", "must carry n_control and n_treatment", "none")
        new = {
            "day": day,
            "estimate": _check.number("estimate", effect.estimate),
            "se": _check.positive("se", effect.se),
            "n_control": int(effect.n_control),
            "n_treatment": int(effect.n_treatment),
        }
        return Watch(
            **{**self.to_dict(), **{name: (*getattr(self, name), value) for name, value in new.items()}}
        )

    def path(self) -> Path:
        """Return one row a look, by the rule of this watch.

        "planned" spends alpha by the information that came, also where the last look brings more than was
        planned. A look that adds less than 1e-4 of the plan, or comes after its end, is no test: its interval
        is infinite.

        >>> looks = Watch(target_se=0.1)
        >>> for day, se in ((7, 0.2), (14, 0.14)):
        ...     looks = looks.look(day, Effect.of(0.6, se, n_control=50 * day, n_treatment=50 * day))
        >>> looks.path().crossed.tolist()
        [False, True]
        """
        effects = self._effects()
        if self.rule == "always":
            tau = self.target_se * asymptotic_rho(1, alpha=self.alpha) if self.tau is None else self.tau
            return msprt(effects, tau=tau, burn_in=self.burn_in)
        share, plan = np.square(self.target_se / effects.se), group_sequential(1, alpha=self.alpha)
        tested, bound = _tested(share), np.full(share.shape, np.inf)
        if tested.any():
            bound[tested] = replan(plan, share[tested]).upper
        return monitor(effects, replace(plan, upper=bound, lower=-bound))

    def progress(self) -> Progress:
        """Return the share of the planned information and the days left at the real traffic, the mean pace so
        far.

        Once the pace falls, for the users who come are the same ones, the days left are too few: look again
        later.

        Raises ValueError: `watch` must hold at least one look.

        >>> effect = Effect.of(0.4, 0.2, n_control=50, n_treatment=50)
        >>> Watch(target_se=0.2).look(3, effect).progress().days_left
        0.0
        """
        if not self.day:
            raise _check.fail("watch", "must hold at least one look", "none")
        information, planned, day = self.se[-1] ** -2, self.target_se**-2, self.day[-1]
        left = max(0, math.ceil(round((planned - information) / (information / day), 9)))
        return Progress(information, planned, information / planned, day, float(left))

    def to_json(self) -> str:
        """Return the state as text, to be stored between two looks, exact to the bit.

        >>> Watch.from_json(Watch(target_se=0.1).to_json()).target_se
        0.1
        """
        return _stored.to_text("Watch", self.to_dict())

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Watch:
        """Return the watch of a stored state; unknown or missing fields are refused.

        >>> Watch.from_dict(Watch(target_se=0.1, tau=0.2).to_dict()).tau
        0.2
        """
        names = set(cls.__dataclass_fields__)
        if not isinstance(state, Mapping):
            raise _check.fail("state", "must map the fields of a Watch to their values", repr(state)[:60])
        if not names >= set(state) or "target_se" not in state:
            raise _check.fail(
                "state", "must hold the fields of a Watch", ", ".join(sorted(map(str, set(state) ^ names)))
            )
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in state.items()}
        return cls(**fields)

    @classmethod
    def from_json(cls, text: str) -> Watch:
        """Return the watch of a stored text, also of one without a format, as the first versions wrote it.

        Raises ValueError for other text, unknown fields, looks of different lengths, or days out of order.

        >>> Watch.from_json('{"target_se": 0.1}').rule
        'always'
        """
        state = _stored.parsed("Watch", text)
        names = tuple(cls.__dataclass_fields__)
        return cls.from_dict(_stored.from_text("Watch", text, names) if "format" in state else state)

    def _effects(self) -> Effect:
        if not self.day:
            raise _check.fail("watch", "must hold at least one look", "none")
        estimate, se = np.array(self.estimate), np.array(self.se)
        nothing = np.full(len(se), np.nan)
        return Effect(
            "watch",
            estimate,
            se,
            df=np.inf,
            low=nothing,
            high=nothing,
            pvalue=nothing,
            alpha=self.alpha,
            n_control=np.array(self.n_control),
            n_treatment=np.array(self.n_treatment),
        )


def _value(name: str, value: Any) -> float | int:
    """One value of a look, of the type that its name asks for."""
    if name in ("n_control", "n_treatment"):
        return _check.integer(name, value)
    return _check.number(name, value) if name == "estimate" else _check.positive(name, value)


def _tested(share: np.ndarray) -> np.ndarray:
    """Which looks are tests: those that bring new information, up to the end of the plan."""
    tested, last = np.zeros(len(share), bool), 0.0
    for k, t in enumerate(share):
        if last < 1 and t - last >= SMALLEST_STEP:
            tested[k], last = True, t
    return tested
