"""How often intervals of shrunken effects cover, measured without abkit: stored in shrinkage_coverage.json.

World: k effects ~ N(0, spread²), estimates with error 1. Posterior with a flat mean and a flat spread on a
fixed grid of 400 points (spread = u/(1 − u)), coverage by the posterior distribution function at the truth.
Run once: about two minutes.
"""

import json
from pathlib import Path

import numpy as np
from scipy.special import ndtr

U = (np.arange(400) + 0.5) / 400
TAU = U / (1 - U)
LOG_STEP = -2 * np.log(1 - U)


def covered(rng, k, spread, reps):
    truth = rng.normal(0, spread, (reps, k))
    y = truth + rng.normal(size=(reps, k))
    v = 1 + TAU**2
    centre = y.mean(-1)[:, None, None]
    log = (
        -(k - 1) / 2 * np.log(v)
        - ((y - y.mean(-1, keepdims=True)) ** 2).sum(-1)[:, None] / (2 * v)
        + LOG_STEP
    )
    weight = np.exp(log - log.max(-1, keepdims=True))
    weight /= weight.sum(-1, keepdims=True)
    pull = TAU**2 / v
    mean = centre + pull * (y[..., None] - centre)
    sd = np.sqrt(pull + (1 - pull) ** 2 * v / k)
    below = (weight[:, None] * ndtr((truth[..., None] - mean) / sd)).sum(-1)
    inside = (below > 0.025) & (below < 0.975)
    return inside.sum(-1), inside[np.arange(reps), y.argmax(-1)]


def main():
    rows = []
    for k in (5, 10, 20, 50):
        for spread in (0.3, 0.5, 1.0):
            rng = np.random.default_rng([k, int(10 * spread)])
            reps, parts = 20_000, []
            size = 2_000_000 // (400 * k)
            for start in range(0, reps, size):
                parts.append(covered(rng, k, spread, min(size, reps - start)))
            each, largest = (np.concatenate(p) for p in zip(*parts, strict=True))
            rows.append(
                {
                    "k": k,
                    "spread": spread,
                    "reps": reps,
                    "average": float(each.mean() / k),
                    "average_se": float(each.std() / k / np.sqrt(reps)),
                    "sd_of_one": float(each.std() / k),
                    "largest": float(largest.mean()),
                }
            )
    text = json.dumps({"source": "shrinkage_coverage.py", "rows": rows}, indent=1)
    Path(__file__).with_suffix(".json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
