"""Panel: how many exposed users change their arm when a test grows, with one hash and with two?"""

from __future__ import annotations

from matplotlib.axes import Axes

from abkit.assignment.ramps import USERS, moved
from abkit.explore.explorer import Control, Explorer
from abkit.plots.assignment_plots import plot_moved


def draw(ax: Axes, *, seed: int, before: float, after: float, arms: int) -> str:
    """Draw the share moved by the ramp and return it.

    >>> from abkit.plots import style
    >>> draw(style.axes_or_new(None), seed=7, before=0.1, after=0.1, arms=2).split("; ")[1]
    'one hash moves 0 of them (0.0%), two hashes move 0.'
    """
    after = max(before, after)
    one, two, exposed = moved(before, after, arms, seed=seed)
    plot_moved({f"{before:.0%} to {after:.0%}": (one, two)}, ax=ax)
    ax.set_title(
        f"{arms} arms, {before:.0%} to {after:.0%}: one hash moves {one:.1%}",
        loc="left",
        fontsize=12,
        fontweight="bold",
    )
    return (
        f"{exposed:,} of {USERS:,} users exposed at {before:.0%}, then {after:.0%}; one hash moves"
        f" {round(one * exposed):,} of them ({one:.1%}), two hashes move {round(two * exposed):,}."
    )


def ramp(*, before: float = 0.1, after: float = 0.5, arms: int = 2, seed: int = 2) -> Explorer:
    """Return the panel: share before, share after (at least the share before), number of equal arms.

    seed: fixes the draws; the same seed, the same picture.

    >>> ramp(after=0.1).value().endswith("(0.0%), two hashes move 0.")
    True
    """
    controls = {
        "before": Control("share of users before", before, 0.05, 1.0, 0.05),
        "after": Control("share of users after", after, 0.05, 1.0, 0.05),
        "arms": Control("number of arms", arms, 2, 10, 1),
    }
    return Explorer(draw, controls, title="Ramp of a test", seed=seed)
