"""Figure of effects: an estimate and its interval a row, against zero."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.estimate import Effect
from abkit.plots import style


def plot_effects(effects: Sequence[Effect], *, unit: str = "", ax: Axes | None = None) -> Axes:
    """Draw each effect, treatment − control, with its interval; an open end is an arrow to the edge.

    effects: scalar effects in one unit (give its name as `unit`). A square excludes zero, a circle does not.

    >>> from abkit import welch
    >>> ax = plot_effects([welch([1.0, 2.0, 3.0], [2.0, 3.0, 4.5])], unit="minutes")
    >>> ax.get_xlabel()
    'treatment − control (minutes)'
    """
    effects = [effects] if isinstance(effects, Effect) else list(effects)
    if not effects or any(np.ndim(e.estimate) for e in effects):
        raise _check.fail("effects", "must hold at least one scalar effect", f"{len(effects)} effects")
    if len({e.relative for e in effects}) > 1:
        raise _check.fail("effects", "must all be absolute or all relative", "both")
    ax = style.axes_or_new(ax, height=1.6 + 0.5 * len(effects))
    ends = [v for e in effects for v in (e.low, e.high, e.estimate, 0.0) if np.isfinite(v)]
    pad = 0.15 * (max(ends) - min(ends) or 1.0)
    left, right = min(ends) - pad, max(ends) + pad
    for row, e in enumerate(effects):
        mark = style.role("treatment" if e.low > 0 or e.high < 0 else "control")
        ax.plot([max(e.low, left), min(e.high, right)], [row, row], color=mark["color"], linewidth=style.LINE)
        for end, edge, arrow in ((e.low, left, "<"), (e.high, right, ">")):
            if not np.isfinite(end):
                ax.plot([edge], [row], color=mark["color"], marker=arrow, clip_on=False)
        ax.plot([e.estimate], [row], **mark | {"linestyle": "none"})
    ax.axvline(0, color="black", linestyle=":", linewidth=style.LINE)
    ax.set_xlim(left, right)
    ax.set_yticks(range(len(effects)), [e.label for e in effects])
    ax.set_ylim(len(effects) - 0.5, -0.5)
    label = "relative effect (share of control)" if effects[0].relative else "treatment − control"
    return style.dress(ax, x=f"{label} ({unit})" if unit else label)
