"""The terms of the course: every bold term, the sentence that says what it is, and its notebooks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from abkit.course import plan

NAME = "GLOSSARY.md"
HEAD = 2  # cells before the first term: title and objectives
ENTRY = re.compile(r"^- \*\*(.+?)\*\*: (.+) \((\[.+\))\)$", re.MULTILINE)
LINK = re.compile(r"\[(\d\d) [^]]*\]\(([^)]+)\)")


@dataclass(frozen=True)
class Term:
    """A term, the sentence that defines it, and the numbers of the notebooks where it stands in bold."""

    name: str
    sentence: str
    numbers: tuple[str, ...]


def collect(paths: dict[str, Path]) -> list[Term]:
    """Return the terms of notebooks by number, A to Z, each with its best sentence (`_rank`).

    >>> from tempfile import TemporaryDirectory
    >>> cell = {"cell_type": "markdown", "source": ["A **ramp** raises the share of users in steps."]}
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "02.ipynb"); _ = path.write_text(json.dumps({"cells": 3 * [cell]}))
    ...     collect({"02": path})[0].numbers
    ('02',)
    """
    found: dict[str, list[tuple[str, str, str]]] = {}
    words: set[str] = set()
    for number, path in paths.items():
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"][HEAD:]:
            if cell["cell_type"] == "markdown":
                words.update(re.findall(r"[a-z][\w'-]*", "".join(cell["source"])))
                for name, sentence in terms("".join(cell["source"])):
                    found.setdefault(name.lower(), []).append((name, sentence, number))
    result = []
    for key in sorted(found):
        name, sentence, _ = min(found[key], key=lambda row: _rank(key, row[1]))
        result.append(Term(_plain(name, words), sentence, tuple(dict.fromkeys(row[2] for row in found[key]))))
    return result


def _rank(name: str, sentence: str) -> int:
    """0 for a sentence about the term, such as "A ramp raises …", 2 where it stands in brackets, else 1."""
    text = sentence.lower()
    if re.match(rf"(an? |the )?{re.escape(name)}\b", text):
        return 0
    return 2 if f"({name})" in text else 1


def terms(text: str) -> Iterable[tuple[str, str]]:
    """Yield (term, sentence) of each bold term of a text; labels such as **Myth.** are none.

    >>> list(terms("We wait. The **standard error** is the spread of an estimate. It shrinks."))
    [('standard error', 'The standard error is the spread of an estimate.')]
    """
    for block in re.split(r"\n\s*\n|\n(?=[-#>|]|\d\. )", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        block = " ".join(block.split()).lstrip("-> ")
        if block.startswith(("#", "|")):
            continue
        sentences = re.split(r"(?:(?<=[.!?])|(?<=[.!?]\)))\s+(?=[A-Z*`$(\d])", block)
        for before, sentence, after in zip(["", *sentences], sentences, [*sentences[1:], ""], strict=False):
            for m in re.finditer(r"(?<!you )\*\*([^*]+)\*\*", sentence):
                name = re.sub(r" \([A-Z]+\)$", "", m[1].strip())
                if _is_term(name):
                    leans = LEANS.match(sentence) or len(sentence.split()) < 6
                    said = f"{before} {sentence}" if leans and not before.startswith("(") else sentence
                    yield name, _whole(f"{said} {after}" if sentence.endswith("?") else said)


LEANS = re.compile(r"\**(This|That|These|Those|Both|It|Its|Such|They|Their|The (sum|rule))\b")


def _is_term(name: str) -> bool:
    """A term has one to five words; it is no sentence, no label with a full stop, and no owner ("Holm's")."""
    if not re.fullmatch(r"[A-Za-z][\w/' -]*[\w]", name) or len(name.split()) > 5:
        return False
    return not name.startswith("the ") and not name.endswith("'s")


def _plain(name: str, words: set[str]) -> str:
    """Write a term in small letters if the course does so elsewhere: Power is power, Bonferroni stays."""
    common = name.split()[0].lower() in words and name.split()[0][1:].islower()
    return name[0].lower() + name[1:] if common else name


def _whole(sentence: str) -> str:
    sentence = sentence.replace("**", "").strip()
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence.rstrip(':,;')}."


def page(paths: dict[str, Path]) -> str:
    """Return the glossary as a page: one line a term, with links to the notebooks.

    paths: number → file of each notebook.

    >>> from tempfile import TemporaryDirectory
    >>> cell = {"cell_type": "markdown", "source": ["A **ramp** raises the share of users in steps."]}
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "02.ipynb"); _ = path.write_text(json.dumps({"cells": 3 * [cell]}))
    ...     print(page({"02": path}).splitlines()[-1])
    - **ramp**: A ramp raises the share of users in steps. ([02 Assignment](02.ipynb))
    """
    lines = ["# Glossary", "", "Every term of the course, in the words of the notebook that brings it.", ""]
    lines += ['Search this page, or call `ab.teach.glossary("power")`. Written by `make pages`.']
    letter = ""
    for term in collect(paths):
        if term.name[0].upper() != letter:
            letter = term.name[0].upper()
            lines += ["", f"## {letter}", ""]
        links = ", ".join(f"[{n} {plan.BY_NUMBER[n].title}]({paths[n].name})" for n in term.numbers)
        lines.append(f"- **{term.name}**: {term.sentence} ({links})")
    return "\n".join(lines) + "\n"


def search(words: str, text: str) -> list[Term]:
    """Return the terms of a glossary page whose name holds `words`; without one, whose sentence does.

    >>> search("err", "- **standard error**: A spread. ([07 Peeking](07_peeking.ipynb))")[0].numbers
    ('07',)
    """
    every = [Term(m[1], m[2], tuple(n for n, _ in LINK.findall(m[3]))) for m in ENTRY.finditer(text)]
    wanted = words.lower().strip()
    named = [term for term in every if wanted in term.name.lower()]
    return named or [term for term in every if wanted in term.sentence.lower()]
