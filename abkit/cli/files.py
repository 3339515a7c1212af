"""What commands read from the command line, and how they write a file: shares, numbers, new files only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from abkit import _check

SHOWN = 10  # labels or ids in a message


def shares(text: str, option: str = "expect") -> dict[str, float]:
    """Read 'control=.5,treatment=.5'; 50% is .5.

    >>> shares("control=50%,treatment=.5")
    {'control': 0.5, 'treatment': 0.5}
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        label, equals, value = (piece.strip() for piece in part.rpartition("="))
        if not equals or not label:
            raise _check.fail(option, "must look like control=.5,treatment=.5", repr(text))
        if label in shares:
            raise _check.fail(option, "must name each arm once", repr(text))
        shares[label] = number(option, value)
    _check.weights(option, shares)
    return shares


def number(name: str, text: Any) -> float:
    """Read a number that was typed: '.5', '10%' (.10) or '14,091'.

    >>> number("lift", "10%"), number("arrivals", "14,091")
    (0.1, 14091.0)
    """
    plain = str(text).strip().replace(",", "")
    per_cent = plain.endswith("%")
    try:
        value = _check.number(name, float(plain.removesuffix("%")))
    except ValueError:
        raise _check.fail(name, "must be a number", repr(text)) from None
    return value / 100 if per_cent else value


def typed(option: str) -> Any:
    """Return the reader of one numeric option, for argparse.

    >>> typed("--lift")("5%")
    0.05
    """

    def read(text: str) -> float:
        return number(option, text)

    return read


def listed(values: Iterable[Any]) -> str:
    """Name at most ten of many values.

    >>> listed(range(12))
    '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more'
    """
    names = [str(value) for value in values]
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def write_new(
    path: Path, text: str, *, option: str, force: bool = False, inputs: Iterable[Path] = ()
) -> None:
    """Write a file that is whole or not there: to a temporary file beside it, then renamed.

    A file that exists is replaced with `force` only, and an input never.
    Raises ValueError, naming the option, where that is not possible.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "new.csv")
    ...     write_new(path, "one", option="out"); write_new(path, "two", option="out", force=True)
    ...     path.read_text()
    'two'
    """
    path = Path(path)
    if any(path.exists() and Path(given).exists() and path.samefile(given) for given in inputs):
        raise _check.fail(option, "must not be the file that is read", path)
    if path.exists() and not force:
        raise _check.fail(option, "must be a new file", f"{path}, which exists", "Add --force to replace it.")
    if path.exists() and not path.is_file():
        raise _check.fail(option, "must be a file", path)
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8", newline=""
        ) as target:
            temporary = target.name
            target.write(text)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        need = "must be a file in a folder that can be written"
        raise _check.fail(option, need, f"{path} ({error.strerror})") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
