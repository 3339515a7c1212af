"""A newcomer's first quarter of an hour, and the next day: by `make lab` in a clone, and from a wheel.

The pictures are in screenshots/. Both ways go through the same pages: the first screen, the map, notebook 07,
a guess, an answer, the end of the server; then a new server, which knows what was done.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from lab import CELLS, ERRORS, IDLE, PANEL, SHOW, UNRUN, WAIT, browsing

from abkit.exercises.asking import find

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "screenshots"
JUPYTER = ["--no-browser", "--LabApp.expose_app_in_browser=True"]
LEFT_OUT = (".git", ".venv*", "*.egg-info", "__pycache__", ".*_cache", "screenshots", "build", "my-notebooks")
SAID = f"{CELLS}.flatMap(c => c.outputs).map(o => JSON.stringify(o)).join(' ')"


def git(folder, *words):
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def clone(folder):
    """A copy of the project under git, and `make lab` in it with the packages that are here already."""
    copy = folder / "abkit"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    git(copy, "init", "-q")
    git(copy, "add", "-A")
    git(copy, "commit", "-qm", "as it came")
    here = [f"BIN={Path(sys.executable).parent}", f"ARGS={' '.join(JUPYTER)}"]
    return copy, ["make", "-o", ".venv/.lab-done", *here, "lab"], copy


def wheel(folder):
    """An empty folder, and `abkit lab` from the installed wheel."""
    source, empty = folder / "source", folder / "empty"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*LEFT_OUT))
    options = ["--no-deps", "--no-build-isolation", "--no-index", "-q", "-w", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(source)], check=True, timeout=300)
    shutil.rmtree(source)
    zipfile.ZipFile(next(folder.glob("*.whl"))).extractall(folder / "site")
    empty.mkdir()
    return empty, [sys.executable, "-m", "abkit", "lab", *JUPYTER], folder / "site"


class Day:
    """One run of the command, as in a terminal: its lines, the address, and Ctrl-C at the end."""

    def __init__(self, folder, command, package):
        env = {
            **os.environ,
            "PYTHONPATH": str(package),
            "JUPYTER_CONFIG_DIR": str(folder.parent / "config"),
            "PYTHONUNBUFFERED": "1",
        }
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines = []

    def __enter__(self):
        timer = threading.Timer(WAIT, self.process.kill)
        timer.start()
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("http://127.0.0.1:"):
                break
        timer.cancel()
        assert self.lines and self.lines[-1].startswith("http://127.0.0.1:"), self.lines
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
        finally:
            self.process.stdout.close()


@pytest.fixture(scope="module")
def browser():
    pytest.importorskip("playwright.sync_api")
    with browsing() as running:
        yield running


def page_of(browser, day):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(WAIT * 1000)
    page.goto(day.lines[-1])
    book = day.lines[-1].split("/lab/tree/")[1].split("?")[0]
    page.wait_for_function(f"{PANEL}?.context?.path === '{book}' && {IDLE}")
    return page


def open_file(page, name, selector):
    page.evaluate("(path) => { window.jupyterapp.commands.execute('docmanager:open', {path}); }", name)
    page.wait_for_selector(selector, state="attached")


def run_all(page):
    page.wait_for_function(IDLE)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(f"({UNRUN} === 0 || {ERRORS}.length > 0) && {IDLE}")
    assert page.evaluate(ERRORS) == []


def answer(page, call, text, label):
    """Type into the box below a call and press its button; return what is said below."""
    page.evaluate(SHOW, call)
    cell = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", has_text=call).first
    box = cell.locator(".abkit-box")
    box.locator("input").fill(str(text))
    box.get_by_role("button", name=label).click()
    said = box.locator("[role=status]")
    said.wait_for()
    return said.inner_text()


@pytest.mark.parametrize("way", [clone, wheel], ids=["clone", "wheel"])
def test_a_newcomer_comes_back_the_next_day(browser, tmp_path, way):
    folder, command, package = way(tmp_path)
    SHOTS.mkdir(exist_ok=True)

    def shot(page, name):
        page.wait_for_timeout(1_500)
        page.screenshot(path=SHOTS / f"newcomer_{way.__name__}_{name}.png")

    with Day(folder, command, package) as day:
        page = page_of(browser, day)
        shot(page, "1_first_screen")
        names = page.locator(".jp-DirListing-itemText").all_inner_texts()
        assert "08_multiple_testing.ipynb" in names and "README.md" in names and "text" not in names
        assert page.locator(".jp-toast-message, .Toastify__toast").count() == 0  # no news
        run_all(page)
        shot(page, "2_notebook_00")
        open_file(page, "README.md", ".jp-MarkdownViewer img")
        shot(page, "3_map")
        open_file(page, "07_peeking.ipynb", ".jp-Notebook")
        page.wait_for_function(f"{PANEL}?.context?.path === '07_peeking.ipynb' && {IDLE}")
        run_all(page)
        assert "22 of 100" in answer(page, 'teach.predict("07.p1")', "22", "Store")
        shot(page, "4_guess")
        right = find("07.1").solution.answer
        assert answer(page, 'ab.exercise("07.1")', right, "Check").startswith(("right", "close"))
        shot(page, "5_answer")
        page.evaluate("window.jupyterapp.commands.execute('docmanager:save-all')")
        page.wait_for_function(f"!{PANEL}.context.model.dirty")
        page.close()

    with Day(folder, command, package) as day:
        told = " ".join(day.lines)
        assert re.search(
            r"So far: 1 exercise right, \d predictions? made. You were last in 07 Peeking.", told
        )
        page = page_of(browser, day)
        assert page.evaluate(f"{PANEL}.context.path") == "07_peeking.ipynb"
        shot(page, "6_next_day")
        run_all(page)
        said = page.evaluate(SAID)
        assert "So far here: 1 of 4 exercises right, 1 of 3 predictions made." in said
        assert "remembered: 22 of 100" in said
        page.evaluate(SHOW, "ab.teach.start")
        shot(page, "7_goes_on")
        page.close()

    if way is clone:
        assert git(folder, "status", "--porcelain") == ""
    else:
        assert [path.name for path in folder.iterdir()] == ["my-notebooks"]
