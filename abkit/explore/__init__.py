"""Explorers: a pure drawing function with sliders. `Explorer` is the one class; the rest are ready panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abkit._lazy import lazily

if TYPE_CHECKING:
    from abkit.explore.explorer import Control as Control, Explorer as Explorer, Menu as Menu
    from abkit.explore.panel_always import always as always
    from abkit.explore.panel_assignment import ramp as ramp
    from abkit.explore.panel_bandit import bandit as bandit
    from abkit.explore.panel_boundaries import boundaries as boundaries
    from abkit.explore.panel_chance import chance as chance
    from abkit.explore.panel_history import history as history
    from abkit.explore.panel_interval import interval as interval
    from abkit.explore.panel_learners import learners as learners
    from abkit.explore.panel_ledger import ledger as ledger
    from abkit.explore.panel_multiplicity import multiplicity as multiplicity
    from abkit.explore.panel_noticed import noticed as noticed
    from abkit.explore.panel_peeking import peeking as peeking
    from abkit.explore.panel_plan import plan as plan
    from abkit.explore.panel_promise import promise as promise
    from abkit.explore.panel_spillover import spillover as spillover
    from abkit.explore.panel_srm import srm as srm
    from abkit.explore.panel_useless import useless as useless
    from abkit.explore.panel_verdict import verdict as verdict

_EXPORTS = {
    "explorer": (
        "Explorer",
        "Control",
        "Menu",
    ),
    "panel_srm": ("srm",),
    "panel_interval": ("interval",),
    "panel_promise": ("promise",),
    "panel_noticed": ("noticed",),
    "panel_peeking": ("peeking",),
    "panel_useless": ("useless",),
    "panel_always": ("always",),
    "panel_multiplicity": ("multiplicity",),
    "panel_bandit": ("bandit",),
    "panel_ledger": ("ledger",),
    "panel_boundaries": ("boundaries",),
    "panel_assignment": ("ramp",),
    "panel_learners": ("learners",),
    "panel_plan": ("plan",),
    "panel_spillover": ("spillover",),
    "panel_verdict": ("verdict",),
    "panel_history": ("history",),
    "panel_chance": ("chance",),
}

if not TYPE_CHECKING:  # to a type checker, an unknown name stays unknown
    __getattr__, __dir__, __all__ = lazily(__name__, _EXPORTS)
