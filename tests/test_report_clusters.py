"""Reports of whole clusters: the same numbers as `cluster_effect` through every door, and what is refused."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

import abkit as ab
from abkit.cli import main

CLUSTERS = 12


@pytest.fixture
def table(rng):
    """Twelve cities of 5 to 40 users, alike within a city; odd cities are treated."""
    size = rng.integers(5, 40, CLUSTERS)
    city = np.repeat(np.arange(CLUSTERS), size)
    y = rng.normal(size=len(city)) + 2 * rng.normal(size=CLUSTERS)[city] + 0.5 * (city % 2) + 9
    frame = pd.DataFrame({"user": np.arange(len(city)), "city": [f"c{c}" for c in city], "y": y})
    return frame.assign(arm=np.where(city % 2, "new", "old"), bought=(y > 9).astype(int))


def analysis(**given):
    metrics = (ab.Metric("y"), ab.Metric("bought", "proportion", role="secondary"))
    return ab.Analysis("arm", "old", metrics, **({"cluster": "city", "unit": "user"} | given))


def test_a_report_of_clusters_is_cluster_effect(table):
    report = ab.analyze(table, analysis())
    for line in report.lines:
        one = ab.cluster_effect(table[line.metric.name], table.city, table.arm == "new")
        for name in ("estimate", "se", "df", "low", "high", "pvalue", "value_control", "n_treatment"):
            assert getattr(line.effect, name) == pytest.approx(getattr(one, name), rel=1e-9)
        assert line.lift is None and line.effect.method == "CR2 per user, 6 and 6 clusters"
    assert any("6 in arm new, 6 in arm old" in note for note in report.notes)
    assert report.facts()["analysis"]["cluster"] == "city"


def test_every_door_gives_the_same_numbers(table, tmp_path):
    path = tmp_path / "users.csv"
    table.to_csv(path, index=False)
    wanted = ab.analyze(table, analysis()).rows()
    for other in (pl.from_pandas(table), pl.from_pandas(table).lazy(), path):
        got = ab.analyze(other, analysis()).rows()
        for mine, its in zip(got, wanted, strict=True):
            assert [mine[k] for k in ("low", "high", "pvalue")] == pytest.approx(
                [its[k] for k in ("low", "high", "pvalue")], rel=1e-9
            )


def test_rows_without_the_metric_are_left_out_and_said(table):
    holes = table.assign(y=table.y.where(table.user % 7 != 0))
    report = ab.analyze(holes, analysis())
    full = holes.dropna(subset=["y"])
    assert report.lines[0].effect.se == pytest.approx(
        ab.cluster_effect(full.y, full.city, full.arm == "new").se
    )
    assert any("dropped (y missing" in note for note in report.notes)
    assert not [c for c in report.checks if c.name.startswith("missing")]  # a test of rows would err


def test_shares_are_those_of_the_clusters(rng):
    """One huge treated city: the users' shares look impossible, the coins do not."""
    city = np.repeat(np.arange(20), [2_000] + [50] * 19)
    table = pd.DataFrame(
        {"city": city, "y": rng.normal(size=len(city)), "arm": np.where(city % 2, "old", "new")}
    )
    plain = ab.Analysis("arm", "old", (ab.Metric("y"),), expect={"old": 0.5, "new": 0.5})
    by_user, by_city = (
        ab.analyze(table, ab.Analysis(**(plain.to_dict() | {"cluster": c}))) for c in (None, "city")
    )
    assert by_user.checks[0].passed is False and by_user.lines == ()
    assert by_city.checks[0].passed is True and len(by_city.lines) == 1


def test_a_report_that_ignores_the_clusters_is_far_too_sure(rng):
    """No effect, correlation .5 in 20 cities of 50: the report by user errs in most tests, that by city in 5
    per cent.
    """
    city = np.repeat(np.arange(20), 50)
    arm = np.where(city % 2, "new", "old")
    wrong, right = [], []
    for _ in range(60):
        y = rng.normal(size=1_000) + rng.normal(size=20)[city]
        table = pd.DataFrame({"city": city, "arm": arm, "y": y})
        for found, cluster in ((wrong, None), (right, "city")):
            report = ab.analyze(table, ab.Analysis("arm", "old", (ab.Metric("y"),), cluster=cluster))
            found.append(report.lines[0].effect.pvalue < 0.05)
    assert np.mean(wrong) > 0.5  # theory .70: design effect 25.5
    assert np.mean(right) < 0.05 + 5 * np.sqrt(0.05 * 0.95 / 60)


def test_what_is_no_test_of_clusters_is_refused(table):
    cases = (
        (table.assign(arm=np.where(table.user % 2, "new", "old")), {}, "in several, such as"),
        (table.assign(city=table.city.where(table.user > 3)), {}, "must be known for every row.*without"),
        (table, {"cluster": "town"}, "town"),
        (table[table.city.isin(["c0", "c2", "c1"])], {}, "at least two clusters in each arm"),
        ({"old": ab.Moments.of([1.0, 2]), "new": ab.Moments.of([1.0, 4])}, {"unit": None}, "Moments"),
    )
    for frame, given, words in cases:
        with pytest.raises(ValueError, match=words):
            ab.analyze(frame, analysis(**given))


def test_metrics_that_clusters_cannot_have_are_refused():
    for metric in (ab.Metric("clicks", "ratio", "views"), ab.Metric("y", covariates=("before",))):
        with pytest.raises(ValueError, match="means or proportions without covariates"):
            ab.Analysis("arm", "old", (metric,), cluster="city")
    with pytest.raises(ValueError, match="the arm, unit or cluster"):
        ab.Analysis("arm", "old", (ab.Metric("city"),), cluster="city")


def test_the_command_takes_a_cluster(table, tmp_path, capsys):
    path = tmp_path / "users.csv"
    table.to_csv(path, index=False)
    command = [
        "analyze",
        str(path),
        "--arm",
        "arm",
        "--control",
        "old",
        "--metric",
        "y:mean",
        "--cluster",
        "city",
    ]
    assert main([*command, "--json"]) == 0
    line = json.loads(capsys.readouterr().out)["lines"][0]
    one = ab.cluster_effect(table.y, table.city, table.arm == "new")
    assert (line["low"], line["high"]) == pytest.approx((one.low, one.high))
    assert main([*command, "--unit", "user", "--events"]) == 2
    assert "one row a unit" in capsys.readouterr().err
