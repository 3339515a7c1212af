"""What a user installs: a built wheel whose every name resolves, and whose types a checker sees."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RIGHT = """
import abkit as ab

effect: ab.Effect = ab.welch([1.0, 2.0, 3.0], [2.0, 3.0, 5.0], alpha=0.1)
plan: ab.Plan = ab.sample_size(0.1, sd=1.0)
check: ab.Check = ab.srm([500, 500], [0.5, 0.5])
reveal_type(ab.welch)
reveal_type(ab.datasets.normal_rows)
"""
WRONG = {
    "ab.welch([1.0], [2.0], alfa=0.1)": "alfa",
    "text: str = ab.welch([1.0], [2.0])": "Incompatible types",
    "ab.no_such_name": "no_such_name",
    "ab.plots.plot_nothing": "plot_nothing",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An empty virtual environment that holds the built wheel and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "source"
    shutil.copytree(ROOT / "abkit", copy / "abkit", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "notebooks", copy / "notebooks")
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "-q", "-w", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(copy)], check=True, timeout=300)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    site = next((folder / "env").glob("lib/python*/site-packages"))
    zipfile.ZipFile(next(folder.glob("*.whl"))).extractall(site)
    return folder / "env", site


def checked(installed, tmp_path, text):
    """What the type checker says of a user's script."""
    script = tmp_path / "script.py"
    script.write_text(text)
    options = ["--python-executable", str(installed[0] / "bin" / "python"), "--ignore-missing-imports"]
    where = ["--cache-dir", str(installed[0] / "mypy"), str(script)]
    command = [sys.executable, "-m", "mypy", "--config-file", "", *options, *where]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, timeout=300, env={"PATH": ""}
    )


def run(installed, folder, *words):
    """Run Python with the wheel and the packages of this environment, not with this clone."""
    outer = next(p for p in sys.path if p.endswith("site-packages"))
    env = {**os.environ, "PYTHONPATH": f"{installed[1]}:{outer}"}
    command = [sys.executable, *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=env, timeout=120)


def test_the_course_is_inside_the_wheel(installed, tmp_path):
    """In an empty folder: a working copy with every notebook, what `abkit lab` would start, and a reset."""
    fake = (
        "import sys\nfrom abkit import cli\nfrom abkit.cli import opening\n"
        "opening._serve = lambda command, target: print(*command) or 0\nsys.exit(cli.main(['lab']))"
    )
    started = run(installed, tmp_path, "-c", fake)
    assert started.returncode == 0 and "/lab/tree/00_start_here.ipynb" in started.stdout, started.stderr
    mine = tmp_path / "my-notebooks"
    originals = {p.name: p.read_bytes() for p in (ROOT / "notebooks").glob("*.*")}
    assert {p.name: p.read_bytes() for p in mine.glob("[!.]*")} == originals
    (mine / "07_peeking.ipynb").write_text("mine")
    again = run(installed, tmp_path, "-m", "abkit", "reset", "07")
    assert again.returncode == 0 and "07_peeking_mine.ipynb" in again.stdout, again.stderr
    assert (mine / "07_peeking.ipynb").read_bytes() == originals["07_peeking.ipynb"]


def test_every_name_resolves_from_the_wheel(installed, tmp_path):
    code = (
        "import abkit, json; print(abkit.__file__); [getattr(abkit, n) for n in"
        " abkit.__all__];[getattr(getattr(abkit, m), n) for m in ('plots', 'explore', 'datasets') for n in"
        " getattr(abkit, m).__all__]"
    )
    outer = next(p for p in sys.path if p.endswith("site-packages"))
    paths = f"{installed[1]}:{outer}"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": paths}
    )
    assert result.returncode == 0, result.stderr
    assert str(installed[1]) in result.stdout


def test_a_right_script_passes_the_type_checker(installed, tmp_path):
    result = checked(installed, tmp_path, RIGHT)
    assert result.returncode == 0, result.stdout
    assert "-> abkit.estimate.Effect" in result.stdout and "alpha: float" in result.stdout
    assert 'Revealed type is "Any"' not in result.stdout


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_script_fails_the_type_checker(installed, tmp_path, line):
    result = checked(installed, tmp_path, f"import abkit as ab\n{line}\n")
    assert result.returncode == 1 and WRONG[line] in result.stdout, result.stdout
