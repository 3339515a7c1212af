"""The reader's working copy: notebooks are copied into it, and what the reader changed is never overwritten.

A manifest in `.abkit/manifest.json` holds the hash of every file as it was copied. A file whose hash is still
that one may be replaced by a newer original; any other is the reader's.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from abkit import _check

FOLDER = "my-notebooks"
HIDDEN = ".abkit"
PATTERNS = ("[0-9][0-9]_*.ipynb", "README.md", "GLOSSARY.md", "map.svg")


@dataclass
class Update:
    """What `update` did, by file name: new, replaced, and the reader's own where a newer original waits."""

    copied: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def place(start: Path, folder: str | Path | None = None) -> Path:
    """Return where the working copy is or will be: `folder`, `start` itself if it is one, or my-notebooks.

    >>> place(Path("shop")).as_posix()
    'shop/my-notebooks'
    """
    if folder is not None:
        return start / folder
    return start if (start / HIDDEN / "manifest.json").is_file() else start / FOLDER


def update(source: Path, target: Path) -> Update:
    """Copy what is missing, replace what is unchanged, keep what the reader changed, and say which.

    source: the folder of the course. target: the working copy, made where it is missing.

    >>> with tempfile.TemporaryDirectory() as source, tempfile.TemporaryDirectory() as target:
    ...     _ = Path(source, "README.md").write_text("Old."); update(Path(source), Path(target)).copied
    ...     _ = Path(source, "README.md").write_text("New."); update(Path(source), Path(target)).replaced
    ...     _ = Path(target, "README.md").write_text("Mine."); update(Path(source), Path(target)).replaced
    ['README.md']
    ['README.md']
    []
    """
    (target / HIDDEN).mkdir(parents=True, exist_ok=True)
    known, done = manifest(target), Update()
    for path in originals(source):
        mine, fresh = target / path.name, digest(path)
        if mine.is_file() and (have := digest(mine)) != fresh:
            if have != known.get(path.name):
                done.kept += [path.name] if fresh != known.get(path.name) else []
                continue
            done.replaced.append(path.name)
        elif not mine.is_file():
            done.copied.append(path.name)
        if path.name in (*done.copied, *done.replaced):
            copy(path, mine)
        known[path.name] = fresh
    _write(target / HIDDEN / "manifest.json", json.dumps(known, indent=1, sort_keys=True) + "\n")
    return done


def reset(source: Path, target: Path, which: str) -> tuple[str, str | None]:
    """Restore one notebook; return its name and that of the reader's copy, None if it had no changes.

    which: the number of the notebook, such as "07" or "7", or its file's name.
    Raises ValueError when there is no such notebook, or no working copy.

    >>> with tempfile.TemporaryDirectory() as source, tempfile.TemporaryDirectory() as target:
    ...     _ = Path(source, "07_peeking.ipynb").write_text("{}"); _ = update(Path(source), Path(target))
    ...     _ = Path(target, "07_peeking.ipynb").write_text("mine"); reset(Path(source), Path(target), "7")
    ('07_peeking.ipynb', '07_peeking_mine.ipynb')
    """
    stem = str(which).removesuffix(".ipynb")
    stem = f"{int(stem):02d}" if stem.isdigit() else stem
    found = [p for p in originals(source) if p.suffix == ".ipynb" and stem in (p.stem, p.name[:2])]
    if not found:
        numbers = ", ".join(p.name[:2] for p in originals(source) if p.suffix == ".ipynb")
        raise _check.fail("notebook", f"must be one of {numbers}", repr(which))
    if not (target / HIDDEN / "manifest.json").is_file():
        raise _check.fail("folder", "must be a working copy", target, "`abkit lab` makes one.")
    original, mine = found[0], target / found[0].name
    known = manifest(target)
    changed = mine.is_file() and digest(mine) not in (digest(original), known.get(original.name))
    saved = _free(mine) if changed else None
    if saved is not None:
        os.replace(mine, saved)
    copy(original, mine)
    known[original.name] = digest(original)
    _write(target / HIDDEN / "manifest.json", json.dumps(known, indent=1, sort_keys=True) + "\n")
    return original.name, saved.name if saved else None


def originals(source: Path) -> list[Path]:
    """Return the files of the course in their folder, sorted by name.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("notes.md", "map.svg", "07_peeking.ipynb"): Path(folder, name).touch()
    ...     [path.name for path in originals(Path(folder))]
    ['07_peeking.ipynb', 'map.svg']
    """
    return sorted(path for pattern in PATTERNS for path in source.glob(pattern))


def manifest(target: Path) -> dict[str, str]:
    """Return name → hash of every file as it was copied; empty when it is not there or cannot be read.

    >>> with tempfile.TemporaryDirectory() as source, tempfile.TemporaryDirectory() as target:
    ...     Path(source, "map.svg").touch(); _ = update(Path(source), Path(target))
    ...     manifest(Path(target)) == {"map.svg": digest(Path(source, "map.svg"))}, manifest(Path(source))
    (True, {})
    """
    try:
        known = json.loads((target / HIDDEN / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a").write_bytes(b"abc"); digest(Path(folder, "a"))[:16]
    'ba7816bf8f01cfea'
    """
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy(path: Path, target: Path) -> None:
    """Copy the content of a file, so that the target is whole or as it was, and may be written.

    target: in a folder that has a folder .abkit.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     old, new = Path(folder, "a"), Path(folder, "b"); _ = old.write_text("abc"); old.chmod(0o444)
    ...     Path(folder, HIDDEN).mkdir(); copy(old, new); _ = new.write_text("mine"); new.read_text()
    'mine'
    """
    part = target.parent / HIDDEN / f"{target.name}.part"
    shutil.copyfile(path, part)
    os.replace(part, target)


def _write(path: Path, text: str) -> None:
    """Write a small text file that is whole or as it was."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as part:
        part.write(text)
    os.replace(part.name, path)


def _free(path: Path) -> Path:
    """Return a new name for the reader's copy: 07_peeking_mine.ipynb, then 07_peeking_mine_2.ipynb."""
    names = (f"{path.stem}_mine{'' if i == 1 else f'_{i}'}.ipynb" for i in range(1, 10_000))
    return next(path.parent / name for name in names if not (path.parent / name).exists())
