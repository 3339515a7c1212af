"""Corrected p-values: stored references, closed testing by brute force, calibration, teeth."""

import itertools

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import ndtr, stdtr, stdtrit

from abkit.datasets.worlds import correlated_metrics
from abkit.estimate import Effect
from abkit.inference.families import (
    METHODS,
    adjust_pvalues,
    discoveries,
    familywise_error,
    fixed_sequence,
    simultaneous,
)
from abkit.inference.many_arms import dunnett
from abkit.inference.means import welch
from abkit.moments import Moments


@pytest.mark.parametrize("method", METHODS)
def test_stored_references(oracle, method):
    for entry in oracle("multiplicity", method):
        got = adjust_pvalues(entry["inputs"]["p_values"], method=method)
        np.testing.assert_allclose(got, entry["expected"]["adjusted_p"], atol=1e-12)  # exact rationals
        assert ((got <= entry["inputs"]["alpha"] + 1e-12) == entry["expected"]["rejected"]).all()


def closed_test(p, local):
    """The definition: the largest local p-value of all sets that contain the hypothesis."""
    m = len(p)
    sets = [s for size in range(1, m + 1) for s in itertools.combinations(range(m), size)]
    return [max(local(np.sort(p[list(s)])) for s in sets if i in s) for i in range(m)]


def test_hommel_is_closed_simes_and_holm_is_closed_bonferroni(rng):
    for _ in range(20):
        p = rng.beta(0.4, 2.0, size=6)
        simes = closed_test(p, lambda q: (len(q) * q / np.arange(1, len(q) + 1)).min())
        bonferroni = closed_test(p, lambda q: min(1.0, len(q) * q[0]))
        np.testing.assert_allclose(
            adjust_pvalues(p, method="hommel"), np.minimum(simes, 1), atol=1e-14
        )  # rounding
        np.testing.assert_allclose(adjust_pvalues(p, method="holm"), bonferroni, atol=1e-14)  # rounding


@pytest.mark.parametrize("method", METHODS)
def test_batch_is_loop_and_nan_does_not_count(rng, method):
    p = rng.uniform(size=(3, 4, 7)) ** 3
    p[rng.uniform(size=p.shape) < 0.2] = np.nan
    p[0, 0] = np.nan
    got = adjust_pvalues(p, method=method)
    for where in np.ndindex(3, 4):
        row, keep = p[where], ~np.isnan(p[where])
        assert np.isnan(got[where][~keep]).all()
        if keep.any():
            np.testing.assert_array_equal(got[where][keep], adjust_pvalues(row[keep], method=method))


@pytest.mark.parametrize("method", METHODS)
def test_order_does_not_matter_and_one_test_is_unchanged(rng, method):
    p, shuffle = rng.uniform(size=9), rng.permutation(9)
    np.testing.assert_array_equal(
        adjust_pvalues(p, method=method)[shuffle], adjust_pvalues(p[shuffle], method=method)
    )
    assert adjust_pvalues([0.03], method=method)[0] == pytest.approx(0.03, abs=1e-15)  # rounding


def test_methods_are_ordered_by_power(rng):
    p = rng.beta(0.5, 2.0, size=(200, 8))
    adjusted = {m: adjust_pvalues(p, method=m) for m in METHODS}
    for strong, weak in (
        ("holm", "bonferroni"),
        ("hochberg", "holm"),
        ("hommel", "hochberg"),
        ("bh", "hommel"),
    ):
        assert (adjusted[strong] <= adjusted[weak] + 1e-14).all()


def test_family_error_of_independent_tests_and_the_price_of_no_correction(rng):
    reps, m, alpha = 20_000, 10, 0.05
    p = rng.uniform(size=(reps, m))
    for method in METHODS:
        rate = (adjust_pvalues(p, method=method) <= alpha).any(-1).mean()
        assert rate < alpha + 5 * np.sqrt(alpha * (1 - alpha) / reps)
        exact = {"sidak": alpha, "bh": alpha, "bonferroni": 1 - (1 - alpha / m) ** m}.get(method)
        if exact is not None:
            assert abs(rate - exact) < 5 * np.sqrt(exact * (1 - exact) / reps)
    assert (p <= alpha).any(-1).mean() > 0.35  # teeth: 1 − .95^10 = .40


def test_bh_controls_the_false_share_where_family_error_is_lost(rng):
    reps, m, nulls = 4_000, 20, 10
    z = rng.normal(size=(reps, m)) + np.where(np.arange(m) < nulls, 0.0, 3.0)
    found = adjust_pvalues(2 * ndtr(-np.abs(z)), method="bh") <= 0.1
    false = found[:, :nulls].sum(-1)
    share = false / np.maximum(found.sum(-1), 1)
    assert abs(share.mean() - 0.1 * nulls / m) < 5 * share.std() / np.sqrt(
        reps
    )  # exact for independent tests
    assert (false > 0).mean() > 0.2  # BH does not promise the family error


def test_fixed_sequence_keeps_alpha_only_with_a_fixed_order(rng):
    p = rng.uniform(size=(20_000, 5))
    rate = fixed_sequence(p).any(-1).mean()
    assert abs(rate - 0.05) < 5 * np.sqrt(0.05 * 0.95 / 20_000)
    assert fixed_sequence(np.sort(p, axis=-1)).any(-1).mean() > 0.2  # teeth: order chosen after the data
    assert fixed_sequence([0.01, np.nan, 0.01]).tolist() == [True, False, False]


@pytest.mark.parametrize("bad", [[1.2], [-0.1, 0.5], 0.5, []])
def test_impossible_input_is_refused(bad):
    with pytest.raises(ValueError, match="`pvalues`"):
        adjust_pvalues(bad)


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="`method`"):
        adjust_pvalues([0.5], method="tukey")


def family(z, df=np.inf):
    half = stdtrit(df, 0.975)
    return Effect("y", z, np.ones_like(z), df, z - half, z + half, 2 * stdtr(df, -np.abs(z)))


def test_bonferroni_intervals_are_the_dual_of_the_pvalues(rng):
    effects = family(rng.normal(1.5, 1.5, size=(500, 6)), df=12.0)
    wide = simultaneous(effects)
    assert ((wide.pvalue < 0.05) == ((wide.low > 0) | (wide.high < 0))).all()
    np.testing.assert_allclose(
        wide.high - wide.estimate, stdtrit(12.0, 1 - 0.025 / 6), rtol=1e-12
    )  # rounding


def test_bonferroni_intervals_hold_together_and_plain_ones_do_not(rng):
    reps, m = 20_000, 8
    effects = family(rng.normal(size=(reps, m)))
    wide, exact = simultaneous(effects), (1 - 0.05 / m) ** m
    together = ((wide.low < 0) & (wide.high > 0)).all(-1).mean()
    assert abs(together - exact) < 5 * np.sqrt(exact * (1 - exact) / reps)
    assert ((effects.low < 0) & (effects.high > 0)).all(-1).mean() < 0.75  # teeth: .95^8 = .66


def test_false_coverage_rate_of_the_selected_intervals(rng):
    reps, m, alpha = 4_000, 20, 0.1
    truth = np.where(np.arange(m) < 15, 0.0, 2.5)
    effects = family(rng.normal(truth, 1.0, size=(reps, m)))
    fcr = simultaneous(effects, method="fcr", alpha=alpha)
    selected = ~np.isnan(fcr.low)
    assert (selected == (fcr.pvalue <= alpha)).all()

    def rate(half):
        miss = selected & (np.abs(effects.estimate - truth) > half)
        return miss.sum(-1) / np.maximum(selected.sum(-1), 1)

    got = rate(fcr.high - fcr.estimate)
    assert got.mean() < alpha + 5 * got.std() / np.sqrt(reps)
    assert got.mean() > alpha / 4  # a floor, so that endless intervals fail
    assert (
        rate(stdtrit(np.inf, 1 - alpha / 2)).mean() > alpha + 0.02
    )  # teeth: plain intervals after selection


def test_simultaneous_reads_lists_mappings_and_arrays_alike(rng):
    rows = rng.normal(size=(3, 30))
    effects = [welch(rows[0], rows[i]) for i in (1, 2)]
    as_list, as_dict = simultaneous(effects), simultaneous(dict(zip("ab", effects, strict=True)))
    np.testing.assert_array_equal(as_list.low, as_dict.low)
    assert as_dict.label == "a, b"
    with pytest.raises(ValueError, match="two-sided"):
        simultaneous([effects[0], welch(rows[0], rows[1], alternative="less")])
    with pytest.raises(ValueError, match="estimate ± quantile"):
        simultaneous([Effect("y", 0.1, 0.02, np.inf, 0.01, 0.5, 0.01)])
    with pytest.raises(ValueError, match="at least one"):
        simultaneous([])


def test_dunnett_is_scipys_classical_test():
    fixed = np.random.default_rng(3)  # one data set, fixed: the peer is slow and itself random
    control, arms = fixed.normal(size=12), [fixed.normal(0.8, 1, size=k) for k in (6, 9, 20)]
    ours, theirs = dunnett(control, arms, pooled=True), stats.dunnett(*arms, control=control, rng=0)
    np.testing.assert_allclose(
        ours.pvalue, theirs.pvalue, atol=2e-3
    )  # the peer integrates by quasi-Monte Carlo
    np.testing.assert_allclose(
        ours.low, theirs.confidence_interval(0.95).low, atol=5e-3
    )  # and stops its search early


def test_dunnett_critical_value_against_draws_from_the_definition(rng):
    n, k, reps = 5, 3, 40_000
    draws = rng.normal(size=(reps, k + 1, n))
    means, scale = draws.mean(-1), np.sqrt(draws.var(-1, ddof=1).mean(-1))
    largest = np.abs(means[:, 1:] - means[:, :1]).max(-1) / (scale * np.sqrt(2 / n))
    one = dunnett(draws[0, 0], list(draws[0, 1:]), pooled=True)
    critical = (one.high - one.estimate) / one.se
    assert abs((largest > critical[0]).mean() - 0.05) < 5 * np.sqrt(0.05 * 0.95 / reps)
    assert (largest > stdtrit(16, 0.975)).mean() > 0.1  # teeth: plain t
    assert critical[0] < stdtrit(16, 1 - 0.025 / 3)  # less strict than Bonferroni


def test_dunnett_of_one_treatment_is_welch_and_batches_are_loops(rng):
    rows = rng.normal(size=(4, 2, 15))
    one, plain = dunnett(rows[0, 0], [rows[1, 0]]), welch(rows[0, 0], rows[1, 0])
    np.testing.assert_allclose([one.pvalue[0], one.low[0]], [plain.pvalue, plain.low], atol=1e-7)  # bisection
    batch = dunnett(Moments.of(rows[0]), [Moments.of(r) for r in rows[1:]])
    for i in range(2):
        single = dunnett(rows[0, i], {"a": rows[1, i], "b": rows[2, i], "c": rows[3, i]})
        np.testing.assert_allclose(batch.pvalue[i], single.pvalue, atol=1e-12)  # the same sums
    assert batch.n_control.shape == batch.estimate.shape  # so that a frame of the batch has the right sizes
    with pytest.raises(ValueError, match="`control and treatments` must have shapes"):
        dunnett(Moments.of(rows[0]), [Moments.of(rows[:3, 0])])
    with pytest.raises(ValueError, match="must show variation"):
        dunnett([1.0, 1.0], [[1.0, 1.0], [2.0, 2.0]])


@pytest.mark.parametrize("n", [3, 5, 20, 400])
def test_dunnett_of_one_treatment_is_the_t_test_however_small_the_control(n):
    arms = Moments.summary(n, 0.0, 1.0), Moments.summary(2_000, 0.6, 1.0)
    plain = stats.ttest_ind_from_stats(0.6, 1.0, 2_000, 0.0, 1.0, n).pvalue
    assert dunnett(arms[0], [arms[1]], pooled=True).pvalue[0] == pytest.approx(
        plain, abs=1e-9
    )  # the grid's ends


def test_dunnett_with_a_small_control_is_the_correlated_family():
    control, arms = Moments.summary(200, 0.0, 1.0), [Moments.summary(200_000, d, 1.0) for d in (0.14, -0.18)]
    got = dunnett(control, arms, pooled=True)
    for p, t in zip(got.pvalue, got.estimate / got.se, strict=True):
        assert p == pytest.approx(
            familywise_error(2, 2 * ndtr(-abs(t)), 1000 / 1001), abs=1e-5
        )  # df is 400,397, not infinite


def test_independent_family_error_is_the_stored_reference(oracle):
    for entry in oracle("multiplicity", "independent_fwer"):
        k, alpha, want = entry["inputs"]["tests"], entry["inputs"]["alpha"], entry["expected"]
        assert familywise_error(k, alpha) == pytest.approx(want["fwer"], abs=1e-12)  # exact rationals
        assert familywise_error(k, want["sidak_alpha"]) == pytest.approx(alpha, abs=1e-12)


@pytest.mark.parametrize(
    ("k", "alpha", "rho"), [(20, 0.05, 0.5), (20, 0.05, 0.9), (500, 0.01, 0.99), (3, 1e-6, 0.3)]
)
def test_correlated_family_error_is_the_integral(k, alpha, rho):
    c, rest = stats.norm.isf(alpha / 2), np.sqrt(1 - rho)

    def none(u):
        return (
            stats.norm.pdf(u)
            * (stats.norm.cdf((c - rho**0.5 * u) / rest) - stats.norm.cdf((-c - rho**0.5 * u) / rest)) ** k
        )

    ends = [-c / rho**0.5, c / rho**0.5]
    exact = 1 - integrate.quad(none, -12, 12, points=ends, limit=500, epsabs=1e-13)[0]
    assert familywise_error(k, alpha, rho) == pytest.approx(exact, abs=1e-10)  # quad's own error


def test_two_correlated_tests_are_a_rectangle_of_the_bivariate_normal():
    c, rho = stats.norm.isf(0.025), 0.6
    box = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([c, c], lower_limit=[-c, -c])
    assert familywise_error(2, 0.05, rho) == pytest.approx(1 - box, abs=1e-7)  # the peer's accuracy


def test_family_error_falls_with_correlation_to_alpha():
    path = [familywise_error(20, 0.05, r) for r in (0.0, 0.2, 0.5, 0.9, 0.99, 0.9999, 1.0)]
    assert path == sorted(path, reverse=True) and path[-1] == 0.05
    assert familywise_error(1, 0.03, 0.7) == pytest.approx(0.03, abs=1e-12)  # one test


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_family_error_is_the_rate_of_drawn_metrics(rng, rho):
    reps, exact = 20_000, familywise_error(20, 0.05, rho)
    rate = (np.abs(correlated_metrics(20, correlation=rho)(rng, reps)) > stats.norm.isf(0.025)).any(-1).mean()
    assert abs(rate - exact) < 5 * np.sqrt(exact * (1 - exact) / reps)
    if rho:
        assert rate < 0.55  # teeth: the formula for independent tests says .64


@pytest.mark.parametrize(
    "bad", [{"k": 0}, {"k": 2.5}, {"alpha": 5}, {"correlation": -0.1}, {"correlation": 1.1}]
)
def test_impossible_families_are_refused(bad):
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}`"):
        familywise_error(**{"k": 3, **bad})


def test_discoveries_are_counted_by_hand():
    rejected = [
        [True, True, False, False],
        [False, False, False, False],
        [True, False, True, True],
        [True, True, True, False],
    ]
    got = discoveries(rejected, [True, True, False, False])
    assert got.any_false == 0.5 and got.found == pytest.approx((1 + 0 + 0.5 + 1) / 4)
    assert got.false_share == pytest.approx((0 + 0 + 2 / 3 + 1 / 3) / 4, abs=1e-15)  # rounding
    assert got.false_share_se == pytest.approx(np.std([0, 0, 2 / 3, 1 / 3], ddof=1) / 2)
    assert np.isnan(discoveries(rejected, [False] * 4).found)
    np.testing.assert_equal(discoveries(np.array(rejected, int), [1, 1, 0, 0]).to_dict(), got.to_dict())


@pytest.mark.parametrize(
    ("rejected", "real", "words"),
    [
        (
            [[0.01, 0.02], [0.3, 0.4]],
            [False, True],
            "`rejected` must hold True and False.*got 0.01. Are these p-values",
        ),
        ([[True, False]] * 3, [0.5, 1], "`real` must hold True and False"),
        ([["yes", "no"]] * 3, [True, False], "`rejected` must hold numbers"),
        ([[True, False]], [True, False], "`rejected` must have shape"),
        ([True, False], [True, False], "`rejected` must have shape"),
        ([[True, False]] * 2, [True], "`real` must have shape"),
        ([[True, False]] * 2, [[True, False]] * 3, "`real` must have shape"),
    ],
)
def test_discoveries_need_decisions(rejected, real, words):
    with pytest.raises(ValueError, match=words):
        discoveries(rejected, real)


def worst_dependence(rng, reps, m, alpha):
    """Uniform p-values that break BH: j of them fall between (j − 1)·alpha/m and j·alpha/m together."""
    chance = alpha / np.arange(1, m + 1)
    j = rng.choice(m + 1, reps, p=[1 - chance.sum(), *chance])
    chosen = rng.permuted(np.tile(np.arange(m), (reps, 1)), axis=1) < j[:, None]
    return np.where(
        chosen, (j[:, None] - rng.uniform(size=(reps, m))) * alpha / m, rng.uniform(alpha, 1, (reps, m))
    )


def test_bh_needs_its_assumption_and_by_does_not(rng):
    reps, m, alpha = 20_000, 20, 0.05
    p = worst_dependence(rng, reps, m, alpha)
    assert (
        stats.kstest(p[:, 0], "uniform").pvalue > 5e-7
    )  # each p alone is sound; as rare as 5 standard errors
    exact = alpha * (1 / np.arange(1, m + 1)).sum()  # Benjamini and Yekutieli (2001): the bound is met
    rate = discoveries(adjust_pvalues(p, method="bh") <= alpha, [False] * m).false_share
    assert abs(rate - exact) < 5 * np.sqrt(exact * (1 - exact) / reps)
    rate = discoveries(adjust_pvalues(p, method="by") <= alpha, [False] * m).false_share
    assert rate < alpha + 5 * np.sqrt(alpha * (1 - alpha) / reps)


@pytest.mark.parametrize(("correlation", "wins"), [(0.0, 0.397), (0.5, 0.210)])
def test_false_wins_are_one_side_of_the_alarms(rng, correlation, wins):
    """Twenty metrics at two-sided .05; the oracle draws them."""
    got = familywise_error(20, 0.025, correlation, sides=1)
    assert got == pytest.approx(wins, abs=6e-4)  # published to three digits
    reps = 40_000
    z = np.sqrt(correlation) * rng.normal(size=(reps, 1)) + np.sqrt(1 - correlation) * rng.normal(
        size=(reps, 20)
    )
    seen = (z > stats.norm.isf(0.025)).any(1).mean()
    assert abs(got - seen) < 5 * np.sqrt(seen * (1 - seen) / reps)
    if correlation == 0:
        assert got == pytest.approx(1 - 0.975**20, abs=1e-12)  # independence in closed form


def test_experiments_without_an_effect_do_not_count_in_what_is_found():
    rejected = [[True, True], [False, True], [True, False]]
    real = [[True, True], [False, False], [True, False]]
    got = discoveries(rejected, real)
    assert got.found == 1.0 and got.found_se == 0.0
    assert got.any_false == pytest.approx(1 / 3)
