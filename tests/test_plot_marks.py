"""Every figure: its reference lines, its marks, the ends of its bars, from data small enough to know them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import curve, curves, dotted, marks, strokes, title

import abkit as ab
from abkit import Effect, plots
from abkit.datasets.running import RunningTests
from abkit.estimate import Path
from abkit.inference.families import discoveries
from abkit.plots import style

LUCK = np.random.default_rng(7).normal(size=500)
TWO = Effect("y", np.array([1.0, 0.2]), 0.1, 9, np.array([0.5, -0.3]), np.array([1.5, 0.7]), 0.5)
PATH = Path(
    look=np.array([1, 2, 3]),
    n=np.array([100.0, 200.0, 300.0]),
    estimate=np.array([0.9, 0.8, 0.7]),
    se=np.ones(3),
    low=np.array([-0.1, 0.1, 0.2]),
    high=np.array([1.9, 1.5, 1.2]),
    pvalue=np.ones(3),
    crossed=np.array([False, True, True]),
)
STATES = np.array([[0, 1, 1], [0, 0, -1], [1, 0, 0], [0, 0, 0]])
TESTS = RunningTests(
    gap=STATES * np.array([6.0, 4.0, 3.0]),
    band=np.array([5.0, 3.5, 2.5]),
    state=STATES,
    alarm=np.array([2, 3, 1, 0]),
    result=np.array([1.0, -1.0, 1.0, 0.0]),
    claim=np.array([4.0, -3.0, 6.0, np.nan]),
    lift=1.5,
)
DAILY = Effect(
    "y", np.array([6.0, -1.0, -3.0]), 1.0, 9, np.array([2.0, -4, -5]), np.array([10.0, 2, -1]), 0.5
)
REDESIGN = ab.datasets.redesigns(ab.datasets.word_of_mouth(rng=1), "users", reps=30, rng=1)
GRID = pd.DataFrame(
    {"learner": ["S", "T"], "world": "flat", "n": 500, "promised": [7.0, 12.0], "kept": [6.0, 5.0]}
)


def even(arms=2):
    return ab.run(ab.EvenSplit(arms), [0.1, 0.2][:arms], horizon=100, reps=20, rng=1)


def effect(low, high, label="y"):
    return Effect(label, (low + high) / 2, 1.0, 9, low, high, 0.5)


def rounded(values):
    return np.round(np.asarray(values, float), 6).tolist()


REFERENCES = {  # figure → what goes over the whole axes: axis, value, stroke
    "plot_memory": (lambda: plots.plot_memory(10, guess=8.0), [("y", 2.5, ":"), ("y", 8.0, "--")]),
    "plot_false_wins": (lambda: plots.plot_false_wins(guess=30.0), [("y", 30.0, "--")]),
    "plot_ideas": (lambda: plots.plot_ideas(ab.win_ledger()), []),
    "plot_ledger": (lambda: plots.plot_ledger(ab.win_ledger()), []),
    "plot_win_table": (lambda: plots.plot_win_table(), []),
    "plot_shrunk": (
        lambda: plots.plot_shrunk(ab.shrink([Effect.of(x, 1.0) for x in (3, 1, 0, -1)])),
        [("x", 0, "-")],
    ),
    "plot_sequence": (lambda: plots.plot_sequence(PATH, truth=0.5, scale=10), [("y", 0, ":"), ("y", 5, "-")]),
    "plot_price": (
        lambda: plots.plot_price([1, 2, 3], [6.0, 3, 4], [2.0, 2, 2], guess=2.5),
        [("y", 1, "-"), ("y", 2.5, "--")],
    ),
    "plot_srm": (
        lambda: plots.plot_srm(ab.localise({"a": [5, 5], "b": [90, 9]}, [0.5, 0.5]), alpha=0.01),
        [("x", 0.005, ":")],
    ),
    "plot_shares": (lambda: plots.plot_shares({"a": (50, 50)}, 0.5), [("x", 0, "-")]),
    "plot_cloud": (lambda: plots.plot_cloud([1.0, 2, 3], [1.0, 3, 2]), []),
    "plot_spreads": (
        lambda: plots.plot_spreads({"a": [1.0, 3, 5], "b": [2.0, 3, 4]}, 3.5),
        [("x", 3.5, "-")],
    ),
    "plot_weeks_left": (lambda: plots.plot_weeks_left([0, 0.5, 1], 4, 0.5, guess=1.0), [("y", 1.0, "--")]),
    "plot_centres": (
        lambda: plots.plot_centres([0.5, 0.9], [0.05, 0.05], [0.1, 0.4], promised=0.1, guess=20.0),
        [("y", 10.0, ":"), ("y", 20.0, "--")],
    ),
    "plot_gains": (lambda: plots.plot_gains({"a": (effect(0, 2), effect(0, 1))}), [("x", 100, ":")]),
    "plot_past": (lambda: plots.plot_past([0, 4], [1, 0.7], [1, 0.6], 1, weeks=3), [("y", 3, ":")]),
    "plot_sources": (
        lambda: plots.plot_sources({"nothing": effect(-1, 3)}, 1.5),
        [("x", 0, ":"), ("x", 1.5, "-")],
    ),
    "plot_worth": (
        lambda: plots.plot_worth({"a": effect(1, 3), "b": effect(-1, 5)}, {"Ada": 2.0}, unit="euros"),
        [],
    ),
    "plot_verdicts": (
        lambda: plots.plot_verdicts([50, 100], {"Ada": 0.1, "Bo": 0.527}, base=0.4, effect=0.41, guess=70.0),
        [("y", 10.0, "--"), ("y", 52.7, ":"), ("x", 70.0, "--")],
    ),
    "plot_effects": (
        lambda: plots.plot_effects([effect(-1, 3)], marks={"pays": 2.0}),
        [("x", 0, ":"), ("x", 2, "-")],
    ),
    "plot_pvalues": (lambda: plots.plot_pvalues(np.linspace(0, 1, 40), bins=20), [("y", 2, ":")]),
    "plot_intervals": (lambda: plots.plot_intervals(TWO, 0.6), [("y", 0.6, "-")]),
    "plot_coverage": (
        lambda: plots.plot_coverage({"a": ([10, 100], [0.9, 0.92], [0.01, 0.01])}, level=0.9),
        [("y", 90, ":")],
    ),
    "plot_stops": (
        lambda: plots.plot_stops([100, 900], [3.0, 1.0], truth=1.2, final=1_000),
        [("y", 1.2, "-")],
    ),
    "plot_arms": (lambda: plots.plot_arms([1.0, 3], [2.0, 5], unit="minutes"), []),
    "plot_chance": (lambda: plots.plot_chance([-3.0, 0, 3], 2.5, unit="minutes"), [("x", 0, "-")]),
    "plot_gap": (lambda: plots.plot_gap(DAILY), [("y", 0, "-")]),
    "plot_after_win": (lambda: plots.plot_after_win(TESTS), []),
    "plot_early_claims": (
        lambda: plots.plot_early_claims(TESTS, guess=5.0),
        [("y", 1.5, "-"), ("y", 5.0, "--")],
    ),
    "plot_bounds": (
        lambda: plots.plot_bounds(effect_of_days(), ab.stop_rules(2.9, days=5)),
        [("y", 0, "-")],
    ),
    "plot_grid": (lambda: plots.plot_grid(TESTS, day=3, across=2), []),
    "plot_filling": (lambda: plots.plot_filling(TESTS, days=(1, 3)), []),
    "plot_strip": (lambda: plots.plot_strip(2.5, 14.0, guess=40.0), [("y", 0, "-"), ("x", 40, "--")]),
    "plot_wins": (
        lambda: plots.plot_wins([1, 30], [2.5, 14.0], guess=20.0),
        [("y", 2.5, ":"), ("y", 20, "--")],
    ),
    "plot_not_dice": (lambda: plots.plot_not_dice(TESTS, day=2), []),
    "plot_rules": (lambda: plots.plot_rules(ab.stop_rules(2.9, days=5)), []),
    "plot_moved": (lambda: plots.plot_moved({"a": (0.5, 0.1)}, guess=30.0), [("x", 30, "--")]),
    "plot_buckets": (lambda: plots.plot_buckets({100: [1.0, 0.5]}, [0.01, 0.02]), [("y", 50, ":")]),
    "plot_posteriors": (lambda: plots.plot_posteriors({"A": ab.Beta(12, 90), "B": ab.Beta(17, 85)}), []),
    "plot_regret": (lambda: plots.plot_regret(even(), guess=60.0), [("y", 60, "--")]),
    "plot_policies": (lambda: plots.plot_policies({"even": even()}), []),
    "plot_less_shown": (lambda: plots.plot_less_shown(even(), truth=0.15), [("x", 15, "-")]),
    "plot_boundaries": (
        lambda: plots.plot_boundaries({"a": ab.group_sequential(2, alpha=0.1)}, guess=2.2),
        [("y", 1.644854, ":"), ("y", -1.644854, ":"), ("y", 2.2, "--")],
    ),
    "plot_reached": (lambda: plots.plot_reached(*of_few_friends()), []),
    "plot_redesigns": (
        lambda: plots.plot_redesigns({"by user": REDESIGN}, 5.0, guess=3.0),
        [("x", 5.0, "-"), ("x", 3.0, "--")],
    ),
    "plot_spill": (
        lambda: plots.plot_spill(ab.datasets.spill_curve(ab.datasets.word_of_mouth(rng=1), [0, 3])),
        [("y", 0, "-")],
    ),
    "plot_familywise": (
        lambda: plots.plot_familywise(4, alpha=0.1, correlations=[0.0], guess=50.0),
        [("y", 10, ":"), ("y", 50, "--")],
    ),
    "plot_discoveries": (
        lambda: plots.plot_discoveries({"none": discoveries([[True, False]] * 2, [True, False])}, alpha=0.1),
        [("x", 10, ":")],
    ),
    "plot_family": (lambda: plots.plot_family(TWO, TWO, truth=0.7), [("y", 0, ":"), ("y", 0.7, "-")]),
    "plot_power": (
        lambda: plots.plot_power({"a": ab.power(0.5, [50, 100], sd=1.0)}, target=0.9),
        [("y", 0.9, ":")],
    ),
    "plot_weeks": (lambda: plots.plot_weeks(ab.mde_by_week(4_000, p_control=0.1, weeks=[2, 4])), []),
    "plot_repeats": (
        lambda: plots.plot_repeats([1.0, 2, 3], 2.5),
        [("x", 2.5, "-"), ("x", 1.5, ":"), ("x", 3.5, ":")],
    ),
    "plot_segments": (
        lambda: plots.plot_segments(TWO, worth=0.4, truth=0.1),
        [("y", 0.4, ":"), ("y", 0.1, "-")],
    ),
    "plot_hunt": (
        lambda: plots.plot_hunt(ab.datasets.best_of_segments(reps=50, rng=1), guess=6.0),
        [("x", 2.0, "-"), ("x", 6.0, "--")],
    ),
    "plot_difference_test": (lambda: plots.plot_difference_test(3.0, LUCK**2), [("x", 3.0, "--")]),
    "plot_learner": (lambda: plots.plot_learner([1.0, 2], [0.0, 1], [3.0, 4]), []),
    "plot_calibrated": (
        lambda: plots.plot_calibrated(ab.predicted_and_found(LUCK, LUCK, groups=2), worth=0.3),
        [("y", 0.3, ":")],
    ),
    "plot_gain": (lambda: plots.plot_gain(ab.qini([3.0, 2, 1, 0], [1, 0, 0, 0], [1, 0, 1, 0])), []),
    "plot_promises": (lambda: plots.plot_promises(GRID), []),
}


def effect_of_days():
    return Effect("y", np.array([9.0, 1, 1, 1, 1]), np.full(5, 2.0), 9, np.zeros(5), np.zeros(5), 0.5)


def of_few_friends():
    return ab.datasets.word_of_mouth(cities=2, size=4, friends=2, rng=1), {"by city": [0] * 4 + [1] * 4}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_figure_has_its_reference_lines(name):
    """A new figure needs its row: what is drawn over the whole axes, such as zero, truth or a target."""
    call, want = REFERENCES[name]
    near = [(axis, pytest.approx(value, abs=1e-6), stroke) for axis, value, stroke in want]
    assert dotted(call()) == near


def test_a_reference_line_is_drawn_only_where_it_is_given():
    for ax, count in (
        (plots.plot_sequence(PATH), 1),
        (plots.plot_segments(TWO), 0),
        (plots.plot_family(TWO, TWO), 1),
        (plots.plot_memory(10), 1),
        (plots.plot_effects([effect(-1, 3)]), 1),
        (plots.plot_moved({"a": (0.5, 0.1)}), 0),
    ):
        assert len(dotted(ax)) == count


# --- a square is what excludes zero, or alarms; a circle is what does not ---


@pytest.mark.parametrize(
    "low, high, marker", [(-1, 3, "o"), (0.1, 3, "s"), (-3, -0.1, "s"), (0, 3, "o"), (-3, 0, "o")]
)
def test_a_square_excludes_zero(low, high, marker):
    ax = plots.plot_effects([effect(low, high)], scale=10)
    assert marks(ax) == {marker: [(5.0 * (low + high), 0.0)]}
    assert rounded(ax.lines[0].get_xdata()) == [10 * low, 10 * high]
    assert ("1 of 1" in title(plots.plot_effects([effect(low, high)] * 2)).replace("2 of 2", "1 of 1")) == (
        marker == "s"
    )


def test_an_open_end_is_an_arrow_at_the_edge():
    for low, high, arrow, at in ((0.5, np.inf, ">", 1), (-np.inf, 0.5, "<", 0)):
        ax = plots.plot_effects([Effect("y", 0.6, 1.0, 9, low, high, 0.5)])
        found = [line for line in ax.lines if line.get_marker() == arrow]
        assert len(found) == 1 and found[0].get_xdata()[0] == pytest.approx(ax.get_xlim()[at])
    assert not [line for line in plots.plot_effects([effect(-1, 3)]).lines if line.get_marker() in ("<", ">")]


def test_intervals_mark_hits_and_misses_and_may_be_ranked():
    ax = plots.plot_intervals(TWO, 1.0)
    assert marks(ax) == {"o": [(1, 1.0)], "s": [(2, 0.2)]}
    assert strokes(ax) == [((1, 0.5), (1, 1.5)), ((2, -0.3), (2, 0.7))]
    assert marks(plots.plot_intervals(TWO, 1.0, ranked=True)) == {"o": [(2, 1.0)], "s": [(1, 0.2)]}
    for edge in (0.5, 1.5):  # an end that touches holds the truth
        assert 1 in [x for x, _ in marks(plots.plot_intervals(TWO, edge))["o"]]


def test_segments_are_sorted_and_the_best_is_a_square():
    ax = plots.plot_segments(TWO)
    assert marks(ax) == {"o": [(1, 0.2)], "s": [(2, 1.0)]}
    assert rounded(strokes(ax)) == [[[1, -0.3], [1, 0.7]], [[2, 0.5], [2, 1.5]]]
    assert "1 of 2 above 0.4" in title(plots.plot_segments(TWO, worth=0.4))


def test_a_family_is_drawn_alone_and_together():
    wide = Effect("y", TWO.estimate, 0.1, 9, TWO.low - 1, TWO.high + 1, 0.5)
    ax = plots.plot_family(TWO, wide)
    assert marks(ax) == {"x": [(1, 0.2), (2, 1.0)], "s": [(1, 0.2), (2, 1.0)]}
    assert rounded(strokes(ax)) == [
        [[1, -1.3], [1, 1.7]],
        [[2, -0.5], [2, 2.5]],
        [[1, -0.3], [1, 0.7]],
        [[2, 0.5], [2, 1.5]],
    ]
    assert title(ax) == "Alone 1 of 2 intervals exclude zero, together 0"


def test_segments_of_a_sample_ratio_check_alarm_as_squares():
    ax = plots.plot_srm(ab.localise({"a": [50, 50], "b": [90, 9]}, [0.5, 0.5]))
    assert list(marks(ax)) == ["s", "o"] and marks(ax)["o"] == [(1.0, 1.0)]
    assert marks(ax)["s"][0][1] == 0 and "1 of 2" in title(ax)


def test_shares_stand_around_the_plan():
    ax = plots.plot_shares({"a": (70, 30), "b": (650, 350), "c": (300, 700)}, 0.3)
    assert marks(ax) == {"o": [(0.0, 0.0), (5.0, 1.0)], "s": [(40.0, 2.0)]} or marks(ax)["s"][-1] == (
        pytest.approx(40.0),
        2.0,
    )
    assert ax.get_xlim()[1] == pytest.approx(1.25 * 40) and "lie outside" in title(ax)


def test_a_sequence_marks_the_first_look_that_crosses():
    ax = plots.plot_sequence(PATH, scale=10)
    assert marks(ax) == {"s": [(200.0, 8.0)]} and title(ax) == "The interval leaves zero at 200 users"
    never = Path(**{**{k: getattr(PATH, k) for k in PATH.to_dict()}, "crossed": np.zeros(3, bool)})
    ax = plots.plot_sequence(never)
    assert marks(ax) in ({}, {"s": []}) and title(ax) == "No interval leaves zero at any look"
    band = plots.plot_sequence(PATH, scale=10).collections[0].get_paths()[0].vertices
    assert rounded([band[:, 1].min(), band[:, 1].max()]) == [-1, 19]


def test_the_cheapest_width_is_marked():
    ax = plots.plot_price([1, 2, 3], [6.0, 3, 4], [2.0, 2, 2])
    assert marks(ax) == {"s": [(2.0, 1.5)]} and rounded(ax.lines[0].get_ydata()) == [3, 1.5, 2]
    assert "at best 1.50" in title(ax) and ax.get_ylim() == (0, pytest.approx(3.45))


# --- bars of an error, and the points they stand around ---


def test_coverage_has_bars_of_two_errors():
    ax = plots.plot_coverage(
        {"a": ([10, 100], [0.9, 0.94], [0.01, 0.02]), "b": ([10, 100], [0.8, 0.99], [0, 0])}
    )
    assert marks(ax) == {"o": [(10, 90.0), (100, 94.0)], "^": [(10, 80.0), (100, 99.0)]}
    assert rounded(strokes(ax)[:2]) == [[[10, 88], [10, 92]], [[100, 90], [100, 98]]]
    assert "80.0 per cent (b), not 95" in title(ax)
    assert (
        title(plots.plot_coverage({"a": ([10], [0.95], [0.01])})) == "Every curve covers at least 95 per cent"
    )


def test_corrections_have_bars_of_two_errors():
    one = discoveries([[True, True, False], [False, True, False], [False, False, True]], [False, True, True])
    ax = plots.plot_discoveries({"none": one})
    rates = [100 * getattr(one, f) for f in ("any_false", "false_share", "found")]
    assert [marks(ax)[m][0][0] for m in "os^"] == pytest.approx(rates)
    errors = [200 * getattr(one, f"{f}_se") for f in ("any_false", "false_share", "found")]
    assert [b[0] - a[0] for a, b in strokes(ax)] == pytest.approx([2 * e for e in errors])
    nothing = plots.plot_discoveries({"none": discoveries([[True], [False]], [False])})
    assert sorted(marks(nothing)) == ["o", "s"]  # no true effect, no triangle


def test_groups_have_their_intervals_around_the_line_of_equality():
    both = ab.predicted_and_found(LUCK, LUCK + 1, groups=2)
    ax = plots.plot_calibrated(both)
    assert marks(ax)["s"] == [
        (pytest.approx(x), pytest.approx(y)) for x, y in zip(both.predicted, both.found, strict=True)
    ]
    assert rounded([[a[1], b[1]] for a, b in strokes(ax)]) == rounded(np.c_[both.low, both.high])
    x, y = curve(ax.lines[0])
    assert (x == y).all() and ax.lines[0].get_linestyle() == "-" and x[1] >= both.high.max()


def test_one_test_of_each_design_has_its_interval():
    world = ab.datasets.spill_curve(ab.datasets.word_of_mouth(rng=1), [0.0, 4.0])
    ax = plots.plot_spill(world, intervals={"by user": (2, 1.5, 1.0, 2.5), "by city": (2, 4.0, 3.0, 5.5)})
    assert marks(ax) == {"x": [(1.952, 1.5)], "^": [(2.048, 4.0)]}
    assert rounded(strokes(ax)) == [[[1.952, 1.0], [1.952, 2.5]], [[2.048, 3.0], [2.048, 5.5]]]


def test_shrunk_estimates_stand_on_their_intervals():
    found = ab.shrink([Effect.of(x, 1.0) for x in (3.0, -1.0, 0.5, 0.0)])
    ax = plots.plot_shrunk(found, truth=[1.0, 2.0, 3.0, 4.0])
    order = [1, 3, 2, 0]
    assert marks(ax)["s"] == [(pytest.approx([3, -1, 0.5, 0][i]), k + 1) for k, i in enumerate(order)]
    assert marks(ax)["o"] == [(pytest.approx(found.mean[i]), k + 1) for k, i in enumerate(order)]
    assert [a[0] for a, _ in strokes(ax)] == pytest.approx(found.low[order])
    assert [b[0] for _, b in strokes(ax)] == pytest.approx(found.high[order])
    truth = next(line for line in ax.lines if line.get_marker() == "|")
    assert truth.get_xdata().tolist() == [2.0, 4.0, 3.0, 1.0]


def test_policies_and_promises_join_what_they_compare():
    run = even()
    seen = (run.arm == 0).sum(1)
    ax = plots.plot_policies({"even": run, "again": run})
    assert marks(ax)["s"] == [(pytest.approx(seen.mean()), 1.0), (pytest.approx(seen.mean()), 0.0)]
    low, high = np.quantile(seen, [0.05, 0.95], method="inverted_cdf")
    assert strokes(ax)[0] == ((low, 1.0), (high, 1.0))
    ax = plots.plot_promises(GRID)
    assert marks(ax) == {"s": [(7.0, 0.0), (12.0, 1.0)], "D": [(6.0, 0.0), (5.0, 1.0)]}
    assert strokes(ax) == [((6.0, 0.0), (7.0, 0.0)), ((5.0, 1.0), (12.0, 1.0))]
    assert title(ax) == "Flat world, 500 customers: T promises 12.0, true 5.0"


def test_moved_users_are_a_square_with_one_hash_and_a_circle_with_two():
    ax = plots.plot_moved({"a": (0.5, 0.1), "b": (0.7, 0.0)})
    assert marks(ax) == {"s": [(50.0, -0.16), (70.0, 0.84)], "o": [(10.0, 0.16), (0.0, 1.16)]}
    assert strokes(ax) == [
        ((0.0, y), (x, y)) for x, y in ((50.0, -0.16), (10.0, 0.16), (70.0, 0.84), (0.0, 1.16))
    ]
    assert title(ax).startswith("b: one hash moves 70.0%")


# --- days, looks and squares ---


def test_a_gap_marks_wins_up_and_losses_down_inside_its_band():
    ax = plots.plot_gap(DAILY)
    assert marks(ax) == {"^": [(1, 6.0)], "v": [(3, -3.0)]}
    band = ax.collections[0].get_paths()[0].vertices
    assert rounded([band[:, 1].min(), band[:, 1].max()]) == [-4, 4] and not ax.patches
    early = plots.plot_gap(DAILY, until=2)
    assert marks(early) == {"^": [(1, 6.0)]} or marks(early)["v"] == []
    assert early.patches[0].get_x() == 2.5 and early.lines[1].get_xdata().tolist() == [1, 2]
    assert not plots.plot_gap(DAILY, band=False).collections


def test_winners_are_followed_from_their_first_win():
    ax = plots.plot_after_win(TESTS)
    assert [curve(line)[0].tolist() for line in curves(ax)] == [[2, 3], [1, 2, 3]]
    assert rounded(curve(curves(ax)[0])[1]) == [round(4 / 3.5, 6), 1.2]
    assert marks(ax)["^"] == [(2, pytest.approx(4 / 3.5)), (1, 1.2)]
    assert [line.get_color() for line in curves(ax)] == ["#D55E00", "#767676"]
    assert title(ax) == "Of 100 useless winners, 50 are still winning on day 3"
    assert len(curves(plots.plot_after_win(TESTS, until=1))) == 1


def test_early_claims_are_points_with_the_mean_of_five_days():
    ax = plots.plot_early_claims(TESTS, early=1)
    assert marks(ax) == {"^": [(2, 4.0), (1, 6.0)], "o": [(2.0, 5.0)]}
    assert title(ax) == "Wins of the first 1 days claim 6.0 minutes; the truth is 1.5"


def test_a_grid_has_a_mark_for_each_alarm():
    ax = plots.plot_grid(TESTS, day=3, across=2)
    assert marks(ax) == {"^": [(0, 0), (0, -1)], "v": [(1, 0)]}
    assert marks(plots.plot_grid(TESTS, day=3, across=2, every_day=False))["^"] == [(0, 0)]
    assert marks(plots.plot_grid(TESTS, day=2, across=2)) in ({"^": [(0, 0), (0, -1)], "v": []},)
    assert "1 win, 1 loss in 4" in title(plots.plot_grid(TESTS, day=3, every_day=False))
    first, second = plots.plot_filling(TESTS, days=(1, 3)).figure.axes
    assert marks(first)["^"] == [(2, 0)] and marks(second) == {"^": [(0, 0), (2, 0)], "v": [(1, 0)]}
    assert [a.get_xlabel() for a in (first, second)] == ["1 won, 0 lost", "2 won, 1 lost"]


def test_bounds_of_each_rule_stand_on_both_sides():
    rules, daily = ab.stop_rules(2.9, days=5), effect_of_days()
    ax = plots.plot_bounds(daily, rules)
    for rule, pair in zip(rules.bound, zip(ax.lines[:8:2], ax.lines[1:8:2], strict=True), strict=True):
        looks = np.isfinite(rule)
        for line, side in zip(pair, (1, -1), strict=True):
            assert line.get_xdata().tolist() == (np.flatnonzero(looks) + 1).tolist()
            np.testing.assert_allclose(line.get_ydata(), side * 2 * rule[looks])
    assert ax.lines[8].get_ydata().tolist() == [9, 1, 1, 1, 1]
    assert [line.get_marker() for line in ax.lines[:8:2]] == ["o", "", "", ""]
    assert "peek every day ends on day 1" in title(ax) and "no alarm from" in title(ax)


def test_looks_are_not_dice():
    looks, dice = plots.plot_not_dice(TESTS, day=2).figure.axes
    score = TESTS.gap / TESTS.band
    assert marks(looks)["s"] == [
        (0.0, pytest.approx(-1.2))
    ]  # the second test: quiet on day 2, a loss on day 3
    every = sorted(y for places in marks(dice).values() for _, y in places)
    assert every == pytest.approx(sorted(score[:, 2]))
    assert all(
        panel.patches[0].get_x() == -1 and panel.patches[0].get_width() == 2 for panel in (looks, dice)
    )
    assert title(looks) == "Looks: 1 new alarms in 4"


def test_rules_are_bars_in_per_cent_and_days():
    rules = ab.stop_rules(2.9, days=5)
    false, power, days = plots.plot_rules(rules).figure.axes
    for panel, values in ((false, 100 * rules.false_wins), (power, 100 * rules.power), (days, rules.days)):
        assert [bar.get_width() for bar in panel.patches] == pytest.approx(values)
        assert [bar.get_y() + 0.31 for bar in panel.patches] == pytest.approx([3, 2, 1, 0])
    grey = [bar.get_facecolor()[0] == bar.get_facecolor()[2] for bar in false.patches]
    assert grey == [False, False, False, True]


def test_wins_and_alarms_are_two_lines_with_counted_points():
    ax = plots.plot_wins([1, 30], [2.5, 14.0], counted=[2.0, 15.0])
    assert rounded(ax.lines[0].get_ydata()) == [5, 28] and rounded(ax.lines[1].get_ydata()) == [2.5, 14]
    assert marks(ax) == {"^": [(1, 2.0), (30, 15.0)]}
    ax = plots.plot_strip(2.5, 14.0)
    assert marks(ax) == {"o": [(2.5, 0)], "^": [(14.0, 0)]}


def test_two_arms_have_their_means():
    ax = plots.plot_arms([1.0, 3.0], [2.0, 5.0], unit="minutes")
    means = [rounded(line.get_xdata()) for line in ax.lines if line.get_color() == "black"]
    assert means == [[2, 2], [3.5, 3.5]] and [text.get_text() for text in ax.texts] == [
        "mean 2.0",
        "mean 3.5",
    ]
    heights = [line.get_ydata() for line in ax.lines if line.get_marker() == "o"]
    assert all(abs(h - place).max() <= 0.28 for place, h in enumerate(heights))


def test_the_chance_band_and_both_shares_outside():
    ax = plots.plot_chance([-3.0, -2.5, 0.0, 0.1, 3.0], 2.0, unit="minutes")
    assert (ax.patches[0].get_x(), ax.patches[0].get_width()) == (-2, 4)
    assert [t.get_text() for t in ax.texts][1:] == ["wins\n20.0%", "losses\n40.0%"]
    assert marks(ax)["^"][0][0] == 3 and marks(ax)["v"][0][0] == -3


def test_pvalues_below_five_per_cent_have_the_colour_of_an_alarm():
    ax = plots.plot_pvalues(np.r_[np.full(5, 0.01), np.linspace(0, 1, 35)], bins=20)
    colours = [bar.get_facecolor()[0] > 0.5 for bar in ax.patches]
    assert colours == [True] + [False] * 19


# --- lines against n, share, correlation ---


def test_lines_of_saving_weeks():
    ax = plots.plot_weeks_left([0, 0.5, 1], 4, 0.5)
    assert rounded(ax.lines[0].get_ydata()) == [4, 3, 0] and marks(ax) == {"o": [(0.5, 3.0)]}
    assert rounded(curve(ax.lines[1])) == [[0.5, 0.5, 0], [0, 3, 3]]
    ax = plots.plot_past([0, 4], [1, 0.7], [1, 0.6], 1, weeks=3)
    assert rounded(curve(ax.lines[0])[1]) == [3, 1.8] and marks(ax) == {"s": [(4, pytest.approx(2.1))]}
    ax = plots.plot_centres([0.5, 0.9], [0.05, 0.06], [0.1, 0.4])
    assert marks(ax) == {"s": [(0.5, 5.0), (0.9, 6.0)], "x": [(0.5, 10.0), (0.9, 40.0)]}
    ax = plots.plot_cloud([1.0, 2, 3, 4], [2.0, 4, 6, 8])
    assert marks(ax) == {"o": [(1, 2), (2, 4), (3, 6), (4, 8)]}
    assert rounded(curve(ax.lines[1])) == [[1, 4], [2, 8]]
    ax = plots.plot_gains({"a": (effect(0, 2), effect(0, 1)), "b": (effect(0, 4), effect(0, 3))})
    assert [bar.get_width() for bar in ax.patches] == [50, 75] and "50 to 75%" in title(ax)


def test_lines_of_many_tests():
    ax = plots.plot_memory(10, mark=3)
    want = [100 * (1 - 0.975**k) for k in range(1, 11)]
    assert [y for _, y in marks(ax)["s"]] == pytest.approx(want) and marks(ax)["o"] == [
        (3, pytest.approx(want[2]))
    ]
    assert "Best of 3" in title(ax) and ax.get_ylim()[1] == pytest.approx(1.1 * want[-1])
    ax = plots.plot_familywise(4, alpha=0.1, correlations=[0.0], mark=2)
    assert curve(ax.lines[0])[1].tolist() == pytest.approx([100 * (1 - 0.9**k) for k in range(1, 5)])
    assert marks(ax) == {"o": [(2, pytest.approx(19.0))]} and "19.0" in title(ax)
    ax = plots.plot_false_wins(power=0.5, alpha=0.1, mark=0.2)
    false = 100 * 0.8 * 0.05 / (0.8 * 0.05 + 0.2 * 0.5)
    assert marks(ax) == {"o": [(20, pytest.approx(false))]}
    x, y = curve(ax.lines[0])
    np.testing.assert_allclose(y, 100 / (1 + x / (100 - x) * 0.5 / 0.05))
    table = plots.plot_win_table(good=[0.1, 0.2], power=[0.5, 0.8])
    assert [t.get_text() for t in table.texts] == ["31", "22", "17", "11"]


def test_ideas_are_squares_of_four_kinds():
    ax = plots.plot_ideas(ab.win_ledger(good=0.2, power=0.5, alpha=0.1, tests=200))
    kinds = [patch.get_facecolor()[:3] for patch in ax.patches]
    sizes = [kinds.count(kind) - 1 for kind in dict.fromkeys(kinds)]  # one of each is the legend
    assert sizes == [10, 10, 4, 76] and title(ax) == "14 wins expected, 4 of them false"
    assert [t.get_text() for t in ax.texts[:25:5]] == ["✓", "✓", "–", "–", "!"]


def test_lines_of_power_and_weeks():
    plan = ab.power(0.5, [50, 100], sd=1.0)
    ax = plots.plot_power({"a": plan, "b": plan}, mark=100)
    assert rounded(ax.lines[0].get_ydata()) == rounded(plan.power) and len(curves(ax)) == 2
    assert marks(ax) == {"o": [(100, pytest.approx(plan.power[1]))]} and ax.get_xscale() == "log"
    assert plots.plot_power({"a": plan}, log=False).get_xscale() == "linear"
    weeks = ab.mde_by_week(4_000, p_control=0.1, weeks=[2, 4])
    assert marks(plots.plot_weeks(weeks)) == {
        "s": [(2, pytest.approx(weeks.effect[0])), (4, pytest.approx(weeks.effect[1]))]
    }
    assert marks(plots.plot_weeks(weeks, baseline=0.1))["s"][0][1] == pytest.approx(1_000 * weeks.effect[0])


def test_bounds_of_success_and_of_giving_up():
    plan = ab.group_sequential(3, sides=1, alpha=0.025, futility="obrien_fleming")
    works, gives_up, z = plots.plot_boundaries({"p": plan}, path=[0.5, 1.1]).lines[:3]
    np.testing.assert_allclose(curve(works), (plan.fraction, plan.upper))
    np.testing.assert_allclose(curve(gives_up), (plan.fraction, plan.lower))
    np.testing.assert_allclose(curve(z), (plan.fraction[:2], [0.5, 1.1]))
    assert [line.get_marker() for line in (works, gives_up, z)] == ["s", "o", "D"]


def test_friends_who_are_reached_have_a_ring():
    world, arms = of_few_friends()
    ax = plots.plot_reached(world, arms)
    treated = np.array(arms["by city"]) == 1
    reached = ~treated & (world.links @ treated.astype(int) > 0)
    people = [line for line in ax.lines if line.get_marker() in "so"]
    assert [len(line.get_xdata()) for line in people] == [
        treated.sum(),
        (~treated & ~reached).sum(),
        reached.sum(),
    ]
    assert [line.get_marker() for line in people] == ["s", "o", "o"]
    assert len(ax.lines) - 3 == world.links.nnz // 2  # a line for each pair of friends
    assert people[2].get_markeredgecolor() == "#D55E00" and people[1].get_markeredgecolor() != "#D55E00"


def test_a_run_has_its_mean_and_its_band():
    run = even()
    seen = (run.arm == 0).cumsum(1)
    ax = plots.plot_regret(run)
    at, mean = curve(curves(ax)[-1])
    np.testing.assert_allclose(mean, seen.mean(0)[at.astype(int) - 1])
    band = ax.collections[0].get_paths()[0].vertices
    low, high = np.quantile(seen[:, -1], [0.05, 0.95], method="inverted_cdf")
    ends = band[band[:, 0] == at[-1], 1]
    assert (ends.min(), ends.max()) == (low, high) and f"more than {high:,.0f}" in title(ax)


def test_posteriors_are_densities_around_their_mode():
    ax = plots.plot_posteriors({"A": ab.Beta(12, 90), "B": ab.Beta(17, 85)})
    for line, (a, b) in zip(curves(ax), ((12, 90), (17, 85)), strict=True):
        x, y = curve(line)
        assert x[y.argmax()] == pytest.approx(100 * (a - 1) / (a + b - 2), abs=0.3)
        assert np.trapezoid(y, x) == pytest.approx(1, abs=0.01)


def test_the_gain_is_drawn_against_a_ranking_by_lot():
    found = ab.qini([3.0, 2.0, 1.0, 0.0], [1, 0, 0, 0], [1, 0, 1, 0])
    ax = plots.plot_gain(found)
    np.testing.assert_allclose(curve(ax.lines[0]), (100 * found.share, found.gain))
    assert rounded(curve(ax.lines[1])) == rounded([[0, 100], [0, found.gain[-1]]])


def test_a_learner_is_dots_against_the_true_line():
    ax = plots.plot_learner([2.0, 1.0], [5.0, 6.0], [3.0, 4.0])
    assert marks(ax) == {"s": [(1, 4), (2, 3)]} and rounded(curve(ax.lines[1])) == [[1, 2], [6, 5]]
    many = plots.plot_learner(np.arange(400.0), np.zeros(400), np.ones(400))
    assert len(marks(many)["s"]) == 150 and len(many.lines[1].get_xdata()) == 400


@pytest.mark.parametrize("kind", ["first", "again"])
def test_a_hunt_has_the_truth_and_one_heap_or_two(kind):
    hunt = ab.datasets.best_of_segments(reps=200, rng=1)
    ax = plots.plot_hunt(hunt, again=kind == "again")
    counts = [bar.get_height() for bar in ax.patches]
    assert sum(counts) == 200 * (1 + (kind == "again")) and dotted(ax) == [("x", 2.0, "-")]


def test_histograms_count_every_value():
    assert sum(bar.get_height() for bar in plots.plot_repeats(LUCK, 0.0).patches) == 500
    assert sum(bar.get_height() for bar in plots.plot_difference_test(3.0, LUCK**2).patches) == 500
    assert sum(bar.get_height() for bar in plots.plot_redesigns({"by user": REDESIGN}, 5.0).patches) == 30
    assert "in 9 of 100" in title(plots.plot_difference_test(3.0, [*[1.0] * 10, 3.0]))


def test_spreads_are_heaps_one_above_the_other():
    ax = plots.plot_spreads({"a": [1.0, 3, 5, 3], "b": [2.0, 3, 4, 3]}, 3.0)
    tall = [bar for bar in ax.patches if bar.get_height() > 0]
    assert {bar.get_y() for bar in tall} == {0, 1} and max(bar.get_height() for bar in tall) == 0.8
    assert "from 1.6 to 0.8 minutes" in title(ax)


def test_claims_stand_at_their_users():
    ax = plots.plot_stops([100, 900], [3.0, 1.0], truth=1.2, final=1_000)
    assert marks(ax) == {"s": [(100, 3.0), (900, 1.0)]} and ax.get_xlim() == (0, 1_050)
    assert title(ax) == "2 significant tests claim 2.00 on average; truth 1.2"


# --- reports of three arms ---


@pytest.fixture(scope="module")
def three():
    arms = {
        "old": ab.Moments.counts(100, 1_000),
        "new": ab.Moments.counts(150, 1_000),
        "other": ab.Moments.counts(95, 1_000),
    }
    other = {
        name: ab.Moments.summary(1_000, mean, 2.0)
        for name, mean in (("old", 5.0), ("new", 4.9), ("other", 5.3))
    }
    table = {"sold": arms, "minutes": other}
    metrics = (ab.Metric("sold", "proportion"), ab.Metric("minutes", role="guardrail", margin=0.2))
    return ab.analyze(table, ab.Analysis("arm", "old", metrics))


@pytest.mark.parametrize("arm, sold, minutes", [("new", 0.05, -0.1), ("other", -0.005, 0.3)])
def test_a_report_of_three_arms_draws_the_arm_that_is_asked_for(three, arm, sold, minutes):
    axes = three.plot(arm=arm)
    assert [round(ax.lines[0].get_xdata().mean(), 2) for ax in axes][1] == pytest.approx(minutes, abs=0.01)
    lines = [line for line in three.lines if line.arm == arm]
    for ax, line in zip(axes, lines, strict=True):
        e = line.effect
        ends = ax.lines[0].get_xdata()
        left, right = ax.get_xlim()
        assert list(ends) == pytest.approx([max(e.low, left), min(e.high, right)])
        square = e.low > 0 or e.high < 0
        assert marks(ax) == {"s" if square else "o": [(pytest.approx(e.estimate), 0.0)]}
        assert dotted(ax) == [("x", 0.0, ":")] and ax.get_xlabel() == f"{arm} − old"
    assert lines[0].effect.estimate == pytest.approx(sold)
    harm = [(p.get_x(), p.get_width()) for ax in axes for p in ax.patches]
    assert (
        len(harm) == 1 and harm[0][0] + harm[0][1] == pytest.approx(-0.2) or harm[0][0] == pytest.approx(-0.2)
    )
    assert axes[0].figure.get_suptitle() == f"{arm}: {three.decisions[arm].action}"


def test_a_report_of_three_arms_asks_which_one(three):
    with pytest.raises(ValueError, match="`arm` must be one of 'new', 'other'; got None"):
        three.plot()
    with pytest.raises(ValueError, match="`arm` must be one of 'new', 'other'; got 'old'"):
        plots.plot_report(three, arm="old")
    with pytest.raises(ValueError, match="`axes` must hold one of each metric, 2; got 1"):
        plots.plot_report(three, arm="new", axes=[style.axes_or_new(None)])
