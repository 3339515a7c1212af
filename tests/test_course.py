"""Map, glossary, links between notebooks, and the reader's progress."""

import base64
import importlib.util
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import abkit as ab
from abkit.course import glossary, picture, plan, progress

ROOT = Path(__file__).parent.parent
spec = importlib.util.spec_from_file_location("make_pages", ROOT / "tools" / "make_pages.py")
pages = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pages)


def test_the_generated_pages_are_in_sync():
    out_of_date = [str(path.relative_to(ROOT)) for path in pages.pages()]
    assert out_of_date == [], "run  make pages  and commit what it writes"


def test_the_plan_knows_every_notebook_and_needs_come_first():
    found = [p.stem for p in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))]
    assert found == [p.stem for p in plan.existing().values()]
    numbers = [n.number for n in plan.PLAN]
    assert numbers == [f"{i:02d}" for i in range(27)]
    for notebook in plan.PLAN:
        assert all(numbers.index(n) < numbers.index(notebook.number) for n in notebook.needs)


def test_the_picture_holds_every_notebook_once_below_what_it_needs():
    assert sorted(picture.PLACES) == [n.number for n in plan.PLAN]
    assert len(set(picture.PLACES.values())) == len(plan.PLAN)
    for notebook in plan.PLAN:
        row = picture.PLACES[notebook.number][1]
        assert all(picture.PLACES[n][1] < row for n in notebook.needs)


def test_the_picture_links_what_exists_and_dashes_what_is_planned():
    books = plan.existing()
    root = ET.fromstring(picture.svg({n: 45 for n in books}, {"07": "done"}))
    names = "{http://www.w3.org/2000/svg}"
    assert [a.get("href") for a in root.iter(f"{names}a")] == [
        books[n].name for n in picture.PLACES if n in books
    ]
    texts = [t.text for t in root.iter(f"{names}text")]
    assert texts.count("planned") == len(plan.PLAN) - len(books) and "45 min, done" in texts
    labels = [t for t in texts if t and t[:2].isdigit() and not t.endswith("min")]
    assert max(len(t) for t in labels) <= 18  # wider ones leave their box


def test_essential_needs_leave_out_what_another_brings():
    assert plan.essential("26") == ("13", "25") and plan.essential("15") == ("02", "04")


def test_the_map_page_links_files_that_exist():
    text = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    links = set(re.findall(r"\]\(([^)]+)\)", text))
    assert {p.name for p in plan.existing().values()} < links
    assert all((ROOT / "notebooks" / link).is_file() for link in links)


@pytest.mark.parametrize("number", plan.existing())
def test_every_notebook_links_its_neighbours(number):
    books = list(plan.existing())
    place = books.index(number)
    text = plan.first_cell(plan.existing()[number])
    for word, other in (("Previous", place - 1), ("Next", place + 1)):
        if 0 <= other < len(books):
            assert f"{word}: [{books[other]} " in text and f"]({plan.existing()[books[other]].name})" in text


@pytest.mark.parametrize(
    "old",
    [
        " Previous: [03 A](03_a.ipynb). Next: 16 B (planned).",
        "\nPrevious: 14 A and C (planned). Next: [16 B](b.ipynb).",
        "\nPrevious: 14 A, B (planned).\nNext: [16 B](b.ipynb).",
        " Next: [16 B](b.ipynb).",
        "",
    ],
)
def test_links_replace_what_was_there_and_a_second_run_changes_nothing(old):
    line = "Previous: [02 X](02_x.ipynb). Next: [04 Y](04_y.ipynb)."
    new = pages.linked(
        f"# T\n\nTime: 5 minutes. Runs on: any laptop,\nno network.{old}\n\n## The story", line
    )
    assert new == f"# T\n\nTime: 5 minutes. Runs on: any laptop,\nno network.\n{line}\n\n## The story"
    assert pages.linked(new, line) == new


def test_the_ends_of_the_series_have_one_link():
    books = {n: Path(f"{plan.BY_NUMBER[n].stem}.ipynb") for n in ("00", "26")}
    assert pages.neighbours("00", books) == "Next: [26 Capstone](26_capstone.ipynb)."
    assert pages.neighbours("26", books) == "Previous: [00 Start here](00_start_here.ipynb)."


@pytest.mark.parametrize(
    "text, found",
    [
        ("A **ramp** raises the share.", [("ramp", "A ramp raises the share.")]),
        ("**Power** is a chance.", [("Power", "Power is a chance.")]),
        ("The **intraclass correlation (ICC)** is a share.", [("intraclass correlation", None)]),
        ("It is 3. This is the **chance band**.", [("chance band", "It is 3. This is the chance band.")]),
        ("Can a **balance test** warn? It asks.", [("balance test", "Can a balance test warn? It asks.")]),
        ("> **Myth.** You may read that.", []),
        ("**1 (one star).** Which bucket?", []),
        ("Given a table, you **find** the rows.", []),
        ("## A **heading**", []),
    ],
)  # fmt: skip
def test_terms_are_read_from_bold_words(text, found):
    got = list(glossary.terms(text))
    assert [name for name, _ in got] == [name for name, _ in found]
    assert all(want is None or want == said for (_, said), (_, want) in zip(got, found, strict=True))


def test_the_glossary_is_searched_by_name_then_by_sentence():
    assert ab.teach.glossary("STANDARD err").text.startswith("standard error: ")
    assert "href=" in ab.teach.glossary("standard error")._repr_html_()
    assert "interval" in ab.teach.glossary("intervals that").text
    assert ab.teach.glossary("no such term").text.startswith("No term of the course")


def test_the_glossary_has_one_line_a_term_in_order():
    text = (ROOT / "notebooks" / "GLOSSARY.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    names = [m[1].lower() for m in glossary.ENTRY.finditer(text)]
    assert len(names) == len(lines) == len(set(names)) > 60 and names == sorted(names)
    assert "- **power**" in text and "- **CUPED**" in text and "- **Thompson sampling**" in text


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A live course in an empty folder, as `abkit lab` sets it."""
    monkeypatch.setenv("ABKIT_PROGRESS", "1")
    monkeypatch.setenv("ABKIT_COURSE", str(tmp_path))
    monkeypatch.setattr("abkit.teach.guesses.display_box", lambda box: None)
    return tmp_path / "progress.json"


def test_nothing_is_kept_outside_a_live_course(tmp_path, monkeypatch):
    monkeypatch.setenv("ABKIT_COURSE", str(tmp_path))
    monkeypatch.setenv("ABKIT_PROGRESS", "0")
    ab.teach.start("07")
    ab.check("07.1", ab.exercises.asking.find("07.1").solution.answer)
    ab.teach.predict("07.p1", 22)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("ABKIT_PROGRESS", "1")
    monkeypatch.delenv("ABKIT_COURSE")
    ab.teach.start("07")
    assert list(tmp_path.iterdir()) == []


def test_right_answers_and_guesses_are_remembered_over_days(course, capsys):
    from abkit.exercises.asking import find

    ab.teach.start("07")
    ab.check("07.1", "nonsense")
    ab.check("07.1", find("07.1").solution.answer)
    ab.teach.predict("07.p1", 22)
    known = json.loads(course.read_text(encoding="utf-8"))
    assert list(known["right"]) == ["07.1"] and known["guesses"] == {"07.p1": 22.0}
    assert list(known["opened"]) == ["07"] and progress.last(course) == "07"
    capsys.readouterr()
    ab.teach.start("07")  # a new kernel, the next day
    assert "So far here: 1 of 4 exercises right, 1 of 3 predictions made." in capsys.readouterr().out
    ab.teach.predict("07.p1")
    assert "Your guess for 07.p1, remembered: 22 of 100 tests." in capsys.readouterr().out
    assert ab.teach.predicted("07.p1") == 22
    assert "Exercise 07.1 (*), right before" in ab.exercise("07.1").text
    assert "07 Peeking: 45 minutes, after 04 and 05, 1 of 4 exercises right, 1 of 3" in ab.teach.map().text
    drawn = re.search(r"base64,([^\"]+)", ab.teach.map()._repr_html_())[1]
    assert base64.b64decode(drawn).decode().count(", begun") == 1  # 07, and no other
    course.unlink()  # whoever deletes it begins anew
    ab.teach.predict("07.p1")
    assert "No guess for 07.p1 yet" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{", "[]", '{"right": 3, "opened": null}'])
def test_a_damaged_file_stops_nothing(course, text):
    course.write_text(text)
    ab.teach.start("07")
    ab.teach.predict("07.p1", 22)
    assert json.loads(course.read_text(encoding="utf-8"))["guesses"] == {"07.p1": 22.0}


def test_a_folder_that_is_gone_stops_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("ABKIT_PROGRESS", "1")
    monkeypatch.setenv("ABKIT_COURSE", str(tmp_path / "gone"))
    ab.teach.start("07")
    assert progress.read() == {"opened": {}, "right": {}, "guesses": {}}


def test_the_map_is_the_same_for_every_reader_outside_a_course():
    card = ab.teach.map()
    assert "right" not in card.text and len(card.text.splitlines()) == len(plan.existing())
    assert re.search(r'<img alt="[^"]{40,250}"', card._repr_html_())
    assert all(f'href="{path.name}"' in card._repr_html_() for path in plan.existing().values())
