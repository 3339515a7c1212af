"""Write what every public call answers, with its arguments changed one at a time, into
tests/oracles/results.json.

The calls are those of `fuzz_rows`. Each argument takes its other options, other numbers, the ends of its
range and other data; then some changes meet in pairs. What is stored is the whole answer (fields, properties
and text; of long arrays their ends and two sums), or the words of the refusal. It is a snapshot of this
program, no oracle: it sees that an answer changed, and proves none.
"""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import json
import random
import re
import warnings
from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from operator import attrgetter
from pathlib import Path

import fuzz_rows as rows
import numpy as np
import pandas as pd
from inner import arguments, inner
from scenes import COMMANDS, SCENES, STORED, changes_of, told

import abkit as ab

FILE = Path(__file__).parent / "oracles" / "results.json"
PAIRS = 12  # changes of two arguments at once, for each call
LONG = 6  # numbers of an array that are stored one by one
FREE = {  # a refusal of these holds the words of another library, or the call asks a machine
    "model",
}


def options(call, row, name):
    """The other texts that an argument takes, as its refusal lists them."""
    try:
        call(**{**deepcopy(row()), name: "zzz"})
    except Exception as error:
        return [text for text in re.findall(r"'([\w-]+)'", str(error)) if text != "zzz"]
    return []


def others(value, call, row, name):
    """Other values for an argument, by its kind."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [2 * value, value // 2, value + 1, value - 1, -value, 0, 1]
    if isinstance(value, float):
        return [2 * value, value / 2, value + 1, value - 1, -value, 0, 1, 3, np.nan]
    if isinstance(value, str):
        return [*options(call, row, name), "", "zzz"]
    if value is None:
        return [*options(call, row, name), 0, 0.3, 1, 2, True]
    if isinstance(value, np.ndarray) and value.dtype.kind in "iufb" and value.size and value.ndim:
        return arrays(value)
    if type(value) in (list, tuple) and value:
        return lists(value)
    if isinstance(value, dict) and value and all(isinstance(v, (int, float)) for v in value.values()):
        first, *rest = value
        return [
            {**value, first: 2 * value[first]},
            {first: value[first]},
            {**value, first: -1},
            {**value, "c": 1},
        ]
    return others_of_class(value)


def arrays(value):
    """Other arrays: shorter, turned round, larger, all alike, with a gap, of the wrong kind."""
    number = value.astype(float)
    gap = number.copy()
    gap.flat[0] = np.nan
    return [
        *(
            value[: len(value) // 2],
            value[::-1],
            2 * number,
            -number,
            np.zeros_like(value),
            number > number.mean(),
        ),
        *(number**3, gap, value[:1], value[:0], number[..., None], value.astype(str)),
    ]


def lists(value):
    """Other lists: shorter, turned round, with one more, and their numbers changed."""
    kind, items = type(value), list(value)
    found = [kind(items[:1]), kind(items[::-1]), kind(items + items[-1:]), kind([])]
    if all(isinstance(v, (int, float)) for v in items):
        found += [kind(f * v for v in items) for f in (0.5, 2, -1)] + [kind(v + 1 for v in items)]
        found += [kind([np.nan, *items[1:]]), kind([0 * v for v in items])]
    return found


def others_of_class(value):
    """Other objects of the same class."""
    if isinstance(value, ab.Moments):
        few = ab.Moments.of(rows.Y[1][:4], pre=rows.X[1][:4], views=1 + rows.Y[0][:4])
        flat = ab.Moments.of(np.ones(9), pre=np.arange(9.0), views=np.ones(9))
        several = ab.Moments.of(rows.Y[:, :50].reshape(2, 5, 10), pre=rows.X[:, :50].reshape(2, 5, 10))
        return [rows.ARMS[0], rows.RATES[0], ab.Moments.counts(0, 30), few, flat, several]
    if isinstance(value, ab.Effect):
        return [
            ab.Effect.of(-1.0, 0.2, n_control=5, n_treatment=9),
            ab.Effect.of(0.1, 0.05, df=4.0, alternative="greater"),
            ab.Effect.of(np.array([0.3, -0.3]), np.array([0.1, 0.1])),
            ab.Effect.of(np.nan, np.nan),
        ]
    if isinstance(value, pd.DataFrame):
        return [
            value.iloc[:20],
            value.iloc[::-1],
            value.iloc[:0],
            value.assign(y=1.0),
            value.drop(columns="y", errors="ignore"),
        ]
    if isinstance(value, ab.Boundary):
        return [
            ab.group_sequential(4, spending="pocock", sides=2),
            ab.group_sequential([0.3, 0.7, 1.0], sides=1, futility="obrien_fleming", binding=True),
        ]
    return [] if callable(value) else ["zzz"]


def answer(call, arguments):
    """What a call answers: its result, or the words of its refusal; its luck is fixed."""
    if "rng" in inspect.signature(call).parameters:
        arguments = {"rng": 1, **arguments}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return leaf(call(**deepcopy(arguments)))
        except ValueError as error:
            return "refused: " + " ".join(str(error).split())


def leaf(value, depth=0):
    """A result as texts and numbers of seven digits."""
    if isinstance(value, str) and "\n" in value:
        return {str(i): line for i, line in enumerate(value.split("\n"))}
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, (int, float, np.number, np.bool_)):
        return digits(value)
    if isinstance(value, np.ndarray):
        return of_array(value, depth)
    if isinstance(value, (pd.DataFrame, pd.Series)):
        frame = value.reset_index() if isinstance(value, pd.DataFrame) else value.to_frame().reset_index()
        return {str(c): of_array(frame[c].to_numpy(), depth) for c in frame}
    if isinstance(value, Mapping):
        return {str(k): leaf(v, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        if len(value) > LONG and all(isinstance(v, (int, float)) for v in value):
            return of_array(np.array(value), depth)
        return [leaf(v, depth + 1) for v in value[:LONG]] + ([len(value)] if len(value) > LONG else [])
    if type(value).__module__.startswith("abkit") and not callable(value) and depth < 4:
        return {"is": type(value).__name__, **parts(value, depth), "text": str(value)[:400]}
    return type(value).__name__


def parts(value, depth):
    """The fields and properties of an object."""
    kind = type(value)
    names = [f.name for f in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else []
    names += [n for n in dir(kind) if isinstance(getattr(kind, n, None), property) and n not in names]
    found = {}
    for name in names:
        if not name.startswith("_"):
            try:
                found[name] = leaf(getattr(value, name), depth + 1)
            except ValueError as error:
                found[name] = "refused: " + str(error)
    return found


def of_array(value, depth):
    """Short arrays as lists, long ones as shape, ends and two sums."""
    if value.dtype.kind not in "iufb" or value.size <= LONG:
        return leaf(value.tolist() if value.ndim else value.item(), depth + 1)
    v = value.astype(float).ravel()
    weights = 1 + np.arange(v.size) % 7
    return [list(value.shape), *(digits(x) for x in (v[0], v[-1], np.nansum(v), np.nansum(v * weights)))]


def digits(value):
    """A number with seven digits, and what is no number as a word."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    return float(f"{value:.7g}") if np.isfinite(value) else str(float(value))


INNER, TEACHING = inner(), ("check", "exercise", "hint", "solution")  # they remember what was asked
CALLS = {
    **{name: (attrgetter(name)(ab), row) for name, row in rows.CALLS.items() if name not in TEACHING},
    **SCENES,
    **{f"datasets.{name}": (getattr(ab.datasets, name), dict) for name in STORED},
    **{name: (function, partial(arguments, function)) for name, function in INNER.items()},
}


def calls(name):
    """The sound call of a name, its single changes, and some of two at once: title → arguments."""
    call, row = CALLS[name]
    if row() is None:
        return {}
    found, changes, special = {"": row()}, [], changes_of(name)
    for key, value in row().items():
        if key != "rng" and key not in FREE:
            own = special.get(key)
            changes += [(f"{key} {i}", key, v) for i, v in enumerate(own or others(value, call, row, key))]
    found |= {title: {**row(), key: other} for title, key, other in changes}
    rng = random.Random(name)
    for _ in range(PAIRS if len(changes) > 1 and not name.startswith("plot_") and name not in INNER else 0):
        (a, key, x), (b, second, y) = rng.sample(changes, 2)
        if key != second:
            found[f"{a}, {b}"] = {**row(), key: x, second: y}
    return found


def entry(name):
    """What is stored of a name: the answer of each of its calls; of a result, what is not as in the first.

    An inner function gets what it was not made for, and may fail as Python fails: that is not stored.
    """
    found = {}
    for title, given in calls(name).items():
        with contextlib.suppress(Exception) if name in INNER else contextlib.nullcontext():
            found[title] = answer(CALLS[name][0], given)
    first = found.get("")
    return {title: less(value, first) if title else value for title, value in found.items()}


def less(value, first):
    """The parts of an answer that are not those of the first one."""
    if isinstance(value, dict) and isinstance(first, dict) and value.keys() == first.keys():
        return {k: less(v, first[k]) for k, v in value.items() if v != first[k] and k != "text"}
    if isinstance(value, list) and isinstance(first, list) and len(value) == len(first) and value:
        return {str(i): less(v, w) for i, (v, w) in enumerate(zip(value, first, strict=True)) if v != w}
    return value


def whole(value, first):
    """The answer that `less` made short."""
    if isinstance(value, dict) and isinstance(first, dict) and value.keys() <= first.keys():
        return {k: whole(value[k], v) if k in value else v for k, v in first.items() if k != "text"}
    if isinstance(value, dict) and isinstance(first, list):
        return [whole(value[str(i)], v) if str(i) in value else v for i, v in enumerate(first)]
    return value


def said():
    """Everything that is stored."""
    found = {name: entry(name) for name in CALLS}
    return {**{k: v for k, v in found.items() if v}, "commands": {words: told(words) for words in COMMANDS}}


def written(entries):
    """The file, a line for each call, so that a change is read as a change of lines."""
    rows = [
        f"{json.dumps(topic)}: {{\n"
        + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in calls.items())
        + "\n}"
        for topic, calls in entries.items()
    ]
    source = "what this program answers, with no other source: a change is to be read by eye"
    return f'{{"source": "{source}", "entries": {{\n' + ",\n".join(rows) + "\n}}\n"


if __name__ == "__main__":
    FILE.write_text(written(said()), encoding="utf-8")
