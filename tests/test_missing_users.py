"""Worlds, power, figures and panel of missing users: what is drawn is what the worlds hold."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import SEED
from scipy import stats

import abkit as ab
from abkit import explore, plots
from abkit.datasets.lost_users import DEVICES, daily_counts, hotel_log, leaky_tests
from abkit.plots.missing_users import noticed_rates, sequential_gap
from abkit.plots.showing import description


def test_the_log_loses_only_old_phones_of_treatment_that_would_not_book():
    log, n = hotel_log(rng=SEED, loss=0.2), 382_000
    rows = log.groupby(["device", "arm"])["user"].count().unstack()
    for device, (share, _) in DEVICES.items():
        lost = 0.2 if device == "old phone" else 0.0
        for arm, kept in (("control", 1.0), ("treatment", 1 - lost)):
            expected = n * share / 2 * kept
            assert abs(rows.loc[device, arm] - expected) < 5 * np.sqrt(expected)
    booked = log.groupby(["device", "arm"])["booked"].sum()["old phone"]
    assert abs(booked["control"] - booked["treatment"]) < 5 * np.sqrt(booked.sum())


def test_only_android_leaks_and_the_days_add_up():
    counts = leaky_tests(2_000, 10_000, loss=0.1, share=0.3, rng=SEED)
    assert (counts.sum(-1)[:, 1:] == [3_500, 2_500]).all()
    assert counts[:, 0, 1].mean() == pytest.approx(4_000 * 0.3 * 0.9, abs=5 * 30 / np.sqrt(2_000))
    daily = daily_counts(500, loss=0.02, rng=SEED)
    assert (np.diff(daily, axis=1) > 0).all()
    assert daily[:, -1, 1].mean() == pytest.approx(147_000, abs=5 * 280 / np.sqrt(500))


@pytest.mark.parametrize("n, loss, share", [(20_000, 0.04, 0.5), (50_000, 0.05, 0.1), (4_000, 0.1, 0.8)])
def test_power_is_the_share_of_alarms_of_pearsons_test(n, loss, share):
    rng = np.random.default_rng(SEED)
    treated = rng.binomial(n, share, 20_000)
    kept = rng.binomial(treated, 1 - loss)
    seen = np.stack([n - treated, kept], -1)
    expected = seen.sum(-1, keepdims=True) * np.array([1 - share, share])
    rate = (stats.chi2.sf(((seen - expected) ** 2 / expected).sum(-1), 1) < 0.001).mean()
    assert ab.srm_power(n, loss, share=share) == pytest.approx(rate, abs=0.01 + 5 * 0.5 / np.sqrt(20_000))


@pytest.mark.parametrize("n, share", [(2_000, 0.5), (10_000, 0.1), (5_000, 0.8), (20_000, 0.05)])
@pytest.mark.parametrize("alpha", [0.05, 0.001])
def test_power_is_within_a_hundredth_of_the_exact_one(n, share, alpha):
    """Sum over the units that are seen, then over treatment's part of them: 1,000 units in the small arm."""
    limit, worst = stats.chi2.isf(alpha, 1), 0.0
    for loss in (0.02, 0.05, 0.08, 0.12, 0.15, 0.3):
        seen = np.arange(*stats.binom.ppf([1e-9, 1 - 1e-9], n, 1 - share * loss))
        half = np.sqrt(limit * seen * share * (1 - share))
        part = share * (1 - loss) / (1 - share * loss)
        low, high = np.ceil(seen * share - half) - 1, np.floor(seen * share + half)
        alarm = stats.binom.cdf(low, seen, part) + stats.binom.sf(high, seen, part)
        exact = float((stats.binom.pmf(seen, n, 1 - share * loss) * alarm).sum())
        worst = max(worst, abs(exact - ab.srm_power(n, loss, share=share, alpha=alpha)))
    assert worst < 0.01


def test_power_without_a_loss_is_alpha_and_arrays_are_loops():
    assert ab.srm_power(1_000, 0.0, alpha=0.01) == pytest.approx(0.01)
    grid = ab.srm_power([1_000, 50_000], [[0.01], [0.2]])
    assert grid.shape == (2, 2) and grid[1, 0] == ab.srm_power(1_000, 0.2)
    for n, loss, name in ((0, 0.1, "n"), (10, 1.0, "loss"), (10, -0.1, "loss")):
        with pytest.raises(ValueError, match=f"`{name}`"):
            ab.srm_power(n, loss)


def test_the_missing_are_crosses_and_the_bookings_are_equal():
    ax = plots.plot_missing(users=50, booked=10, missing=7)
    crosses = [line for line in ax.lines if line.get_marker() == "x"]
    assert sum(len(line.get_xdata()) for line in crosses) == 7
    points = sum(len(line.get_xdata()) for line in ax.lines)
    assert points == 100 and description(ax).table["in the log"] == [50, 43]
    with pytest.raises(ValueError, match="`missing`"):
        plots.plot_missing(users=10, booked=5, missing=6)


def test_the_gap_is_within_or_beyond_what_chance_gives():
    gaps = np.random.default_rng(SEED).normal(0, 100, 5_000)
    edge = stats.norm.isf(0.0005) * 100
    for gap, word in ((edge - 1, "within"), (edge + 1, "beyond"), (-edge - 1, "beyond")):
        ax = plots.plot_count_gap(gaps, gap, users=10_000)
        assert word in ax.get_title(loc="left") and ax.lines[0].get_xdata()[0] == gap
    texts = [t.get_text() for t in plots.plot_count_gap(gaps, -400, users=10_000, guess=900).texts]
    assert "your guess" in texts and "your guess" not in [t.get_text() for t in ax.texts]


def test_alarms_of_many_tests_are_those_of_the_check():
    counts = leaky_tests(400, 20_000, loss=0.1, rng=SEED)
    ax = plots.plot_who_sees(counts)
    whole = 100 * np.mean([not ab.srm(c.sum(0), [0.5, 0.5]).passed for c in counts])
    android = 100 * np.mean([not ab.srm(c[0], [0.5, 0.5], alpha=0.001 / 3).passed for c in counts])
    assert description(ax).table["alarms in 100"] == pytest.approx([whole, android])
    squares = sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() == "s")
    shown = counts[:300]
    hits = [not ab.srm(c.sum(0), [0.5, 0.5]).passed for c in shown]
    hits += [not ab.srm(c[0], [0.5, 0.5], alpha=0.001 / 3).passed for c in shown]
    assert squares == sum(hits)
    with pytest.raises(ValueError, match="`counts`"):
        plots.plot_who_sees([[1, 2]])


@pytest.mark.parametrize("loss, share, n", [(0.05, 0.5, 107_000), (0.2, 0.1, 30_000)])
def test_the_panel_draws_the_power_of_both_checks(loss, share, n):
    panel = explore.noticed()
    text = panel.value(n=n, share=share, loss=loss)
    whole = 100 * ab.srm_power(n, 0.4 * loss, share=share)
    part = 100 * ab.srm_power(0.4 * n, loss, share=share, alpha=0.001 / 3)
    assert f"all users {whole:.0f}, android {part:.0f} of 100" in text
    assert noticed_rates(n, loss, share) == pytest.approx((whole, part))
    ax = plots.plot_noticed(loss=loss, share=share, mark=n)
    markers = [line.get_ydata()[0] for line in ax.lines if line.get_marker() in "os"]
    assert markers == pytest.approx([whole, part])
    assert explore.noticed(seed=1).value() == explore.noticed(seed=2).value()


def test_the_daily_limits_are_where_the_library_raises_the_alarm():
    n = np.array([10_000, 100_000, 300_000])
    for units, limit in zip(n, sequential_gap(n, 0.01), strict=True):
        for gap, passed in ((limit - 3, True), (limit + 3, False)):
            control = round((units - gap) / 2)
            found = ab.sequential_srm([[control, units - control]], [0.5, 0.5], alpha=0.01)
            assert found.passed[0] == passed if np.ndim(found.passed) else found.passed == passed
    sound, leaking = daily_counts(200, loss=0.0, rng=SEED), daily_counts(200, loss=0.02, rng=SEED + 1)
    table = description(plots.plot_daily_counts(sound, leaking)).table
    fixed = (ab.srm(leaking, [0.5, 0.5]).pvalue < 0.001).any(1).mean()
    later = np.mean([not ab.sequential_srm(c, [0.5, 0.5], alpha=0.01).passed for c in leaking])
    assert table["alarms in 100"][2:] == pytest.approx([100 * fixed, 100 * later], abs=0.51)  # a tie a test
    with pytest.raises(ValueError, match="`ax`"):
        plots.plot_daily_counts(sound, leaking, ax=plots.plot_missing())
