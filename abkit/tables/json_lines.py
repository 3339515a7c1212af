"""Read a .jsonl file, one object a line, by the same rules of cells as a text table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abkit import _check
from abkit.tables import cells, raw


def read(path: Path, numbers: Mapping[str, Any], labels: Mapping[str, Any]) -> Any:
    """Return columns as an Arrow table: numbers as floats (true is 1), labels as text.

    A number keeps the digits that stand in the file, so that a long id stays itself; null or no key is
    missing.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "x.jsonl"); _ = path.write_text('{"version": 1.10}\\n{"y": 2}')
    ...     read(path, {"metric": ["y"]}, {"by": ["version"]}).to_pydict()
    {'y': [None, 2.0], 'version': ['1.10', None]}
    """
    import pyarrow as pa

    number, label = cells.asked(numbers), cells.asked(labels)
    texts: dict[str, list[str | None]] = {name: [] for name in [*number, *label]}
    lines: list[int] = []
    names: dict[str, None] = {}
    with raw.blocks(path) as blocks:
        for block in blocks:
            for line, text in enumerate(block.data.split(b"\n"), block.line):
                if text.strip():
                    row = _object(path, line, text)
                    names.update(dict.fromkeys(row))
                    lines.append(line)
                    for name, column in texts.items():
                        column.append(_cell(path, line, name, row.get(name)))
    cells.require_columns(list(names), numbers, labels)
    columns = {name: pa.array(column, pa.string()) for name, column in texts.items()}
    return pa.table(
        {
            **{name: _numbers(path, lines, name, columns[name]) for name in number},
            **{name: cells.labels(columns[name]) for name in label},
        },
        schema=cells.schema(number, label),
    )


def _object(path: Path, line: int, text: bytes) -> dict[str, Any]:
    try:
        row = json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        what = f"{path}, line {line}: {error}"
        raise _check.fail("table", "must hold one JSON object a line", what) from None
    if not isinstance(row, dict):
        raise _check.fail(
            "table", "must hold one JSON object a line", f"{path}, line {line}: {type(row).__name__}"
        )
    return row


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ValueError("a name that comes twice")
    return row


def _cell(path: Path, line: int, name: str, value: Any) -> str | None:
    if isinstance(value, (dict, list)):
        raise _check.fail(name, "must hold plain values", f"{type(value).__name__} in line {line} of {path}")
    return value if value is None or isinstance(value, str) else str(value)


def _numbers(path: Path, lines: list[int], name: str, texts: Any) -> Any:
    try:
        return cells.numbers(texts)[0]
    except cells.WrongCell as cell:
        what = f"text such as {cell.text!r} in line {lines[cell.index]} of {path}"
        raise _check.fail(name, "must hold numbers or booleans", what, cells.CURE) from None
