"""Figures of bandits say what their runs hold; the panel answers from the same runs."""

import numpy as np
import pytest

import abkit as ab
from abkit.datasets.headlines import BEST, REST, headline_runs
from abkit.explore.panel_bandit import draw
from abkit.plots import style
from abkit.plots.showing import description, title_of


def test_regret_draws_runs_mean_and_band(rng):
    run = ab.run(ab.Thompson(2), [0.1, 0.3], horizon=300, reps=120, rng=rng)
    ax = ab.plots.plot_regret(run, guess=80.0, users="readers", arm="the worse headline")
    seen = (run.arm == 0).sum(1)
    assert len(ax.lines) == 100 + 1 + 1  # single runs, their mean, the guess
    assert np.isclose(ax.lines[100].get_ydata()[-1], seen.mean())
    assert ax.lines[0].get_ydata()[-1] == seen[0]
    shown = description(ax)
    assert f"{seen.mean():,.0f} of 300 readers" in title_of(ax.figure)
    assert shown.table["5 of 100 above"][-1] == np.quantile(seen, 0.95, method="inverted_cdf")
    assert f"{seen.mean():,.0f}" in shown.alt and 40 <= len(shown.alt) <= 250


def test_posteriors_name_the_probable_winner():
    ax = ab.plots.plot_posteriors({"old": ab.Beta(12, 90), "new": ab.Beta(17, 85)})
    found = ab.compare({"old": ab.Beta(12, 90), "new": ab.Beta(17, 85)})
    assert f"new is the better one with probability {100 * found.prob_best[1]:.0f}" in title_of(ax.figure)
    x, y = ax.lines[1].get_data()
    assert np.isclose(x[y.argmax()], 100 * 16 / 100, atol=0.3)  # the mode, on a grid of 200 points
    area = np.trapezoid(y, x)
    assert 0.995 < area < 1.005  # a density of per cents, but for its far tails
    with pytest.raises(ValueError, match="two to six"):
        ab.plots.plot_posteriors({"old": ab.Beta(1, 1)})


def test_policies_and_the_arm_shown_less(rng):
    runs = {
        "even": ab.run(ab.EvenSplit(2), [0.3, 0.3 + 1e-9], horizon=200, reps=80, rng=rng),
        "Thompson": ab.run(ab.Thompson(2), [0.1, 0.6], horizon=200, reps=80, rng=rng),
    }
    ax = ab.plots.plot_policies(runs)
    table = description(ax).table
    assert table["mean (users)"][1] == (runs["Thompson"].arm == 0).sum(1).mean()
    assert title_of(ax.figure).startswith("Thompson: ")
    same = ab.run(ab.Thompson(2), [0.3, 0.3], horizon=200, reps=200, rng=rng)
    ax = ab.plots.plot_less_shown(same, truth=0.3)
    pulls, sums = same.totals()
    both = (pulls > 0).all(1)
    row = np.arange(both.sum())
    less = (sums[both] / pulls[both])[row, pulls[both].argmin(1)]
    assert np.isclose(description(ax).table["average (%)"][0], 100 * less.mean())
    three = ab.run(ab.EvenSplit(3), [0.1, 0.2, 0.3], horizon=9, reps=2, rng=rng)
    with pytest.raises(ValueError, match="two arms"):
        ab.plots.plot_less_shown(three, truth=0.1)
    drifting = ab.run(ab.EvenSplit(2), [[0.1, 0.2]] * 9, horizon=9, reps=2, rng=rng)
    with pytest.raises(ValueError, match="do not drift"):
        ab.plots.plot_regret(drifting)


def test_no_line_is_drawn_as_a_floor(rng):
    """Thompson sampling lies far below the line of Lai and Robbins: no figure shows it."""
    run = ab.run(ab.Thompson(2), [0.1, 0.3], horizon=300, reps=20, rng=rng)
    ax = ab.plots.plot_regret(run)
    assert len(ax.lines) == 20 + 1 and "Lai" not in " ".join(t.get_text() for t in ax.texts)


def test_the_panel_tells_the_numbers_of_its_runs():
    for policy in (1, 2, 3, 4):
        said = draw(style.axes_or_new(None), seed=3, headlines=3, readers=1_000, policy=policy)
        run = headline_runs(3, 1_000, policy, seed=3)
        worse = (run.arm != 2).sum(1).mean()
        assert f"{worse:,.0f} readers" in said
        assert run.means.tolist() == [REST, REST, BEST]
    assert repr(ab.explore.bandit()) == repr(ab.explore.bandit())
    with pytest.raises(ValueError, match="from 1 to 4"):
        headline_runs(2, 1_000, 5)


def test_titles_fit_at_the_corners_of_the_panel():
    for headlines, readers, policy in ((2, 500, 1), (5, 5_000, 3), (5, 500, 4)):
        ax = style.axes_or_new(None)
        draw(ax, seed=1, headlines=headlines, readers=readers, policy=policy)
        ax.figure.draw_without_rendering()
        texts = [ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label, *ax.texts]
        frame = ax.figure.bbox
        for text in texts:
            box = text.get_window_extent()
            assert frame.x0 - 1 <= box.x0 and box.x1 <= frame.x1 + 1, text.get_text()
