"""The handouts' two tests by user that are wrong: `referral` in its mean, `marketplace` in its error."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from abkit import _check
from abkit.datasets.interference import even
from abkit.datasets.worlds import Draw
from abkit.moments import Moments


def referral(n: int = 1_000, *, base: float = 0.10, effect: float = 0.05, spill: float = 0.02) -> Draw:
    """Return the handouts' referral: control ~ Binomial(n, base + spill), treatment ~ Binomial(n, base +
    effect).

    Control users whom treated friends referred convert more, so the difference has mean effect − spill:
    3.0 points for a true 5, with an error of 1.5 points at n = 1,000. One draw of 1.2 is not the bias.
    Arms: `Moments` of a 0/1 metric.

    Parameters: n, users an arm; base, effect and spill, shares. Raises ValueError for rates outside (0, 1).

    >>> control, treatment = referral()(np.random.default_rng(1), 10_000)
    >>> round(float((treatment.mean - control.mean).mean()), 3)
    0.03
    """
    n = _check.integer("n", n, low=2)
    return partial(
        _referral, n, _check.share("base + spill", base + spill), _check.share("base + effect", base + effect)
    )


def marketplace(
    *,
    clusters: int = 50,
    users: int = 200,
    between: float = 0.03,
    within: float = 0.09,
    effect: float = 0.0,
    level: str = "user",
) -> Draw:
    """Return the handouts' marketplace: y = .05 + effect · treated cluster + cluster + user, normal, sd
    between and within.

    No spillover here, only users of one cluster that resemble each other: the correlation is between² /
    (between² + within²), .1 by default. Arms: `Moments` of the users (level="user", the wrong unit:
    `welch` errs in 67 per cent), or of the clusters' means (level="cluster"). Sums of squares are drawn,
    so the cost does not grow with users.

    Parameters: clusters, an even number; users, of one cluster; between, within and effect, units of y;
    level. Raises ValueError for numbers that cannot be or another level.

    >>> control, treatment = marketplace()(np.random.default_rng(1), 3)
    >>> control.n.tolist(), control.mean.shape
    ([5000.0, 5000.0, 5000.0], (3, 1))
    """
    clusters, users = even("clusters", clusters), _check.integer("users", users, low=2)
    _check.one_of("level", level, ("user", "cluster"))
    spread = (_check.positive("between", between), _check.positive("within", within))
    return partial(_marketplace, clusters // 2, users, spread, (0.0, _check.number("effect", effect)), level)


def _referral(
    n: int, control: float, treatment: float, rng: np.random.Generator, size: int
) -> tuple[Any, Any]:
    return Moments.counts(rng.binomial(n, control, size), n), Moments.counts(
        rng.binomial(n, treatment, size), n
    )


def _marketplace(
    k: int,
    users: int,
    spread: tuple[float, float],
    shifts: tuple[float, float],
    level: str,
    rng: np.random.Generator,
    size: int,
) -> tuple[Any, Any]:
    """Cluster means ~ N(.05 + shift, between² + within²/users); squares within ~ within² · chi²(k (users
    − 1)).
    """
    between, within = spread
    arms = []
    for shift in shifts:
        mean = 0.05 + shift + np.hypot(between, within / np.sqrt(users)) * rng.normal(size=(size, k))
        inner = within**2 * rng.chisquare(k * (users - 1), size)
        around = users * np.square(mean - mean.mean(-1, keepdims=True)).sum(-1)
        n = k * users
        whole = Moments.summary(n, mean.mean(-1), np.sqrt((inner + around) / (n - 1)))
        arms.append(whole if level == "user" else Moments.of(mean))
    return arms[0], arms[1]
