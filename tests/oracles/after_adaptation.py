"""How often do intervals cover after a bandit? Run once; the counts are stored in after_adaptation.json.

    PYTHONPATH=. python tests/oracles/after_adaptation.py

Worlds: two arms with rates (.3, .3) and (.3, .36), 2,000 users in batches of 20, Thompson sampling with a
floor of .05. For the clipped log the floor is one millionth, and .05 is written into the log. About a minute.
"""

import json
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

import abkit as ab

REPS, CHUNK, USERS, BATCH = 6_000, 500, 2_000, 20


def methods(log: ab.BanditRun, free: ab.BanditRun) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Estimate, low and high of each method; `free` comes from the policy without a floor."""
    pulls, sums = log.totals()
    rate = sums / pulls
    half = 1.959964 * np.sqrt((rate * (1 - rate) / pulls).sum(1))
    gap = rate[:, 1] - rate[:, 0]
    clipped = replace(free, propensity=np.clip(free.propensity, 0.05, 0.95))
    found = {name: ab.weighted_aipw(log, weights=name) for name in ("constant", "two_point", "contrast")}
    found |= {"batched": ab.batched_ols(log), "clipped log": ab.weighted_aipw(clipped, weights="contrast")}
    return {"plain means": (gap, gap - half, gap + half)} | {
        k: (e.estimate, e.low, e.high) for k, e in found.items()
    }


def main() -> None:
    """Count for both worlds and write the file."""
    rows = []
    for rates in ([0.3, 0.3], [0.3, 0.36]):
        truth, sums = rates[1] - rates[0], {}
        for source in np.random.default_rng(20261126).spawn(REPS // CHUNK):
            logs = [
                ab.run(policy, rates, horizon=USERS, reps=CHUNK, batch=BATCH, propensity=True, rng=source)
                for policy in (ab.Thompson(2, floor=0.05), ab.Thompson(2, floor=1e-6))
            ]
            for name, (estimate, low, high) in methods(*logs).items():
                seen = sums.setdefault(name, np.zeros(4))
                covered = ((low <= truth) & (truth <= high)).sum()
                seen += [
                    covered,
                    ((low > 0) | (high < 0)).sum(),
                    (estimate - truth).sum(),
                    (high - low).sum(),
                ]
        for name, (cover, reject, bias, width) in sums.items():
            row = {"rates": rates, "method": name, "reps": REPS, "cover": int(cover), "reject": int(reject)}
            rows.append(row | {"bias": round(float(bias) / REPS, 5), "width": round(float(width) / REPS, 5)})
            print(rows[-1])
    path = Path(__file__).with_suffix(".json")
    text = {"source": "tests/oracles/after_adaptation.py", "users": USERS, "batch": BATCH, "rows": rows}
    path.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore", UserWarning)
    main()
