"""Figures of results: `plot_*(result, *, ax=None) -> Axes`. Names load matplotlib on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abkit._lazy import lazily

if TYPE_CHECKING:
    from abkit.plots.always_valid import plot_price as plot_price, plot_sequence as plot_sequence
    from abkit.plots.assignment_plots import plot_buckets as plot_buckets, plot_moved as plot_moved
    from abkit.plots.bandits import (
        plot_less_shown as plot_less_shown,
        plot_policies as plot_policies,
        plot_posteriors as plot_posteriors,
        plot_regret as plot_regret,
    )
    from abkit.plots.boundaries import plot_boundaries as plot_boundaries
    from abkit.plots.chance import plot_by_chance as plot_by_chance, plot_rarity as plot_rarity
    from abkit.plots.effects import plot_effects as plot_effects, plot_report as plot_report
    from abkit.plots.history import (
        plot_centres as plot_centres,
        plot_cloud as plot_cloud,
        plot_gains as plot_gains,
        plot_past as plot_past,
        plot_sources as plot_sources,
        plot_spreads as plot_spreads,
        plot_weeks_left as plot_weeks_left,
    )
    from abkit.plots.interference import (
        plot_reached as plot_reached,
        plot_redesigns as plot_redesigns,
        plot_spill as plot_spill,
    )
    from abkit.plots.ledger import (
        plot_false_wins as plot_false_wins,
        plot_ideas as plot_ideas,
        plot_ledger as plot_ledger,
        plot_memory as plot_memory,
        plot_shrunk as plot_shrunk,
        plot_win_table as plot_win_table,
    )
    from abkit.plots.many_metrics import (
        plot_best as plot_best,
        plot_dashboard as plot_dashboard,
        plot_limits as plot_limits,
        plot_procedures as plot_procedures,
    )
    from abkit.plots.missing_users import (
        plot_count_gap as plot_count_gap,
        plot_daily_counts as plot_daily_counts,
        plot_missing as plot_missing,
        plot_noticed as plot_noticed,
        plot_who_sees as plot_who_sees,
    )
    from abkit.plots.money import (
        plot_bet as plot_bet,
        plot_money as plot_money,
        plot_tau as plot_tau,
    )
    from abkit.plots.multiplicity import (
        plot_discoveries as plot_discoveries,
        plot_family as plot_family,
        plot_familywise as plot_familywise,
    )
    from abkit.plots.peeking import plot_stops as plot_stops
    from abkit.plots.planned_looks import plot_chances as plot_chances, plot_looks as plot_looks
    from abkit.plots.planning import (
        plot_heaps as plot_heaps,
        plot_power as plot_power,
        plot_users as plot_users,
        plot_weeks as plot_weeks,
    )
    from abkit.plots.positions import (
        plot_origins as plot_origins,
        plot_positions as plot_positions,
        plot_readings as plot_readings,
        plot_squares as plot_squares,
        plot_together as plot_together,
    )
    from abkit.plots.running import (
        plot_after_win as plot_after_win,
        plot_arms as plot_arms,
        plot_bounds as plot_bounds,
        plot_chance as plot_chance,
        plot_early_claims as plot_early_claims,
        plot_gap as plot_gap,
    )
    from abkit.plots.sample_ratio import plot_shares as plot_shares, plot_srm as plot_srm
    from abkit.plots.uncertainty import (
        plot_coverage as plot_coverage,
        plot_draws as plot_draws,
        plot_extreme as plot_extreme,
        plot_intervals as plot_intervals,
        plot_pvalues as plot_pvalues,
    )
    from abkit.plots.unequal import (
        plot_calibrated as plot_calibrated,
        plot_difference_test as plot_difference_test,
        plot_gain as plot_gain,
        plot_hunt as plot_hunt,
        plot_learner as plot_learner,
        plot_promises as plot_promises,
        plot_repeats as plot_repeats,
        plot_segments as plot_segments,
    )
    from abkit.plots.useless_changes import (
        plot_filling as plot_filling,
        plot_grid as plot_grid,
        plot_not_dice as plot_not_dice,
        plot_rules as plot_rules,
        plot_strip as plot_strip,
        plot_wins as plot_wins,
    )
    from abkit.plots.worth import plot_verdicts as plot_verdicts, plot_worth as plot_worth

_EXPORTS = {
    "chance": ("plot_by_chance", "plot_rarity"),
    "worth": ("plot_verdicts", "plot_worth"),
    "ledger": (
        "plot_memory",
        "plot_ideas",
        "plot_false_wins",
        "plot_ledger",
        "plot_win_table",
        "plot_shrunk",
    ),
    "always_valid": (
        "plot_sequence",
        "plot_price",
    ),
    "money": ("plot_bet", "plot_money", "plot_tau"),
    "sample_ratio": (
        "plot_srm",
        "plot_shares",
    ),
    "history": (
        "plot_cloud",
        "plot_spreads",
        "plot_weeks_left",
        "plot_centres",
        "plot_gains",
        "plot_past",
        "plot_sources",
    ),
    "effects": (
        "plot_effects",
        "plot_report",
    ),
    "uncertainty": (
        "plot_pvalues",
        "plot_intervals",
        "plot_coverage",
        "plot_draws",
        "plot_extreme",
    ),
    "peeking": ("plot_stops",),
    "running": (
        "plot_arms",
        "plot_chance",
        "plot_gap",
        "plot_after_win",
        "plot_early_claims",
        "plot_bounds",
    ),
    "useless_changes": (
        "plot_grid",
        "plot_filling",
        "plot_strip",
        "plot_wins",
        "plot_not_dice",
        "plot_rules",
    ),
    "assignment_plots": (
        "plot_moved",
        "plot_buckets",
    ),
    "bandits": (
        "plot_posteriors",
        "plot_regret",
        "plot_policies",
        "plot_less_shown",
    ),
    "boundaries": ("plot_boundaries",),
    "positions": (
        "plot_positions",
        "plot_origins",
        "plot_readings",
        "plot_squares",
        "plot_together",
    ),
    "interference": (
        "plot_reached",
        "plot_redesigns",
        "plot_spill",
    ),
    "many_metrics": (
        "plot_dashboard",
        "plot_best",
        "plot_procedures",
        "plot_limits",
    ),
    "missing_users": (
        "plot_missing",
        "plot_count_gap",
        "plot_who_sees",
        "plot_noticed",
        "plot_daily_counts",
    ),
    "multiplicity": (
        "plot_familywise",
        "plot_discoveries",
        "plot_family",
    ),
    "planned_looks": (
        "plot_looks",
        "plot_chances",
    ),
    "planning": (
        "plot_heaps",
        "plot_power",
        "plot_users",
        "plot_weeks",
    ),
    "unequal": (
        "plot_repeats",
        "plot_segments",
        "plot_hunt",
        "plot_difference_test",
        "plot_learner",
        "plot_calibrated",
        "plot_gain",
        "plot_promises",
    ),
}

if not TYPE_CHECKING:  # to a type checker, an unknown name stays unknown
    __getattr__, __dir__, __all__ = lazily(__name__, _EXPORTS)
