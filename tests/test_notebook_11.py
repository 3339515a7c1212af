"""Notebook 11: every number it teaches, against an independent oracle; exercises; the stored outputs."""

from __future__ import annotations

import re

import numpy as np
import pytest
import test_notebook_10
from scipy import integrate, optimize, stats
from stored import Stored

from abkit.exercises import nb11
from abkit.plots import plot_price, plot_sequence
from abkit.sequential.looking import half_width, price, se

BOOK = Stored("11_msprt")
printed = BOOK.printed
ALL = list(nb11.EXERCISES.values())


def simulated(name: str) -> tuple[float, float]:
    found = re.search(rf"^{re.escape(name)} +([\d.]+) +± ([\d.]+)", BOOK.outputs, re.M)
    assert found, name
    return float(found[1]), float(found[2])


def mixture(z, r):
    """Mean likelihood ratio over effects, by quadrature: the definition, not the closed form."""
    return integrate.quad(
        lambda d: np.exp(z * d - d * d / 2) * stats.norm.pdf(d, scale=np.sqrt(r)),
        -60,
        60,
        points=[z],
        limit=400,
    )[0]


def bound(r, alpha):
    """|z| at which the mixture reaches 1/alpha (checked by quadrature below)."""
    return np.sqrt((1 + r) / r * (np.log1p(r) - 2 * np.log(alpha)))


def best(alpha):
    found = optimize.minimize_scalar(
        lambda r: bound(r, alpha), bounds=(3, 30), method="bounded", options={"xatol": 1e-6}
    )
    return found.x, found.fun / stats.norm.isf(alpha / 2)


def rate(r, drift, step=0.02):
    """P(|z| ever above the mixture's bound) at looks of equal steps with information r."""
    return 1 - running(r, drift, step)[-1]


def running(r, drift, step=0.02):
    """P(not above the bound up to each look): a density carried over a grid."""
    t, z = np.asarray(r) / r[-1], bound(np.asarray(r), 0.05)
    edge = z * np.sqrt(t)
    x = np.arange(-edge.max() - step, edge.max() + step, step)
    kernel = stats.norm.pdf(x[:, None] - x[None, :], drift * t[0], np.sqrt(t[0])) * step
    density = np.where(np.abs(x) < edge[0], stats.norm.pdf(x, drift * t[0], np.sqrt(t[0])), 0.0)
    left = [density.sum() * step]
    for limit in edge[1:]:
        density = np.where(np.abs(x) < limit, kernel @ density, 0.0)
        left.append(density.sum() * step)
    return np.array(left)


@pytest.mark.parametrize(("r", "alpha"), [(0.5, 0.05), (8.2, 0.05), (50.0, 0.01)])
def test_the_bound_is_where_the_mixture_reaches_one_over_alpha(r, alpha):
    assert mixture(bound(r, alpha), r) * alpha == pytest.approx(1, abs=1e-6)  # quadrature


def test_the_price_of_looking_always():
    r, wide = best(0.05)
    assert printed("best r") == pytest.approx(r, abs=0.02)  # flat minimum
    assert (
        printed("times as wide") == pytest.approx(wide, rel=1e-3) and round(wide, 2) == 1.55
    )  # four printed digits
    assert printed("times the users") == pytest.approx(wide**2, rel=1e-3) and round(wide**2, 1) == 2.4
    for users in (100, 1_000, 100_000):
        want = bound(r * users / 5_000, 0.05) / stats.norm.isf(0.025)
        assert printed(f"{users:,} users") == pytest.approx(want, rel=1e-3)  # four printed digits


def test_inverse_of_the_martingale_grows():
    for n in (10, 100, 1_000):
        want = integrate.quad(
            lambda z, n=n: stats.norm.pdf(z) / (np.exp(z * z / 2 * n / (1 + n)) / np.sqrt(1 + n)), -12, 12
        )[0]
        assert f"mean of 1/M at n = {n}: {want:.4g}," in BOOK.outputs
    mean = integrate.quad(
        lambda z: np.exp(z * z / 2 * (10 / 11 - 1)) / np.sqrt(2 * np.pi * 11), -60, 60, points=[0]
    )[0]
    assert mean == pytest.approx(1, abs=1e-6)  # quadrature


def test_tau_default_and_tau_of_the_plan():
    steps = 10_000 * np.arange(1, 101) / 100
    for tau, false, power in ((100, 0.23, 79.0), (2, 2.11, 96.9)):
        r = (tau / (100 * np.sqrt(2 * 0.09 / steps))) ** 2
        assert 100 * rate(r, 0.0) == pytest.approx(false, abs=0.15)  # the grid's ends
        assert 100 * rate(r, 2 / (100 * np.sqrt(2 * 0.09 / 10_000))) == pytest.approx(
            power, abs=0.5
        )  # the grid's ends
        assert re.search(rf"tau +{tau} points: false alarms {false}%, power {power}%", BOOK.outputs)


def test_price_for_equal_power_beside_a_plan_of_forty_looks():
    """Noor's numbers: lift 2 points, sd 30, tau 2; the plan from the recursion of notebook 10's test."""
    fixed = 2 * (30 * test_notebook_10.FIXED / 2.0) ** 2
    assert printed("one look, users in each arm for 80 per cent") == pytest.approx(
        fixed, abs=2
    )  # rounded up, and t for z
    n = 6_000 * np.arange(1, 51) / 50
    left = running((2 / (100 * np.sqrt(2 * 0.09 / n))) ** 2, 2 / (100 * np.sqrt(2 * 0.09 / 6_000)))
    assert printed("always, power") == pytest.approx(1 - left[-1], abs=5e-3)  # the grid's ends
    users = 6_000 / 50 * (1 + left[:-1].sum())
    assert printed("always, mean users") == pytest.approx(users, rel=5e-3)  # the same
    assert (
        printed("always, at most") == pytest.approx(6_000 / fixed, abs=2e-3)
        and round(100 * (6_000 / fixed - 1)) == 70
    )
    assert (
        printed("always, on average") == pytest.approx(users / fixed, rel=6e-3)
        and round(100 * (users / fixed - 1)) == 4
    )
    _, wide = best(0.05)
    one = ((stats.norm.isf(0.025) * wide + stats.norm.isf(0.2)) / test_notebook_10.FIXED) ** 2
    assert (
        printed("crossing at the end only") == pytest.approx(one, abs=5e-3) and round(one, 2) == 1.91
    )  # two digits
    most, mean, _ = test_notebook_10.price(40)
    assert (
        printed("40 planned looks, at most") == pytest.approx(most, abs=1e-3) and round(100 * (most - 1)) == 5
    )  # the grid
    assert (
        printed("40 planned looks, on average") == pytest.approx(mean, abs=1e-3)
        and round(100 * (1 - mean)) == 23
    )  # the grid


def test_static_twin():
    found = re.findall(
        r"^\d+ +([\d.]+) +([\d,]+) +([\d.]+) +([\d.]+) +([\d.]+)% +([\d.]+)% +([\d.]+)% +([\d,]+)$",
        BOOK.outputs,
        re.M,
    )
    assert len(found) == 12
    for row in found[1::3]:  # tau = 2 points
        lift, horizon, tau, width, false, power, one, users = (float(v.replace(",", "")) for v in row)
        n = horizon * np.arange(1, 51) / 50
        r = (tau / (100 * np.sqrt(2 * 0.09 / n))) ** 2
        drift = lift / (100 * np.sqrt(2 * 0.09 / horizon))
        left = running(r, drift)
        assert width == pytest.approx(
            bound(r[-1], 0.05) / stats.norm.isf(0.025), abs=6e-3
        )  # two digits are printed
        assert power == pytest.approx(100 * (1 - left[-1]), abs=0.8) and false == pytest.approx(
            100 * rate(r, 0.0), abs=0.2
        )  # the grid's ends
        assert one == pytest.approx(
            100 * stats.norm.sf(stats.norm.isf(0.025) - drift), abs=0.1
        )  # one digit is printed
        assert users == pytest.approx(horizon / 50 * (1 + left[:-1].sum()), rel=0.01)  # the grid's ends


def test_goal_of_the_panel_has_an_answer():
    """Power stays above 95 per cent from tau .7 to 4.5 points, and falls below it outside."""
    for tau, high in ((0.6, False), (0.7, True), (4.5, True), (4.8, False)):
        n = 10_000 * np.arange(1, 51) / 50
        left = running(
            (tau / (100 * np.sqrt(2 * 0.09 / n))) ** 2, 2 / (100 * np.sqrt(2 * 0.09 / 10_000)), step=0.01
        )
        assert (price(tau, 10_000, 2.0).power > 0.95) == high
        assert 1 - left[-1] == pytest.approx(price(tau, 10_000, 2.0).power, abs=5e-3)  # the grid's ends


def test_ville_and_coverage():
    got, error = simulated("ever reaches 20")
    assert abs(got - rate(0.09 * np.arange(1, 501), 0.0)) < 5 * error + 0.002  # 5 errors, and the grid
    assert simulated("intervals that cover at all 500 looks")[0] == pytest.approx(
        1 - got, abs=1e-4
    )  # four digits


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("read from n = 2", 0.12, 0.18),
        ("each arm's own variance", 0.30, 0.43),
        ("wrong code, to 5,000 users in each arm", 0.79, 0.86),
    ],
)
def test_broken_promises_are_the_known_ones(name, low, high):
    got, error = simulated(name)
    assert low < got < high and got - 5 * error > 0.05  # known: .155, .38, .826 at their own settings


@pytest.mark.parametrize("name", ["read from n = 30", "pooled variance", "the library, same data"])
def test_kept_promises(name):
    got, error = simulated(name)
    assert 0.005 < got < 0.05 + 5 * error  # conservative, yet it rejects


def test_days_of_the_same_users():
    got, error = simulated("days added as new users")
    assert (
        abs(got - 2 * stats.norm.sf(stats.norm.isf(0.025) / np.sqrt(2.3))) < 5 * error
    )  # design effect 1 + 13 × .1
    got, error = simulated("bucket sums")
    assert abs(got - 0.05) < 5 * error


def test_panel_is_the_oracle():
    n = np.array([200, 1_000, 10_000])
    want = [float(se(k)) * bound((2 / float(se(k))) ** 2, 0.05) for k in n]
    np.testing.assert_allclose(half_width(n, 2.0), want, rtol=1e-6)  # quadrature
    steps = 10_000 * np.arange(1, 51) / 50
    found = price(2.0, 10_000, 1.0)
    assert found.power == pytest.approx(
        rate((2 / se(steps)) ** 2, 1 / float(se(np.array(10_000)))), abs=0.01
    )  # the grid's ends


def test_plots_refuse_and_mark():
    from abkit.estimate import Path as Looks

    one = np.ones(2)
    path = Looks(
        np.array([1, 2]), np.array([10, 20]), one, one, one / 2, 2 * one, one / 50, np.array([False, True])
    )
    ax = plot_sequence(path, scale=100)
    assert ax.lines[-1].get_xdata().tolist() == [20] and ax.lines[-1].get_ydata().tolist() == [100]
    with pytest.raises(ValueError, match="one experiment"):
        plot_sequence(Looks(one, one, np.ones((2, 2)), one, one, one, one, one))
    with pytest.raises(ValueError, match="as many as n"):
        plot_price([1, 2], [1.0], [1.0])


def test_answers_from_oracles():
    assert nb11.EXERCISES["11.1"].check(best(0.01)[1]).ok
    assert nb11.EXERCISES["11.3"].check(100 * np.sqrt(2 * 0.09 / 20_000 * best(0.05)[0])).ok
    assert nb11.EXERCISES["11.4"].check(2 * stats.norm.sf(1.96 / np.sqrt(1 + 27 * 0.3))).ok
