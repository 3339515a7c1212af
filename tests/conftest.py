"""One seed for every random test: ABKIT_SEED moves it, and every seed must pass."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

SEED = int(os.environ.get("ABKIT_SEED", "0"))
ORACLES = Path(__file__).parent / "oracles"


@pytest.fixture
def rng():
    return np.random.default_rng(SEED)


@pytest.fixture(scope="session")
def oracle():
    """Load stored reference entries of one topic: oracle("estimators", "welch_t")."""

    def load(name, topic):
        entries = json.loads((ORACLES / f"{name}.json").read_text(encoding="utf-8"))["entries"]
        return [e for e in entries if e["topic"] == topic]

    return load
