"""JupyterLab in a headless Chromium: what the browser tests and the benchmark of a slider share."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WAIT = 180  # seconds: a loaded machine with two cores takes 20 to 60
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PANEL = "window.jupyterapp?.shell?.currentWidget"
CELLS = f"{PANEL}.content.model.sharedModel.cells.filter(c => c.cell_type === 'code' && c.getSource().trim())"
IDLE = f"{PANEL}?.sessionContext?.session?.kernel?.status === 'idle'"
ERRORS = (
    f"{CELLS}.flatMap(c => c.outputs).filter(o => o.output_type === 'error').map(o => o.ename + ': ' +"
    " o.evalue)"
)
UNRUN = f"{CELLS}.filter(c => c.execution_count === null).length"
PICTURE = (
    "(() => { const i = [...document.querySelectorAll('img.widget-image, .jupyter-widgets img')].find(i =>"
    " i.offsetParent); return i && i.complete && i.naturalWidth ? i.src : null; })()"
)
SHOW = (
    "async (text) => { const book = " + PANEL + ".content;"
    " const i = book.widgets.findIndex(c => c.model.sharedModel.getSource().includes(text));"
    " await book.scrollToItem(i, 'start'); book.activeCellIndex = i; }"
)
DIALOG = "(document.querySelector('.jp-Dialog-content')?.innerText ?? null)"


def chromium() -> str | None:
    """The path of the browser, if one is installed."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def browsing() -> Iterator[Any]:
    """Run a headless Chromium, and give it; fail where none is installed."""
    from playwright.sync_api import sync_playwright

    program = chromium()
    assert program, "Chromium is not installed: apt-get install chromium fonts-dejavu"
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=program, headless=True, args=QUIET)
        yield running
        running.close()


@contextmanager
def serve(project: Path) -> Iterator[str]:
    """Run a JupyterLab server over a folder, on this machine only, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=abkit",
        f"--ServerApp.root_dir={project}",
        "--LabApp.expose_app_in_browser=True",
    ]
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(project / "config"), "ABKIT_PROGRESS": "0"}
    log = project / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=project, env=environment, stdout=out, stderr=out)
        try:
            wait_until_served(f"http://127.0.0.1:{port}/api", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_until_served(address: str, server: subprocess.Popen, log: Path) -> None:
    """Return when the server answers; fail with its log when it stops or takes too long."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"JupyterLab did not start in {WAIT} s:\n{log.read_text()}")


def open_book(page: Any, lab: str, path: str) -> None:
    """Open a notebook and wait for its kernel."""
    page.goto(f"{lab}/lab/tree/{path}?token=abkit&reset")
    page.wait_for_function(f"{IDLE} || {DIALOG} !== null")
    assert page.evaluate(DIALOG) is None
    page.wait_for_selector(".jp-Notebook .jp-Cell")


def run_all(page: Any, lab: str, path: str) -> None:
    """Open a notebook, run every cell, wait until the kernel has answered."""
    open_book(page, lab, path)
    page.evaluate(
        "async () => { await window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs');"
        " await window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
    )
    page.wait_for_function(f"({UNRUN} === 0 || {ERRORS}.length > 0) && {IDLE}")
