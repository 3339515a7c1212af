"""One report in two places: the sums of Spark give the report of the same rows in memory."""

import os

import numpy as np
import pandas as pd
import pytest
import servers

import abkit as ab
from abkit import Analysis, Metric

SEED = int(os.environ.get("ABKIT_SEED", "0"))
pytestmark = pytest.mark.engines
METRICS = (
    Metric("bought", "proportion"),
    Metric("spent", role="secondary"),
    Metric("clicks", "ratio", denominator="views", role="secondary"),
    Metric("load", direction="down", margin=10, role="guardrail"),
)


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    with servers.spark(tmp_path_factory.mktemp("spark")) as session:
        yield session


@pytest.fixture(scope="module")
def log():
    """Events of 2,000 users with means far from 0, unequal arms and missing values."""
    rng = np.random.default_rng(SEED)
    user = np.concatenate([np.arange(2_000), rng.integers(0, 2_000, 3_000)])
    n = len(user)
    return pd.DataFrame(
        {
            "user": user,
            "arm": np.where(user % 5 < 2, "new", "old"),
            "bought": rng.integers(0, 2, n),
            "spent": 1e6 + rng.normal(0, 1, n),
            "clicks": rng.poisson(2, n),
            "views": 1 + rng.poisson(5, n),
            "load": np.where(rng.random(n) < 0.02, np.nan, rng.normal(300, 30, n)),
        }
    )


def test_units_and_report_are_those_in_memory(spark, log):
    sums = {"unit": "user", "arm": "arm", "flags": ["bought"]}
    units = ab.sum_units(log, ["spent", "clicks", "views", "load"], **sums)
    far = ab.sum_units(spark.createDataFrame(log), ["spent", "clicks", "views", "load"], **sums)
    plan = Analysis("arm", "old", METRICS, expect={"old": 0.6, "new": 0.4}, unit="user")
    here, there = (ab.analyze(table, plan) for table in (units, far))
    assert here.counts == there.counts and [c.passed for c in here.checks] == [c.passed for c in there.checks]
    assert {arm: d.action for arm, d in here.decisions.items()} == {
        arm: d.action for arm, d in there.decisions.items()
    }
    for a, b in zip(here.rows(), there.rows(), strict=True):
        assert a == {
            k: pytest.approx(v, rel=1e-9) if isinstance(v, float) else v for k, v in b.items()
        }  # another order of sums


def test_rows_that_repeat_a_unit_are_found(spark, log):
    report = ab.analyze(spark.createDataFrame(log), Analysis("arm", "old", METRICS, unit="user"))
    assert report.lines == () and "several rows" in report.checks[0].message
