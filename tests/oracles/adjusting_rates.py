"""How often each way of adjusting rejects a true null, one experiment at a time by least squares on rows.

Independent of abkit: theta is the slope of a weighted regression with an arm dummy, errors are taken from
residuals. Run once: python tests/oracles/adjusting_rates.py > tests/oracles/adjusting_rates.json
"""

import itertools
import json
from functools import partial

import numpy as np
from scipy import stats

REPS = 10_000
SIZES, COUNTS, SPREADS, SHAPES = (
    ((10, 10), (30, 30), (300, 30)),
    (1, 3),
    ((1, 3), (3, 1)),
    ("normal", "skewed"),
)


def noise(rng, shape, kind):
    return rng.standard_normal(shape) if kind == "normal" else rng.exponential(size=shape) - 1


def experiment(rng, sizes, k, spreads, kind):
    """y = x1 + … + xk + sd of the arm · e, no effect."""
    arm = np.repeat([0, 1], sizes)
    x = noise(rng, (len(arm), k), kind)
    y = x.sum(1) + np.repeat(spreads, sizes) * noise(rng, len(arm), kind)
    return y, x, arm


def slopes(y, x, arm, weights):
    """Slopes of y on x with an arm dummy, rows weighted."""
    design = np.column_stack([np.ones(len(y)), arm, x]) * np.sqrt(weights)[:, None]
    return np.linalg.lstsq(design, y * np.sqrt(weights), rcond=None)[0][2:]


def pvalue(estimate, se, df):
    return 2 * stats.t.sf(abs(estimate / se), df)


def by_rule(y, x, arm, *, plain=False):
    n = np.bincount(arm)
    rest = y - x @ slopes(y, x, arm, (1 / (n * (n - 1)))[arm])
    parts = [rest[arm == a].var(ddof=1) / n[a] for a in (0, 1)]
    v = sum(parts)
    nu = v**2 / sum(p**2 / (m - 1) for p, m in zip(parts, n, strict=True))
    gap = x[arm == 1].mean(0) - x[arm == 0].mean(0)
    spread = sum(np.atleast_2d(np.cov(x[arm == a].T)) / n[a] for a in (0, 1))
    k = x.shape[1]
    grown = 1.0 if plain else nu / (nu - k) * (1 + gap @ np.linalg.inv(spread) @ gap / nu)
    effect = rest[arm == 1].mean() - rest[arm == 0].mean()
    return pvalue(effect, np.sqrt(v * grown), nu if plain else nu - k)


def classical(y, x, arm):
    """The t test of the arm in ordinary least squares of y on arm and x."""
    design = np.column_stack([np.ones(len(y)), arm, x])
    beta = np.linalg.lstsq(design, y, rcond=None)[0]
    df = len(y) - design.shape[1]
    sigma2 = ((y - design @ beta) ** 2).sum() / df
    return pvalue(beta[1], np.sqrt(sigma2 * np.linalg.inv(design.T @ design)[1, 1]), df)


def centred_by_arm(y, x, arm):
    """The fault: each arm around its own mean of the covariate, one slope an arm, Welch's test on what is
    left.
    """
    rest = y.copy()
    for a in (0, 1):
        own = x[arm == a, 0] - x[arm == a, 0].mean()
        rest[arm == a] -= own * (own @ y[arm == a]) / (own @ own)
    return stats.ttest_ind(rest[arm == 1], rest[arm == 0], equal_var=False).pvalue


def pooled_and_indicator(y, x, arm, gaps):
    """Missing history filled by the mean of all units, with an indicator of the gaps."""
    x = np.where(gaps, x[~gaps, 0].mean(), x[:, 0])
    return by_rule(y, np.column_stack([x, gaps]), arm)


def mean_of_each_arm(y, x, arm, gaps):
    """The fault: missing history filled by the mean of the unit's own arm, without an indicator."""
    x = x[:, 0].copy()
    for a in (0, 1):
        x[(arm == a) & gaps] = x[(arm == a) & ~gaps].mean()
    return by_rule(y, x[:, None], arm)


def rate(way, draw, *settings, seed):
    rng = np.random.default_rng(seed)
    return sum(way(*draw(rng, *settings)) < 0.05 for _ in range(REPS)) / REPS


def entry(topic, inputs, rates):
    return {
        "id": f"{topic}_{'_'.join(map(str, inputs.values()))}",
        "topic": topic,
        "inputs": inputs,
        "expected": {k: {"rate": r, "se": (r * (1 - r) / REPS) ** 0.5} for k, r in rates.items()},
        "source": "tests/oracles/adjusting_rates.py",
    }


def correlated(rng, rho=0.9, n=200):
    """y and x with correlation rho, n units an arm, no effect."""
    arm = np.repeat([0, 1], n)
    x = rng.standard_normal((2 * n, 1))
    return rho * x[:, 0] + np.sqrt(1 - rho**2) * rng.standard_normal(2 * n), x, arm


def partly_missing(rng, share):
    y, x, arm = correlated(rng)
    return y, x, arm, rng.random(len(y)) < share


def main():
    out = []
    for seed, (sizes, k, sd, kind) in enumerate(itertools.product(SIZES, COUNTS, SPREADS, SHAPES)):
        ways = {"rule": by_rule, "classical": classical, "plain": partial(by_rule, plain=True)}
        rates = {name: rate(way, experiment, sizes, k, sd, kind, seed=seed) for name, way in ways.items()}
        world = {"control": sizes[0], "treatment": sizes[1], "k": k, "sd": sd, "shape": kind}
        out.append(entry("null_rate", world, rates))
    for rho in (0.5, 0.7, 0.9):
        ways = {"rule": by_rule, "centred_by_arm": centred_by_arm}
        rates = {name: rate(way, correlated, rho, seed=100 + int(10 * rho)) for name, way in ways.items()}
        out.append(entry("centre", {"rho": rho, "n": 200}, rates))
    for share in (0.3, 0.5, 0.6):
        ways = {f.__name__: f for f in (pooled_and_indicator, mean_of_each_arm)}
        rates = {
            name: rate(way, partly_missing, share, seed=200 + int(10 * share)) for name, way in ways.items()
        }
        out.append(entry("missing", {"rho": 0.9, "n": 200, "share": share}, rates))
    print(json.dumps({"file": "adjusting_rates", "schema": 1, "count": len(out), "entries": out}, indent=1))


if __name__ == "__main__":
    main()
