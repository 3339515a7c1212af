"""Figures of effects: an estimate and its interval a row, or a report with a panel a metric; always against
zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.estimate import Effect
from abkit.plots import style
from abkit.plots.showing import Shown, describe
from abkit.reporting.lines import Line
from abkit.reporting.report import Report


def plot_effects(
    effects: Sequence[Effect],
    *,
    unit: str = "",
    scale: float = 1.0,
    marks: Mapping[str, float] | None = None,
    against: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw each effect, treatment − control, with its interval; an open end is an arrow to the edge.

    effects: scalar effects in one unit. A square excludes `against`, a circle does not. scale: multiplies the
    effects, 100 for percentage points; `unit` names what comes out. marks: label → value on that axis, such
    as a break-even. against: what the decision is about, on that axis too: zero, or the smallest effect that
    pays.

    Raises ValueError: `effects` must hold at least one scalar effect; `effects` must all be absolute or all
    relative.

    >>> from abkit import welch
    >>> ax = plot_effects([welch([1.0, 2.0, 3.0], [2.0, 3.0, 4.5])], unit="minutes", marks={"pays": 0.5})
    >>> ax.get_xlabel()
    'treatment − control (minutes)'
    """
    effects = [effects] if isinstance(effects, Effect) else list(effects)
    if not effects or any(not isinstance(e, Effect) or np.ndim(e.estimate) for e in effects):
        raise _check.fail("effects", "must hold at least one scalar effect", f"{len(effects)} effects")
    if len({e.relative for e in effects}) > 1:
        raise _check.fail("effects", "must all be absolute or all relative", "both")
    marks, scale = marks or {}, _check.positive("scale", scale)
    effects = [
        replace(e, estimate=scale * e.estimate, low=scale * e.low, high=scale * e.high) for e in effects
    ]
    ax = style.axes_or_new(ax, height=1.6 + 0.5 * (len(effects) + bool(marks)))
    ends = [v for e in effects for v in (e.low, e.high, e.estimate, 0.0, *marks.values()) if np.isfinite(v)]
    pad = 0.15 * (max(ends) - min(ends) or 1.0)
    left, right = min(ends) - pad, max(ends) + pad
    for row, e in enumerate(effects):
        _interval(ax, e, row, left, right, against)
    ax.axvline(0, color="black", linestyle=":", linewidth=style.LINE)
    for label, value in marks.items():
        ax.axvline(value, color="black", linewidth=style.LINE)
        ax.text(
            value,
            -1,
            label,
            fontsize=style.FONT,
            ha="center",
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 2},
        )
    ax.set_xlim(left, right)
    ax.set_yticks(range(len(effects)), [e.label for e in effects])
    ax.set_ylim(len(effects) - 0.5, -1.5 if marks else -0.5)
    label = "relative effect (share of control)" if effects[0].relative else "treatment − control"
    style.dress(ax, title=_finding(effects, unit, against), x=f"{label} ({unit})" if unit else label)
    return _describe(ax, effects, unit, marks, against)


def _finding(effects: list[Effect], unit: str, against: float) -> str:
    if len(effects) > 1:
        clear = sum(bool(e.low > against or e.high < against) for e in effects)
        return f"{clear} of {len(effects)} intervals exclude {_named(against)}"
    e = effects[0]
    return f"{e.label}: {e.estimate:+.3g}{f' {unit}' if unit else ''}, from {e.low:.3g} to {e.high:.3g}"


def _named(against: float) -> str:
    return f"{against:.3g}" if against else "zero"


def _describe(ax: Axes, effects: list[Effect], unit: str, marks: Mapping[str, float], against: float) -> Axes:
    """Say each interval in words and as a row."""
    rows = "; ".join(f"{e.label} {e.estimate:+.3g}, {e.low:.3g} to {e.high:.3g}" for e in effects)
    lines = "".join(f"; line {name} at {value:.3g}" for name, value in marks.items())
    what = f"treatment minus control{f' ({unit})' if unit else ''}"
    table = {
        "effect": [e.label for e in effects],
        f"estimate{f' ({unit})' if unit else ''}": [e.estimate for e in effects],
        "low": [e.low for e in effects],
        "high": [e.high for e in effects],
    }
    return describe(
        ax, alt=f"Interval of {what} against {_named(against)}, a row each: {rows}{lines}.", table=table
    )


def plot_report(report: Report, *, arm: str | None = None, axes: Any = None) -> np.ndarray:
    """Draw one arm of a report: a panel a metric, each the interval of treatment − control against zero.

    The interval of a DIFFERENCE stands around the difference, never on the bar of a mean. The grey side of a
    guardrail's panel is the harm that its margin forbids. arm: needed when the report has several.
    axes: as many as there are metrics. Returns the array of axes in the order of the metrics.
    Raises ValueError for a report that shows no effect because a check failed.

    >>> from abkit import Analysis, Metric, Moments, analyze
    >>> arms = {"old": Moments.counts(100, 1000), "new": Moments.counts(150, 1000)}
    >>> axes = plot_report(analyze(arms, Analysis("arm", "old", (Metric("sold", "proportion"),))))
    >>> axes[0].get_title(loc="left")
    'sold: +0.05'
    """
    arms = list(report.decisions)
    arm = _check.one_of("arm", arms[0] if arm is None and len(arms) == 1 else arm, arms)
    lines = [line for line in report.lines if line.arm == arm]
    if not lines:
        raise _check.fail("report", "must show effects", "none: " + report.decisions[arm].reasons[0])
    if axes is None:
        rows = -(-len(lines) // 2)
        axes = style.new_figure(height=0.5 + 1.5 * rows).subplots(
            rows, min(2, len(lines)), squeeze=False, subplot_kw={"axes_class": Shown}
        )
        axes.flat[0].figure.suptitle(
            f"{arm}: {report.decisions[arm].action}",
            x=0.01,
            ha="left",
            fontsize=style.FONT,
            fontweight="bold",
        )
    panels = np.ravel(np.asarray(axes, object))
    if len(panels) < len(lines):
        raise _check.fail("axes", f"must hold one of each metric, {len(lines)}", len(panels))
    for ax in panels[len(lines) :]:
        ax.set_visible(False)
    for ax, line in zip(panels, lines, strict=False):
        _panel(ax, line, report.analysis.control)
    return panels[: len(lines)]


def _panel(ax: Axes, line: Line, control: str) -> None:
    e, margin = line.effect, line.harm_from
    ends = [v for v in (e.low, e.high, e.estimate, 0.0, margin) if v is not None and np.isfinite(v)]
    pad = 0.12 * (max(ends) - min(ends) or 1.0)
    left, right = min(ends) - pad, max(ends) + pad
    if margin is not None:
        ax.axvspan(margin, right if margin > 0 else left, color="#D9D9D9")
        ax.text(
            (margin + (right if margin > 0 else left)) / 2,
            0.42,
            "harm",
            ha="center",
            va="center",
            fontsize=style.FONT,
        )
    _interval(ax, e, 0, left, right)
    ax.axvline(0, color="black", linestyle=":", linewidth=style.LINE)
    ax.set_xlim(left, right)
    ax.set_ylim(-0.6, 0.6)
    ax.set_yticks([])
    ax.locator_params(axis="x", nbins=5)
    style.dress(ax, title=f"{line.metric.label}: {e.estimate:+.3g}", x=f"{line.arm} − {control}")
    ax.spines["left"].set_visible(False)
    said = f"{e.estimate:+.3g}, {e.low:.3g} to {e.high:.3g}"
    alt = f"Interval of {line.metric.label}, {line.arm} minus {control}: {said}."
    row = {"metric": [line.metric.label], "estimate": [e.estimate], "low": [e.low], "high": [e.high]}
    describe(ax, alt=alt, table=row)


def _interval(ax: Axes, e: Effect, row: float, left: float, right: float, against: float = 0.0) -> None:
    """One interval with its estimate: a square excludes `against`, a circle does not; an arrow is open."""
    mark = style.role("treatment" if e.low > against or e.high < against else "control")
    ax.plot([max(e.low, left), min(e.high, right)], [row, row], color=mark["color"], linewidth=style.LINE)
    for end, edge, arrow in ((e.low, left, "<"), (e.high, right, ">")):
        if not np.isfinite(end):
            ax.plot([edge], [row], color=mark["color"], marker=arrow, clip_on=False)
    ax.plot([e.estimate], [row], **mark | {"linestyle": "none"})
