"""The look of the series: colour, marker and line by role, never by colour alone; 12 pt, 2 pt lines, 7 in wide."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from abkit import _check

WIDTH, HEIGHT = 7.0, 3.6
FONT, LINE = 12, 2.0
ROLES: dict[str, dict[str, Any]] = {
    "control": {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    "treatment": {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    "truth": {"color": "#000000", "marker": "D", "linestyle": "-"},
    "wrong": {"color": "#767676", "marker": "x", "linestyle": ":"},
    "third": {"color": "#009E73", "marker": "^", "linestyle": "-."},
    "fourth": {"color": "#CC79A7", "marker": "v", "linestyle": (0, (5, 1))},
    "fifth": {"color": "#E69F00", "marker": "P", "linestyle": (0, (3, 1, 1, 1))},
    "sixth": {"color": "#56B4E9", "marker": "X", "linestyle": (0, (1, 1))},
}


def role(name: str) -> dict[str, Any]:
    """Return colour, marker and line style of a role, ready for `ax.plot`.

    >>> role("control")["color"]
    '#0072B2'
    """
    return {**ROLES[_check.one_of("name", name, tuple(ROLES))], "linewidth": LINE, "markersize": 8}


def new_figure(*, height: float = HEIGHT) -> Figure:
    """Return an empty figure, 7 in wide, with its own Agg canvas: no window and no global state.

    >>> new_figure().get_size_inches().tolist()
    [7.0, 3.6]
    """
    figure = Figure(figsize=(WIDTH, height), dpi=100, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def axes_or_new(ax: Axes | None, *, height: float = HEIGHT) -> Axes:
    """Return the given axes, or the axes of a new figure.

    >>> float(axes_or_new(None).figure.get_figwidth())
    7.0
    """
    return new_figure(height=height).add_subplot() if ax is None else ax


def dress(ax: Axes, *, title: str = "", x: str = "", y: str = "") -> Axes:
    """Give axes the title (a finding), labels with units, 12 pt text and no frame at the top and right.

    >>> dress(axes_or_new(None), title="one look").get_title(loc="left")
    'one look'
    """
    ax.set_title(title, fontsize=FONT, loc="left", fontweight="bold")
    ax.set_xlabel(x, fontsize=FONT)
    ax.set_ylabel(y, fontsize=FONT)
    ax.tick_params(labelsize=FONT)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
