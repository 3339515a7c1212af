"""Panel: in how many of 100 tests does a check notice that one segment loses treatment users?"""

from __future__ import annotations

from matplotlib.axes import Axes

from abkit.explore.explorer import Control, Explorer
from abkit.plots.missing_users import noticed_rates, plot_noticed


def draw(ax: Axes, *, seed: int, n: int, share: float, loss: float) -> str:
    """Draw both detection curves and return where they stand at n users.

    The panel draws no random number, so the seed changes nothing.

    >>> from abkit.plots import style
    >>> draw(style.axes_or_new(None), seed=0, n=107_000, share=0.5, loss=0.05).split(": ")[1]
    'all users 50, android 95 of 100 tests.'
    """
    plot_noticed(loss=loss, share=share, mark=n, ax=ax)
    whole, segment = noticed_rates(n, loss, share)
    return (
        f"Alarms at {n:,} users, {loss:.0%} of android lost: all users {whole:.0f}, "
        f"android {segment:.0f} of 100 tests."
    )


def noticed(*, n: int = 20_000, share: float = 0.5, loss: float = 0.1, seed: int = 0) -> Explorer:
    """Return the panel: how often do the checks of all users and of android notice the loss?

    n: users of the test; share: planned share of treatment; loss: share of android's treatment users lost.

    seed: changes nothing, for the curves are no draws.

    >>> print(noticed().value())
    Alarms at 20,000 users, 10% of android lost: all users 33, android 84 of 100 tests.
    """
    controls = {
        "n": Control("users in the test", n, 1_000, 200_000, 1_000),
        "share": Control("planned share of treatment", share, 0.05, 0.95, 0.05),
        "loss": Control("share of android treatment lost", loss, 0.0, 0.5, 0.01),
    }
    return Explorer(draw, controls, title="Which check notices the loss?", seed=seed)
