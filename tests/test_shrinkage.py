"""Shrinkage of many effects: golden values for a given spread, a brute force for the unknown one, coverage,
and its tooth.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

import abkit as ab

STUDY = json.loads(
    (Path(__file__).parent / "oracles" / "shrinkage_coverage.json").read_text(encoding="utf-8")
)["rows"]
SCHOOLS = ([28.0, 8, -3, 7, -1, 1, 18, 12], [15.0, 10, 16, 11, 9, 11, 10, 18])


def effect(y, se, label="y"):
    """Effects with these estimates, tests on the last axis."""
    return ab.Effect.of(y, se, label=label)


@pytest.mark.parametrize("case", range(4))
def test_golden_values_for_a_given_spread(oracle, case):
    entries = oracle("shrinkage", "normal_hierarchical_shrinkage")
    entry = entries[case % len(entries)]
    given, expected = entry["inputs"], entry["expected"]["posterior_tau2_given"]
    found = ab.shrink(effect(given["effects"], given["se"]), spread=given["tau2_given"] ** 0.5)
    tolerance = entry["tolerance"]
    for name in ("mu", "mu_se", "shrinkage", "mean", "sd"):
        assert getattr(found, name) == pytest.approx(
            np.array(expected[name]), abs=tolerance["abs"], rel=tolerance["rel"]
        )
    wrong_sign = np.minimum(found.positive, 1 - found.positive)
    assert wrong_sign == pytest.approx(np.array(expected["false_sign_rate"]), abs=tolerance["abs"], rel=1e-6)


def brute_force(y, se, i):
    """Posterior of effect i by adaptive quadrature over the spread and a normal product for the rest: no
    formula of the module.

    For a given tau, (y, effect_i) are jointly normal with a flat common mean: solved as a linear system of
    precisions.
    """
    y, se = np.asarray(y, float), np.asarray(se, float)
    k, scale = len(y), np.mean(se)

    def given(tau):
        # unknowns: effects 1..k, then mu; precision matrix of data and prior
        p = np.zeros((k + 1, k + 1))
        p[np.arange(k), np.arange(k)] = 1 / se**2 + 1 / tau**2
        p[:k, k] = p[k, :k] = -1 / tau**2
        p[k, k] = k / tau**2
        b = np.append(y / se**2, 0.0)
        cov = np.linalg.inv(p)
        centre = cov @ b
        sign, logdet = np.linalg.slogdet(p)
        log = 0.5 * b @ centre - 0.5 * logdet - k * np.log(tau)
        return log, centre[i], np.sqrt(cov[i, i])

    top = max(given(t)[0] for t in np.geomspace(0.05 * scale, 20 * scale, 60))

    def integral(f):
        # u = tau/(tau + scale) holds every spread in (0, 1)
        def inside(u):
            tau = scale * u / (1 - u)
            log, m, s = given(tau)
            return np.exp(log - top) * f(m, s) * scale / (1 - u) ** 2

        return integrate.quad(inside, 1e-4, 1 - 1e-6, limit=200, epsabs=1e-10, epsrel=1e-9)[0]

    whole = integral(lambda m, s: 1.0)
    return lambda f: integral(f) / whole


@pytest.mark.parametrize(
    ("y", "se"),
    [SCHOOLS, ([0.8, -0.2, 1.5, 0.3, 2.1, 0.1], [0.4, 0.3, 0.5, 0.4, 0.6, 0.3])],
    ids=["schools", "six tests"],
)
def test_the_unknown_spread_is_integrated_as_by_brute_force(y, se):
    found = ab.shrink(effect(y, se))
    for i in (0, len(y) - 1):
        average = brute_force(y, se, i)
        assert found.mean[i] == pytest.approx(
            average(lambda m, s: m), rel=2e-4, abs=2e-4 * np.mean(se)
        )  # u from 1e-4
        second = average(lambda m, s: s**2 + m**2)
        assert found.sd[i] ** 2 + found.mean[i] ** 2 == pytest.approx(second, rel=1e-3)
        below = average(lambda m, s, low=found.low[i]: stats.norm.cdf(low, m, s))
        above = average(lambda m, s, high=found.high[i]: stats.norm.sf(high, m, s))
        assert (below, above) == pytest.approx(
            (0.025, 0.025), abs=2e-5
        )  # the part of the range that is left out


def test_a_batch_is_the_loop_and_the_order_of_tests_does_not_matter(rng):
    y, se = rng.normal(0, 1, (3, 6)), rng.uniform(0.5, 1.5, (3, 6))
    batch = ab.shrink(effect(y, se))
    for row in range(3):
        one = ab.shrink(
            [effect(a, b, f"test {i}") for i, (a, b) in enumerate(zip(y[row], se[row], strict=True))]
        )
        back = ab.shrink(effect(y[row, ::-1], se[row, ::-1]))
        for name in ("mean", "sd", "low", "high"):
            assert getattr(batch, name)[row] == pytest.approx(getattr(one, name), rel=1e-9)  # same sums
            assert getattr(back, name)[::-1] == pytest.approx(getattr(one, name), rel=1e-6, abs=1e-9)
        assert one.label.tolist() == [f"test {i}" for i in range(6)]


def test_the_unit_of_the_metric_does_not_matter():
    y, se = np.array(SCHOOLS[0]), np.array(SCHOOLS[1])
    one, cents = ab.shrink(effect(y, se)), ab.shrink(effect(100 * y + 5, 100 * se))
    for name in ("mean", "low", "high", "mu"):
        assert getattr(cents, name) == pytest.approx(100 * getattr(one, name) + 5, rel=1e-6, abs=1e-6)


def test_no_spread_is_the_common_mean_and_a_huge_one_the_estimate():
    y, se = SCHOOLS
    none, huge = ab.shrink(effect(y, se), spread=0), ab.shrink(effect(y, se), spread=1e6)
    weights = 1 / np.square(se)
    assert none.mean == pytest.approx(np.average(y, weights=weights), rel=1e-12)
    assert huge.mean == pytest.approx(np.array(y), rel=1e-6)
    assert (huge.high - huge.low) / 2 == pytest.approx(1.959964 * np.array(se), rel=1e-5)


def test_many_tests_find_their_spread(rng):
    """5,000 effects of sd 1 measured to .01: a grid over the spread that is not refined misses a peak so
    narrow.
    """
    truth = rng.normal(0, 1, 5_000)
    found = ab.shrink(effect(truth + rng.normal(0, 0.01, 5_000), np.full(5_000, 0.01)))
    sd = truth.std(ddof=1)
    assert found.spread == pytest.approx(sd, abs=5 * sd / np.sqrt(2 * 5_000))
    assert found.spread_high - found.spread_low == pytest.approx(4 * sd / np.sqrt(2 * 5_000), rel=0.1)


def covered(rng, k, spread, reps, call):
    truth = rng.normal(0, spread, (reps, k))
    y = truth + rng.normal(size=(reps, k))
    low, high = call(y)
    inside = (low < truth) & (truth < high)
    return inside.mean(), inside[np.arange(reps), y.argmax(-1)].mean()


def integrated(y):
    found = ab.shrink(effect(y, np.ones_like(y)))
    return found.low, found.high


def plugged_in(y):
    """The wrong way: the best single spread (DerSimonian and Laird), taken as known, and its conditional
    error.
    """
    tau2 = np.maximum(0, y.var(-1, ddof=1) - 1)[..., None]
    shrinkage = tau2 / (1 + tau2)
    mean = y.mean(-1, keepdims=True) + shrinkage * (y - y.mean(-1, keepdims=True))
    half = 1.959964 * np.sqrt(shrinkage)
    return mean - half, mean + half


@pytest.mark.parametrize(("k", "reps"), [(5, 600), (10, 400), (20, 250), (50, 120)])
@pytest.mark.parametrize("spread", [0.3, 0.5, 1.0])
def test_intervals_cover_on_average_and_for_the_largest(rng, k, reps, spread):
    """Within 5 Monte-Carlo errors of the rates of oracles/shrinkage_coverage.py, which are above the promised
    .92.
    """
    average, largest = covered(rng, k, spread, reps, integrated)
    study = next(r for r in STUDY if (r["k"], r["spread"]) == (k, spread))
    assert min(study["average"], study["largest"]) > 0.92
    assert abs(average - study["average"]) < 5 * study["sd_of_one"] * np.sqrt(1 / reps + 1 / study["reps"])
    rate = study["largest"]
    assert abs(largest - rate) < 5 * np.sqrt(rate * (1 - rate) * (1 / reps + 1 / study["reps"]))


def test_teeth_a_plugged_in_spread_does_not_cover(rng):
    for k in (5, 10, 20):
        average, largest = covered(rng, k, 0.3, 4_000, plugged_in)
        assert average < 0.7 and largest < 0.8, k  # far below .92
    low, high = covered(rng, 5, 0.3, 4_000, plugged_in)[0], covered(rng, 20, 1.0, 4_000, plugged_in)[0]
    assert (low, high) == pytest.approx((0.40, 0.86), abs=0.04)  # what notebook 25 says


def test_coverage_of_the_raw_interval_of_the_largest_falls_with_k(rng):
    """Why shrink at all: of 50 tests, the largest estimate's own 95 per cent interval misses in most
    worlds.
    """
    own = covered(rng, 50, 0.3, 4_000, lambda y: (y - 1.96, y + 1.96))
    assert own[0] == pytest.approx(0.95, abs=0.01) and own[1] < 0.5


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        (lambda: [effect(1, 1), effect(2, 1)], "at least three"),
        (lambda: [], "at least three"),
        (lambda: replace(effect([1, 2, 3], [1, 1, 1]), se=np.array([1, 1, 0])), "above 0"),
        (lambda: [1.0, 2.0, 3.0], "must be an Effect"),
    ],
)
def test_what_cannot_be_shrunk_is_refused(effects, said):
    with pytest.raises(ValueError, match=said):
        ab.shrink(effects())


def test_absolute_and_relative_effects_are_not_mixed():
    mixed = [effect(1, 1), effect(2, 1), replace(effect(3, 1), relative=True)]
    with pytest.raises(ValueError, match="absolute or all relative"):
        ab.shrink(mixed)
    with pytest.raises(ValueError, match="`spread` must not be below 0"):
        ab.shrink(effect([1, 2, 3], [1, 1, 1]), spread=-1)
