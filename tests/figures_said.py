"""Write what the figures of `test_plot_marks` say into tests/oracles/figures.json: read it by eye."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from drawn import title
from test_plot_marks import REFERENCES
from test_plots_described import of_docstring

from abkit.plots.showing import description

FILE = Path(__file__).parent / "oracles" / "figures.json"
SOURCE = "worked out from the small data in tests/test_plot_marks.py and the docstrings, and read by eye"


def drawn(name):
    """The axes of the small data of `test_plot_marks`, or of the last example of its docstring."""
    return REFERENCES[name][0]() if name in REFERENCES else of_docstring(name)


def said(ax):
    """Title, alt text, table, texts with their places, and the ends of the axes where they are set."""
    found = description(ax)
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
        "alt": found.alt,
        "table": {name: list(values) for name, values in found.table.items()},
        "texts": [[text, float(x), float(y)] for text, x, y in places if text != "your guess"],
        "ends": ends,
    }


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
    rows = [{**e, **plain(said(drawn(e["topic"])))} for e in old]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    FILE.write_text(f'{{"source": "{SOURCE}", "entries": [\n{lines}\n]}}\n', encoding="utf-8")
