"""What one default, one look or one batch does not show: other options, other shapes, the ends of a range."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy import stats

import abkit as ab
from abkit import plots
from abkit._table import Table
from abkit.assignment.arms import verify
from abkit.cli.analyzing import with_covariates
from abkit.plots.showing import description
from abkit.reporting import layout


def results():
    """Every class of results, of all modules."""
    for module in pkgutil.walk_packages(ab.__path__, "abkit."):
        if ".cli" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, todo = [], [Table]
    while todo:
        kinds = todo.pop().__subclasses__()
        found += kinds
        todo += kinds
    return sorted({kind for kind in found if kind.__module__.startswith("abkit.")}, key=lambda k: k.__name__)


def test_a_result_is_equal_to_itself_alone_and_shown_as_a_table():
    """Fields are arrays: comparing them would raise, so a result has the identity of an object."""
    kinds = results()
    same = {kind.__name__ for kind in kinds if kind.__eq__ is not object.__eq__}
    assert len(kinds) > 40 and same == {"Beta", "Normal", "RunSummary", "Stopped"}  # plain numbers
    for kind in kinds:
        assert "__dataclass_params__" not in vars(kind) or kind.__dataclass_params__.frozen, kind.__name__
        assert not getattr(vars(kind).get("__dataclass_params__"), "repr", False), kind.__name__


@pytest.mark.parametrize("allocation", [0.5, 0.3, 0.8])
@pytest.mark.parametrize("method", ["pooled", "unpooled", "arcsine", "continuity", "baseline"])
def test_every_formula_of_rates_holds_for_unequal_arms(method, allocation):
    """Fleiss, Levin and Paik (2003), section 4.4, for n in control and ratio·n in treatment."""
    p1, p2, r = 0.1, 0.13, allocation / (1 - allocation)
    za, zb, gap = stats.norm.isf(0.025), stats.norm.isf(0.2), 0.03
    mean = (p1 + r * p2) / (1 + r)
    alt = np.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / r)
    null = np.sqrt((1 + 1 / r) * mean * (1 - mean))
    pooled = ((za * null + zb * alt) / gap) ** 2
    want = {
        "pooled": pooled,
        "unpooled": ((za + zb) * alt / gap) ** 2,
        "arcsine": (1 + 1 / r) * ((za + zb) / (2 * np.arcsin(np.sqrt(p2)) - 2 * np.arcsin(np.sqrt(p1)))) ** 2,
        "continuity": pooled / 4 * (1 + np.sqrt(1 + 2 * (r + 1) / (pooled * r * gap))) ** 2,
        "baseline": ((za * np.sqrt(p1 * (1 - p1) * (1 + 1 / r)) + zb * alt) / gap) ** 2,
    }[method]
    plan = ab.sample_size_proportions(p1, p_treatment=p2, method=method, allocation=allocation)
    assert plan.n_exact == pytest.approx(want, rel=1e-9)
    assert (plan.n_control, plan.n_treatment) == (np.ceil(want), np.ceil(r * want))


@pytest.mark.parametrize("spread", [0.0, 0.7, None])
def test_a_batch_of_families_shrinks_as_each_family(spread):
    rng = np.random.default_rng(4)
    estimate, se = rng.normal(size=(3, 5)), rng.uniform(0.5, 1.5, (3, 5))
    batch = ab.shrink(ab.Effect.of(estimate, se), spread=spread)
    for i in range(3):
        one = ab.shrink(ab.Effect.of(estimate[i], se[i]), spread=spread)
        for name in ("mean", "low", "high", "estimate"):
            np.testing.assert_allclose(getattr(batch, name)[i], getattr(one, name), atol=1e-9, err_msg=name)


def test_an_assignment_is_verified_alone_or_against_another():
    weights = {"a": 0.5, "b": 0.3, "c": 0.2}
    alone = verify(range(5_000), weights, salt="blue")
    both = verify(range(5_000), weights, salt="blue", against="red")
    assert alone.passed and both.passed
    assert not verify(range(5_000), weights, salt="blue", against="blue").passed
    assert verify(range(5_000), {"a": 1.0}, salt="blue", against="red").passed  # one arm: buckets alone


@pytest.mark.parametrize("spec", ["revenue", "revenue=", "=before", "clicks=before"])
def test_a_covariate_is_named_with_its_metric(spec):
    with pytest.raises(ValueError, match=r"`covariate` must look like METRIC=COLUMN, .* revenue; got"):
        with_covariates([ab.Metric("revenue")], [spec], None)


def drawn_in(svg):
    """The elements of a small picture with their numbers."""
    found = []
    for element in ElementTree.fromstring(svg):
        numbers = {k: float(v) for k, v in element.attrib.items() if v.replace(".", "").isdigit()}
        found.append((element.tag, {**element.attrib, **numbers}))
    return found


@pytest.mark.parametrize(
    "low, estimate, high, margin, worth",
    [
        (-0.03, -0.01, 0.01, -0.02, None),
        (-0.01, 0.01, 0.03, 0.02, None),
        (0.5, 1.0, 1.5, None, 0.75),
        (-3.0, -2.0, -1.0, None, None),
        (0.25, 1.0, np.inf, None, None),
    ],
)
def test_the_picture_of_a_line_of_a_report(low, estimate, high, margin, worth):
    """Each scale goes from 10 to the width less 10: interval, estimate, zero, break-even and the harm."""
    row = {"metric": "y", "arm": "b", "estimate": estimate, "low": low, "high": high}
    svg = layout.figure({**row, "harm_from": margin, "ships_from": worth})
    ends = [v for v in (low, estimate, high, 0.0, margin, worth) if v is not None and np.isfinite(v)]

    def x(value):
        share = np.clip((value - min(ends)) / (max(ends) - min(ends)), 0, 1)
        return pytest.approx(10 + (layout.WIDTH - 20) * share, abs=0.051)

    parts = drawn_in(svg)
    colour = "#D55E00" if low > 0 or high < 0 else "#0072B2"
    *_, zero, line, point = parts
    assert (zero[1]["x1"], zero[1]["x2"], zero[1]["stroke-dasharray"]) == (x(0), x(0), "2 3")
    assert (zero[1]["y1"], zero[1]["y2"]) == (0, layout.HEIGHT)
    assert (line[1]["x1"], line[1]["x2"], line[1]["stroke"]) == (x(low), x(high), colour)
    assert line[1]["y1"] == line[1]["y2"] == point[1]["cy"] == layout.HEIGHT / 2
    assert (point[0], point[1]["cx"], point[1]["fill"]) == ("circle", x(estimate), colour)
    if margin is not None:
        grey = parts[0][1]
        edges = (x(margin), layout.WIDTH) if margin > 0 else (0, x(margin))
        assert (grey["x"], grey["x"] + grey["width"]) == edges and grey["height"] == layout.HEIGHT
    if worth is not None:
        assert (parts[0][1]["x1"], parts[0][1]["x2"]) == (x(worth), x(worth)) and "break-even 0.75" in svg
    assert len(parts) == 3 + (margin is not None) + (worth is not None)


def test_a_verified_assignment_is_the_smallest_of_its_tests():
    weights, ids = {"a": 0.5, "b": 0.3, "c": 0.2}, [f"u{i}" for i in range(6_000)]
    arms, other = (ab.assign(ids, weights, salt=salt) for salt in ("blue", "red"))
    seen = np.bincount(ab.position(ids, "blue/arm") // 100, minlength=100)
    table = np.array([[((arms == a) & (other == b)).sum() for b in weights] for a in weights])
    tests = {
        "arms": stats.chisquare(table.sum(1), 6_000 * np.array([0.5, 0.3, 0.2])),
        "buckets": stats.chisquare(seen),
        "between experiments": stats.chi2_contingency(table)[:2],
    }
    for names, against in ((["arms", "buckets"], None), (list(tests), "red")):
        check = verify(ids, weights, salt="blue", against=against)
        found = {name: tuple(map(float, tests[name])) for name in names}
        assert check.message == ", ".join(
            f"{k}: chi-square {x:.4g}, p = {p:.3g}" for k, (x, p) in found.items()
        )
        worst = min(found.values(), key=lambda pair: pair[1])
        assert check.statistic == pytest.approx(worst[0])
        assert check.pvalue == pytest.approx(min(1, len(names) * worst[1]))
    assert verify(ids, {"a": 1.0}, salt="blue").message.startswith("buckets: ")


@pytest.mark.parametrize("bad", [-0.1, 1.1])
def test_a_log_holds_probabilities(bad):
    log = ab.run(ab.Thompson(2, floor=0.1), [0.2, 0.4], horizon=60, reps=2, propensity=True, rng=1)
    chance = np.where(np.arange(60)[:, None] == 30, bad, log.propensity)
    with pytest.raises(ValueError, match="`log` must hold probabilities above 0 and at most 1"):
        ab.weighted_aipw(replace(log, propensity=chance))


@pytest.mark.parametrize("truth, above, below", [(0.5, 0, 1), (1.5, 1, 0), (1.0, 0, 0)])
def test_an_end_that_touches_the_truth_holds_it(truth, above, below):
    one = ab.Effect("y", np.array([1.0, 1.0]), 0.1, 9, np.array([0.5, 0.6]), np.array([1.5, 1.4]), 0.5)
    number = description(plots.plot_intervals(one, truth)).table["number"]
    assert number == [2 - above - below, below, above]
