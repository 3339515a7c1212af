"""Write the handout of executed notebooks: a PDF and one offline HTML file, the same bytes on every run.

Usage: make_handouts.py [NN …] [--edition student|teacher] [--folder handouts]; no number makes all.
The route is pandoc and typst: no TeX, no browser, no network. In the student's edition solutions are
closed (HTML) or left out (PDF); the teacher's opens them and adds hints, answers and what each quiz says.
"""

from __future__ import annotations

import argparse
import base64
import html
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = Path(__file__).resolve().parent / "handout"
MARKDOWN = "commonmark_x-smart-subscript-superscript-implicit_figures"
WIDE = 8  # columns that a table of usual print may have on paper
LINES = 12  # of code that a handout shows of one cell
ASLEEP = "The controls of this picture need a running notebook."
IMAGE = re.compile(r'<img alt="([^"]*)"[^>]*src="data:image/([a-z]+)[^;]*;base64,([^"]+)"[^>]*>')
TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
SMALL = re.compile(r"<img\b[^>]*>|<svg\b.*?</svg>", re.DOTALL)  # pictures inside a card or a table
DETAILS = re.compile(r"<details[^>]*>\s*<summary>(.*?)</summary>((?:(?!<details).)*?)</details>", re.DOTALL)
PLUMBING = re.compile(
    r"(rng = )?ab\.(teach|exercise|check|hint|solution)\b|display\(|answer\b.* = |import |from |\)$|[\"')]"
)
LEFT_OUT = ("Explorer: ", "not attempted", "<IPython")


@dataclass(frozen=True)
class Words:
    """Markdown of a cell."""

    text: str


@dataclass(frozen=True)
class Code:
    """The input of a cell."""

    source: str


@dataclass(frozen=True)
class Printed:
    """Text that a cell printed."""

    text: str


@dataclass(frozen=True)
class Markup:
    """HTML that a cell showed: a table, a question, a memo."""

    body: str


@dataclass(frozen=True)
class Closed:
    """What a reader opens: an explanation or a solution. `markdown` says which of the two the body is."""

    title: str
    body: str
    markdown: bool

    @property
    def secret(self) -> bool:
        """Say whether only the teacher's PDF shows it."""
        return self.title.startswith(("Solution", "Hint"))


@dataclass(frozen=True)
class Picture:
    """A figure: alt text, its file, the HTML of its numbers, and whether it is the twin of a panel."""

    number: int
    alt: str
    kind: str
    data: str
    numbers: str
    asleep: bool

    @property
    def file(self) -> str:
        """Return the name of the picture's file."""
        return f"figure-{self.number:02d}.{'svg' if self.kind == 'svg' else 'png'}"

    @property
    def caption(self) -> str:
        """Return the caption after "Figure n"."""
        return ASLEEP if self.asleep else ""


Piece = Words | Code | Printed | Markup | Closed | Picture


def pieces(notebook: dict) -> list[Piece]:
    """Return what the handout shows, in the order of the page."""
    found: list[Piece] = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            found += split(barred(unlinked(source)), Words, markdown=True)
        elif cell["cell_type"] == "code":
            if not hidden(cell, source):
                found.append(Code(shortened(source)))
            for output in cell["outputs"]:
                count = sum(isinstance(piece, Picture) for piece in found)
                found += shown(output, count)
    return found


def unlinked(text: str) -> str:
    """Return markdown without links to notebooks: a handout stands alone."""
    return re.sub(r"\[([^\]]+)\]\([^)]*\.ipynb[^)]*\)", r"\1", text)


def barred(text: str) -> str:
    """Return markdown whose absolute values in formulas are brackets: typst would set single bars wide.

    >>> barred("a|b| and $|Z_k| > 2$")
    'a|b| and $\\\\left|Z_k\\\\right| > 2$'
    """
    inside = re.compile(r"(?<!left)\|([^|\s]+)\|")
    return re.sub(r"\$[^$]+\$", lambda m: inside.sub(r"\\left|\1\\right|", m[0]), text)


def split(text: str, whole: Callable[[str], Piece], *, markdown: bool) -> Iterator[Piece]:
    """Cut a text at its closed parts, the innermost first."""
    at = 0
    for match in DETAILS.finditer(text):
        if text[at : match.start()].strip():
            yield whole(text[at : match.start()])
        yield Closed(html.unescape(match[1].strip()), match[2].strip(), markdown)
        at = match.end()
    if text[at:].strip():
        yield whole(text[at:])


def hidden(cell: dict, source: str) -> bool:
    """Say whether a handout leaves out the input: plumbing, or calls that show a card."""
    if cell["metadata"].get("jupyter", {}).get("source_hidden"):
        return True
    lines = [line.strip() for line in source.splitlines() if line.strip() and not line.startswith("#")]
    return all(PLUMBING.match(line) for line in lines)


def shortened(source: str) -> str:
    """Return at most twelve lines of code, and how many more the notebook has."""
    lines = source.rstrip().splitlines()
    if len(lines) <= LINES + 1:
        return "\n".join(lines)
    return "\n".join([*lines[:LINES], f"# … {len(lines) - LINES} more lines in the notebook"])


def shown(output: dict, pictures: int) -> list[Piece]:
    """Return what one output shows; `pictures` is the number of figures before it."""
    if output["output_type"] == "stream":
        return [Printed("".join(output["text"]))] if output["name"] == "stdout" else []
    data = output.get("data", {})
    body, text = ("".join(data.get(kind, "")) for kind in ("text/html", "text/plain"))
    body = re.sub(r"<(style|script)\b.*?</\1>|<p>not attempted</p>", "", body, flags=re.DOTALL)
    images = IMAGE.findall(body)
    if images:
        numbers, asleep = "".join(TABLE.findall(body)), "abkit-twin" in body
        return [
            Picture(pictures + i, html.unescape(alt), kind, image, numbers if i == 1 else "", asleep)
            for i, (alt, kind, image) in enumerate(images, 1)
        ]
    if text.startswith(LEFT_OUT):
        return []
    if body:
        return list(split(coded(body), Markup, markdown=False))
    return [Printed(text)] if text else []


def coded(body: str) -> str:
    """Return HTML in which back-ticks of a card have become code.

    >>> coded("<p>Fill `ab.____(14)`.</p>")
    '<p>Fill <code>ab.____(14)</code>.</p>'
    """
    return re.sub(r"`([^`<>]+)`", r"<code>\1</code>", body)


def pandoc(text: str, source: str, target: str) -> str:
    """Convert a text from one format into another."""
    import pypandoc

    command = [pypandoc.get_pandoc_path(), "-f", source, "-t", target, "--wrap=preserve"]
    if target.startswith("html"):
        command.append("--mathml")
    done = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=True)
    return done.stdout


def as_html(piece: Piece, teacher: bool) -> str:
    """Return one piece as HTML."""
    match piece:
        case Words(text):
            return pandoc(text, MARKDOWN, "html5")
        case Code(source):
            return f"<pre><code>{html.escape(source)}</code></pre>"
        case Printed(text):
            return f'<pre class="printed">{html.escape(text.rstrip())}</pre>'
        case Markup(body):
            return body
        case Closed(title, body, markdown):
            inside = pandoc(body, MARKDOWN, "html5") if markdown else body
            return f"<details{' open' * teacher}><summary>{html.escape(title)}</summary>{inside}</details>"
        case Picture():
            kind = "svg+xml" if piece.kind == "svg" else piece.kind
            image = f'<img alt="{html.escape(piece.alt)}" src="data:image/{kind};base64,{piece.data}">'
            name = f"Figure {piece.number}"
            words = f"<figcaption>{name}. {piece.caption}</figcaption>"
            numbers = (
                f"<details><summary>The numbers of figure {piece.number}</summary>{piece.numbers}</details>"
            )
            return f"<figure>{image}{words}</figure>{numbers if piece.numbers else ''}"


def as_typst(piece: Piece, teacher: bool) -> str:
    """Return one piece as typst; the numbers of a figure stand at the end of the document."""
    match piece:
        case Words(text):
            return pandoc(text, MARKDOWN, "typst")
        case Code(source):
            return fenced(source, "python")
        case Printed(text):
            return fenced(text.rstrip(), "text")
        case Markup(body):
            return fitted(body)
        case Closed(title, body, markdown):
            if piece.secret and not teacher:
                return f"_{title}: in the notebook, and in the teacher’s edition._\n"
            inside = pandoc(body, MARKDOWN if markdown else "html", "typst")
            return f"#quote[*{title}.* {inside}]\n"
        case Picture():
            image = f'image("{piece.file}", width: 100%, alt: {quoted(piece.alt)})'
            return f"#figure({image}, caption: [{piece.caption}])\n"


def fitted(body: str) -> str:
    """Return typst of HTML: small pictures inside tables become their alt text, wide tables small print."""
    body = SMALL.sub(lambda m: "".join(re.findall(r'(?:alt|aria-label)="([^"]*)"', m[0])[:1]), body)
    columns = max((row.count("</th>") for row in body.split("</tr>")), default=0)
    inside = pandoc(body, "html", "typst")
    if columns <= WIDE:
        return inside
    return f"#block[#show table: set text(size: 6pt)\n#set table(inset: 2pt)\n{inside}]\n"


def fenced(text: str, language: str) -> str:
    """Return typst of a block of code, with more back-ticks than the text has."""
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{ticks}{language}\n{text}\n{ticks}\n"


def quoted(text: str) -> str:
    """Return a typst string.

    >>> quoted('a "b"')
    '"a \\\\"b\\\\""'
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def answers(number: str) -> Words:
    """Return the teacher's last part: the answers of predictions, quiz and exercises, with their reasons."""
    from abkit.exercises.asking import module

    known = module(number)
    lines = ["## Answers for the teacher", ""]
    for key, item in getattr(known, "PREDICTIONS", {}).items():
        lines.append(f"- **Prediction {key}**: {item.answer:g} {item.unit}")
    for key, item in known.QUIZ.items():
        lines.append(
            f"- **Question {key}**: {item.right}) {item.options[item.right]}. {item.why[item.right]}"
        )
    for key, item in known.EXERCISES.items():
        lines.append(f"- **Exercise {key}**: {item.solution.answer}. {item.solution.explanation}")
        lines += [f"  - Hint {i}: {text}" for i, text in enumerate(item.hints, 1)]
    return Words("\n".join(lines))


def title_of(found: list[Piece]) -> str:
    """Return the text of the first heading."""
    first = next(piece for piece in found if isinstance(piece, Words))
    return first.text.lstrip().splitlines()[0].lstrip("# ").strip()


def documents(notebook: dict, number: str, *, teacher: bool) -> tuple[str, str, list[Picture]]:
    """Return the handout as one HTML page, as typst, and the pictures that the typst names."""
    found = pieces(notebook)
    if teacher:
        found.append(answers(number))
    title, pictures = title_of(found), [piece for piece in found if isinstance(piece, Picture)]
    page = (PAGES / "page.html").read_text(encoding="utf-8").replace("TITLE", html.escape(title))
    sheet = (PAGES / "page.typ").read_text(encoding="utf-8").replace('"TITLE"', quoted(title))
    numbers = [Words("## The numbers of the figures")] if any(p.numbers for p in pictures) else []
    rows = [
        f"#block(breakable: false)[*Figure {piece.number}*\n{pandoc(piece.numbers, 'html', 'typst')}]\n"
        for piece in pictures
        if piece.numbers
    ]
    body = "\n".join(as_html(piece, teacher) for piece in found)
    typst_body = "\n".join([*(as_typst(piece, teacher) for piece in [*found, *numbers]), *rows])
    return page.replace("BODY", body), sheet.replace("BODY", typst_body), pictures


def write(source: Path, folder: Path, *, teacher: bool) -> list[Path]:
    """Write the PDF and the HTML of one executed notebook, and return their paths."""
    import typst

    notebook = json.loads(source.read_text(encoding="utf-8"))
    page, sheet, pictures = documents(notebook, source.stem[:2], teacher=teacher)
    stem = source.stem + ("_teacher" if teacher else "")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for picture in pictures:
            (work / picture.file).write_bytes(base64.b64decode(picture.data))
        (work / "page.typ").write_text(sheet, encoding="utf-8")
        pdf = typst.compile(str(work / "page.typ"), root=name, ignore_system_fonts=True, timestamp=0)
    (folder / f"{stem}.html").write_text(page, encoding="utf-8")
    (folder / f"{stem}.pdf").write_bytes(pdf)
    return [folder / f"{stem}.pdf", folder / f"{stem}.html"]


def main(arguments: list[str]) -> int:
    """Make the handouts that are asked for; return 2 for a number that no notebook has."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("numbers", nargs="*", help="such as 07; none makes all")
    parser.add_argument("--edition", choices=["student", "teacher"], default="student")
    parser.add_argument("--folder", type=Path, default=ROOT / "handouts")
    given = parser.parse_args(arguments)
    books = {path.stem[:2]: path for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))}
    unknown = [number for number in given.numbers if number not in books]
    if unknown:
        print(f"There is no notebook {unknown[0]}; there are: {', '.join(books)}.")
        return 2
    for number in given.numbers or books:
        for path in write(books[number], given.folder, teacher=given.edition == "teacher"):
            name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            print(f"{name}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
