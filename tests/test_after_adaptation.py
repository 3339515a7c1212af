"""Estimates after a bandit against stored references, and how often they err where the truth is known."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from test_adaptive import close

import abkit as ab
from abkit.adaptive.after_adaptation import allocation_weights, scores
from abkit.adaptive.racing import BanditRun

STUDY = json.loads((Path(__file__).parent / "oracles" / "after_adaptation.json").read_text(encoding="utf-8"))


def log_of(arms, rewards, *, propensity=None, batch=None, policy="Thompson"):
    arms, rewards = np.asarray(arms), np.asarray(rewards, float)
    chance = None if propensity is None else np.asarray(propensity)
    k = 2 if chance is None else chance.shape[-1]
    return BanditRun(
        arms, rewards, np.full(arms.shape, np.nan), arms=k, propensity=chance, batch=batch, policy=policy
    )


def test_weighted_aipw_on_small_logs(oracle):
    for entry in oracle("adaptive", "awaipw_small_log"):
        given, want = entry["inputs"], entry["expected"]
        arms, rewards, chance = (np.array(given[k]) for k in ("arms", "rewards", "propensities"))
        found = scores(arms, rewards, chance, range(chance.shape[1]))
        if given["outcome_model"] == "running_mean":
            assert np.allclose(found, want["scores"], atol=1e-8)
        for name, decay in (("constant_allocation", None), ("two_point", given["alpha"])):
            h = allocation_weights(chance, decay)
            assert np.allclose(h, want[name]["weights"], atol=1e-8)
        if given["outcome_model"] != "running_mean":
            continue
        last = chance.shape[1] - 1
        for k in range(last):
            log = log_of(arms, rewards, propensity=chance)
            for weights, name in (("constant", "constant_allocation"), ("two_point", "two_point")):
                effect = ab.weighted_aipw(log, weights=weights, pair=(k, last), decay=given["alpha"])
                assert math.isclose(effect.estimate, want[name]["contrast_last_minus_k"][k], rel_tol=1e-8)
                assert math.isclose(effect.se, want[name]["contrast_se"][k], rel_tol=1e-8)


def test_the_contrast_weights_by_hand():
    chance = np.array([[0.5, 0.5], [0.2, 0.8], [0.9, 0.1]])
    log = log_of([0, 1, 1], [1.0, 0.0, 1.0], propensity=chance)
    found = ab.weighted_aipw(log, weights="contrast")
    gap = [0 - 1 / 0.5, (0 - 0 / 0.8) - 1, 1 / 0.1 - 1]  # running means before each pull: 0, then 1 and 0
    h = [math.sqrt(0.25), math.sqrt(0.16), math.sqrt(0.09)]
    want = sum(a * b for a, b in zip(h, gap, strict=True)) / sum(h)
    assert math.isclose(found.estimate, want)
    error = math.sqrt(sum((a * (b - want)) ** 2 for a, b in zip(h, gap, strict=True))) / sum(h)
    assert math.isclose(found.se, error)


def test_batched_ols(oracle):
    for entry in oracle("adaptive", "batched_ols"):
        given, want = entry["inputs"], entry["expected"]
        arms, rewards = (np.concatenate([b[k] for b in given["batches"]]) for k in ("arms", "rewards"))
        batch = np.repeat(np.arange(len(given["batches"])), [len(b["arms"]) for b in given["batches"]])
        log = log_of(arms, rewards, batch=batch)
        for sigma, name in ((given["sigma"], "known"), ("pooled", "pooled"), ("batch", "per_batch")):
            if name not in want:
                continue
            found = ab.batched_ols(log, sigma=sigma)
            close({**entry, "expected": want[name]}, "pvalue", found.pvalue)
            close({**entry, "expected": want[name]}, "estimate", found.estimate)
            close({**entry, "expected": want[name]}, "ci95", [found.low, found.high])


def covers(effect, truth):
    return float(((effect.low <= truth) & (truth <= effect.high)).mean())


def test_coverage_of_weighted_aipw_against_stored_rates(oracle, rng):
    """Equal arms, a floor of .05: weights cover as stored, and the plain difference of means does not."""
    want = {
        e["inputs"]["weights"]: e["expected"]["diff_cover"]
        for e in oracle("adaptive", "awaipw_coverage_mc")
        if e["inputs"]["floor"]
    }
    log = ab.run(ab.Thompson(2, floor=0.05), [0.3, 0.3], horizon=1_000, reps=800, propensity=True, rng=rng)
    for weights in ("constant", "contrast"):
        rate = covers(ab.weighted_aipw(log, weights=weights), 0.0)
        # the stored model shrinks the running mean, (s + 1)/(n + 2): .01 beside 5 errors
        assert abs(rate - want["constant"]) < 0.01 + 5 * math.sqrt(0.06 / 800)
    pulls, sums = log.totals()
    rate = sums / pulls
    wald = 1.96 * np.sqrt((rate * (1 - rate) / pulls).sum(1))
    plain = (np.abs(rate[:, 1] - rate[:, 0]) <= wald).mean()
    assert abs(plain - want["sample_mean"]) < 5 * math.sqrt(0.1 / 800)
    assert (rate - 0.3).mean() < -0.005  # the biased mean; stored: -.0113


def normal_arms(means):
    means = np.asarray(means, float)

    def draw(rng, arm, t):
        return rng.normal(means[arm])

    draw.means = means
    return draw


def test_batched_ols_errs_as_stored(oracle, rng):
    for entry in oracle("adaptive", "batched_ols_mc"):
        given, want = entry["inputs"], entry["expected"]
        policy = ab.Thompson(2, model="gaussian", floor=given["clip"])
        log = ab.run(
            policy,
            normal_arms(given["mu"]),
            horizon=given["T"] * given["n"],
            batch=given["n"],
            reps=600,
            rng=rng,
        )
        for sigma, name in ((1.0, "bols_reject"), ("pooled", "bols_pooled_sigma_reject")):
            found = (ab.batched_ols(log, sigma=sigma).pvalue < 0.05).mean()
            assert abs(found - want[name]) < 5 * math.sqrt(0.05 * 0.95 / 600)


def test_the_study_keeps_the_promise_of_the_docstrings():
    """Stored counts (tests/oracles/after_adaptation.py): the remedies cover at least .92 in both worlds."""
    for row in STUDY["rows"]:
        cover = row["cover"] / row["reps"]
        error = math.sqrt(cover * (1 - cover) / row["reps"])
        if row["method"] in ("constant", "contrast", "batched"):
            assert 0.92 - 5 * error < cover < 0.96 + 5 * error, row
        if row["method"] == "clipped log":
            assert cover < 0.95 - 5 * error, row


def test_a_clipped_log_is_no_floor(rng):
    """Teeth: a policy with hardly a floor, whose logged probabilities are clipped at .05 afterwards."""
    log = ab.run(
        ab.Thompson(2, floor=1e-6), [0.3, 0.3], horizon=1_000, batch=5, reps=400, propensity=True, rng=rng
    )
    wrong = log_of(log.arm, log.reward, propensity=np.clip(log.propensity, 0.05, 0.95))
    error = 1 - covers(ab.weighted_aipw(wrong), 0.0)
    assert error > 0.05 + 5 * math.sqrt(0.05 * 0.95 / 400)
    with pytest.warns(UserWarning, match="without a floor"):
        ab.weighted_aipw(log)


def test_an_even_split_gives_back_the_difference_of_means(rng):
    """Constant probabilities: the weighted estimate is the plain one, up to what the running mean does."""
    log = ab.run(ab.EvenSplit(2), [0.3, 0.5], horizon=4_000, reps=20, propensity=True, batch=100, rng=rng)
    pulls, sums = log.totals()
    plain = np.diff(sums / pulls, axis=1)[:, 0]
    for weights in ("constant", "two_point", "contrast"):
        assert np.abs(ab.weighted_aipw(log, weights=weights).estimate - plain).max() < 0.02
    assert np.abs(ab.batched_ols(log).estimate - plain).max() < 0.01


def test_a_batch_of_one_arm_is_left_out():
    arms, rewards = [0, 1, 0, 1, 0, 0, 0, 0], [0.1, 1.0, 0.3, 0.8, 9.0, 9.0, 9.0, 9.0]
    both = log_of(arms, rewards, batch=np.repeat([0, 1], 4))
    first = log_of(arms[:4], rewards[:4], batch=np.zeros(4))
    assert ab.batched_ols(both).estimate == ab.batched_ols(first).estimate
    assert ab.batched_ols(both).pvalue == ab.batched_ols(first).pvalue


def test_the_first_showing_of_an_arm_is_left_out_of_the_weights(rng):
    """Epsilon-greedy shows each arm once, by force: those pulls carry no probability."""
    log = ab.run(ab.EpsilonGreedy(2, epsilon=0.2), [0.3, 0.4], horizon=300, reps=40, propensity=True, rng=rng)
    found = ab.weighted_aipw(log)
    assert np.isfinite(found.estimate).all() and (found.se > 0).all()


def test_test_and_interval_say_the_same(rng):
    log = ab.run(
        ab.Thompson(2, floor=0.1), [0.3, 0.4], horizon=300, batch=30, reps=60, propensity=True, rng=rng
    )
    for effect in (ab.weighted_aipw(log), ab.weighted_aipw(log, weights="two_point"), ab.batched_ols(log)):
        assert np.array_equal(effect.pvalue < 0.05, (effect.low > 0) | (effect.high < 0))
        assert np.array_equal(effect.n_control + effect.n_treatment, np.full(60, 300))


LOG = log_of([0, 1, 1, 0], [0.0, 1.0, 1.0, 1.0], propensity=np.full((4, 2), 0.5), batch=np.zeros(4))


@pytest.mark.parametrize(
    "wrong, says",
    [
        (lambda: ab.weighted_aipw(ab.run(ab.Ucb(2), [0.1, 0.2], horizon=9, reps=2, rng=0)), "got Ucb"),
        (lambda: ab.batched_ols(ab.run(ab.Ucb(2), [0.1, 0.2], horizon=9, reps=2, rng=0)), "got Ucb"),
        (
            lambda: ab.batched_ols(
                ab.run(ab.EpsilonGreedy(2, epsilon=0), [0.1, 0.2], horizon=9, reps=2, rng=0)
            ),
            "got greedy",
        ),
        (
            lambda: ab.weighted_aipw(ab.run(ab.Thompson(2), [0.1, 0.2], horizon=9, reps=2)),
            "must hold propensities",
        ),
        (lambda: ab.weighted_aipw(LOG, weights="best"), "`weights` must be one of"),
        (lambda: ab.weighted_aipw(LOG, pair=(0, 2)), "`pair` must name two different arms"),
        (lambda: ab.weighted_aipw(log_of([0] * 4, [0.0] * 4, propensity=np.zeros((4, 2)))), "above 0"),
        (lambda: ab.batched_ols(log_of([0, 1], [0.0, 1.0])), "must hold the batch"),
        (lambda: ab.batched_ols(log_of([0, 0], [0.0, 1.0], batch=np.zeros(2))), "both arms"),
        (lambda: ab.batched_ols(log_of([0, 1], [0.0, 1.0], batch=np.zeros(2))), "more than two rewards"),
        (lambda: ab.batched_ols(LOG, sigma=-1), "`sigma` must be above 0"),
        (lambda: ab.batched_ols(LOG, pair=(1, 1)), "`pair` must name"),
    ],
)
def test_errors(wrong, says):
    with pytest.raises(ValueError, match=says):
        wrong()
