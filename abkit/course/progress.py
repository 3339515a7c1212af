"""What a reader did, in one small file: notebooks opened, exercises right, guesses made.

It is written only where `abkit lab` runs the kernel (ABKIT_PROGRESS=1, and ABKIT_COURSE names the folder).
Whoever deletes progress.json begins anew; nothing else depends on it. A file that cannot be read or written
never stops a cell.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

NAME = "progress.json"


def file() -> Path | None:
    """Return where progress is kept, None where it is not.

    >>> file() is None
    True
    """
    where = os.environ.get("ABKIT_COURSE")
    return Path(where) / NAME if where and os.environ.get("ABKIT_PROGRESS") == "1" else None


def read(path: Path | None = None) -> dict[str, Any]:
    """Return what is known: {"opened": {number: time}, "right": {key: time}, "guesses": {key: value}}.

    >>> read()
    {'opened': {}, 'right': {}, 'guesses': {}}
    """
    path = file() if path is None else path
    known: Any = {}
    if path is not None:
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(path.read_text(encoding="utf-8"))
    parts = ("opened", "right", "guesses")
    stored = [known.get(part) if isinstance(known, dict) else None for part in parts]
    return {part: dict(s) if isinstance(s, dict) else {} for part, s in zip(parts, stored, strict=True)}


def opened(number: str) -> None:
    """Remember that a notebook was opened now.

    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with patch.dict(os.environ, ABKIT_PROGRESS="1", ABKIT_COURSE=folder):
    ...         opened("07"); last()
    '07'
    """
    _remember("opened", number, _now())


def right(key: str) -> None:
    """Remember that an exercise was right, since the first time.

    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with patch.dict(os.environ, ABKIT_PROGRESS="1", ABKIT_COURSE=folder):
    ...         right("07.1"); right("07.1"); right("08.1"); count("right", "07")
    1
    """
    if file() is not None and key not in read()["right"]:
        _remember("right", key, _now())


def guessed(key: str, value: float) -> None:
    """Remember a guess.

    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with patch.dict(os.environ, ABKIT_PROGRESS="1", ABKIT_COURSE=folder):
    ...         guessed("07.p1", 20); guess("07.p1")
    20.0
    """
    _remember("guesses", key, value)


def guess(key: str) -> float | None:
    """Return the guess of an earlier day, None if there is none.

    >>> guess("07.p1") is None
    True
    """
    value = read()["guesses"].get(key)
    return float(value) if isinstance(value, (int, float)) else None


def count(part: str, number: str = "", path: Path | None = None) -> int:
    """Return how many keys of a notebook (of all, without a number) are in a part.

    >>> count("right", "07")
    0
    """
    return sum(key.startswith(number) for key in read(path)[part])


def last(path: Path | None = None) -> str | None:
    """Return the number of the notebook that was opened last, None before the first.

    >>> last() is None
    True
    """
    times = read(path)["opened"]
    return max(times, key=lambda number: str(times[number])) if times else None


def _now() -> str:
    return datetime.now().isoformat(timespec="seconds")


def _remember(part: str, key: str, value: Any) -> None:
    path = file()
    if path is None:
        return
    known = read(path)
    known[part][key] = value
    with contextlib.suppress(OSError):
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as target:
            json.dump(known, target, indent=1, sort_keys=True)
        os.replace(target.name, path)
