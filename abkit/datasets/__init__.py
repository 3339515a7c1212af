"""Worlds with known truth, and real experiments that Python packages ship. Begin with `worlds`.

A world is a function that returns `draw(rng, size)`: `size` replications of (control, treatment),
which `calibrate` feeds to a procedure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from abkit._lazy import lazily

if TYPE_CHECKING:
    from abkit.datasets.booking_form import booking_form_test as booking_form_test
    from abkit.datasets.bookings import booking_visits as booking_visits, rarity as rarity
    from abkit.datasets.commerce import (
        repeated_shop as repeated_shop,
        shop as shop,
        shop_table as shop_table,
    )
    from abkit.datasets.handout_tests import marketplace as marketplace, referral as referral
    from abkit.datasets.headlines import headline_runs as headline_runs
    from abkit.datasets.interference import (
        redesigns as redesigns,
        shared_supply as shared_supply,
        spill_curve as spill_curve,
        word_of_mouth as word_of_mouth,
    )
    from abkit.datasets.lessons import lesson_ramp as lesson_ramp, lesson_repeats as lesson_repeats
    from abkit.datasets.lost_users import (
        daily_counts as daily_counts,
        hotel_log as hotel_log,
        leaky_tests as leaky_tests,
    )
    from abkit.datasets.many_metrics import (
        error_rates as error_rates,
        language_test as language_test,
        largest_limits as largest_limits,
    )
    from abkit.datasets.measured_learners import (
        learner_grid as learner_grid,
        measured_learner as measured_learner,
    )
    from abkit.datasets.pre_period import (
        centred_by_arm as centred_by_arm,
        listening as listening,
        listening_tests as listening_tests,
        pre_period_world as pre_period_world,
    )
    from abkit.datasets.price_page import price_page_test as price_page_test
    from abkit.datasets.running import audiobook_test as audiobook_test, running_tests as running_tests
    from abkit.datasets.skewed import coverage_table as coverage_table
    from abkit.datasets.trials import (
        beat_the_blues as beat_the_blues,
        bnt162b2 as bnt162b2,
        indomethacin as indomethacin,
        jobs2 as jobs2,
        mammogram as mammogram,
        nsw as nsw,
        rand_health as rand_health,
        resume_names as resume_names,
        social_insurance as social_insurance,
        stents as stents,
        thornton as thornton,
    )
    from abkit.datasets.unequal_worlds import (
        best_of_segments as best_of_segments,
        coupon_segments as coupon_segments,
        customers as customers,
        people as people,
    )
    from abkit.datasets.worlds import (
        binomial_counts as binomial_counts,
        correlated_metrics as correlated_metrics,
        looks_world as looks_world,
        normal_moments as normal_moments,
        normal_rows as normal_rows,
        skewed_rows as skewed_rows,
    )
    from abkit.datasets.years import search_box as search_box, year_of_tests as year_of_tests

_EXPORTS = {
    "bookings": ("booking_visits", "rarity"),
    "years": ("search_box", "year_of_tests"),
    "worlds": (
        "normal_rows",
        "normal_moments",
        "binomial_counts",
        "skewed_rows",
        "looks_world",
        "correlated_metrics",
    ),
    "headlines": ("headline_runs",),
    "handout_tests": (
        "referral",
        "marketplace",
    ),
    "interference": (
        "word_of_mouth",
        "shared_supply",
        "redesigns",
        "spill_curve",
    ),
    "lessons": ("lesson_ramp", "lesson_repeats"),
    "many_metrics": (
        "error_rates",
        "language_test",
        "largest_limits",
    ),
    "measured_learners": (
        "learner_grid",
        "measured_learner",
    ),
    "unequal_worlds": (
        "people",
        "customers",
        "coupon_segments",
        "best_of_segments",
    ),
    "commerce": (
        "shop",
        "shop_table",
        "repeated_shop",
    ),
    "pre_period": (
        "pre_period_world",
        "centred_by_arm",
        "listening",
        "listening_tests",
    ),
    "booking_form": ("booking_form_test",),
    "price_page": ("price_page_test",),
    "lost_users": (
        "hotel_log",
        "leaky_tests",
        "daily_counts",
    ),
    "running": (
        "running_tests",
        "audiobook_test",
    ),
    "skewed": ("coverage_table",),
    "trials": (
        "resume_names",
        "bnt162b2",
        "mammogram",
        "thornton",
        "stents",
        "nsw",
        "rand_health",
        "social_insurance",
        "jobs2",
        "beat_the_blues",
        "indomethacin",
    ),
}

if not TYPE_CHECKING:  # to a type checker, an unknown name stays unknown
    __getattr__, __dir__, __all__ = lazily(__name__, _EXPORTS)
