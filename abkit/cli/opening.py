"""`abkit lab` opens the course in a working copy of yours, `abkit reset` restores one notebook of it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from abkit import _check
from abkit.course import copies, plan, progress

PATIENCE = 120  # seconds until the server has said its address
LOG = "server.log"
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/filebrowser-extension:browser": {"showLastModifiedColumn": False},
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
}


def add(commands: Any) -> None:
    """Register `lab` and `reset`.

    >>> import argparse
    >>> commands = argparse.ArgumentParser().add_subparsers(); add(commands)
    >>> list(commands.choices)
    ['lab', 'reset']
    """
    start = commands.add_parser(
        "lab",
        help="open the course in JupyterLab",
        allow_abbrev=False,
        description=f"Copy the notebooks to {copies.FOLDER}/ in the current folder, keep what you changed "
        "there, and open them in JupyterLab. Other arguments go to `jupyter lab`.",
    )
    start.add_argument(
        "--no-browser", action="store_true", help="print the address instead of opening a browser"
    )
    start.add_argument("--folder", help=f"the working copy (default: {copies.FOLDER})")
    start.set_defaults(
        run=lambda o: lab(o.rest, browser=not o.no_browser, folder=o.folder), names={"folder": "--folder"}
    )
    again = commands.add_parser(
        "reset",
        help="restore one notebook of your working copy",
        description="Restore one notebook, such as 07; what you changed is kept as a copy beside it.",
    )
    again.add_argument("notebook", help="its number, such as 07")
    again.add_argument("--folder", help=f"the working copy (default: {copies.FOLDER})")
    again.set_defaults(
        run=lambda o: reset(o.notebook, folder=o.folder),
        names={"notebook": "NOTEBOOK", "folder": "--folder"},
    )


def reset(notebook: str, *, folder: str | None = None) -> int:
    """Restore a notebook, say where the reader's own is, and return 0.

    notebook: its number, such as "07". folder: the working copy; my-notebooks by default.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = copies.update(plan.folder(), Path(folder)); _ = Path(folder, plan.FIRST).write_text("mine")
    ...     reset("00", folder=folder)
    00_start_here.ipynb is as new. Yours is kept as 00_start_here_mine.ipynb.
    If it is open in JupyterLab: File, Reload Notebook from Disk.
    0
    """
    name, saved = copies.reset(plan.folder(), copies.place(Path.cwd(), folder), notebook)
    print(f"{name} is as new. " + (f"Yours is kept as {saved}." if saved else "You had changed nothing."))
    print("If it is open in JupyterLab: File, Reload Notebook from Disk.")
    return 0


def lab(arguments: list[str], *, browser: bool = True, folder: str | None = None) -> int:
    """Bring the working copy up to date, start JupyterLab on it, and wait until it ends."""
    source, target = plan.folder(), copies.place(Path.cwd(), folder)
    if not (source / plan.FIRST).is_file():
        raise _check.fail(
            "notebooks", f"must hold {plan.FIRST}", source, "Install abkit again, or use a whole clone."
        )
    if importlib.util.find_spec("jupyterlab") is None:
        raise ValueError("JupyterLab is not installed: run  python -m pip install jupyterlab")
    _say(target, copies.update(source, target))
    settings = target / copies.HIDDEN / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps(SETTINGS, indent=1), encoding="utf-8")
    if browser and not _has_display():
        print("This machine has no display: open the address below, which begins with http://127.0.0.1.")
        browser = False
    return _serve(_lab_command(arguments, target, browser=browser), target)


def _say(target: Path, done: copies.Update) -> None:
    """Say what is new, what was kept, and what the reader did so far."""
    books = sum(1 for path in target.glob("[0-9][0-9]_*.ipynb") if "_mine" not in path.stem)
    print(f"{target.name}: {books} notebooks, yours to change.")
    if done.replaced:
        print(f"New versions of what you had not changed: {', '.join(done.replaced)}.")
    for name in done.kept:
        again = (
            f"  abkit reset {name[:2]}  brings it and keeps yours as a copy." if name[:2].isdigit() else ""
        )
        print(f"{name}: yours is kept, and there is a newer version.{again}")
    mine = target / progress.NAME
    if (number := progress.last(mine)) in plan.BY_NUMBER:
        counts = f"{_many(progress.count('right', path=mine), 'exercise')} right"
        counts += f", {_many(progress.count('guesses', path=mine), 'prediction')} made"
        print(f"So far: {counts}. You were last in {number} {plan.BY_NUMBER[str(number)].title}.")


def _many(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _serve(command: list[str], target: Path) -> int:
    """Start the server with its chatter in a log, print the address alone, and wait."""
    log = target / copies.HIDDEN / LOG
    begin = log.stat().st_size if log.is_file() else 0
    print(f"JupyterLab starts (its log: {log}). Ctrl-C in this window ends it.", flush=True)
    environment = {
        "JUPYTER_PLATFORM_DIRS": "1",
        **os.environ,
        "ABKIT_PROGRESS": "1",
        "ABKIT_COURSE": str(target.resolve()),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(
            filter(None, (str((target / copies.HIDDEN).resolve()), os.environ.get("JUPYTER_CONFIG_PATH")))
        ),
    }
    with log.open("ab") as out:
        server = subprocess.Popen(
            command,
            cwd=target,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # Ctrl-C comes to us alone: two signals at once leave a server that hangs
        )
        code = _wait(server, lambda: _say_address(server, log, begin))
    return code if code is not None else _ended(int(server.poll() or 0), log, begin)


def _say_address(server: Any, log: Path, begin: int) -> bool:
    """Print the address, alone; return False when the server ended before it had one."""
    address = _address(server, log, begin)
    if address:
        print(f"\n{address}", flush=True)
    return bool(address) or server.poll() is None


def _address(server: Any, log: Path, begin: int) -> str | None:
    """Read the address from the log; None when the server ends, or says none for long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ended = server.poll() is not None
        found = re.findall(r"https?://\S+/lab\S*", _said(log, begin))
        if found or ended:
            return None if ended else found[-1]
        time.sleep(0.2)
    return None


def _said(log: Path, begin: int) -> str:
    return log.read_bytes()[begin:].decode("utf-8", "replace")


def _ended(code: int, log: Path, begin: int) -> int:
    """Show what a server said that ended before it had an address: all of it if it ended well."""
    lines = _said(log, begin).splitlines()
    if code == 0:
        print("\n".join(lines))
        return 0
    raise ValueError(
        f"JupyterLab could not start: {' '.join(lines[-1:]) or f'exit code {code}'} (see {log})."
    )


def _wait(server: Any, first: Callable[[], bool] = lambda: True) -> int | None:
    """Do what comes first, wait for the server, and return its code; None when `first` says that it ended.

    Ctrl-C, SIGTERM and a terminal that is closed end the server too: it has nobody else to stop it.
    """

    def stop(*_: Any) -> None:
        server.terminate()

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = [signal.signal(getattr(signal, name), stop) for name in names]
    try:
        return max(server.wait(), 0) if first() else None
    except KeyboardInterrupt:
        _end(server)
        return 0
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(getattr(signal, name), handler)


def _end(server: Any) -> None:
    """Ask the server to stop, which ends its kernels; after 20 seconds it has to."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _lab_command(arguments: list[str], target: Path, *, browser: bool) -> list[str]:
    number = progress.last(target / progress.NAME)
    book = f"{plan.BY_NUMBER[number].stem}.ipynb" if number in plan.BY_NUMBER else plan.FIRST
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={target.resolve()}",
        f"--LabApp.default_url=/lab/tree/{book if (target / book).is_file() else plan.FIRST}",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return [*command, *arguments]


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
