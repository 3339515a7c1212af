"""All defaults of public functions, in one table: a changed default is a changed promise."""

from __future__ import annotations

import inspect
import re
from operator import attrgetter

import pytest

import abkit as ab

TABLE = """
Analysis: expect=None, unit=None, cluster=None, alpha=0.05, correction='holm', start=None
BanditRun: propensity=None, batch=None, means=None, policy=''
BanditRun.bands: quantiles=(0.05, 0.5, 0.95), points=200
Beta.interval: alpha=0.05
Boundary: parameter=None, information=None, futility=None, binding=False
BucketSums.add: denominator=1.0
BucketSums.effect: alpha=0.05
BucketSums.empty: buckets=1000
Check: message=''
ClusterPlan: days=None, arms=2, clusters_control=0, clusters_treatment=0, size=nan, icc=nan,
    design_effect=nan
Effect: alpha=0.05, alternative='two-sided', method='', relative=False, n_control=None,
    n_treatment=None, value_control=None
Effect.of: df=inf, alpha=0.05, alternative='two-sided', label='effect', null=0.0, n_control=None,
    n_treatment=None, value_control=None
EpsilonGreedy: discount=1.0, pulls=None, sums=None, seen=0, epsilon=0.1, half_at=None
EvenSplit: discount=1.0, pulls=None, sums=None, seen=0
Experiment: plan=None, looks=1, eligible=(), start=None, end=None, owner='', status='draft', share=1.0,
    worth=None
Layer: slots=<factory>
LinUcb: alpha=1.0, ridge=1.0, intercept=True, inverse=None, b=None
LinUcb.posterior: noise_sd=1.0
LogisticGreedy: epsilon=0.1, rate=0.1, intercept=True, weights=None
Metric: kind='mean', denominator=None, covariates=(), direction='up', margin=None, role='primary',
    measured=None
Moments.from_table: by=None
Normal.interval: alpha=0.05
Plan: days=None, arms=2
Registry.add: at=None, by='', note=''
Registry.analyze: analysis=None, rule=None, eligible=None, at=None, by=''
Registry.archive: at=None, by='', note=''
Registry.complete: at=None, by='', note=''
Registry.entries: status=None
Registry.overlapping_users: unit=None
Registry.pause: at=None, by='', note=''
Registry.resume: at=None, by='', note=''
Registry.running: at=None
Registry.start: at=None, by='', note='', underpowered=''
Registry.stop: at=None, by='', note=''
Report.html: file=None, date=None
Report.plot: arm=None
Rule: worth=0.0, direction='up', information=1.0
Shrunk: alpha=0.05
Stopped: ordering='stagewise'
Thompson: discount=1.0, pulls=None, sums=None, seen=0, model='bernoulli', prior=None, noise_sd=1.0,
    floor=0.0
Thompson.posteriors: labels=None
Ucb: discount=1.0, pulls=None, sums=None, seen=0, constant=2.0
UnitTotals.add: denominator=1.0
UnitTotals.effect: alpha=0.05
Watch: alpha=0.05, rule='always', tau=None, burn_in=30, day=(), estimate=(), se=(), n_control=(),
    n_treatment=()
adjust_pvalues: method='bonferroni'
aipw: alpha=0.05, alternative='two-sided', population='all'
analyze: rule=None, late_covariates='refuse'
arm_counts: by=None
assign: share=1.0
assign_clusters: share=0.5, balanced=True, rng=None
assign_sql: share=1.0, dialect='duckdb'
balance: covariates=None, alpha=0.001
batched_ols: sigma='pooled', pair=(0, 1), alpha=0.05
bernoulli_sequence: null=None, intersect=False
best_linear_projection: alpha=0.05, alternative='two-sided'
betting_sequence: null=None, intersect=False
bootstrap_interval: reps=100, alpha=0.05, rng=None
calibrate: truth=0.0, reps=2000, rng=None, backend=None, batched=None, alpha=0.05, cancel=None,
    progress=None
calibration_slope: alpha=0.05
check: answer=None
claimed_sum: alpha=0.05, direction='up'
cluster_effect: weights='user', alpha=0.05, alternative='two-sided', null=0.0
clusters: method='label_propagation', rng=None
compare: alpha=0.05
compare_procedures: rng=None
conditional_power: effect='planned', obeyed=True
confidence_sequence: rho=None, n_opt=None, intersect=False, burn_in=0
cross_fit: folds=5, rng=None
cuped: theta='optimal', covariates=None, se='welch', alpha=0.05, alternative='two-sided', null=0.0
cuped_factor: new=0.0
cuped_lift: theta='optimal', covariates=None, alpha=0.05
cuped_theta: theta='optimal', covariates=None
decide: guardrails=(), checks=(), rule=None
design_effect: cv=0.0
dr_learner: model=None
dunnett: alpha=0.05, pooled=False
duration: share=1.0, whole_weeks=True
earn_or_learn: users=10000, days=10, drift=None, reps=200, rng=None
effects_at_looks: arm='arm', day='day', metric='metric', user=None, control=None, alpha=0.05
equivalence: alpha=0.05
exact_power: alpha=0.05, alternative='two-sided', method='score'
expected_size: power=0.8, effect=1.0
exposure: arm='treatment'
exposure_probabilities: exact=None, rng=None
familywise_error: alpha=0.05, correlation=0.0, sides=2
fixed_sequence: alpha=0.05
gates: alpha=0.05, together=None
group_sequential: spending=None, design=None, parameter=None, alpha=0.05, sides=2, futility=None,
    binding=False, power=0.8
guardrail: harm='decrease', alpha=0.05
hajek: alpha=0.05, alternative='two-sided', null=0.0
heterogeneity: groups=None, alpha=0.05
history_correlation: window=4
horvitz_thompson: alpha=0.05, alternative='two-sided', null=0.0
inflation: power=0.8
interactions: alpha=0.05, correction='holm'
joint_power: correlation=0.0
lift: method='fieller', alpha=0.05, metric=None
lin: se='hc2', population=True, alpha=0.05, alternative='two-sided', null=0.0
localise: alpha=0.001
max_t: alternative='two-sided', step_down=True, draws=20000, rng=0
mde: power=0.8, alpha=0.05, alternative='two-sided', allocation=0.5, normal=False
mde_by_week: p_control=None, sd=None, weeks=(2, 3, 4, 6, 8), power=0.8, alpha=0.05, arms=2, share=1.0,
    factor=1.0
mde_proportions: power=0.8, alpha=0.05, alternative='two-sided', allocation=0.5
mean: metric=None
monitor: information=None, last=False
msprt: burn_in=30, intersect=False
non_inferiority: alpha=0.025
normal_mixture_bound: sides=2
normal_mixture_rho: sides=2
nuisances: model=None, e=None, propensity=None, folds=5, splits=1, rng=None
over_splits: alpha=0.05
peeking_error: alpha=0.05
policy_value: cost=0.0, against='none', alpha=0.05
power: alpha=0.05, alternative='two-sided', allocation=0.5, normal=False
power_clusters: cv=0.0, alpha=0.05, alternative='two-sided', allocation=0.5
power_proportions: alpha=0.05, alternative='two-sided', allocation=0.5
predicted_and_found: groups=5, alpha=0.05
predictive_power: obeyed=True
proportions: method='score', alpha=0.05, alternative='two-sided', null=0.0, metric=None
qini: alpha=0.05
r_learner: model=None
randomization_test: weights='user', studentised=False, block=None, alpha=0.05, alternative='two-sided',
    rng=None
ratio: numerator=None, denominator=None, alpha=0.05, alternative='two-sided', null=0.0
ratio_estimate: numerator=None, denominator=None
reduce_table: by=None
replan: last=False, spending_time=None, spending=None
run: batch=1, delay=0, propensity=False, rng=None
s_learner: model=None
sample_size: power=0.8, alpha=0.05, alternative='two-sided', allocation=0.5, normal=False, factor=1.0
sample_size_clusters: cv=0.0, power=0.8, alpha=0.05, alternative='two-sided', allocation=0.5
sample_size_proportions: lift=None, p_treatment=None, power=0.8, alpha=0.05, arms=2,
    correction='bonferroni', method='pooled', alternative='two-sided', allocation=0.5, factor=1.0
saving: covariates=None, confidence=0.95
segment_counts: smallest=20
sequential_srm: alpha=0.001, concentration=1.0
shrink: alpha=0.05, spread=None
simultaneous: method='bonferroni', alpha=None
size_blocks: share=0.5
srm: alpha=0.001
srm_power: share=0.5, alpha=0.001
stop_rules: days=30
stratified: rng=None
sum_units: flags=()
sweep: truth=0.0, rng=None
t_learner: model=None
weighted_aipw: weights='constant', pair=(0, 1), decay=0.7, alpha=0.05
welch: alpha=0.05, alternative='two-sided', null=0.0, metric=None
win_ledger: good=0.1, power=0.8, alpha=0.05, tests=100
x_learner: model=None
z_test: alpha=0.05, alternative='two-sided', null=0.0, metric=None
datasets.audiobook_test: first_win=9, days=30, per_day=100, seed=7
datasets.best_of_segments: segments=20, effect=2.0, se=2.683, spread=0.0, reps=10000, rng=None
datasets.binomial_counts: n_control=1000, n_treatment=1000, p_control=0.1, p_treatment=0.1
datasets.correlated_metrics: metrics=20, correlation=0.0, share=0.0, effect=3.0, df=inf
datasets.coupon_segments: n=2000, effect=2.0, spread=0.0, rng=None
datasets.coverage_table: seed=0, reps=400
datasets.customers: shape='step', n=8000, rng=None
datasets.headline_runs: seed=0
datasets.lesson_ramp: learners=100000, effect=3.0, upset=-5.0, salt='plan', rng=None
datasets.lesson_repeats: tests=300, effect=3.0, upset=-5.0, rng=None
datasets.listening: users=2000, effect=6.0, correlation=0.7, rng=None
datasets.listening_tests: users=2000, effect=6.0, correlation=0.7
datasets.looks_world: looks=30, per_look=100, effect=0.0, sd=1.0
datasets.marketplace: clusters=50, users=200, between=0.03, within=0.09, effect=0.0, level='user'
datasets.measured_learner: learner='T', world='step', n=2000
datasets.normal_moments: n=200, effect=0.0, sd=1.0, allocation=0.5
datasets.normal_rows: n=200, effect=0.0, sd=1.0, allocation=0.5
datasets.people: shape='linear', n=2000, confounded=False, rng=None
datasets.pre_period_world: n=200, slopes=0.7, sd=None, effect=0.0, allocation=0.5
datasets.price_page_test: lift=2.0, seed=3607
datasets.redesigns: reps=200, rng=None
datasets.referral: n=1000, base=0.1, effect=0.05, spill=0.02
datasets.repeated_shop: gain=0.425, users=5000, rng=None
datasets.running_tests: tests=100, lift=0.0, days=30, per_day=100, sd=20.0, bound=1.9599639845400545,
    rng=None
datasets.search_box: users=38400, rng=None
datasets.shared_supply: cities=40, riders=200, cars=36, rates=(0.2, 0.3), prices=(10.0, 9.0), rng=None
datasets.shop: n=5000, click_lift=0.08, cart_lift=0.04, revenue_lift=0.05, load_ms=20.0, allocation=0.5
datasets.shop_table: n=5000, click_lift=0.08, cart_lift=0.04, revenue_lift=0.05, load_ms=20.0
datasets.skewed_rows: n_control=10, n_treatment=10, effect=0.0
datasets.word_of_mouth: cities=40, size=25, friends=6, away=0.1, own=2.0, spill=3.0, icc=0.02, rng=None
datasets.year_of_tests: tests=100, good=0.1, power=0.8, alpha=0.05, rng=None
explore.Explorer: title='', seed=0, random=True, height=3.6
explore.Explorer.value: seed=None
explore.always: tau=2.0, horizon=10000, lift=2.0, seed=0
explore.bandit: headlines=2, readers=3000, policy=4, seed=0
explore.boundaries: looks=5, delta=0.0, power=0.8, seed=0
explore.history: week=0.3, new=0.2, history=4, seed=0
explore.interval: n=30, skew=2.0, ratio=9, seed=7
explore.learners: learner='T', world='flat', n=500, seed=0
explore.ledger: good=0.1, power=0.8, alpha=0.05
explore.multiplicity: metrics=20, correlation=0.5, share=0.25, seed=2
explore.peeking: looks=30, lift=1.5, rule=2, seed=0
explore.plan: baseline=0.05, lift=0.1, traffic=4000
explore.promise: run=1, level=95, users=5000, seed=0
explore.ramp: before=0.1, after=0.5, arms=2, seed=2
explore.spillover: spill=3.0, away=0.1, cities=40, seed=1
explore.srm: n=20000, share=0.5, loss=0.1, seed=2
explore.useless: day=9, lift=0.0, rule=2, seed=0
explore.verdict: n=100, effect=45.0, worth=35.0, base=34.0
plots.plot_after_win: until=40, ax=None
plots.plot_arms: ax=None
plots.plot_boundaries: path=None, guess=None, ax=None
plots.plot_bounds: unit='minutes', ax=None
plots.plot_buckets: ax=None
plots.plot_calibrated: worth=None, unit='', ax=None
plots.plot_centres: promised=0.05, guess=None, ax=None
plots.plot_chance: ax=None
plots.plot_chances: ax=None
plots.plot_cloud: unit='minutes', names=None, ax=None
plots.plot_coverage: level=0.95, ax=None
plots.plot_difference_test: ax=None
plots.plot_discoveries: alpha=0.05, ax=None
plots.plot_draws: first=None, within=None, unit='', ax=None
plots.plot_early_claims: early=10, unit='minutes', guess=None, ax=None
plots.plot_effects: unit='', scale=1.0, marks=None, against=0.0, ax=None
plots.plot_extreme: unit='', ax=None
plots.plot_false_wins: power=0.8, alpha=0.05, mark=0.1, guess=None, ax=None
plots.plot_family: truth=None, unit='', ax=None
plots.plot_familywise: k=40, alpha=0.05, correlations=(0.0, 0.5, 0.9), mark=None, guess=None, ax=None
plots.plot_filling: days=(1, 5, 15, 30), ax=None
plots.plot_gain: unit='', ax=None
plots.plot_gains: ax=None
plots.plot_gap: until=None, band=True, unit='minutes', ax=None
plots.plot_grid: every_day=True, across=20, ax=None
plots.plot_heaps: effect=None, names=('no effect', 'the effect'), unit='percentage points', ax=None
plots.plot_hunt: again=False, guess=None, unit='', ax=None
plots.plot_ideas: ax=None
plots.plot_intervals: truth=0.0, unit='', ranked=False, against=None, guess=None, ax=None
plots.plot_learner: name='learner', error=None, x='', unit='', ax=None
plots.plot_ledger: ax=None
plots.plot_less_shown: users='users', ax=None
plots.plot_looks: what='useless changes', until=80, ax=None
plots.plot_memory: metrics=20, mark=5, alpha=0.05, guess=None, ax=None
plots.plot_moved: guess=None, ax=None
plots.plot_not_dice: day=9, seed=7, ax=None
plots.plot_origins: ax=None
plots.plot_past: weeks=4.0, ax=None
plots.plot_policies: users='users', arm='a worse arm', ax=None
plots.plot_positions: users=400, x='position of the learner', ax=None
plots.plot_posteriors: ax=None
plots.plot_power: target=0.8, log=True, mark=None, ax=None
plots.plot_price: guess=None, log=True, ax=None
plots.plot_promises: unit='euros', ax=None
plots.plot_pvalues: bins=20, guess=None, ax=None
plots.plot_readings: unit='minutes', ax=None
plots.plot_redesigns: unit='minutes', guess=None, ax=None
plots.plot_regret: guess=None, users='users', arm='a worse arm', ax=None
plots.plot_repeats: unit='', ax=None
plots.plot_report: arm=None, axes=None
plots.plot_rules: lift='the lift', ax=None
plots.plot_segments: worth=None, truth=None, unit='', ax=None
plots.plot_sequence: truth=None, unit='', scale=1.0, by='users', ax=None
plots.plot_shares: alpha=0.001, ax=None
plots.plot_shrunk: truth=None, ax=None
plots.plot_sources: unit='minutes', ax=None
plots.plot_spill: intervals=None, unit='minutes', ax=None
plots.plot_spreads: unit='minutes', ax=None
plots.plot_squares: users=400, ax=None
plots.plot_srm: alpha=0.001, ax=None
plots.plot_stops: unit='', ax=None
plots.plot_strip: guess=None, ax=None
plots.plot_together: unit='minutes', ax=None
plots.plot_users: guess=None, ax=None
plots.plot_verdicts: guess=None, ax=None
plots.plot_weeks: baseline=None, aim=None, ax=None
plots.plot_weeks_left: guess=None, ax=None
plots.plot_win_table: good=(0.05, 0.1, 0.2, 0.3), power=(0.3, 0.5, 0.8), alpha=0.05, ax=None
plots.plot_wins: counted=None, guess=None, at=30, ax=None
plots.plot_worth: unit='', scale=1.0, guess=None, ax=None
teach.decision: choice='', change='', by_rule=''
teach.match: source='published'
teach.predict: guess=None, low=None, high=None, unit=''
teach.quiz: answer=None
teach.report: numbers=None
teach.reveal: consequence=''
teach.show: alt=None
teach.start: seed=7
"""
ROWS = dict(row.split(": ", 1) for row in re.sub(r"\n +", " ", TABLE).strip().split("\n"))


def defaults(function):
    """The defaults of a function as they are written in the table."""
    known = inspect.signature(function).parameters.values()
    return ", ".join(f"{p.name}={p.default!r}" for p in known if p.default is not p.empty)


@pytest.mark.parametrize("name", ROWS)
def test_the_defaults_are_those_of_the_table(name):
    found, row = defaults(attrgetter(name)(ab)), ROWS[name]
    if name.split(".")[0] in ab._MODULES:  # a figure, world or panel may learn more
        assert [default for default in row.split(", ") if default not in found.split(", ")] == []
    else:
        assert found == row


def test_every_public_function_with_a_default_has_its_row():
    public = [name for name in ab.__all__ if name not in ab._MODULES]
    methods = [
        f"{name}.{method}"
        for name in public
        if inspect.isclass(getattr(ab, name))
        for method, kind in vars(getattr(ab, name)).items()
        if not method.startswith("_")
        and not isinstance(kind, property)
        and callable(getattr(getattr(ab, name), method))
    ]
    missing = [name for name in (*public, *methods) if name not in ROWS and defaults(attrgetter(name)(ab))]
    assert missing == []


def test_one_alpha_holds_for_all_but_the_checks():
    """Effects are tested at .05, one side of non-inferiority at .025; what stops a sound test at .001."""
    found = {name: re.search(r"\balpha=([\d.]+)", row) for name, row in ROWS.items()}
    other = {name: float(m[1]) for name, m in found.items() if m and m[1] != "0.05"}
    checks = dict.fromkeys(
        ("srm", "srm_power", "sequential_srm", "localise", "balance", "plots.plot_srm", "plots.plot_shares"),
        0.001,
    )
    assert other == {**checks, "non_inferiority": 0.025, "LinUcb": 1.0}  # the last: the size of a bonus
