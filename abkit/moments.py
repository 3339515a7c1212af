"""Moments: all that a table must tell about its metrics, small enough to add up.

`n`, means and the centred cross-products (scatter) of k columns. Moments of disjoint sets of
units merge exactly (Chan, Golub and LeVeque 1983, eq. 2.1), and every field may have leading
axes: 20,000 simulated experiments are one object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abkit import _check, _stored
from abkit._table import Table

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 8_192  # rows a block: three megabytes of work space, and part of the result's last bits


@dataclass(frozen=True, eq=False, repr=False)
class Moments(Table):
    """Count, mean and centred scatter of `names`, with any number of leading axes.

    n: shape (...,); mean: (..., k) in the units of the columns; scatter: (..., k, k), sums of
    products of deviations from the mean. They add over DISJOINT sets of randomization units;
    days of the same users do not add.

    >>> both = Moments.of([1.0, 2.0]) + Moments.of([6.0])
    >>> both.n, both.mean.round(3).tolist(), both.cov.round(3).tolist()
    (3, [3.0], [[7.0]])
    """

    n: Any
    mean: np.ndarray
    scatter: np.ndarray
    names: tuple[str, ...]

    @classmethod
    def of(cls, y: Any, **columns: Any) -> Moments:
        """Return the moments of rows on the last axis: `y` (..., rows) and equally long columns.

        Raises ValueError for text, nan, infinite values, no rows, a data frame, or columns of another length.

        >>> Moments.of([1, 2, 3], pre=[1, 1, 2]).names
        ('y', 'pre')
        """
        arrays = [_check.rows(name, v) for name, v in {"y": y, **columns}.items()]
        if arrays[0].ndim == 0 or arrays[0].shape[-1] == 0:
            slip = "Is the label of the arm spelt as in the table?" if arrays[0].ndim else ""
            raise _check.fail("y", "must hold at least one row", "none", slip)
        for name, a in zip(columns, arrays[1:], strict=True):
            if a.shape != arrays[0].shape:
                raise _check.fail(name, f"must have the shape of y, {arrays[0].shape}", a.shape)
        return cls(*_settled(arrays, *_reduce(arrays)), ("y", *columns))

    @classmethod
    def counts(cls, successes: Any, n: Any) -> Moments:
        """Return the moments of a 0/1 metric from successes and units, each of shape (...,).

        n: units, a number or an array (...,).
        Raises ValueError: `n` must be a whole number of units, at least 1; `successes` must be a whole number
        from 0 to n.

        >>> Moments.counts(45, 100).mean.tolist()
        [0.45]
        """
        x, total = _check.together(successes=_check.array("successes", successes), n=_check.array("n", n))
        if (total < 1).any() or (total % 1 != 0).any():
            raise _check.fail("n", "must be a whole number of units, at least 1", n)
        if (x < 0).any() or (x > total).any() or (x % 1 != 0).any():
            hint = "Is that a rate? Give the count." if ((x > 0) & (x < 1)).any() else ""
            raise _check.fail("successes", "must be a whole number from 0 to n", successes, hint)
        return cls(total, (x / total)[..., None], (x * (1 - x / total))[..., None, None], ("y",))

    @classmethod
    def summary(cls, n: Any, mean: Any, sd: Any) -> Moments:
        """Return the moments behind a published n, mean and standard deviation (ddof 1), each (...,).

        sd: the standard deviation of a unit.
        Raises ValueError: `n` must be at least 1; `sd` must not be negative.

        >>> Moments.summary(10, 5.0, 2.0).cov.tolist()
        [[4.0]]
        """
        size, centre, spread = _check.together(
            **{k: _check.array(k, v) for k, v in (("n", n), ("mean", mean), ("sd", sd))}
        )
        if (size < 1).any():
            raise _check.fail("n", "must be at least 1", n)
        if (spread < 0).any():
            raise _check.fail("sd", "must not be negative", sd)
        return cls(size, centre[..., None], (spread**2 * (size - 1))[..., None, None], ("y",))

    @classmethod
    def from_table(cls, table: Any, columns: Any, by: str | None = None) -> Any:
        """Return the moments of columns of a table or file; with `by`, a dict keyed by its values.

        `table`: pandas, polars, pyarrow, DuckDB, or the path of a CSV or Parquet file.

        >>> import pandas as pd
        >>> frame = pd.DataFrame({"arm": ["a", "a", "b"], "y": [1.0, 3.0, 5.0]})
        >>> Moments.from_table(frame, ["y"], by="arm")["a"].mean.tolist()
        [2.0]
        """
        from abkit.tables.reducing import moments_from_table

        return moments_from_table(table, columns, by=by)

    def to_json(self) -> str:
        """Return the moments as text, exact to the bit.

        >>> Moments.from_json(Moments.of([0.1, 0.2]).to_json()).mean.tolist()
        [0.15000000000000002]
        """
        return _stored.to_text("Moments", self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Moments:
        """Return the moments that `to_json` wrote.

        Raises ValueError for any other text, and for fields whose shapes do not fit.

        >>> Moments.from_json(Moments.counts(45, 100).to_json()).mean.tolist()
        [0.45]
        """
        fields = _stored.from_text("Moments", text, ("n", "mean", "scatter", "names"))
        names, mean, scatter = fields["names"], fields["mean"], fields["scatter"]
        if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
            raise _check.fail("names", "must be a list of names", repr(names))
        shapes = [np.shape(fields["n"]), np.shape(mean), np.shape(scatter)]
        lead = shapes[1][:-1]
        if shapes != [lead, (*lead, len(names)), (*lead, len(names), len(names))]:
            raise _check.fail(
                "text", f"must hold n, mean and scatter of {len(names)} columns", f"shapes {shapes}"
            )
        _check.array("n", fields["n"])
        return cls(**fields)

    @property
    def cov(self) -> np.ndarray:
        """Return the sample covariance, scatter / (n − 1), shape (..., k, k); nan where n is 1.

        >>> Moments.of([1.0, 3.0], x=[2.0, 6.0]).cov
        array([[2., 4.],
               [4., 8.]])
        """
        dof = np.asarray(self.n, float)[..., None, None] - 1
        return np.divide(self.scatter, dof, out=np.full(np.shape(self.scatter), np.nan), where=dof > 0)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a column (and experiment): n, mean, variance, name. Covariances are in `cov`.

        >>> Moments.of([1.0, 3.0], pre=[2.0, 2.0]).to_frame()["variance"].tolist()
        [2.0, 0.0]
        """
        n = np.asarray(self.n)[..., None]
        return _Columns(
            n, self.mean, np.diagonal(self.cov, axis1=-2, axis2=-1), np.array(self.names)
        ).to_frame()

    def __add__(self, other: Moments) -> Moments:
        if self.names != other.names:
            raise _check.fail("other", f"must hold the columns {self.names}", other.names)
        n_a, n_b = np.asarray(self.n, float), np.asarray(other.n, float)
        n = n_a + n_b
        gap = other.mean - self.mean
        mean = self.mean + gap * (n_b / n)[..., None]
        between = gap[..., :, None] * gap[..., None, :] * (n_a * n_b / n)[..., None, None]
        return Moments(_whole(n), mean, self.scatter + other.scatter + between, self.names)

    def total(self) -> Moments:
        """Merge over the first leading axis: moments per shard become moments of the whole.

        Raises ValueError where there is no leading axis, or nothing on it.

        >>> Moments.of([[1.0, 2.0], [3.0, 6.0]]).total().mean.tolist()
        [3.0]
        """
        if self.mean.ndim < 2 or not len(self.mean):
            raise _check.fail(
                "moments",
                "must have a leading axis with the parts to merge",
                f"a mean of shape {self.mean.shape}",
            )
        n = np.broadcast_to(np.asarray(self.n, float), self.mean.shape[:-1])
        whole, first = n.sum(0), self.mean[0]
        mean = (
            first + ((self.mean - first) * n[..., None]).sum(0) / whole[..., None]
        )  # exact where all means are equal
        gap = self.mean - mean
        between = (gap[..., :, None] * gap[..., None, :] * n[..., None, None]).sum(0)
        return Moments(_whole(whole), mean, self.scatter.sum(0) + between, self.names)

    def select(self, *names: str) -> Moments:
        """Return the same units with only these columns, in this order.

        names: columns to keep, in this order.

        >>> Moments.of([1, 2], pre=[3, 4]).select("pre").mean.tolist()
        [3.5]
        """
        index = [self.index(name) for name in names]
        return Moments(self.n, self.mean[..., index], self.scatter[..., index, :][..., index], names)

    def index(self, name: str | None) -> int:
        """Return the position of a column; None is the first.

        name: of the part of the layer.
        Raises ValueError: `metric` must fit.

        >>> Moments.of([1, 2], pre=[3, 4]).index("pre")
        1
        """
        if name is None:
            return 0
        if not isinstance(name, str) or name not in self.names:
            raise _check.fail("metric", "must be one of " + ", ".join(self.names), _check.short(name))
        return self.names.index(name)


def require_binary(name: str, moments: Moments, index: int, *, hint: str = "") -> None:
    """Refuse a column that is no 0/1 metric: there, and only there, scatter is n·p·(1 − p).

    >>> require_binary("control", Moments.counts(45, 100), 0)
    """
    if not is_binary(moments, index).all():
        raise _check.fail(name, "must hold a 0/1 metric", "other values", hint)


def is_binary(moments: Moments, index: int) -> np.ndarray:
    """Say, for each experiment (...,), whether a column is a 0/1 metric.

    >>> bool(is_binary(Moments.counts(45, 100), 0)), bool(is_binary(Moments.of([1.0, 3.0]), 0))
    (True, False)
    """
    n, p = np.asarray(moments.n), moments.mean[..., index]
    return np.abs(moments.scatter[..., index, index] - n * p * (1 - p)) <= 1e-6 * np.maximum(1, n)


@dataclass(frozen=True, eq=False, repr=False)
class _Columns(Table):
    """What a frame of `Moments` shows; fields broadcast to (..., k)."""

    n: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    names: np.ndarray


def _whole(n: np.ndarray) -> Any:
    return n.astype(int) if (n % 1 == 0).all() else n


def _reduce(arrays: list[np.ndarray]) -> tuple[Any, np.ndarray, np.ndarray]:
    """Count, mean and scatter over the last axis; long rows go in blocks, shifted by the first block's
    mean.
    """
    rows = arrays[0].shape[-1]
    n = np.full(arrays[0].shape[:-1], rows)
    if rows <= 4 * BLOCK:
        mean = np.stack([a.mean(-1) for a in arrays], -1)
        centred = [a - mean[..., i, None] for i, a in enumerate(arrays)]
        return n, mean, _products(centred)
    shift = np.stack([a[..., :BLOCK].mean(-1) for a in arrays], -1)
    sums, scatter = np.zeros(shift.shape), np.zeros((*shift.shape, len(arrays)))
    for start in range(0, rows, BLOCK):
        block = [a[..., start : start + BLOCK] - shift[..., i, None] for i, a in enumerate(arrays)]
        sums = sums + np.stack([b.sum(-1) for b in block], -1)
        scatter = scatter + _products(block)
    gap = sums / rows
    return n, shift + gap, scatter - rows * gap[..., :, None] * gap[..., None, :]


def _settled(
    arrays: list[np.ndarray], n: Any, mean: np.ndarray, scatter: np.ndarray
) -> tuple[Any, np.ndarray, np.ndarray]:
    """Give a column of equal values that value as mean and a scatter of exactly 0, in place of a rounding
    error.

    Only a spread near the rounding of the mean is looked at again: other data cost no second pass.
    """
    rows = arrays[0].shape[-1]
    spread = np.sqrt(np.abs(np.diagonal(scatter, axis1=-2, axis2=-1)) / rows)
    near = (scatter != 0).any(-1) & (spread <= rows * np.finfo(float).eps * np.abs(mean))
    for i in np.flatnonzero(near.reshape(-1, len(arrays)).any(0)):
        flat = arrays[i].min(-1) == arrays[i].max(-1)
        mean[..., i] = np.where(flat, arrays[i][..., 0], mean[..., i])
        scatter[..., i, :] = np.where(flat[..., None], 0.0, scatter[..., i, :])
        scatter[..., :, i] = np.where(flat[..., None], 0.0, scatter[..., :, i])
    return n, mean, scatter


def _products(columns: list[np.ndarray]) -> np.ndarray:
    if len(columns) == 1:
        return np.einsum("...r,...r->...", columns[0], columns[0])[..., None, None]
    stacked = np.stack(columns, -2)
    return stacked @ np.swapaxes(stacked, -1, -2)
