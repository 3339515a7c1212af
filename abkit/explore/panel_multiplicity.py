"""Panel: what does each correction cost, and what does it protect from, when many metrics are tested?"""

from __future__ import annotations

from matplotlib.axes import Axes

from abkit.datasets.many_metrics import error_rates
from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.plots.multiplicity import plot_discoveries


def draw(ax: Axes, *, seed: int, metrics: int, correlation: float, share: float) -> str:
    """Draw the rates of all corrections and return them for none, Holm and BH.

    >>> draw(style.axes_or_new(None), seed=7, metrics=1, correlation=0.0, share=1.0)[:41]
    '1 metric, correlation 0.00, 1 real; none,'
    """
    rates = error_rates(metrics, correlation, share, seed=seed)
    plot_discoveries(rates, ax=ax)
    none, holm, bh = (rates[name] for name in ("none", "Holm", "BH"))
    real, number = round(share * metrics), f"{metrics} metric{'' if metrics == 1 else 's'}"
    what = "real effect" if real == 1 else "real effects"
    style.headline(
        ax, f"{number}, {real} {what}: any false win {none.any_false:.0%}, with Holm {holm.any_false:.0%}"
    )
    text = f"{number}, correlation {correlation:.2f}, {real} real; none, Holm, BH"
    lines = [
        f"any false win: {none.any_false:.0%}, {holm.any_false:.0%}, {bh.any_false:.0%}",
        f"share of false wins: {none.false_share:.0%}, {holm.false_share:.0%}, {bh.false_share:.0%}",
    ]
    if real:
        lines.append(f"found: {none.found:.0%}, {holm.found:.0%}, {bh.found:.0%}")
    return "; ".join([text, *lines]) + "."


def multiplicity(
    *, metrics: int = 20, correlation: float = 0.5, share: float = 0.25, seed: int = 2
) -> Explorer:
    """Return the panel: number of metrics, their correlation, and the share of metrics with a true effect.

    seed: fixes the draws; the same seed, the same picture.

    >>> multiplicity(share=0.0).value().split("; ")[1]
    'none, Holm, BH'
    """
    controls = {
        "metrics": Control("metrics tested", metrics, 1, 40, 1),
        "correlation": Control("correlation of the metrics", correlation, 0.0, 0.95, 0.05),
        "share": Control("share of metrics with a true effect", share, 0.0, 1.0, 0.05),
    }
    return Explorer(draw, controls, title="Multiple testing", seed=seed, height=4.6)
