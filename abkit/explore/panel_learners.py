"""Panel: five learners in worlds where the effect on each customer is known; measured beforehand."""

from __future__ import annotations

from matplotlib.axes import Axes

from abkit.datasets.measured_learners import LEARNERS, SIZES, measured_learner
from abkit.explore.explorer import Explorer, Menu
from abkit.plots.unequal import plot_learner

WORLDS = {
    "flat": "flat: 6 euros for all",
    "step": "step: 0 or 12 euros",
    "linear": "linear: it grows with the days",
}


def draw(ax: Axes, *, seed: int, learner: str, world: str, n: int) -> str:
    """Draw one fit, and return what the learner's best fifth was promised and got, on average over 16 fits.

    >>> from abkit.plots import style
    >>> draw(style.axes_or_new(None), seed=0, learner="DR", world="flat", n=2_000)[:35]
    'DR-learner, 2,000 customers, flat w'
    """
    m = measured_learner(learner, world, n)
    name = f"{learner}-learner, {n:,} customers"
    x = "days since the last order"
    shown = m.shown[seed % len(m.shown)]
    plot_learner(m.days, m.truth, shown, name=name, error=m.error, x=x, unit="euros", ax=ax)
    ax.set_ylim(-25, 45)  # the same in all worlds, so that the eye can compare
    return (
        f"{name}, {world} world: typical error {m.error:.1f} euros; its best fifth is promised "
        f"{m.promised:.1f} euros and gets {m.kept:.1f}."
    )


def learners(*, learner: str = "T", world: str = "flat", n: int = 500, seed: int = 0) -> Explorer:
    """Return the panel: learner, world and number of customers; "Draw anew" shows another of three fits.

    n: units, a number or an array (...,); seed: fixes the draws; the same seed, the same picture.

    >>> learners(learner="DR").value().split(":")[0]
    'DR-learner, 500 customers, flat world'
    """
    controls = {
        "learner": Menu("learner", learner, {kind: f"{kind}-learner" for kind in LEARNERS}),
        "world": Menu("world", world, WORLDS),
        "n": Menu("customers", n, {size: f"{size:,}" for size in SIZES}),
    }
    return Explorer(draw, controls, title="Learners of effects", seed=seed, height=4.2)
