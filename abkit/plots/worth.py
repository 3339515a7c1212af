"""Figures of a decision: an interval against what the result must be worth, for one reader or several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.estimate import Effect
from abkit.plots import style
from abkit.plots.showing import describe
from abkit.reporting.decision import Rule, decide
from abkit.reporting.verdicts import verdicts

DASHES = ("--", ":", "-.", (0, (1, 3)))


def plot_worth(
    effects: Effect | Mapping[str, Effect],
    worths: Mapping[str, float],
    *,
    unit: str = "",
    scale: float = 1.0,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw an interval, or one a row, against the smallest effect that pays each reader; say each decision.

    effects: one scalar effect, or label → effect. worths: name → smallest effect that pays, in the effect's
    unit. scale: multiplies all, 100 for percentage points; `unit` names what comes out, and `guess` is in it.
    Raises ValueError: `effects` must hold at least one scalar effect; `worths` must name one to four.

    >>> from abkit import Moments, proportions
    >>> effect = proportions(Moments.counts(40, 100), Moments.counts(80, 100))
    >>> ax = plot_worth(effect, {"Grace": 0.1, "Peter": 0.6}, unit="points", scale=100)
    >>> ax.get_title(loc="left")
    '+40.0 points: ship for Grace, stop for Peter'
    """
    rows = {"": effects} if isinstance(effects, Effect) else dict(effects)
    if not rows or any(not isinstance(e, Effect) or np.ndim(e.estimate) for e in rows.values()):
        raise _check.fail("effects", "must hold at least one scalar effect", f"{len(rows)} effects")
    _names(worths)
    scale = _check.positive("scale", scale)
    said = {name: [decide(e, rule=Rule(worth=w)).action for e in rows.values()] for name, w in worths.items()}
    ax = style.axes_or_new(ax, height=2.1 + 0.45 * len(rows))
    mark = style.role("treatment")
    for y, e in enumerate(rows.values()):
        ax.plot([scale * e.low, scale * e.high], [y, y], color=mark["color"], linewidth=2 * style.LINE)
        ax.plot([scale * e.estimate], [y], **mark | {"linestyle": "none"})
    for (name, w), dash in zip(worths.items(), DASHES, strict=False):
        ax.plot([scale * w] * 2, [len(rows), -0.6], color="black", linestyle=dash, linewidth=style.LINE)
        style.note(ax, f"{name}: pays\nfrom {scale * w:.3g}", (scale * w, -0.6), (0, 2), ha="center")
    ends = [0.0, *(scale * v for e in rows.values() for v in (e.low, e.high) if np.isfinite(v))]
    ends += [scale * w for w in worths.values()]
    pad = 0.15 * ((max(ends) - min(ends)) or 1.0)
    ax.set(xlim=(min(ends) - (pad if min(ends) < 0 else 0.0), max(ends) + pad))
    ax.set(ylim=(len(rows) - 0.4, -1.6))
    ax.set_yticks(range(len(rows)) if any(rows) else [], list(rows) if any(rows) else [])
    title = _one(rows, said, unit, scale) if len(rows) == 1 else _several(said)
    style.dress(ax, title=title, x=f"treatment − control ({unit})" if unit else "treatment − control")
    style.guess(ax, guess, vertical=True)
    return _described(ax, rows, worths, said, unit, scale)


def _names(worths: Mapping[str, float]) -> None:
    if not 1 <= len(worths) <= len(DASHES):
        raise _check.fail("worths", f"must name one to {len(DASHES)} smallest effects", len(worths))


def _one(rows: Mapping[str, Effect], said: Mapping[str, list[str]], unit: str, scale: float) -> str:
    (e,) = rows.values()
    words = ", ".join(f"{actions[0]} for {name}" for name, actions in said.items())
    return f"{scale * float(e.estimate):+.1f}{f' {unit}' if unit else ''}: {words}"


def _several(said: Mapping[str, list[str]]) -> str:
    parts = []
    for name, actions in said.items():
        counts = {action: actions.count(action) for action in dict.fromkeys(actions)}
        words = ", ".join(f"{action} in {count}" for action, count in counts.items())
        parts.append(f"{name}: {words} of {len(actions)}")
    return "; ".join(parts)


def _described(
    ax: Axes,
    rows: Mapping[str, Effect],
    worths: Mapping[str, float],
    said: Mapping[str, list[str]],
    unit: str,
    scale: float,
) -> Axes:
    """Say intervals and decisions in words and as rows."""
    table: dict[str, list] = {"effect": list(rows)} if len(rows) > 1 else {}
    for column in ("estimate", "low", "high"):
        table[column] = [scale * float(getattr(e, column)) for e in rows.values()]
    for name, w in worths.items():
        table[f"{name}, pays from {scale * w:.3g}"] = said[name]
    first = next(iter(rows.values()))
    lines = "; ".join(
        f"{name} at {scale * w:.3g}: {', '.join(dict.fromkeys(said[name]))}" for name, w in worths.items()
    )
    alt = (
        f"{len(rows)} interval{'s' * (len(rows) > 1)} of treatment minus control"
        f"{f' ({unit})' if unit else ''}, the first {scale * first.low:.1f} to {scale * first.high:.1f},"
        f" against lines where it pays. {lines}."
    )
    return describe(ax, alt=alt, table=table)


def plot_verdicts(
    sizes: Iterable[int],
    worths: Mapping[str, float],
    *,
    base: float,
    effect: float,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how the interval of two rates narrows with the people in each arm, against each `worth`.

    sizes: people in each arm, rising. base, effect, worths: shares; the axis shows points. A point marks from
    which size on a decision stays. guess: the number of people from which the reader expects that.
    Raises ValueError: `sizes` must hold at least two rising numbers; `worths` must name one to four.

    >>> ax = plot_verdicts([50, 100, 200], {"Peter": 0.527}, base=0.4, effect=0.41)
    >>> ax.get_title(loc="left")
    'Peter: inconclusive, then stop from 100 on'
    """
    n = _check.array("sizes", list(sizes))
    if n.ndim != 1 or len(n) < 2 or (np.diff(n) <= 0).any():
        raise _check.fail("sizes", "must hold at least two rising numbers", f"{n.size} numbers")
    _names(worths)
    found = {name: verdicts(n, base, effect, w) for name, w in worths.items()}
    curve = next(iter(found.values())).effect
    low, high = 100 * np.asarray(curve.low), 100 * np.asarray(curve.high)
    ax, mark = style.axes_or_new(ax, height=3.6), style.role("treatment")
    ax.fill_between(n, low, high, color=mark["color"], alpha=0.15, linewidth=0)
    for edge in (low, high):
        ax.plot(n, edge, color=mark["color"], linewidth=style.LINE)
    turns = [_turn(v.actions) for v in found.values()]
    for (name, w), dash, i in zip(worths.items(), DASHES, turns, strict=False):
        ax.axhline(100 * w, color="black", linestyle=dash, linewidth=style.LINE)
        style.note(ax, f"{name}: {100 * w:.3g}", (float(n[-1]), 100 * w), (-2, 3), ha="right")
        if i:
            ax.plot(n[i], 100 * w, "o", color="black", markersize=8)
            side = "left" if 2 * n[i] < n[0] + n[-1] else "right"
            place, words = (float(n[i]), 100 * w), f"from {n[i]:,.0f}"
            style.note(ax, words, place, (0, -9), ha=side, va="top", bbox=style.ON_WHITE, zorder=6)
    ax.set_xlim(n[0], n[-1])
    ends = [0.0, *low, *high, *(100 * w for w in worths.values())]
    ax.set_ylim(min(ends) - (3 if min(ends) < 0 else 0), max(ends) + 8)
    title = "; ".join(_from(name, n, v.actions) for name, v in found.items())
    style.dress(ax, title=title, x="people in each arm", y="effect (points)")
    style.guess(ax, guess, vertical=True)
    even = np.searchsorted(n, np.linspace(n[0], n[-1], 5))
    rows = sorted({*even.tolist(), *(k for i in turns if i for k in (i - 1, i))})
    table: dict[str, list] = {"people in each arm": [int(n[i]) for i in rows]}
    table |= {"low": [low[i] for i in rows], "high": [high[i] for i in rows]}
    table |= {
        f"{name}, from {100 * worths[name]:.3g}": [v.actions[i] for i in rows] for name, v in found.items()
    }
    alt = (
        f"Interval of an effect of {100 * effect:g} points against people in each arm: {low[0]:.0f} to"
        f" {high[0]:.0f} at {n[0]:,.0f}, {low[-1]:.0f} to {high[-1]:.0f} at {n[-1]:,.0f}. {title}."
    )
    return describe(ax, alt=alt, table=table)


def _turn(actions: tuple[str, ...]) -> int:
    """Return the place from which on the decision stays as it is at the end."""
    other = [i for i, action in enumerate(actions) if action != actions[-1]]
    return other[-1] + 1 if other else 0


def _from(name: str, n: np.ndarray, actions: tuple[str, ...]) -> str:
    """Say from which size on the decision stays as it is at the end."""
    first = _turn(actions)
    if not first:
        return f"{name}: {actions[-1]} at every size"
    return f"{name}: {actions[first - 1]}, then {actions[-1]} from {n[first]:,.0f} on"
