"""The base of every result: one object, shown as text, HTML, a data frame or a dict."""

from __future__ import annotations

import dataclasses
import html
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 4


def plain(value: Any) -> Any:
    """Return a numpy scalar or array of no dimension as a Python scalar, anything else unchanged.

    >>> plain(np.float64(2.5))
    2.5
    """
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value.item()
    return value


def shown(value: Any) -> str:
    """Format one value for reading: four significant digits, arrays by their shape when long."""
    value = plain(value)
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, float):
        return f"{value:.{DIGITS}g}"
    if isinstance(value, np.ndarray):
        if value.size > 8:
            return f"array of shape {value.shape}"
        return "[" + ", ".join(shown(v) for v in value.ravel()) + "]"
    if isinstance(value, (tuple, list)):
        return ", ".join(shown(v) for v in value)
    return str(value)


class Table:
    """Mixin for frozen dataclasses: `to_dict`, `to_frame`, text and HTML, rounded for display only."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            object.__setattr__(self, field.name, plain(getattr(self, field.name)))

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, unrounded."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per element of the array fields (a single row when all are scalars)."""
        import pandas as pd

        fields = {k: v for k, v in self.to_dict().items() if not (isinstance(v, np.ndarray) and v.ndim > 1)}
        if any(isinstance(v, np.ndarray) for v in fields.values()):
            return pd.DataFrame(fields)
        return pd.DataFrame([fields])

    def __repr__(self) -> str:
        body = "  ".join(f"{k} {shown(v)}" for k, v in self.to_dict().items() if v is not None and not (isinstance(v, str) and v == ""))
        return f"{type(self).__name__}: {body}"

    def _repr_html_(self) -> str:
        items = [(k, shown(v)) for k, v in self.to_dict().items() if v is not None]
        rows = "".join(f'<tr><th scope="row">{k}</th><td>{html.escape(v)}</td></tr>' for k, v in items)
        return f"<table><caption>{type(self).__name__}</caption><tbody>{rows}</tbody></table>"
