"""Corrected p-values: stored references, closed testing by brute force, calibration, teeth."""

import itertools

import numpy as np
import pytest

from abkit.corrections import METHODS, adjust_pvalues, fixed_sequence


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
    from scipy.special import ndtr

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
