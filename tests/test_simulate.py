"""The bench itself: streams, batches, failures, and what a reader's own function may look like."""

import threading
from functools import partial

import numpy as np
import pytest
from conftest import SEED
from scipy import stats

import abkit as ab
from abkit.datasets.worlds import binomial_counts, normal_moments, normal_rows
from abkit.inference.lifts import lift
from abkit.moments import Moments
from abkit.simulate import CHUNK, calibrate, compare_procedures, sweep


def ttest(control, treatment):
    return stats.ttest_ind(control, treatment, equal_var=False).pvalue


def ttest_last_axis(control, treatment):
    return stats.ttest_ind(control, treatment, axis=-1, equal_var=False).pvalue


def columns_world(rng, size):
    """Whole chunks are square, so that a test of the columns returns the right number of p-values."""
    return rng.normal(size=(size, CHUNK)), rng.normal(size=(size, CHUNK))


class Counted:
    """A procedure that counts its calls (in this process only)."""

    def __init__(self, procedure):
        self.procedure, self.calls, self.shapes = procedure, 0, []

    def __call__(self, control, treatment):
        self.calls += 1
        self.shapes.append(np.shape(getattr(control, "n", control)))
        return self.procedure(control, treatment)


def expected(draw, procedure, sizes):
    """The contract written out: stream k is SeedSequence(seed, spawn_key=(k,)), one call of draw a chunk."""
    pvalues = []
    for k, size in enumerate(sizes):
        arms = draw(np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(k,))), size)
        pvalues += [procedure(c, t) for c, t in zip(*arms, strict=True)]
    return np.array(pvalues)


def test_a_test_of_columns_on_a_square_batch_is_found_and_looped():
    counted = Counted(ttest)
    result = calibrate(columns_world, counted, reps=CHUNK, rng=SEED)
    truth = expected(columns_world, ttest, [CHUNK])
    wrong = ttest(*columns_world(np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(0,))), CHUNK))
    assert wrong.shape == truth.shape and not np.allclose(wrong, truth)  # the trap is real
    assert result.reject == (truth < 0.05).mean()
    assert counted.calls >= CHUNK and counted.shapes[-1] == (CHUNK,)


def test_batched_true_believes_the_trap():
    result = calibrate(columns_world, ttest, reps=CHUNK, rng=SEED, batched=True)
    wrong = ttest(*columns_world(np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(0,))), CHUNK))
    assert result.reject == (wrong < 0.05).mean()


def test_a_procedure_that_changes_with_the_length_of_a_batch_is_looped():
    def exact_when_short(control, treatment):
        return ttest_last_axis(control, treatment) if len(control) < 100 else np.full(len(control), 0.5)

    result = calibrate(normal_rows(20), exact_when_short, reps=CHUNK, rng=SEED)
    assert result.reject == (expected(normal_rows(20), ttest, [CHUNK]) < 0.05).mean()


@pytest.mark.parametrize("batched", [None, True, False])
def test_batch_and_loop_agree(batched):
    result = calibrate(normal_rows(15), ttest_last_axis, reps=CHUNK + 100, rng=SEED, batched=batched)
    truth = expected(normal_rows(15), ttest, [CHUNK, 100])
    assert result.reject == (truth < 0.05).mean()
    assert result.reject_se == pytest.approx(np.sqrt(result.reject * (1 - result.reject) / (CHUNK + 100)))


def test_sufficient_statistics_need_no_python_loop():
    counted = Counted(ab.welch)
    result = calibrate(normal_moments(200), counted, reps=20 * CHUNK, rng=SEED)
    assert result.reps == 20 * CHUNK
    assert (
        counted.calls <= 3 + 2 * 20
    )  # the trial, then a batch and one check a chunk: 10,000 replications, 43 calls


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_every_backend_gives_the_same_bits(backend):
    run = partial(
        calibrate, normal_moments(50, effect=0.2), ab.welch, truth=0.2, reps=3 * CHUNK + 7, rng=SEED
    )
    assert run(backend=backend).to_dict() == run().to_dict()


def test_a_lambda_runs_in_processes():
    run = partial(
        calibrate,
        lambda rng, size: (rng.normal(size=(size, 9)), rng.normal(size=(size, 9))),
        lambda c, t: stats.ttest_ind(c, t).pvalue,
        reps=CHUNK + 10,
        rng=SEED,
    )
    assert run(backend="loky").to_dict() == pytest.approx(run().to_dict(), nan_ok=True)


def test_the_same_seed_gives_the_same_answer_and_a_generator_moves_on():
    run = partial(calibrate, normal_moments(9), ab.welch, truth=0.0, reps=600)
    assert run(rng=SEED).to_dict() == run(rng=SEED).to_dict()
    rng = np.random.default_rng(SEED)
    assert run(rng=rng).bias != run(rng=rng).bias


def test_failures_are_counted_and_left_out_of_the_rates():
    def fragile(control, treatment):
        if control[0] > 0:
            raise ZeroDivisionError("no")
        return np.nan if treatment[0] > 0 else 0.01

    result = calibrate(normal_rows(5), fragile, reps=400, rng=SEED)
    assert abs(result.failed / 400 - 0.75) < 5 * np.sqrt(0.75 * 0.25 / 400)  # 5 Monte-Carlo SE
    assert result.reject == 1.0 and np.isnan(result.coverage)


def test_batch_nan_and_scalar_error_are_the_same_failure():
    world = binomial_counts(30, 30, 0.02, 0.02)
    wald = partial(ab.proportions, method="wald")
    fast, slow = (calibrate(world, wald, reps=300, rng=SEED, batched=b) for b in (True, False))
    assert fast.failed == slow.failed > 0
    assert fast.to_dict() == pytest.approx(slow.to_dict())


def test_the_first_error_is_raised_when_all_fail():
    def broken(control, treatment):
        raise ValueError("needs a covariate")

    with pytest.raises(ValueError, match="needs a covariate"):
        calibrate(normal_rows(5), broken, reps=20, rng=SEED)


def test_a_slip_in_the_procedure_is_not_a_failed_replication():
    with pytest.raises(NameError):
        calibrate(normal_rows(5), lambda c, t: undefined_name, reps=20, rng=SEED)  # noqa: F821
    with pytest.raises(TypeError, match="p-values from 0 to 1"):
        calibrate(normal_rows(5), lambda c, t: c.mean() - t.mean() - 5, reps=20, rng=SEED)
    with pytest.raises(TypeError, match="Effect or p-values; got bool"):
        calibrate(normal_rows(5), lambda c, t: True, reps=20, rng=SEED)


def test_a_draw_of_the_wrong_shape_is_named():
    with pytest.raises(ValueError, match="`draw` must return arms with 2 replications"):
        calibrate(lambda rng, size: (rng.normal(size=(9, size)), rng.normal(size=(9, size))), ttest, reps=20)
    with pytest.raises(ValueError, match="`draw` must return a pair"):
        calibrate(lambda rng, size: rng.normal(size=(size, 4)), ttest, reps=20)


def test_sorting_in_place_does_not_spoil_the_next_procedure():
    def rude(control, treatment):
        control.sort()
        treatment[:] = 0
        return 0.5

    world = normal_rows(8)
    kept = world(np.random.default_rng(0), 4)
    fixed = lambda rng, size: tuple(a[:size] for a in kept)  # noqa: E731
    before = [a.copy() for a in kept]
    calibrate(fixed, rude, reps=4, rng=SEED, batched=False)
    assert all(np.array_equal(a, b) for a, b in zip(kept, before, strict=True))


@pytest.mark.parametrize("backend", [None, "threading"])
def test_cancel_keeps_what_is_done(backend):
    stop = threading.Event()
    seen = []

    def progress(done, total):
        seen.append((done, total))
        stop.set()

    result = calibrate(
        normal_moments(20),
        ab.welch,
        reps=100 * CHUNK,
        rng=SEED,
        cancel=stop,
        progress=progress,
        backend=backend,
    )
    assert result.reps == seen[-1][0] < 100 * CHUNK == seen[-1][1]
    assert result.to_dict() == calibrate(normal_moments(20), ab.welch, reps=result.reps, rng=SEED).to_dict()


def test_an_interrupt_keeps_what_is_done():
    def progress(done, total):
        if done == 3 * CHUNK:
            raise KeyboardInterrupt

    result = calibrate(normal_moments(20), ab.welch, reps=10 * CHUNK, rng=SEED, progress=progress)
    assert result.reps == 3 * CHUNK


def test_cancelled_before_the_start_is_empty_not_zero():
    stop = threading.Event()
    stop.set()
    result = calibrate(normal_moments(20), ab.welch, rng=SEED, cancel=stop)
    assert result.reps == 0 and np.isnan(result.reject)


def test_progress_bar_needs_a_live_notebook(monkeypatch, capsys):
    monkeypatch.delenv("ABKIT_PROGRESS", raising=False)
    quiet = calibrate(normal_moments(20), ab.welch, reps=600, rng=SEED)
    monkeypatch.setenv("ABKIT_PROGRESS", "1")
    assert calibrate(normal_moments(20), ab.welch, reps=600, rng=SEED).to_dict() == quiet.to_dict()
    assert capsys.readouterr().err.strip() == ""  # done in under two seconds: no bar


def test_width_bias_and_coverage_come_from_the_effect():
    draw, seed = normal_moments(40, effect=0.3), np.random.SeedSequence(SEED, spawn_key=(0,))
    effect = ab.welch(*draw(np.random.default_rng(seed), 200))
    result = calibrate(draw, ab.welch, truth=0.3, reps=200, rng=SEED)
    assert result.width == pytest.approx((effect.high - effect.low).mean())
    assert result.bias == pytest.approx(effect.estimate.mean() - 0.3)
    assert result.bias_se == pytest.approx(effect.estimate.std(ddof=1) / np.sqrt(200))
    assert result.coverage == ((effect.low <= 0.3) & (effect.high >= 0.3)).mean()


def test_a_set_of_two_pieces_covers_what_it_holds():
    """Fieller's set, asked the slow way: does the t test of this one ratio accept it?"""
    truth, n = 3.0, 8

    def draw(rng, size):
        return rng.normal(0.4, 1, (size, n)), rng.normal(0.4 * (1 + truth), 1, (size, n))

    got = calibrate(draw, lift, truth=truth, reps=CHUNK, rng=SEED)
    control, treatment = draw(np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(0,))), CHUNK)
    sets = lift(control, treatment)
    kept = control.mean(-1) > 0
    distance = treatment.mean(-1) - (1 + truth) * control.mean(-1)
    se = np.sqrt((treatment.var(-1, ddof=1) + (1 + truth) ** 2 * control.var(-1, ddof=1)) / n)
    inside = np.abs(distance) <= stats.t.ppf(0.975, sets.df) * se
    assert (sets.low > sets.high).mean() > 0.1  # such sets do occur
    assert got.failed == (~kept).sum() and got.coverage == inside[kept].mean() and got.width == np.inf


def test_an_effect_brings_its_own_alpha():
    strict = partial(ab.welch, alpha=0.001)
    assert calibrate(normal_moments(20), strict, reps=600, rng=SEED, alpha=0.5).reject < 0.05


def test_procedures_meet_the_same_data():
    table = compare_procedures(
        normal_rows(12), {"a": ttest, "b": ab.welch, "c": ab.z_test}, reps=150, rng=SEED
    )
    assert table.index.tolist() == ["a", "b", "c"]
    assert table.loc["a", "reject"] == table.loc["b", "reject"]
    assert table.loc["b", "bias"] == table.loc["c", "bias"]
    assert (table.loc["c", "reject"]) >= table.loc["b", "reject"]  # z rejects whenever t does


def test_sweep_has_one_row_a_setting():
    table = sweep(
        normal_moments,
        ab.welch,
        {"n": [10, 40], "effect": [0.0, 0.5]},
        truth=lambda n, effect: effect,
        reps=500,
        rng=SEED,
    )
    assert table[["n", "effect"]].to_numpy().tolist() == [[10, 0.0], [10, 0.5], [40, 0.0], [40, 0.5]]
    single = calibrate(normal_moments(40, 0.5), ab.welch, truth=0.5, reps=500, rng=SEED)
    assert table.iloc[3][list(single.to_dict())].tolist() == list(single.to_dict().values())


def test_moments_of_a_replication_keep_their_columns():
    def world(rng, size):
        x, y = rng.normal(size=(2, size, 30))
        return Moments.of(x, pre=x + 1), Moments.of(y, pre=y + 1)

    metric = partial(ab.welch, metric="pre")
    fast, slow = (calibrate(world, metric, reps=50, rng=SEED, batched=b) for b in (None, False))
    assert fast.to_dict() == pytest.approx(slow.to_dict())


@pytest.mark.parametrize("bad", [{"reps": 0}, {"reps": 2.5}, {"alpha": 5}, {"truth": np.nan}, {"rng": -1}])
def test_impossible_options_are_refused(bad):
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must"):
        calibrate(normal_moments(20), ab.welch, **bad)


def test_settings_must_name_what_the_world_takes():
    for settings in ({}, {"lift": [0.1]}):
        with pytest.raises(ValueError, match="`settings` must name the parameters of `make_draw`"):
            sweep(lambda shift: normal_moments(20, shift), ab.welch, settings, truth=0.0, reps=500)
