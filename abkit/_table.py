"""The base of every result: one object, shown as text, HTML, a data frame or a dict."""

from __future__ import annotations

import dataclasses
import html
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from abkit import _check

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
    """Format one value for reading: four significant digits, arrays by their shape when long.

    >>> shown(0.123456), shown(np.arange(9)), shown((1, 2.5))
    ('0.1235', 'array of shape (9,)', '1, 2.5')
    """
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
        """Return the fields by name, unrounded.

        >>> from abkit import Effect
        >>> Effect.of(2.0, 1 / 3).to_dict()["se"]
        0.3333333333333333
        """
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]

    def to_frame(self) -> pd.DataFrame:
        """Return one row an element of the array fields (a single row when all are scalars).

        Arrays are broadcast against each other. Of several axes the last runs fastest, and the index holds
        the place on each axis. A tuple, list or mapping is one value, the same in every row. Raises
        ValueError for shapes that do not fit.

        >>> from abkit import Effect
        >>> Effect.of([1.0, 2.0], 0.5, label="y").to_frame()[["label", "estimate", "se"]].values.tolist()
        [['y', 1.0, 0.5], ['y', 2.0, 0.5]]
        """
        import pandas as pd

        fields = self.to_dict()
        arrays = {k: v for k, v in fields.items() if isinstance(v, np.ndarray)}
        if not arrays:
            return pd.DataFrame([fields])
        whole = dict(zip(arrays, _check.together(**arrays), strict=True))
        shape = next(iter(whole.values())).shape
        rows = math.prod(shape)
        index = (
            pd.RangeIndex(rows) if len(shape) == 1 else pd.MultiIndex.from_product([range(k) for k in shape])
        )
        single = {k: [v] * rows if isinstance(v, (tuple, list, Mapping)) else v for k, v in fields.items()}
        columns = {**single, **{k: v.ravel() for k, v in whole.items()}}
        return pd.DataFrame(columns, index=index)

    def __repr__(self) -> str:
        body = "  ".join(
            f"{k} {shown(v)}"
            for k, v in self.to_dict().items()
            if v is not None and not (isinstance(v, str) and v == "")
        )
        return f"{type(self).__name__}: {body}"

    def _repr_html_(self) -> str:
        items = [(k, shown(v)) for k, v in self.to_dict().items() if v is not None]
        rows = "".join(f'<tr><th scope="row">{k}</th><td>{html.escape(v)}</td></tr>' for k, v in items)
        return f"<table><caption>{type(self).__name__}</caption><tbody>{rows}</tbody></table>"
