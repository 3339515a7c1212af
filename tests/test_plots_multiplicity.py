"""Figures and panel of multiple testing: asserted on the artists and against closed forms."""

from __future__ import annotations

import os
import re
import time

import numpy as np
import pytest
from scipy import stats

import abkit as ab
from abkit import discoveries, explore, plots
from abkit.datasets.many_metrics import NAMES, _step_down, error_rates, largest_limits
from abkit.explore.panel_multiplicity import draw
from abkit.plots import style

SEED = int(os.environ.get("ABKIT_SEED", "0"))


def test_familywise_curves_are_the_closed_form_and_start_at_alpha():
    ax = plots.plot_familywise(20, alpha=0.1, correlations=(0.0, 0.5))
    independent, correlated = (line.get_ydata() for line in ax.lines[:2])
    np.testing.assert_allclose(independent, 100 * (1 - 0.9 ** np.arange(1, 21)), atol=1e-8)  # rounding
    assert correlated[0] == pytest.approx(10) and (correlated[1:] < independent[1:]).all()
    assert [t.get_text() for t in ax.texts] == ["independent", "correlation 0.5", "10%: one test"]
    assert ax.get_ylim() == (0, 100) and "%" in ax.get_ylabel()


def test_discoveries_are_drawn_where_they_are():
    truth = np.array([True, False])
    results = {
        "none": discoveries([[True, True], [True, False]], truth),
        "all lost": discoveries([[False, False]] * 2, truth),
    }
    ax = plots.plot_discoveries(results)
    drawn = [c.lines[0].get_xdata().tolist() for c in ax.containers]
    assert drawn == [[50, 0], [25, 0], [100, 0]]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "any false win",
        "share of false wins",
        "true effects found",
    ]
    assert len({c.lines[0].get_marker() for c in ax.containers}) == 3  # never colour alone
    assert [t.get_text() for t in ax.texts] == ["5%"]


def test_without_real_effects_nothing_can_be_found():
    ax = plots.plot_discoveries({"none": discoveries([[True], [False]], [False])})
    assert len(ax.containers) == 2


def test_mark_and_guess_are_written_beside_the_lines():
    ax = plots.plot_familywise(20, correlations=(0.0,), mark=10, guess=30)
    assert [t.get_text() for t in ax.texts] == ["independent", "40.1%", "5%: one test", "your guess"]
    assert ax.lines[-1].get_ydata()[0] == 30 and ax.lines[-1].get_linestyle() == "--"


def test_family_is_drawn_in_the_order_of_effects_with_both_intervals():
    plain = ab.z_test(
        ab.Moments.summary(np.full(6, 200), 1.0, 1.0),
        ab.Moments.summary(200, 1 + np.random.default_rng(SEED).normal(0, 0.2, 6), 1.0),
    )
    wide = ab.simultaneous(plain)
    ax = plots.plot_family(plain, wide, truth=0.0)
    together, alone = ax.containers
    np.testing.assert_allclose(alone.lines[0].get_ydata(), np.sort(plain.estimate))
    ends = np.array([s[:, 1] for s in together.lines[2][0].get_segments()])
    np.testing.assert_allclose(ends[:, 0], wide.low[np.argsort(plain.estimate)])
    np.testing.assert_allclose(ends[:, 1], wide.high[np.argsort(plain.estimate)])
    assert (
        alone.lines[2][0].get_linewidth()[0] > together.lines[2][0].get_linewidth()[0]
    )  # the wide one stays visible


@pytest.mark.parametrize(
    "call",
    [
        lambda: plots.plot_family(ab.welch([1.0, 2.0], [2.0, 3.0]), ab.welch([1.0, 2.0], [2.0, 3.0])),
        lambda: plots.plot_familywise(1),
        lambda: plots.plot_familywise(correlations=()),
        lambda: plots.plot_discoveries({}),
        lambda: plots.plot_dashboard(["a"], [1.0, 2.0]),
        lambda: plots.plot_best([1.0, 2.0]),
        lambda: plots.plot_procedures([0.01]),
        lambda: plots.plot_procedures([0.01, 1.2]),
        lambda: plots.plot_limits(20, at=0.99),
        lambda: plots.plot_familywise(20, sides=3),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ValueError, match="`"):
        call()


def test_panel_rates_without_effects_are_the_closed_forms():
    """Wins are upward only: half of .05 on that side, and half of each promise."""
    reps, rates = 4_000, error_rates(20, 0.0, 0.0, reps=4_000, seed=SEED)
    sidak = (1 - 0.95 ** (1 / 20)) / 2
    for name, exact in {
        "none": 1 - 0.975**20,
        "Bonferroni": 1 - 0.99875**20,
        "max-t": 1 - (1 - sidak) ** 20,
        "BH": 0.025,
    }.items():
        assert abs(rates[name].any_false - exact) < 5 * np.sqrt(exact * (1 - exact) / reps) + 0.001
        assert rates[name].any_false == rates[name].false_share  # every discovery is false
    assert list(rates) == list(NAMES)


def test_panel_keeps_bh_at_its_rate_and_shows_its_price():
    rates = error_rates(20, 0.0, 0.5, reps=4_000, seed=SEED)
    assert 0 < rates["BH"].false_share < 0.025 + 5 * rates["BH"].false_share_se  # alpha × nulls / family
    assert rates["BH"].any_false > 0.08 > 0.03 > rates["Holm"].any_false  # teeth
    assert rates["none"].found > rates["BH"].found > rates["Holm"].found


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_limits_of_the_largest_are_the_integral_and_max_t_agrees(rho):
    limits = largest_limits(10, rho)
    for k in (1, 2, 10):
        assert ab.familywise_error(k, 2 * stats.norm.sf(limits[k - 1]), rho) == pytest.approx(0.05, abs=2e-4)
    assert (np.diff(limits) > 0).all()
    z = ab.datasets.correlated_metrics(6, correlation=rho, share=0.5, effect=3.0)(
        np.random.default_rng(SEED), 100
    )
    p = ab.max_t(z, np.full((6, 6), rho) + (1 - rho) * np.eye(6), draws=4_000, rng=SEED)
    clear = abs(p - 0.05) > 0.005  # the method of the package draws; this one is exact
    got = _step_down(np.abs(z), largest_limits(6, rho))
    assert (got[clear] == (p <= 0.05)[clear]).all() and got.any()


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_first_goal_of_the_panel_is_met_at_any_seed(seed):
    """40 metrics, no effect: at correlation .7 a false win comes in about 20 of 100; not at .5 nor at .85."""
    for rho, low, high in ((0.5, 0.25, 0.35), (0.7, 0.155, 0.225), (0.85, 0.05, 0.15)):
        assert low < error_rates(40, rho, 0.0, reps=2_000, seed=seed)["none"].any_false < high


def test_a_test_of_twenty_parts_changes_nothing_and_one_part_wins():
    table = ab.datasets.language_test()
    arms = [table[table.arm == arm].iloc[:, 2:] for arm in ("old", "new")]
    p = stats.ttest_ind(*arms, equal_var=False).pvalue
    assert p[list(ab.datasets.many_metrics.PARTS).index("sharing")] == pytest.approx(0.012, abs=5e-4)
    assert (p < 0.05).sum() == 1 and arms[1].sharing.mean() > arms[0].sharing.mean()
    big = ab.datasets.language_test(40_000, seed=SEED)
    inside = big.iloc[:, 2:]
    assert abs(np.corrcoef(inside.lessons, inside.help)[0, 1] - 0.5) < 5 * 0.75 / np.sqrt(40_000)
    z = [
        (b - a) / np.sqrt(2 * 100 / 20_000)
        for a, b in zip(*(big[big.arm == x].iloc[:, 2:].mean() for x in ("old", "new")), strict=True)
    ]
    assert np.abs(z).max() < 5
    for bad in ({"users": 5}, {"users": 2}, {"correlation": 1.0}, {"correlation": -0.1}):
        with pytest.raises(ValueError, match="`(users|correlation)`"):
            ab.datasets.language_test(**bad)


def test_a_dashboard_draws_each_metric_and_names_the_wins():
    ax = plots.plot_dashboard(["a", "b", "c"], [0.5, 2.2, -2.4])
    quiet, up, down = ax.lines[1:4]
    assert quiet.get_xdata().tolist() == [0.5] and up.get_xdata().tolist() == [2.2]
    assert down.get_xdata().tolist() == [-2.4] and down.get_marker() == "v"
    assert ax.get_title(loc="left") == "1 of 3 metrics wins: b"
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b", "c"]
    wide = plots.plot_dashboard(["a", "b"], [0.5, 2.2], limit=2.9, label="as a family")
    assert wide.get_title(loc="left") == "0 of 2 metrics win, as a family"


def test_the_heap_of_the_best_is_counted():
    z = np.random.default_rng(SEED).normal(size=(500, 4))
    for both in (False, True):
        ax = plots.plot_best(z, limit=2.0, both=both)
        best = (np.abs(z) if both else z).max(1)
        heap = [p for p in ax.patches if p.get_fill()][-1].get_data()
        edges = heap.edges
        np.testing.assert_allclose(heap.values, np.histogram(best, edges)[0] / 5)
        assert f"{100 * (best > 2).mean():.1f} of 100" in ax.get_title(loc="left")
        assert ax.lines[-1].get_xdata()[0] == 2.0
    assert len([p for p in plots.plot_best(z[:, :1]).patches if p.get_fill()]) == 1


def test_procedures_draw_their_limits_and_count_by_hand():
    p = [0.0008, 0.0051, 0.0102, 0.0235, 0.0240, 0.0410, 0.12, 0.27, 0.52, 0.81]
    ax = plots.plot_procedures(p[::-1])
    flat, step, rise, points = (line.get_ydata() for line in ax.lines)
    np.testing.assert_allclose(flat, 0.005)
    np.testing.assert_allclose(step, 0.05 / np.arange(10, 0, -1))
    np.testing.assert_allclose(rise, 0.005 * np.arange(1, 11))
    assert points.tolist() == p[:6]
    assert ax.get_title(loc="left") == "Kept of 10: Bonferroni 1, Holm 2, BH 5"
    few = plots.plot_procedures([0.02, 0.03, 0.9], alpha=0.04).get_title(loc="left")
    assert few == "Kept of 3: Bonferroni 0, Holm 0, BH 0"


def test_limits_are_drawn_with_both_ends():
    ax = plots.plot_limits(20, at=0.9)
    flat, line, one, mark = ax.lines
    assert flat.get_ydata()[0] == pytest.approx(stats.norm.isf(0.00125))
    assert line.get_ydata()[0] == pytest.approx(stats.norm.isf((1 - 0.95 ** (1 / 20)) / 2), abs=1e-3)  # grid
    assert one.get_ydata()[0] == pytest.approx(stats.norm.isf(0.025))
    assert mark.get_ydata()[0] == pytest.approx(2.479, abs=1e-3)  # grid


def test_false_wins_are_drawn_with_half_of_alpha():
    ax = plots.plot_familywise(20, correlations=(0.0,), mark=20, sides=1)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), 100 * (1 - 0.975 ** np.arange(1, 21)), atol=1e-6)
    assert "a false win in 39.7 of 100" in ax.get_title(loc="left")
    assert "an alarm in 64.2 of 100" in plots.plot_familywise(20, correlations=(0.0,)).get_title(loc="left")


def test_panel_text_repeats_the_rates_and_answers_quickly():
    panel = explore.multiplicity(seed=SEED)
    rates = error_rates(20, 0.5, 0.25, reps=2_000, seed=SEED)
    assert f"any false win: {rates['none'].any_false:.0%}, {rates['Holm'].any_false:.0%}" in panel.value()
    assert repr(panel) == repr(explore.multiplicity(seed=SEED))
    start = time.perf_counter()
    panel.value(metrics=40)
    assert time.perf_counter() - start < 5  # .04 s on an idle machine
    assert not re.search(
        "found", draw(style.axes_or_new(None), seed=1, metrics=3, correlation=0.2, share=0.0)
    )
