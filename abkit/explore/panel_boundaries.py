"""Panel: what does each look cost, and how early can an experiment stop?"""

from __future__ import annotations

from matplotlib.axes import Axes

from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.plots.boundaries import plot_boundaries
from abkit.sequential.cost import expected_size, inflation
from abkit.sequential.plans import group_sequential


def draw(ax: Axes, *, seed: int, looks: int, delta: float, power: float) -> str:
    """Draw one plan of Wang and Tsiatis (1987) and return its price; delta 0 is O'Brien-Fleming, 0.5 is
    Pocock.

    >>> draw(style.axes_or_new(None), seed=0, looks=5, delta=0.0, power=0.8).split("; ")[0]
    'first z 4.562, second z 3.226, final z 2.040'
    """
    plan = group_sequential(int(looks), design="wang_tsiatis", parameter=float(delta))
    price, mean = inflation(plan, power), expected_size(plan, power)
    plot_boundaries({f"shape {delta:.2g}": plan}, ax=ax)
    number = "1 look costs" if looks == 1 else f"{int(looks)} looks cost"
    style.headline(ax, f"{number} {100 * (price - 1):.1f}% more units at most")
    early = "".join(
        f"{name} z {z:.3f}, " for name, z in zip(("first", "second"), plan.upper[:-1], strict=False)
    )
    return (
        f"{early}final z {plan.upper[-1]:.3f}; at most {price:.3f} times the units of one look, "
        f"on average {mean:.3f} if the effect is real."
    )


def boundaries(*, looks: int = 5, delta: float = 0.0, power: float = 0.8, seed: int = 0) -> Explorer:
    """Return the panel: number of looks, shape of the bound, and power.

    delta: shape of the bound, 0 to .5; seed: fixes the draws; the same seed, the same picture.

    >>> boundaries(looks=1).value().split(";")[0]
    'final z 1.960'
    """
    controls = {
        "looks": Control("number of looks", looks, 1, 20, 1),
        "delta": Control("shape (0 falling, 0.5 flat)", delta, 0.0, 0.5, 0.05),
        "power": Control("power", power, 0.5, 0.95, 0.05),
    }
    return Explorer(draw, controls, title="Bounds of a group-sequential plan", seed=seed, random=False)
