"""The look of the series: colour, marker and line by role, never by colour alone; 12 pt, 2 pt lines, 7 in
wide.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import LogLocator
from matplotlib.transforms import Bbox

from abkit import _check
from abkit.plots.showing import Shown

WIDTH, HEIGHT = 7.0, 3.6
DPI, SHARP = 100, 200  # pixels an inch as shown, and for a screen of twice the density
FONT, LINE = 12, 2.0
MARGIN, GAP = 0.6, 0.1  # inches that a title leaves to the axis at the left, and to each panel's own
ON_WHITE: dict[str, Any] = {
    "facecolor": "white",
    "edgecolor": "none",
    "pad": 1.5,
}  # the box of a label that a line may cross
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


def new_figure(*, height: float = HEIGHT, dpi: float = DPI) -> Figure:
    """Return an empty figure, 7 in wide, with its own Agg canvas: no window and no global state.

    >>> new_figure().get_size_inches().tolist()
    [7.0, 3.6]
    """
    figure = Figure(figsize=(WIDTH, height), dpi=dpi, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def axes_or_new(ax: Axes | None, *, height: float = HEIGHT) -> Axes:
    """Return the given axes, or the axes of a new figure.

    >>> float(axes_or_new(None).figure.get_figwidth())
    7.0
    """
    return new_figure(height=height).add_subplot(axes_class=Shown) if ax is None else ax


def panels(columns: int, *, height: float = HEIGHT, widths: Sequence[float] | None = None) -> list[Axes]:
    """Return axes side by side in one new figure; showing any of them shows the figure with all its numbers.

    >>> left, right = panels(2)
    >>> left.figure is right.figure
    True
    """
    row = new_figure(height=height).subplots(
        1,
        _check.integer("columns", columns),
        squeeze=False,
        width_ratios=widths,
        subplot_kw={"axes_class": Shown},
    )
    return list(row[0])


def no_axes(ax: Axes | None, panels: str) -> None:
    """Refuse axes that are given to a figure with panels of its own.

    >>> no_axes(axes_or_new(None), "two panels")
    Traceback (most recent call last):
    ValueError: `ax` must be None: this figure has two panels; got Shown.
    """
    if ax is not None:
        raise _check.fail("ax", f"must be None: this figure has {panels}", type(ax).__name__)


def dress(ax: Axes, *, title: str = "", x: str = "", y: str = "") -> Axes:
    """Give axes the title (a finding), labels with units, 12 pt text and no frame at the top and right.

    >>> dress(axes_or_new(None), title="one look").get_title(loc="left")
    'one look'
    """
    headline(ax, title)
    ax.set_xlabel(x, fontsize=FONT)
    ax.set_ylabel(y, fontsize=FONT)
    ax.tick_params(labelsize=FONT)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def note(ax: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], **options: Any) -> None:
    """Write 12 pt text beside a point: `shift` in points, `options` as `Axes.annotate` takes them.

    >>> ax = axes_or_new(None)
    >>> note(ax, "exact", (1, 2), (4, 0)); ax.texts[0].get_text()
    'exact'
    """
    ax.annotate(text, at, shift, textcoords="offset points", fontsize=FONT, **options)


def at_right(ax: Axes, text: str, y: float, **options: Any) -> None:
    """Name a level line at the right of the axes, outside them: `options` as in `note`.

    >>> ax = axes_or_new(None)
    >>> at_right(ax, "truth", 2.0); ax.texts[0].xy
    (1.0, 2.0)
    """
    edge = ("axes fraction", "data")
    note(ax, text, (1.0, y), (4, 0), xycoords=edge, va="center", annotation_clip=False, **options)


def headline(ax: Axes, text: str) -> None:
    """Give axes a title alone: the finding, bold, at the left; in two lines where one is too narrow.

    >>> ax = axes_or_new(None)
    >>> headline(ax, "ten looks"); ax.get_title(loc="left")
    'ten looks'
    """
    title = ax.set_title(text, fontsize=FONT, loc="left", fontweight="bold", y=1.0)  # y: no search for room
    place, wide = ax.get_subplotspec(), title.get_window_extent().width
    columns = 1 if place is None else place.get_gridspec().ncols / len(place.colspan)
    figure = cast(Figure, ax.figure)
    room = (figure.bbox.width - MARGIN * figure.dpi) / columns - GAP * figure.dpi
    if wide > room:
        lines = text.split("\n")
        most = max(10, int(0.95 * max(map(len, lines)) * room / wide))
        title.set_text("\n".join(broken(line, most) for line in lines))


def broken(line: str, most: int) -> str:
    """Return the line in lines of about the same length, each of at most `most` characters if words allow.

    >>> broken("Looks: day 10 repeats day 9", 26)
    'Looks: day 10\\nrepeats day 9'
    """
    parts = -(-len(line) // most)
    return textwrap.fill(line, min(most, -(-len(line) // parts) + 3))


def log_axis(ax: Axes) -> None:
    """Make the x axis, once everything is drawn, a log axis with ticks in full: 1,000 and not a power of ten.

    >>> ax = axes_or_new(None)
    >>> line = ax.plot([200, 400], [1, 2]); log_axis(ax)
    >>> ax.get_xscale(), ax.xaxis.get_minor_locator().__class__.__name__
    ('log', 'NullLocator')
    """
    ax.set_xscale("log")
    low, high = ax.get_xlim()
    subs = (1.0, 2.0, 5.0) if high / low < 200 else (1.0,)
    ax.xaxis.set_major_locator(LogLocator(10, subs=subs, numticks=12))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.minorticks_off()


def guess(ax: Axes, value: float | None, *, vertical: bool = False, text: str = "your guess") -> None:
    """Draw the reader's guess: a black dashed line, and its name on white where it hides least. None draws
    nothing.

    value: in the units of the axis, y or, with `vertical`, x. The axis is stretched if it does not reach the
    guess. Call it last: the name keeps away from what is on the axes by then.

    >>> ax = axes_or_new(None)
    >>> guess(ax, 40.0); list(ax.lines[0].get_ydata()), ax.texts[0].get_text()
    ([40.0, 40.0], 'your guess')
    """
    name = "x" if vertical else "y"
    if value is None or (getattr(ax, f"get_{name}scale")() == "log" and value <= 0):
        return
    _stretch(ax, value, name)
    cast(Figure, ax.figure).draw_without_rendering()  # settles the layout, so that boxes can be compared
    taken = _taken(ax)
    (ax.axvline if vertical else ax.axhline)(value, color="black", linestyle="--", linewidth=LINE)
    along = ax.get_xaxis_transform() if vertical else ax.get_yaxis_transform()
    label = ax.text(
        0, 0, text, transform=along, ha="center", va="center", fontsize=FONT, zorder=5, bbox=ON_WHITE
    )
    size, inside = label.get_window_extent(), ax.get_window_extent()
    edge = size.height / inside.height if vertical else 0.6 * size.width / inside.width
    ways = ("ha", ("center", "left", "right")) if vertical else ("va", ("center", "bottom", "top"))
    places = [
        {"position": (value, at) if vertical else (at, value), ways[0]: way}
        for way in ways[1]
        for at in np.linspace(1 - edge, edge, 13)
    ]
    label.set(**min(places, key=lambda place: _hidden(label, place, taken)))


def _stretch(ax: Axes, value: float, name: str) -> None:
    """Make the axis reach the value, and a twentieth further."""
    scale = getattr(ax, f"{name}axis").get_transform()
    at, ends = scale.transform([value])[0], scale.transform(getattr(ax, f"get_{name}lim")())
    if not ends.min() <= at <= ends.max():
        near = int(np.argmin(np.abs(ends - at)))
        ends[near] = at + 0.05 * (at - ends[1 - near])
        getattr(ax, f"set_{name}lim")(scale.inverted().transform(ends))


def _taken(ax: Axes) -> list[Callable[[Bbox], float]]:
    """Return a test for each line, bar and text on the axes, and for their frame: how bad is a box there?"""
    shapes: list[Line2D | Patch] = [*ax.lines, *ax.patches]
    paths = [shape.get_path().transformed(shape.get_transform()) for shape in shapes]
    paths.append(Path.unit_rectangle().transformed(ax.transAxes))
    boxes = [item.get_window_extent() for item in (*ax.texts, ax.get_legend()) if item is not None]
    return [
        *(partial(Path.intersects_bbox, path, filled=False) for path in paths),
        *(lambda box, text=text: 10.0 * text.overlaps(box) for text in boxes),
    ]  # a text is worse than a line


def _hidden(label: Text, place: dict[str, Any], taken: list[Callable[[Bbox], float]]) -> float:
    """Put the label there and return how much it would hide."""
    label.set(**place)
    box = label.get_window_extent().expanded(1.15, 1.3)
    return sum(clash(box) for clash in taken)
