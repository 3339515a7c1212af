"""`analyze` with covariates: the adjusted line beside the plain one, gaps, dates, balance, and the command
line.
"""

import json
from datetime import date, datetime

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import abkit as ab
from abkit import Analysis, Metric, Moments
from abkit.cli import main
from abkit.tables.gaps import fill_gaps


@pytest.fixture
def users():
    """3,000 users: minutes and minutes before (correlation .8), of whom a fifth have no past; clicks and
    views likewise.
    """
    rng = np.random.default_rng(11)
    n = 3_000
    pre = rng.normal(300, 60, n)
    new = rng.random(n) < 0.2
    treated = rng.permutation(np.arange(n) % 2)
    minutes = 100 + 0.8 * pre + rng.normal(0, 36, n) + 8 * treated
    views, pre_views = 1 + rng.poisson(5, n), 1 + rng.poisson(5, n)
    taste = rng.beta(2, 6, n)
    return pd.DataFrame(
        {
            "arm": np.where(treated == 1, "new", "old"),
            "minutes": minutes,
            "pre": np.where(new, np.nan, pre),
            "visits": np.where(new, np.nan, rng.poisson(3, n)),
            "clicks": rng.binomial(views, taste),
            "views": views,
            "pre_clicks": rng.binomial(pre_views, taste),
            "pre_views": pre_views,
            "bought": (rng.random(n) < 0.1 + 0.001 * (pre - 240)).astype(int),
        }
    )


SPEC = Analysis("arm", "old", (Metric("minutes", covariates=("pre",)),))


def by_hand(users, *columns):
    return [Moments.from_table(users, list(columns), by="arm")[a] for a in ("old", "new")]


def test_the_line_is_cuped_with_the_gaps_filled_and_marked(users):
    line = ab.analyze(users, SPEC).lines[0]
    pre, gap = ab.fill_missing(users.pre)
    want = ab.cuped(*by_hand(users.assign(pre=pre, gap=gap), "minutes", "pre", "gap"))
    for field in ("estimate", "se", "df", "low", "pvalue"):
        assert getattr(line.effect, field) == pytest.approx(getattr(want, field), rel=1e-9)
    plain = ab.welch(*by_hand(users, "minutes"))
    assert line.unadjusted.estimate == pytest.approx(plain.estimate) and line.unadjusted.se == pytest.approx(
        plain.se
    )
    assert line.effect.se < 0.85 * plain.se and line.effect.n_control == plain.n_control
    assert line.effect.label == "minutes"
    relative = ab.cuped_lift(*by_hand(users.assign(pre=pre, gap=gap), "minutes", "pre", "gap"))
    assert [line.lift.estimate, line.lift.low] == pytest.approx([relative.estimate, relative.low], rel=1e-9)


def test_both_estimates_and_what_is_saved_stand_in_every_form(users):
    report = ab.analyze(users, SPEC)
    note = next(n for n in report.notes if "adjusted for pre" in n)
    plain = report.lines[0].unadjusted
    assert "as named beforehand" in note and f"{plain.estimate:+.4g}" in note and "times the units" in note
    assert "pre is missing in" in note and "at least" in note
    for text in (repr(report), report.markdown(), report.html()):
        assert f"{plain.estimate:+.4g}" in text and "Without it" in text
    row = report.rows()[0]
    assert row["unadjusted_estimate"] == plain.estimate and row["covariates"] == "pre"
    assert row["method"] == "cuped optimal"
    assert json.loads(report.json())["lines"][0]["unadjusted_pvalue"] == plain.pvalue


@pytest.mark.parametrize("make", [pl.from_pandas, lambda f: pl.from_pandas(f).lazy(), duckdb.from_df, None])
def test_any_engine_and_a_file_give_the_same_line(users, make, tmp_path):
    want = ab.analyze(users, SPEC).lines[0].effect
    if make is None:
        users.to_csv(tmp_path / "users.csv", index=False)
        users.to_parquet(tmp_path / "users.parquet")
        tables = [tmp_path / "users.csv", tmp_path / "users.parquet"]
    else:
        tables = [make(users)]
    for table in tables:
        got = ab.analyze(table, SPEC).lines[0].effect
        assert [got.estimate, got.se] == pytest.approx([want.estimate, want.se], rel=1e-9)


def test_two_covariates_of_one_join_have_one_mark(users):
    """Both miss the same rows, so their marks are one column, which is no reason to refuse."""
    spec = Analysis("arm", "old", (Metric("minutes", covariates=("pre", "visits")),))
    line = ab.analyze(users, spec).lines[0]
    pre, gap = ab.fill_missing(users.pre)
    visits, _ = ab.fill_missing(users.visits)
    table = users.assign(pre=pre, visits=visits, gap=gap)
    assert line.effect.se == pytest.approx(
        ab.cuped(*by_hand(table, "minutes", "pre", "visits", "gap")).se, rel=1e-9
    )


def test_a_ratio_is_adjusted_by_a_pre_period_ratio(users):
    past = "pre_clicks/pre_views"
    spec = Analysis("arm", "old", (Metric("clicks", "ratio", "views", covariates=(past,)),))
    line = ab.analyze(users, spec).lines[0]
    arms = [
        ab.linearised(m, ("clicks", "views"), ("pre_clicks", "pre_views"))
        for m in by_hand(users, "clicks", "views", "pre_clicks", "pre_views")
    ]
    want = ab.cuped(*arms)
    assert [line.effect.estimate, line.effect.se] == pytest.approx([want.estimate, want.se], rel=1e-9)
    assert line.effect.se < line.unadjusted.se and line.effect.label == "clicks/views"


def test_moments_that_hold_the_covariates_do_as_well(users):
    full = users.dropna()
    arms = dict(zip(("old", "new"), by_hand(full, "minutes", "pre"), strict=True))
    got, want = ab.analyze(arms, SPEC).lines[0], ab.analyze(full, SPEC).lines[0]
    assert got.effect.se == pytest.approx(want.effect.se, rel=1e-9)
    assert got.unadjusted.se == pytest.approx(want.unadjusted.se, rel=1e-9)


def test_a_proportion_is_adjusted_too(users):
    line = ab.analyze(
        users.dropna(), Analysis("arm", "old", (Metric("bought", "proportion", covariates=("pre",)),))
    ).lines[0]
    assert line.effect.method == "cuped optimal" and line.unadjusted.method == "score"


def test_a_moved_covariate_stops_the_report(users):
    moved = users.assign(pre=users.pre + 30 * (users.arm == "new"))
    report = ab.analyze(moved, SPEC)
    check = next(c for c in report.checks if c.name == "balance minutes")
    assert check.passed is False and report.lines == ()
    assert report.decisions["new"].action == "investigate"
    second = Analysis(
        "arm", "old", (Metric("clicks"), Metric("minutes", covariates=("pre",), role="secondary"))
    )
    report = ab.analyze(moved, second)
    assert next(c for c in report.checks if c.name == "balance minutes").passed is None and report.lines


def test_a_fair_split_shows_its_balance(users):
    check = next(c for c in ab.analyze(users, SPEC).checks if c.name == "balance minutes")
    assert check.passed is True and "pre" in check.message
    three = users.assign(arm=np.where(np.arange(len(users)) % 3 == 2, "third", users.arm))
    names = [c.name for c in ab.analyze(three, SPEC).checks]
    assert "balance minutes, new" in names and "balance minutes, third" in names


def dated(measured, start):
    return Analysis("arm", "old", (Metric("minutes", covariates=("pre",), measured=measured),), start=start)


def test_a_covariate_measured_at_or_after_the_start_is_refused_or_told(users):
    early = ab.analyze(users, dated("2026-02-28", date(2026, 3, 1)))
    assert not any("NOT checked" in n and "pre" in n for n in early.notes)
    for measured in ("2026-03-01", datetime(2026, 3, 4, 12)):
        with pytest.raises(ValueError, match="`measured` must lie before the start, 2026-03-01"):
            ab.analyze(users, dated(measured, "2026-03-01"))
        forced = ab.analyze(users, dated(measured, "2026-03-01"), late_covariates="allow")
        assert any("if the treatment moved it" in n for n in forced.notes) and forced.lines
    for spec in (dated(None, "2026-03-01"), dated("2026-02-28", None)):
        assert any(
            "pre dates from before the start was NOT checked" in n for n in ab.analyze(users, spec).notes
        )
    with pytest.raises(ValueError, match="`late_covariates` must be one of"):
        ab.analyze(users, SPEC, late_covariates="yes")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Metric("y", covariates=("y",)), "other columns than the metric's"),
        (lambda: Metric("y", covariates=("a", "a")), "each once"),
        (lambda: Metric("y", covariates=("a",), measured="28.2.2026"), "`measured` must be a date"),
        (lambda: Analysis("arm", "a", (Metric("y"),), start=20260301), "`start` must be a date"),
        (
            lambda: Analysis("arm", "a", (Metric("y", covariates=("arm",)),)),
            "must not read the column of the arm",
        ),
    ],
)
def test_options_that_do_not_fit_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_one_name_is_a_tuple_of_one():
    assert Metric("y", covariates="pre").covariates == ("pre",)
    assert Metric("y", "ratio", "n", covariates="a/b").history == {"a/b": ["a", "b"]}
    assert Metric("y", covariates="a/b").history == {"a/b": ["a/b"]}


def test_a_singular_or_empty_covariate_is_refused_by_name(users):
    with pytest.raises(ValueError, match="`twice` must not follow from the other covariates"):
        ab.analyze(
            users.dropna().assign(twice=lambda f: 2 * f.pre),
            Analysis("arm", "old", (Metric("minutes", covariates=("pre", "twice")),)),
        )
    with pytest.raises(ValueError, match="`pre` must hold at least one value"):
        ab.analyze(users.assign(pre=np.nan), SPEC)
    with pytest.raises(ValueError, match="`pre` must vary"):
        ab.analyze(users.assign(pre=1.0), SPEC)


@pytest.mark.parametrize("make", [lambda f: f, pl.from_pandas, duckdb.from_df])
def test_gaps_are_filled_by_the_mean_of_all_rows(make):
    import narwhals as nw

    table = pd.DataFrame(
        {"a": [1.0, None, 5.0], "b": [2.0, 4.0, None], "c": [1.0, 2.0, 3.0], "f": [True, False, True]}
    )
    frame, gaps = fill_gaps(nw.from_native(make(table)), {"a/b": ["a", "b"], "c": ["c"], "f": ["f"]})
    assert gaps == {"a/b is missing": 2}
    out = frame.to_native()
    out = out.df() if hasattr(out, "df") else out
    out = out.to_pandas() if hasattr(out, "to_pandas") else out
    assert out["a"].tolist() == [1.0, 3.0, 3.0] and out["b"].tolist() == [2.0, 3.0, 3.0]
    assert out["a/b is missing"].tolist() == [0.0, 1.0, 1.0] and out["c"].tolist() == [1.0, 2.0, 3.0]


@pytest.fixture
def file(users, tmp_path):
    users.assign(load=np.arange(len(users)) % 7).to_csv(tmp_path / "t.csv", index=False)
    return str(tmp_path / "t.csv")


BASE = ["--arm", "arm", "--control", "old", "--metric", "minutes:mean"]


def test_the_command_takes_covariates(file, users, capsys):
    assert main(["analyze", file, *BASE, "--covariate", "minutes=pre", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    want = ab.analyze(users, SPEC).lines[0].effect
    assert facts["lines"][0]["estimate"] == pytest.approx(want.estimate, rel=1e-9)
    ratio = ["--metric", "clicks/views:ratio", "--covariate", "clicks/views=pre_clicks/pre_views"]
    assert main(["analyze", file, *BASE, *ratio]) == 0
    assert "clicks/views, new: adjusted for pre_clicks/pre_views" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--covariate", "revenue=pre"], "with a metric of minutes"),
        (["--covariate", "minutes"], "must look like METRIC=COLUMN"),
        (["--measured", "2026-01-01"], "give --covariate too"),
        (
            ["--covariate", "minutes=pre", "--measured", "2026-03-02", "--start", "2026-03-01"],
            "must lie before the start",
        ),
        (["--covariate", "minutes=pre", "--events", "--unit", "user"], "one row a unit"),
        (["--covariate", "minutes=nothing"], "'nothing'"),
    ],
)
def test_the_command_says_what_is_wrong(file, capsys, options, message):
    assert main(["analyze", file, *BASE, *options]) == 2
    assert message in capsys.readouterr().err


def test_the_command_forces_a_late_covariate(file, capsys):
    late = [
        "--covariate",
        "minutes=pre",
        "--measured",
        "2026-03-02",
        "--start",
        "2026-03-01",
        "--late-covariates",
    ]
    assert main(["analyze", file, *BASE, *late]) == 0
    assert "not before the start (2026-03-01)" in " ".join(capsys.readouterr().out.split())


def test_a_plan_shrinks_with_the_variance_that_is_left():
    """n of an sd that is √factor as large, and for rates n times the factor."""
    left = ab.cuped_factor(0.7)
    got, want = ab.sample_size(0.2, sd=2.0, factor=left), ab.sample_size(0.2, sd=2.0 * np.sqrt(left))
    assert got.n_exact == pytest.approx(want.n_exact, rel=1e-12) and got.sd == pytest.approx(
        2 * np.sqrt(0.51)
    )
    pair = ab.sample_size(0.2, sd=(2.0, 3.0), factor=left)
    assert pair.n_exact == pytest.approx(ab.sample_size(0.2, sd=(2 * 0.51**0.5, 3 * 0.51**0.5)).n_exact)
    rates = ab.sample_size_proportions(0.05, lift=0.1)
    assert ab.sample_size_proportions(0.05, lift=0.1, factor=0.51).n_exact == pytest.approx(
        0.51 * rates.n_exact
    )
    for bad in (0.0, 1.2, -1):
        with pytest.raises(ValueError, match="`factor` must"):
            ab.sample_size(0.2, sd=2.0, factor=bad)


def test_a_planned_test_with_its_past_has_the_planned_power():
    """Correlation .7, planned by factor .51: CUPED finds the effect in 80 per cent, Welch in far fewer."""
    from abkit.datasets import pre_period_world

    plan = ab.sample_size(0.2, sd=1.0, factor=ab.cuped_factor(0.7))
    draw = pre_period_world(plan.n_control, slopes=0.7, effect=0.2)
    arms = draw(np.random.default_rng(5), 10_000)
    found = [(f(*arms).pvalue < 0.05).mean() for f in (ab.cuped, ab.welch)]
    assert (
        found[0] == pytest.approx(0.8, abs=0.02 + 0.002) and found[1] < 0.6
    )  # 5 errors of .004; k of 400 units


def test_the_weeks_of_a_plan_know_the_factor():
    plan = ab.mde_by_week(1_000, sd=2.0, weeks=[2], factor=0.51)
    assert plan.effect[0] == pytest.approx(ab.mde(7_000, sd=2 * 0.51**0.5).effect)
    rates = ab.mde_by_week(1_000, p_control=0.1, weeks=[2], factor=0.5)
    assert (
        rates.effect[0] == pytest.approx(ab.mde_proportions(0.1, 14_000).effect)
        and rates.n_control[0] == 7_000
    )


def test_the_plan_command_takes_a_correlation(capsys):
    mean = ["plan", "--sd", "2", "--effect", ".2", "--arrivals", "200"]
    assert main([*mean, "--cuped-correlation", ".7"]) == 0
    out = capsys.readouterr().out
    n = ab.sample_size(0.2, sd=2.0, factor=ab.cuped_factor(0.7)).n_control
    assert f"{n:,} units in each of 2 arms" in out and "51% of the variance is left" in out
    assert main(["plan", "--baseline", ".05", "--lift", ".1", "--cuped-correlation", "1.2"]) == 2
