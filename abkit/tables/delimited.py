"""Read a .csv or .tsv file by one strict rule, and say in which line it is broken.

The first row names the columns; a comma separates in .csv and a tab in .tsv; the quote is ", at both ends of
a field and doubled inside it; nothing is a comment; every row has the fields of the header. Nothing is
guessed from the rows.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from abkit import _check
from abkit.tables import cells, raw
from abkit.tables.raw import NEWLINE, QUOTE, RETURN, Block

SEPARATORS = {".csv": ",", ".tsv": "\t"}
OTHERS = (";", "\t", "|", ",")


@dataclass(frozen=True)
class Form:
    """What the first row tells: the names of the columns, and its own bytes, which may not come again."""

    path: Path
    separator: str
    names: list[str]
    header: bytes


def read(path: Path, separator: str, numbers: Mapping[str, Any], labels: Mapping[str, Any]) -> Any:
    """Return columns as an Arrow table: numbers as floats (true is 1), labels as text.

    numbers, labels: the names of the columns by the parameter that asked for them.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "x.csv"); _ = path.write_text('arm,y\\n"a, b",1.5\\nc,NA\\n')
    ...     read(path, ",", {"metric": ["y"]}, {"arm": ["arm"]}).to_pydict()
    {'y': [1.5, None], 'arm': ['a, b', 'c']}
    """
    import pyarrow as pa

    number, label = cells.asked(numbers), cells.asked(labels)
    tables: list[Any] = [cells.schema(number, label).empty_table()]
    held: dict[str, str] = {}
    with raw.blocks(path) as blocks:
        form = None
        for block in blocks:
            if form is None:
                form, block = _begun(path, separator, block)
                cells.require_columns(form.names, numbers, labels)
            _require_sound(form, block)
            if block.data.strip(b"\r\n") or (len(form.names) == 1 and block.data):
                tables.append(_table(form, block, number, label, held))
    return pa.concat_tables(tables)


def _begun(path: Path, separator: str, block: Block) -> tuple[Form, Block]:
    """Read the header, and leave the rows."""
    data, line = block
    end = data.find(b"\n") + 1
    while data.count(b'"', 0, end) % 2 and data.find(b"\n", end) >= 0:  # a name of two lines
        end = data.find(b"\n", end) + 1
    first = data[:end].decode().rstrip("\r\n")
    _require_separator(path, separator, first)
    _require_quotes(path, Block(data[:end], line), separator)
    names = [name.strip() for name in next(csv.reader([first], delimiter=separator), [""])]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        what = f"{names.count(twice[0])} columns named {twice[0]!r} in {path}"
        raise _check.fail("table", "must have different column names", what)
    return Form(path, separator, names, data[:end]), Block(data[end:], line + data.count(b"\n", 0, end))


def _require_separator(path: Path, separator: str, first: str) -> None:
    own, name = first.count(separator), "a comma" if separator == "," else "a tab"
    for other in OTHERS:
        if other != separator and first.count(other) > own:
            what = f"the separator {other!r} in the header of {path}"
            raise _check.fail("table", f"must have {name} between its columns", what, "Save it again.")


def _require_sound(form: Form, block: Block) -> None:
    """Refuse a quote in the wrong place, an old line end, and a header that comes again."""
    data = block.data
    if b"\r" in data:
        _require_line_ends(form.path, block)
    if b'"' in data:
        _require_quotes(form.path, block, form.separator)
    for again in (form.header,) if data.isascii() else (form.header, raw.BOM + form.header):
        at = 0 if data.startswith(again) else data.find(b"\n" + again) + 1
        if at or data.startswith(again):
            what = f"another one in line {raw.line_of(block, at)} of {form.path}"
            raise _check.fail("table", "must have one header", what, "Two exports in one file? Part them.")


def _require_line_ends(path: Path, block: Block) -> None:
    b = np.frombuffer(block.data, np.uint8)
    lone = np.flatnonzero((b[:-1] == RETURN) & (b[1:] != NEWLINE))
    lone = lone[np.searchsorted(np.flatnonzero(b == QUOTE), lone) % 2 == 0]
    if len(lone):
        where = raw.line_of(block, int(lone[0]))
        raise _check.fail(
            "table", "must end its lines with a line feed", f"a lone return in line {where} of {path}"
        )


def _require_quotes(path: Path, block: Block, separator: str) -> None:
    """Every odd quote opens a field, every even one closes it; a doubled quote closes and opens."""
    b = np.frombuffer(block.data, np.uint8)  # it ends with a line end, which stands before its first byte too
    at = np.flatnonzero(b == QUOTE)
    outer = np.zeros(256, bool)
    outer[[ord(separator), NEWLINE, RETURN, QUOTE]] = True
    wrong = ~outer[np.concatenate([b[at[::2] - 1], b[at[1::2] + 1]])]
    if not wrong.any() and len(at) % 2 == 0:
        return
    suspects = np.concatenate([at[::2], at[1::2]])[wrong] if wrong.any() else at[-1:]
    where = raw.line_of(block, int(suspects.min()))
    need = "must have a quote at both ends of a field, and doubled inside it"
    raise _check.fail("table", need, f'a lone " in line {where} of {path}')


def _table(
    form: Form, block: Block, numbers: Sequence[str], labels: Sequence[str], held: dict[str, str]
) -> Any:
    """Columns of a block. Cells that are no plain numbers are looked at as text; `held`: truths or numbers so
    far.
    """
    import pyarrow as pa

    try:
        found = _parsed(form, block, numbers, [], labels)
        kinds = dict.fromkeys((n for n in numbers if found[n].null_count < len(found)), "numbers")
        values = {name: found[name] for name in numbers}
    except pa.ArrowInvalid as error:
        _require_rows(form, block, str(error))
        found = _parsed(form, block, [], numbers, labels)
        values, kinds = {}, {}
        for name in numbers:
            values[name], kinds[name] = _numbers(form, block, name, found[name])
    for name, kind in kinds.items():
        if kind and held.setdefault(name, kind) != kind:
            raise _check.fail(name, "must hold numbers or truth values", f"both, in {form.path}")
    return pa.table(
        {**values, **{name: cells.labels(found[name]) for name in labels}},
        schema=cells.schema(numbers, labels),
    )


def _parsed(
    form: Form, block: Block, numbers: Sequence[str], texts: Sequence[str], labels: Sequence[str]
) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow

    quoted = b'"' in block.data
    return arrow.read_csv(
        pa.BufferReader(block.data),
        read_options=arrow.ReadOptions(column_names=form.names, block_size=raw.ROW),
        parse_options=arrow.ParseOptions(
            delimiter=form.separator,
            quote_char='"' if quoted else False,
            newlines_in_values=quoted,
            ignore_empty_lines=len(form.names) > 1,
        ),
        convert_options=arrow.ConvertOptions(
            include_columns=[*numbers, *texts, *labels],
            column_types={
                **dict.fromkeys(numbers, pa.float64()),
                **dict.fromkeys([*texts, *labels], pa.string()),
            },
            null_values=cells.MISSING,
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )


def _numbers(form: Form, block: Block, name: str, texts: Any) -> tuple[Any, str]:
    try:
        return cells.numbers(texts)
    except cells.WrongCell as cell:
        starts = _starts(form, block)
        what = (
            f"text such as {cell.text!r} in line {raw.line_of(block, int(starts[cell.index]))} of {form.path}"
        )
        raise _check.fail(name, "must hold numbers or booleans", what, cells.CURE) from None


def _require_rows(form: Form, block: Block, error: str) -> None:
    """Refuse the first row that is too long or has not the fields of the header."""
    b = np.frombuffer(block.data, np.uint8)
    starts = _starts(form, block)
    stops = np.append(starts[1:], len(b))
    separators = np.flatnonzero(b == ord(form.separator))
    separators = separators[np.searchsorted(np.flatnonzero(b == QUOTE), separators) % 2 == 0]
    fields = np.searchsorted(separators, stops) - np.searchsorted(separators, starts) + 1
    wrong = np.flatnonzero((fields != len(form.names)) | (stops - starts > raw.ROW))
    if len(wrong) and stops[wrong[0]] - starts[wrong[0]] > raw.ROW:
        raise raw.too_long(form.path, raw.line_of(block, int(starts[wrong[0]])))
    if len(wrong):
        what = f"{fields[wrong[0]]} in line {raw.line_of(block, int(starts[wrong[0]]))} of {form.path}"
        raise _check.fail("table", f"must have {len(form.names)} fields in every row, as in its header", what)
    if "conversion error" not in error:
        raise _check.fail("table", "must be a readable table", f"{form.path} ({error.splitlines()[0]})")


def _starts(form: Form, block: Block) -> np.ndarray:
    """Where rows begin; empty lines are no rows, except in a file of one column."""
    b = np.frombuffer(block.data, np.uint8)
    starts = np.concatenate([[0], raw.row_ends(block.data)[:-1] + 1])
    empty = (b[starts] == NEWLINE) | (b[starts] == RETURN)
    return starts if len(form.names) == 1 else starts[~empty]
