"""The calibration bench: how often a procedure rejects, covers and errs in a world with known truth.

Replications come in chunks of a fixed size, and chunk k draws from SeedSequence(seed, spawn_key=(k,)).
So the result depends on the seed and the number of replications, not on the workers or the back-end.
"""

from __future__ import annotations

import inspect
import itertools
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.estimate import Effect
from abkit.moments import Moments

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 1_000  # replications a stream: changing it changes every simulated number
FAILURES = (ValueError, ArithmeticError)  # a replication on which a procedure may give up
COLUMNS = ("pvalue", "estimate", "low", "high", "reject", "failed")


@dataclass(frozen=True, eq=False, repr=False)
class Calibration(Table):
    """What happened in `reps` replications; each `_se` is the Monte-Carlo standard error of its neighbour.

    failed: replications with an exception or nan; every rate is a share of the others. reject: share with
    p < alpha. coverage: share of intervals that hold the truth (with low > high: the set outside them, see
    `lift`). bias: mean estimate − truth. width: mean length of the interval, infinite where one has no bound.
    The last five are nan when the procedure returns p-values only.
    """

    reps: int
    failed: int
    reject: float
    reject_se: float
    coverage: float
    coverage_se: float
    bias: float
    bias_se: float
    width: float


def calibrate(
    draw: Callable[..., Any],
    procedure: Callable[..., Any],
    *,
    truth: float = 0.0,
    reps: int = 2_000,
    rng: Any = None,
    backend: str | None = None,
    batched: bool | None = None,
    alpha: float = 0.05,
    cancel: Any = None,
    progress: Callable[[int, int], Any] | None = None,
) -> Calibration:
    """Run a procedure on many experiments whose true effect is known, and count its errors.

    One simulated result says nothing about a rate: read `reject` together with `reject_se`. Under a true
    null `reject` is the type I error, otherwise the power.

    draw: `draw(rng, size)` returns (control, treatment), each an array (size, rows) or `Moments` with leading
    axis `size`; see `abkit.datasets`. procedure: takes (control, treatment) and returns an `Effect`, a
    p-value, or anything with a `pvalue`. batched: None tries the procedure on many replications at once and
    believes the batch only where a loop gives the same; True believes it, False always loops. alpha: level
    for p-values; an `Effect` brings its own. backend: None (this process) or a joblib back-end ("threading",
    "loky"). cancel: an object with `is_set()`, such as threading.Event; it, or an interrupt, keeps the chunks
    that are done. progress: called with (done, reps).

    Raises ValueError for arms without the leading axis `size`, TypeError for a result that is no p-value, and
    the procedure's own error when every replication fails.

    truth: the true effect, drawn as a line.

    >>> from abkit.datasets.worlds import normal_moments
    >>> from abkit.inference.means import welch
    >>> result = calibrate(normal_moments(200), welch, reps=1_000, rng=0)
    >>> result.reps, result.failed, abs(result.reject - 0.05) < 5 * 0.0069
    (1000, 0, True)
    """
    _check.function("draw", draw)
    _check.function("procedure", procedure)
    truth, reps, alpha = (
        _check.number("truth", truth),
        _check.integer("reps", reps),
        _check.share("alpha", alpha),
    )
    if batched is not None:
        _check.flag("batched", batched)
    seed = _seed(rng)
    verify = batched is None
    batched = _batch_agrees(draw, procedure, alpha, seed) if batched is None else batched
    sizes = [min(CHUNK, reps - start) for start in range(0, reps, CHUNK)]
    jobs = [
        joblib.delayed(_chunk)(draw, procedure, alpha, (seed, k), size, batched, verify)
        for k, size in enumerate(sizes)
    ]
    with _reporter(progress, reps) as report:
        done = _run(jobs, backend, cancel, report)
    rows = np.concatenate([np.empty((len(COLUMNS), 0)), *(r for r, _ in done)], axis=1)
    error = next((e for _, e in done if e is not None), None)
    if error is not None and rows[-1].all():
        raise error
    return _summary(rows, truth)


def compare_procedures(
    draw: Callable[..., Any], procedures: Mapping[str, Callable[..., Any]], *, rng: Any = None, **same: Any
) -> pd.DataFrame:
    """Calibrate several procedures on the same simulated data: one row a procedure.

    `same` are options of `calibrate`. Because the data are the same, two rows differ by less noise than their
    standard errors suggest.

    draw: draw(rng, size) → (control, treatment).
    Raises ValueError: `procedures` must map names to functions.

    >>> from abkit.datasets.worlds import normal_moments
    >>> from abkit.inference.means import welch, z_test
    >>> table = compare_procedures(normal_moments(5), {"t": welch, "z": z_test}, reps=500, rng=1)
    >>> bool(table.loc["z", "reject"] > table.loc["t", "reject"])
    True
    """
    _check.function("draw", draw)
    import pandas as pd

    if not isinstance(procedures, Mapping):
        raise _check.fail("procedures", "must map names to functions", _check.short(procedures))
    seed = _seed(rng)
    rows = {name: calibrate(draw, one, rng=seed, **same).to_dict() for name, one in procedures.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("procedure")


def sweep(
    make_draw: Callable[..., Any],
    procedure: Callable[..., Any],
    settings: Mapping[str, Sequence[Any]],
    *,
    truth: float | Callable[..., float] = 0.0,
    rng: Any = None,
    **same: Any,
) -> pd.DataFrame:
    """Calibrate one procedure in every combination of settings: one row a setting, settings first.

    make_draw: called with one value of each setting by name, returns a `draw`. truth: a number, or a function
    of the same settings. All rows use one seed, so that a curve over the settings is smooth.

    Raises ValueError: `settings` must map names to lists of values.

    >>> from abkit.datasets.worlds import normal_moments
    >>> from abkit.inference.means import welch
    >>> grid = {"effect": [0.0, 0.5]}
    >>> table = sweep(normal_moments, welch, grid, truth=lambda effect: effect, reps=500, rng=1)
    >>> table.effect.tolist(), bool(table.reject[1] > 0.9)
    ([0.0, 0.5], True)
    """
    _check.function("make_draw", make_draw)
    _check.function("procedure", procedure)
    import pandas as pd

    if not isinstance(settings, Mapping):
        raise _check.fail("settings", "must map names to lists of values", _check.short(settings))
    grid = [_check.several("settings", values) for values in settings.values()]
    try:
        inspect.signature(make_draw).bind(**settings)
    except TypeError as error:
        raise _check.fail("settings", "must name the parameters of `make_draw`", str(error)) from None
    seed = _seed(rng)
    rows = []
    for values in itertools.product(*grid):
        setting = dict(zip(settings, values, strict=True))
        target = truth(**setting) if callable(truth) else truth
        result = calibrate(make_draw(**setting), procedure, truth=target, rng=seed, **same)
        rows.append({**setting, **result.to_dict()})
    return pd.DataFrame(rows)


def _seed(rng: Any) -> int:
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**63))
    if rng is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    return _check.integer("rng", rng, low=0)


def _run(jobs: list[Any], backend: str | None, cancel: Any, report: Callable[[int], Any]) -> list[Any]:
    """Run the chunks in waves; what is done when the reader interrupts or cancels is kept."""
    done: list[Any] = []
    try:
        with joblib.Parallel(n_jobs=1 if backend is None else -1, backend=backend) as pool:
            wave = 1 if backend is None else 2 * joblib.cpu_count()
            for start in range(0, len(jobs), wave):
                if cancel is not None and cancel.is_set():
                    break
                done.extend(pool(jobs[start : start + wave]))
                report(sum(rows.shape[1] for rows, _ in done))
    except KeyboardInterrupt:
        if not done:
            raise
    return done


@contextmanager
def _reporter(progress: Callable[[int, int], Any] | None, reps: int) -> Iterator[Callable[[int], Any]]:
    """Yield a function of the replications done: the caller's, a bar in a live notebook, or silence."""
    if progress is not None:
        yield lambda done: progress(done, reps)
    elif os.environ.get("ABKIT_PROGRESS") == "1":
        from tqdm.auto import tqdm

        with tqdm(total=reps, delay=2, leave=False) as bar:
            yield lambda done: bar.update(done - bar.n)
    else:
        yield lambda done: None


def _chunk(
    draw: Any, procedure: Any, alpha: float, stream: tuple[int, int], size: int, batched: bool, verify: bool
) -> tuple[np.ndarray, Exception | None]:
    """One stream's replications as COLUMNS by size, and the first exception."""
    arms = _draw(draw, stream, size)
    if batched and not verify:
        rows = _measure(procedure(*_copy(arms, slice(None))), size, alpha)
        if rows is None:
            raise TypeError(
                f"`procedure` must return {size} p-values for {size} replications when `batched` is True."
            )
        return rows, None
    if batched:
        rows = _attempt(procedure, arms, size, alpha)
        if rows is not None and _same(rows[:, -1:], _loop(procedure, arms, [size - 1], alpha)[0]):
            return rows, None
    return _loop(procedure, arms, range(size), alpha)


def _draw(draw: Any, stream: tuple[int, int], size: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(np.random.SeedSequence(stream[0], spawn_key=(stream[1],)))
    pair = draw(rng, size)
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise _check.fail("draw", "must return a pair (control, treatment)", type(pair).__name__)
    arms = [arm if isinstance(arm, Moments) else np.asarray(arm) for arm in pair]
    for arm in arms:
        shape = arm.mean.shape if isinstance(arm, Moments) else arm.shape
        if len(shape) < 2 or shape[0] != size:
            raise _check.fail(
                "draw", f"must return arms with {size} replications on the first axis", f"shape {shape}"
            )
    return arms[0], arms[1]


def _copy(arms: tuple[Any, Any], index: int | slice) -> tuple[Any, Any]:
    """Some replications of both arms, copied: a procedure may sort its rows in place."""
    out = []
    for arm in arms:
        if isinstance(arm, Moments):
            n = np.broadcast_to(arm.n, arm.mean.shape[:-1])
            out.append(Moments(n[index].copy(), arm.mean[index].copy(), arm.scatter[index].copy(), arm.names))
        else:
            out.append(arm[index].copy())
    return out[0], out[1]


def _loop(
    procedure: Any, arms: tuple[Any, Any], which: Sequence[int], alpha: float
) -> tuple[np.ndarray, Exception | None]:
    columns, first = [], None
    for i in which:
        try:
            row = _measure(procedure(*_copy(arms, i)), 1, alpha)
        except FAILURES as error:
            first = first or error
            row = np.array([[np.nan]] * 5 + [[1.0]])
        if row is None:
            raise TypeError(
                "`procedure` must return an Effect or one p-value for one replication; got an array."
            )
        columns.append(row)
    return np.concatenate(columns, axis=1), first


def _measure(result: Any, size: int, alpha: float) -> np.ndarray | None:
    """COLUMNS of a result for `size` replications; None when it holds another number of p-values."""
    pvalue = np.asarray(getattr(result, "pvalue", result))
    if pvalue.dtype.kind not in "fiu":
        raise TypeError(f"`procedure` must return an Effect or p-values; got {type(result).__name__}.")
    if pvalue.size != size or (size > 1 and pvalue.shape != (size,)):
        return None
    pvalue = pvalue.reshape(size).astype(float)
    if ((pvalue < 0) | (pvalue > 1)).any():
        raise TypeError(
            f"`procedure` must return p-values from 0 to 1; got {pvalue[(pvalue < 0) | (pvalue > 1)][0]:g}."
        )
    out = np.full((len(COLUMNS), size), np.nan)
    out[0] = pvalue
    if isinstance(result, Effect):
        alpha = result.alpha
        for i, name in enumerate(COLUMNS[1:4], start=1):
            out[i] = getattr(result, name)
    out[4] = pvalue < alpha
    out[5] = np.isnan(out[: 4 if isinstance(result, Effect) else 1]).any(0)
    return out


def _batch_agrees(draw: Any, procedure: Any, alpha: float, seed: int) -> bool:
    """True when two replications at once give what each gives alone; anything unclear means a loop."""
    arms = _draw(draw, (seed, 0), 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = _attempt(procedure, arms, 2, alpha)
        if rows is None:
            return False
        alone, _ = _loop(procedure, arms, range(2), alpha)
    return not alone[-1].all() and _same(rows, alone)


def _attempt(procedure: Any, arms: tuple[Any, Any], size: int, alpha: float) -> np.ndarray | None:
    """The procedure on a batch, or None where it can't take one; a real error shows up again in the loop."""
    try:
        return _measure(procedure(*_copy(arms, slice(None))), size, alpha)
    except Exception:
        return None


def _same(batch: np.ndarray, alone: np.ndarray) -> bool:
    """Equal up to rounding: sums over many rows may run in another order. Failed columns count as equal."""
    failed = (batch[-1] == 1) & (alone[-1] == 1)
    return bool(
        np.allclose(batch[:4, ~failed], alone[:4, ~failed], rtol=1e-6, atol=1e-9, equal_nan=True)
        and np.array_equal(batch[-1], alone[-1])
    )


def _summary(rows: np.ndarray, truth: float) -> Calibration:
    kept = rows[:, rows[-1] == 0]
    m = kept.shape[1]
    if m == 0:
        return Calibration(rows.shape[1], rows.shape[1], *[np.nan] * 7)
    _, estimate, low, high, reject, _ = kept
    known = not np.isnan(low).any()
    outside = low > high  # Fieller's set of two pieces: everything from low up, and everything up to high
    covered = np.where(outside, (truth >= low) | (truth <= high), (low <= truth) & (truth <= high))
    coverage = float(covered.mean()) if known else np.nan
    share = reject.mean()
    spread = estimate.std(ddof=1) if m > 1 else np.nan
    return Calibration(
        rows.shape[1],
        rows.shape[1] - m,
        share,
        reject_se=np.sqrt(share * (1 - share) / m),
        coverage=coverage,
        coverage_se=np.sqrt(coverage * (1 - coverage) / m),
        bias=estimate.mean() - truth,
        bias_se=spread / np.sqrt(m),
        width=np.where(outside, np.inf, high - low).mean(),
    )
