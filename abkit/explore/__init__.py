"""Explorers: a pure drawing function with sliders. `Explorer` is the one class; the rest are ready panels."""

from __future__ import annotations

import importlib
from typing import Any

_EXPORTS = {
    "explorer": ("Explorer", "Control"),
    "panel_srm": ("srm",),
    "panel_interval": ("interval",),
    "panel_peeking": ("peeking",),
    "panel_always": ("always",),
    "panel_multiplicity": ("multiplicity",),
    "panel_boundaries": ("boundaries",),
    "panel_assignment": ("ramp",),
    "panel_plan": ("plan",),
    "panel_verdict": ("verdict",),
}
_HOME = {name: module for module, names in _EXPORTS.items() for name in names}

__all__ = [*_HOME]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'abkit.explore' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"abkit.explore.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
