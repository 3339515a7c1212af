"""How often CUPED and Lin's regression err, against rates counted on rows by an independent script; the
faults must show.
"""

from functools import partial

import numpy as np
import pytest
from conftest import SEED

import abkit as ab
from abkit import Moments
from abkit.datasets import pre_period_world

REPS = 10_000


def noise(rng, shape, kind):
    return rng.standard_normal(shape) if kind == "normal" else rng.standard_exponential(shape) - 1


def arms_of(rng, size, *, counts, k, sd, kind="normal"):
    """Moments of y = x1 + … + xk + sd·e in both arms: `size` experiments without an effect."""
    out = []
    for n, s in zip(counts, sd, strict=True):
        x = noise(rng, (k, size, n), kind)
        y = x.sum(0) + s * noise(rng, (size, n), kind)
        out.append(Moments.of(y, **{f"x{j}": x[j] for j in range(k)}))
    return tuple(out)


def band(p, se=0.0, reps=REPS):
    """Five standard errors of a simulated rate against one that has its own; a stored 0 of 10,000 counts as
    1.
    """
    p = max(p, 1e-4)
    return 5 * np.hypot(np.sqrt(p * (1 - p) / reps), se)


def plain_welch(control, treatment):
    """The fault: theta is found, and then forgotten: Welch's test on y − theta'x."""
    turn = np.concatenate([np.ones((*np.shape(control.n), 1)), -ab.cuped_theta(control, treatment)], -1)
    rest = [
        Moments(
            a.n,
            (a.mean * turn).sum(-1)[..., None],
            np.einsum("...i,...ij,...j->...", turn, a.scatter, turn)[..., None, None],
            ("y",),
        )
        for a in (control, treatment)
    ]
    return ab.welch(*rest)


def rejects(effect):
    assert not np.isnan(effect.pvalue).any()
    return (effect.pvalue < 0.05).mean()


WORLDS = [
    (counts, k, sd, shape)
    for counts in ((10, 10), (30, 30), (300, 30))
    for k in (1, 3)
    for sd in ((1, 3), (3, 1))
    for shape in ("normal", "skewed")
]


@pytest.mark.parametrize(("counts", "k", "sd", "shape"), WORLDS)
def test_a_true_null_is_rejected_as_often_as_on_rows(oracle, counts, k, sd, shape):
    world = {"control": counts[0], "treatment": counts[1], "k": k, "sd": list(sd), "shape": shape}
    (x,) = (e["expected"] for e in oracle("adjusting_rates", "null_rate") if e["inputs"] == world)
    reps = REPS if counts[0] < 300 else 4_000
    draw = partial(arms_of, counts=counts, k=k, sd=sd, kind=shape)
    result = ab.calibrate(draw, ab.cuped, reps=reps, rng=SEED, batched=True)
    assert result.failed == 0 and abs(result.bias) < 5 * result.bias_se
    assert abs(result.reject - x["rule"]["rate"]) < band(x["rule"]["rate"], x["rule"]["se"], reps)
    assert result.coverage == pytest.approx(
        1 - result.reject, abs=1e-12
    )  # the dual of the test; rounding of 1 − p
    rng, few = np.random.default_rng([SEED, counts[0], k, *sd, len(shape)]), reps // 2
    arms = draw(rng, few)
    classical = partial(ab.cuped, theta="within", se="classical")
    for name, procedure in (("classical", classical), ("plain", plain_welch)):
        want = x[name]["rate"]
        assert abs(rejects(procedure(*arms)) - want) < band(want, x[name]["se"], few), name


def test_the_stored_rates_are_near_five_per_cent_and_the_faults_are_not(oracle):
    """Normal values: .037 to .055; skewed: up to .08. The classical error .37, plain Welch .10 in their worst
    worlds.
    """
    entries = oracle("adjusting_rates", "null_rate")
    assert len(entries) == 24

    def rates(way, **world):
        return [e["expected"][way]["rate"] for e in entries if world.items() <= e["inputs"].items()]

    assert min(rates("rule")) > 0.035
    assert max(rates("rule", shape="normal")) < 0.057 and max(rates("rule")) < 0.085
    assert min(rates("classical", control=300, sd=[1, 3])) > 0.05 + 10 * band(0.05)
    assert min(rates("plain", control=10, k=3)) > 0.05 + 2 * band(0.05)


def centred_rows(rng, size, rho, n=200):
    """Rows (2, size, n) of x and y with this correlation, no effect."""
    x = rng.standard_normal((2, size, n))
    return x, rho * x + np.sqrt(1 - rho**2) * rng.standard_normal(x.shape)


@pytest.mark.parametrize("rho", [0.5, 0.7, 0.9])
def test_one_centre_for_both_arms_holds_five_per_cent_and_one_each_does_not(oracle, rho):
    (e,) = (e["expected"] for e in oracle("adjusting_rates", "centre") if e["inputs"]["rho"] == rho)
    reps = 4_000
    x, y = centred_rows(np.random.default_rng([SEED, int(10 * rho)]), reps, rho)
    good = rejects(ab.cuped(*(Moments.of(y[a], pre=x[a]) for a in (0, 1))))
    own = x - x.mean(-1, keepdims=True)
    rest = y - own * ((own * y).sum(-1) / (own**2).sum(-1))[..., None]
    fault = rejects(ab.welch(rest[0], rest[1]))
    want = {name: e[name]["rate"] for name in e}
    assert abs(good - want["rule"]) < band(want["rule"], e["rule"]["se"], reps)
    assert abs(fault - want["centred_by_arm"]) < band(want["centred_by_arm"], e["centred_by_arm"]["se"], reps)
    assert good < 0.05 + band(0.05, reps=reps) and fault > 0.05 + band(0.05, reps=reps)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.6])
def test_pooled_fill_with_indicator_holds_five_per_cent_and_a_mean_of_each_arm_does_not(oracle, share):
    (e,) = (e["expected"] for e in oracle("adjusting_rates", "missing") if e["inputs"]["share"] == share)
    reps = 3_000
    rng = np.random.default_rng([SEED, int(10 * share)])
    x, y = centred_rows(rng, reps, 0.9)
    gaps = rng.random(x.shape) < share
    known = np.where(gaps, np.nan, x)
    pooled = np.where(gaps, np.nanmean(known, (0, 2))[:, None], x)
    good = rejects(ab.cuped(*(Moments.of(y[a], pre=pooled[a], gap=gaps[a]) for a in (0, 1))))
    own = np.where(gaps, np.nanmean(known, 2, keepdims=True), x)
    fault = rejects(ab.cuped(*(Moments.of(y[a], pre=own[a]) for a in (0, 1))))
    for found, name in ((good, "pooled_and_indicator"), (fault, "mean_of_each_arm")):
        assert abs(found - e[name]["rate"]) < band(e[name]["rate"], e[name]["se"], reps)
    assert good < 0.05 + band(0.05, reps=reps)
    assert fault > 0.05 + band(0.05, reps=reps) or share == 0.3  # .074 at .3: seen in the stored 10,000 only


@pytest.mark.parametrize("theta", ["optimal", "within"])
def test_an_effect_is_covered_and_not_biased(theta):
    world = pre_period_world(40, slopes=(0.8, 0.3), sd=(1.0, 2.0), effect=0.5, allocation=0.3)
    result = ab.calibrate(world, partial(ab.cuped, theta=theta), truth=0.5, reps=20_000, rng=SEED)
    assert result.failed == 0 and abs(result.bias) < 5 * result.bias_se
    assert (
        abs(result.coverage - 0.95) < 0.01 + 5 * result.coverage_se
    )  # asymptotic: .01 at 17 units in treatment
    assert result.coverage == pytest.approx(1 - 0.05, abs=0.02)


def test_the_adjusted_lift_covers_and_states_its_spread():
    """Control mean 10, true lift 5 per cent, unequal arms and slopes: the spread of estimates is the stated
    error.
    """
    draw = pre_period_world(120, slopes=(3.0, 2.0), sd=(2.0, 3.0), effect=0.5, allocation=0.25)
    arms = [
        Moments(a.n, a.mean + [10.0, 0.0], a.scatter, a.names)
        for a in draw(np.random.default_rng(SEED), 10_000)
    ]
    e = ab.cuped_lift(*arms)
    covered = ((e.low < 0.05) & (e.high > 0.05)).mean()
    assert abs(covered - 0.95) < band(0.05) + 0.006  # .006: asymptotic, 40 units in treatment
    assert e.se.mean() == pytest.approx(e.estimate.std(), rel=0.04)
    assert e.estimate.mean() == pytest.approx(
        0.05, abs=5 * e.estimate.std() / 100 + 0.001
    )  # ratio bias of order 1/n


def test_correlation_seven_tenths_leaves_51_per_cent_of_the_variance():
    """1 − .7² = .51, exactly the ratio of the true variances; 400 users an arm, to k/N."""
    draw = pre_period_world(400, slopes=0.7)
    arms = draw(np.random.default_rng(SEED), 20_000)
    raw, sharp = ab.welch(*arms).estimate, ab.cuped(*arms).estimate
    ratio = sharp.var() / raw.var()
    assert ratio == pytest.approx(
        0.51, abs=5 * 0.51 * np.sqrt(4 * 0.49 / 20_000) + 0.002
    )  # sd of a ratio of two variances


def test_one_slope_from_all_rows_can_be_worse_than_no_adjustment():
    """Lin (2013): 10 per cent treated, slopes (1, 0), residual sd 1: variance ratio 173/110 = 1.573; optimal
    never above 1.

    By hand, N·variance: raw 2/.9 + 1/.1 = 110/9; pooled slope .9: 1/.9·(1 + .01) + 1/.1·(1 + .81) = 173/9.
    """
    draw = pre_period_world(18_000, slopes=(1, 0), sd=1, allocation=0.1)
    arms = draw(np.random.default_rng(SEED), 8_000)
    raw = ab.welch(*arms).estimate.var()
    within, best = (ab.cuped(*arms, theta=theta).estimate.var() / raw for theta in ("within", "optimal"))
    error = 5 * np.sqrt(4 / 8_000)  # of a ratio of two variances, at most
    assert within == pytest.approx(173 / 110, abs=173 / 110 * error)
    assert best < 1.0 and within > 1 + error
    stated = (ab.cuped(*arms, theta="within").se ** 2).mean() / raw
    assert stated == pytest.approx(within, abs=173 / 110 * error)  # worse, and honest about it


def lin_rows(rng, size, n, slopes):
    """Rows of y = slope_w·x + e with n units an arm: the effect of the average unit of the population is
    0.
    """
    x = rng.standard_normal((size, 2 * n))
    treated = np.repeat([0.0, 1.0], n)
    y = np.where(treated == 1, slopes[1], slopes[0]) * x + rng.standard_normal(x.shape)
    return y, np.broadcast_to(treated, y.shape), x


def test_lin_covers_the_population_and_hc2_alone_does_not():
    """Slopes 0 and 2, 100 units an arm: true variance (4 + 4)/N, HC2 sees 4/N: coverage 2Φ(1.96·√.5) − 1 =
    .834.
    """
    reps = 4_000
    rows = lin_rows(np.random.default_rng(SEED), reps, 100, (0, 2))
    covered = [1 - rejects(ab.lin(*rows, population=p)) for p in (True, False)]
    assert abs(covered[0] - 0.95) < band(0.05, reps=reps)
    assert covered[1] == pytest.approx(
        0.834, abs=band(0.166, reps=reps) + 0.005
    )  # .005: N − 4 df, not the normal
    assert covered[1] < 0.95 - 2 * band(0.05, reps=reps)


def test_lin_and_optimal_cuped_come_together_in_large_arms():
    y, treated, x = lin_rows(np.random.default_rng(SEED), 200, 2_000, (0.2, 1.4))
    arms = [Moments.of(y[:, part], pre=x[:, part]) for part in (slice(2_000), slice(2_000, None))]
    one, other = ab.lin(y, treated, x), ab.cuped(*arms)
    assert (
        np.abs(one.estimate - other.estimate).max() < 0.1 * other.se.mean()
    )  # a term of order 1/n beside 1/√n
    assert np.abs(one.se / other.se - 1).max() < 0.01


def test_looks_on_adjusted_effects_keep_alpha_by_their_information():
    """Information is 1/se² after adjustment: O'Brien-Fleming spending at five looks rejects 5 per cent in
    all.

    Against looks spaced by it the joint law is the canonical one, so corr(Z1, Z5) = √(I1/I5).
    """
    reps, looks, n = 8_000, 5, 60
    rng = np.random.default_rng(SEED)
    world = pre_period_world(n, slopes=0.8)
    total, effects = None, []
    for _ in range(looks):
        new = world(rng, reps)
        total = new if total is None else tuple(a + b for a, b in zip(total, new, strict=True))
        effects.append(ab.cuped(*total))
    boundary = ab.group_sequential(np.arange(1, looks + 1) / looks)
    z = np.stack([e.estimate / e.se for e in effects], -1)
    crossed = (np.abs(z) >= boundary.upper).any(-1).mean()
    assert (
        abs(crossed - 0.05) < band(0.05, reps=reps) + 0.005
    )  # .005: t with 118 df beside the normal at look 1
    information = np.stack([(1 / e.se**2).mean() for e in effects])
    got = np.corrcoef(z[:, 0], z[:, -1])[0, 1]
    assert got == pytest.approx(np.sqrt(information[0] / information[-1]), abs=5 / np.sqrt(reps))


@pytest.mark.parametrize("k", [1, 3])
def test_the_lower_bound_of_rho2_holds_in_95_per_cent(k):
    """Normal data, true rho² = k/(k + 4): the bound lies above it in about one case in twenty."""
    reps = 8_000
    arms = arms_of(np.random.default_rng([SEED, k]), reps, counts=(60, 60), k=k, sd=(2, 2))
    above = (ab.saving(*arms).rho2_low > k / (k + 4)).mean()
    assert (
        0.02 < above < 0.05 + band(0.05, reps=reps) + 0.01
    )  # .01: Fisher's z of several covariates is approximate


def test_balance_fails_one_fair_split_in_a_thousand():
    """At .05, which a simulation can see: 5 per cent of fair splits, also with unequal arms and three
    covariates.
    """
    rng, reps = np.random.default_rng(SEED), 500
    fails = 0
    for _ in range(reps):
        x = [rng.normal(size=(n, 3)) * s for n, s in ((60, 1.0), (25, 2.0))]
        arms = [Moments.of(v[:, 0], **{f"x{j}": v[:, j] for j in range(3)}) for v in x]
        fails += ab.balance(*arms).pvalue < 0.05
    assert abs(fails / reps - 0.05) < band(0.05, reps=reps)


def least_squares():
    """scikit-learn's LinearRegression without its checks: 600 small fits in a fraction of the time."""
    from sklearn.base import BaseEstimator

    class LeastSquares(BaseEstimator):
        def fit(self, x, y):
            self.beta = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), y, rcond=None)[0]
            return self

        def predict(self, x):
            return self.beta[0] + x @ self.beta[1:]

    return LeastSquares()


def predicted(rng, effect, *, peek):
    """CUPED of 40 units with a prediction from 20 features, of which 2 matter; peek: fitted to the same rows
    (a fault).
    """
    x, treated = rng.normal(size=(40, 20)), rng.permutation(np.arange(40) % 2)
    y = 2 * x[:, 0] + x[:, 1] + rng.normal(size=40) + effect * treated
    guess = least_squares().fit(x, y).predict(x) if peek else ab.cross_fit(least_squares(), x, y, rng=rng)
    return ab.cuped(*(Moments.of(y[treated == a], guess=guess[treated == a]) for a in (0, 1)))


def test_a_cross_fitted_prediction_keeps_the_promise_and_a_peeking_one_takes_the_effect_away():
    """A model of 21 numbers, fitted to 40 rows, holds about half of the effect, and CUPED takes it out."""
    reps, rng = 250, np.random.default_rng(SEED)
    null = [predicted(rng, 0.0, peek=False).pvalue < 0.05 for _ in range(reps)]
    assert abs(np.mean(null) - 0.05) < band(0.05, reps=reps)
    for peek, low, high in ((False, 0.9, 1.1), (True, 0.3, 0.7)):
        found = [predicted(rng, 1.0, peek=peek).estimate for _ in range(reps)]
        error = 5 * np.std(found) / np.sqrt(reps)
        assert low - error < np.mean(found) < high + error
        assert (abs(np.mean(found) - 1.0) < error) is not peek
