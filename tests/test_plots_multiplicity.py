"""Figures and panel of multiple testing: asserted on the artists and against closed forms."""

from __future__ import annotations

import os
import re
import time

import numpy as np
import pytest

import abkit as ab
from abkit import discoveries, explore, plots
from abkit.datasets.many_metrics import NAMES, error_rates
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
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ValueError, match="`"):
        call()


def test_panel_rates_without_effects_are_the_closed_forms():
    reps, rates = 4_000, error_rates(20, 0.0, 0.0, reps=4_000, seed=SEED)
    for name, exact in {
        "none": 1 - 0.95**20,
        "Bonferroni": 1 - 0.9975**20,
        "Šidák": 0.05,
        "BH": 0.05,
    }.items():
        assert abs(rates[name].any_false - exact) < 5 * np.sqrt(exact * (1 - exact) / reps)
        assert rates[name].any_false == rates[name].false_share  # every discovery is false
    assert list(rates) == ["none", *NAMES.values()]


def test_panel_keeps_bh_at_its_exact_rate_and_shows_its_price():
    rates = error_rates(20, 0.0, 0.5, reps=4_000, seed=SEED)
    assert abs(rates["BH"].false_share - 0.025) < 5 * rates["BH"].false_share_se  # alpha × nulls / family
    assert rates["BH"].any_false > 0.1 > 0.06 > rates["Holm"].any_false  # teeth
    assert rates["none"].found > rates["BH"].found > rates["Holm"].found


def test_panel_text_repeats_the_rates_and_answers_quickly():
    panel = explore.multiplicity(seed=SEED)
    rates = error_rates(20, 0.5, 0.25, seed=SEED)
    assert f"any false win: {rates['none'].any_false:.0%}, {rates['Holm'].any_false:.0%}" in panel.value()
    assert repr(panel) == repr(explore.multiplicity(seed=SEED))
    start = time.perf_counter()
    panel.value(metrics=40)
    assert time.perf_counter() - start < 5  # .04 s on an idle machine
    assert not re.search(
        "found", draw(style.axes_or_new(None), seed=1, metrics=3, correlation=0.2, share=0.0)
    )
