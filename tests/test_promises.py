"""An analysis against its frozen plan: every departure is named, and nothing else is."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import abkit as ab
from abkit import Analysis, Experiment, Metric, Moments, Registry, Where
from abkit.registry import scorecard

METRICS = (
    Metric("ordered", "proportion"),
    Metric("spent", role="secondary"),
    Metric("load_ms", direction="down", margin=10, role="guardrail"),
)
ANALYSIS = Analysis("arm", "control", METRICS, unit="user")


def experiment(**fields):
    plan = ab.sample_size_proportions(0.25, lift=0.2)  # 1,251 + 1,251 units
    base = {"plan": plan, "start": "2026-03-02", "end": "2026-03-15", "eligible": "mobile"} | fields
    return Experiment("button", "More orders.", None, {"control": 0.5, "big": 0.5}, ANALYSIS, **base)


@pytest.fixture
def rows(rng):
    units = 1_280
    return pd.DataFrame(
        {
            "user": range(2 * units),
            "arm": np.repeat(["control", "big"], units),
            "ordered": np.tile([0, 0, 0, 1], 2 * units // 4),
            "spent": rng.exponential(10, 2 * units),
            "load_ms": rng.normal(300, 30, 2 * units),
            "segment": "mobile",
        }
    )


@pytest.fixture
def registry(tmp_path):
    with Registry(tmp_path / "registry.sqlite") as opened:
        opened.add(experiment())
        opened.start("button", at="2026-03-02")
        yield opened


def departures(registry, rows, **options):
    return registry.analyze("button", rows, **({"at": "2026-03-15"} | options)).departures


def test_what_was_promised_has_no_departure(registry, rows):
    found = registry.analyze("button", rows, at="2026-03-15")
    assert found.departures == () and found.kept and found.look == 1
    plan = dataclasses.replace(ANALYSIS, expect={"control": 0.5, "big": 0.5}, start="2026-03-02")
    whole = ab.analyze(rows, plan)
    assert found.report.json() == whole.json()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"metrics": (*METRICS, Metric("segment_size", role="secondary"))},
            "segment_size was added (secondary)",
        ),
        ({"metrics": METRICS[:1]}, "spent was dropped (secondary)"),
        (
            {"metrics": (Metric("spent"), Metric("ordered", "proportion", role="secondary"), METRICS[2])},
            "ordered was primary, is secondary",
        ),
        ({"metrics": (*METRICS[:2], dataclasses.replace(METRICS[2], margin=30))}, "margin is 30, planned 10"),
        (
            {"metrics": (METRICS[0], dataclasses.replace(METRICS[1], direction="down"), METRICS[2])},
            "direction is 'down'",
        ),
        ({"alpha": 0.1}, "alpha: 0.1, planned 0.05"),
        ({"correction": "bh"}, "correction: 'bh', planned 'holm'"),
        ({"unit": None}, "unit: None, planned 'user'"),
        ({"control": "big"}, "control is 'big', planned 'control'"),
        ({"expect": {"control": 0.49, "big": 0.51}}, "shares tested against"),
    ],
)
def test_each_change_of_the_analysis_is_named(registry, rows, change, said):
    rows["segment_size"] = rows["spent"]
    found = departures(registry, rows, analysis=dataclasses.replace(ANALYSIS, **change))
    assert any(said in text for text in found), found
    swapped = 2 if "metrics" in change and change["metrics"][0].name == "spent" else 0
    assert len(found) == max(1, swapped, 2 if change.get("metrics") == METRICS[:1] else 0)


def test_units_short_by_more_than_five_per_cent(registry, rows):
    def only(n):
        return pd.concat([rows[rows.arm == "control"].head(n), rows[rows.arm == "big"].head(n)])

    need = ab.sample_size_proportions(0.25, lift=0.2).n_control
    assert departures(registry, only(int(0.96 * need))) == ()
    registry_two = [d for d in departures(registry, only(int(0.94 * need))) if d.startswith("units")]
    assert registry_two == [
        f"units: {arm} has {int(0.94 * need):,} of {need:,} planned" for arm in ("control", "big")
    ]


def test_looks_are_counted_and_those_after_the_end_are_not(registry, rows):
    assert departures(registry, rows) == ()
    assert departures(registry, rows) == ("looks: this is look 2, 1 planned",)
    registry.complete("button", at="2026-03-15")
    assert registry.entries()[0].looks_taken == 2
    assert departures(registry, rows, at="2026-03-20") == (
        "looks: this is look 2, 1 planned",
    )  # reading again is no look
    assert registry.entries()[0].looks_taken == 2


def test_a_planned_look_ships_nothing_early(tmp_path, rows):
    rows["ordered"] = np.where(rows.arm == "big", 1, rows.ordered) * (rows.index % 2)
    with Registry(tmp_path / "r.sqlite") as registry:
        plan = experiment(looks=2, plan=ab.sample_size_proportions(0.25, lift=0.1))
        registry.add(plan)
        registry.start("button", at="2026-03-02", underpowered="four per cent for two looks are missing")
        first = registry.analyze("button", rows, at="2026-03-09")
        assert first.departures == () and first.report.decisions["big"].action == "extend"
        second = registry.analyze("button", rows, at="2026-03-15")
        assert any(d.startswith("units: big") for d in second.departures)


def test_the_worth_of_the_plan_decides_and_another_is_a_departure(tmp_path, rows):
    """Equal rates to the unit; the interval ends at 1.96 · sqrt(2 · .25 · .75 / 1,280) = .0336."""
    with Registry(tmp_path / "r.sqlite") as registry:
        registry.add(experiment(worth=0.034))
        registry.start("button", at="2026-03-02")
        kept = registry.analyze("button", rows, at="2026-03-15")
        assert kept.departures == () and kept.report.decisions["big"].action == "stop"
        other = registry.analyze("button", rows, rule=ab.Rule(worth=0.033), at="2026-03-15")
        assert other.report.decisions["big"].action == "inconclusive"
        assert "rule: worth 0.033 for ordered, planned 0.034 for ordered" in other.departures
        spent = ab.Analysis("arm", "control", (ab.Metric("spent"),), unit="user")
        swapped = registry.analyze("button", rows, analysis=spent, at="2026-03-15")
        assert "rule: worth 0 for spent, planned 0.034 for ordered" in swapped.departures


def test_days_that_were_not_planned(tmp_path, rows):
    with Registry(tmp_path / "r.sqlite") as registry:
        registry.add(experiment())
        registry.start("button", at="2026-03-04")
        assert departures(registry, rows, at="2026-03-10") == (
            "dates: started on 2026-03-04, planned 2026-03-02",
            "dates: read on 2026-03-10, before the planned end 2026-03-15",
        )
        registry.stop("button", at="2026-03-11")
        assert "dates: ended on 2026-03-11, planned 2026-03-15" in departures(registry, rows, at="2026-03-12")


def test_who_was_let_in(registry, rows):
    rows.loc[:9, "segment"] = "desktop"
    assert departures(registry, rows) == ("eligible: 10 rows do not meet the rules (segment == 'mobile')",)
    said = departures(registry, rows, eligible=[Where("age", ">=", 18)])
    assert "eligible: age >= 18, planned segment == 'mobile'" in said


def test_who_was_let_in_is_read_from_a_file_too_and_said_where_nobody_can_tell(registry, rows, tmp_path):
    rows.loc[:9, "segment"] = "desktop"
    rows.to_csv(tmp_path / "units.csv", index=False)
    assert departures(registry, tmp_path / "units.csv")[0].startswith("eligible: 10 rows do not meet")
    plain = registry.analyze("button", rows.drop(columns="segment"), at="2026-03-15")
    assert "NOT checked" in plain.notes[0] and "segment" in plain.notes[0] and "NOT checked" in plain.text()
    grown = experiment(eligible=[Where("age", ">=", 18)])
    registry.add(dataclasses.replace(grown, name="adults"))
    registry.start("adults", at="2026-03-02")
    rows.assign(age=np.arange(len(rows)) % 100).to_csv(tmp_path / "ages.csv", index=False)
    said = registry.analyze("adults", tmp_path / "ages.csv", at="2026-03-15").departures
    young = sum(i % 100 < 18 for i in range(len(rows)))
    assert said == (f"eligible: {young:,} rows do not meet the rules (age >= 18)",)


def test_arms_that_nobody_planned(registry, rows):
    third = rows.head(500).assign(arm="huge", user=range(10_000, 10_500))
    found = registry.analyze("button", pd.concat([rows, third]), at="2026-03-15")
    assert "arms: 'huge' was not planned" in found.departures
    assert any("NOT checked" in note for note in found.report.notes)
    with pytest.raises(ValueError, match="two arms"):
        registry.analyze("button", rows[rows.arm == "control"])


def test_moments_a_file_and_a_frame_say_the_same(registry, rows, tmp_path):
    frame = registry.analyze("button", rows, at="2026-03-15").report
    rows.to_csv(tmp_path / "units.csv", index=False)
    file = registry.analyze("button", tmp_path / "units.csv", at="2026-03-15").report
    assert [r["estimate"] for r in file.rows()] == pytest.approx(
        [r["estimate"] for r in frame.rows()], rel=1e-12
    )
    sums = {arm: Moments.of(part.ordered) for arm, part in rows.groupby("arm")}
    plain = Experiment(
        "sums", "", None, {"control": 0.5, "big": 0.5}, Analysis("arm", "control", METRICS[:1])
    )
    registry.add(plain)
    registry.start("sums")
    assert registry.analyze("sums", sums).departures == ()


def test_a_draft_promises_nothing(tmp_path, rows):
    with Registry(tmp_path / "r.sqlite") as registry:
        registry.add(experiment())
        with pytest.raises(ValueError, match="must have been started"):
            registry.analyze("button", rows)


def test_a_failed_check_is_kept_and_shown(registry, rows):
    lost = rows[(rows.arm == "control") | (rows.index % 3 > 0)]
    found = registry.analyze("button", lost, at="2026-03-15")
    assert found.report.lines == ()
    assert registry.entries()[0].outcome["failed"] == ["SRM"]
    assert "not read: SRM" in scorecard.markdown(registry) and "investigate" in scorecard.page(registry)


def test_all_effects_of_a_metric_are_there_for_learning(registry, rows):
    registry.add(dataclasses.replace(experiment(), name="second"))
    registry.start("second", at="2026-03-02")
    first = registry.analyze("button", rows, at="2026-03-15").report
    registry.analyze("second", rows[rows.user % 3 > 0], at="2026-03-15")
    found = registry.effects("ordered")
    assert [e.label for e in found] == ["button: big", "second: big"]
    assert (found[0].estimate, found[0].se) == (first.lines[0].effect.estimate, first.lines[0].effect.se)
    assert registry.effects("unknown") == () and len(registry.effects("spent")) == 2
    assert ab.claimed_sum(found).tests == 2


def test_the_page_holds_the_departures(registry, rows):
    page = registry.analyze("button", rows, at="2026-03-10").html()
    assert page.count("before the planned end 2026-03-15") == 1 and page.startswith("<!doctype html>")


def test_the_scorecard_counts(registry, rows):
    registry.add(dataclasses.replace(experiment(), name="second"))
    registry.analyze("button", rows, at="2026-03-15", analysis=dataclasses.replace(ANALYSIS, alpha=0.1))
    text = scorecard.markdown(registry)
    assert "2 experiments, 1 with a result, 0 to ship; 1 departed from the registered plan." in text
    assert "| second | draft |" in text and "alpha: 0.1, planned 0.05" in text
    assert scorecard.page(registry).count("<tr>") == 3


def test_the_text_says_the_departures_first(registry, rows):
    found = registry.analyze("button", rows, at="2026-03-10")
    assert repr(found).splitlines()[0] == "button: 1 departure from the registered plan"
    assert "before the planned end" in found._repr_html_()
