"""Names that load their module on first use (PEP 562): one way for every package with public names."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def lazily(
    package: str, exports: Mapping[str, Sequence[str]], modules: Sequence[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of a package whose names load on first use.

    package: its dotted name. exports: module below the package → the public names that it defines.
    modules: submodules that are public themselves.

    >>> load, names, listed = lazily("abkit", {"moments": ("Moments",)})
    >>> load("Moments").__name__, names(), listed
    ('Moments', ['Moments'], ['Moments'])
    """
    home = {name: module for module, names in exports.items() for name in names}
    home |= {name: name for name in modules}

    def load(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{home[name]}")
        value = module if name in modules else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return load, lambda: sorted(home), list(home)
