"""`abkit lab` opens the course, `abkit doctor` checks the machine."""

from __future__ import annotations

import importlib.metadata
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from abkit import _check

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 11)
FIRST = "00_start_here.ipynb"
INSTALL = 'python -m pip install -c constraints.txt -e ".[lab,data]"'


def add(commands: Any) -> None:
    """Register `lab` and `doctor`."""
    start = commands.add_parser(
        "lab",
        help="open the course in JupyterLab",
        allow_abbrev=False,
        description="Open the course in JupyterLab. Other arguments go to `jupyter lab`.",
    )
    start.add_argument(
        "--no-browser", action="store_true", help="print the address instead of opening a browser"
    )
    start.set_defaults(run=lambda options: lab(options.rest, browser=not options.no_browser), names={})
    check = commands.add_parser("doctor", help="check Python, packages, kernel and notebooks")
    check.set_defaults(run=lambda options: doctor())


def lab(arguments: list[str], *, browser: bool = True) -> int:
    """Start JupyterLab on the first notebook and wait until it ends."""
    if not (ROOT / "notebooks" / FIRST).is_file():
        raise _check.fail(
            "notebooks", f"must hold {FIRST}", ROOT / "notebooks", "Run abkit from a copy of the project."
        )
    if browser and not _has_display():
        print(
            "This machine has no display. Open the address below, which begins with http://127.0.0.1, in a"
            " browser.",
            flush=True,
        )
        browser = False
    return _wait(subprocess.Popen(_lab_command(arguments, browser=browser), cwd=ROOT))


def _wait(server: subprocess.Popen[bytes]) -> int:
    """Wait for the server; Ctrl-C and SIGTERM end it too, for it has nobody else to stop it."""

    def stop(*_: Any) -> None:
        server.terminate()

    before = signal.signal(signal.SIGTERM, stop)
    try:
        return max(server.wait(), 0)
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)


def _lab_command(arguments: list[str], *, browser: bool) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={ROOT}",
        f"--LabApp.default_url=/lab/tree/notebooks/{FIRST}",
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


def doctor() -> int:
    """Print what is wrong with this installation, one sentence a problem; return 1 if there is one."""
    problems = [*_python_problems(), *_version_problems(), *_kernel_problems(), *_notebook_problems()]
    for problem in problems:
        print(problem)
    if not problems:
        print(f"All is well: Python {sys.version.split()[0]}, packages, Jupyter kernel and notebooks.")
    return 1 if problems else 0


def _python_problems(version: tuple[int, ...] = sys.version_info[:3]) -> list[str]:
    if version >= OLDEST:
        return []
    return [
        f"Python is {'.'.join(map(str, version))}: install Python 3.11 or newer and make the environment"
        " again."
    ]


def _version_problems() -> list[str]:
    """Compare what is installed with the versions that made the stored numbers."""
    pinned = _pins(ROOT / "constraints.txt")
    problems = []
    for name in _required():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"{name} is not installed: run  {INSTALL}  in {ROOT}.")
            continue
        wanted = pinned.get(_plain_name(name), found)
        if found != wanted:
            problems.append(
                f"{name} is {found}, but the notebooks were made with {wanted}: run  {INSTALL}  in {ROOT}."
            )
    return problems


def _required() -> list[str]:
    """Names of the packages that the project and its extras lab and data ask for."""
    try:
        lines = importlib.metadata.requires("abkit-lab") or []
    except importlib.metadata.PackageNotFoundError:
        return ["abkit-lab"]
    extras = [(line, re.search(r"extra == ['\"](\w+)['\"]", line)) for line in lines]
    return [
        re.split(r"[^\w.-]", line)[0]
        for line, extra in extras
        if extra is None or extra[1] in ("lab", "data")
    ]


def _pins(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("#")[0].strip().partition("==") for line in lines)
    return {_plain_name(name): version for name, _, version in pairs if version}


def _plain_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _kernel_problems() -> list[str]:
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return [f"Jupyter is not installed: run  {INSTALL}  in {ROOT}."]
    mend = "run  python -m ipykernel install --sys-prefix  and start again."
    try:
        program = Path(KernelSpecManager().get_kernel_spec("python3").argv[0])
    except NoSuchKernel:
        return [f"Jupyter finds no kernel named python3: {mend}"]
    if program.is_absolute() and program.parent != Path(sys.executable).parent:
        return [f"The kernel python3 starts another Python ({program}): {mend}"]
    return []


def _notebook_problems() -> list[str]:
    if (ROOT / "notebooks" / FIRST).is_file():
        return []
    return [
        f"The notebook {FIRST} is not in {ROOT / 'notebooks'}: run abkit from a whole copy of the project."
    ]
