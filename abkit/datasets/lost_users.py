"""A test in three segments, one of which loses treatment users before they are logged."""

from __future__ import annotations

import numpy as np

SEGMENTS = {"android": 0.40, "ios": 0.35, "web": 0.25}


LEAKY = "android"


def planted_counts(n: int, share: float, loss: float, *, seed: int = 0) -> dict[str, tuple[int, int]]:
    """Return (control, treatment) counts by segment when `loss` of android's treatment users are never
    logged.

    World: n users, segments 40, 35 and 25 per cent, treatment with probability `share`; then each
    android user in treatment is lost with probability `loss`. The luck is fixed by the seed: each count is
    the same quantile of its binomial for every n, share and loss, so that only the slider moves the picture.

    >>> planted_counts(1000, 0.5, 1.0)["android"][1]
    0
    """
    from scipy.stats import binom

    luck = np.random.default_rng(seed).random(4)
    android, ios = round(n * SEGMENTS["android"]), round(n * SEGMENTS["ios"])
    sizes = np.array([android, ios, n - android - ios])
    treated = binom.ppf(luck[:3], sizes, share)
    kept = treated - np.array([binom.ppf(luck[3], treated[0], loss), 0, 0])
    return {name: (int(s - t), int(k)) for name, s, t, k in zip(SEGMENTS, sizes, treated, kept, strict=True)}
