"""What one default, one look or one batch does not show: other options, other shapes, the ends of a range."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from xml.etree import ElementTree

import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

import abkit as ab
from abkit import explore, plots
from abkit._table import Table
from abkit.assignment.arms import verify
from abkit.cli.analyzing import with_covariates
from abkit.inference.pairs import independent
from abkit.plots.showing import description
from abkit.reporting import layout
from abkit.tables.reading import _by_engine


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


def welch_df(a, m, b, n):
    return (a + b) ** 2 / (a**2 / (m - 1) + b**2 / (n - 1))


@pytest.mark.parametrize(
    "call, method",
    [(ab.proportions, m) for m in ("score", "pooled", "wald", "newcombe")]
    + [(ab.lift, m) for m in ("fieller", "score", "log", "delta")],
)
def test_every_field_of_an_effect_of_rates(call, method):
    """45 of 100 against 66 of 110: what is beside the interval, from the formulas."""
    found = call(ab.Moments.counts(45, 100), ab.Moments.counts(66, 110), method=method)
    relative = call is ab.lift
    low, high = 0.45 * 0.55, 0.6 * 0.4
    both = 111 / 210 * 99 / 210 * (1 / 100 + 1 / 110)
    a, b = low / 99, high / 109  # with n − 1, as for any mean
    se = {
        (False, "wald"): np.sqrt(low / 100 + high / 110),
        (True, "log"): np.sqrt(high / 110 + low / 100 * (0.6 / 0.45) ** 2) / 0.45,
    }.get((relative, method), np.sqrt(b + a * (0.6 / 0.45) ** 2) / 0.45 if relative else np.sqrt(both))
    assert found.estimate == pytest.approx(0.6 / 0.45 - 1 if relative else 0.15)
    assert found.se == pytest.approx(se)
    assert found.df == (pytest.approx(welch_df(a, 100, b, 110)) if method == "fieller" else np.inf)
    kept = (
        found.n_control,
        found.n_treatment,
        found.value_control,
        found.relative,
        found.method,
        found.label,
    )
    assert kept == (100, 110, pytest.approx(0.45), relative, method, "y")
    assert (found.alpha, found.alternative) == (0.05, "two-sided")


@pytest.mark.parametrize("method", ["welch", "z", "delta", "dunnett"])
def test_every_field_of_an_effect_of_means(method):
    y, x = np.array([1.0, 2, 4, 7]), np.array([2.0, 3, 5, 9, 9])
    views = np.array([1.0, 3, 4, 5]), np.array([2.0, 2, 4, 6, 5])
    arms = [ab.Moments.of(v, views=w) for v, w in zip((y, x), views, strict=True)]
    a, b = y.var(ddof=1) / 4, x.var(ddof=1) / 5
    if method == "delta":
        rates = [v.sum() / w.sum() for v, w in zip((y, x), views, strict=True)]
        a, b = (
            np.var(v - r * w, ddof=1) / len(v) / w.mean() ** 2
            for v, w, r in zip((y, x), views, rates, strict=True)
        )
        found, gap, base = ab.ratio(*arms), rates[1] - rates[0], rates[0]
    else:
        call = {"welch": ab.welch, "z": ab.z_test, "dunnett": lambda c, t: ab.dunnett(c, [t, t])}[method]
        found, gap, base = call(*arms), x.mean() - y.mean(), y.mean()
    at = (lambda v: np.asarray(v)[0]) if method == "dunnett" else (lambda v: v)
    assert at(found.estimate) == pytest.approx(gap) and at(found.se) == pytest.approx(np.sqrt(a + b))
    df = welch_df(a, 4, b, 5) if method in ("welch", "dunnett") else np.inf
    assert at(found.df) == pytest.approx(df) and found.n_control == 4 and at(found.n_treatment) == 5
    assert found.value_control == (None if method == "dunnett" else pytest.approx(base))
    assert (found.method, found.relative, found.alpha) == (method, False, 0.05)


@pytest.mark.parametrize(
    "units, arms, want",
    [
        (["a", "b", "c"], ["x", "y", "x"], (3, 0, 0, 0, 0)),
        (["a", None, "c"], ["x", "y", "x"], (2, 0, 0, 1, 1)),
        (["a", "b", "c"], ["x", None, "x"], (2, 0, 0, 0, 1)),
        (["a", "a", "c", "c", None, "e"], ["x", "y", "x", "x", "x", None], (2, 2, 1, 1, 2)),
        ([None, None], ["x", "y"], (0, 0, 0, 2, 2)),
    ],
)
def test_units_are_counted_whole(units, arms, want):
    """units, with several rows, in several arms, rows without a unit, rows left out."""
    found = ab.count_units(pd.DataFrame({"u": units, "arm": arms}, dtype=object), "u", arm="arm")
    assert tuple(found.to_dict().values()) == want


CONTROLS = """
always: tau 0.1 20 0.1; horizon 1000 50000 1000; lift 0 4 0.1
bandit: headlines 2 5 1; readers 500 5000 500; policy 1 2 3 4
boundaries: looks 1 20 1; delta 0 0.5 0.05; power 0.5 0.95 0.05
chance: visitors 1000 40000 500; share 1 50 0.5; gap 0.1 3 0.1
history: week 0 0.95 0.05; new 0 1 0.05; history 0 26 1
interval: n 5 300 5; skew 0 10 0.5; ratio 1 9 1
learners: learner S T X DR R; world flat step linear; n 500 2000 8000
ledger: good 0.01 0.6 0.01; power 0.1 0.95 0.05; alpha 0.01 0.1 0.01
multiplicity: metrics 1 40 1; correlation 0 0.95 0.05; share 0 1 0.05
peeking: looks 1 100 1; lift 0 3 0.1; rule 1 2 3
plan: baseline 0.005 0.6 0.005; lift 0.01 0.5 0.01; traffic 100 100000 100
promise: run 1 100 1; level 50 99 1; users 1250 5000 20000
ramp: before 0.05 1 0.05; after 0.05 1 0.05; arms 2 10 1
spillover: spill -3 6 0.5; away 0 1 0.05; cities 4 80 2
srm: n 1000 200000 1000; share 0.05 0.95 0.05; loss 0 0.5 0.01
useless: day 1 30 1; lift 0 3 0.1; rule 1 2 3
verdict: n 20 5000 20; effect -30 60 0.5; worth 0 60 0.5
"""


@pytest.mark.parametrize("row", CONTROLS.strip().split("\n"))
def test_a_control_has_its_ends_and_steps(row):
    """Lowest, highest and step of each slider, the choices of each menu."""
    name, controls = row.split(": ")
    found = [
        f"{k} {c.low:g} {c.high:g} {c.step:g}"
        if hasattr(c, "low")
        else f"{k} {' '.join(map(str, c.options))}"
        for k, c in getattr(explore, name)().controls.items()
    ]
    assert "; ".join(found) == controls


def test_a_constant_covariate_spoils_no_other(rng):
    """Wherever it stands, it alone is left out; what follows from others is left out as well."""
    a, b = rng.normal(size=(2, 80))
    for names in (("flat", "a", "b"), ("a", "flat", "b"), ("a", "b", "flat")):
        columns = {"flat": np.ones(80), "a": a, "b": b}
        arms = [ab.Moments.of(rng.normal(size=80), **{n: columns[n] for n in names}) for _ in range(2)]
        assert sorted(independent(arms, list(names))) == ["a", "b"]
    arms = [ab.Moments.of(a, flat=np.ones(80), a=a, b=b, sum=a + b) for _ in range(2)]
    assert independent(arms, ["flat", "a", "b", "sum"]) == ["a", "b"]


def test_probabilities_of_an_exposure_say_how_they_were_found():
    graph, clusters = nx.cycle_graph(12), np.arange(12) // 2
    exact = ab.exposure_probabilities(graph, clusters, 0.5, 0.5)
    drawn = ab.exposure_probabilities(graph, clusters, 0.5, 0.5, exact=False, rng=1)
    formula = ab.exposure_probabilities(graph, clusters, 0.5, "full")
    assert (exact.draws, exact.exact, formula.draws, formula.exact) == (2**6, True, 0, True)
    assert drawn.draws > 1_000 and not drawn.exact and (exact.se == 0).all()
    single = np.diagonal(drawn.joint, axis1=1, axis2=2)
    np.testing.assert_allclose(drawn.se, np.sqrt(single * (1 - single) / drawn.draws))
    assert (np.abs(drawn.joint - exact.joint) < 6 * np.sqrt(0.25 / drawn.draws)).all()


def test_the_search_box_is_the_world_it_says(rng):
    """Each mean within five standard errors, those of the stated laws."""
    table = ab.datasets.search_box(users=20_000, rng=rng)
    laws = {"clicked": (0.25, 0.433), "searches": (3, 3**0.5), "minutes": (8, 8), "spent": (20, 20)}
    for name, (mean, sd) in laws.items():
        assert abs(table[name].mean() - mean) < 5 * sd / np.sqrt(20_000) + 0.005, name
        assert table[name].std() == pytest.approx(sd, rel=0.06), name
    assert table.rating.max() == 5 and table.rating.median() == pytest.approx(4, abs=0.03)
    assert (table.arm == "new").sum() == 10_000 and (table.user == np.arange(20_000)).all()


def test_an_error_of_an_engine_is_told_from_an_error_of_ours():
    def raised(call):
        try:
            call()
        except Exception as error:
            return error

    assert _by_engine(raised(lambda: pl.DataFrame({"a": [1]}).select("b")))
    assert not _by_engine(raised(lambda: {}["a"])) and not _by_engine(ValueError("never raised"))
    assert _by_engine(OverflowError("too long"))


def test_two_heaps_count_every_gap_and_fill_those_beyond_the_line(rng):
    without, effect = rng.normal(0.0, 0.2, 400).round(2), rng.normal(0.5, 0.2, 400).round(2)
    ax = plots.plot_heaps(without, effect, line=0.3)
    counts = [int(np.nansum(heap.get_data().values)) for heap in ax.patches]
    assert counts == [400, (without > 0.3).sum(), 400, (effect > 0.3).sum()]
    table = description(ax).table
    beyond = [100 * np.mean(v > 0.3) for v in (without, effect)]
    assert table["beyond the line, of 100 tests"] == pytest.approx(beyond)
    assert table["centre (percentage points)"] == pytest.approx([without.mean(), effect.mean()])
