"""Who may enter: rules on attributes from before the assignment. What is not known meets no rule."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from abkit import _check
from abkit._labels import missing

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, options: value in options,
    "not in": lambda value, options: value not in options,
}


@dataclass(frozen=True)
class Where:
    """One rule of eligibility: column, operator (==, !=, <, <=, >, >=, in, not in), value.

    >>> Where("country", "in", ("NL", "PL"))
    Where(column='country', op='in', value=('NL', 'PL'))
    """

    column: str
    op: str
    value: Any

    def __post_init__(self) -> None:
        _check.one_of("op", self.op, tuple(OPERATORS))
        if self.op in ("in", "not in") and (
            isinstance(self.value, str) or not isinstance(self.value, Iterable)
        ):
            raise _check.fail("value", f"must be a list of values for {self.op!r}", repr(self.value))


def eligible(frame: Any, rules: Where | Sequence[Where]) -> np.ndarray:
    """Return which rows meet ALL rules, shape (n,) of bool; a row without the attribute is not eligible.

    This holds for != and "not in" too: of an unknown country nothing is known. `frame`: any data
    frame, or a dict of columns. Use only attributes from BEFORE the assignment.

    Raises ValueError: `rules` must hold at least one rule.

    >>> eligible({"age": [17, 30, None]}, [Where("age", ">=", 18)]).tolist()
    [False, True, False]
    """
    keep: np.ndarray | None = None
    for rule in [rules] if isinstance(rules, Where) else _check.several("rules", rules):
        _check.instance("rules", rule, Where)
        met = np.array([_meets(value, rule) for value in _column(frame, rule.column)], bool)
        keep = met if keep is None else keep & met
    if keep is None:
        raise _check.fail("rules", "must hold at least one rule", "none")
    return keep


def _column(frame: Any, column: str) -> list[Any]:
    if isinstance(frame, Mapping):
        names, values = list(frame), frame.get(column)
        found = list(values) if values is not None else None
    else:
        import narwhals as nw

        try:
            table = nw.from_native(frame, eager_only=True)
        except TypeError:
            need = "must be a data frame or a dict of columns"
            raise _check.fail("frame", need, type(frame).__name__) from None
        names = table.columns
        found = table[column].to_list() if column in names else None
    if found is None:
        raise _check.fail(
            "rules", "must use columns of the frame (" + ", ".join(map(str, names)) + ")", repr(column)
        )
    return found


def _meets(value: Any, rule: Where) -> bool:
    if missing(value):
        return False
    try:
        return bool(OPERATORS[rule.op](value, rule.value))
    except TypeError:
        raise _check.fail(
            "rules", f"must compare {rule.column!r} with a value of its own type", repr(rule.value)
        ) from None
