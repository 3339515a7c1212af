"""What a sixth sample of planted faults showed no test to see: ties, one degree of freedom, turns, roles."""

from __future__ import annotations

import inspect
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import abkit as ab
from abkit import plots
from abkit.adaptive.after_adaptation import _sigma
from abkit.assignment.arms import _share_above
from abkit.cli import opening
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


def test_greedy_chances_of_a_batch_are_those_of_each_run():
    """Two runs, one of which has not seen an arm: each as if it were alone."""
    pulls, sums = np.array([[4.0, 2.0], [3.0, 0.0]]), np.array([[1.0, 1.0], [2.0, 0.0]])
    both = replace(ab.EpsilonGreedy(2, epsilon=0.2), pulls=pulls, sums=sums).propensity()
    for i in (0, 1):
        alone = replace(ab.EpsilonGreedy(2, epsilon=0.2), pulls=pulls[i], sums=sums[i]).propensity()
        assert both[i].tolist() == alone.tolist()
    assert both.tolist() == [[0.1, 0.9], [0.0, 1.0]]


def test_effects_without_names_are_numbered_from_one():
    effects = ab.Effect.of(np.array([0.1, 0.3, 0.2]), np.full(3, 0.1), label="spent")
    assert ab.shrink(effects).label.tolist() == ["spent 1", "spent 2", "spent 3"]


def test_the_address_is_the_last_that_the_server_said(tmp_path):
    log = tmp_path / "lab.log"
    log.write_text("http://localhost:8888/lab?token=a\nor http://127.0.0.1:8888/lab?token=b\n")
    server = SimpleNamespace(poll=lambda: None)
    assert opening._address(server, log, 0) == "http://127.0.0.1:8888/lab?token=b"
    assert opening._address(SimpleNamespace(poll=lambda: 1), log, 0) is None


@pytest.mark.parametrize("successes, asks", [(0.4, True), (1.5, False), (11, False), (-1, False)])
def test_a_share_in_place_of_a_count_is_asked_about(successes, asks):
    with pytest.raises(ValueError, match="`successes` must be a whole number from 0 to n") as refused:
        ab.Moments.counts(successes, 10)
    assert ("Is that a rate?" in str(refused.value)) == asks


@pytest.mark.parametrize("wins, said", [(0, ""), (1, ": m0"), (3, ": m0, m1, m2"), (4, ""), (5, "")])
def test_a_dashboard_names_up_to_three_wins(wins, said):
    names = [f"m{i}" for i in range(6)]
    ax = plots.plot_dashboard(names, [3.0] * wins + [0.0] * (6 - wins))
    assert title_of(ax.figure) == f"{wins} of 6 metrics {'wins' if wins == 1 else 'win'}{said}"


def test_each_of_four_groups_has_the_interval_of_its_own_users():
    first, second = [0] * 6 + [1] * 6, ([0] * 3 + [1] * 3) * 2
    values = np.array([1, 2, 3, 2, 4, 6, 3, 6, 9, 4, 8, 12], float)
    ax = plots.plot_together(first, second, values, names=("reminder", "colour"))
    drawn = [np.ptp(part[:, 1]) / 2 for heap in ax.collections for part in heap.get_segments()]
    spread = {(0, 0): 1, (1, 0): 3, (0, 1): 2, (1, 1): 4}  # standard deviations of 1, 2, 3 and its multiples
    want = [1.96 * spread[i, j] / 3**0.5 for j in (0, 1) for i in (0, 1)]
    assert drawn == pytest.approx(want)


def test_what_the_registry_is_asked_by_name_is_asked_by_name_only():
    named = {"at", "by", "note", "status", "unit"}
    for name, call in vars(ab.Registry).items():
        if not name.startswith("_") and name != "running":
            call = getattr(call, "__func__", call)
            for key, given in inspect.signature(call).parameters.items():
                assert (given.kind is given.KEYWORD_ONLY) or key not in named, f"{name}, {key}"


def test_an_error_of_every_experiment_is_raised_and_of_some_is_counted():
    def some(y, x):
        if y.mean() > 0:
            raise ValueError("no root")
        return ab.welch(y, x)

    def none(y, x):
        raise ValueError("no root")

    def rejecting(y, x):
        if y.mean() > 0:
            raise ValueError("no root")
        return replace(ab.welch(y, x), pvalue=0.0)

    draw = ab.datasets.normal_rows(20)
    for procedure in (some, rejecting):
        found = ab.calibrate(draw, procedure, reps=60, batched=False, rng=1)
        assert 10 < found.failed < 50
    with pytest.raises(ValueError, match="no root"):
        ab.calibrate(draw, none, reps=60, batched=False, rng=1)


@pytest.mark.parametrize("end", [1.2, 1 + 1e-6, 0.9])
def test_spending_that_does_not_end_at_one_is_refused(end):
    with pytest.raises(ValueError, match="`spending` must give shares"):
        ab.group_sequential(3, spending=lambda t: end * t)


def test_no_plan_is_asked_for_certainty():
    for power in (1 - 1e-13, 1 - 1e-16):
        with pytest.raises(ValueError, match="`power` must be at most"):
            ab.sample_size(0.5, sd=1.0, power=power)
    assert ab.sample_size(0.5, sd=1.0, power=1 - 1e-11).n_control > 600
