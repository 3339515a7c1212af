"""CUPED and Lin's regression: stored references, identities, and what a covariate may not be."""

import numpy as np
import pytest
from conftest import SEED
from oracles.peers_data import frame

import abkit as ab
from abkit import Moments


def by_arm(y, x, treated):
    """Moments of both arms from rows (rows,), (rows, k) and 0/1."""
    y, x, treated = np.asarray(y, float), np.asarray(x, float), np.asarray(treated)
    x = x[:, None] if x.ndim == 1 else x
    return [
        Moments.of(y[treated == a], **{f"x{j}": x[treated == a, j] for j in range(x.shape[1])})
        for a in (0, 1)
    ]


def values(effect, *fields):
    return [getattr(effect, f) for f in fields]


@pytest.fixture(scope="module")
def rows():
    return frame("small")


@pytest.fixture
def arms(rng):
    """Three covariates, unequal arms, slopes and spreads."""
    x = rng.normal(5, 2, (90, 3))
    treated = np.repeat([0, 1], (60, 30))
    y = x @ [1.0, 0.5, -0.3] + treated * x[:, 0] + rng.normal(size=90) * (1 + 2 * treated)
    return by_arm(y, x, treated)


def test_cuped_equals_the_references(oracle):
    entries = oracle("adjustment", "cuped_k")
    assert len(entries) == 4
    for e in entries:
        i, x = e["inputs"], e["expected"]
        arms = by_arm(i["y"], i["x"], i["treatment"])
        for theta in ("optimal", "within"):
            got = ab.cuped(*arms, theta=theta)
            want = [x[f"effect_{theta}"], x[f"se_{theta}_rule"], x[f"df_{theta}_rule"]]
            np.testing.assert_allclose(values(got, "estimate", "se", "df"), want, rtol=0, atol=1e-9)
            np.testing.assert_allclose(ab.cuped_theta(*arms, theta=theta), x[f"theta_{theta}"], atol=1e-9)
        old = ab.cuped(*arms, theta="within", se="classical")
        want = [x["effect_within"], x["se_within"], x["df"], x["p_within"], *x["ci_within"]]
        fields = ("estimate", "se", "df", "pvalue", "low", "high")
        np.testing.assert_allclose(values(old, *fields), want, rtol=0, atol=1e-9)


def test_one_slope_within_the_arms_equals_the_exact_fractions(oracle):
    entries = oracle("adjustment", "cuped")
    assert len(entries) == 3
    for e in entries:
        i, x = e["inputs"], e["expected"]
        arms = by_arm(i["y"], i["x"], i["treatment"])
        got = ab.cuped(*arms, theta="within").estimate
        assert got == pytest.approx(x["diff_with_within_arm_theta"], abs=1e-9)
        assert ab.cuped_theta(*arms, theta="within")[0] == pytest.approx(
            x["theta_within_arm_pooled"], abs=1e-9
        )


def test_a_ratio_with_a_pre_period_ratio_equals_the_references(oracle):
    entries = oracle("adjustment", "cuped_ratio")
    assert len(entries) == 3
    for e in entries:
        i, x = e["inputs"], e["expected"]
        arms = [
            ab.linearised(
                Moments.of(
                    i[f"num_{a}"], den=i[f"den_{a}"], pre_num=i[f"pre_num_{a}"], pre_den=i[f"pre_den_{a}"]
                ),
                ("y", "den"),
                ("pre_num", "pre_den"),
            )
            for a in ("control", "treatment")
        ]
        got = ab.cuped(*arms)
        want = [x["effect"], x["se_rule"], x["df_rule"]]
        np.testing.assert_allclose(values(got, "estimate", "se", "df"), want, rtol=0, atol=1e-9)
        assert ab.cuped_theta(*arms)[0] == pytest.approx(x["theta_optimal"], abs=1e-9)
        plain = ab.welch(*arms, metric="y/den")
        np.testing.assert_allclose(values(plain, "estimate", "se"), [x["diff_raw"], x["se_raw"]], atol=1e-9)


@pytest.mark.parametrize("topic", ["lin_interacted", "lin_interacted_k"])
def test_lin_equals_the_references(oracle, topic):
    entries = oracle("adjustment", topic)
    assert len(entries) >= 3
    for e in entries:
        i, x = e["inputs"], e["expected"]
        for se in ("hc2", "hc3"):
            got = ab.lin(i["y"], i["treatment"], i["x"], se=se, population=False)
            assert values(got, "estimate", "se") == pytest.approx([x["ate"], x[f"se_{se}"]], abs=1e-8)
        if "df" in x:
            got = ab.lin(i["y"], i["treatment"], i["x"], population=False)
            want = [x["df"], x["p_hc2"], *x["ci_hc2"]]
            assert values(got, "df", "pvalue", "low", "high") == pytest.approx(want, abs=1e-8)


def test_four_thousand_users_give_what_the_peers_print(rows, oracle):
    treated, y = rows.variant.to_numpy(), rows.rev.to_numpy()
    for e in oracle("adjustment", "peer_lin"):
        i, x = e["inputs"], e["expected"]
        got = ab.lin(y, treated, rows[i["x"]].to_numpy(), se=i["se"], population=False)
        assert values(got, "estimate", "se") == pytest.approx([x["effect"], x["se"]], abs=1e-9)
    for e in oracle("adjustment", "peer_within"):
        arms = by_arm(y, rows[e["inputs"]["x"]].to_numpy(), treated)
        assert ab.cuped(*arms, theta="within").estimate == pytest.approx(e["expected"]["effect"], abs=1e-9)
        assert ab.cuped_theta(*arms, theta="within") == pytest.approx(e["expected"]["theta"], abs=1e-9)
    (e,) = oracle("adjustment", "peer_ancova")
    got = ab.cuped(*by_arm(y, rows.pre, treated), theta="within", se="classical")
    want = [e["expected"][k] for k in ("effect", "se", "low", "high", "p")]
    assert values(got, "estimate", "se", "low", "high", "pvalue") == pytest.approx(want, abs=1e-9)


def test_the_population_term_is_the_turn_of_the_slopes(rng):
    """(Δβ)'S(Δβ)/N, with the slopes from numpy's least squares in each arm."""
    x, treated = rng.normal(2, 3, (80, 2)), np.repeat([0, 1], (50, 30))
    y = x @ [1.0, -1.0] + treated * (2 + x[:, 0]) + rng.normal(size=80)
    slope = [
        np.linalg.lstsq(np.column_stack([np.ones(n), x[treated == a]]), y[treated == a], rcond=None)[0][1:]
        for a, n in ((0, 50), (1, 30))
    ]
    turn = slope[1] - slope[0]
    small, whole = (ab.lin(y, treated, x, population=p) for p in (False, True))
    assert whole.estimate == small.estimate
    assert whole.se**2 - small.se**2 == pytest.approx(turn @ np.cov(x.T) @ turn / 80, rel=1e-9)


def test_optimal_and_within_agree_at_equal_arms_with_equal_scatter(rng):
    x = rng.normal(size=40)
    y = np.concatenate([x, 2 * x]) + rng.normal(size=80)
    arms = by_arm(y, np.concatenate([x, x + 1]), np.repeat([0, 1], 40))
    one, other = ab.cuped(*arms), ab.cuped(*arms, theta="within")
    assert values(one, "estimate", "se", "df") == pytest.approx(
        values(other, "estimate", "se", "df"), rel=1e-10
    )


def test_the_three_coincide_at_equal_arms_with_equal_scatter(rng):
    """Lin's two slopes then average to the one slope of both thetas: the same estimate, to the last
    digits.
    """
    x = rng.normal(size=30)
    x, treated = np.concatenate([x, x + 0.7]), np.repeat([0, 1], 30)
    y = np.where(treated == 1, 2.0, 0.5) * x + rng.normal(size=60)
    arms = by_arm(y, x, treated)
    three = [
        ab.cuped(*arms).estimate,
        ab.cuped(*arms, theta="within").estimate,
        ab.lin(y, treated, x).estimate,
    ]
    assert three == pytest.approx([three[0]] * 3, rel=1e-10)
    few = np.delete(np.arange(60), [31, 40, 50])
    arms = by_arm(y[few], x[few], treated[few])
    apart = [
        ab.cuped(*arms).estimate,
        ab.cuped(*arms, theta="within").estimate,
        ab.lin(y[few], treated[few], x[few]).estimate,
    ]
    assert len({round(v, 6) for v in apart}) == 3  # unequal arms part them


def test_optimal_is_the_smallest_variance_from_moments(arms, rng):
    """Any other slope leaves more of Σ s²/n."""

    def left(theta):
        total = 0.0
        for arm in arms:
            c = np.append(1.0, -theta)
            total += c @ arm.cov @ c / arm.n
        return total

    best = ab.cuped_theta(*arms)
    assert all(left(best) < left(best + step) for step in rng.normal(scale=0.05, size=(20, 3)))


def test_a_shift_and_a_unit_of_the_covariates_change_nothing(arms):
    def moved(arm, scale, shift, names):
        turn = np.diag([1.0, *scale])
        return Moments(arm.n, arm.mean @ turn + [0.0, *shift], turn @ arm.scatter @ turn, names)

    names = ("x0", "a", "b", "c")
    other = [moved(arm, (1e-6, 1e3, -2.0), (5e-3, 1e6, 0.0), names) for arm in arms]
    for theta in ("optimal", "within"):
        got, want = ab.cuped(*other, theta=theta), ab.cuped(*arms, theta=theta)
        assert values(got, "estimate", "se", "df") == pytest.approx(
            values(want, "estimate", "se", "df"), rel=1e-8
        )


def test_adding_a_covariate_to_the_metric_changes_nothing(arms):
    turn = np.eye(4)
    turn[0, 1:] = [3.0, -2.0, 0.5]
    other = [Moments(a.n, a.mean @ turn.T, turn @ a.scatter @ turn.T, a.names) for a in arms]
    fields = ("estimate", "se", "df")
    assert values(ab.cuped(*other), *fields) == pytest.approx(values(ab.cuped(*arms), *fields), rel=1e-9)


def test_shards_add_up_and_swapped_arms_turn_the_sign(rng):
    y, x = rng.normal(size=(2, 60)), rng.normal(size=(2, 60))
    y = y + x
    whole = [Moments.of(y[a], pre=x[a]) for a in (0, 1)]
    parts = [Moments.of(y[a, :20], pre=x[a, :20]) + Moments.of(y[a, 20:], pre=x[a, 20:]) for a in (0, 1)]
    assert ab.cuped(*parts).low == pytest.approx(ab.cuped(*whole).low, abs=1e-12)
    assert ab.cuped(*whole[::-1]).estimate == pytest.approx(-ab.cuped(*whole).estimate, abs=1e-12)
    assert ab.cuped(*whole[::-1]).pvalue == pytest.approx(ab.cuped(*whole).pvalue, abs=1e-12)


@pytest.mark.parametrize("options", [{}, {"theta": "within"}, {"theta": "within", "se": "classical"}])
def test_a_batch_is_a_loop(rng, options):
    y, x, z = rng.normal(size=(3, 2, 5, 20))
    batch = ab.cuped(*(Moments.of(y[a] + x[a], pre=x[a], z=z[a]) for a in (0, 1)), **options)
    for i in range(5):
        one = ab.cuped(*(Moments.of(y[a, i] + x[a, i], pre=x[a, i], z=z[a, i]) for a in (0, 1)), **options)
        for field in ("estimate", "se", "df", "low", "pvalue", "value_control"):
            assert getattr(batch, field)[i] == pytest.approx(getattr(one, field), rel=1e-10)


def test_a_batch_of_lin_is_a_loop(rng):
    y, x = rng.normal(size=(4, 30)), rng.normal(size=(4, 30, 2))
    treated = np.stack([rng.permutation(np.repeat([0, 1], (18, 12))) for _ in range(4)])
    batch = ab.lin(y, treated, x)
    for i in range(4):
        one = ab.lin(y[i], treated[i], x[i])
        assert [batch.estimate[i], batch.se[i]] == pytest.approx([one.estimate, one.se], rel=1e-10)


def test_interval_and_p_value_are_duals(arms):
    for null in (ab.cuped(*arms).low, ab.cuped(*arms).high):
        assert ab.cuped(*arms, null=null).pvalue == pytest.approx(0.05, abs=1e-12)
    e = ab.cuped(*arms, alternative="greater", alpha=0.1)
    assert e.high == np.inf and ab.cuped(*arms, null=e.low, alternative="greater").pvalue == pytest.approx(
        0.1
    )


def test_both_adjusted_arms_differ_by_the_effect(arms):
    """value_control is the control at the covariates' mean of all units, so control + effect is the treatment
    there.
    """
    e, theta = ab.cuped(*arms), ab.cuped_theta(*arms)
    c, t = arms
    everyone = (c.n * c.mean[1:] + t.n * t.mean[1:]) / (c.n + t.n)
    assert e.value_control + e.estimate == pytest.approx(t.mean[0] - theta @ (t.mean[1:] - everyone))


def test_the_adjusted_lift_is_the_dual_of_cuped_and_nearly_the_ratio_of_its_means(arms):
    up = [Moments(a.n, a.mean + [20.0, 0, 0, 0], a.scatter, a.names) for a in arms]
    effect, relative = ab.cuped(*up), ab.cuped_lift(*up)
    assert relative.pvalue == pytest.approx(effect.pvalue, rel=1e-9)
    assert relative.estimate == pytest.approx(effect.estimate / effect.value_control, rel=1e-12)
    for alpha in (1.0001 * effect.pvalue, 0.9999 * effect.pvalue):
        e = ab.cuped_lift(*up, alpha=alpha)
        assert (e.low > 0 or e.high < 0) == (effect.pvalue < alpha)
    with pytest.raises(ValueError, match="above 0"):
        ab.cuped_lift(*(Moments(a.n, a.mean - [900.0, 0, 0, 0], a.scatter, a.names) for a in arms))


def test_chosen_covariates_are_those_alone(arms):
    few = [a.select("y", "x2", "x0") for a in arms]
    assert ab.cuped(*arms, covariates=["x2", "x0"]).se == ab.cuped(*few).se
    assert ab.cuped(*arms, covariates="x1").se == ab.cuped(*arms, covariates=("x1",)).se
    for names, message in [
        (["x9"], "x9"),
        ([], "none"),
        (["y"], "besides the metric"),
        (["x1", "x1"], "each once"),
    ]:
        with pytest.raises(ValueError, match=message):
            ab.cuped(*arms, covariates=names)


@pytest.mark.parametrize("theta", ["optimal", "within"])
def test_a_constant_or_singular_covariate_is_refused_by_name(rng, theta):
    y, pre = rng.normal(size=30), rng.normal(1e4, 1, 30)

    def pair(**columns):
        return [
            Moments.of(y[:15], **{k: v[:15] for k, v in columns.items()}),
            Moments.of(y[15:], **{k: v[15:] for k, v in columns.items()}),
        ]

    cases = [
        ({"pre": pre, "flat": np.full(30, 0.1)}, "`flat` must vary"),
        ({"arm": np.repeat([0.0, 1.0], 15)}, "`arm` must vary"),
        ({"pre": pre, "twice": 2 * pre - 7}, "`twice` must not follow from"),
        ({"a": pre, "b": y, "sum": pre + y}, "`sum` must not follow from"),
    ]
    for columns, message in cases:
        with pytest.raises(ValueError, match=message):
            ab.cuped(*pair(**columns), theta=theta)


def test_one_bad_experiment_of_a_batch_is_nan_alone(rng):
    x = rng.normal(size=(2, 3, 12))
    x[:, 1] = 4.0
    e = ab.cuped(*(Moments.of(rng.normal(size=(3, 12)), pre=x[a]) for a in (0, 1)))
    assert np.isnan(e.pvalue).tolist() == [False, True, False]
    assert np.isnan(e.low).tolist() == [False, True, False]


def test_too_few_units_are_refused():
    """Two units an arm have 2 df at most, and two covariates take both."""
    arms = (
        Moments.of([1.0, 2.0], a=[1.0, 3.0], b=[2.0, 1.0]),
        Moments.of([1.0, 4.0], a=[1.0, 3.0], b=[2.0, 7.0]),
    )
    with pytest.raises(ValueError, match="more units for 2 covariates; got 2 and 2"):
        ab.cuped(*arms)
    with pytest.raises(ValueError, match="at least two rows"):
        ab.cuped(arms[0], Moments.of([1.0], a=[1.0], b=[2.0]))


def test_a_perfect_covariate_leaves_no_error_to_test_with():
    x = np.arange(6.0)
    with pytest.raises(ValueError, match="no variation"):
        ab.cuped(Moments.of(2 * x, pre=x), Moments.of(2 * x + 1, pre=x))


def test_options_that_do_not_fit_are_refused(arms):
    with pytest.raises(ValueError, match='only with theta="within"'):
        ab.cuped(*arms, se="classical")
    with pytest.raises(ValueError, match="`theta` must be one of"):
        ab.cuped(*arms, theta="pooled")
    with pytest.raises(ValueError, match="`se` must be one of"):
        ab.cuped(*arms, se="hc2")


@pytest.mark.parametrize(
    ("treated", "x", "message"),
    [
        ([0, 0, 0, 1, 1, 2], np.arange(6.0), "0 and 1"),
        ([0, 0, 0, 1, 1, 1], np.arange(5.0), "one shape"),
        ([0, 0, 0, 1, 1, 1], [1.0, 2.0, 3.0, 5.0, 5.0, 5.0], "must vary in both arms"),
        ([0, 0, 0, 0, 1, 1], [0.0, 1.0, 2.0, 3.0, 1.0, 2.0], "decides a slope alone"),
        ([0, 0, 0, 1, 1, 1], np.arange(12.0).reshape(6, 2) ** 2, "must vary in both arms"),
    ],
)
def test_lin_refuses_what_it_cannot_fit(treated, x, message):
    with pytest.raises(ValueError, match=message):
        ab.lin([1.0, 2.0, 4.0, 3.0, 4.0, 7.0], treated, x)


def test_welch_of_linearised_columns_is_the_ratio_test(rows):
    arms = [Moments.from_table(rows[rows.variant == a], ["orders", "sessions", "pre_orders"]) for a in (0, 1)]
    one = ab.ratio(*arms)
    other = ab.z_test(*(ab.linearised(a, ("orders", "sessions"), "pre_orders") for a in arms))
    assert values(one, "estimate", "se", "pvalue") == pytest.approx(
        values(other, "estimate", "se", "pvalue"), rel=1e-12
    )
    kept = ab.linearised(arms[0], "pre_orders", ("orders", "sessions"))
    assert kept.names == ("pre_orders", "orders/sessions")
    assert kept.cov[0, 0] == pytest.approx(arms[0].cov[2, 2], rel=1e-12)
    with pytest.raises(ValueError, match="mean 0"):
        ab.linearised(Moments.of([1.0, 2.0], d=[1.0, -1.0]), ("y", "d"))


def test_gaps_filled_with_any_constant_give_one_effect(rng):
    """With the indicator beside it, the fill is only another name for the same two covariates."""
    x = rng.normal(5, 1, 80)
    x[rng.random(80) < 0.3] = np.nan
    y, treated = np.nan_to_num(x) + rng.normal(size=80), np.repeat([0, 1], 40)
    filled, gaps = ab.fill_missing(x)
    assert filled[gaps == 1] == pytest.approx(np.nanmean(x))
    assert (filled[gaps == 0] == x[~np.isnan(x)]).all() and set(gaps) == {0.0, 1.0}
    other = np.where(gaps == 1, -40.0, filled)
    one, two = (ab.cuped(*by_arm(y, np.column_stack([v, gaps]), treated)) for v in (filled, other))
    assert values(one, "estimate", "se", "df") == pytest.approx(values(two, "estimate", "se", "df"), rel=1e-9)


def test_a_column_of_gaps_or_an_infinite_value_is_refused():
    with pytest.raises(ValueError, match="at least one value"):
        ab.fill_missing([np.nan, np.nan])
    with pytest.raises(ValueError, match="infinite"):
        ab.fill_missing([np.inf, 1.0])


def test_balance_of_one_covariate_is_welchs_test(arms):
    got, want = ab.balance(*arms, covariates="x0"), ab.welch(*arms, metric="x0")
    assert got.pvalue == pytest.approx(want.pvalue, abs=1e-12)
    assert got.statistic == pytest.approx((want.estimate / want.se) ** 2)


def test_balance_of_equal_arms_is_hotellings_test(rng):
    """n equal arms with equal covariances: Krishnamoorthy and Yu's df are those of the pooled test, 2n −
    2.
    """
    from scipy import stats

    x = rng.normal(size=(20, 2))
    arms = by_arm(rng.normal(size=40), np.concatenate([x, x + [0.4, -0.1]]), np.repeat([0, 1], 20))
    gap, pooled = np.array([0.4, -0.1]), np.cov(x.T)
    t2 = 20 / 2 * gap @ np.linalg.solve(pooled, gap)
    want = stats.f.sf(t2 * (38 - 1) / (38 * 2), 2, 37)
    got = ab.balance(*arms)
    assert got.statistic == pytest.approx(t2) and got.pvalue == pytest.approx(want)


def test_a_covariate_that_the_treatment_moved_fails_balance(rng):
    x, treated = rng.normal(size=400), np.repeat([0, 1], 200)
    check = ab.balance(*by_arm(x + rng.normal(size=400), x + treated, treated))
    assert check.passed is False and "before the start" in check.message


def test_saving_is_the_variance_that_cuped_takes_out(arms, rng):
    """Large arms: left is the ratio of the squared errors of `cuped` and `welch`."""
    x = rng.normal(size=(20_000, 2))
    big = by_arm(x @ [1.0, 0.5] + rng.normal(size=20_000), x, np.repeat([0, 1], 10_000))
    found = ab.saving(*big)
    assert found.left == pytest.approx(
        (ab.cuped(*big).se / ab.welch(*big).se) ** 2, rel=1e-3
    )  # k/N and leverage
    assert found.rho2 + found.left == 1 and found.users == pytest.approx(1 / found.left)
    assert found.rho2_low < found.rho2 and found.at_most == 1 - found.rho2_low
    assert ab.saving(*arms, confidence=0.9).rho2_low > ab.saving(*arms, confidence=0.99).rho2_low


def test_a_covariate_of_pure_noise_saves_nothing_on_average(rng):
    y, x = rng.normal(size=(2, 2_000, 25)), rng.normal(size=(2, 2_000, 25))
    found = ab.saving(*(Moments.of(y[a], pre=x[a]) for a in (0, 1)))
    assert (found.rho2_low <= 0).mean() > 0.9 and (found.left <= 1).all()


def test_cross_fit_predicts_each_row_from_the_others(rng):
    """Against numpy's least squares of the other folds, the split taken from the same seed."""
    from sklearn.linear_model import LinearRegression

    x, seed = rng.normal(size=(23, 2)), SEED + 5
    y = x @ [1.0, 2.0] + rng.normal(size=23)
    got = ab.cross_fit(LinearRegression(), x, y, folds=4, rng=seed)
    for held in np.array_split(np.random.default_rng(seed).permutation(23), 4):
        rest = np.setdiff1d(np.arange(23), held)
        beta = np.linalg.lstsq(np.column_stack([np.ones(len(rest)), x[rest]]), y[rest], rcond=None)[0]
        assert got[held] == pytest.approx(np.column_stack([np.ones(len(held)), x[held]]) @ beta)


def test_cross_fit_takes_a_pipeline_a_frame_and_a_classifier(rows):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    some = rows.head(300)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    got = ab.cross_fit(model, some[["pre", "pre2"]], some.conv.to_numpy(float), rng=1)
    assert ((got > 0) & (got < 1)).all() and np.corrcoef(got, some.pre)[0, 1] > 0.5
    with pytest.raises(ValueError, match="same rows"):
        ab.cross_fit(model, some[["pre"]], rows.conv.to_numpy(float))
