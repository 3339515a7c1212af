"""Every notebook keeps the template's rules; copies with one planted fault must fail them."""

import configparser
import copy
import re
from pathlib import Path

import contract
import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
BOOKS = sorted(FOLDER.glob("*.ipynb"))
FORBIDDEN = {
    "plt.show(": r"plt\.show\(",
    "an absolute path": r"""["'](/(home|root|tmp|usr|work|mnt|Users)\b|[A-Z]:\\)""",
    "an installation": r"^\s*[!%]\s*(pip|conda)\b",
    "a network call": r"urlopen|urlretrieve|requests\.(get|post)|read_\w+\(\s*[\"']https?:",
}
ALT = re.compile(r"<img\b[^>]*\balt=\"([^\"]{40,400})\"")


def headings(notebook):
    """Return the levels of all headings; code blocks inside markdown do not count."""
    levels = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
            levels += [len(m.group(1)) for m in re.finditer(r"^(#{1,6}) ", text, re.MULTILINE)]
    return levels


def heading_faults(notebook):
    levels = headings(notebook)
    faults = [] if levels.count(1) == 1 and levels[0] == 1 else ["not one H1 at the top"]
    return faults + [
        f"H{a} is followed by H{b}" for a, b in zip(levels, levels[1:], strict=False) if b > a + 1
    ]


def figure_faults(output):
    """A figure carries alt text in its HTML, also the picture that stays of a panel."""
    data = output.get("data", {})
    html = "".join(data.get("text/html", ""))
    if "<img" not in html and not any(kind.startswith("image/") for kind in data):
        return []
    images = len(re.findall("<img", html))
    if images == 0 or images > len(ALT.findall(html)):
        return ["a figure without alt text: end a cell with `plots.plot_*`, or use ab.teach.show"]
    return []


def code_faults(cell):
    lines = [line for line in cell.source.splitlines() if line.strip()]
    if not lines:
        return ["an empty code cell"]
    faults = [] if cell.execution_count else ["a code cell was not executed"]
    faults += [f"{len(lines)} code lines"] if len(lines) > 14 else []
    faults += [f"a code line of {max(map(len, lines))} characters"] if max(map(len, lines)) > 105 else []
    faults += [
        f"holds {what}" for what, regex in FORBIDDEN.items() if re.search(regex, cell.source, re.MULTILINE)
    ]
    for output in cell.outputs:
        faults += ["an error output"] if output.output_type == "error" else figure_faults(output)
    return faults


def card_faults(notebook):
    """A card at the end says which numbers match, and all do."""
    printed = "".join(contract.outputs_of(c) for c in notebook.cells if c.cell_type == "code")
    counts = re.findall(r"^(\d+) of (\d+) numbers match", printed, re.MULTILINE)
    good = counts and counts[-1][0] == counts[-1][1] and "NOT match" not in printed
    return [] if good else ["a number does not match"]


def length_faults(notebook):
    """The whole of a first-edition notebook: at most 55 cells and 1,700 words; of a later one the contract
    counts the core.
    """
    words = contract.words(notebook.cells)
    found = [f"{words} words"] if words > 1_700 else []
    return found + ([f"{len(notebook.cells)} cells"] if len(notebook.cells) > 55 else [])


def faults(notebook):
    """Return one text for each broken rule."""
    found = heading_faults(notebook) + card_faults(notebook)
    counts = [c.execution_count for c in notebook.cells if c.cell_type == "code"]
    if counts != list(range(1, len(counts) + 1)):
        found.append("code cells were not executed in the order of the page")
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and contract.words_of(cell.source) > 120:
            found.append(f"cell {i}: {contract.words_of(cell.source)} words")
        if cell.cell_type == "code":
            found += [f"cell {i}: {fault}" for fault in code_faults(cell)]
    return found


@pytest.fixture
def book():
    return copy.deepcopy(nbformat.read(str(FOLDER / "00_start_here.ipynb"), as_version=4))


def first(notebook, wanted):
    return next(c for c in notebook.cells if c.cell_type == "code" and wanted(c))


@pytest.mark.parametrize("path", BOOKS, ids=lambda p: p.stem)
def test_notebook_keeps_the_template(path):
    notebook = nbformat.read(str(path), as_version=4)
    assert faults(notebook) == []


def test_there_is_a_notebook_to_check():
    assert BOOKS


def test_an_unexecuted_cell_fails(book):
    cell = first(book, lambda c: True)
    cell.execution_count, cell.outputs = None, []
    assert any("was not executed" in f for f in faults(book))


@pytest.mark.parametrize("html", [None, '<img src="x">', '<img alt="A plot" src="x">'])
def test_a_figure_without_alt_text_fails(book, html):
    cell = first(book, lambda c: any("<img" in o.get("data", {}).get("text/html", "") for o in c.outputs))
    data = next(o.data for o in cell.outputs if "<img" in o.get("data", {}).get("text/html", ""))
    data["text/html"] = html
    if html is None:
        data["image/png"] = data.pop("text/html") or "iVBORw0K"
    assert any("without alt text" in f for f in faults(book))


@pytest.mark.parametrize(
    "source, fault",
    [
        ("plt.show()", "plt.show("),
        ("open('/home/x.csv')", "absolute path"),
        ("!pip install x", "installation"),
        ("pd.read_csv('https://x.org/a.csv')", "network call"),
        ("\n".join("abcdefghijklmno"), "15 code lines"),
    ],
)
def test_forbidden_code_fails(book, source, fault):
    first(book, lambda c: True).source = source
    assert any(fault in f for f in faults(book))


@pytest.mark.parametrize(
    "source, fault",
    [
        ("# A second title", "one H1"),
        ("#### Too deep", "followed by H4"),
        ("word " * 121, "121 words"),
    ],
)
def test_faults_in_text_fail(book, source, fault):
    book.cells[2].source = source
    assert any(fault in f for f in faults(book))


def test_an_error_output_fails(book):
    first(book, lambda c: True).outputs = [
        nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])
    ]
    assert any("error output" in f for f in faults(book))


def test_a_number_that_does_not_match_fails(book):
    card = book.cells[-1].outputs[0]
    card.text = re.sub(r"(\d+) of", "0 of", card.text)
    assert "a number does not match" in faults(book)


def test_a_long_line_and_a_long_notebook_fail(book):
    first(book, lambda c: True).source = "x = " + "1" * 105
    book.cells += [nbformat.v4.new_markdown_cell("word " * 100) for _ in range(20)]
    found = " ".join(faults(book))
    assert "a code line of 109 characters" in found
    assert len(length_faults(book)) == 2


def test_cells_out_of_order_fail(book):
    first(book, lambda c: True).execution_count = 99
    assert any("order of the page" in f for f in faults(book))


def test_the_sanitiser_hides_pixels_and_keeps_alt_text():
    config = configparser.RawConfigParser()
    config.read(Path(__file__).parent / "nbval.cfg")
    text = '<img alt="rises to 3" src="data:image/KIND;base64,iVBORw0+/a=="> 0.05'
    for kind in ("png", "svg+xml"):
        found = text.replace("KIND", kind)
        for section in config.sections():
            found = re.sub(config.get(section, "regex"), config.get(section, "replace"), found)
        assert found == '<img alt="rises to 3" src="PICTURE"> 0.05'
