"""The score test of a difference of rates by brute force: Miettinen and Nurminen (1985), likelihood maximised
numerically.
"""

import numpy as np
from scipy import optimize, stats


def score_pvalue(x_control, n_control, x_treatment, n_treatment, gap):
    """Two-sided p-value of "the rates differ by gap"; counts may be fractions of a person."""
    x, n = np.array([x_control, x_treatment], float), np.array([n_control, n_treatment], float)

    def loss(p):
        rates = np.clip([p, p + gap], 1e-15, 1 - 1e-15)
        return -(x * np.log(rates) + (n - x) * np.log1p(-rates)).sum()

    best = optimize.minimize_scalar(
        loss, bounds=(max(0, -gap), min(1, 1 - gap)), method="bounded", options={"xatol": 1e-12}
    ).x
    rates = np.array([best, best + gap])
    variance = (rates * (1 - rates) / n).sum() * n.sum() / (n.sum() - 1)
    return 2 * stats.norm.sf(abs(x[1] / n[1] - x[0] / n[0] - gap) / np.sqrt(variance))
