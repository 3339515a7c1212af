"""Measure five learners in three worlds at three sizes, once, for the explorer of notebook 20.

`python tools/make_learner_grid.py` takes about five minutes and writes abkit/datasets/learner_grid.json.
All in euros: the outcome of `people` times 12. shown: estimated effects of the same 60 new customers, of
the first three draws. error: root mean squared error of the effects of 2,000 new customers, mean over 16
draws, with its Monte-Carlo error. promised, kept: predicted and true mean effect of the best fifth of them
by prediction.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np

from abkit.causal.learners import dr_learner, r_learner, s_learner, t_learner, x_learner
from abkit.datasets.unequal_worlds import EFFECTS, EUROS, people

STORE = Path(__file__).parents[1] / "abkit" / "datasets" / "learner_grid.json"
LEARNERS = {
    "S": s_learner(rng=0),
    "T": t_learner(rng=0),
    "X": x_learner(e=0.5, rng=0),
    "DR": dr_learner(e=0.5, rng=0),
    "R": r_learner(e=0.5, rng=0),
}
SIZES, DRAWS, KEPT, CUSTOMERS = (500, 2_000, 8_000), 16, 3, 60


def measure(shape: str, n: int) -> list[dict[str, object]]:
    """Every learner on the same draws of one world: one entry each."""
    rng = np.random.default_rng([20, list(EFFECTS).index(shape), n])
    few, many = people(shape, CUSTOMERS, rng=20), people(shape, 2_000, rng=21)
    rows: dict[str, list[list[float]]] = {kind: [] for kind in LEARNERS}
    shown: dict[str, list[list[float]]] = {kind: [] for kind in LEARNERS}
    for draw in range(DRAWS):
        world = people(shape, n, rng=rng)
        for kind, learner in LEARNERS.items():
            fitted = learner.fit(world.x, world.y, world.w)
            effect = fitted.effect(many.x)
            best = effect >= np.quantile(effect, 0.8)
            error = np.sqrt(np.mean((effect - many.effect) ** 2))
            rows[kind].append([error, effect[best].mean(), many.effect[best].mean()])
            if draw < KEPT:
                shown[kind].append((EUROS * fitted.effect(few.x)).round(1).tolist())
    return [entry(shape, n, kind, np.array(rows[kind]), shown[kind]) for kind in LEARNERS]


def entry(shape: str, n: int, kind: str, rows: np.ndarray, shown: list[list[float]]) -> dict[str, object]:
    """One learner in one world at one size, in euros with two digits behind the point."""
    error, promised, kept = (EUROS * rows.mean(0)).round(2).tolist()
    spread = (EUROS * rows.std(0, ddof=1) / np.sqrt(DRAWS)).round(3).tolist()
    numbers = {"error": error, "promised": promised, "kept": kept}
    errors = dict(zip(("error_se", "promised_se", "kept_se"), spread, strict=True))
    return {"learner": kind, "world": shape, "n": n, **numbers, **errors, "shown": shown}


if __name__ == "__main__":
    entries = []
    for shape in EFFECTS:
        for n in SIZES:
            entries += measure(shape, n)
            print(shape, n, flush=True)
    head = {"date": datetime.date.today().isoformat(), "script": f"tools/{Path(__file__).name}"}
    few = people("flat", CUSTOMERS, rng=20)
    days = (45 + 10 * few.x[:, 0]).round(2).tolist()
    lines = ",\n".join(json.dumps(e, separators=(",", ":")) for e in entries)
    start = json.dumps({**head, "draws": DRAWS, "days": days}, separators=(",", ":"))[:-1]
    STORE.write_text(f'{start},"entries":[\n{lines}\n]}}\n', encoding="utf-8")
