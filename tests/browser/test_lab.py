"""The notebooks in a real JupyterLab: they open, run from top to bottom, and the sliders move the picture."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from lab import (
    CELLS,
    ERRORS,
    PANEL,
    PICTURE,
    SHOW,
    UNRUN,
    WAIT,
    browsing,
    open_book,
    run_all as run_book,
    serve,
)

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "screenshots"
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
WITH_SLIDERS = [stem for stem in NOTEBOOKS if stem.startswith("03")]
WITH_PANELS = [stem for stem in NOTEBOOKS if stem.startswith(("03", "07"))]
COMMAND = "([name, args]) => window.jupyterapp.commands.execute(name, args)"
VISIBLE = "(selector) => [...document.querySelectorAll(selector)].filter(n => n.offsetParent).length"
DEAD = (
    "[...document.querySelectorAll('.jupyter-widgets')].filter(n => n.innerText.startsWith('Error"
    " displaying') && n.offsetParent).length"
)
FOCUS = (
    "(() => { const n = document.activeElement; return n.getAttribute('role') || n.tagName.toLowerCase();"
    " })()"
)
SENTENCE = "[...document.querySelectorAll('.widget-html-content')].map(n => n.innerText).join('\\n')"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the notebooks, so that a run in the browser cannot change the stored ones."""
    copy = tmp_path_factory.mktemp("lab")
    shutil.copytree(
        ROOT / "notebooks", copy / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints")
    )
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


@pytest.fixture(scope="module")
def lab(project):
    """The address of a JupyterLab server that lives as long as this module."""
    with serve(project) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    pytest.importorskip("playwright.sync_api")
    with browsing() as running:
        yield running


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    page.set_default_timeout(WAIT * 1000)
    yield page
    page.close()


def run_all(page, lab, stem):
    run_book(page, lab, f"notebooks/{stem}.ipynb")


def screenshot(page, name):
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def test_there_are_notebooks_to_open():
    assert [stem[:2] for stem in NOTEBOOKS][:1] == ["00"]


@pytest.mark.parametrize("stem", NOTEBOOKS)
def test_every_cell_runs_without_an_error(page, lab, stem):
    run_all(page, lab, stem)
    page.wait_for_timeout(1_000)
    screenshot(page, stem)
    assert page.evaluate(ERRORS) == []
    assert page.evaluate(UNRUN) == 0
    assert page.evaluate(f"{CELLS}.length") > 0
    assert page.evaluate(f"{CELLS}.some(c => c.outputs.length > 0)")


def test_an_error_in_a_cell_is_seen(page, lab, project):
    cell = {
        "cell_type": "code",
        "id": "one",
        "metadata": {},
        "source": "1 / 0",
        "outputs": [],
        "execution_count": None,
    }
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    book = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (project / "notebooks" / "broken.ipynb").write_text(json.dumps(book))
    run_all(page, lab, "broken")
    assert page.evaluate(ERRORS) == ["ZeroDivisionError: division by zero"]


@pytest.mark.parametrize("stem", WITH_SLIDERS)
def test_a_slider_moves_the_picture_and_the_sentence(page, lab, stem):
    run_all(page, lab, stem)
    handle = page.locator(".widget-slider .noUi-handle").first
    handle.scroll_into_view_if_needed()
    page.wait_for_function(f"{PICTURE} !== null")
    before, sentence = page.evaluate(PICTURE), page.evaluate(SENTENCE)
    screenshot(page, f"{stem}_before")
    handle.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(f"(old) => {{ const now = {PICTURE}; return now && now !== old; }}", arg=before)
    page.wait_for_function(f"(old) => {SENTENCE} !== old", arg=sentence)
    screenshot(page, f"{stem}_after")
    assert page.evaluate(SENTENCE).strip()
    assert page.evaluate(ERRORS) == []


def open_stem(page, lab, stem):
    open_book(page, lab, f"notebooks/{stem}.ipynb")


@pytest.mark.parametrize("stem", WITH_PANELS)
def test_a_panel_has_a_picture_before_the_first_run(page, lab, stem):
    open_stem(page, lab, stem)
    page.evaluate(SHOW, "explore.")
    page.wait_for_selector(".abkit-twin")
    assert page.evaluate(VISIBLE, ".abkit-twin img") >= 1 and page.evaluate(DEAD) == 0
    screenshot(page, f"{stem}_stored")


@pytest.mark.parametrize("stem", WITH_PANELS)
def test_a_panel_lives_on_after_its_kernel(page, lab, project, stem):
    """Run all, save, shut the kernel down, reopen: a picture with its numbers, and no error."""
    run_all(page, lab, stem)
    page.evaluate(SHOW, "explore.")
    page.wait_for_selector(".abkit-panel")
    assert page.evaluate(VISIBLE, ".abkit-twin") == 0  # hidden while the panel lives
    page.evaluate(COMMAND, ["docmanager:save", {}])
    page.wait_for_function(f"!{PANEL}.context.model.dirty")
    stored = json.loads((project / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8"))
    assert "widgets" not in stored["metadata"]
    page.evaluate(f"{PANEL}.sessionContext.shutdown()")
    page.goto("about:blank")
    open_stem(page, lab, stem)
    page.evaluate(SHOW, "explore.")
    page.wait_for_selector(".abkit-twin")
    page.wait_for_timeout(2_000)  # the widget manager looks for its models
    assert page.evaluate(VISIBLE, ".abkit-twin img") >= 1 and page.evaluate(DEAD) == 0
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page.evaluate(COMMAND, ["apputils:change-theme", {"theme": theme}])
        page.wait_for_timeout(2_000)
        page.evaluate(SHOW, "explore.")
        screenshot(page, f"{stem}_day_two_{theme.split()[1].lower()}")


def test_a_panel_is_used_by_keyboard_alone_and_says_short_numbers(page, lab, project):
    """Tab goes from control to control; arrows move; the button is pressed by Enter."""
    cell = nbformat.v4.new_code_cell("import abkit as ab\nab.explore.srm(n=40_000)", id="panel")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    nbformat.write(book, str(project / "notebooks" / "panel.ipynb"))
    run_all(page, lab, "panel")
    page.wait_for_selector(".abkit-panel .noUi-handle")
    handles = page.locator(".abkit-panel .noUi-handle")
    assert page.locator(".abkit-panel .widget-readout").first.inner_text() == "40,000"
    handles.nth(0).focus()  # from here on no mouse and no script moves the focus
    said, met = [], []
    for _ in range(8):
        met.append(page.evaluate(FOCUS))
        if met[-1] == "slider":
            for _ in range(3):
                page.keyboard.press("ArrowRight")
                page.wait_for_timeout(200)
                said.append(page.evaluate("document.activeElement.getAttribute('aria-valuetext')"))
        if met[-1] == "button":
            break
        page.keyboard.press("Tab")
    assert met.count("slider") == 3 and met[-1] == "button", met
    assert said[:3] == ["41000", "42000", "43000"] and max(map(len, said)) <= 5, said
    sentence = page.evaluate(SENTENCE)
    page.keyboard.press("Enter")
    page.wait_for_function(f"(old) => {SENTENCE} !== old", arg=sentence)
    assert page.evaluate(ERRORS) == []
