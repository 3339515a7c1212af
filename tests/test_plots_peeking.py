"""Figures and panel of peeking: the data on the axes, and the panel's rates against other routes."""

import numpy as np
import pytest
from conftest import SEED

import abkit as ab
from abkit import explore, plots
from abkit.datasets.stopping import bounds, stops
from abkit.plots import style


def test_stops_show_users_claims_and_truth():
    ax = style.axes_or_new(None)
    assert plots.plot_stops([100, 900], [3.0, -1.2], truth=1.0, final=1_000, unit="minutes", ax=ax) is ax
    assert ax.lines[0].get_ydata().tolist() == [3.0, -1.2] and set(ax.lines[1].get_ydata()) == {1.0}
    assert "minutes" in ax.get_ylabel()


@pytest.mark.parametrize(
    "call",
    [
        lambda: plots.plot_stops([1.0], [1.0, 2.0], truth=0, final=1),
        lambda: plots.plot_stops([1.0], [1.0], truth=0, final=0),
        lambda: bounds(5, 4),
    ],
)
def test_bad_input_is_refused_with_the_parameter_in_backticks(call):
    with pytest.raises(ValueError, match="`"):
        call()


@pytest.mark.parametrize("looks", [1, 5, 10, 20, 30, 100])
def test_panel_without_a_lift_is_the_exact_peeking_error(looks):
    assert stops(looks, 0.0, 2).significant == pytest.approx(
        ab.peeking_error(looks), abs=1e-6
    )  # same time points
    assert stops(looks, 0.0, 1).significant == pytest.approx(0.05, abs=1e-9)  # one look of a normal statistic
    assert stops(looks, 0.0, 3).significant == pytest.approx(0.05, abs=1e-6)  # alpha is spent, all of it


@pytest.mark.parametrize("rule", [1, 2, 3])
@pytest.mark.parametrize("lift", [0.0, 1.5])
def test_panel_rates_agree_with_its_own_paths(rule, lift):
    found = stops(20, lift, rule, seed=SEED)
    share = len(found.claims) / len(found.ends)
    se = np.sqrt(found.significant * (1 - found.significant) / len(found.ends))
    assert abs(share - found.significant) < 5 * se  # 5 Monte-Carlo standard errors
    assert found.better <= found.significant


def test_one_look_has_the_power_of_the_planned_test():
    planned = float(ab.power(1.5, 3_000, sd=20.0).power)
    assert stops(1, 1.5, 1).significant == pytest.approx(planned, abs=2e-3)  # normal against t with 5,998 df


def test_early_stops_exaggerate_and_the_plan_less():
    peek, plan, once = (stops(30, 1.5, rule, seed=SEED) for rule in (2, 3, 1))
    means = [s.claims[s.claims > 0].mean() for s in (once, plan, peek)]
    assert 1.5 < means[0] < means[1] < means[2]
    early = peek.claims[(peek.claims > 0) & (peek.users <= 1_000)]
    assert early.mean() > means[2] and peek.ends.mean() < once.ends.mean() == 3_000


def test_panel_states_its_numbers_and_repeats_them():
    panel = explore.peeking(seed=SEED)
    assert repr(panel) == repr(explore.peeking(seed=SEED))
    assert f"{100 * stops(30, 1.5, 2).better:.1f}% win" in panel.value()
    assert "28.0% false alarms" in panel.value(lift=0.0) and "5.0% false alarms" in panel.value(
        lift=0.0, rule=3
    )
    assert panel.value(looks=1, lift=0.0, rule=1)  # few claims, still a sentence
