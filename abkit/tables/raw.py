"""The bytes of a text file, in blocks of whole rows: unpacked, checked to be UTF-8, and counted in lines."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from abkit import _check

SIZE = 1 << 22  # bytes read at once
ROW = 1 << 20  # bytes of the longest row that is read: beyond it a quote was not closed
MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x1f\x8b": "an archive", b"PK": "an archive"}
QUOTE, NEWLINE, RETURN = b'"\n\r'
BOM = b"\xef\xbb\xbf"


class Block(NamedTuple):
    """Whole rows of a file, and the number of their first line."""

    data: bytes
    line: int


@contextmanager
def blocks(path: Path) -> Iterator[Iterator[Block]]:
    """Give the blocks of a file; what ends in .gz is unpacked, and its checksum stands before any other
    fault.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "x.csv.gz"); _ = path.write_bytes(gzip.compress(BOM + b"arm\\na"))
    ...     with blocks(path) as found:
    ...         list(found)
    [Block(data=b'arm\\n', line=1), Block(data=b'a\\n', line=2)]
    """
    packed = path.name.lower().endswith(".gz")
    try:
        with (gzip.open if packed else open)(path, "rb") as source:
            try:
                yield _blocks(path, source)
            except ValueError:
                while packed and source.read(SIZE):
                    pass
                raise
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        what = f"{path}, which is damaged ({' '.join(str(error).split()).rstrip('.')})"
        raise _check.fail("table", "must be a whole archive", what, "Copy it again.") from None
    except OSError as error:
        raise _check.fail("table", "must be a file that can be read", f"{path} ({error.strerror})") from None


def _blocks(path: Path, source: Any) -> Iterator[Block]:
    rest, line = b"", 1
    while chunk := source.read(SIZE):
        if line == 1 and not rest:
            _require_no_mark(path, chunk)
            chunk = chunk.removeprefix(BOM)
        data = rest + chunk
        end = _last_end(data)
        if not end and len(data) > ROW:
            ends = row_ends(data)
            raise too_long(path, line_of(Block(data, line), int(ends[-1]) + 1 if len(ends) else 0))
        rows, rest = data[:end], data[end:]
        if rows:
            yield _checked(path, Block(rows, line))
        line += _count(rows, NEWLINE)
    if rest:
        yield _checked(path, Block(rest + b"\n", line))


def line_of(block: Block, at: int) -> int:
    """Return the number of the line in which a byte of the block stands.

    at: the place of the byte, from 0.

    >>> line_of(Block(b"a\\nb\\nc\\n", 5), 4)
    7
    """
    return block.line + block.data.count(b"\n", 0, at)


def too_long(path: Path, line: int) -> ValueError:
    """Build the error for a row that no table has.

    >>> str(too_long(Path("x.csv"), 3)).split("; ")[1]
    'got a longer one from line 3 of x.csv. Is a quote not closed?'
    """
    what = f"a longer one from line {line} of {path}"
    return _check.fail("table", "must have rows below 1 MB", what, "Is a quote not closed?")


def row_ends(data: bytes) -> np.ndarray:
    """Return where rows end, (rows,) places from 0: at line ends that stand in no quoted field, after an even
    number of quotes.

    >>> row_ends(b'a\\n"b\\nc"\\n')
    array([1, 7])
    """
    b = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(b == NEWLINE)
    return ends[np.searchsorted(np.flatnonzero(b == QUOTE), ends) % 2 == 0]


def _last_end(data: bytes) -> int:
    """Where the last whole row ends, or 0 if none ends within the longest row: found from behind, which is
    fast.
    """
    quotes, stop = _count(data, QUOTE), len(data)
    while (at := data.rfind(b"\n", max(len(data) - ROW, 0), stop)) >= 0:
        quotes -= data.count(b'"', at, stop)
        if quotes % 2 == 0:
            return at + 1
        stop = at
    return 0


def _count(data: bytes, byte: int) -> int:
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == byte))  # three times as fast as bytes.count


def _require_no_mark(path: Path, start: bytes) -> None:
    for mark, what in MARKS.items():
        if start.startswith(mark):
            cure = (
                "Save it as UTF-8."
                if what == "UTF-16"
                else "Unpack it, or name it .gz if that is what it is."
            )
            raise _check.fail("table", "must be text in UTF-8", f"{what} in {path}", cure)


def _checked(path: Path, block: Block) -> Block:
    data = block.data
    at, what = data.find(b"\0"), "a byte 0"
    if at < 0 and not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            at, what = error.start, f"byte 0x{data[error.start]:02x}"
    if at >= 0:
        where = f"{what} in line {line_of(block, at)} of {path}"
        raise _check.fail("table", "must be text in UTF-8", where, "Save it as UTF-8.")
    return block
