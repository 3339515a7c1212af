"""Panel: how rare is the gap that was seen, among changes that change nothing?"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from abkit.datasets.bookings import rarity
from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.plots.chance import plot_rarity

GRID = np.linspace(1_000, 40_000, 79)


def draw(ax: Axes, *, seed: int, visitors: int, share: float, gap: float) -> str:
    """Draw the rarity of a gap against the visitors on each page, mark the reader's own, and say it.

    >>> draw(style.axes_or_new(None), seed=0, visitors=20_000, share=5.0, gap=0.5).split(": ")[1]
    '2.5 of 100 useless pages show such a gap or a larger one, up or down.'
    """
    here = float(rarity(visitors, share, gap))
    plot_rarity(GRID, rarity(GRID, share, gap), gap=gap, mark=visitors, ax=ax)
    style.headline(ax, f"{here:.1f} of 100 useless pages show such a gap, up or down")
    return (
        f"{visitors:,} visitors on each page; {share:g} of 100 book on the old, {share + gap:g} on the new"
        f" one: {here:.1f} of 100 useless pages show such a gap or a larger one, up or down."
    )


def chance(*, visitors: int = 10_000, share: float = 5.0, gap: float = 0.5) -> Explorer:
    """Return the panel: visitors on each page, share (bookings of 100 visitors), and the gap seen in points.

    >>> chance().value(visitors=40_000).split(": ")[1]
    '0.2 of 100 useless pages show such a gap or a larger one, up or down.'
    """
    controls = {
        "visitors": Control("visitors on each page", visitors, 1_000, 40_000, 500),
        "share": Control("bookings of 100, old page", share, 1.0, 50.0, 0.5),
        "gap": Control("gap seen (points)", gap, 0.1, 3.0, 0.1),
    }
    return Explorer(draw, controls, title="Chance alone", random=False)
