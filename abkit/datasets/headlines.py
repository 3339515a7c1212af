"""A headline desk: several headlines, one of them better, and a policy that shows them to readers."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from abkit import _check
from abkit.adaptive.policies import EpsilonGreedy, EvenSplit, Policy, Thompson, Ucb
from abkit.adaptive.racing import BanditRun, run

BEST, REST = 0.12, 0.10  # click rate of the best headline, and of all others
LESSONS, RUNS = 100, 40  # times that the policy learns in a run, and runs
POLICIES = {1: "even split", 2: "epsilon-greedy", 3: "UCB1", 4: "Thompson sampling"}


@lru_cache(maxsize=32)
def headline_runs(headlines: int, readers: int, policy: int, *, seed: int = 0) -> BanditRun:
    """Return 40 runs of a desk: the last headline has 12 clicks a hundred readers, all others have 10.

    headlines: 2 or more. readers: in all; the policy learns a hundred times, after each hundredth of them.
    policy: 1 even split, 2 epsilon-greedy (.1), 3 UCB1, 4 Thompson sampling.

    Raises ValueError for another policy or fewer than two headlines.

    seed: fixes the draws; the same seed, the same picture.

    >>> headline_runs(2, 1_000, 4).arm.shape
    (40, 1000)
    """
    arms = _check.integer("headlines", headlines, low=2)
    if policy not in POLICIES:
        raise _check.fail("policy", "must be a number from 1 to 4", policy)
    kinds: dict[int, type[Policy]] = {1: EvenSplit, 2: EpsilonGreedy, 3: Ucb, 4: Thompson}
    rates = np.full(arms, REST)
    rates[-1] = BEST
    readers = _check.integer("readers", readers)
    batch = max(readers // LESSONS, 1)
    return run(
        kinds[policy](arms),
        rates,
        horizon=readers,
        reps=RUNS,
        batch=batch,
        rng=_check.integer("seed", seed, low=0),
    )
