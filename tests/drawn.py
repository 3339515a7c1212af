"""Read the lines, marks and bars of axes back as numbers."""

from __future__ import annotations

import numpy as np


def curve(line):
    return np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)


def across(ax):
    """Height of each line that goes over the whole width."""
    return [
        line.get_ydata()[0] for line in ax.lines if line.get_transform() == ax.get_yaxis_transform("grid")
    ]


def upright(ax):
    """Place of each line that goes over the whole height."""
    return [
        line.get_xdata()[0] for line in ax.lines if line.get_transform() == ax.get_xaxis_transform("grid")
    ]


def curves(ax):
    """The lines that join points: more than one point, and a stroke."""
    whole = (ax.get_yaxis_transform("grid"), ax.get_xaxis_transform("grid"))
    return [
        line
        for line in ax.lines
        if line.get_linestyle() != "None" and line.get_transform() not in whole and len(line.get_xdata()) > 1
    ]


def title(ax):
    return " ".join(ax.get_title(loc="left").split())


def marks(ax):
    """Marker → places (x, y) of every marked point, in the order of drawing."""
    found = {}
    for line in ax.lines:
        if str(line.get_marker()) not in ("None", "", " ", "_", "|", "<", ">"):
            found.setdefault(line.get_marker(), []).extend(zip(*map(np.atleast_1d, curve(line)), strict=True))
    return {marker: [(float(x), float(y)) for x, y in places] for marker, places in found.items()}


def strokes(ax):
    """Ends of every bar of an error or interval, in the order of drawing: ((x, y), (x, y))."""
    lines = [c for c in ax.collections if hasattr(c, "get_segments")]
    return [tuple(tuple(map(float, end)) for end in s) for c in lines for s in c.get_segments()]


def dotted(ax):
    """Height or place, and stroke, of each line that goes over the whole axes."""
    found = []
    for line in ax.lines:
        if line.get_transform() == ax.get_yaxis_transform("grid"):
            found.append(("y", float(line.get_ydata()[0]), line.get_linestyle()))
        elif line.get_transform() == ax.get_xaxis_transform("grid"):
            found.append(("x", float(line.get_xdata()[0]), line.get_linestyle()))
    return found
