"""Figures: asserted on the artists, never on pixels."""

from __future__ import annotations

import importlib
import os

import numpy as np
import pytest
from scipy import stats

import abkit as ab
from abkit import Analysis, Metric, Moments, analyze, plots
from abkit.plots import plot_report, style

SEED = int(os.environ.get("ABKIT_SEED", "0"))
COUNTS = {"ios": (500, 500), "android": (5000, 4300), "web": (700, 690)}


def points(ax):
    return [line for line in ax.lines if line.get_marker() in "os" and len(line.get_xdata()) == 1]


def test_names_survive_the_import_of_every_module():
    for module in ("style", "sample_ratio", "effects"):
        importlib.import_module(f"abkit.plots.{module}")
    assert all(callable(getattr(plots, name)) for name in plots.__all__)
    assert callable(ab.srm)


def test_plot_srm_shows_each_pvalue_of_scipy():
    ax = plots.plot_srm(ab.localise(COUNTS, [0.5, 0.5]))
    got = {t.get_text(): p.get_xdata()[0] for t, p in zip(ax.get_yticklabels(), points(ax), strict=True)}
    for name, pair in COUNTS.items():
        assert got[name] == pytest.approx(stats.chisquare(pair).pvalue, rel=1e-9)  # the same formula


def test_plot_srm_marks_an_alarm_by_shape_as_well_as_colour():
    marks = [(p.get_marker(), p.get_color()) for p in points(plots.plot_srm(ab.localise(COUNTS, [0.5, 0.5])))]
    assert marks == [("s", "#D55E00"), ("o", "#0072B2"), ("o", "#0072B2")]


def test_share_bar_ends_where_the_check_rejects():
    rng = np.random.default_rng(SEED)
    share, n = rng.uniform(0.1, 0.9), 10_000
    for treated in np.round(n * share + n * rng.uniform(-0.03, 0.03, 40)).astype(int):
        ax = plots.plot_shares({"all": (n - treated, treated)}, share)
        alarm = stats.chisquare([n - treated, treated], [n * (1 - share), n * share]).pvalue < 0.001
        assert (points(ax)[-1].get_marker() == "s") == alarm


def test_each_row_may_have_its_own_alpha():
    ax = plots.plot_shares(COUNTS, 0.5, alpha=[0.001, 0.01, 0.05])
    halves = [bar.get_width() / 2 for bar in ax.patches]
    for half, alpha, pair in zip(halves, (0.001, 0.01, 0.05), COUNTS.values(), strict=True):
        assert half == pytest.approx(
            50 * stats.norm.isf(alpha / 2) / np.sqrt(sum(pair))
        )  # the binomial's normal range
    assert "grey: no alarm" in ax.get_xlabel() and "at 0" not in ax.get_xlabel()
    assert plots.plot_shares(COUNTS, 0.5).get_xlabel().endswith("grey: no alarm at 0.001")
    with pytest.raises(ValueError, match="`alpha`"):
        plots.plot_shares(COUNTS, 0.5, alpha=[0.001, 0.01])


def test_shares_are_drawn_on_the_given_axes_and_labelled():
    ax = style.axes_or_new(None)
    assert plots.plot_shares(COUNTS, 0.5, ax=ax) is ax
    assert "percentage points" in ax.get_xlabel()


def test_effects_show_estimate_interval_and_zero():
    effect = ab.welch([1.0, 2.0, 3.0], [2.0, 3.0, 4.5])
    ax = plots.plot_effects([effect], unit="minutes")
    assert ax.lines[0].get_xdata() == pytest.approx([effect.low, effect.high])
    assert points(ax)[0].get_xdata() == pytest.approx([effect.estimate])


def test_effects_are_counted_against_what_pays():
    effects = [ab.Effect.of(2.0, 0.5, label="a"), ab.Effect.of(1.2, 0.5, label="b")]
    ax = plots.plot_effects(effects, against=0.5)
    assert ax.get_title(loc="left") == "1 of 2 intervals exclude 0.5"
    assert [line.get_marker() for line in points(ax)] == ["s", "o"]
    assert plots.plot_effects(effects).get_title(loc="left") == "2 of 2 intervals exclude zero"


def test_a_one_sided_effect_ends_in_an_arrow():
    effect = ab.welch([1.0, 2.0, 3.0], [2.0, 3.0, 4.5], alternative="greater")
    assert any(line.get_marker() == ">" for line in plots.plot_effects(effect).lines)


@pytest.mark.parametrize(
    "call",
    [
        lambda: plots.plot_srm({}),
        lambda: plots.plot_effects([]),
        lambda: plots.plot_shares({"a": (0, 0)}, 0.5),
        lambda: plots.plot_shares(COUNTS, 50),
        lambda: style.role("purple"),
    ],
)
def test_bad_input_is_refused_with_the_parameter_in_backticks(call):
    with pytest.raises(ValueError, match="`"):
        call()


def test_every_role_differs_in_marker_and_colour():
    roles = [style.role(name) for name in style.ROLES]
    for key in ("color", "marker", "linestyle"):
        assert len({str(r[key]) for r in roles}) >= len(roles) - (key == "linestyle")
    assert style.role("control")["color"] == "#0072B2" and style.role("treatment")["color"] == "#D55E00"


def test_no_global_state_is_needed():
    figure = style.new_figure()
    assert figure.get_figwidth() == 7 and figure.canvas.manager is None


def test_effects_may_be_scaled_to_points_and_marked_with_a_break_even():
    effect = ab.proportions(Moments.counts(30, 100), Moments.counts(60, 100))
    ax = plots.plot_effects(effect, unit="points", scale=100, marks={"pays": 20.0})
    assert ax.lines[0].get_xdata() == pytest.approx([100 * effect.low, 100 * effect.high])
    assert [list(line.get_xdata()) for line in ax.lines[-2:]] == [[0, 0], [20, 20]] and ax.texts[
        0
    ].get_text() == "pays"


def shop_report(**options):
    arms = {
        "cart": {"old": Moments.counts(500, 5_000), "new": Moments.counts(560, 5_000)},
        "load": {"old": Moments.summary(5_000, 320.0, 40.0), "new": Moments.summary(5_000, 340.0, 40.0)},
    }
    metrics = (Metric("cart", "proportion"), Metric("load", direction="down", margin=10, role="guardrail"))
    return analyze(arms, Analysis("arm", "old", metrics, **options))


def test_a_report_draws_each_difference_around_itself_and_the_harm_in_grey():
    report = shop_report()
    axes = report.plot()
    assert [ax.get_title(loc="left") for ax in axes] == ["cart: +0.012", "load: +20"]
    for ax, line in zip(axes, report.lines, strict=True):
        interval, estimate, zero = ax.get_lines()
        assert list(interval.get_xdata()) == [line.effect.low, line.effect.high] and list(
            estimate.get_xdata()
        ) == [line.effect.estimate]
        assert list(zero.get_xdata()) == [0, 0]
    assert len(axes[0].patches) == 0 and axes[1].patches[0].get_x() == 10  # grey from the margin on
    assert axes[0].figure.get_suptitle() == "new: stop"


def test_a_report_without_effects_or_with_several_arms_says_what_it_needs():
    with pytest.raises(ValueError, match="`report` must show effects; got none: old 5,000"):
        plot_report(shop_report(expect={"old": 0.9, "new": 0.1}))
    with pytest.raises(ValueError, match="`arm` must be one of 'new'; got 'old'"):
        plot_report(shop_report(), arm="old")
    with pytest.raises(ValueError, match="`axes` must hold one of each metric, 2; got 1"):
        plot_report(shop_report(), axes=[style.axes_or_new(None)])


GUESSED = {  # figures that take a guess, and the guesses that a reader may make
    "looks": (
        lambda g: plots.plot_wins([1, 5, 10, 30, 60, 100], [2.5, 7.1, 9.7, 14.0, 16.7, 18.7], guess=g),
        np.linspace(0, 100, 21),
    ),
    "claims": (
        lambda g: plots.plot_early_claims(ab.datasets.running_tests(500, lift=1.5, rng=7), guess=g),
        np.linspace(0, 10, 11),
    ),
    "metrics": (lambda g: plots.plot_familywise(40, mark=20, guess=g), np.linspace(0, 100, 21)),
    "bounds": (
        lambda g: plots.plot_boundaries(
            {
                "Pocock": ab.group_sequential(5, design="pocock"),
                "O'Brien-Fleming": ab.group_sequential(5, design="obrien_fleming"),
            },
            guess=g,
        ),
        np.linspace(1, 6, 21),
    ),
    "width": (
        lambda g: plots.plot_price(
            np.geomspace(100, 1e5, 50), np.linspace(3.4, 1.6, 50), np.ones(50), guess=g
        ),
        np.linspace(1, 10, 19),
    ),
}


@pytest.mark.parametrize("name", GUESSED)
def test_the_name_of_a_guess_hides_no_other_text_and_stays_on_the_axes(name):
    plot, guesses = GUESSED[name]
    for g in guesses:
        ax = plot(g)
        ax.figure.canvas.draw()
        mine, *others = [t.get_window_extent() for t in (ax.texts[-1], *ax.texts[:-1]) if t.get_text()]
        assert ax.texts[-1].get_text() == "your guess" and ax.texts[-1].get_bbox_patch().get_facecolor()[
            :3
        ] == (1, 1, 1)
        assert not any(mine.overlaps(other) for other in others), g
        frame = ax.get_window_extent()
        assert frame.x0 <= mine.x0 and mine.x1 <= frame.x1, g
        line = ax.lines[-1]
        assert (
            line.get_linestyle() == "--"
            and line.get_color() == "black"
            and line.get_ydata()[0] == pytest.approx(g)
        )
        low, high = ax.get_ylim()
        assert low <= line.get_ydata()[0] <= high  # the axis reaches every guess


def test_a_guess_may_be_vertical_or_none_and_a_log_axis_is_stretched():
    ax = style.axes_or_new(None)
    ax.loglog([1, 1_000], [3, 1])
    style.guess(ax, None)
    style.guess(ax, 0.0)  # a log axis has no zero
    assert len(ax.lines) == 1
    style.guess(ax, 50_000, vertical=True)
    assert ax.lines[-1].get_xdata()[0] == 50_000 < ax.get_xlim()[1] and ax.get_xlim()[0] < 1
    ax.invert_yaxis()
    style.guess(ax, 10)
    assert ax.get_ylim()[0] > ax.get_ylim()[1] and ax.get_ylim()[0] > 10


def test_bounds_are_named_where_they_start():
    plan = ab.group_sequential(5, sides=1, alpha=0.025, futility="obrien_fleming")
    ax = plots.plot_boundaries({"both": plan})
    assert [t.get_text() for t in ax.texts] == ["stop: it works", "stop: give up", "one look: 1.96"]
    works, gives_up = ax.lines[:2]
    assert works.get_color() != gives_up.get_color() and gives_up.get_linewidth() == works.get_linewidth()
    assert ax.get_legend() is None
    several = plots.plot_boundaries(
        {"a": ab.group_sequential(3, alpha=0.1), "b": ab.group_sequential(3, alpha=0.1, design="pocock")},
        path=[0.5, 1.1],
    )
    assert [t.get_text() for t in several.texts] == ["a", "b", "observed z", "one look: ±1.64"]
    assert several.lines[2].get_ydata().tolist() == [0.5, 1.1]


def test_a_sequence_is_drawn_by_user_or_by_look():
    known = ab.estimate.Path(np.array([1, 2]), np.array([500, 1_000]), *np.ones((5, 2)), np.zeros(2, bool))
    unknown = ab.estimate.Path(np.array([1, 2]), np.full(2, np.nan), *np.ones((5, 2)), np.zeros(2, bool))
    for path, by, x, label in (
        (known, "users", [500, 1_000], "users in both arms"),
        (known, "look", [1, 2], "look"),
        (unknown, "users", [1, 2], "look"),
    ):
        ax = plots.plot_sequence(path, by=by)
        assert ax.lines[0].get_xdata().tolist() == x and ax.get_xlabel() == label
    with pytest.raises(ValueError, match="`by`"):
        plots.plot_sequence(known, by="days")
