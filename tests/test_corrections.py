"""Corrected p-values: stored references, closed testing by brute force, calibration, teeth."""

import itertools

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr, stdtr, stdtrit

from abkit.corrections import METHODS, adjust_pvalues, dunnett, fixed_sequence, simultaneous
from abkit.estimate import Effect
from abkit.inference import welch
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
        np.testing.assert_allclose(adjust_pvalues(p, method="hommel"), np.minimum(simes, 1), atol=1e-14)  # rounding
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
    np.testing.assert_array_equal(adjust_pvalues(p, method=method)[shuffle], adjust_pvalues(p[shuffle], method=method))
    assert adjust_pvalues([0.03], method=method)[0] == pytest.approx(0.03, abs=1e-15)  # rounding


def test_methods_are_ordered_by_power(rng):
    p = rng.beta(0.5, 2.0, size=(200, 8))
    adjusted = {m: adjust_pvalues(p, method=m) for m in METHODS}
    for strong, weak in (("holm", "bonferroni"), ("hochberg", "holm"), ("hommel", "hochberg"), ("bh", "hommel")):
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
    assert abs(share.mean() - 0.1 * nulls / m) < 5 * share.std() / np.sqrt(reps)  # exact for independent tests
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
    np.testing.assert_allclose(wide.high - wide.estimate, stdtrit(12.0, 1 - 0.025 / 6), rtol=1e-12)  # rounding


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
    assert rate(stdtrit(np.inf, 1 - alpha / 2)).mean() > alpha + 0.02  # teeth: plain intervals after selection


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
    np.testing.assert_allclose(ours.pvalue, theirs.pvalue, atol=2e-3)  # the peer integrates by quasi-Monte Carlo
    np.testing.assert_allclose(ours.low, theirs.confidence_interval(0.95).low, atol=5e-3)  # and stops its search early


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
    with pytest.raises(ValueError, match="must show variation"):
        dunnett([1.0, 1.0], [[1.0, 1.0], [2.0, 2.0]])
