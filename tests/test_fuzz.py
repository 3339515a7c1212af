"""Whatever a call is given, it answers in time: with a ValueError that names a parameter, or with a sound
result.
"""

import dataclasses
import os
import re
import signal
import time
import warnings
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter

import fuzz_rows as rows
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st

import abkit as ab

SEED = int(os.environ.get("ABKIT_SEED", "0"))
EXAMPLES = 40
SECONDS = 2.0  # of processor time, for any call
CALLBACKS = set(
    [
        "draw",
        "procedure",
        "make_draw",
        "value",
        "gradient",
        "rule",
        "arms",
        "spending",
        "futility",
        "truth",
        "e",
        "model",
    ]
)
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Stubborn:
    """An object that is no number, no array and no text, and says so loudly."""

    def __float__(self):
        raise RuntimeError("no number")

    def __array__(self, *given, **options):
        raise RuntimeError("no array")

    def __len__(self):
        raise RuntimeError("no length")


SCALARS = (
    [None, True, False, "", "zzz", "0.5", "no", b"x", 0, -1, 1, 2, 7, 10**400, -(10**400), 0.0, -0.0, 0.5]
    + [
        1e-300,
        1e300,
        5e-324,
        float("inf"),
        -float("inf"),
        float("nan"),
        1 + 2j,
        Decimal("0.5"),
        Decimal("NaN"),
    ]
    + [
        Fraction(1, 3),
        np.float32(0.5),
        np.int8(3),
        np.bool_(True),
        np.str_("x"),
        np.datetime64("NaT"),
        date.max,
    ]
    + [pd.NA, pd.NaT, np.ma.masked]
)
LISTS = [
    *(
        [],
        [None],
        ["a", "b"],
        [1, 2],
        [0.5, 0.5],
        [[1, 2], [3]],
        [float("nan")],
        [10**400],
        (1,),
        ("a", 1),
        {},
    ),
    *(
        {"a": 1},
        {1: 2},
        {"a": "x"},
        {"a": float("nan")},
        {"a": 0.5, "b": 0.5},
        set(),
        {1, 2},
        range(3),
        [True],
    ),
    *(np.array(1j), np.array([1j, 2]), np.array([]), np.ones((2, 3)), np.array([1, "a"], object)),
    *(np.array(["x"]), np.ma.array([1, 2], mask=[1, 0]), np.zeros(60), np.full(60, np.nan), np.arange(60)),
    *(
        pd.Series([1.0, 2.0]),
        pd.Series(["a", "b"]),
        pd.DataFrame({"a": [1]}),
        pd.DataFrame(),
        pl.Series([1, 2]),
    ),
    *(pa.array([1, 2]), pa.table({"y": [1]}), np.array(["2026-01-01"], "datetime64[D]")),
]
OBJECTS = [
    *(
        Stubborn(),
        object(),
        int,
        ab,
        len,
        lambda *given, **options: None,
        rows.EFFECT,
        rows.EFFECTS,
        rows.ARMS,
    ),
    *(rows.ARMS[0], rows.RATES[0], rows.METRIC, rows.ANALYSIS, rows.WATCH, ab.Rule(), ab.Beta(1, 1)),
    ab.Moments.of(np.arange(12.0).reshape(2, 3, 2)),
    ab.Effect.of(np.array([0.1, 0.2]), 0.1),
    ab.Effect.of(np.nan, np.nan),
]
FLOATS, WHOLE = st.floats(), st.integers(-3, 300)
JUNK = st.one_of(st.sampled_from(SCALARS), st.sampled_from(LISTS), st.sampled_from(OBJECTS), FLOATS, WHOLE)


def test_every_public_name_has_a_row():
    known = {*rows.CALLS, *rows.RESULTS, *rows.MODULES, *rows.SERVICES}
    assert set(ab.__all__) <= known
    assert {name.split(".")[0] for name in known} <= set(ab.__all__)


@pytest.mark.parametrize("name", rows.CALLS)
def test_the_row_of_every_call_works(name):
    sound(attrgetter(name)(ab)(**rows.CALLS[name]()), rows.CALLS[name]())


@pytest.mark.parametrize("name", rows.CALLS)
def test_any_arguments_give_a_named_refusal_or_a_sound_result(name):
    call, row = attrgetter(name)(ab), rows.CALLS[name]
    row()

    @seed(SEED)
    @FUZZ
    @given(st.dictionaries(st.sampled_from(sorted(set(row()) - {"rng"})), JUNK, min_size=1, max_size=2))
    def spoilt(changes):
        own = {name for name in changes if name in CALLBACKS and callable(changes[name])}
        judge(call, {**row(), **{name: value for name, value in changes.items() if name not in own}})

    spoilt()


def judge(call, arguments):
    """Call, and complain of anything but an answer in time."""
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 20 * SECONDS)
    start = time.process_time()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = call(**arguments)
    except ValueError as error:
        assert re.search("`[^`]+`", str(error)), f"names no parameter: {error}"
    else:
        sound(result, arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert time.process_time() - start < SECONDS


def late(*_):
    raise AssertionError("no answer")


def sound(result, arguments):
    """Refuse a result that breaks a promise; look into lists, mappings and results of results."""
    if isinstance(result, ab.Effect):
        sound_effect(result, arguments)
    elif isinstance(result, (list, tuple)):
        for part in result:
            sound(part, arguments)
    elif isinstance(result, Mapping):
        for part in result.values():
            sound(part, arguments)
    elif dataclasses.is_dataclass(result) and not isinstance(result, type):
        for name in ("pvalue", "power", "prob_best"):
            if hasattr(result, name):
                inside(getattr(result, name))
        if hasattr(result, "low") and hasattr(result, "high"):
            assert not (floats(result.low) > floats(result.high)).any()
        for field in dataclasses.fields(result):
            sound(getattr(result, field.name), {})


def floats(value):
    return np.asarray(np.nan if value is None else value, float)


def inside(value):
    value = floats(value)
    assert not ((value < 0) | (value > 1)).any(), f"no probability: {value}"


def sound_effect(effect, arguments):
    low, estimate, high, p = (floats(getattr(effect, k)) for k in ("low", "estimate", "high", "pvalue"))
    inside(p)
    if (
        effect.alternative == "two-sided" or effect.alpha < 0.5
    ):  # a bound at a level below one half lies beyond
        assert not (low > estimate).any() and not (estimate > high).any(), f"{low} {estimate} {high}"
    null = arguments.get("null", 0.0)
    if not isinstance(null, (int, float)):
        return
    known = ~(np.isnan(p) | np.isnan(low) | np.isnan(high))
    outside = (low > null) | (high < null)
    assert (outside == (p < effect.alpha))[known].all(), f"p {p}, {low} to {high} at {effect.alpha}"
