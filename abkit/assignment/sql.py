"""The assignment of `assign` as SQL text, so that a warehouse gives every unit the same arm."""

from __future__ import annotations

from typing import Any

from abkit import _check
from abkit._labels import quoted
from abkit.assignment.arms import cut, entry_edge
from abkit.assignment.hashing import BUCKETS

DIALECTS = ("duckdb", "postgresql", "spark")
_HASH = {
    "duckdb": "mod(CAST('0x' || substr(md5({key}), 1, 15) AS BIGINT), {n})",
    "postgresql": "mod(('x' || substr(md5(convert_to({key}, 'UTF8')), 1, 15))::bit(60)::bigint, {n})",
    "spark": "mod(CAST(conv(substr(md5({key}), 1, 15), 16, 10) AS BIGINT), {n})",
}
_TEXT = {"duckdb": "VARCHAR", "postgresql": "TEXT", "spark": "STRING"}


def assign_sql(weights: Any, *, salt: str, share: float = 1.0, column: str, dialect: str = "duckdb") -> str:
    """Return an SQL expression for the arm of the unit in `column`, NULL where it is not enrolled.

    It gives the same arms as `assign` for ids stored as text or whole numbers. A NULL id gives NULL.
    `column` is one name and is quoted as it stands; labels and salt are escaped. The text assumes
    the usual settings: UTF-8, and standard_conforming_strings in PostgreSQL.

    weights: label → planned share; they sum to 1; share: the part of all units that enters, 0 to 1; dialect:
    "duckdb", "postgresql" or "spark".
    Raises ValueError: `column` must be text.

    >>> assign_sql({"a": 0.5, "b": 0.5}, salt="s", column="id")[-24:]
    "00) < 10000 THEN 'b' END"
    """
    _check.one_of("dialect", dialect, DIALECTS)
    _check.text("salt", salt)
    if not _check.text("column", column):
        raise _check.fail("column", "must be text", repr(column))
    labels, edges = cut(weights)
    arm = _position(f"{salt}/arm.", column, dialect)
    cases = "\n".join(
        f"WHEN {arm} < {edge} THEN {_literal(label, dialect)}"
        for label, edge in zip(labels, edges, strict=True)
    )
    edge = entry_edge(share)
    if edge == BUCKETS:
        return f"CASE {cases} END"
    return f"CASE WHEN {_position(f'{salt}/entry.', column, dialect)} < {edge} THEN CASE {cases} END END"


def _position(prefix: str, column: str, dialect: str) -> str:
    name = quoted(column, dialect)
    key = f"{_literal(prefix, dialect)} || CAST({name} AS {_TEXT[dialect]})"
    return _HASH[dialect].format(key=key, n=BUCKETS)


def _literal(text: str, dialect: str) -> str:
    if "\0" in text:
        raise _check.fail("weights", "must hold labels and a salt without a NUL character", repr(text))
    if dialect == "spark":
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + text.replace("'", "''") + "'"
