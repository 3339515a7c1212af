"""Panel: what does each correction cost, and what does it protect from, when many metrics are tested?"""

from __future__ import annotations

from matplotlib.axes import Axes

from abkit.datasets.many_metrics import ALPHA, error_rates
from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.plots.multiplicity import plot_discoveries

REPS = 2_000  # tests that are played for a picture


def draw(ax: Axes, *, seed: int, metrics: int, correlation: float, share: float) -> str:
    """Draw the rates of all corrections and return them for none, Holm, max-t and BH; wins are upward only.

    >>> draw(style.axes_or_new(None), seed=7, metrics=1, correlation=0.0, share=1.0)[:41]
    '1 metric, correlation 0.00, 1 real; none,'
    """
    rates = error_rates(metrics, correlation, share, reps=REPS, seed=seed)
    plot_discoveries(rates, alpha=ALPHA / 2, ax=ax)
    told = [rates[name] for name in ("none", "Holm", "max-t", "BH")]
    none, holm = told[:2]
    real, number = round(share * metrics), f"{metrics} metric{'' if metrics == 1 else 's'}"
    what = "real effect" if real == 1 else "real effects"
    style.headline(
        ax, f"{number}, {real} {what}: any false win {none.any_false:.0%}, with Holm {holm.any_false:.0%}"
    )
    text = f"{number}, correlation {correlation:.2f}, {real} real; none, Holm, max-t, BH"
    rows = [("any false win", "any_false"), ("share of false wins", "false_share"), ("found", "found")]
    lines = [
        f"{name}: " + ", ".join(f"{getattr(r, field):.0%}" for r in told)
        for name, field in rows[: 3 if real else 2]
    ]
    return "; ".join([text, *lines]) + "."


def multiplicity(
    *, metrics: int = 20, correlation: float = 0.5, share: float = 0.25, seed: int = 2
) -> Explorer:
    """Return the panel: number of metrics, their correlation, and the share of metrics with a true effect.

    seed: fixes the draws; the same seed, the same picture.

    >>> multiplicity(share=0.0).value().split("; ")[1]
    'none, Holm, max-t, BH'
    """
    controls = {
        "metrics": Control("metrics tested", metrics, 1, 40, 1),
        "correlation": Control("correlation of the metrics", correlation, 0.0, 0.95, 0.05),
        "share": Control("share of metrics with a true effect", share, 0.0, 1.0, 0.05),
    }
    return Explorer(draw, controls, title="Multiple testing", seed=seed, height=4.6)
