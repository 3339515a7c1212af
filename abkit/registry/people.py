"""Persons in experiments: ids behind a key, and segment tables that show no small cell.

The registry keeps counts, effects and names of columns, and no id of a unit; a request to delete a user is
met in the tables of your company, and nothing has to be done here. A user's rows leave the NEXT analysis;
results that were recorded are sums over thousands and stay. `owner` and `by` name colleagues for good: a team
or a role will do.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from abkit import _check
from abkit._labels import arm_label, missing, unit_ids
from abkit._table import Table

SHORTEST = 16  # letters of a key
SMALL, NO_SEGMENT = "(small segments)", "(none)"


@dataclass(frozen=True, eq=False, repr=False)
class SegmentCounts(Table):
    """Units by segment and arm, none below `smallest`; hidden: units that no line shows. smallest_shown: of
    all cells.
    """

    counts: dict[str, dict[str, int]]
    smallest: int
    smallest_shown: int
    hidden: int


def pseudonyms(units: Any, *, key: str) -> list[str]:
    """Return a stable name of 32 letters for each id, which nobody can turn back or guess without the key.

    units: ids as text or whole numbers. A hash without a key can be undone by hashing all ids; so the key
    stays out of the table and out of git. Destroy the key and the names lead to nobody. Raises ValueError for
    a key of fewer than 16 letters, and for missing ids.

    References: HMAC with SHA-256 (RFC 2104), the first 128 bits.

    >>> pseudonyms(["ann", "bob"], key="a key of at least sixteen letters")[0][:8]
    '23bd7e78'
    """
    if len(_check.text("key", key)) < SHORTEST:
        raise _check.fail("key", f"must have at least {SHORTEST} letters", len(key))
    return [
        hmac.new(key.encode(), unit.encode(), hashlib.sha256).hexdigest()[:32] for unit in unit_ids(units)
    ]


def segment_counts(table: Any, *, arm: str, by: str, smallest: int = 20) -> SegmentCounts:
    """Count units by segment and arm, and show no cell of fewer than `smallest` units.

    A segment with a smaller cell is pooled with the other small ones. If the pool is too small itself, the
    next segment joins it, so that what is hidden cannot be found by subtracting what is shown. table: a data
    frame with one row a unit.
    Raises ValueError for unknown columns.

    >>> import pandas as pd
    >>> rows = pd.DataFrame({"arm": ["a", "b"] * 50, "country": ["NL"] * 60 + ["PL"] * 36 + ["MT"] * 4})
    >>> segment_counts(rows, arm="arm", by="country", smallest=10).counts
    {'NL': {'a': 30, 'b': 30}, '(small segments)': {'a': 20, 'b': 20}}
    """
    from abkit.registry.meeting import columns_of

    least = _check.integer("smallest", smallest)
    columns = columns_of(table, labels={"arm": [arm], "by": [by]})
    counts: dict[str, dict[str, int]] = {}
    arms = sorted({arm_label(a) for a in columns[arm] if not missing(a)})
    for label, segment in zip(columns[arm], columns[by], strict=True):
        if not missing(label):
            row = counts.setdefault(NO_SEGMENT if missing(segment) else str(segment), dict.fromkeys(arms, 0))
            row[arm_label(label)] += 1
    shown, pool = _pooled(counts, arms, least)
    hidden = sum(pool.values()) if pool and min(pool.values()) < least else 0
    if pool and not hidden:
        shown[SMALL] = pool
    cells = [n for row in shown.values() for n in row.values()]
    return SegmentCounts(shown, least, min(cells, default=0), hidden)


def _pooled(
    counts: dict[str, dict[str, int]], arms: list[str], least: int
) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Move the smallest segments into a pool until both what is shown and the pool are large enough."""
    order = sorted(counts, key=lambda segment: (min(counts[segment].values()), segment))
    pool: dict[str, int] = {}
    while order and (min(counts[order[0]].values()) < least or (pool and min(pool.values()) < least)):
        row = counts[order.pop(0)]
        pool = {arm: pool.get(arm, 0) + row[arm] for arm in arms}
    return {segment: counts[segment] for segment in sorted(order)}, pool
