"""What figures and panels say and draw: words, table, texts with their places, ends and ticks, marks.

The data are those of `test_plot_marks`, small enough to know each number. A figure that shall say something
else: `python tests/figures_said.py` writes tests/oracles/figures.json anew; read the difference by eye.
"""

from __future__ import annotations

import json

import pytest
from figures_said import FILE, entry, plain

from abkit import explore, plots

ENTRIES = {entry.pop("topic"): entry for entry in json.loads(FILE.read_text(encoding="utf-8"))["entries"]}


def near(found, want, where):
    """Compare texts as they are, and numbers to six digits."""
    if isinstance(want, dict):
        assert list(found) == list(want), where
        for name, value in want.items():
            near(found[name], value, f"{where}, {name}")
    elif isinstance(want, list):
        assert len(found) == len(want), where
        for i, value in enumerate(want):
            near(found[i], value, f"{where}, {i}")
    elif isinstance(want, float):
        assert found == pytest.approx(want, rel=1e-6, abs=1e-9), where
    else:
        assert found == want, where


@pytest.mark.parametrize("name", ENTRIES)
def test_a_figure_says_its_numbers(name):
    near(plain(entry(name)), ENTRIES[name], name)


def test_every_figure_and_every_panel_is_among_them():
    panels = {name for name in dir(explore) if name.islower() and not name.startswith("_")}
    assert set(ENTRIES) == {name for name in dir(plots) if name.startswith("plot_")} | panels
