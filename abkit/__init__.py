"""abkit: learn, plan and analyse A/B tests with numbers that are checked.

The map, in the order of an analysis: rows → Moments → Estimate → Effect → Decision.
Names load on first use, so `import abkit` costs a few milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from abkit._lazy import lazily

if TYPE_CHECKING:
    from abkit import datasets as datasets, explore as explore, plots as plots, teach as teach
    from abkit.adaptive.after_adaptation import batched_ols as batched_ols, weighted_aipw as weighted_aipw
    from abkit.adaptive.choosing import Tradeoff as Tradeoff, earn_or_learn as earn_or_learn
    from abkit.adaptive.contextual import LinUcb as LinUcb, LogisticGreedy as LogisticGreedy
    from abkit.adaptive.policies import (
        EpsilonGreedy as EpsilonGreedy,
        EvenSplit as EvenSplit,
        Thompson as Thompson,
        Ucb as Ucb,
    )
    from abkit.adaptive.racing import BanditRun as BanditRun, RunSummary as RunSummary, run as run
    from abkit.adaptive.stored import (
        policy_from_json as policy_from_json,
        policy_to_json as policy_to_json,
    )
    from abkit.assignment.arms import assign as assign, shares as shares
    from abkit.assignment.drawing import stratified as stratified
    from abkit.assignment.hashing import position as position
    from abkit.assignment.layers import Layer as Layer
    from abkit.assignment.sample_ratio import (
        localise as localise,
        sequential_srm as sequential_srm,
        srm as srm,
        srm_power as srm_power,
    )
    from abkit.assignment.sql import assign_sql as assign_sql
    from abkit.assignment.targeting import Where as Where, eligible as eligible
    from abkit.bayes.comparing import Comparison as Comparison, compare as compare
    from abkit.bayes.posteriors import Beta as Beta, Normal as Normal
    from abkit.bayes.shrinkage import Shrunk as Shrunk, shrink as shrink
    from abkit.causal.bootstrapping import bootstrap_interval as bootstrap_interval
    from abkit.causal.cluster_robust import (
        cluster_effect as cluster_effect,
        randomization_test as randomization_test,
    )
    from abkit.causal.cross_fitting import (
        nuisances as nuisances,
        over_splits as over_splits,
    )
    from abkit.causal.exposed_effects import hajek as hajek, horvitz_thompson as horvitz_thompson
    from abkit.causal.exposures import (
        exposure as exposure,
        exposure_probabilities as exposure_probabilities,
    )
    from abkit.causal.held_out import (
        policy_value as policy_value,
        predicted_and_found as predicted_and_found,
        qini as qini,
    )
    from abkit.causal.learners import (
        dr_learner as dr_learner,
        r_learner as r_learner,
        s_learner as s_learner,
        t_learner as t_learner,
        x_learner as x_learner,
    )
    from abkit.causal.partitions import (
        assign_clusters as assign_clusters,
        clusters as clusters,
        cut_links as cut_links,
        size_blocks as size_blocks,
    )
    from abkit.causal.selection import luck_of_best as luck_of_best
    from abkit.causal.unequal_effects import (
        aipw as aipw,
        aipw_scores as aipw_scores,
        best_linear_projection as best_linear_projection,
        calibration_slope as calibration_slope,
        gates as gates,
        heterogeneity as heterogeneity,
    )
    from abkit.estimate import (
        Check as Check,
        Effect as Effect,
        Estimate as Estimate,
        Path as Path,
        delta as delta,
        difference as difference,
        linear as linear,
        linearised as linearised,
        mean as mean,
        ratio_estimate as ratio_estimate,
    )
    from abkit.exercises.asking import (
        check as check,
        exercise as exercise,
        hint as hint,
        solution as solution,
    )
    from abkit.inference.adjusting import (
        cuped as cuped,
        cuped_lift as cuped_lift,
        cuped_theta as cuped_theta,
        lin as lin,
    )
    from abkit.inference.covariates import (
        Saving as Saving,
        balance as balance,
        cross_fit as cross_fit,
        fill_missing as fill_missing,
        saving as saving,
    )
    from abkit.inference.families import (
        adjust_pvalues as adjust_pvalues,
        discoveries as discoveries,
        familywise_error as familywise_error,
        fixed_sequence as fixed_sequence,
        simultaneous as simultaneous,
    )
    from abkit.inference.largest import max_t as max_t
    from abkit.inference.lifts import lift as lift
    from abkit.inference.many_arms import dunnett as dunnett
    from abkit.inference.means import ratio as ratio, welch as welch, z_test as z_test
    from abkit.inference.two_rates import proportions as proportions
    from abkit.metrics import Analysis as Analysis, Metric as Metric
    from abkit.moments import Moments as Moments
    from abkit.planning.cluster_sizes import (
        ClusterPlan as ClusterPlan,
        design_effect as design_effect,
        icc as icc,
        power_clusters as power_clusters,
        sample_size_clusters as sample_size_clusters,
    )
    from abkit.planning.history import (
        cuped_factor as cuped_factor,
        history_correlation as history_correlation,
    )
    from abkit.planning.means import (
        Plan as Plan,
        duration as duration,
        mde as mde,
        power as power,
        sample_size as sample_size,
    )
    from abkit.planning.rates import (
        exact_power as exact_power,
        mde_by_week as mde_by_week,
        mde_proportions as mde_proportions,
        power_proportions as power_proportions,
        sample_size_proportions as sample_size_proportions,
    )
    from abkit.planning.several import joint_power as joint_power
    from abkit.registry.experiments import Experiment as Experiment
    from abkit.registry.learning import claimed_sum as claimed_sum, win_ledger as win_ledger
    from abkit.registry.meeting import interactions as interactions
    from abkit.registry.people import pseudonyms as pseudonyms, segment_counts as segment_counts
    from abkit.registry.store import Registry as Registry
    from abkit.reporting.decision import (
        Decision as Decision,
        Rule as Rule,
        decide as decide,
        equivalence as equivalence,
        guardrail as guardrail,
        non_inferiority as non_inferiority,
    )
    from abkit.reporting.planned_looks import effects_at_looks as effects_at_looks
    from abkit.reporting.report import Report as Report, analyze as analyze
    from abkit.sequential.betting import betting_sequence as betting_sequence
    from abkit.sequential.conditional import (
        conditional_power as conditional_power,
        predictive_power as predictive_power,
    )
    from abkit.sequential.cost import (
        expected_size as expected_size,
        inflation as inflation,
        peeking_error as peeking_error,
    )
    from abkit.sequential.daily_sums import BucketSums as BucketSums, UnitTotals as UnitTotals
    from abkit.sequential.looks import Watch as Watch
    from abkit.sequential.mixture import (
        asymptotic_rho as asymptotic_rho,
        bernoulli_sequence as bernoulli_sequence,
        beta_binomial_bound as beta_binomial_bound,
        confidence_sequence as confidence_sequence,
        msprt as msprt,
        normal_mixture_bound as normal_mixture_bound,
        normal_mixture_rho as normal_mixture_rho,
    )
    from abkit.sequential.monitoring import monitor as monitor, replan as replan
    from abkit.sequential.plans import Boundary as Boundary, group_sequential as group_sequential
    from abkit.sequential.stagewise_order import Stopped as Stopped, stagewise as stagewise
    from abkit.sequential.stopping_early import StopRules as StopRules, stop_rules as stop_rules
    from abkit.simulate import (
        Calibration as Calibration,
        calibrate as calibrate,
        compare_procedures as compare_procedures,
        sweep as sweep,
    )
    from abkit.tables.reducing import (
        ArmCounts as ArmCounts,
        Reduction as Reduction,
        arm_counts as arm_counts,
        reduce_table as reduce_table,
    )
    from abkit.tables.units import count_units as count_units, sum_units as sum_units

__version__ = "0.1.0"

_EXPORTS = {
    "moments": ("Moments",),
    "tables.reducing": (
        "Reduction",
        "ArmCounts",
        "reduce_table",
        "arm_counts",
    ),
    "estimate": (
        "Estimate",
        "Effect",
        "Check",
        "Path",
        "delta",
        "mean",
        "ratio_estimate",
        "linear",
        "linearised",
        "difference",
    ),
    "planning.means": (
        "Plan",
        "power",
        "sample_size",
        "mde",
        "duration",
    ),
    "planning.history": ("cuped_factor", "history_correlation"),
    "planning.cluster_sizes": (
        "ClusterPlan",
        "design_effect",
        "icc",
        "power_clusters",
        "sample_size_clusters",
    ),
    "planning.several": ("joint_power",),
    "planning.rates": (
        "sample_size_proportions",
        "power_proportions",
        "mde_proportions",
        "mde_by_week",
        "exact_power",
    ),
    "assignment.hashing": ("position",),
    "assignment.arms": (
        "assign",
        "shares",
    ),
    "assignment.layers": ("Layer",),
    "assignment.drawing": ("stratified",),
    "assignment.targeting": (
        "Where",
        "eligible",
    ),
    "assignment.sql": ("assign_sql",),
    "inference.means": (
        "welch",
        "z_test",
        "ratio",
    ),
    "inference.two_rates": ("proportions",),
    "inference.lifts": ("lift",),
    "inference.adjusting": (
        "cuped",
        "cuped_lift",
        "cuped_theta",
        "lin",
    ),
    "inference.covariates": (
        "Saving",
        "saving",
        "balance",
        "fill_missing",
        "cross_fit",
    ),
    "metrics": (
        "Metric",
        "Analysis",
    ),
    "reporting.decision": (
        "Rule",
        "Decision",
        "decide",
        "guardrail",
        "non_inferiority",
        "equivalence",
    ),
    "reporting.planned_looks": ("effects_at_looks",),
    "reporting.report": (
        "Report",
        "analyze",
    ),
    "tables.units": (
        "count_units",
        "sum_units",
    ),
    "assignment.sample_ratio": (
        "srm",
        "srm_power",
        "sequential_srm",
        "localise",
    ),
    "inference.many_arms": ("dunnett",),
    "inference.largest": ("max_t",),
    "inference.families": (
        "adjust_pvalues",
        "fixed_sequence",
        "simultaneous",
        "familywise_error",
        "discoveries",
    ),
    "sequential.plans": (
        "Boundary",
        "group_sequential",
    ),
    "sequential.monitoring": (
        "monitor",
        "replan",
    ),
    "sequential.conditional": (
        "conditional_power",
        "predictive_power",
    ),
    "sequential.cost": (
        "inflation",
        "expected_size",
        "peeking_error",
    ),
    "sequential.stopping_early": (
        "StopRules",
        "stop_rules",
    ),
    "sequential.stagewise_order": (
        "Stopped",
        "stagewise",
    ),
    "sequential.mixture": (
        "msprt",
        "confidence_sequence",
        "bernoulli_sequence",
        "asymptotic_rho",
        "normal_mixture_rho",
        "normal_mixture_bound",
        "beta_binomial_bound",
    ),
    "sequential.betting": ("betting_sequence",),
    "sequential.daily_sums": ("BucketSums", "UnitTotals"),
    "sequential.looks": ("Watch",),
    "adaptive.policies": ("EvenSplit", "EpsilonGreedy", "Ucb", "Thompson"),
    "adaptive.choosing": ("Tradeoff", "earn_or_learn"),
    "adaptive.contextual": ("LinUcb", "LogisticGreedy"),
    "adaptive.racing": ("BanditRun", "RunSummary", "run"),
    "adaptive.after_adaptation": ("weighted_aipw", "batched_ols"),
    "adaptive.stored": ("policy_to_json", "policy_from_json"),
    "bayes.posteriors": ("Beta", "Normal"),
    "bayes.comparing": ("Comparison", "compare"),
    "bayes.shrinkage": ("Shrunk", "shrink"),
    "causal.cluster_robust": (
        "cluster_effect",
        "randomization_test",
    ),
    "causal.partitions": (
        "clusters",
        "assign_clusters",
        "size_blocks",
        "cut_links",
    ),
    "causal.exposures": (
        "exposure",
        "exposure_probabilities",
    ),
    "causal.exposed_effects": (
        "horvitz_thompson",
        "hajek",
    ),
    "causal.unequal_effects": (
        "aipw",
        "aipw_scores",
        "best_linear_projection",
        "gates",
        "heterogeneity",
        "calibration_slope",
    ),
    "causal.selection": ("luck_of_best",),
    "causal.bootstrapping": ("bootstrap_interval",),
    "causal.cross_fitting": (
        "nuisances",
        "over_splits",
    ),
    "causal.learners": (
        "s_learner",
        "t_learner",
        "x_learner",
        "dr_learner",
        "r_learner",
    ),
    "causal.held_out": (
        "qini",
        "policy_value",
        "predicted_and_found",
    ),
    "registry.experiments": ("Experiment",),
    "registry.store": ("Registry",),
    "registry.meeting": ("interactions",),
    "registry.learning": ("win_ledger", "claimed_sum"),
    "registry.people": ("pseudonyms", "segment_counts"),
    "simulate": (
        "Calibration",
        "calibrate",
        "compare_procedures",
        "sweep",
    ),
    "exercises.asking": (
        "exercise",
        "check",
        "hint",
        "solution",
    ),
}
_MODULES = ("datasets", "plots", "explore", "teach")

if not TYPE_CHECKING:  # to a type checker, an unknown name stays unknown
    __getattr__, __dir__, __all__ = lazily(__name__, _EXPORTS, _MODULES)
