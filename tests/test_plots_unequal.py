"""Figures and panel of effects that differ: asserted on the artists, the titles and the alt texts."""

from __future__ import annotations

import numpy as np
import pytest

from abkit import datasets, explore, plots
from abkit.causal.held_out import predicted_and_found, qini
from abkit.causal.unequal_effects import gates
from abkit.plots import style
from abkit.plots.showing import description, title_of


@pytest.fixture
def scores(rng):
    return rng.normal(size=200)


def test_repeats_show_their_spread(rng):
    values = rng.normal(2, 3, 500)
    ax = plots.plot_repeats(values, 2.0, unit="euros")
    assert sum(p.get_height() for p in ax.patches) == 500
    assert f"{values.std(ddof=1):.2f}" in description(ax).alt
    assert f"{values.std(ddof=1):.1f} from 2" in title_of(ax.figure)


def test_segments_stand_in_the_order_of_their_results(rng):
    scores, labels = rng.normal(size=300), rng.integers(0, 5, 300)
    effects = gates(scores, labels)
    ax = plots.plot_segments(effects, worth=0.5, truth=0.0)
    drawn = np.concatenate([c.lines[0].get_ydata() for c in ax.containers])
    np.testing.assert_allclose(drawn, np.sort(effects.estimate))
    assert ax.containers[1].lines[0].get_marker() == "s"  # the best: never colour alone
    best = int(np.argmax(effects.estimate))
    assert f"{effects.low[best]:.1f} to {effects.high[best]:.1f}" in description(ax).alt
    assert [t.get_text() for t in ax.texts] == ["pays from 0.5", "truth 0"]


def test_a_hunt_shows_both_heaps_and_the_guess(rng):
    hunt = datasets.best_of_segments(20, reps=2_000, rng=rng)
    one, two = plots.plot_hunt(hunt, guess=3.0), plots.plot_hunt(hunt, again=True)
    assert sum(p.get_height() for p in one.patches) == 2_000
    assert sum(p.get_height() for p in two.patches) == 4_000
    assert "your guess" in [t.get_text() for t in one.texts]
    assert f"second test {hunt.again.mean():.1f}" in title_of(two.figure)
    counts = list(description(two).table.values())[1:]
    assert [np.sum(c) for c in counts] == [2_000, 2_000]  # the table holds every test of both heaps


def test_the_test_of_any_difference_counts_worlds(rng):
    values = rng.chisquare(19, 1_000)
    ax = plots.plot_difference_test(25.0, values)
    assert f"{100 * (values >= 25).mean():.0f} of 100" in title_of(ax.figure)
    assert ax.lines[0].get_xdata()[0] == 25.0


def test_a_learner_is_dots_and_its_truth_a_line(rng):
    days, effect = rng.normal(size=400), rng.normal(size=400)
    ax = plots.plot_learner(days, np.zeros(400), effect, name="T-learner", unit="euros")
    dots, line = ax.lines
    assert len(dots.get_xdata()) == 150 and (line.get_ydata() == 0).all()
    assert title_of(ax.figure) == f"T-learner: typical error {np.sqrt((effect**2).mean()):.1f} euros"
    assert "9.9" in title_of(plots.plot_learner(days, effect, effect, error=9.9).figure)


def test_predicted_stands_beside_found(scores):
    both = predicted_and_found(scores, np.arange(200.0), groups=4)
    ax = plots.plot_calibrated(both, worth=1.0)
    np.testing.assert_allclose(ax.containers[0].lines[0].get_ydata(), both.found)
    assert f"found {both.found[-1]:.1f}" in title_of(ax.figure)


def test_the_gain_ends_at_the_average_effect(rng):
    y, w = rng.normal(size=200), rng.permutation(np.arange(200) % 2)
    ax = plots.plot_gain(qini(rng.normal(size=200), y, w))
    end = y[w == 1].mean() - y[w == 0].mean()
    assert ax.lines[0].get_ydata()[-1] == pytest.approx(end)
    assert f"{end:.2f}" in description(ax).alt


def test_promises_name_the_worst():
    grid = datasets.learner_grid()
    rows = grid[(grid.world == "flat") & (grid.n == 2_000)]
    ax = plots.plot_promises(rows)
    worst = rows.loc[(rows.promised - rows.kept).idxmax()]
    assert f"{worst.learner} promises {worst.promised:.1f}" in title_of(ax.figure)
    with pytest.raises(ValueError, match="one world and one size"):
        plots.plot_promises(grid)


def test_the_panel_says_what_was_stored():
    panel = explore.learners()
    one = datasets.measured_learner("T", "flat", 500)
    assert f"promised {one.promised:.1f} euros and gets 6.0" in panel.value()
    other = panel.value(learner="DR", world="step", n=8_000)
    assert other.startswith("DR-learner, 8,000 customers, step world")
    assert panel.value(seed=0) == panel.value(seed=3)  # three fits are stored, the numbers are means


@pytest.mark.parametrize(
    "call",
    [
        lambda: plots.plot_repeats([1.0], 0.0),
        lambda: plots.plot_learner([1.0, 2.0], [1.0], [1.0, 2.0, 3.0]),
        lambda: plots.plot_difference_test(np.nan, [1.0]),
        lambda: plots.plot_segments(gates(np.arange(4.0), [0, 0, 1, 1]).__class__.of([[1.0]], 1.0)),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ValueError, match="`"):
        call()


def test_axes_that_are_given_are_used():
    ax = style.axes_or_new(None)
    assert plots.plot_repeats([1.0, 2.0], 1.0, ax=ax) is ax
