"""Write what the figures of `test_plot_marks` and the panels say into tests/oracles/figures.json: read it by
eye.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from drawn import title
from matplotlib.colors import to_hex
from matplotlib.ticker import FixedLocator
from test_plot_marks import REFERENCES
from test_plots_described import of_docstring

from abkit import explore
from abkit.plots.showing import description

FILE = Path(__file__).parent / "oracles" / "figures.json"
SOURCE = "worked out from the small data in tests/test_plot_marks.py and the docstrings, and read by eye"


def drawn(name):
    """The axes of the small data of `test_plot_marks`, or of the last example of its docstring."""
    return REFERENCES[name][0]() if name in REFERENCES else of_docstring(name)


def shape(values):
    """First, last and sum of a row of coordinates."""
    v = np.ravel(np.asarray(values, float))
    return [float(v[0]), float(v[-1]), float(np.nansum(v))] if v.size else []


def marks(ax):
    """Every line, bar and heap of points: how it looks, and where it stands."""
    found = [
        [f"{to_hex(line.get_color())} {line.get_linestyle()} {line.get_marker()}", len(line.get_xdata())]
        + shape(line.get_xdata())
        + shape(line.get_ydata())
        for line in ax.lines
    ]
    for patch in ax.patches:
        box = patch.get_path().get_extents(patch.get_patch_transform())
        look = f"{to_hex(patch.get_facecolor())} {patch.get_hatch() or ''}".strip()
        found.append([look, 1, *map(float, box.extents)])
    for heap in ax.collections:
        points = heap.get_offsets() if len(heap.get_offsets()) > 1 else None
        corners = [path.vertices for path in heap.get_paths()] if points is None else [points]
        all_corners = np.concatenate(corners) if corners else np.empty((0, 2))
        found.append(
            [type(heap).__name__, len(corners), *shape(all_corners[:, 0]), *shape(all_corners[:, 1])]
        )
    return found


def ticks(ax):
    """The places of ticks that are set, with their texts."""
    axes = {"x": ax.xaxis, "y": ax.yaxis}
    return {
        name: [
            [float(at), text.get_text()]
            for at, text in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
        ]
        for name, axis in axes.items()
        if isinstance(axis.get_major_locator(), FixedLocator)
    }


def seen(ax):
    """Title, labels, texts with their places, ends and ticks that are set, and what is drawn."""
    ends = {
        axis: [float(v) for v in getattr(ax, f"get_{axis}lim")()]
        for axis in "xy"
        if not getattr(ax, f"get_autoscale{axis}_on")()
    }
    places = [
        (" ".join(t.get_text().split()), *np.ravel(getattr(t, "xy", t.get_position()))) for t in ax.texts
    ]
    return {
        "title": title(ax),
        "labels": [ax.get_xlabel(), ax.get_ylabel()],
        "texts": [[text, float(x), float(y)] for text, x, y in places if text != "your guess"],
        "ends": ends,
        "ticks": ticks(ax),
        "marks": marks(ax),
    }


def said(name):
    """What a figure shows, its alt text and its table."""
    ax = drawn(name)
    found = description(ax)
    return {
        **seen(ax),
        "alt": found.alt,
        "table": {column: list(values) for column, values in found.table.items()},
    }


def panel_said(name):
    """What a panel finds and draws: as it starts, and with all controls at their first and last value."""
    panel, found = getattr(explore, name)(), []
    ends = {key: control.corners() for key, control in panel.controls.items()}
    for values in ({}, {k: v[0] for k, v in ends.items()}, {k: v[-1] for k, v in ends.items()}):
        found.append({"finding": panel.value(seed=0, **values), **seen(panel.ax)})
    return {"looks": found}


def entry(topic):
    """What is stored of a figure (`plot_…`) or of a panel."""
    return said(topic) if topic.startswith("plot_") else panel_said(topic)


def plain(value):
    """Numbers with nine digits, so that the file is short."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else float(f"{value:.9g}")
    return value.item() if isinstance(value, np.generic) else value


if __name__ == "__main__":
    old = json.loads(FILE.read_text(encoding="utf-8"))["entries"]
    rows = [{"topic": e["topic"], **plain(entry(e["topic"]))} for e in old]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    FILE.write_text(f'{{"source": "{SOURCE}", "entries": [\n{lines}\n]}}\n', encoding="utf-8")
