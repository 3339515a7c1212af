"""Notebook 10: its numbers against printed tables and stored references; exercises; the stored outputs."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from abkit import exercises, explore
from abkit.exercises import nb10
from abkit.plots import plot_boundaries

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "10_group_sequential.ipynb"
POCOCK, OBRIEN = 0.799055, 0.817570  # expected size at power .8: an independent recursion and rpact 3.3.4
ALL = list(nb10.EXERCISES.values())


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


def crossing(bound: np.ndarray) -> float:
    """P(any |S_j/√j| > bound_j) for a random walk: density of S_j on a fine grid, carried from look to look."""
    ends = bound * np.sqrt(np.arange(1, len(bound) + 1))
    mass, grid = np.ones(1), np.zeros(1)
    for end in ends:
        new = (np.arange(1200) + 0.5) / 1200 * 2 * end - end  # midpoints
        mass = stats.norm.pdf(new[:, None] - grid[None, :]) @ mass * (2 * end / 1200)
        grid = new
    return 1 - mass.sum()


def test_headline_constants_are_those_of_the_printed_tables(oracle):
    for topic, name, index in (("pocock_equal", "pocock each", 0), ("obrien_fleming_equal", "obrien last", -1)):
        entry = next(e for e in oracle("group_sequential", topic)
                     if (e["inputs"]["K"], e["inputs"]["alpha"], e["inputs"]["sided"]) == (5, 0.05, 2))
        assert printed(name) == pytest.approx(entry["expected"]["z"][index], abs=5e-4)  # four digits are printed
        price = entry["expected"]["p80"]
        short = name.split()[0].replace("pocock", "Pocock").replace("obrien", "OBrien")
        assert printed(f"{short} at most") == pytest.approx(price["inflation_factor"], abs=5e-4)  # as above
        assert printed(f"{short} expected") == pytest.approx({"Pocock": POCOCK, "OBrien": OBRIEN}[short], abs=5e-4)  # as above


def test_wrong_formulas_have_the_rates_that_the_text_states():
    j = np.arange(1, 6)
    spent = np.diff(2 * stats.norm.sf(stats.norm.isf(0.025) * np.sqrt(5 / j)), prepend=0)
    bounds = {"spent as level": (stats.norm.isf(spent / 2), 0.0324), "no constant": (stats.norm.isf(0.025) * np.sqrt(5 / j), 0.0610),
              "alpha by root look": (stats.norm.isf(0.025 / np.sqrt(j)), 0.1010), "alpha by looks": (np.full(5, stats.norm.isf(0.005)), 0.0327)}
    for name, (bound, published) in bounds.items():
        exact = crossing(bound)
        assert exact == pytest.approx(published, abs=6e-5)  # rounding of the published value
        assert abs(printed(name) - exact) < 5 * np.sqrt(exact * (1 - exact) / 100_000)  # the notebook's paths
        assert abs(exact - 0.05) > 0.01  # teeth: none of them keeps .05


def test_stents():
    rate = 73 / 451
    z = (45 / 224 - 28 / 227) / np.sqrt(rate * (1 - rate) * (1 / 224 + 1 / 227))
    assert printed("z") == pytest.approx(z, abs=1e-3) and printed("bound 3") > z  # four digits are printed
    assert printed("plain p") == pytest.approx(2 * stats.norm.sf(z), abs=1e-5)  # as above


def test_stagewise_in_two_dimensions():
    """p = P(crossed at look 1) + P(not crossed, z2 above 2.7): a bivariate normal."""
    c = printed("pocock each")
    pair = stats.multivariate_normal([0, 0], [[1, 0.5**0.5], [0.5**0.5, 1]])
    inside = pair.cdf([c, -2.7]) - pair.cdf([-c, -2.7])
    assert printed("stagewise p") == pytest.approx(2 * (stats.norm.sf(c) + inside), rel=2e-3)  # four digits of the constant


@pytest.mark.parametrize("exercise", ALL, ids=[e.key for e in ALL])
def test_solution_passes_and_wrong_answers_name_the_misconception(exercise):
    ok, _ = exercise.check(exercise.solution.answer)
    assert ok and len(exercise.wrong) >= 2
    for value, fragment in exercise.wrong:
        ok, message = exercise.check(value)
        assert not ok and fragment in message, (value, message)
    assert "not attempted" in repr(exercises.check(exercise.key, None))


def test_answers_from_oracles(oracle):
    entry = next(e for e in oracle("group_sequential", "obrien_fleming_equal")
                 if (e["inputs"]["K"], e["inputs"]["alpha"], e["inputs"]["sided"]) == (4, 0.05, 2))
    assert nb10.EXERCISES["10.1"].check(entry["expected"]["z"][-1])[0]
    entry = next(e for e in oracle("group_sequential", "adjusted_inference_stagewise") if e["id"].startswith("adj6"))
    assert nb10.EXERCISES["10.3"].check(2 * entry["expected"]["p_adjusted"])[0]  # one side at .025, doubled
    assert nb10.EXERCISES["10.4"].check(crossing(stats.norm.isf(0.025) * np.sqrt(5 / np.arange(1, 6))))[0]


def test_quizzes_explain_every_option():
    for quiz in nb10.QUIZ.values():
        assert quiz.right in quiz.options and set(quiz.why) == set(quiz.options)


def test_the_panel_states_the_price_and_the_figure_refuses_no_plan():
    assert "final z 2.413" in explore.boundaries(delta=0.5).value()  # printed table
    with pytest.raises(ValueError, match="one to four plans"):
        plot_boundaries({})


def test_notebook_form():
    code = [c for c in cells() if c["cell_type"] == "code"]
    text = ["".join(c["source"]) for c in cells() if c["cell_type"] == "markdown"]
    assert all(c["execution_count"] for c in code)
    assert max(len(t.split()) for t in text) <= 120
    assert max(len("".join(c["source"]).splitlines()) for c in code) <= 12
    assert sum(t.startswith("# ") for t in text) == 1
    assert "does NOT match" not in outputs() and "numbers match" in outputs()
