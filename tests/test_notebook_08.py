"""Notebook 08: every number it teaches, against integrals, brute force and statsmodels; exercises, stored
outputs.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pytest
from conftest import SEED
from scipy import integrate, stats
from stored import Stored

import abkit as ab
from abkit.exercises import nb08

BOOK = Stored("08_multiple_testing")
TEXT = " ".join(" ".join("".join(c["source"]) for c in BOOK.cells if c["cell_type"] == "markdown").split())
C = stats.norm.isf(0.025)
REPS = 80_000  # experiments in the simulation below
TEN = (0.0008, 0.0051, 0.0102, 0.0235, 0.0240, 0.0410, 0.12, 0.27, 0.52, 0.81)


def rises(k: int, limit: float, rho: float = 0.0) -> float:
    """P(the best of k is above the limit): one shared normal factor, by adaptive integration."""
    rest = np.sqrt(1 - rho)

    def none(u):
        return stats.norm.cdf((limit - np.sqrt(rho) * u) / rest) ** k * stats.norm.pdf(u)

    return 1 - integrate.quad(none, -9, 9, limit=200)[0]


def alarms(k: int, limit: float, rho: float = 0.0) -> float:
    rest, root = np.sqrt(1 - rho), np.sqrt(rho)

    def none(u):
        inside = stats.norm.cdf((limit - root * u) / rest) - stats.norm.cdf((-limit - root * u) / rest)
        return inside**k * stats.norm.pdf(u)

    return 1 - integrate.quad(none, -9, 9, limit=200)[0]


def summed(k: int, limit: float, rho: float) -> float:
    """As `alarms`, by a plain sum over the factor, for a search."""
    u, rest, root = np.arange(-8, 8, 0.05), np.sqrt(1 - rho), np.sqrt(rho)
    inside = stats.norm.cdf((limit - root * u) / rest) - stats.norm.cdf((-limit - root * u) / rest)
    return 1 - float((inside**k * stats.norm.pdf(u)).sum() * 0.05)


def luck(k: int) -> float:
    """The mean of the largest of k standard normal numbers."""
    density = lambda z: z * k * stats.norm.pdf(z) * stats.norm.cdf(z) ** (k - 1)  # noqa: E731
    return integrate.quad(density, -10, 10)[0]


@lru_cache
def played(rho: float) -> dict[str, tuple[float, float]]:
    """In 100 tests: any false win, and true effects found, with ten of twenty metrics real (3 errors)."""
    rng, total = np.random.default_rng(SEED), dict[str, np.ndarray]()
    limits = [stats.norm.isf(0.025)] * 20  # of the largest of 1 to 20, by an integral and a search
    for k in range(2, 21):
        low, high = 1.9, 3.1
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (middle, high) if summed(k, middle, rho) > 0.05 else (low, middle)
        limits[k - 1] = (low + high) / 2
    rank, step, reps = np.arange(1, 21), np.array(limits[::-1]), REPS // 4
    for _ in range(4):
        z = np.sqrt(rho) * rng.standard_normal((reps, 1)) + np.sqrt(1 - rho) * rng.standard_normal((reps, 20))
        z[:, :10] += 3.0
        order = np.argsort(-np.abs(z), axis=1)
        size = np.take_along_axis(np.abs(z), order, 1)
        p = 2 * stats.norm.sf(size)
        ways = {
            "none": p <= 0.05,
            "Bonferroni": p <= 0.05 / 20,
            "Holm": np.logical_and.accumulate(p <= 0.05 / (21 - rank), axis=1),
            "max-t": np.logical_and.accumulate(size >= step, axis=1),
            "BH": np.logical_or.accumulate((p <= 0.05 * rank / 20)[:, ::-1], axis=1)[:, ::-1],
        }
        for name, kept in ways.items():
            won = np.zeros_like(kept)
            np.put_along_axis(won, order, kept, axis=1)
            won &= z > 0
            found = np.array([won[:, 10:].any(1).mean(), won[:, :10].mean()]) * 25
            total[name] = total.get(name, 0) + found
            if name == "BH":  # the share of its wins that is false, 0 where there is none
                false = won[:, 10:].sum(1) / np.maximum(won.sum(1), 1)
                total["BH share"] = total.get("BH share", 0) + np.array([false.mean(), 0.0]) * 25
    return {name: (float(v[0]), float(v[1])) for name, v in total.items()}


NEAR = 0.5 + 5 * 0.13  # a printed whole number, and five errors of 80,000 experiments (sd at most 37 points)


@pytest.mark.parametrize(
    "said, value",
    [
        ("the wins: 2.5 of 100 tests", lambda: 100 * rises(1, C)),
        ("best shows 1.87 standard errors", lambda: luck(20)),
        ("line lie 39.7 of 100 tests, not 2.5", lambda: 100 * rises(20, C)),
        (".975 × .975 = 95.1 per cent", lambda: 100 * 0.975**2),
        ("`0.975**20`: 60.3 per cent", lambda: 100 * 0.975**20),
        ("other 39.7 have", lambda: 100 * rises(20, C)),
        ("(64.2) counts losses", lambda: 100 * alarms(20, C)),
        ("at correlation .5 it is 21.0", lambda: 100 * rises(20, C, 0.5)),
        ("at .9 it is 7.8.", lambda: 100 * rises(20, C, 0.9)),
        ("tests: 2.4 in each", lambda: 0.5 / rises(20, C, 0.5)),
        ("tests: 1.3 in each", lambda: 0.5 / rises(20, C)),
        ("6.9 of 100 useless screens", lambda: 100 * rises(20, stats.norm.isf(0.006), 0.5)),
        ("win in 39.7 of 100", lambda: 100 * rises(20, C)),
        ("correlation .5 in 21.0.", lambda: 100 * rises(20, C, 0.5)),
        ("shows 2.4 minutes", lambda: 0.5 + luck(20)),
        ("of truth and 1.87 of luck", lambda: luck(20)),
        ("one metric alone it is 0.6.", lambda: 100 * stats.norm.sf(stats.norm.isf(0.006))),
        ("gives 9.75 per cent", lambda: 100 * (1 - 0.95**2)),
        ("1/20) = 18.0 per cent", lambda: 5 * (1 / np.arange(1, 21)).sum()),
        ("2.394 of Bonferroni", lambda: stats.norm.isf(0.025 / 3)),
    ],
)
def test_a_number_in_the_text_is_exact(said, value):
    assert said in TEXT, said
    number = re.findall(r"\d+\.\d+", said.removeprefix("`0.975**20`"))[0]
    assert abs(value() - float(number)) < 0.5 * 10 ** -len(number.split(".")[1]) + 1e-9


def test_the_limits_of_the_largest():
    assert "tests stay below 2.91, not 3.02" in TEXT and stats.norm.isf(0.025 / 20) == pytest.approx(
        3.02, abs=5e-3
    )
    assert alarms(20, 2.9055, 0.5) == pytest.approx(0.05, abs=1e-5)
    assert "limit 2.349 against" in TEXT and alarms(3, 2.349, 0.5) == pytest.approx(0.05, abs=2e-5)  # digits
    assert ".14 by max-t" in TEXT and alarms(20, stats.norm.isf(0.006), 0.5) == pytest.approx(0.138, abs=5e-4)
    assert ".24 by Holm" in TEXT and ".012 × 20 = .24" in TEXT and pytest.approx(0.24) == 20 * 0.012
    (stored,) = BOOK.numbers("limit of the largest of 20: #")
    density = 10_000 * (alarms(20, 2.8, 0.5) - alarms(20, 3.0, 0.5)) / 0.2  # draws per unit of the limit
    assert abs(stored - 2.9055) < 5 * np.sqrt(10_000 * 0.05) / density  # five errors of a quantile


def test_the_price_of_each_promise_by_simulation():
    related, close = played(0.5), played(0.9)
    for words, value in (
        ("find 85 of 100 true effects", related["none"][1]),
        ("14 of 100 tests have a false win", related["none"][0]),
        ("Holm: 52 found", related["Holm"][1]),
        ("a false win in 2. BH", related["Holm"][0]),
        ("BH: 72 found", related["BH"][1]),
        ("a false win in 8 or 9. BH keeps", related["BH"][0]),
        ("finds 57 of 100", related["max-t"][1]),
        ("at .9 it is 71", close["max-t"][1]),
    ):
        assert words in TEXT, words
        number = float(re.findall(r"(?<![.\d])\d+(?!\d)", words)[0 if "at .9" not in words else -1])
        assert abs(value - number) < NEAR, words
    stored = dict(
        re.findall(r"^ *(none|Bonferroni|Holm|max-t|BH) +([\d.]+) +[\d.]+ +[\d.]+$", BOOK.outputs, re.M)
    )
    for name, rate in stored.items():  # the table of the panel: 2,000 tests
        assert abs(float(rate) - related[name][0]) < 5 * (np.sqrt(related[name][0] * 100 / 2_000) + 0.1)
    assert len(stored) == 5
    found = re.search(r"^ *BH +[\d.]+ +([\d.]+) +[\d.]+$", BOOK.outputs, re.M)[1]
    assert (
        "about 1 per cent of a test's wins are false" in TEXT
        and 8 < related["BH"][0] < 9
        and 0.5 < related["BH share"][0] < 1.5
    )
    assert abs(float(found) - related["BH share"][0]) < 0.5
    assert related["max-t"][0] < 2.5 + 5 * 0.055 and related["Holm"][0] < 2.5  # the promise for wins


def false_wins_of_holm(z: np.ndarray) -> np.ndarray:
    """Two unchanged metrics: which rows hold a win that Holm keeps at .05, by statsmodels."""
    from statsmodels.stats.multitest import multipletests

    kept = np.array([multipletests(2 * stats.norm.sf(np.abs(row)), method="holm")[0] for row in z])
    return (kept & (z > 0)).any(axis=1)


def test_holm_may_have_more_false_wins_than_half_of_its_promise():
    """Both inner corners of the plane: a loss beyond `two` opens the door for a win beyond C."""
    two = stats.norm.isf(0.0125)
    for rho, said in ((0.0, "false win in 2.52 per cent"), (-0.9, "correlation −.9 in 3.01")):
        law = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]])
        door = law.cdf([-two, np.inf], lower_limit=[-np.inf, C])
        door -= law.cdf([-two, np.inf], lower_limit=[-np.inf, two])  # counted in the first term below
        exact = 100 * (1 - law.cdf([two, two]) + 2 * door)
        assert said in TEXT and exact == pytest.approx(float(re.findall(r"\d\.\d\d", said)[0]), abs=5e-3)
    corners = np.array([[2.3, 0], [0, 2.3], [-2.3, 2.1], [2.1, -2.3]])  # the worst case: .0125 each, disjoint
    assert false_wins_of_holm(corners).all() and 100 * 4 * 0.0125 == 5 and "worst dependence in 5." in TEXT
    assert not false_wins_of_holm(np.array([[-2.1, 2.1], [-2.3, 1.9], [-2.3, 0]])).any()


def test_ten_pvalues_against_statsmodels_and_the_loops_of_the_reader():
    from statsmodels.stats.multitest import multipletests

    kept = {m: int(multipletests(TEN, method=s)[0].sum()) for m, s in
            (("bonferroni", "bonferroni"), ("holm", "holm"), ("bh", "fdr_bh"))}  # fmt: skip
    assert kept == {"bonferroni": 1, "holm": 2, "bh": 5}
    for name, number in kept.items():
        assert re.search(rf"^{name} keeps {number}$", BOOK.outputs, re.M)
    assert (
        "keeps .0008; .0051 is just above" in TEXT
        and TEN[0] <= 0.05 / 10 < TEN[1] <= 0.05 / 9 < TEN[2] > 0.05 / 8
    )
    assert re.search(r"0\.0102 +limit 0\.05 / 8 = 0\.0063", BOOK.outputs)
    fits = re.findall(r"^keep (\d+): .*fits: True$", BOOK.outputs, re.M)
    assert max(map(int, fits)) == 5 and "keep 5: largest 0.0240, limit 0.0250, fits: True" in BOOK.outputs
    assert "keep 4: largest 0.0235, limit 0.0200, fits: False" in BOOK.outputs
    assert (
        "10 × .025 = 0.25" in TEXT
        and pytest.approx(0.05 * 5) == 10 * 0.025
        and TEXT.count("Six p-values") == 1
    )
    assert sum(p < 0.05 for p in TEN) == 6
    for name, way in (("holm", "holm"), ("bh", "fdr_bh")):
        printed = re.search(rf"^{name} \[([\d. ]+)\]", BOOK.outputs, re.M)[1].split()
        assert [float(v) for v in printed] == pytest.approx(multipletests(TEN, method=way)[1][:6], abs=6e-4)
        assert printed[3] == printed[4]  # the equal neighbours of the text


def test_nadias_test_by_scipy():
    table = ab.datasets.language_test()
    old, new = (table[table.arm == a] for a in ("old", "new"))
    found = stats.ttest_ind(new.sharing, old.sharing, equal_var=False)
    assert found.statistic == pytest.approx(2.51, abs=5e-3) and found.pvalue == pytest.approx(0.012, abs=5e-4)
    assert list(table.columns[2:]).index("sharing") == 17  # `board.gap[17]`
    error = np.sqrt(new.sharing.var() / 1_000 + old.sharing.var() / 1_000)
    gap = new.sharing.mean() - old.sharing.mean()
    said = f"Sharing {gap:.1f} minutes; {gap - 3.0233 * error:.1f} to {gap + 3.0233 * error:.1f}"
    assert said in BOOK.outputs and gap - 3.0233 * error < 1 < gap + 3.0233 * error  # the rule: inconclusive
    row = re.search(r"^17 +sharing +([\d. ]+)$", BOOK.outputs, re.M)
    adjusted = [0.012, 20 * found.pvalue, 20 * found.pvalue]  # Holm and BH: it is the smallest of twenty
    assert [float(v) for v in row[1].split()][3:6] == pytest.approx(adjusted, abs=2e-3)
    gaps = new[list(table.columns[2:])].mean() - old[list(table.columns[2:])].mean()
    assert (gaps > 0).sum() == 19 and "19 of 20 points lie right of 0" in TEXT


def test_the_matrix_that_the_reader_measures_and_its_pvalue():
    """Max-t of sharing, by draws from the measured matrix."""
    table = ab.datasets.language_test()
    inside = table.iloc[:, 2:] - table.groupby("arm")[list(table.columns[2:])].transform("mean")
    r = np.corrcoef(inside.to_numpy().T)
    cloud = np.corrcoef(table.lessons, table.speaking)[0, 1]
    assert f"More lessons, more speaking: correlation {cloud:.2f}".replace("0.", ".") in BOOK.outputs
    assert f"Cloud of {len(table) // 4} users" in BOOK.outputs and "(500 are drawn)" in TEXT
    assert np.abs(r[~np.eye(20, dtype=bool)] - 0.5).max() < 5 * 0.75 / np.sqrt(2_000)
    draws = np.random.default_rng(SEED).multivariate_normal(np.zeros(20), r, size=200_000)
    rate = (np.abs(draws).max(1) >= 2.511).mean()
    stored = float(re.search(r"^17 +sharing +0\.012 +[\d.]+ +([\d.]+)$", BOOK.outputs, re.M)[1])
    assert abs(stored - rate) < 5 * np.sqrt(0.14 * 0.86 / 200_000) + 5 * 7e-4  # both draw; and three digits


def test_the_answers_of_the_predictions_are_the_exact_values():
    answers = {key: item.answer for key, item in nb08.PREDICTIONS.items()}
    assert answers["08.p1"] == pytest.approx(100 * rises(20, C), abs=0.05)
    assert answers["08.p2"] == pytest.approx(100 * rises(20, C, 0.5), abs=0.05)
    assert answers["08.p3"] == pytest.approx(0.5 + luck(20), abs=1e-3)
    assert nb08.PREDICTIONS["08.p1"].consequence(None, 40.2).count("2.5") == 1


def test_the_first_goal_of_the_panel():
    assert "First goal: correlation about .7." in TEXT
    assert 100 * rises(40, C, 0.65) > 20 > 100 * rises(40, C, 0.70) > 18.5


def test_stored_counts_lie_within_chance():
    for name, exact in (
        ("false wins, 20 unrelated, in 100", rises(20, C)),
        ("false wins, 20 at correlation .5, in 100", rises(20, C, 0.5)),
    ):
        assert abs(BOOK.printed(name) / 100 - exact) < 5 * np.sqrt(exact * (1 - exact) / 10_000)
    assert abs(BOOK.printed("best of twenty, standard errors") - luck(20)) < 5 * 0.525 / 100
    assert abs(BOOK.printed("best segment, minutes") - 0.5 - luck(20)) < 5 * 0.525 / 100


def test_answers_from_oracles():
    found = nb08.EXERCISES
    assert found["08.1"].check(100 * (1 - 0.975**8)).kind == "right"
    assert "losses too" in found["08.1"].check(100 * (1 - 0.95**8)).message
    assert found["08.3"].check(0.2 + 2 * luck(10)).kind == "right"
    for wrong, message in (
        (0.2 + 2 * luck(20), "best of twenty"),
        (2 * luck(10), "luck alone"),
        (0.2 + luck(10), "Here it is 2"),
        (luck(10), "in standard errors"),
    ):
        assert message in found["08.3"].check(wrong).message
    omar = 100 * (1 - (1 - 0.025 / 3) ** 20)
    assert found["08.4"].check(("c", omar)).kind == "right"
    assert "losses too" in found["08.4"].check(("c", 100 * (1 - (1 - 0.05 / 3) ** 20))).message
    assert "40.1 of 100" in found["08.2"].check.why["d"]
    assert pytest.approx(40.1, abs=0.05) == 100 * (1 - 0.95**10)
    assert "together sixteen times" in found["08.3"].check.why and round((0.2 + 2 * luck(10)) / 0.2) == 16
    assert stats.norm.isf(0.025 / 3) == pytest.approx(2.39, abs=5e-3)  # in the question of 08.4
    assert "7.8 of 100" in nb08.QUIZ["08.q6"].why["c"]


def test_going_further():
    assert BOOK.numbers("bh #")[-1] == pytest.approx(
        17.99, abs=100 * 5 * np.sqrt(0.18 * 0.82 / 20_000) + 0.05
    )
    assert BOOK.numbers("two secondaries, each at .05: #%")[0] == pytest.approx(9.75)
    safe = [100 * stats.norm.cdf(3 - stats.norm.isf(a)) ** 5 for a in (0.05, 0.01)]
    assert [round(v) for v in safe] == [63, 24] and "24 in place of 63 of 100" in TEXT
    (mean, over) = re.search(r"mean share ([\d.]+)%, above a tenth in ([\d.]+)%", BOOK.outputs).groups()
    assert abs(float(mean) - 2.5) < 5 * 0.055 / np.sqrt(20_000) * 100 and "in 13.4 per cent" in TEXT
    assert abs(float(over) - 13.4) < 100 * 5 * np.sqrt(0.134 * 0.866 / 20_000) + 0.05
    gap, error = 0.142, 3 * np.sqrt(2 / 5_000)
    assert gap - 2.349 * error > 0 and gap - 2.349 * error < 0.1 < gap + 2.349 * error  # A: inconclusive
    assert "(p = .048)" in TEXT and alarms(3, gap / error, 0.5) == pytest.approx(0.048, abs=5e-4)


def test_more_than_a_tenth_false_by_simulation():
    rng = np.random.default_rng(SEED)
    z = rng.standard_normal((100_000, 20))
    z[:, :10] += 3
    order = np.argsort(-np.abs(z), axis=1)
    p = 2 * stats.norm.sf(np.take_along_axis(np.abs(z), order, 1))
    kept = np.logical_or.accumulate((p <= 0.05 * np.arange(1, 21) / 20)[:, ::-1], axis=1)[:, ::-1]
    share = (kept & (order >= 10)).sum(1) / np.maximum(kept.sum(1), 1)
    assert abs((share > 0.1).mean() - 0.134) < 5e-4 + 5 * np.sqrt(0.134 * 0.866 / 100_000)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_readers_own_functions_work_on_another_table(seed):
    """The cells of the notebook, run as they stand, on another draw with other names."""
    scope = {"ab": ab, "np": np, "pd": __import__("pandas")}
    for start in ("def board_of(", "def relation_of("):
        source = next("".join(c["source"]) for c in BOOK.cells if "".join(c["source"]).startswith(start))
        exec(source.split("\nrelated")[0], scope)
    table = ab.datasets.language_test(400, seed=seed).rename(columns={"arm": "group"}).replace("old", "A")
    board = scope["board_of"](table, ["lessons", "chat"], "group", "A")
    a, b = (table[table.group == g].chat for g in ("A", "new"))
    assert board.p[1] == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue, rel=1e-9)
    assert board.z[1] == pytest.approx(stats.ttest_ind(b, a, equal_var=False).statistic, rel=1e-9)
    related = scope["relation_of"](table, ["lessons", "chat"], "group")
    assert abs(related.iloc[0, 1] - 0.5) < 5 * 0.75 / np.sqrt(400)
