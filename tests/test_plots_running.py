"""Figures of notebook 07: what stands on the axes is what the tests of the world hold."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import SEED

import abkit as ab
from abkit import explore, plots
from abkit.datasets.running import audiobook_test, running_tests, states_so_far
from abkit.plots.showing import description

HUNDRED = running_tests(100, rng=SEED)
DAILY = ab.effects_at_looks(audiobook_test(9), looks=range(1, 31), metric="minutes")


def marks(ax, marker):
    return sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() == marker)


@pytest.mark.parametrize("day, every_day", [(30, False), (9, True), (30, True)])
def test_the_grid_marks_each_win_and_each_loss(day, every_day):
    ax = plots.plot_grid(HUNDRED, day=day, every_day=every_day)
    state = states_so_far(HUNDRED, day, every_day=every_day)
    assert (marks(ax, "^"), marks(ax, "v")) == ((state > 0).sum(), (state < 0).sum())
    assert f"{(state > 0).sum()} win" in ax.get_title(loc="left")
    assert "useless" in description(ax).alt
    assert "lift of 2" in description(plots.plot_grid(running_tests(5, lift=2.0, rng=1), day=3)).alt


def test_the_grids_fill_and_never_empty():
    table = description(plots.plot_filling(HUNDRED, days=(1, 10, 30))).table
    assert table["wins"] == sorted(table["wins"]) and table["losses"] == sorted(table["losses"])


def test_covered_days_are_not_drawn():
    ax = plots.plot_gap(DAILY, until=9, band=False)
    assert ax.lines[1].get_ydata() == pytest.approx(DAILY.estimate[:9])
    assert (
        len(description(ax).table["day"]) == 9 and "half of the band (minutes)" not in description(ax).table
    )
    assert marks(plots.plot_gap(DAILY), "^") == (DAILY.pvalue < 0.05).sum()


def test_winners_are_followed_to_the_last_day():
    many = running_tests(2_000, rng=SEED)
    ax = plots.plot_after_win(many, until=10)
    won = many.result > 0
    assert description(ax).table["of 100"][0] == pytest.approx(100 * (many.state[won, -1] > 0).mean())
    assert marks(ax, "^") == 10


def test_early_claims_are_means_of_the_wins():
    real = running_tests(3_000, lift=1.5, rng=SEED)
    table = description(plots.plot_early_claims(real, guess=3.0)).table
    won = real.result > 0
    first = won & (real.alarm <= 5)
    assert table["wins"][0] == first.sum()
    assert table["mean claim (minutes)"][0] == pytest.approx(real.gap[first, real.alarm[first] - 1].mean())


def test_no_guess_no_line():
    for call in (
        lambda guess: plots.plot_strip(2.5, 14.0, guess=guess),
        lambda guess: plots.plot_wins([1, 30], [2.5, 14.0], guess=guess),
        lambda guess: plots.plot_early_claims(running_tests(500, lift=1.5, rng=SEED), guess=guess),
    ):
        assert "your guess" in [t.get_text() for t in call(5.0).texts]
        assert "your guess" not in [t.get_text() for t in call(None).texts]


def test_looks_make_fewer_new_alarms_than_dice():
    looks, dice = description(plots.plot_not_dice(running_tests(4_000, rng=SEED))).table["new alarms"]
    assert dice > 1.5 * looks


def test_the_rules_stand_as_computed():
    rules = ab.stop_rules(2.9)
    table = description(plots.plot_rules(rules)).table
    assert table["false wins in 100"] == pytest.approx(100 * rules.false_wins)
    ends = description(plots.plot_bounds(DAILY, rules)).table
    assert list(ends["rule"]) == rules.name.tolist()


@pytest.mark.parametrize(
    "call",
    [
        lambda: plots.plot_arms([1.0], [1.0, 2.0], unit="x"),
        lambda: plots.plot_chance([1.0], 0.0, unit="x"),
        lambda: plots.plot_wins([1, 2], [2.5, 4.2]),
        lambda: plots.plot_after_win(running_tests(2, days=1, sd=1e-9, lift=-1.0, rng=1)),
        lambda: plots.plot_grid(HUNDRED, day=31),
        lambda: plots.plot_filling(HUNDRED, ax=plots.plot_strip(1, 2)),
        lambda: plots.plot_gap(DAILY, until=0),
        lambda: plots.plot_bounds(DAILY, ab.stop_rules(2.0, days=10)),
    ],
)
def test_bad_input_is_refused_with_the_parameter_in_backticks(call):
    with pytest.raises(ValueError, match="`"):
        call()


def test_the_panel_reads_the_same_hundred_as_the_figure():
    hundred = running_tests(100, rng=142)
    once = explore.useless(day=30, rule=1, seed=142).value()
    wins, losses = (hundred.state[:, -1] > 0).sum(), (hundred.state[:, -1] < 0).sum()
    assert f"{wins} wins, {losses} losses in 100" in once
    panel = explore.useless(lift=1.5, seed=SEED)
    won = [int(panel.value(day=30, rule=rule).split(": ")[1].split()[0]) for rule in (2, 3)]
    assert min(won) > 60  # power .90 and .82


@pytest.mark.parametrize("guess", [0, 2.5, 8, 14, 40, 100])
def test_the_guess_on_the_strip_stays_inside_and_hides_no_text(guess):
    ax = plots.plot_strip(2.5, 14.0, guess=guess)
    ax.figure.canvas.draw()
    *others, mine = [t.get_window_extent() for t in ax.texts]
    frame = ax.get_window_extent()
    assert frame.x0 <= mine.x0 and mine.x1 <= frame.x1
    assert not any(mine.overlaps(other) for other in others)


def test_a_cloud_is_drawn_the_same_twice_and_holds_each_user():
    arms = np.random.default_rng(SEED).exponential(20, (2, 60))
    first, again = (plots.plot_arms(*arms, unit="minutes") for _ in range(2))
    assert first._repr_mimebundle_() == again._repr_mimebundle_()
    assert sorted(first.lines[1].get_xdata()) == sorted(arms[1])
