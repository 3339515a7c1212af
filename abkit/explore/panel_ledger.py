"""Panel: how many wins are false, and how much of the claimed sum comes, for your own ideas and power."""

from __future__ import annotations

from matplotlib.axes import Axes

from abkit.explore.explorer import Control, Explorer
from abkit.plots.ledger import plot_ledger
from abkit.registry.learning import win_ledger


def draw(ax: Axes, *, seed: int, good: float, power: float, alpha: float) -> str:
    """Draw the two bars and say the expected wins of 100 tests. Nothing is random.

    >>> from abkit.plots import style
    >>> draw(style.axes_or_new(None), seed=0, good=0.1, power=0.8, alpha=0.05)
    'Of 100 tests 10.25 win, 2.25 of them falsely: 22 of 100 wins. Of 100 euros claimed 74 come.'
    """
    found = win_ledger(good=good, power=power, alpha=alpha)
    plot_ledger(found, ax=ax)
    come = 100 * found.true / found.claimed
    return (
        f"Of 100 tests {found.wins:.4g} win, {found.false_wins:.3g} of them falsely: "
        f"{100 * found.share_false:.0f} of 100 wins. Of 100 euros claimed {come:.0f} come."
    )


def ledger(*, good: float = 0.1, power: float = 0.8, alpha: float = 0.05) -> Explorer:
    """Return the panel: share of ideas that are good, power of their tests, two-sided alpha.

    >>> ledger(good=0.3).value()
    'Of 100 tests 25.75 win, 1.75 of them falsely: 7 of 100 wins. Of 100 euros claimed 84 come.'
    """
    controls = {
        "good": Control("share of ideas that are good", good, 0.01, 0.60, 0.01),
        "power": Control("power of a test of a good idea", power, 0.10, 0.95, 0.05),
        "alpha": Control("alpha (two-sided)", alpha, 0.01, 0.10, 0.01),
    }
    return Explorer(draw, controls, title="Ledger of wins", random=False)
