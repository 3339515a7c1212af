"""Write what follows from the list of notebooks: map, glossary, and the links of each to its neighbours.

notebooks/README.md, map.svg and GLOSSARY.md; the line "Previous: … Next: …" of every first cell, in the text
file and in the notebook; the stored map of notebook 00. No kernel runs. Usage: make_pages.py [--check]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat

from abkit import teach
from abkit.course import glossary, picture, plan

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
ONE = r"(?:\[[^\]]*\]\([^)]*\)|\d\d\b[^.]*?)"  # a link, or the name of a planned notebook
LINE = re.compile(
    rf"[ \n]?(?:Previous:\s+{ONE}\.\s+)?(?:Next:\s+{ONE}\.)|[ \n]?Previous:\s+{ONE}\.", re.DOTALL
)
CALL = "ab.teach.map()"


def neighbours(number: str, books: dict[str, Path]) -> str:
    """Return the line of links to the previous and the next notebook; or what is planned.

    >>> neighbours("07", {"05": Path("05_sample_size.ipynb"), "07": Path("07_peeking.ipynb")})
    'Previous: [05 Sample size](05_sample_size.ipynb). Next: 08 Multiple testing (planned).'
    """
    parts = []
    for word, others in (
        ("Previous", [n for n in reversed(plan.BY_NUMBER) if n < number]),
        ("Next", [n for n in plan.BY_NUMBER if n > number]),
    ):
        there = [n for n in others if n in books]
        if there:
            parts.append(f"{word}: [{there[0]} {plan.BY_NUMBER[there[0]].title}]({books[there[0]].name}).")
        elif others:
            parts.append(f"{word}: {others[0]} {plan.BY_NUMBER[others[0]].title} (planned).")
    return " ".join(parts)


def linked(first: str, line: str) -> str:
    """Return the first cell of a notebook with its line of links: in place of the old one, or after the time.

    >>> linked("# T\\n\\nTime: 5 minutes.\\nPrevious: 03 A (planned). Next: [05 B](b.ipynb).\\n\\nHe", "L.")
    '# T\\n\\nTime: 5 minutes.\\nL.\\n\\nHe'
    """
    paragraphs = first.split("\n\n")
    place = next((i for i, text in enumerate(paragraphs) if text.startswith("Time:")), None)
    if place is None:
        return first
    paragraphs[place] = LINE.sub("", paragraphs[place]).rstrip() + "\n" + line
    return "\n\n".join(paragraphs)


def link(text: Path, book: Path, books: dict[str, Path]) -> dict[Path, str]:
    """Return the new content of the text file and the notebook of one pair, where it changes."""
    line, changed = neighbours(book.name[:2], books), {}
    source = text.read_text(encoding="utf-8")
    if (new := linked_text(source, line)) != source:
        changed[text] = new
    if book.is_file():
        stored = book.read_text(encoding="utf-8")
        notebook = nbformat.reads(stored, as_version=4)
        notebook.cells[0].source = linked(notebook.cells[0].source, line)
        refresh_map(notebook)
        written = nbformat.writes(notebook, version=4).rstrip("\n") + "\n"
        if written != stored:
            changed[book] = written
    return changed


def linked_text(source: str, line: str) -> str:
    """Return the text of a notebook's source with its line of links in the first cell.

    >>> linked_text("# %% [markdown]\\n# Time: 5 minutes.\\n\\n# %%\\n1\\n", "L.").splitlines()
    ['# %% [markdown]', '# Time: 5 minutes.', '# L.', '', '# %%', '1']
    """
    head, mark, rest = source.partition("# %% [markdown]\n")
    cell, gap, more = rest.partition("\n\n# %%")
    plain = "\n".join(row.removeprefix("#").removeprefix(" ") for row in cell.split("\n"))
    rows = linked(plain, line).split("\n")
    return head + mark + "\n".join(f"# {row}".rstrip() for row in rows) + gap + more


def series() -> dict[str, Path]:
    """Return the notebooks that have a source, by number; one may still have to be built."""
    stems = [path.stem for path in sorted((FOLDER / "text").glob("[0-9][0-9]_*.py"))]
    return {stem[:2]: FOLDER / f"{stem}.ipynb" for stem in stems}


def refresh_map(notebook: nbformat.NotebookNode) -> None:
    """Put today's map into the output of the cell that shows it."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.rstrip().endswith(CALL):
            card = teach.map()
            for output in cell.outputs:
                if "text/html" in output.get("data", {}):
                    output["data"] = {"text/html": card._repr_html_(), "text/plain": repr(card)}


def map_page(books: dict[str, Path]) -> str:
    """Return the page with the picture and a table of what exists."""
    alt = teach.course_map.ALT
    rows = []
    for number, path in books.items():
        needs = [
            f"[{n}]({books[n].name})" if n in books else f"{n} (planned)"
            for n in plan.BY_NUMBER[number].needs
        ]
        time = plan.minutes(path)
        link = f"[{number} {plan.BY_NUMBER[number].title}]({path.name})"
        rows.append(f"| {link} | {f'{time} minutes' if time else ''} | {', '.join(needs)} |")
    planned = [f"{n} {notebook.title}" for n, notebook in plan.BY_NUMBER.items() if n not in books]
    return "\n".join(
        [
            "# The course at one look",
            "",
            f"[![{alt}](map.svg)](map.svg)",
            "",
            "Start with 00 and 01, then follow the arrows to what you need. `ab.teach.map()` in a notebook",
            "also shows what you have done. Every term is in the [glossary](GLOSSARY.md).",
            "",
            "| notebook | time | after |",
            "|---|---|---|",
            *rows,
            "",
            f"Planned: {'; '.join(planned)}." if planned else "",
            "",
            "This page is written by `make pages`.",
            "",
        ]
    )


def pages() -> dict[Path, str]:
    """Return every file that would change, with its new content."""
    books, changed = plan.existing(FOLDER), {}
    for book in series().values():
        changed |= link(FOLDER / "text" / f"{book.stem}.py", book, series())
    wanted = {
        FOLDER / "README.md": map_page(books),
        FOLDER / "map.svg": picture.svg({n: plan.minutes(path) for n, path in books.items()}),
        FOLDER / glossary.NAME: glossary.page(books),
    }
    same = {p: t for p, t in wanted.items() if p.is_file() and p.read_text(encoding="utf-8") == t}
    return changed | {p: t for p, t in wanted.items() if p not in same}


def main(arguments: list[str]) -> int:
    """Write what changed; with --check only name it, and return 1 if there is something."""
    changed = pages()
    for path, text in changed.items():
        print(f"{path.relative_to(FOLDER.parent)}: {'out of date' if '--check' in arguments else 'written'}")
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    if not changed:
        print("pages: nothing to do")
    return int(bool(changed) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
