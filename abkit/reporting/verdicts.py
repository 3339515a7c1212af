"""What the decision rule says of the same effect with more or fewer people, at each break-even."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from abkit import _check
from abkit.estimate import Effect
from abkit.inference.two_rates import proportions
from abkit.moments import Moments
from abkit.reporting.decision import Rule, decide


@dataclass(frozen=True)
class Verdict:
    """The score interval of two rates at each n, and what the rule says there; rates and break-even are
    shares.
    """

    n: np.ndarray
    effect: Effect
    actions: tuple[str, ...]


def verdicts(n: Iterable[float], base: float, effect: float, worth: float) -> Verdict:
    """Return interval and action for n people an arm who show rates of `base` and `base + effect`.

    Shares, not per cent. The rates stay as they are when n changes: only the interval does.
    Raises ValueError for rates outside 0 to 1 or a break-even below 0.

    >>> verdicts([30, 300], base=0.34, effect=0.20, worth=0.10).actions
    ('inconclusive', 'ship')
    """
    sizes = _check.array("n", list(n))
    base, gap, rule = _check.share("base", base), _check.number("effect", effect), Rule(worth=worth)
    _check.share("base + effect", base + gap)
    arms = [
        Moments(sizes, np.full((len(sizes), 1), p), (sizes * p * (1 - p))[:, None, None], ("y",))
        for p in (base, base + gap)
    ]
    found = proportions(arms[0], arms[1])
    single = (
        Effect("y", gap, 1.0, df=np.inf, low=low, high=high, pvalue=0.0)
        for low, high in zip(found.low, found.high, strict=True)
    )
    return Verdict(sizes, found, tuple(decide(e, rule=rule).action for e in single))


def verdict_table(
    sizes: Iterable[int], worths: Iterable[float], *, base: float = 0.34, effect: float = 0.45
) -> pd.DataFrame:
    """Return the interval at each n (rows, in percentage points) and the action at each break-even (columns).

    >>> verdict_table([100], [0.10, 0.45]).values.tolist()
    [[100, '32.0 to 56.4', 'ship', 'inconclusive']]
    """
    sizes, worths = list(sizes), list(worths)
    columns: dict[str, list] = {"n an arm": sizes}
    for worth in worths:
        found = verdicts(sizes, base, effect, worth)
        ends = zip(100 * np.asarray(found.effect.low), 100 * np.asarray(found.effect.high), strict=True)
        columns.setdefault("95% interval (points)", [f"{low:.1f} to {high:.1f}" for low, high in ends])
        columns[f"break-even {100 * worth:g}"] = list(found.actions)
    return pd.DataFrame(columns)
