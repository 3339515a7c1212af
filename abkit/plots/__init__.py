"""Figures of results: `plot_*(result, *, ax=None) -> Axes`. Names load matplotlib on first use."""

from __future__ import annotations

import importlib
from typing import Any

_EXPORTS = {
    "always_valid": ("plot_sequence", "plot_price"),
    "srm": ("plot_srm", "plot_shares"),
    "effects": ("plot_effects", "plot_report"),
    "uncertainty": ("plot_pvalues", "plot_intervals", "plot_coverage"),
    "peeking": ("plot_peeking", "plot_looks", "plot_stops"),
    "assignment_plots": ("plot_moved", "plot_buckets"),
    "boundaries": ("plot_boundaries",),
    "multiplicity": ("plot_familywise", "plot_discoveries", "plot_family"),
    "planning": ("plot_power", "plot_weeks"),
}
_HOME = {name: module for module, names in _EXPORTS.items() for name in names}

__all__ = [*_HOME]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'abkit.plots' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"abkit.plots.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
