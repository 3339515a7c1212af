"""Positions, origins, readings, squares and groups are drawn from the data they are given."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import SEED

from abkit import plots
from abkit.plots.showing import description

AT = np.array([0.01, 0.04, 0.06, 0.09, 0.2, 0.3, 0.7])
WEEK_1 = ["control", "control", "treatment", "treatment", "out", "out", None]
WEEK_2 = ["control", "control", "control", "control", "control", "treatment", None]


def test_rings_stand_on_those_who_change_and_cuts_between_arms():
    ax = plots.plot_positions(AT, {"one": WEEK_1, "two": WEEK_2})
    rings = [line for line in ax.lines if line.get_markersize() == 8]
    assert [line.get_xdata().tolist() for line in rings] == [[0.06, 0.09]] * 2
    cuts = [line.get_xdata()[0] for line in ax.lines if line.get_linewidth() == 1]
    assert cuts == pytest.approx([0.05, 0.145, 0.25, 0.5])  # halfway between the last of an arm and the next
    assert description(ax).table["control"] == [2, 5] and description(ax).table["not in the test"] == [3, 1]
    assert "50% of the users" in ax.get_title(loc="left").replace("\n", " ")


def test_mixed_arms_have_no_cuts_and_few_users_are_drawn():
    arm = np.array(["control", "treatment"])[np.arange(50) % 2]
    ax = plots.plot_positions(np.arange(50) / 50, {"one": arm, "two": arm}, users=10)
    assert not [line for line in ax.lines if line.get_linewidth() == 1]
    assert sum(len(line.get_xdata()) for line in ax.lines if line.get_color() == "#0072B2") == 10  # 5 a row
    assert "0% of the users" in ax.get_title(loc="left").replace("\n", " ")


def test_bars_of_origins_have_the_counts():
    ax = plots.plot_origins(WEEK_1, WEEK_2)
    assert [(p.get_x(), p.get_width()) for p in ax.patches] == [(0, 2), (2, 2), (4, 1), (0, 1)]
    assert (
        ax.get_title(loc="left").replace("\n", " ").startswith("40% of control was in treatment before, 0%")
    )


def test_readings_are_points_beside_truth_and_worth():
    ax = plots.plot_readings({"all": [1.0, 2.0], "new": [3.0, 4.0]}, truth=2.5, worth=3.5)
    assert [line.get_xdata()[0] for line in ax.lines[-2:]] == [2.5, 3.5]
    assert ax.lines[0].get_xdata().tolist() == [1, 2] and ax.lines[1].get_xdata().tolist() == [3, 4]
    assert description(ax).table["share at or above worth"] == [0.0, 0.5]


def test_squares_count_the_four_groups():
    rng = np.random.default_rng(SEED)
    x, y = rng.random((2, 500))
    ax = plots.plot_squares({"own": (x, y)}, names=("a", "b"), users=100)
    counted = [np.mean((x >= 0.5) == i) for i in (False, True)]
    table = description(ax).table
    assert table["users (%)"][:2] == pytest.approx(
        [100 * np.mean((x < 0.5) & (y < 0.5)), 100 * np.mean((x < 0.5) & (y >= 0.5))]
    )
    assert sum(table["users (%)"][2:]) == pytest.approx(100 * counted[1])
    assert sum(len(line.get_xdata()) for line in ax.lines[:2]) == 100
    both = 100 * np.mean(x[y >= 0.5] >= 0.5)
    assert ax.get_title(loc="left").replace("\n", " ") == f"own: {both:.0f}% of the b arm has the a"


def test_groups_have_their_means_and_intervals():
    rng = np.random.default_rng(SEED)
    a, b, y = rng.random(400) < 0.5, rng.random(400) < 0.5, rng.normal(5, 2, 400)
    ax = plots.plot_together(a, b, y, names=("reminder", "colour"))
    drawn = [bars.lines[0].get_ydata().tolist() for bars in ax.containers]
    assert drawn == [
        pytest.approx([y[(a == i) & (b == j)].mean() for i in (False, True)]) for j in (False, True)
    ]
    part = y[a & b]
    assert description(ax).table["half of the interval (minutes)"][-1] == pytest.approx(
        1.96 * part.std(ddof=1) / np.sqrt(len(part))
    )


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: plots.plot_positions(AT, {"one": WEEK_1}), "two weeks"),
        (lambda: plots.plot_positions(AT[:3], {"one": WEEK_1, "two": WEEK_2}), "one arm a position"),
        (lambda: plots.plot_origins(WEEK_1, WEEK_2[:3]), "as long as before"),
        (lambda: plots.plot_origins(WEEK_1, ["control"] * 7), "users of both arms"),
        (lambda: plots.plot_readings({"all": [1.0]}, truth=1.0, worth=2.0), "two ways"),
        (lambda: plots.plot_squares({}, names=("a", "b")), "one or two panels"),
        (lambda: plots.plot_together([0, 1], [0, 1, 1], [1.0, 2.0], names=("a", "b")), "as long as both"),
        (lambda: plots.plot_together([0, 1], [0, 1], [1.0, 2.0], names=("a", "b")), "two users or more"),
    ],
)
def test_what_they_refuse(call, words):
    with pytest.raises(ValueError, match=words):
        call()
