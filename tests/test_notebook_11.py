"""Notebook 11: every number it teaches, against an independent oracle; exercises; the stored outputs."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from abkit import exercises
from abkit.exercises import nb11
from abkit.explore.panel_always import half_width, price, se
from abkit.plots import plot_price, plot_sequence

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "11_msprt.ipynb"
ALL = list(nb11.EXERCISES.values())


@lru_cache
def cells() -> tuple[dict, ...]:
    return tuple(json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"])


@lru_cache
def outputs() -> str:
    parts = []
    for cell in cells():
        for out in cell.get("outputs", []):
            parts += out.get("text", []) + out.get("data", {}).get("text/plain", [])
    return "".join(p if p.endswith("\n") else p + "\n" for p in parts)


def printed(name: str) -> float:
    found = re.search(rf"^{re.escape(name)} +(-?[\d.e+-]+)", outputs(), re.M)
    assert found, name
    return float(found[1])


def simulated(name: str) -> tuple[float, float]:
    found = re.search(rf"^{re.escape(name)} +([\d.]+) +± ([\d.]+)", outputs(), re.M)
    assert found, name
    return float(found[1]), float(found[2])


def mixture(z, r):
    """Mean likelihood ratio over effects, by quadrature: the definition, not the closed form."""
    return integrate.quad(lambda d: np.exp(z * d - d * d / 2) * stats.norm.pdf(d, scale=np.sqrt(r)), -60, 60, points=[z], limit=400)[0]


def bound(r, alpha):
    """|z| at which the mixture reaches 1/alpha (checked by quadrature below)."""
    return np.sqrt((1 + r) / r * (np.log1p(r) - 2 * np.log(alpha)))


def best(alpha):
    found = optimize.minimize_scalar(lambda r: bound(r, alpha), bounds=(3, 30), method="bounded", options={"xatol": 1e-6})
    return found.x, found.fun / stats.norm.isf(alpha / 2)


def rate(r, drift, step=0.02):
    """P(|z| ever above the mixture's bound) at looks of equal steps with information r: a density carried over a grid."""
    t, z = np.asarray(r) / r[-1], bound(np.asarray(r), 0.05)
    edge = z * np.sqrt(t)
    x = np.arange(-edge.max() - step, edge.max() + step, step)
    kernel = stats.norm.pdf(x[:, None] - x[None, :], drift * t[0], np.sqrt(t[0])) * step
    density = np.where(np.abs(x) < edge[0], stats.norm.pdf(x, drift * t[0], np.sqrt(t[0])), 0.0)
    for limit in edge[1:]:
        density = np.where(np.abs(x) < limit, kernel @ density, 0.0)
    return 1 - density.sum() * step


@pytest.mark.parametrize(("r", "alpha"), [(0.5, 0.05), (8.2, 0.05), (50.0, 0.01)])
def test_the_bound_is_where_the_mixture_reaches_one_over_alpha(r, alpha):
    assert mixture(bound(r, alpha), r) * alpha == pytest.approx(1, abs=1e-6)  # quadrature


def test_the_price_of_looking_always():
    r, wide = best(0.05)
    assert printed("best r") == pytest.approx(r, abs=0.02)  # flat minimum
    assert printed("times as wide") == pytest.approx(wide, rel=1e-3) and round(wide, 2) == 1.55  # four printed digits
    assert printed("times the users") == pytest.approx(wide**2, rel=1e-3) and round(wide**2, 1) == 2.4
    for users in (100, 1_000, 100_000):
        want = bound(r * users / 5_000, 0.05) / stats.norm.isf(0.025)
        assert printed(f"{users:,} users") == pytest.approx(want, rel=1e-3)  # four printed digits


def test_inverse_of_the_martingale_grows():
    for n in (10, 100, 1_000):
        want = integrate.quad(lambda z, n=n: stats.norm.pdf(z) / (np.exp(z * z / 2 * n / (1 + n)) / np.sqrt(1 + n)), -12, 12)[0]
        assert f"mean of 1/M at n = {n}: {want:.4g}," in outputs()
    mean = integrate.quad(lambda z: np.exp(z * z / 2 * (10 / 11 - 1)) / np.sqrt(2 * np.pi * 11), -60, 60, points=[0])[0]
    assert mean == pytest.approx(1, abs=1e-6)  # quadrature


def test_tau_default_and_tau_of_the_plan():
    steps = 10_000 * np.arange(1, 101) / 100
    for tau, false, power in ((100, 0.23, 79.0), (2, 2.11, 96.9)):
        r = (tau / (100 * np.sqrt(2 * 0.09 / steps))) ** 2
        assert 100 * rate(r, 0.0) == pytest.approx(false, abs=0.15)  # the grid's ends
        assert 100 * rate(r, 2 / (100 * np.sqrt(2 * 0.09 / 10_000))) == pytest.approx(power, abs=0.5)  # the grid's ends
        assert re.search(rf"tau +{tau} points: false alarms {false}%, power {power}%", outputs())


def test_ville_and_coverage():
    got, error = simulated("ever reaches 20")
    assert abs(got - rate(0.09 * np.arange(1, 501), 0.0)) < 5 * error + 0.002  # 5 errors, and the grid
    assert simulated("intervals that cover at all 500 looks")[0] == pytest.approx(1 - got, abs=1e-4)  # four digits


@pytest.mark.parametrize(("name", "low", "high"), [
    ("read from n = 2", 0.12, 0.18), ("each arm's own variance", 0.30, 0.43), ("wrong code, to 5,000 users in each arm", 0.79, 0.86),
])
def test_broken_promises_are_the_known_ones(name, low, high):
    got, error = simulated(name)
    assert low < got < high and got - 5 * error > 0.05  # known: .155, .38, .826 at their own settings


@pytest.mark.parametrize("name", ["read from n = 30", "pooled variance", "the library, same data"])
def test_kept_promises(name):
    got, error = simulated(name)
    assert 0.005 < got < 0.05 + 5 * error  # conservative, yet it rejects


def test_days_of_the_same_users():
    got, error = simulated("days added as new users")
    assert abs(got - 2 * stats.norm.sf(stats.norm.isf(0.025) / np.sqrt(2.3))) < 5 * error  # design effect 1 + 13 × .1
    got, error = simulated("bucket sums")
    assert abs(got - 0.05) < 5 * error


def test_panel_is_the_oracle():
    n = np.array([200, 1_000, 10_000])
    want = [float(se(k)) * bound((2 / float(se(k))) ** 2, 0.05) for k in n]
    np.testing.assert_allclose(half_width(n, 2.0), want, rtol=1e-6)  # quadrature
    steps = 10_000 * np.arange(1, 51) / 50
    found = price(2.0, 10_000, 1.0)
    assert found.power == pytest.approx(rate((2 / se(steps)) ** 2, 1 / float(se(np.array(10_000)))), abs=0.01)  # the grid's ends


def test_plots_refuse_and_mark():
    from abkit.estimate import Path as Looks

    one = np.ones(2)
    path = Looks(np.array([1, 2]), np.array([10, 20]), one, one, one / 2, 2 * one, one / 50, np.array([False, True]))
    ax = plot_sequence(path, scale=100)
    assert ax.lines[-1].get_xdata().tolist() == [20] and ax.lines[-1].get_ydata().tolist() == [100]
    with pytest.raises(ValueError, match="one experiment"):
        plot_sequence(Looks(one, one, np.ones((2, 2)), one, one, one, one, one))
    with pytest.raises(ValueError, match="as many as n"):
        plot_price([1, 2], [1.0], [1.0])


@pytest.mark.parametrize("exercise", ALL, ids=[e.key for e in ALL])
def test_solution_passes_and_wrong_answers_name_the_misconception(exercise):
    ok, _ = exercise.check(exercise.solution.answer)
    assert ok and len(exercise.wrong) >= 2
    for value, fragment in exercise.wrong:
        ok, message = exercise.check(value)
        assert not ok and fragment in message, (value, message)
    assert "not attempted" in repr(exercises.check(exercise.key, None))


def test_answers_from_oracles():
    assert nb11.EXERCISES["11.1"].check(best(0.01)[1])[0]
    assert nb11.EXERCISES["11.3"].check(100 * np.sqrt(2 * 0.09 / 20_000 * best(0.05)[0]))[0]
    assert nb11.EXERCISES["11.4"].check(2 * stats.norm.sf(1.96 / np.sqrt(1 + 27 * 0.3)))[0]


def test_notebook_form():
    code = [c for c in cells() if c["cell_type"] == "code"]
    text = ["".join(c["source"]) for c in cells() if c["cell_type"] == "markdown"]
    assert all(c["execution_count"] for c in code)
    assert max(len(t.split()) for t in text) <= 120
    assert max(len("".join(c["source"]).splitlines()) for c in code) <= 12
    assert sum(t.startswith("# ") for t in text) == 1
    assert "does NOT match" not in outputs() and "numbers match" in outputs()
