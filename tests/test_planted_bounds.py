"""More of what planted faults showed no test to see: bounds, hints, late rewards, a long file, signals."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from math import tanh
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import abkit as ab
from abkit import plots
from abkit._stored import from_text, to_text
from abkit.adaptive import choosing
from abkit.adaptive.policies import Thompson
from abkit.bayes.posteriors import Beta
from abkit.cli import opening
from abkit.inference.covariates import saving
from abkit.plots.planning import _count
from abkit.plots.showing import description, title_of
from abkit.registry.experiments import two_rates
from abkit.sequential.plans import group_sequential


def test_a_saving_s_bounds_are_those_of_fisher():
    past = ab.Moments(500, np.zeros(2), 499 * np.array([[1.0, 0.6], [0.6, 1.0]]), ("y", "pre"))
    found = saving(past, past)
    rho2 = 1 - (1 - 0.36) * (1_000 - 2) / (1_000 - 3)
    low = tanh(np.arctanh(rho2**0.5) - stats.norm.isf(0.05) / (1_000 - 5) ** 0.5) ** 2
    assert (found.rho2, found.rho2_low) == (pytest.approx(rho2), pytest.approx(low))
    assert (found.users, found.users_at_least) == (
        pytest.approx(1 / (1 - rho2)),
        pytest.approx(1 / (1 - low)),
    )


def test_two_spreads_that_are_not_those_of_rates_give_no_rates():
    plan = ab.sample_size_proportions(0.25, lift=0.2)
    assert two_rates(plan) == (0.25, 0.3)
    s1, s2 = plan.sd
    for shift in (0.01, 0.5, 3.0):  # the same difference of squares, another size
        moved = tuple(float(np.sqrt(s**2 + shift)) for s in (s1, s2))
        assert two_rates(replace(plan, sd=moved)) is None
    assert two_rates(replace(plan, sd=(1.0, 9.0))) is None


@pytest.mark.parametrize("change", [{"alternative": "larger"}, {"alpha": 0.01}])
def test_looks_are_two_sided_with_one_alpha(change):
    looks = [
        ab.Effect.of(1.0, 1.0, n_control=50, n_treatment=50),
        ab.Effect.of(1.0, 0.7, n_control=99, n_treatment=99),
    ]
    for others in ([looks[0], replace(looks[1], **change)],):
        with pytest.raises(ValueError, match="must all be two-sided with one alpha"):
            ab.msprt(others, tau=1.0)


@pytest.mark.parametrize("looks, hint", [([0.5, 3.0], True), ([0.5, 1.5], False), ([1.0, 1.5, 2.5], True)])
def test_looks_beyond_the_end_are_refused_and_counts_get_a_hint(looks, hint):
    with pytest.raises(ValueError, match="must not exceed 1") as refused:
        group_sequential(looks)
    assert ("Divide by the planned final n" in str(refused.value)) == hint


def test_a_spending_rule_ends_at_one():
    assert group_sequential([0.4, 0.7, 1.0], spending=lambda t: t).upper[-1] > 1.96
    with pytest.raises(ValueError, match="`spending`"):
        group_sequential([0.4, 0.7, 1.0], spending=lambda t: 0.9 * t)


@pytest.mark.parametrize("late", [False, True])
def test_late_rewards_come_once_a_day(monkeypatch, late):
    asked = []
    monkeypatch.setattr(
        choosing, "run", lambda *a, batch, **k: asked.append(batch) or ab.run(*a, batch=batch, **k)
    )
    world = choosing._World(np.full((60, 2), 0.3), 20, late=late)
    choosing._part(Thompson(2), world, slice(0, 60), 5, np.random.default_rng(1))
    assert asked == [20 if late else 1]


def test_the_chance_in_the_title_is_that_of_the_draws():
    a, b = Beta(12, 90), Beta(17, 85)
    draws = [stats.beta.rvs(p.a, p.b, size=400_000, random_state=3 + i) for i, p in enumerate((a, b))]
    chance = 100 * (draws[1] > draws[0]).mean()
    ax = plots.plot_posteriors({"A": a, "B": b})
    shown = max(description(ax).table["probably best (%)"])
    assert shown == pytest.approx(chance, abs=0.4) and f"probability {shown:.0f} per cent" in title_of(
        ax.figure
    )
    tall = plots.plot_posteriors(
        {"A": Beta(10, 990), "B": Beta(500, 500)}
    )  # beyond doubt: never more than 100
    assert "probability 100 per cent" in title_of(tall.figure)


@pytest.mark.parametrize(
    "share, said", [(0.04, "0.0"), (9.94, "9.9"), (9.96, "10"), (10.4, "10"), (99.7, "100")]
)
def test_a_count_of_100_has_a_digit_below_ten(share, said):
    assert _count(share) == said


def test_a_short_row_late_in_a_long_file_is_named_as_what_it_is(tmp_path):
    file = tmp_path / "visits.csv"
    rows = "".join(f"{'control' if i % 2 else 'treatment'},{i % 7},{'x' * 40}\n" for i in range(30_000))
    file.write_text(f"arm,y,note\n{rows}control,5\n")  # 1.6 megabytes before it
    with pytest.raises(ValueError, match=r"must have 3 fields in every row.*2 in line 30002"):
        ab.Moments.from_table(str(file), ["y"], by="arm")


@pytest.mark.parametrize("shape, values", [([-1, -1], [0.5]), ([-1], [0.5]), ([True], [0.5]), ([2], [0.5])])
def test_an_array_of_no_possible_shape_is_refused_by_name(shape, values):
    text = json.loads(to_text("Pair", {"mean": np.array([0.5])}))
    text["fields"]["mean"] |= {"shape": shape, "values": values}
    with pytest.raises(ValueError, match="`mean` must be a stored array"):
        from_text("Pair", json.dumps(text), ["mean"])


@pytest.mark.parametrize("code", [1, -9, -15])
def test_a_server_that_was_killed_could_not_start(tmp_path, code):
    log = tmp_path / "lab.log"
    log.write_text("out of memory\n")
    with pytest.raises(ValueError, match="could not start: out of memory"):
        opening._ended(code, log, 0)
    assert opening._ended(0, log, 0) == 0


def test_signals_are_handled_as_before_when_the_server_has_ended():
    before = [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGHUP)]
    assert opening._wait(SimpleNamespace(wait=lambda: -15, terminate=lambda: None)) == 0
    assert [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGHUP)] == before
