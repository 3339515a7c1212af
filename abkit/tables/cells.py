"""What a cell of a text file says: one rule for labels, one for numbers, whatever the format of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from abkit import _check

MISSING = ("", "NA", "N/A", "NaN", "null", "NULL", "None", r"\N")  # in columns of numbers
NO_LABEL = ("", r"\N")  # in columns of ids, arms and segments: NA may be Namibia
TRUTHS = {"true": 1.0, "t": 1.0, "yes": 1.0, "false": 0.0, "f": 0.0, "no": 0.0}
CURE = "Leave missing cells empty, and write decimals with a point and nothing else."


class WrongCell(Exception):
    """A cell that is no number: `index` counts the rows from 0."""

    def __init__(self, index: int, text: str) -> None:
        super().__init__(index, text)
        self.index, self.text = index, text


def labels(texts: Any) -> Any:
    """Return labels as text without outer blanks; null where the cell is empty or \\N.

    >>> import pyarrow as pa
    >>> labels(pa.array(["a ", "", "NA"])).to_pylist()
    ['a', None, 'NA']
    """
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(texts)
    return _without(trimmed, NO_LABEL)


def numbers(texts: Any) -> tuple[Any, str]:
    """Return floats, null where missing, and what the cells hold: "numbers", "truths" (true is 1), or "" for
    nothing.

    Raises WrongCell for the first cell that fits neither.

    >>> import pyarrow as pa
    >>> numbers(pa.array(["1.5", " NA", "+2"]))[0].to_pylist(), numbers(pa.array(["t", "F"]))[0].to_pylist()
    ([1.5, None, 2.0], [1.0, 0.0])
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(texts)
    kept = _without(trimmed, MISSING)
    if kept.null_count == len(kept):
        return pa.nulls(len(kept), pa.float64()), ""
    lower = pc.utf8_lower(kept)
    truths = pc.index_in(lower, value_set=pa.array(list(TRUTHS)))
    if truths.null_count == kept.null_count:
        return pa.array(list(TRUTHS.values())).take(truths), "truths"
    unsigned = pc.replace_substring_regex(kept, r"^\+([0-9.])", r"\1")
    shaped = pc.match_substring_regex(
        unsigned, r"^(-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|(?i:nan|[-+]?inf(inity)?))$"
    )
    if not pc.all(shaped).as_py():
        index = pc.index(shaped, False).as_py()
        raise WrongCell(index, texts[index].as_py())
    return pc.cast(unsigned, pa.float64()), "numbers"


def _without(texts: Any, spellings: tuple[str, ...]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pc.is_in(texts, value_set=pa.array(spellings)), pa.scalar(None, pa.string()), texts)


def asked(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the names of columns that are asked for, each once, from a mapping parameter → names.

    >>> asked({"metric": ["clicks", "views"], "covariates": ["views"]})
    ['clicks', 'views']
    """
    return list(dict.fromkeys(name for names in columns.values() for name in names))


def require_columns(existing: Sequence[str], *wanted: Mapping[str, Sequence[str]]) -> None:
    """Refuse a name that the table has not, naming the parameter that asked for it, and the names that exist.

    >>> require_columns(["arm", "y"], {"metric": ["revenue"]})
    Traceback (most recent call last):
        ...
    ValueError: `metric` must name columns of the table, which are arm, y; got 'revenue'.
    """
    for parameter, names in ((p, n) for columns in wanted for p, n in columns.items()):
        for name in names:
            if not isinstance(name, str) or name not in existing:
                need = "must name columns of the table, which are " + ", ".join(map(str, existing))
                raise _check.fail(parameter, need, _check.short(name))


def schema(numbers: Sequence[str], labels: Sequence[str]) -> Any:
    """Return the Arrow schema of a text table: floats, and text.

    >>> print(schema(["y"], ["arm"]))
    y: double
    arm: string
    """
    import pyarrow as pa

    return pa.schema([(n, pa.float64()) for n in numbers] + [(n, pa.string()) for n in labels])
