"""`abkit doctor` checks the machine: each fault with its cure, in one sentence."""

from __future__ import annotations

import importlib.metadata
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from abkit.course import copies, plan

ROOT = plan.ROOT
OLDEST = (3, 11)
INSTALL = 'python -m pip install -c constraints.txt -e ".[lab,data]"'


def add(commands: Any) -> None:
    """Register `doctor`.

    >>> import argparse
    >>> commands = argparse.ArgumentParser().add_subparsers(); add(commands)
    >>> list(commands.choices)
    ['doctor']
    """
    check = commands.add_parser("doctor", help="check Python, packages, kernel, widgets and folder")
    check.set_defaults(run=lambda options: doctor())


def doctor() -> int:
    """Print what is wrong with this installation, one sentence a problem; return 1 if there is one."""
    problems = [
        *_python_problems(),
        *_version_problems(),
        *_kernel_problems(),
        *_widget_problems(),
        *_notebook_problems(),
        *_folder_problems(Path.cwd()),
    ]
    for problem in problems:
        print(problem)
    if not problems:
        print(
            f"All is well: Python {sys.version.split()[0]}, packages, kernel, widgets, notebooks and folder."
        )
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
            problems.append(f"{name} is not installed: {_cure(name)}")
            continue
        wanted = pinned.get(_plain_name(name), found)
        if found != wanted:
            problems.append(f"{name} is {found}, but the notebooks were made with {wanted}: {_cure(name)}")
    return problems


def _cure(name: str) -> str:
    """A clone is installed again with its pins; after a plain installation one package is added."""
    return (
        f"run  {INSTALL}  in {ROOT}."
        if _is_clone()
        else f"run  python -m pip install {name}  and start again."
    )


def _is_clone() -> bool:
    return (ROOT / "constraints.txt").is_file()


def _required() -> list[str]:
    """Names of the packages that the project asks for; in a clone also those of the extras lab and data."""
    try:
        lines = importlib.metadata.requires("abkit-lab") or []
    except importlib.metadata.PackageNotFoundError:
        return ["abkit-lab"]
    extras = [(line, re.search(r"extra == ['\"](\w+)['\"]", line)) for line in lines]
    return [
        re.split(r"[^\w.-]", line)[0]
        for line, extra in extras
        if extra is None or (_is_clone() and extra[1] in ("lab", "data"))
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
        return [f"Jupyter is not installed: {_cure('jupyterlab')}"]
    mend = "run  python -m ipykernel install --sys-prefix  and start again."
    try:
        program = Path(KernelSpecManager().get_kernel_spec("python3").argv[0])
    except NoSuchKernel:
        return [f"Jupyter finds no kernel named python3: {mend}"]
    if program.is_absolute() and program.parent != Path(sys.executable).parent:
        return [f"The kernel python3 starts another Python ({program}): {mend}"]
    return []


def _widget_problems() -> list[str]:
    """Sliders need their half for the browser in the environment that runs the server, which is this one."""
    try:
        from jupyter_core.paths import jupyter_path
    except ImportError:
        return []  # said with the kernel
    name = "@jupyter-widgets/jupyterlab-manager"
    if any((Path(place) / name / "package.json").is_file() for place in jupyter_path("labextensions")):
        return []
    return [
        "JupyterLab has no widgets here, so sliders and boxes stay dead: run  "
        "python -m pip install --force-reinstall jupyterlab_widgets  and start again."
    ]


def _notebook_problems() -> list[str]:
    if (plan.folder() / plan.FIRST).is_file():
        return []
    return [
        f"The notebook {plan.FIRST} is not in {plan.folder()}: install abkit again, or use a whole clone."
    ]


def _folder_problems(here: Path) -> list[str]:
    """The working copy is written into the current folder."""
    target = copies.place(here)
    try:
        tempfile.TemporaryFile(dir=target if target.exists() else here).close()
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        return [
            f"The folder {target if target.exists() else here} cannot be written ({reason}): go to one of "
            "yours, such as with  cd ~  , and run  abkit lab  there."
        ]
    return []
