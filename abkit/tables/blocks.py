"""Sums of a table in memory: numpy blocks in row order, so that identical calls give identical bits."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import narwhals as nw
import numpy as np

from abkit import _check
from abkit.moments import BLOCK, Moments
from abkit.tables.reading import absent, refuse_infinite

CHUNK = 16 * BLOCK  # rows turned into numpy at once: one megabyte a column
PILOT = 10_000  # rows behind the shift of an engine's sums
MASKS = 8  # groups up to which one masked product a group is faster than sorting
_Parts = tuple[np.ndarray, np.ndarray, np.ndarray]  # n (groups,), mean (groups, k), scatter (groups, k, k)


def reduce_blocks(
    frame: Any, groups: Sequence[Sequence[str]], by: str | None
) -> tuple[list[dict[Any, Moments]], int, dict[str, int]]:
    """Return moments by label of each group of columns, on its own complete rows; rows seen; missing values a
    column.

    >>> import pandas as pd
    >>> frame = nw.from_native(pd.DataFrame({"arm": ["a", "b", "b", "b"], "y": [1.0, 2.0, 4.0, None]}))
    >>> found, rows, missing = reduce_blocks(frame, [["y"]], "arm")
    >>> found[0]["b"].n, found[0]["b"].mean.tolist(), rows, missing
    (2, [3.0], 4, {'y': 1, 'arm': 0})
    """
    names = list(dict.fromkeys(name for group in groups for name in group))
    series = [frame.get_column(name) for name in names]
    arms = None if by is None else frame.get_column(by)
    codes_of: dict[Hashable, int] = {} if arms is not None else {None: 0}
    missing = dict.fromkeys([*names, *([by] if by is not None else [])], 0)
    places = [[names.index(name) for name in group] for group in groups]
    sums = [_empty(len(group)) for group in groups]
    shift = np.full(len(names), np.nan)
    for start in range(0, len(frame), CHUNK):
        stop = min(start + CHUNK, len(frame))
        x = np.stack([as_floats(name, s[start:stop]) for name, s in zip(names, series, strict=True)])
        codes = (
            np.zeros(stop - start, np.intp) if arms is None else label_codes(by, arms[start:stop], codes_of)
        )
        gaps = _gaps(x, names, missing)
        if by is not None:
            missing[by] += int((codes < 0).sum())
        shift = np.where(np.isnan(shift), _pilot(x, gaps), shift)
        x -= shift[:, None]
        sums = _added(sums, x, codes, gaps, places, len(codes_of))
    found = [
        _finished(total, shift[own], group, codes_of)
        for total, own, group in zip(sums, places, groups, strict=True)
    ]
    return found, len(frame), missing


def _empty(k: int) -> _Parts:
    return np.zeros(0), np.zeros((0, k)), np.zeros((0, k, k))


def _pilot(x: np.ndarray, gaps: np.ndarray | None) -> np.ndarray:
    """The mean of each column's first values, nan where it has none: near enough to keep the digits of x."""
    if gaps is None and x.shape[1]:
        return x[:, :PILOT].mean(1)
    known = [row[np.isfinite(row)][:PILOT] for row in x]
    return np.array([values.mean() if len(values) else np.nan for values in known])


def _added(
    sums: list[_Parts],
    x: np.ndarray,
    codes: np.ndarray,
    gaps: np.ndarray | None,
    places: list[list[int]],
    labels: int,
) -> list[_Parts]:
    """Add shifted rows x (k, rows) to each group of columns; all at once where nothing is missing."""
    sums = [_grown(parts, labels) for parts in sums]
    if gaps is None and (codes >= 0).all():
        for at in range(0, len(codes), BLOCK):
            blocks = _block(x[:, at : at + BLOCK], codes[at : at + BLOCK], labels, places)
            sums = [_merge(parts, block) for parts, block in zip(sums, blocks, strict=True)]
        return sums
    for i, own in enumerate(places):
        part, known = _complete(x, codes, gaps, own)
        for at in range(0, len(known), BLOCK):
            whole = [list(range(len(own)))]
            (block,) = _block(part[:, at : at + BLOCK], known[at : at + BLOCK], labels, whole)
            sums[i] = _merge(sums[i], block)
    return sums


def _finished(
    sums: _Parts, shift: np.ndarray, names: Sequence[str], codes_of: dict[Hashable, int]
) -> dict[Any, Moments]:
    n, mean, scatter = sums
    return {
        label: Moments(int(n[i]), mean[i] + shift, scatter[i], tuple(names))
        for label, i in codes_of.items()
        if i < len(n) and n[i]
    }


def as_floats(name: str, series: Any) -> np.ndarray:
    """Return a column as floats (rows,), nan where missing; text and other objects are refused.

    >>> import pandas as pd
    >>> as_floats("y", nw.from_native(pd.Series([True, None, False], dtype="boolean"), series_only=True))
    array([ 1., nan,  0.])
    """
    if series.dtype == nw.Boolean and series.null_count():
        series = series.cast(nw.Float64)
    try:
        if series.dtype == nw.Object and any(isinstance(v, str) for v in series):
            raise TypeError
        return np.asarray(series.to_numpy(), dtype=float)
    except (TypeError, ValueError):
        raise _check.fail(name, "must hold numbers or booleans", "text or other objects") from None


def label_codes(by: str | None, series: Any, codes_of: dict[Hashable, int]) -> np.ndarray:
    """Return whole-number codes of the labels (rows,), −1 where missing; new labels are added to `codes_of`.

    >>> import pandas as pd
    >>> codes_of = {"a": 0}
    >>> label_codes("arm", nw.from_native(pd.Series(["b", "a", None]), series_only=True), codes_of), codes_of
    (array([ 1,  0, -1]), {'a': 0, 'b': 1})
    """
    import pyarrow as pa

    try:
        encoded = pa.chunked_array([series.to_arrow()]).combine_chunks()
        if not pa.types.is_dictionary(encoded.type):
            encoded = encoded.dictionary_encode()
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        raise _check.fail(str(by), "must hold labels of one type", "mixed or nested values") from None
    labels = encoded.dictionary.to_pylist()
    own = encoded.indices.fill_null(len(labels)).to_numpy(zero_copy_only=False)
    present = np.unique(own) if pa.types.is_dictionary(series.to_arrow().type) else range(len(labels))
    table = np.full(len(labels) + 1, -1, np.intp)
    for i in present:
        if i < len(labels) and not absent(labels[i]):
            table[i] = codes_of.setdefault(labels[i], len(codes_of))
    return table[own]


def _gaps(x: np.ndarray, names: Sequence[str], missing: dict[str, int]) -> np.ndarray | None:
    """Where values are missing, (k, rows), or None for nowhere; adds to the counts of what is missing."""
    if np.isfinite(x.sum()):
        return None
    gaps = np.isnan(x)
    for name, row, empty in zip(names, x, gaps, strict=True):
        refuse_infinite(name, int(np.isinf(row).sum()))
        missing[name] += int(empty.sum())
    return gaps


def _complete(
    x: np.ndarray, codes: np.ndarray, gaps: np.ndarray | None, own: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """A copy of some columns, the rows that miss nothing there."""
    bad = codes < 0
    if gaps is not None:
        bad = bad | gaps[own].any(0)
    return (x[own][:, ~bad], codes[~bad]) if bad.any() else (x[own], codes)


def _grown(parts: _Parts, groups: int) -> _Parts:
    n, mean, scatter = parts
    more, k = groups - len(n), mean.shape[1]
    return (
        np.append(n, np.zeros(more)),
        np.vstack([mean, np.zeros((more, k))]),
        np.concatenate([scatter, np.zeros((more, k, k))]),
    )


def _block(x: np.ndarray, codes: np.ndarray, labels: int, places: list[list[int]]) -> list[_Parts]:
    """Moments by label of each group in one block x (k, rows), centred at the block's own means."""
    n = np.bincount(codes, minlength=labels).astype(float)
    mask = (codes == np.arange(labels)[:, None]).astype(float) if 1 < labels <= MASKS else None
    mean = _means(x, codes, n, mask)
    d = x - _spread(mean, codes, mask)
    scatter = [_scatter(d[own], codes, labels, mask) for own in places]
    noise = n[:, None] * (len(codes) * np.finfo(float).eps * mean) ** 2
    if any(_rounding(own, noise[:, place]) for own, place in zip(scatter, places, strict=True)):
        mean = mean + _means(d, codes, n, mask)
        d = x - _spread(mean, codes, mask)
        scatter = [_scatter(d[own], codes, labels, mask) for own in places]
    return [(n, mean[:, own], part) for own, part in zip(places, scatter, strict=True)]


def _rounding(scatter: np.ndarray, noise: np.ndarray) -> bool:
    """Say whether some column holds equal values, of which the rounding of their mean made a spread."""
    squares = np.einsum("gii->gi", scatter)
    return bool(((squares > 0) & (squares <= noise)).any())


def _spread(mean: np.ndarray, codes: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Each row's own mean (k, rows) from the means (labels, k); with a mask the sum of one mean and zeros."""
    if len(mean) == 1:
        return mean.T
    return mean.T[:, codes] if mask is None else mean.T @ mask


def _means(x: np.ndarray, codes: np.ndarray, n: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    if len(n) == 1:
        return x.mean(1)[None]
    sums = np.stack([np.bincount(codes, row, len(n)) for row in x], -1) if mask is None else mask @ x.T
    return sums / np.maximum(n, 1)[:, None]


def _scatter(d: np.ndarray, codes: np.ndarray, labels: int, mask: np.ndarray | None) -> np.ndarray:
    k = len(d)
    if labels == 1:
        return (d @ d.T)[None]
    if mask is not None:
        return np.stack([(d * m) @ d.T for m in mask])
    scatter = np.empty((labels, k, k))
    for i in range(k):
        for j in range(i, k):
            scatter[:, i, j] = scatter[:, j, i] = np.bincount(codes, d[i] * d[j], labels)
    return scatter


def _merge(a: _Parts, b: _Parts) -> _Parts:
    """Merge two sets of groups; a group without rows adds nothing (Chan, Golub and LeVeque 1983, eq. 2.1)."""
    n = a[0] + b[0]
    size = np.maximum(n, 1)
    gap = b[1] - a[1]
    mean = a[1] + gap * (b[0] / size)[:, None]
    between = gap[:, :, None] * gap[:, None, :] * (a[0] * b[0] / size)[:, None, None]
    return n, mean, a[2] + b[2] + between
