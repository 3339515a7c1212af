"""Compare every notebooks/text/*.py with its notebooks/*.ipynb; read both, write neither.

Prints a unified diff and exits 1 when a pair differs, a twin is missing, or a notebook carries
noise (time stamps, widget state, interpreter version). Usage: check_pairs.py [ROOT]
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import jupytext
import nbformat
from jupytext.config import load_jupytext_config

PROJECT = Path(__file__).resolve().parents[1]
CLEAN = {"kernelspec", "language_info"}


def canonical(path: Path) -> list[str]:
    """Return the py:percent lines of a text file or notebook under the project's own filters."""
    config = load_jupytext_config(str(PROJECT / "notebooks" / "text" / path.with_suffix(".py").name))
    notebook = jupytext.read(path, config=config)
    for cell in notebook.cells:  # blank lines between cells are layout, which a notebook does not hold
        cell.metadata = nbformat.from_dict(
            {k: v for k, v in cell.metadata.items() if not k.startswith("lines_to_")}
        )
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "jupytext": {
                "notebook_metadata_filter": config.notebook_metadata_filter,
                "cell_metadata_filter": config.cell_metadata_filter,
            },
        }
    )
    return jupytext.writes(notebook, fmt="py:percent", config=config).splitlines(True)


def noise(path: Path) -> list[str]:
    """Return what a rebuilt notebook would not hold."""
    notebook = nbformat.read(path, as_version=4)
    found = [f"notebook metadata {key!r}" for key in sorted(set(notebook.metadata) - CLEAN)]
    if set(notebook.metadata.get("language_info", {})) - {"name"}:
        found.append("interpreter version in language_info")
    for i, cell in enumerate(notebook.cells):
        extra = sorted(set(cell.metadata) - {"tags", "name", "alt", "jupyter"})
        found += [f"cell {i}: metadata {key!r}" for key in extra]
        if any("widget-view" in kind for o in cell.get("outputs", []) for kind in o.get("data", {})):
            found.append(f"cell {i}: a widget that no kernel keeps alive")
    return found


def problems(root: Path) -> tuple[int, list[str]]:
    """Return the number of notebooks under `root` and one text for each problem."""
    texts = {p.stem: p for p in (root / "notebooks" / "text").glob("*.py")}
    books = {p.stem: p for p in (root / "notebooks").glob("*.ipynb")}
    found = [f"{stem}: no notebooks/{stem}.ipynb\n" for stem in sorted(set(texts) - set(books))]
    found += [f"{stem}: no notebooks/text/{stem}.py\n" for stem in sorted(set(books) - set(texts))]
    for stem in sorted(set(texts) & set(books)):
        names = f"notebooks/text/{stem}.py", f"notebooks/{stem}.ipynb"
        diff = "".join(difflib.unified_diff(canonical(texts[stem]), canonical(books[stem]), *names))
        found += [diff] if diff else []
    for stem in sorted(books):
        found += [f"{stem}: {item}; run tools/build_notebooks.py {stem}\n" for item in noise(books[stem])]
    return len(set(texts) | set(books)), found


def main(arguments: list[str]) -> int:
    """Check the pairs under the given root (the project by default) and return the exit code."""
    total, found = problems(Path(arguments[0]) if arguments else PROJECT)
    sys.stdout.write("".join(found))
    print(f"{total} pairs, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
