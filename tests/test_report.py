"""A report checks first, refuses effects when a check fails, and agrees with the functions it is made of."""

import json
import os
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from statsmodels.stats.multitest import multipletests

import abkit as ab
from abkit import Moments
from abkit.metrics import Analysis, Metric
from abkit.reporting.decision import Rule
from abkit.reporting.report import analyze

SEED = int(os.environ.get("ABKIT_SEED", "0"))
CONV = Metric("conv", "proportion")
REVENUE = Metric("revenue", role="secondary")
CLICKS = Metric("clicks", "ratio", "views", role="secondary")
LOAD = Metric("load", direction="down", margin=20, role="guardrail")
SUMS = {"a": Moments.counts(400, 2_000), "b": Moments.counts(500, 2_000)}


def world(size=2_000, arms=("a", "b"), lift=0.2, seed=1):
    rng = np.random.default_rng([SEED, seed])
    arm = np.repeat(list(arms), size)
    treated = arm != arms[0]
    n = len(arm)
    return pd.DataFrame(
        {
            "user": np.arange(n),
            "arm": arm,
            "conv": rng.binomial(1, 0.2 + lift * treated),
            "revenue": rng.gamma(1, 5, n),
            "clicks": rng.poisson(2, n),
            "views": 1 + rng.poisson(5, n),
            "load": rng.normal(300, 30, n),
        }
    )


def analysis(*metrics, **options):
    return Analysis("arm", "a", metrics or (CONV, REVENUE, CLICKS, LOAD), **options)


def test_each_line_is_the_function_it_names():
    frame = world()
    lines = {line.metric.label: line for line in analyze(frame, analysis()).lines}
    c, t = (frame[frame.arm == arm] for arm in "ab")
    want = {
        "conv": ab.proportions(c.conv, t.conv),
        "revenue": ab.welch(c.revenue, t.revenue),
        "load": ab.welch(c.load, t.load, alpha=0.1),
        "clicks/views": ab.ratio(*(ab.Moments.of(x.clicks, views=x.views) for x in (c, t))),
    }
    for label, effect in want.items():
        got = lines[label].effect
        assert (got.estimate, got.low, got.high, got.pvalue) == pytest.approx(
            (effect.estimate, effect.low, effect.high, effect.pvalue), rel=1e-9
        )
        assert (got.n_control, got.n_treatment) == (2_000, 2_000)


def test_a_large_gain_ships_and_says_the_rule():
    report = analyze(world(), analysis(expect={"a": 0.5, "b": 0.5}, unit="user"))
    assert report.decisions["b"].action == "ship"
    assert all(check.passed for check in report.checks)
    assert "Rule: ship if" in repr(report) and "n 2,000 + 2,000" in repr(report)


@pytest.mark.parametrize(
    "change, options, name",
    [
        (lambda f: f[(f.arm == "a") | (f.user % 4 > 0)], {"expect": {"a": 0.5, "b": 0.5}}, "SRM"),
        (lambda f: pd.concat([f, f.head(3)]), {"unit": "user"}, "units"),
        (lambda f: pd.concat([f, f.head(3).assign(arm="b")]), {"unit": "user"}, "units"),
    ],
)
def test_a_failed_check_shows_no_effect(change, options, name):
    report = analyze(change(world()), analysis(**options))
    assert report.lines == () and [c.name for c in report.checks if not c.passed] == [name]
    assert report.decisions["b"].action == "investigate"
    assert "corrected" not in repr(report)


def test_what_was_not_checked_is_said():
    assert [("NOT" in note) for note in analyze(world(), analysis()).notes] == [True, True]


def test_dropped_rows_are_counted_with_their_reason():
    frame = world()
    frame.loc[:6, "revenue"] = np.nan
    frame.loc[3990:, "arm"] = None
    report = analyze(frame, analysis())
    assert "revenue: 7 of 3,990 rows with an arm dropped (revenue missing in 7)." in report.notes
    assert "10 rows have no value in arm and are in no arm." in report.notes
    assert {r["metric"]: r["n_control"] for r in report.rows()} == {
        "conv": 2_000,
        "revenue": 1_993,
        "clicks/views": 2_000,
        "load": 2_000,
    }


def test_secondary_metrics_stand_behind_the_primary_of_their_arm_and_guardrails_alone():
    rows = analyze(world(arms=("a", "b", "c")), analysis()).to_frame()
    for arm in ("b", "c"):
        mine = rows[rows.arm == arm].set_index("role")
        first = min(1, 2 * mine.loc["primary", "pvalue"])
        assert mine.loc["primary", "adjusted"] == pytest.approx(first)
        own = 2 * multipletests(mine.loc["secondary", "pvalue"], method="holm")[1]
        np.testing.assert_allclose(mine.loc["secondary", "adjusted"], np.maximum(first, np.minimum(1, own)))
    assert rows[rows.role == "guardrail"].adjusted.isna().all()
    assert set(rows[rows.role == "primary"].alpha) == {0.025}


@pytest.mark.parametrize("arms", ["ab", "abc"])
def test_a_false_claim_of_any_metric_keeps_alpha(arms):
    rng, runs = np.random.default_rng(SEED), 600
    three = [Metric("y"), Metric("x", role="secondary"), Metric("z", role="secondary")]
    plan = Analysis("arm", "a", tuple(three))

    def claims():
        draws = {arm: rng.normal(size=(60, 3)) for arm in arms}
        frame = pd.concat([pd.DataFrame(v, columns=["y", "x", "z"]).assign(arm=k) for k, v in draws.items()])
        found = analyze(frame, plan).to_frame()
        split = found[found.arm == "b"].set_index("metric")
        gateless = min(2 * split.loc[["x", "z"], "pvalue"].min(), split.loc["y", "pvalue"])
        return found.adjusted.min() < 0.05, gateless < 0.05

    kept, old = np.mean([claims() for _ in range(runs)], axis=0)
    assert kept <= 0.05 + 5 * np.sqrt(0.05 * 0.95 / runs)
    if arms == "ab":
        assert old > kept  # a family of its own for the secondaries errs .0975


def test_three_null_arms_ship_in_at_most_alpha():
    shipped = [
        any(
            d.action == "ship" for d in analyze(world(60, "abcd", 0, seed), analysis(CONV)).decisions.values()
        )
        for seed in range(400)
    ]
    assert np.mean(shipped) < 0.025 + 5 * np.sqrt(0.025 * 0.975 / 400)  # only gains ship: half of alpha


@pytest.mark.parametrize("rise, passed", [(0.0, True), (0.05, None), (0.2, False)])
def test_the_guardrail_of_a_rate_has_three_states(rise, passed):
    k = round(2_000 * (0.2 + rise))
    frame = pd.DataFrame(
        {
            "arm": ["a"] * 2_000 + ["b"] * 2_000,
            "conv": np.arange(4_000) % 2,
            "crash": [1] * 400 + [0] * 1_600 + [1] * k + [0] * (2_000 - k),
        }
    )
    report = analyze(
        frame, analysis(CONV, Metric("crash", "proportion", direction="down", margin=0.05, role="guardrail"))
    )
    guard = report.lines[1].guard
    assert guard.passed is passed
    assert (guard.pvalue < 0.05) is (passed is True)


def test_a_guardrails_interval_reaches_the_margin_exactly_when_its_test_does_not_pass():
    for seed in range(60):
        line = analyze(world(100, "ab", 0, seed), analysis(CONV, replace(LOAD, margin=6))).lines[1]
        assert (line.effect.high < 6) == (line.guard.passed is True)
        assert line.effect.alpha == pytest.approx(0.1)
    row = analyze(world(100), analysis(CONV, LOAD)).rows()[1]
    assert row["pvalue"] == pytest.approx(
        ab.welch(*(world(100).query(f"arm == '{a}'").load for a in "ab"), alternative="less", null=20).pvalue
    )


def test_a_secondary_metric_that_cannot_be_compared_is_a_note():
    frame = world().assign(revenue=lambda f: f.revenue.where(f.arm == "b"), clicks=1, views=1)
    report = analyze(frame, analysis(CONV, REVENUE, CLICKS))
    assert [line.metric.label for line in report.lines] == ["conv"] and report.decisions["b"].action == "ship"
    text = " ".join(report.notes)
    assert "revenue is not compared: `revenue` must have at least two values in arm 'a'; got 0" in text
    assert "clicks/views is not compared: `clicks/views` must vary in arm 'a'" in text


def test_sums_of_other_units_are_not_compared_for_missing_values():
    arms = {
        "conv": SUMS,
        "revenue": {"a": Moments.summary(2_100, 8.5, 15.0), "b": Moments.summary(1_500, 8.9, 15.2)},
    }
    assert [c.name for c in analyze(arms, analysis(CONV, REVENUE)).checks] == []


def test_the_break_even_stands_in_the_figure_and_the_rule_of_an_early_look_in_the_text():
    report = analyze(SUMS, analysis(CONV), rule=Rule(worth=0.02, information=0.5))
    assert "break-even 0.02" in report.html() and report.rows()[0]["ships_from"] == 0.02
    assert "Rule: stop early only if a guardrail shows harm, else extend" in repr(report)


@pytest.mark.parametrize(
    "shares",
    [
        {"a": np.float32(0.5), "b": np.float32(0.5)},
        pd.Series({"a": 0.5, "b": 0.5}),
        {"a": Decimal("0.5"), "b": Decimal("0.5")},
    ],
)
def test_shares_of_any_number_type_are_read_and_written(shares):
    report = analyze(world(50), analysis(CONV, expect=shares))
    assert json.loads(report.json())["analysis"]["expect"] == {"a": 0.5, "b": 0.5}


def test_arms_that_are_dates_are_written_as_text():
    frame = world(50).assign(arm=lambda f: pd.to_datetime(np.where(f.arm == "a", "2026-01-01", "2026-02-01")))
    report = analyze(frame, Analysis("arm", pd.Timestamp("2026-01-01"), (CONV,)))
    assert "2026-01-01" in report.json() and len(report.lines) == 1


@pytest.mark.parametrize("lift", [0.2, 0.0, -0.2])
def test_an_early_look_extends_and_says_why(lift):
    early = analyze(world(lift=lift), analysis(CONV), rule=Rule(information=0.5)).decisions["b"]
    assert early.action == "extend" and any("50% of the planned information" in r for r in early.reasons)


def test_a_harm_that_a_guardrail_shows_stops_an_early_look():
    harmed = world().assign(load=lambda f: f.load + 100 * (f.arm == "b"))
    assert analyze(harmed, analysis(CONV, LOAD), rule=Rule(information=0.5)).decisions["b"].action == "stop"


def test_when_all_information_is_in_nothing_extends():
    actions = {analyze(world(200, "ab", 0, s), analysis(CONV)).decisions["b"].action for s in range(20)}
    assert "extend" not in actions and "inconclusive" in actions


def test_the_primary_p_value_agrees_with_its_interval_in_every_arm():
    for seed in range(40):
        report = analyze(world(300, "abcd", 0.07, seed), analysis(CONV))
        for line in report.lines:
            assert (line.adjusted < 0.05) == (line.effect.low > 0 or line.effect.high < 0)


def lost(frame, control, treatment):
    """Lose the primary metric of the first rows of each arm."""
    frame = frame.copy()
    frame["revenue"] = frame.revenue.where(
        frame.groupby("arm").cumcount() >= frame.arm.map({"a": control, "b": treatment})
    )
    return frame


@pytest.mark.parametrize(
    "counts, role, passed",
    [((60, 50), "primary", True), ((60, 5), "primary", False), ((60, 5), "secondary", None)],
)
def test_missing_values_are_compared_between_arms(counts, role, passed):
    from scipy.stats import chi2_contingency

    metrics = (Metric("revenue"),) if role == "primary" else (CONV, REVENUE)
    report = analyze(lost(world(), *counts), analysis(*metrics))
    check = next(c for c in report.checks if c.name == "missing revenue")
    assert (
        check.passed is passed
        and f"{counts[0]} of 2,000 in arm a, {counts[1]} of 2,000 in arm b" in check.message
    )
    want = chi2_contingency(
        [[counts[0], 2_000 - counts[0]], [counts[1], 2_000 - counts[1]]], correction=False
    )
    assert (check.statistic, check.pvalue) == pytest.approx((want.statistic, want.pvalue), rel=1e-9)
    assert (report.decisions["b"].action == "investigate") is (passed is False)
    assert (report.lines == ()) is (passed is False)


def test_moments_of_each_arm_give_the_report_of_their_rows():
    frame = world()
    rows = analyze(frame, analysis(CONV, REVENUE, CLICKS))
    sums = {
        arm: Moments.from_table(part, ["conv", "revenue", "clicks", "views"])
        for arm, part in frame.groupby("arm")
    }
    for a, b in zip(rows.rows(), analyze(sums, analysis(CONV, REVENUE, CLICKS)).rows(), strict=True):
        assert a == {
            k: pytest.approx(v, rel=1e-9) if isinstance(v, float) else v for k, v in b.items()
        }  # another order of sums


@pytest.mark.parametrize("control", [0, 0.0, "0"])
def test_arms_that_a_gap_turned_into_floats_keep_their_names(control, tmp_path):
    frame = world(50).assign(arm=lambda f: (f.arm == "b").astype(float))
    frame.loc[0, "arm"] = np.nan
    report = analyze(frame, Analysis("arm", control, (CONV,), expect={0: 0.5, 1: 0.5}))
    assert dict(report.counts) == {"0": 49, "1": 50} and list(report.decisions) == ["1"]
    frame.to_csv(tmp_path / "t.csv", index=False)  # written as 0.0 and 1.0
    assert analyze(tmp_path / "t.csv", Analysis("arm", control, (CONV,))).counts == report.counts


def test_published_numbers_are_enough_for_a_report():
    arms = {
        "conv": SUMS,
        "revenue": {"a": Moments.summary(1_990, 8.5, 15.0), "b": Moments.summary(1_995, 8.9, 15.2)},
    }
    report = analyze(arms, analysis(CONV, REVENUE, expect={"a": 0.5, "b": 0.5}))
    assert report.decisions["b"].action == "ship" and [line.effect.n_control for line in report.lines] == [
        2_000,
        1_990,
    ]
    assert report.lines[1].effect.estimate == pytest.approx(0.4)
    assert analyze({"a": SUMS["a"], "b": SUMS["b"]}, analysis(CONV)).decisions["b"].action == "ship"


def test_a_skewed_metric_in_unequal_arms_is_marked():
    rng = np.random.default_rng([SEED, 3])
    frame = pd.DataFrame(
        {
            "arm": np.repeat(["a", "b"], [100, 900]),
            "y": rng.lognormal(0, 1.5, 1_000),
            "z": rng.normal(size=1_000),
        }
    )
    notes = " ".join(analyze(frame, analysis(Metric("y"), Metric("z", role="secondary"))).notes)
    assert "y, b: the values are skewed and the arms unequal" in notes and "z, b" not in notes


@pytest.mark.parametrize(
    "rule, message",
    [
        (0.1, "`rule` must be a Rule; got 0.1"),
        (Rule(worth=2), "`worth` must be below 1 for a proportion; got 2. Is that per cent"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule, message):
    with pytest.raises(ValueError, match=message):
        analyze(SUMS, analysis(CONV), rule=rule)


def test_every_container_gives_the_same_report(tmp_path):
    import polars as pl
    import pyarrow as pa

    frame = world(200)
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    one = analyze(frame, analysis(unit="user"))
    for other in (
        pl.from_pandas(frame),
        pa.Table.from_pandas(frame),
        tmp_path / "t.csv",
        tmp_path / "t.parquet",
    ):
        for a, b in zip(one.rows(), analyze(other, analysis(unit="user")).rows(), strict=True):
            assert a["pvalue"] == pytest.approx(b["pvalue"], rel=1e-9)  # an engine sums in another order


def test_json_is_the_same_each_time_and_strict():
    reports = [analyze(world(50), analysis(CONV, LOAD, expect={"a": 0.5, "b": 0.5})) for _ in range(2)]
    assert reports[0].json() == reports[1].json()
    facts = json.loads(reports[0].json(), parse_constant=lambda text: pytest.fail(text))
    assert facts["counts"] == {"a": 50, "b": 50} and facts["analysis"]["metrics"][1]["margin"] == 20


def test_labels_are_escaped_in_html():
    frame = world(50).replace({"arm": {"b": "<script>"}})
    report = analyze(frame, analysis(CONV))
    assert "<script>" not in report.html() and report.html().count("<svg") == 1
    assert "| conv | primary | \\<script> |" in report.markdown()


@pytest.mark.parametrize(
    "frame, spec, message",
    [
        (
            world(9),
            Analysis("arm", "x", (CONV,)),
            "`control` must be an arm of the table, which are a, b; got 'x'",
        ),
        (
            world(9, "abc"),
            Analysis("arm", "a", (CONV,), {"a": 0.5, "b": 0.5}),
            "`expect` must name every arm.*also has c",
        ),
        (
            world(9).assign(revenue=lambda f: (f.arm == "b") * f.revenue),
            Analysis("arm", "a", (Metric("revenue"),)),
            "`revenue` must vary in arm 'a'",
        ),
        (
            world(9).assign(views=0),
            Analysis("arm", "a", (Metric("clicks", "ratio", "views"),)),
            "denominator that is not 0 in arm 'a'",
        ),
        (
            world(9),
            Analysis("arm", "a", (Metric("revenue", "proportion"),)),
            "`revenue` must hold 0 and 1 only.*Is it a mean",
        ),
        (world(9).query("arm == 'a'"), Analysis("arm", "a", (CONV,)), "at least two arms"),
        (world(9), Analysis("arm", "a", (Metric("sales"),)), "`metric` must name columns of the table"),
        (
            world(9),
            Analysis("arm", "a", (Metric("conv", covariates=("loads",)),)),
            "`metric` must name columns",
        ),
        (
            {"a": Moments.counts(1, 9), "b": 5},
            Analysis("arm", "a", (CONV,)),
            "`table` must map each arm to the Moments of one experiment .arm 'b'.; got int",
        ),
        (
            {"a": Moments.counts([1, 2], 9), "b": Moments.counts(1, 9)},
            Analysis("arm", "a", (CONV,)),
            "Moments of .2,. experiments",
        ),
        ({"sales": SUMS}, Analysis("arm", "a", (CONV,)), "`table` must hold the moments of conv; got sales"),
        (SUMS, Analysis("arm", "a", (CONV,), unit="user"), "`unit` cannot be looked for in Moments"),
        (
            {0: SUMS["a"], "0": SUMS["b"], "1": SUMS["b"]},
            Analysis("arm", 0, (CONV,)),
            "`arm` must have labels that read differently; got 0, '0', '1'",
        ),
        (
            world(9).assign(arm=lambda f: f.arm + " "),
            Analysis("arm", "a", (CONV,)),
            "which are 'a ', 'b '; got 'a'",
        ),
        (
            {"a": Moments.of([1, 2], x=[1, 2]), "b": Moments.of([1, 2], x=[1, 2])},
            Analysis("arm", "a", (Metric("z"),)),
            "`metric` must be one of y, x",
        ),
    ],
)
def test_bad_input_is_named(frame, spec, message):
    with pytest.raises(ValueError, match=message):
        analyze(frame, spec)


def test_a_csv_file_gives_the_report_of_its_rows_whatever_its_first_rows_look_like(tmp_path):
    rng = np.random.default_rng([SEED, 4])
    n = 60_000
    whole = np.arange(n) < n // 2
    frame = pd.DataFrame(
        {
            "user": np.where(whole, np.arange(n).astype(str), [f"u{i}" for i in range(n)]),
            "arm": np.where(rng.random(n) < 0.5, "1", "0"),
            'a "b" c': np.where(whole, rng.integers(0, 3, n), rng.random(n)),
            "late": np.where(whole, np.nan, rng.random(n)),
            "bought": np.where(rng.random(n) < 0.3, "true", "false"),
        }
    )
    frame.to_csv(tmp_path / "late.csv", index=False)
    metrics = (
        Metric('a "b" c'),
        Metric("late", role="secondary"),
        Metric("bought", "proportion", role="secondary"),
    )
    plan = Analysis("arm", 0, metrics, unit="user")
    there = analyze(tmp_path / "late.csv", plan)
    here = analyze(frame.assign(bought=frame.bought == "true"), plan)
    for a, b in zip(here.rows(), there.rows(), strict=True):
        assert a == {k: pytest.approx(v, rel=1e-9) if isinstance(v, float) else v for k, v in b.items()}
    assert dict(here.counts) == dict(there.counts) and [c.passed for c in here.checks] == [
        c.passed for c in there.checks
    ]


def test_all_metrics_of_a_lazy_table_are_summed_in_one_query(monkeypatch):
    import duckdb

    from abkit.tables import engines

    calls = []
    plain = engines._sums
    monkeypatch.setattr(engines, "_sums", lambda *given: calls.append(1) or plain(*given))
    names = [f"m{i}" for i in range(6)]
    rng = np.random.default_rng([SEED, 4])
    frame = pd.DataFrame({"arm": ["a", "b"] * 500, **{name: rng.normal(9, 1, 1_000) for name in names}})
    metrics = [Metric(name, role="secondary" if i else "primary") for i, name in enumerate(names)]
    far = analyze(duckdb.from_df(frame), analysis(*metrics))
    assert len(calls) == 1 and len(far.lines) == 6
    frame.loc[3:8, "m2"] = np.nan
    calls.clear()
    gap = analyze(
        duckdb.from_arrow(pa.table({name: frame[name].to_numpy() for name in frame})), analysis(*metrics)
    )
    assert len(calls) == 2  # NaN in one metric: that one is summed again
    near = analyze(frame, analysis(*metrics))
    for here, there in zip(near.lines, gap.lines, strict=True):
        assert there.effect.estimate == pytest.approx(here.effect.estimate, rel=1e-9)
        assert there.effect.se == pytest.approx(here.effect.se, rel=1e-9)
