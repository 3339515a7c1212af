"""The handout of a notebook: a PDF and one offline HTML file, for readers without a kernel."""

from __future__ import annotations

import doctest
import importlib.util
import json
import re
import sys
import zlib
from pathlib import Path

import nbformat
import pytest

from abkit import explore, plots
from abkit.exercises.cards import closed
from abkit.plots.showing import card

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("make_handouts", ROOT / "tools" / "make_handouts.py")
handouts = importlib.util.module_from_spec(SPEC)
sys.modules["make_handouts"] = handouts  # dataclasses look their module up
SPEC.loader.exec_module(handouts)

TEXT = """# A short notebook: 19 per cent

Read [08](08_multiple_testing.ipynb). One look promises $P(|Z_k| > 1.96) = .05$ and $$\\sqrt{n}.$$

<details><summary>Explanation</summary>
Nine **tenths** are old.
</details>
"""


def cell(source, *outputs, **metadata):
    found = nbformat.v4.new_code_cell(source, outputs=list(outputs), execution_count=1)
    found.metadata.update(metadata)
    return found


def html_output(html, text="text"):
    return nbformat.v4.new_output("display_data", {"text/html": html, "text/plain": text})


def figure(data):
    return nbformat.v4.new_output("display_data", dict(data))


@pytest.fixture(scope="module")
def book():
    """A notebook with each kind of thing that a handout shows."""
    bars = plots.plot_familywise(20)
    printed = nbformat.v4.new_output("stream", name="stdout", text="rate  0.1934\n")
    table = html_output("<style>td {}</style><table><tr><th>day</th></tr><tr><td>9</td></tr></table>")
    quiz = html_output("<p>How often?</p><ul><li>a) never</li></ul><p>not attempted</p>", "How often?")
    view = {"text/plain": "Explorer: A panel; n 10: 10 users"}
    cells = [
        nbformat.v4.new_markdown_cell(TEXT),
        cell('rng = ab.teach.start("00")', printed),
        cell("\n".join(f"x{i} = {i}" for i in range(20))),
        cell("hidden = 1", **{"jupyter": {"source_hidden": True}}),
        cell("ab.plots.plot_familywise(20)", figure(card(bars.figure))),
        cell("ab.explore.always()", figure(view), figure(explore.always().twin())),
        cell("users.head()", table),
        cell('ab.teach.quiz("00.q1")', quiz),
        cell(
            'display(ab.check("00.1", answer))', html_output(closed("Solution", "It is 0.5."), "Solution: .5")
        ),
    ]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def made(book, tmp_path_factory):
    """PDF bytes and HTML of both editions, each made twice."""
    folder = tmp_path_factory.mktemp("handout")
    source = folder / "00_short.ipynb"
    source.write_text(json.dumps(book), encoding="utf-8")
    found = {}
    for edition in ("student", "teacher"):
        for run in ("first", "again"):
            paths = handouts.write(source, folder / run, teacher=edition == "teacher")
            found[edition, run] = [path.read_bytes() for path in paths]
    return found


def html_of(made, edition):
    return made[edition, "first"][1].decode()


def streams(pdf):
    """The text of a PDF's objects, also of the packed ones."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    texts = [pdf]
    for data in packed:
        try:
            texts.append(zlib.decompress(data))
        except zlib.error:
            continue
    return b"\n".join(texts)


@pytest.mark.parametrize("edition", ["student", "teacher"])
def test_two_runs_give_the_same_bytes(made, edition):
    assert made[edition, "first"] == made[edition, "again"]
    assert made[edition, "first"][0].startswith(b"%PDF-")


def test_alt_text_is_in_both(made):
    alts = re.findall(r'<img alt="([^"]+)"', html_of(made, "student"))
    assert len(alts) == 2 and all(len(alt) >= 40 for alt in alts) and "64.2" in alts[0]
    objects = streams(made["student", "first"][0])
    assert objects.count(b"/Alt") >= 2 and b"independent 64.2" in objects


def test_the_page_needs_no_network_and_no_script(made):
    page = html_of(made, "student")
    assert not re.search(r"<script|src=\"(?!data:)|href=\"http|@import|url\(", page)
    assert "<math" in page and "08_multiple_testing.ipynb" not in page


def test_a_panel_is_a_picture_with_a_caption(made):
    page = html_of(made, "student")
    assert page.count(handouts.ASLEEP) == 1 and "Explorer:" not in page and page.count("<figure>") == 2
    assert page.count("<summary>The numbers of figure") == 2


def test_solutions_are_closed_for_students_and_open_for_teachers(made, book):
    student, teacher = html_of(made, "student"), html_of(made, "teacher")
    assert "<details><summary>Solution</summary>" in student and "<details open" not in student
    assert "<details open><summary>Solution</summary>" in teacher
    assert "Answers for the teacher" in teacher and "Answers for the teacher" not in student
    _, sheet, _ = handouts.documents(book, "00", teacher=False)
    assert "It is 0.5." not in sheet and "teacher’s edition" in sheet
    _, sheet, _ = handouts.documents(book, "00", teacher=True)
    assert "It is 0.5." in sheet and "Question 00.q1" in sheet and "Hint 1" in sheet


def test_code_is_short_and_plumbing_is_left_out(made):
    page = html_of(made, "student")
    assert "x11 = 11" in page and "x12 = 12" not in page and "# … 8 more lines in the notebook" in page
    for gone in ("ab.teach.start", "hidden = 1", "ab.teach.quiz", "ab.check", "not attempted"):
        assert gone not in page
    assert "rate  0.1934" in page and "a) never" in page and "users.head()" in page


def test_the_pdf_has_math_tables_and_the_numbers_of_the_figures(book):
    _, sheet, pictures = handouts.documents(book, "00", teacher=False)
    assert "lr(|Z_k|)" in sheet and "table.header" in sheet and "sqrt(n)" in sheet
    assert sheet.index("The numbers of the figures") > sheet.index("figure-02")
    assert [picture.file for picture in pictures] == ["figure-01.svg", "figure-02.svg"]
    assert '#set document(title: "A short notebook: 19 per cent")' in sheet and "tenths" in sheet


def test_a_picture_in_a_table_is_its_alt_text_and_a_wide_table_is_small():
    picture = '<svg role="img" aria-label="from 1 to 3"><path d="M0 0"/></svg>'
    narrow = handouts.fitted(f"<table><tr><th>effect</th></tr><tr><td>{picture}</td></tr></table>")
    assert "from 1 to 3" in narrow and "image" not in narrow and "6pt" not in narrow
    wide = handouts.fitted(f"<table><tr>{'<th>a</th>' * 12}</tr><tr>{'<td>1</td>' * 12}</tr></table>")
    assert "set text(size: 6pt)" in wide


def test_text_that_looks_like_code_stays_text():
    assert handouts.fenced("a ``` b", "text").startswith("````text")
    assert handouts.quoted('say "x" \\') == '"say \\"x\\" \\\\"'
    assert doctest.testmod(handouts).failed == 0


def test_every_notebook_has_something_to_show():
    for source in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        found = handouts.pieces(json.loads(source.read_text(encoding="utf-8")))
        pictures = [piece for piece in found if isinstance(piece, handouts.Picture)]
        assert pictures and all(40 <= len(p.alt) <= 400 for p in pictures), source.stem
        assert [p.number for p in pictures] == list(range(1, len(pictures) + 1))
        assert len(handouts.title_of(found)) > 5
        cards = [piece.body for piece in found if isinstance(piece, handouts.Markup)]
        small = [body for body in cards if "<svg" in body or "<img" in body]
        assert not any("image" in handouts.fitted(body) for body in small), source.stem  # typst has no such


def test_the_handout_of_notebook_07():
    source = next((ROOT / "notebooks").glob("07*.ipynb"))
    page, sheet, pictures = handouts.documents(
        json.loads(source.read_text(encoding="utf-8")), "07", teacher=False
    )
    assert page.count("<h1") == 1 and len(page) < 1_000_000 and f'image("{pictures[-1].file}"' in sheet


def test_an_unknown_number_is_named(capsys):
    assert handouts.main(["77"]) == 2
    assert capsys.readouterr().out.startswith("There is no notebook 77; there are: 00")
