"""Figures of a sharper effect: what stands on the axes, in the alt text and in the table."""

import numpy as np
import pytest

import abkit as ab
from abkit import explore, plots
from abkit.plots.showing import description


def shown(ax):
    found = description(ax)
    assert 40 <= len(found.alt) <= 250
    assert len({len(v) for v in found.table.values()}) == 1
    return ax.get_title(loc="left"), found.alt, found.table


@pytest.fixture
def arms(rng):
    x, e = rng.normal(size=(2, 200)), rng.normal(size=(2, 200))
    return [ab.Moments.of(x[a] + e[a] + a, pre=x[a]) for a in (0, 1)]


def test_the_cloud_has_the_line_of_least_squares_and_its_share(rng):
    x = rng.normal(300, 80, 2_000)
    y = 0.5 * x + rng.normal(0, 30, 2_000)
    ax = plots.plot_cloud(x, y)
    title, alt, _ = shown(ax)
    slope, start = np.polyfit(x, y, 1)
    (ends, heights) = ax.lines[1].get_data()
    assert heights == pytest.approx(start + slope * np.asarray(ends))
    assert f"{np.corrcoef(x, y)[0, 1]:.2f}".lstrip("0") in title and f"rises: slope {slope:.2f}" in alt
    assert "less" in shown(plots.plot_cloud(x, -y))[0]
    assert len(ax.lines[0].get_xdata()) <= 600
    title, alt, table = shown(named := plots.plot_cloud(x, -y, names=("talk", "play")))
    assert title.startswith("More talk, less play: correlation") and "talk across, play up. It falls" in alt
    assert (named.get_xlabel(), named.get_ylabel()) == ("talk (minutes)", "play (minutes)")
    assert "talk (minutes)" in table
    with pytest.raises(ValueError, match="same users"):
        plots.plot_cloud(x, y[:-1])


def test_spreads_say_the_standard_deviations(rng):
    ways = {"raw": rng.normal(6, 3, 500), "sharp": rng.normal(6, 2, 500)}
    title, _, table = shown(plots.plot_spreads(ways, 6))
    assert table["standard deviation (minutes)"] == pytest.approx([v.std(ddof=1) for v in ways.values()])
    assert f"falls from {ways['raw'].std(ddof=1):.1f} to {ways['sharp'].std(ddof=1):.1f} minutes" in title
    with pytest.raises(ValueError, match="two or more"):
        plots.plot_spreads({"raw": [1.0, 2.0]}, 6)


def test_the_curve_of_weeks_passes_its_mark_and_the_guess():
    ax = plots.plot_weeks_left(np.linspace(0, 1, 11), 4, 0.5, guess=1.5)
    title, _, table = shown(ax)
    assert title == "A correlation of .5: 3.0 of 4 weeks are enough"
    assert ax.lines[0].get_ydata() == pytest.approx(4 * (1 - np.linspace(0, 1, 11) ** 2))
    assert any(list(line.get_ydata()) == [1.5, 1.5] for line in ax.lines)
    assert table["variance left (%)"][-1] == pytest.approx(0)


def test_false_alarms_are_of_100_tests():
    ax = plots.plot_centres([0.5, 0.9], [0.05, 0.051], [0.09, 0.39], guess=20)
    title, alt, table = shown(ax)
    assert title.endswith("39 false alarms of 100 at correlation .9") and "from 9 to 39" in alt
    assert table["centre of each arm (of 100)"] == pytest.approx([9, 39])
    with pytest.raises(ValueError, match="one rate for each"):
        plots.plot_centres([0.5], [0.05, 0.05], [0.1])


def test_gains_are_widths_in_per_cent_of_the_plain_ones(arms):
    plain, sharp = ab.welch(*arms), ab.cuped(*arms)
    ax = plots.plot_gains({"A": (plain, sharp), "B": (plain, plain)})
    width = 100 * (sharp.high - sharp.low) / (plain.high - plain.low)
    assert [p.get_width() for p in ax.patches] == pytest.approx([width, 100])
    assert shown(ax)[2]["adjusted error"] == [sharp.se, plain.se]
    with pytest.raises(ValueError, match="at least one trial"):
        plots.plot_gains({})


def test_sources_mark_the_truth_and_name_the_last(arms):
    ax = plots.plot_sources({"nothing": ab.welch(*arms), "pre": ab.cuped(*arms)}, 1.0)
    title, alt, table = shown(ax)
    e = ab.cuped(*arms)
    assert title == f"Adjusted by pre: 1 minutes become {e.low:.1f} to {e.high:.1f}"
    assert table["adjusted by"] == ["nothing", "pre"] and "truth, 1 minutes" in alt


def test_the_panel_says_weeks_and_width_of_the_formula():
    panel = explore.history()
    rho = ab.history_correlation(0.3, 8)
    left = ab.cuped_factor(rho, new=0.5)
    text = panel.value(history=8, new=0.5)
    assert f"{left:.0%} of the variance" in text and f"{4 * left:.1f} weeks instead of 4" in text
    assert f"{np.sqrt(left):.0%} as wide" in text
    title, _, table = shown(panel.ax)
    assert title == f"8 weeks of history: 4 weeks of test become {4 * left:.1f}"
    assert table["weeks of test"][8] == pytest.approx(4 * left)


@pytest.mark.parametrize("week", [0.0, 0.95])
@pytest.mark.parametrize("new", [0.0, 1.0])
@pytest.mark.parametrize("history", [0, 26])
def test_the_panel_draws_at_every_corner(week, new, history):
    panel = explore.history()
    text = panel.value(week=week, new=new, history=history)
    if new == 1.0 or week == 0.0 or history == 0:
        assert "100% of the variance" in text and "4.0 weeks instead of 4" in text
    panel.figure.draw_without_rendering()
    box, frame = panel.ax.title.get_window_extent(), panel.figure.bbox
    left = panel.ax._left_title.get_window_extent()
    assert left.x1 <= frame.x1 and box.x0 >= frame.x0


def test_history_refuses_what_is_no_share():
    for call, message in [
        (lambda: ab.cuped_factor(0.5, new=1.5), "`new` must"),
        (lambda: ab.cuped_factor(1.0), "`correlation` must"),
        (lambda: ab.history_correlation(1.0, 4), "`week` must"),
        (lambda: ab.history_correlation(0.3, -1), "weeks and window"),
        (lambda: ab.datasets.pre_period_world(50, slopes=1.2), "slopes"),
        (lambda: ab.datasets.pre_period_world(50, allocation=0.01), "at least three units"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()
