"""Every figure of the package says what it shows: title, alt text and table, from its own numbers."""

from __future__ import annotations

import doctest
import sys
from functools import cache

import numpy as np
import pytest

import abkit as ab
from abkit import Analysis, Metric, Moments, analyze, plots
from abkit.inference.families import discoveries
from abkit.plots.showing import Shown, description, title_of
from abkit.plots.style import FONT

RNG = np.random.default_rng(7)
ARMS = ("control", "treatment")
LOOKS = [1, 2, 5, 10, 20, 30, 60, 100]
RATES = [0.05, 0.083, 0.142, 0.193, 0.248, 0.28, 0.34, 0.374]
WEEK = {"ios": (500, 500), "android": (5000, 4300), "web": (700, 690)}
EFFECTS = ab.welch(Moments.of(RNG.normal(size=(40, 50))), Moments.of(RNG.normal(size=(40, 50))))
USELESS, RULES = ab.datasets.running_tests(100, rng=7), ab.stop_rules(2.9)
DAILY = ab.effects_at_looks(ab.datasets.audiobook_test(9), looks=range(1, 31), metric="minutes")
FAMILY = ab.z_test(Moments.summary([50] * 6, 1.0, 1.0), Moments.summary([50] * 6, 1 + np.arange(6) / 9, 1.0))


def reported():
    arms = {"old": Moments.counts(100, 1000), "new": Moments.counts(150, 1000)}
    return analyze(arms, Analysis("arm", "old", (Metric("sold", "proportion"),)))


def followed():
    return ab.msprt(ab.welch(*ab.datasets.looks_world(30, 100, effect=3.0, sd=20.0)(RNG, 1)), tau=2.0)


def bandits(policy, rates):
    return ab.run(policy, rates, horizon=200, reps=60, rng=7)


def one(path):
    return type(path)(**{k: v if np.ndim(v) < 2 else v[0] for k, v in path.to_dict().items()})


FIGURES = {
    "plot_sequence": lambda: plots.plot_sequence(one(followed()), truth=3.0, unit="minutes"),
    "plot_price": lambda: plots.plot_price([100, 200, 400], [4.0, 3.0, 3.2], [2.0, 2.0, 2.0]),
    "plot_srm": lambda: plots.plot_srm(ab.localise(WEEK, [0.5, 0.5])),
    "plot_shares": lambda: plots.plot_shares(WEEK, 0.5),
    "plot_effects": lambda: plots.plot_effects(
        ab.proportions(Moments.counts(30, 100), Moments.counts(60, 100)), unit="points", scale=100
    ),
    "plot_report": lambda: plots.plot_report(reported())[0],
    "plot_pvalues": lambda: plots.plot_pvalues(RNG.random(2_000)),
    "plot_intervals": lambda: plots.plot_intervals(EFFECTS, unit="minutes"),
    "plot_draws": lambda: plots.plot_draws(RNG.normal(0.4, 0.3, 70), 0.425, first=0.27, unit="euros"),
    "plot_extreme": lambda: plots.plot_extreme(RNG.normal(0, 0.3, 2_000), 0.27, unit="euros"),
    "plot_coverage": lambda: plots.plot_coverage(
        {
            "normal": ([10, 100], [0.95, 0.951], [0.002, 0.002]),
            "skewed": ([10, 100], [0.9, 0.94], [0.002] * 2),
        }
    ),
    "plot_stops": lambda: plots.plot_stops(
        RNG.uniform(100, 3_000, 300), RNG.normal(2, 1, 300), truth=1.5, final=3_000, unit="minutes"
    ),
    "plot_arms": lambda: plots.plot_arms(RNG.random(50), RNG.random(50), unit="minutes"),
    "plot_chance": lambda: plots.plot_chance(USELESS.gap[:, 0], USELESS.band[0], unit="minutes"),
    "plot_gap": lambda: plots.plot_gap(DAILY),
    "plot_after_win": lambda: plots.plot_after_win(USELESS),
    "plot_early_claims": lambda: plots.plot_early_claims(ab.datasets.running_tests(500, lift=1.5, rng=7)),
    "plot_bounds": lambda: plots.plot_bounds(DAILY, RULES),
    "plot_grid": lambda: plots.plot_grid(USELESS, day=30),
    "plot_filling": lambda: plots.plot_filling(USELESS),
    "plot_strip": lambda: plots.plot_strip(2.5, 14.0, guess=40.0),
    "plot_wins": lambda: plots.plot_wins(LOOKS, 50 * np.array(RATES)),
    "plot_not_dice": lambda: plots.plot_not_dice(USELESS),
    "plot_rules": lambda: plots.plot_rules(RULES, lift="1.5 minutes"),
    "plot_moved": lambda: plots.plot_moved({"10% to 50%": (0.5, 0.0), "10% to 100%": (0.4, 0.0)}),
    "plot_buckets": lambda: plots.plot_buckets({100: [1.0, 0.5], 10_000: [0.5, 0.5]}, [0.01, 0.02]),
    "plot_positions": lambda: plots.plot_positions(
        np.arange(10) / 100, {f"week {k}": np.where(np.arange(10) < 5 * k, *ARMS) for k in (1, 2)}
    ),
    "plot_origins": lambda: plots.plot_origins(list(ARMS) + ["out", "out"], [ARMS[0]] * 2 + list(ARMS)),
    "plot_readings": lambda: plots.plot_readings(ab.datasets.lesson_repeats(50, rng=7), truth=3.0, worth=3.5),
    "plot_squares": lambda: plots.plot_squares(
        {"One salt": (RATES, RATES), "Own salts": (RATES, RATES[::-1])}, names=("reminder", "colour")
    ),
    "plot_together": lambda: plots.plot_together(
        np.arange(40) % 2, np.arange(40) % 4 > 1, RNG.random(40), names=("reminder", "colour")
    ),
    "plot_boundaries": lambda: plots.plot_boundaries(
        {"Pocock": ab.group_sequential(5, design="pocock"), "O'Brien-Fleming": ab.group_sequential(5)}
    ),
    "plot_familywise": lambda: plots.plot_familywise(40, mark=20),
    "plot_discoveries": lambda: plots.plot_discoveries(
        {
            name: discoveries(RNG.random((50, 4)) < 0.3, [False, False, True, True])
            for name in ("none", "Holm")
        }
    ),
    "plot_family": lambda: plots.plot_family(FAMILY, ab.simultaneous(FAMILY), truth=0.0, unit="minutes"),
    "plot_posteriors": lambda: plots.plot_posteriors({"A": ab.Beta(12, 90), "B": ab.Beta(17, 85)}),
    "plot_regret": lambda: plots.plot_regret(bandits(ab.Thompson(2), [0.1, 0.3]), guess=90.0),
    "plot_policies": lambda: plots.plot_policies(
        {"even split": bandits(ab.EvenSplit(2), [0.1, 0.3]), "UCB1": bandits(ab.Ucb(2), [0.1, 0.3])}
    ),
    "plot_less_shown": lambda: plots.plot_less_shown(bandits(ab.Thompson(2), [0.3, 0.3]), truth=0.3),
    "plot_heaps": lambda: plots.plot_heaps(RNG.normal(0, 1, 500), RNG.normal(1, 1, 500), line=1.96),
    "plot_users": lambda: plots.plot_users([0.5, 0.25], [31_234, 122_124], mark=(0.5, 0.25)),
    "plot_power": lambda: plots.plot_power(
        {"5 to 5.5%": ab.power_proportions(0.05, 0.055, [10_000, 31_234, 60_000])}
    ),
    "plot_weeks": lambda: plots.plot_weeks(
        ab.mde_by_week(4_000, p_control=0.10, weeks=[2, 4, 8]), baseline=0.10
    ),
    "plot_repeats": lambda: plots.plot_repeats(RNG.normal(2, 3, 500), 2.0, unit="euros"),
    "plot_segments": lambda: plots.plot_segments(
        ab.gates(RNG.normal(size=400), np.arange(400) % 20), worth=0.5, truth=0.0, unit="euros"
    ),
    "plot_hunt": lambda: plots.plot_hunt(ab.datasets.best_of_segments(rng=7), again=True, unit="euros"),
    "plot_difference_test": lambda: plots.plot_difference_test(18.2, RNG.chisquare(19, 1_000)),
    "plot_learner": lambda: plots.plot_learner(
        RNG.normal(size=200), np.zeros(200), RNG.normal(size=200), name="T-learner", x="days", unit="euros"
    ),
    "plot_calibrated": lambda: plots.plot_calibrated(
        ab.predicted_and_found(RNG.normal(size=400), RNG.normal(size=400)), worth=0.5, unit="euros"
    ),
    "plot_gain": lambda: plots.plot_gain(
        ab.qini(RNG.normal(size=200), RNG.normal(size=200), np.arange(200) % 2), unit="euros"
    ),
    "plot_promises": lambda: plots.plot_promises(
        ab.datasets.learner_grid().query("world == 'flat' and n == 2000")
    ),
}
NAMES = [name for name in plots.__all__ if name.startswith("plot_")]


@cache
def figure(name):
    """The axes of a typical call: that of FIGURES, else the last one in the example of its docstring."""
    return FIGURES[name]() if name in FIGURES else of_docstring(name)


def of_docstring(name):
    function, made = getattr(plots, name), []

    def recorded(*data, **options):
        made.append(function(*data, **options))
        return made[-1]

    names = {**vars(sys.modules[function.__module__]), name: recorded}
    for example in doctest.DocTestParser().get_examples(function.__doc__):
        exec(example.source, names)
    assert made, f"give {name} an example in its docstring"
    return np.ravel(np.asarray(made[-1], object))[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_has_title_alt_text_and_table(name):
    ax = figure(name)
    found = description(ax)
    assert found is not None, "end it with `describe(ax, alt=…, table=…)`"
    assert 40 <= len(found.alt) <= 250 and not found.alt.endswith("…") and "nan" not in found.alt
    assert any(c.isdigit() for c in found.alt) and any(c.isdigit() for c in title_of(ax.figure))
    lengths = {len(values) for values in found.table.values()}
    assert len(lengths) == 1 and lengths.pop() >= 1 and len(found.table) >= 2
    assert isinstance(ax, Shown)  # so that the last line of a cell shows it


@pytest.mark.parametrize("name", NAMES)
def test_title_and_labels_stay_inside_the_frame(name):
    figure_ = figure(name).figure
    figure_.draw_without_rendering()
    frame = figure_.bbox.padded(0.5)  # half a pixel of rounding
    for ax in figure_.axes:
        texts = [ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label, *ax.texts]
        for text in texts:
            box = text.get_window_extent()
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            assert inside or not text.get_text(), text.get_text()
            assert text.get_fontsize() >= FONT - 2 or not text.get_text()


def test_the_words_follow_the_data():
    """Other data, another title, alt text and table: nothing in them is written by hand."""
    for small, large in (
        (lambda: plots.plot_wins([1, 30], [2.5, 14.0]), lambda: plots.plot_wins([1, 30], [2.5, 14.4])),
        (lambda: plots.plot_strip(2.5, 14.0), lambda: plots.plot_strip(2.5, 14.4)),
        (lambda: plots.plot_familywise(10), lambda: plots.plot_familywise(20)),
    ):
        a, b = small(), large()
        assert title_of(a.figure) != title_of(b.figure)
        assert description(a).alt != description(b).alt and description(a).table != description(b).table


def test_a_report_says_every_metric_once():
    text = plots.plot_report(reported())[0]._repr_mimebundle_()["text/plain"]
    assert text.startswith("Figure: new: ") and "sold" in text and "0.05" in text
