"""Planning against published formulas, brute force, simulation, and itself backwards."""

from itertools import pairwise

import numpy as np
import pytest
from conftest import SEED
from scipy import integrate, stats

import abkit as ab
from abkit.planning import history, means, rates, several


def alternative(sided):
    return "two-sided" if sided == 2 else "greater"


def share_of(ratio):
    return ratio / (1 + ratio)


def near(entry, key="n1_exact"):
    tolerance = entry["tolerance"]
    return pytest.approx(entry["expected"][key], rel=tolerance.get("rel", 0), abs=tolerance.get("abs", 0))


@pytest.mark.parametrize("method", ["pooled", "unpooled", "arcsine"])
def test_sizes_for_two_shares(oracle, method):
    for e in oracle("power", f"two_proportions_n_{method}"):
        i = e["inputs"]
        plan = ab.sample_size_proportions(
            i["p1"],
            p_treatment=i["p2"],
            alpha=i["alpha"],
            power=i["power"],
            method=method,
            alternative="greater"
            if i["sided"] == 1 and i["p2"] > i["p1"]
            else "less"
            if i["sided"] == 1
            else "two-sided",
            allocation=share_of(i["ratio_n2_over_n1"]),
        )
        assert plan.n_exact == near(e) and plan.n_control == np.ceil(e["expected"]["n1_exact"])


def test_printed_sizes_of_the_usual_examples():
    assert ab.sample_size_proportions(0.10, lift=0.10).n_control == 14_751
    assert ab.sample_size_proportions(0.05, lift=0.10).n_control == 31_234
    assert ab.sample_size_proportions(0.10, p_treatment=0.11, method="unpooled").n_control == 14_749


def test_baseline_variance_gives_the_web_calculator(oracle):
    for e in oracle("power", "two_proportions_n_evanmiller"):
        i = e["inputs"]
        got = ab.sample_size_proportions(
            i["p1"], p_treatment=i["p2"], alpha=i["alpha"], power=i["power"], method="baseline"
        ).n_exact
        assert round(got) == e["expected"]["n1"] if "n1" in e["expected"] else got == near(e)


def test_continuity_is_the_closed_formula():
    n = ab.sample_size_proportions(0.1, p_treatment=0.2).n_exact
    want = n / 4 * (1 + np.sqrt(1 + 4 / (n * 0.1))) ** 2  # Fleiss, Levin and Paik (2003), eq. 4.19
    assert ab.sample_size_proportions(0.1, p_treatment=0.2, method="continuity").n_exact == pytest.approx(
        want, rel=1e-12
    )


def test_power_for_two_shares(oracle):
    for e in oracle("power", "two_proportions_power"):
        i = e["inputs"]
        got = ab.power_proportions(
            i["p1"],
            i["p2"],
            i["n1"],
            alpha=i["alpha"],
            alternative=alternative(i["sided"]),
            allocation=share_of(i["n2"] / i["n1"]),
        )
        assert got.power == near(e, "power_correct_tail") and got.n_treatment == i["n2"]


def test_sizes_for_two_means_by_z(oracle):
    for e in oracle("power", "two_means_n_z"):
        i = e["inputs"]
        plan = ab.sample_size(
            i["delta"],
            sd=(i["sd1"], i["sd2"]),
            alpha=i["alpha"],
            power=i["power"],
            normal=True,
            alternative=alternative(i["sided"]),
            allocation=share_of(i["ratio_n2_over_n1"]),
        )
        assert plan.n_exact == near(e)


def test_sizes_for_two_means_by_t(oracle):
    for e in oracle("power", "two_means_n_t"):
        i = e["inputs"]
        plan = ab.sample_size(
            i["delta"],
            sd=i["sd"],
            alpha=i["alpha"],
            power=i["power"],
            alternative="greater" if i["alternative"] == "one.sided" else "two-sided",
        )
        assert plan.n_exact == near(e, "n_per_arm_exact")


def test_smallest_effects(oracle):
    for e in oracle("power", "mde_means"):
        i = e["inputs"]
        got = ab.mde(
            i["n1"],
            sd=i["sd"],
            alpha=i["alpha"],
            power=i["power"],
            allocation=share_of(i["ratio_n2_over_n1"]),
            normal=True,
        )
        assert got.effect == near(e, "mde")
    for e in oracle("power", "mde_proportions"):
        i = e["inputs"]
        got = rates.mde_proportions(i["p1"], i["n_per_arm"], alpha=i["alpha"], power=i["power"])
        assert got.effect == near(e, "mde_abs")


def test_non_inferiority_families_and_ratios(oracle):
    for e in oracle("power", "noninferiority_n"):
        i = e["inputs"]
        got = means.sample_size_non_inferiority(
            i["margin"],
            sd=i["sd"],
            effect=i["true_delta"],
            alpha=i["alpha_one_sided"],
            power=i["power"],
            normal=True,
        )
        assert got.n_exact == near(e, "n_per_arm_exact") and got.effect == i["true_delta"]
    for e in oracle("power", "bonferroni_n"):
        i = e["inputs"]
        got = ab.sample_size_proportions(
            i["p1"], p_treatment=i["p2"], arms=i["comparisons"] + 1, alpha=i["alpha"], power=i["power"]
        )
        assert got.n_exact == near(e, "n_per_arm_exact")
    for e in oracle("power", "ratio_metric_n"):
        i = e["inputs"]
        cov = np.array([[i["var_num"], i["cov"]], [i["cov"], i["var_den"]]])
        past = ab.Moments(101, np.array([i["mean_num"], i["mean_den"]]), cov * 100, ("y", "views"))
        assert means.sample_size_ratio(
            past, lift=i["relative_mde"], alpha=i["alpha"], power=i["power"]
        ).n_exact == near(e, "n_per_arm_exact")


def test_dunnett_critical_values(oracle):
    for e in oracle("power", "dunnett_critical"):
        i = e["inputs"]
        got = several.dunnett_critical(
            i["treatments_vs_control"],
            alpha=i["alpha"],
            alternative=alternative(i["sided"]),
            ratio=i["n_treatment_over_n_control"],
        )
        assert got == near(e, "z_crit")
    plans = [
        ab.sample_size_proportions(0.1, lift=0.1, arms=4, correction=c).n_exact
        for c in ("none", "dunnett", "bonferroni")
    ]
    assert plans == sorted(plans)


def normal_mean(values, steps, width):
    """Mean of a function of a standard normal by adaptive quadrature, piece by piece around its steps."""
    ends = sorted(
        {-12.0, 12.0, *(e + k * width for e in steps for k in (-10, -3, 0, 3, 10) if abs(e + k * width) < 12)}
    )
    return sum(
        integrate.quad(lambda u: stats.norm.pdf(u) * values(u), a, b, epsabs=1e-14)[0]
        for a, b in pairwise(ends)
    )


@pytest.mark.parametrize("two", [True, False])
@pytest.mark.parametrize("ratio", [0.01, 1.0, 200.0, 1_000.0, 1e8])
def test_dunnett_critical_values_keep_alpha_for_any_ratio(ratio, two):
    root, rest = np.sqrt(ratio / (1 + ratio)), np.sqrt(1 / (1 + ratio))
    c = several.dunnett_critical(3, ratio=ratio, alternative="two-sided" if two else "greater")

    def none(u):
        return (stats.norm.cdf((c + root * u) / rest) - two * stats.norm.cdf((root * u - c) / rest)) ** 3

    assert 1 - normal_mean(none, [-c / root, c / root], rest / root) == pytest.approx(
        0.05, abs=1e-10
    )  # quad's own error


@pytest.mark.parametrize("powers", [[0.9] * 3, [0.8] * 10, [0.5, 0.99, 0.9]])
@pytest.mark.parametrize("rho", [0.1, 0.9, 0.99, 0.999, 0.9999, 1 - 1e-8])
def test_joint_power_is_the_integral_for_any_correlation(powers, rho):
    q, rest = stats.norm.ppf(powers), np.sqrt(1 - rho)
    exact = normal_mean(
        lambda u: stats.norm.cdf((q + np.sqrt(rho) * u) / rest).prod(), -q / np.sqrt(rho), rest / np.sqrt(rho)
    )
    assert several.joint_power(powers, correlation=rho) == pytest.approx(exact, abs=1e-10)  # quad's own error
    assert several.joint_power(powers, correlation=rho) < min(powers) + 1e-12


def test_clusters_and_covariates(oracle):
    for e in oracle("power", "cluster_design_effect"):
        i = e["inputs"]
        assert ab.design_effect(i["mean_cluster_size"], i["icc"], cv=i["cv_cluster_size"]) == near(
            e, "design_effect"
        )
    for e in oracle("power", "cuped_sample_size"):
        assert history.cuped_factor(e["inputs"]["correlation"]) == near(e, "variance_factor")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"alternative": "greater"},
        {"allocation": 0.1},
        {"sd": (1.0, 2.5)},
        {"normal": True},
        {"alpha": 0.001},
    ],
)
def test_size_power_and_effect_are_inverse(options):
    options = {"sd": 1.3} | options
    for effect in (0.02, 0.4, 3.0):
        plan = ab.sample_size(effect, power=0.9, **options)
        assert (
            ab.power(effect, max(plan.n_exact, 2.0001), **options).power >= 0.9 - 1e-6
        )  # tiny samples stop at two units
        assert plan.n_exact < 25 or ab.power(effect, plan.n_exact, **options).power == pytest.approx(
            0.9, abs=1e-6
        )
        assert ab.mde(500, power=0.9, **options).effect == pytest.approx(
            ab.mde(
                500, power=ab.power(ab.mde(500, power=0.9, **options).effect, 500, **options).power, **options
            ).effect,
            abs=1e-6,
        )
    found = ab.mde(500, power=0.9, **options)
    assert ab.sample_size(found.effect, power=0.9, **options).n_exact == pytest.approx(500, rel=1e-6)


def test_less_mirrors_greater_and_the_wrong_side_has_no_power():
    up, down = (
        ab.sample_size(0.3, sd=1, alternative="greater"),
        ab.sample_size(-0.3, sd=1, alternative="less"),
    )
    assert up.n_exact == down.n_exact
    assert ab.power(-0.3, 100, sd=1, alternative="greater").power < 0.001
    assert ab.mde(100, sd=1, alternative="less").effect == -ab.mde(100, sd=1, alternative="greater").effect
    assert ab.power(0.0, 100, sd=1).power == pytest.approx(0.025, abs=1e-9)  # one side of a two-sided test


def test_power_broadcasts():
    curve = ab.power([0.1, 0.2, 0.3], 200, sd=1)
    assert curve.power.tolist() == [ab.power(d, 200, sd=1).power for d in (0.1, 0.2, 0.3)]


def test_power_of_the_t_test_is_the_rate_in_simulated_data(rng):
    reps, n = 20_000, 12
    control, treatment = rng.normal(0, 1, (reps, n)), rng.normal(1, 1, (reps, n))
    t = stats.ttest_ind(treatment, control, axis=1)
    rate = ((t.pvalue < 0.05) & (t.statistic > 0)).mean()
    want = ab.power(1.0, n, sd=1).power
    error = 5 * np.sqrt(want * (1 - want) / reps)
    assert abs(rate - want) < error
    assert (
        abs(ab.power(1.0, n, sd=1, normal=True).power - want) > error
    )  # teeth: the z formula is wrong at n = 12


@pytest.mark.parametrize("method", ["score", "pooled"])
@pytest.mark.parametrize(
    "p1, p2, side",
    [(0.1, 0.4, "two-sided"), (0.5, 0.2, "two-sided"), (0.1, 0.3, "greater"), (0.3, 0.1, "less")],
)
def test_exact_power_is_the_sum_over_all_tables(p1, p2, side, method):
    n1, n2, total = 17, 23, 0.0
    sign = 1 if p2 > p1 else -1
    for x in range(n1 + 1):
        for y in range(n2 + 1):
            chi = (
                0.0
                if x + y in (0, n1 + n2)
                else stats.chi2_contingency([[x, n1 - x], [y, n2 - y]], correction=False)[0]
            )
            z = np.sqrt(chi * ((n1 + n2 - 1) / (n1 + n2) if method == "score" else 1))
            if z > stats.norm.isf(0.025 if side == "two-sided" else 0.05) and sign * (y / n2 - x / n1) > 0:
                total += stats.binom.pmf(x, n1, p1) * stats.binom.pmf(y, n2, p2)
    assert rates.exact_power(p1, p2, n1, n2, alternative=side, method=method) == pytest.approx(
        total, abs=1e-12
    )  # sums of 400 terms


def test_normal_power_nears_exact_power():
    assert rates.exact_power(0.1, 0.13, 2000, 2000) == pytest.approx(
        ab.power_proportions(0.1, 0.13, 2000).power, abs=0.003
    )  # O(1/n)


def test_duration_is_whole_weeks_and_at_least_two():
    plan = ab.sample_size_proportions(0.10, lift=0.10)  # 29,502 units
    assert ab.duration(plan, 1000).days == 35 and ab.duration(plan, 1000, whole_weeks=False).days == 30
    assert ab.duration(plan, 1000, share=0.5).days == 63
    assert ab.duration(plan, 10**6).days == 14
    curve = [2000.0] * 14 + [100.0] * 28  # new units run dry
    assert ab.duration(plan, curve, whole_weeks=False).days == 30
    assert ab.duration(
        ab.sample_size_proportions(0.1, lift=0.1, arms=3), 1000, whole_weeks=False
    ).days == np.ceil(3 * 17_865 / 1000)
    with pytest.raises(ValueError, match="arrivals"):
        ab.duration(plan, [100.0] * 10)


def test_icc_finds_the_share_of_variance_between_clusters():
    rng = np.random.default_rng(SEED)
    cluster = np.repeat(np.arange(2000), 5)
    y = rng.normal(0, np.sqrt(0.2), 2000)[cluster] + rng.normal(0, np.sqrt(0.8), len(cluster))
    se = 0.8 * (1 + 4 * 0.2) * np.sqrt(2 / (5 * 4 * 1999))  # Donner (1986)
    assert abs(ab.icc(y, cluster) - 0.2) < 5 * se
    shuffled = rng.permutation(cluster)
    assert ab.icc(y, shuffled) < 0.1  # teeth


def test_joint_power_is_the_product_or_a_normal_integral():
    assert several.joint_power([0.9, 0.8]) == pytest.approx(0.72, abs=1e-10)
    q = stats.norm.ppf([0.9, 0.8])
    want = stats.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]]).cdf(q)
    assert several.joint_power([0.9, 0.8], correlation=0.5) == pytest.approx(want, abs=1e-6)
    assert several.joint_power([0.9, 0.8], correlation=1) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ab.sample_size(1e-10, sd=1), "`effect` must be larger.*1.6e\\+21 units"),
        (lambda: ab.sample_size([1e-200, 1.0], sd=1), "`effect` must be larger.*inf units"),
        (lambda: ab.sample_size_proportions(0.1, lift=1e-12), "`effect` must be larger"),
        (lambda: ab.duration(ab.sample_size(1e-8, sd=1), 1e-8), "`arrivals` must be more"),
        (
            lambda: ab.power([0.1, 0.2], [10, 20, 30], sd=1),
            r"`effect and n` must have shapes that fit together; got \(2,\) and \(3,\)",
        ),
        (lambda: ab.power(0.5, 64, sd="12"), "`sd` must be a number"),
        (
            lambda: ab.power_proportions(0.1, 0.2, [100, -100]),
            "`n` must leave at least 1 unit in each arm; got -100",
        ),
        (lambda: ab.power_proportions(0.1, 0.2, 0), "`n` must leave at least 1 unit"),
        (lambda: ab.power_proportions(0.1, 0.2, 5, allocation=0.1), "`n` must leave at least 1 unit"),
        (lambda: ab.mde_proportions(0.1, -10), "`n` must be above 0"),
        (lambda: ab.mde_by_week(4_000, sd=1, weeks=[2.7]), "`weeks` must be a list of whole weeks"),
        (lambda: ab.icc([1, 2, 5, 6.0], [1, np.nan, 2, np.nan]), "`cluster` must not be missing; got 2 of 4"),
        (lambda: ab.icc([1, 2, 5, 6.0], ["a", None, "b", "b"]), "`cluster` must not be missing; got 1 of 4"),
        (lambda: ab.icc([1, 2, 5, 6.0], None), "`cluster` must be a list of labels"),
        (lambda: ab.design_effect(20, -0.9), "`icc` must lie above"),
        (lambda: ab.design_effect([2, 3], [0.1, 0.2, 0.3]), "`size and icc and cv` must have shapes"),
    ],
)
def test_impossible_sizes_and_clusters_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_largest_plans_are_whole_numbers():
    plan = ab.sample_size(2e-9, sd=1, normal=True)
    n = 2 * (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) ** 2 / 4e-18
    assert plan.n_control == pytest.approx(n, rel=1e-12)  # 3.9e18, just below 2**62
    assert ab.duration(plan, 10).days == pytest.approx(2 * n / 10, rel=1e-12)  # both arms together pass 2**62


def test_an_icc_may_lie_a_little_below_zero():
    assert ab.design_effect(20, -0.05) == pytest.approx(0.05)


@pytest.mark.parametrize(
    "call",
    [
        lambda: ab.sample_size(0, sd=1),
        lambda: ab.sample_size(-1, sd=1, alternative="greater"),
        lambda: ab.sample_size(1, sd=0),
        lambda: ab.sample_size(1, sd=1, power=80),
        lambda: ab.sample_size(1, sd=1, alpha=5),
        lambda: ab.power(1, 1, sd=1),
        lambda: ab.sample_size_proportions(0.1),
        lambda: ab.sample_size_proportions(0.1, lift=0.1, p_treatment=0.11),
        lambda: ab.sample_size_proportions(0.6, lift=0.8),
        lambda: ab.sample_size_proportions(10, lift=0.1),
        lambda: ab.sample_size_proportions(0.1, lift=0.0),
        lambda: ab.sample_size_proportions(0.1, lift=0.1, arms=1),
        lambda: ab.mde(100, sd=1, power=0.02),
        lambda: ab.design_effect(0, 0.1),
        lambda: ab.icc([1.0, 2.0], [1, 2]),
        lambda: means.sample_size_non_inferiority(-1, sd=1),
        lambda: several.joint_power([]),
        lambda: several.joint_power(0.9),
        lambda: several.joint_power([[0.9]]),
        lambda: several.joint_power([0.9], correlation=1.5),
        lambda: history.cuped_factor(1),
        lambda: ab.duration(ab.sample_size(1, sd=1), 0),
        lambda: ab.duration(ab.sample_size(1, sd=1), 10, share=0),
    ],
)
def test_impossible_plans_raise(call):
    with pytest.raises(ValueError, match="`"):
        call()


def test_the_effect_of_each_week_needs_the_units_of_that_week():
    rates_plan = ab.mde_by_week(4_000, p_control=0.10, share=0.5, arms=3)
    assert rates_plan.n_control.tolist() == [int(7 * w * 2_000 / 3) for w in (2, 3, 4, 6, 8)]
    for n, effect in zip(rates_plan.n_control, rates_plan.effect, strict=True):
        assert ab.sample_size_proportions(0.10, p_treatment=0.10 + effect, arms=3).n_exact == pytest.approx(
            n, rel=1e-6
        )
    means = ab.mde_by_week(100, sd=12, weeks=[2])
    assert means.effect.tolist() == [ab.mde(700, sd=12).effect]
    for wrong in ({}, {"p_control": 0.1, "sd": 1}, {"sd": 1, "share": 2}, {"sd": 1, "weeks": [0]}):
        with pytest.raises(ValueError, match="`"):
            ab.mde_by_week(100, **wrong)


def test_the_smallest_effect_does_not_depend_on_the_unit():
    whole = ab.mde(64, sd=1.0).effect
    for scale in (1e-12, 1e-3, 1e9):
        assert ab.mde(64, sd=scale).effect / scale == pytest.approx(whole, rel=1e-9)  # one root, other units


def test_a_plan_of_z_has_units_that_power_takes():
    plan = ab.sample_size(10.0, sd=1.0, normal=True)
    assert plan.n_control == 2 and ab.power(10.0, plan.n_control, sd=1.0, normal=True).power > 0.8


def test_dunnett_at_a_tiny_alpha_ends():
    """Two comparisons at 1e-15: the two tails hardly meet, so the plan is Bonferroni's within a hair."""
    options = {"p_treatment": 0.12, "arms": 3, "alpha": 1e-15}
    dunnett = ab.sample_size_proportions(0.1, **options, correction="dunnett").n_exact
    bonferroni = ab.sample_size_proportions(0.1, **options).n_exact
    assert 0.99 * bonferroni < dunnett <= bonferroni


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
@pytest.mark.parametrize("allocation", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("power", [0.06, 0.3, 0.8])
def test_a_plan_of_rates_is_not_refused_by_its_own_inverse(alternative, allocation, power):
    for p1, p2 in ((0.01, 0.005), (0.1, 0.01), (0.3, 0.2), (0.5, 0.6), (0.01, 0.02), (0.9, 0.99)):
        if (alternative == "less" and p2 > p1) or (alternative == "greater" and p2 < p1):
            continue
        if alternative == "two-sided" and p2 < p1:
            continue  # the smallest INCREASE is asked for
        options = {"power": power, "alternative": alternative, "allocation": allocation}
        plan = ab.sample_size_proportions(p1, p_treatment=p2, **options)
        if plan.n_control * allocation / (1 - allocation) < 1:
            continue
        got = ab.mde_proportions(p1, plan.n_control, **options)
        assert abs(got.effect) <= abs(p2 - p1) + 1e-9  # n was rounded up


def test_an_effect_of_any_size_has_a_plan():
    """Beyond the reach of the noncentral t the shift is certain, and two units an arm are enough."""
    for effect in (1e4, -5.3e16, 1e150):
        plan = ab.sample_size(effect, sd=1.0)
        assert plan.n_control == 2 and ab.power(effect, 2, sd=1.0).power == pytest.approx(1.0)
