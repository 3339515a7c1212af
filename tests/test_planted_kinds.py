"""What a sixth sample of planted faults showed no test to see: ties, one degree of freedom, turns, roles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import abkit as ab
from abkit import plots
from abkit.adaptive.after_adaptation import _sigma
from abkit.assignment.arms import _share_above
from abkit.plots.showing import title_of
from abkit.tables.skewness import _third


def test_a_batch_of_three_rewards_has_one_degree_of_freedom():
    used, size = np.array([True, True]), np.array([3, 6])
    assert _sigma("batch", np.array([2.0, 8.0]), size, used).tolist() == [2.0**0.5, 2.0**0.5]
    with pytest.raises(ValueError, match="more than two rewards"):
        _sigma("batch", np.array([2.0, 8.0]), size - 1, used)


def test_a_tie_counts_and_no_p_is_0():
    draws = np.array([1.0, 2.0, 3.0])
    assert [_share_above(draws, s) for s in (1.0, 2.0, 3.0, 4.0)] == [1.0, 0.75, 0.5, 0.25]
    assert _share_above(draws, 2.0 * (1 + 1e-12)) == 0.75  # a tie but for rounding


def test_a_smaller_arm_needs_two_units_too():
    assert ab.mde(5, sd=1.0, allocation=0.3).n_treatment == pytest.approx(5 * 3 / 7)
    for n, allocation in ((4, 0.3), (3, 0.3), (1.9, 0.9)):  # treatment units: 1.7, 1.3, 17
        with pytest.raises(ValueError, match="`n` must leave at least 2 units"):
            ab.mde(n, sd=1.0, allocation=allocation)


@pytest.mark.parametrize("cv", [1.1e100, -1e200])
def test_a_spread_of_sizes_that_is_no_share_is_refused(cv):
    with pytest.raises(ValueError, match="`cv`"):
        ab.power_clusters(0.1, 20, size=10, sd=1.0, icc=0.1, cv=cv)


@pytest.mark.parametrize("first", ["guardrail", "secondary"])
def test_the_registry_lists_the_primary_metric_wherever_it_stands(first, tmp_path):
    margin = {"margin": 1, "direction": "down"} if first == "guardrail" else {}
    metrics = (ab.Metric("wait", role=first, **margin), ab.Metric("bought", "proportion"))
    plan = ab.Experiment(
        "button",
        hypothesis="More orders.",
        layer="checkout",
        weights={"old": 0.5, "new": 0.5},
        analysis=ab.Analysis("arm", "old", metrics),
        plan=ab.sample_size_proportions(0.25, lift=0.05),
        start="2026-03-02",
        end="2026-03-15",
    )
    with ab.Registry(tmp_path / "r.sqlite") as registry:
        registry.add(plan, at="2026-03-01")
        assert [entry.metric for entry in registry.entries()] == ["bought"]


@pytest.mark.parametrize("arms, word", [(2, "better"), (3, "best"), (4, "best")])
def test_the_better_of_two_is_the_best_of_more(arms, word):
    ax = plots.plot_posteriors({f"p{i}": ab.Beta(10 + 5 * i, 30) for i in range(arms)})
    assert title_of(ax.figure).startswith(f"p{arms - 1} is the {word} one")


def test_a_third_central_moment_is_that_of_the_rows():
    d = np.array([0.5, 2.0, -1.0, 4.0, 4.5])
    found = _third(len(d), d.sum(), (d**2).sum(), (d**3).sum())
    assert found == pytest.approx(stats.moment(d, 3)) and abs(d.mean()) > 1


@pytest.mark.parametrize("design", ["pocock", "obrien_fleming"])
def test_binding_bounds_of_a_design_keep_both_promises(design):
    """Two looks, by scipy's bivariate normal law: false wins alpha, wins at the planned drift the power."""
    plan = ab.group_sequential(
        2, spending=None, design=design, sides=1, alpha=0.05, futility="pocock", binding=True, power=0.8
    )
    (u1, u2), (l1, _), root = plan.upper, plan.lower, 0.5**0.5

    def wins(drift):
        law = stats.multivariate_normal([drift * root, drift], [[1, root], [root, 1]])
        corner = stats.norm.cdf(u1 - drift * root) - stats.norm.cdf(l1 - drift * root)
        return stats.norm.sf(u1 - drift * root) + corner - law.cdf([u1, u2], lower_limit=[l1, -np.inf])

    assert wins(0.0) == pytest.approx(0.05, abs=2e-6)
    assert wins(plan.futility.drift) == pytest.approx(0.8, abs=2e-6)
