"""Notebook 10: its numbers against printed tables and stored references; exercises; the stored outputs."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pytest
from scipy import optimize, special, stats
from stored import Stored

import abkit as ab
from abkit import explore
from abkit.exercises import nb10
from abkit.plots import plot_boundaries

BOOK = Stored("10_group_sequential")
printed = BOOK.printed
POCOCK, OBRIEN = 0.799055, 0.817570  # expected size at power .8: an independent recursion and rpact 3.3.4
ALL = list(nb10.EXERCISES.values())


def simulated(name: str) -> float:
    found = re.search(rf"^{re.escape(name)} +([\d.]+) +± ", BOOK.outputs, re.M)
    assert found, name
    return float(found[1])


def step(new: np.ndarray, old: np.ndarray, drift: float = 0.0) -> np.ndarray:
    """The density of a unit step, from each old to each new point."""
    gap = new[:, None] - old[None, :] - drift
    return np.exp(-gap * gap / 2) / np.sqrt(2 * np.pi)


def running(
    upper: np.ndarray, lower: np.ndarray | None = None, drift: float = 0.0, points: int = 1200
) -> np.ndarray:
    """P(no bound crossed up to each look) for S_j, a walk of unit steps with mean `drift`: its density on a
    fine grid.
    """
    root = np.sqrt(np.arange(1, len(upper) + 1))
    highs, lows = upper * root, (-upper if lower is None else lower) * root
    mass, grid, left = np.ones(1), np.zeros(1), []
    for low, high in zip(lows, highs, strict=True):
        width = (high - low) / points
        new = low + (np.arange(points) + 0.5) * width  # midpoints
        mass, grid = step(new, grid, drift) @ mass * width, new
        left.append(mass.sum())
    return np.array(left)


def crossing(bound: np.ndarray, drift: float = 0.0) -> float:
    """P(any |S_j/√j| > bound_j) for a random walk."""
    return 1 - running(bound, drift=drift)[-1]


FIXED = stats.norm.isf(0.025) + stats.norm.isf(0.2)  # mean of z at which one look has power .8


def spending_bounds(looks: int) -> np.ndarray:
    """O'Brien-Fleming spending, look by look, on the same kind of grid: Lan and DeMets (1983), alpha .025 a
    side.
    """
    spent = 2 * stats.norm.sf(stats.norm.isf(0.0125) / np.sqrt(np.arange(1, looks + 1) / looks))
    bounds, mass, grid = [], np.ones(1), np.zeros(1)
    for j, increment in enumerate(np.diff(spent, prepend=0.0), 1):

        def over(c, j=j, mass=mass, grid=grid, increment=increment):
            return special.logsumexp(stats.norm.logsf(c * np.sqrt(j) - grid), b=mass) - np.log(increment)

        z = optimize.brentq(over, 1, 30, xtol=1e-7)
        end = min(z, 9) * np.sqrt(j)
        new = (np.arange(600) + 0.5) / 600 * 2 * end - end
        mass, grid = step(new, grid) @ mass * (2 * end / 600), new
        bounds.append(z)
    return np.array(bounds)


@lru_cache
def price(looks: int) -> tuple[float, float, float]:
    """Users at most and on average of the spending plan, in units of one look at power .8, and the final
    bound.
    """
    z = spending_bounds(looks)
    wide = np.minimum(z, 9)  # a density beyond 9 standard errors is nothing

    def left(drift):
        return running(wide, drift=drift / np.sqrt(looks), points=400)

    drift = optimize.brentq(lambda d: 0.2 - left(d)[-1], FIXED, 1.2 * FIXED, xtol=1e-5)
    most = (drift / FIXED) ** 2
    return most, most * (1 + left(drift)[:-1].sum()) / looks, float(z[-1])


def test_headline_constants_are_those_of_the_printed_tables(oracle):
    for topic, name, index in (
        ("pocock_equal", "pocock each", 0),
        ("obrien_fleming_equal", "obrien last", -1),
    ):
        entry = next(
            e
            for e in oracle("group_sequential", topic)
            if (e["inputs"]["K"], e["inputs"]["alpha"], e["inputs"]["sided"]) == (5, 0.05, 2)
        )
        assert printed(name) == pytest.approx(
            entry["expected"]["z"][index], abs=5e-4
        )  # four digits are printed
        price = entry["expected"]["p80"]
        short = name.split()[0].replace("pocock", "Pocock").replace("obrien", "OBrien")
        assert printed(f"{short} at most") == pytest.approx(price["inflation_factor"], abs=5e-4)  # as above
        assert printed(f"{short} expected") == pytest.approx(
            {"Pocock": POCOCK, "OBrien": OBRIEN}[short], abs=5e-4
        )  # as above


def test_spending_form_costs_two_and_a_half_per_cent_and_forty_looks_five():
    for looks, cents in ((5, 2.5), (40, 5.1)):
        most, mean, last = price(looks)
        assert printed(f"spending, {looks} looks, at most") == pytest.approx(
            most, abs=1e-3
        )  # the grid, four digits
        assert round(100 * (most - 1), 1) == cents
    assert round(100 * (1 - mean)) == 23 and last == pytest.approx(
        2.155, abs=1e-3
    )  # what notebook 11 says of 40 looks


def test_the_price_of_the_looks_in_weeks_and_euros():
    """Constants of the printed tables; the euros follow from 20,000 a week."""
    assert printed("weeks at most") == pytest.approx(10.284, abs=0.005) and printed(
        "weeks on average"
    ) == pytest.approx(10 * OBRIEN, abs=0.005)
    assert f"price of looks    {round(20_000 * 0.2841, -2):,.0f} euros" in BOOK.outputs  # 1.02841, as rpact
    assert f"saved on average  {round(20_000 * (10 - 10 * OBRIEN), -2):,.0f} euros" in BOOK.outputs
    z = 2.0401 * np.sqrt(5 / np.arange(1, 6))
    power = crossing(z, FIXED / np.sqrt(5))
    assert (
        printed("power in ten weeks") == pytest.approx(power, abs=5e-4) and round(power, 3) == 0.789
    )  # four digits


def test_futility_saves_users_and_has_a_price():
    """The bounds as they are; sizes from the walk: without an effect, and at the drift at which the power is
    .8.
    """
    plan = ab.group_sequential(5, sides=1, alpha=0.025, futility="obrien_fleming", power=0.8)
    upper, lower = np.array(plan.upper), np.array(plan.lower)
    lower[-1] = upper[-1] - 1e-9
    past = spending_bounds(5)  # one side at .025 spends as each side of two at .05
    np.testing.assert_allclose(upper, past, atol=2e-3)  # the grid

    def finds(drift):
        """P(above the upper bound at some look): what leaves above, from the density of those still
        running.
        """
        root, mass, grid, found = np.sqrt(np.arange(1, 6)), np.ones(1), np.zeros(1), 0.0
        for j in range(5):
            found += mass @ stats.norm.sf(upper[j] * root[j] - grid - drift)
            width = (upper[j] - lower[j]) * root[j] / 1200
            new = lower[j] * root[j] + (np.arange(1200) + 0.5) * width
            mass, grid = step(new, grid, drift) @ mass * width, new
        return found

    drift = optimize.brentq(lambda d: finds(d / np.sqrt(5)) - 0.8, FIXED, 1.3 * FIXED, xtol=1e-6)
    most = (drift / FIXED) ** 2
    assert printed("futility at most") == pytest.approx(most, abs=1e-3)  # four digits, the grid
    mean = most * (1 + running(upper, lower)[:-1].sum()) / 5
    assert printed("saved without an effect") == pytest.approx(1 - mean, abs=1e-3)  # the same
    assert (
        f"No effect: {1 - mean:.0%} fewer users. At most: {most - 1:.0%} more"
        == "No effect: 42% fewer users. At most: 16% more"
    )


def test_wrong_formulas_have_the_rates_that_the_text_states():
    j = np.arange(1, 6)
    spent = np.diff(2 * stats.norm.sf(stats.norm.isf(0.025) * np.sqrt(5 / j)), prepend=0)
    bounds = {
        "spent as level": (stats.norm.isf(spent / 2), 0.0324),
        "no constant": (stats.norm.isf(0.025) * np.sqrt(5 / j), 0.0610),
        "alpha by root look": (stats.norm.isf(0.025 / np.sqrt(j)), 0.1010),
        "alpha by looks": (np.full(5, stats.norm.isf(0.005)), 0.0327),
    }
    for name, (bound, published) in bounds.items():
        exact = crossing(bound)
        assert exact == pytest.approx(published, abs=6e-5)  # rounding of the published value
        assert printed(f"{name}, exact") == pytest.approx(exact, abs=5e-5)  # four digits are printed
        assert abs(simulated(name) - exact) < 5 * np.sqrt(
            exact * (1 - exact) / 100_000
        )  # the notebook's paths
        assert abs(exact - 0.05) > 0.01  # teeth: none of them keeps .05


def test_stents():
    rate = 73 / 451
    z = (45 / 224 - 28 / 227) / np.sqrt(rate * (1 - rate) * (1 / 224 + 1 / 227))
    assert printed("z") == pytest.approx(z, abs=1e-3)  # four digits are printed
    assert printed("bound 2") > printed("bound 3") > z > printed("bound 4")
    for look in (2, 3, 4):
        bound = 2.0243 * np.sqrt(4 / look)  # Jennison and Turnbull, table 2.3
        assert printed(f"bound {look}") == pytest.approx(bound, abs=1e-3)  # four digits are printed
    assert printed("plain p") == pytest.approx(2 * stats.norm.sf(z), abs=1e-5)  # as above


def test_stagewise_in_two_dimensions():
    """p = P(crossed at look 1) + P(not crossed, z2 above 2.7): a bivariate normal."""
    c = printed("pocock each")
    pair = stats.multivariate_normal([0, 0], [[1, 0.5**0.5], [0.5**0.5, 1]])
    inside = pair.cdf([c, -2.7]) - pair.cdf([-c, -2.7])
    assert printed("stagewise p") == pytest.approx(
        2 * (stats.norm.sf(c) + inside), rel=2e-3
    )  # four digits of the constant


def test_answers_from_oracles(oracle):
    entry = next(
        e
        for e in oracle("group_sequential", "obrien_fleming_equal")
        if (e["inputs"]["K"], e["inputs"]["alpha"], e["inputs"]["sided"]) == (4, 0.05, 2)
    )
    assert nb10.EXERCISES["10.1"].check(entry["expected"]["z"][-1]).ok
    entry = next(
        e for e in oracle("group_sequential", "adjusted_inference_stagewise") if e["id"].startswith("adj6")
    )
    assert nb10.EXERCISES["10.3"].check(2 * entry["expected"]["p_adjusted"]).ok  # one side at .025, doubled
    assert "five looks" in nb10.EXERCISES["10.1"].check(2.0401).message  # the constant of the printed table
    assert "spending" in nb10.EXERCISES["10.1"].check(spending_bounds(4)[-1]).message
    assert stats.norm.isf(0.05 / 8) == pytest.approx(
        2.50, abs=5e-3
    )  # Bonferroni, as the message of 10.2 says
    assert nb10.EXERCISES["10.4"].check(crossing(stats.norm.isf(0.025) * np.sqrt(5 / np.arange(1, 6)))).ok


def test_a_large_effect_is_seen_late_by_the_plan_of_exercise_2():
    """The reason for its wording: harm of the planned size is seen by look 2 in 19 per cent, by Pocock in
    38.
    """
    steps = np.arange(1, 5)
    by_two = {
        name: 1 - running(z * np.ones(4), drift=FIXED / 2)[1]
        for name, z in (("pocock", 2.3613), ("bonferroni", 2.4977))
    }
    late = 1 - running(2.0243 * np.sqrt(4 / steps), drift=FIXED / 2)[1]
    assert late == pytest.approx(0.189, abs=2e-3) and by_two["pocock"] == pytest.approx(
        0.384, abs=2e-3
    )  # three digits of the constants
    assert by_two["bonferroni"] == pytest.approx(0.332, abs=2e-3)


def test_the_panel_states_the_price_and_the_figure_refuses_no_plan():
    assert "final z 2.413" in explore.boundaries(delta=0.5).value()  # printed table
    with pytest.raises(ValueError, match="one to four plans"):
        plot_boundaries({})
