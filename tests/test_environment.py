"""environment.yml, pyproject.toml, constraints.txt and the README say the same thing."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import abkit

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
PINS = {
    line.split("==")[0].lower().replace("_", "-")
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
}
PROMISED = (
    "numpy",
    "scipy",
    "pandas",
    "matplotlib",
    "seaborn",
    "scikit-learn",
    "ipywidgets",
    "networkx",
    "pyarrow",
    "duckdb",
)


def pip_lines():
    return next(entry["pip"] for entry in CONDA["dependencies"] if isinstance(entry, dict))


def names(lines):
    return {re.split(r"[^\w.-]", line)[0].lower().replace("_", "-") for line in lines}


def test_conda_asks_for_the_python_of_the_project():
    assert f"python{PROJECT['requires-python']}" in CONDA["dependencies"]
    assert CONDA["channels"] == ["conda-forge"]


def test_conda_installs_this_project_with_extras_that_exist():
    line = next(line for line in pip_lines() if line.startswith("-e "))
    assert line.startswith("-e .[")
    extras = line.split("[")[1].rstrip("]").split(",")
    assert set(extras) == {"lab", "data"} <= set(PROJECT["optional-dependencies"])


def test_conda_uses_the_same_versions():
    assert "-c constraints.txt" in pip_lines()


def test_make_env_installs_the_same_extras():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"lab-done:.*\n.*install EXTRAS=lab,data\n", makefile)
    assert "-c constraints.txt -e '.[$(EXTRAS)]'" in makefile


@pytest.mark.parametrize("name", PROMISED)
def test_promised_packages_are_installed_and_pinned(name):
    assert name in names(PROJECT["dependencies"])
    assert name in PINS


def test_the_course_extra_brings_jupyterlab():
    assert {"jupyterlab", "jupytext"} <= names(PROJECT["optional-dependencies"]["lab"])


def test_every_requirement_is_pinned():
    wanted = [
        *PROJECT["dependencies"],
        *PROJECT["optional-dependencies"]["lab"],
        *PROJECT["optional-dependencies"]["data"],
        *PROJECT["optional-dependencies"]["test"],
    ]
    assert names(wanted) - PINS == set()


def test_the_ci_script_runs():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").splitlines()[0] == "#!/usr/bin/env bash"
    assert subprocess.run(["bash", "-n", str(script)]).returncode == 0


def test_readme_lines_of_python_say_what_they_print():
    """Run the README's Python block; the lines after `# ` are what it prints."""
    block = re.search(r"```python\n(.*?)```", README, re.S)[1]
    code = [line for line in block.splitlines() if line and not line.startswith("#")]
    promised = [line[2:] for line in block.splitlines() if line.startswith("# ")]
    assert len(code) == 5
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec("\n".join(code), {})
    assert out.getvalue().splitlines() == promised


def test_readme_numbers_are_those_of_newcombes_formula():
    """Method 10 written out by hand: Wilson limits of each arm, then the square-and-add bounds."""

    def wilson(x, n, z=1.959963984540054):
        centre, half = x / n + z * z / (2 * n), z * (x / n * (1 - x / n) / n + z * z / (4 * n * n)) ** 0.5
        return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)

    pc, pt = 18 / 1129, 0.0
    (lc, uc), (lt, ut) = wilson(18, 1129), wilson(0, 1131)
    low = pt - pc - ((pt - lt) ** 2 + (uc - pc) ** 2) ** 0.5
    high = pt - pc + ((ut - pt) ** 2 + (pc - lc) ** 2) ** 0.5
    assert f"{1000 * low:.1f} to {1000 * high:.1f}" in README


def test_readme_never_installs_the_package_of_somebody_else():
    assert "pip install abkit" not in README
    assert "abkit-lab" in README


def test_readme_names_every_notebook_and_shows_a_small_picture():
    stems = [path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")]
    assert stems and all(f"notebooks/{stem}.ipynb" in README for stem in stems)
    pictures = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", README)
    assert len(pictures) == 1 and len(pictures[0][0]) > 40
    assert (ROOT / pictures[0][1]).stat().st_size < 1_000_000


def test_readme_says_which_numbers_are_missing():
    here = {path.stem[:2] for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}
    line = next(line for line in README.splitlines() if "not written yet" in line)
    named = {
        f"{n:02}"
        for a, b in re.findall(r"\b(\d\d)(?: to (\d\d))?", line.split(":")[1])
        for n in range(int(a), int(b or a) + 1)
    }
    assert named == {f"{n:02}" for n in range(27)} - here
    assert f"{len(here)} notebooks in which" in README


def test_the_checklist_names_calls_and_notebooks_that_exist():
    page = (ROOT / "docs" / "checklist.md").read_text(encoding="utf-8")
    calls = set(re.findall(r"`ab\.(\w+)`", page))
    assert len(calls) >= 15 and all(hasattr(abkit, call) for call in calls)
    table = [row.rsplit("|", 2)[1] for row in page.splitlines() if re.match(r"\| \d\.", row)]
    stems = {path.stem[:2] for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert len(table) == 8 and set(re.findall(r"\d\d", " ".join(table))) <= stems
    assert len(re.findall(r"^\d+\. ", page, re.M)) == 10 and "docs/checklist.md" in README


def test_the_citation_names_this_version():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(cited["version"]) == PROJECT["version"] == abkit.__version__
    assert cited["license"] == PROJECT["license"]


def test_a_lower_bound_becomes_its_first_series():
    sys.path.insert(0, str(ROOT / "tools"))
    from lowest_versions import lowest

    found = lowest(["numpy>=2.0", "voila>=0.5.8", "pytest>=8", "psycopg[binary]>=3.1", "polars"])
    assert found == ["numpy==2.0.*", "voila==0.5.8", "pytest==8.*", "psycopg==3.1.*"]
