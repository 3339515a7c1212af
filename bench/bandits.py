"""Races of bandits: 10,000 users, two arms, 100 runs at once, against a loop over users and against river.

The loop keeps numpy arrays of counts and chooses one user at a time, as a tutorial would. river lives in the
peers' own environment; without it its rows say so. All seconds are of CPU: one thread each.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

PEERS = Path(__file__).resolve().parents[1] / ".venv-peers" / "bin" / "python"
RATES, USERS, RUNS = (0.10, 0.12), 10_000, 100
RIVER = f"""
import json, random, statistics, time
from river import bandit, proba
rates, users = {RATES}, {{users}}
kinds = dict(
    epsilon=lambda s: bandit.EpsilonGreedy(epsilon=0.1, seed=s),
    ucb=lambda s: bandit.UCB(delta=1, seed=s),
    thompson=lambda s: bandit.ThompsonSampling(reward_obj=proba.Beta(), seed=s),
)
out = {{{{}}}}
for name, kind in kinds.items():
    times = []
    for seed in range(3):
        policy, source = kind(seed), random.Random(seed)
        start = time.process_time()
        for _ in range(users):
            arm = policy.pull([0, 1])
            policy.update(arm, source.random() < rates[arm])
        times.append(time.process_time() - start)
    out[name] = statistics.median(times) / users
print(json.dumps(out))
"""


def measure(share: int) -> dict[str, float]:
    """Seconds of each race, of the loop (one race of 100, one user in `share`, scaled), and of one user."""
    import abkit as ab

    policies: dict[str, Any] = {"epsilon": ab.EpsilonGreedy(2), "ucb": ab.Ucb(2), "thompson": ab.Thompson(2)}
    out: dict[str, float] = {}
    for name, policy in policies.items():
        ab.run(policy, RATES, horizon=50, reps=2, rng=0)
        race = partial(ab.run, policy, RATES, horizon=USERS, reps=RUNS, rng=0)
        out[name] = _median(race, 3)
        out[f"{name}_loop"] = RUNS * share * _median(partial(loop, name, USERS // share), 3)
        out[f"{name}_live"] = live(policy)
    if PEERS.exists():
        users = str(USERS // share)
        done = subprocess.run([PEERS, "-c", RIVER.format(users=users)], capture_output=True, text=True)
        if done.returncode == 0:
            found = json.loads(done.stdout)
            out |= {f"{name}_river": RUNS * USERS * second for name, second in found.items()}
    return out


def loop(name: str, users: int) -> float:
    """One run, one user after another: the share of the better arm."""
    source = np.random.default_rng(0)
    pulls, means = np.zeros(2), np.zeros(2)
    wins, losses, better = np.ones(2), np.ones(2), 0
    for t in range(users):
        if name == "epsilon":
            arm = int(source.integers(2)) if source.random() < 0.1 else int(np.argmax(means))
        elif name == "ucb":
            bounds = np.zeros(2)
            for k in range(2):
                bounds[k] = means[k] + np.sqrt(2 * np.log(max(t, 1)) / pulls[k]) if pulls[k] else np.inf
            arm = int(np.argmax(bounds))
        else:
            draws = np.zeros(2)
            for k in range(2):
                draws[k] = source.beta(wins[k], losses[k])
            arm = int(np.argmax(draws))
        reward = float(source.random() < RATES[arm])
        better += arm
        if name == "thompson":
            wins[arm] += reward
            losses[arm] += 1 - reward
        else:
            pulls[arm] += 1
            means[arm] += (reward - means[arm]) / pulls[arm]
    return better / users


def live(policy: Any) -> float:
    """Seconds of one pull and one update of a single policy, two arms; the best of five thousands."""
    source, best = np.random.default_rng(0), np.inf
    for _ in range(5):
        start = time.process_time()
        for _ in range(1_000):
            arm = policy.pull(source)
            policy = policy.update(arm, 1)
        best = min(best, (time.process_time() - start) / 1_000)
    return best


def _median(function: Callable, repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return statistics.median(times)
