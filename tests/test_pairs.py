"""The pair check reads both twins and fails on any difference, a missing twin and noise."""

import importlib.util
import shutil
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]


def load(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pairs, builder = load("check_pairs"), load("build_notebooks")


@pytest.fixture
def project(tmp_path):
    """A project with one pair, copied from notebook 00."""
    (tmp_path / "notebooks" / "text").mkdir(parents=True)
    shutil.copy(ROOT / "notebooks" / "text" / "00_start_here.py", tmp_path / "notebooks" / "text")
    shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", tmp_path / "notebooks")
    return tmp_path


def edit(project, change):
    path = project / "notebooks" / "00_start_here.ipynb"
    notebook = nbformat.read(str(path), as_version=4)
    change(notebook)
    nbformat.write(notebook, str(path))


def test_every_pair_of_the_project_is_in_sync():
    assert pairs.problems(ROOT)[1] == []


def test_a_pair_in_sync_passes_and_nothing_is_written(project):
    files = sorted(p for p in project.rglob("*") if p.is_file())
    before = [(p.read_bytes(), p.stat().st_mtime_ns) for p in files]
    assert pairs.main([str(project)]) == 0
    assert [(p.read_bytes(), p.stat().st_mtime_ns) for p in files] == before
    assert sorted(p for p in project.rglob("*") if p.is_file()) == files


def test_a_changed_text_fails_with_a_diff(project, capsys):
    path = project / "notebooks" / "text" / "00_start_here.py"
    path.write_text(path.read_text(encoding="utf-8").replace("seed=57", "seed=8"), encoding="utf-8")
    assert pairs.main([str(project)]) == 1
    out = capsys.readouterr().out
    assert '-rng = ab.teach.start("00", seed=8)' in out
    assert '+rng = ab.teach.start("00", seed=57)' in out


def test_a_changed_notebook_cell_fails(project):
    edit(project, lambda n: n.cells[1].update(source="Another text."))
    assert pairs.main([str(project)]) == 1


def test_a_cell_turned_from_text_to_code_fails(project):
    edit(project, lambda n: n.cells.__setitem__(1, nbformat.v4.new_code_cell(n.cells[1].source, id="x")))
    assert pairs.main([str(project)]) == 1


def test_blank_lines_between_cells_do_not_count(project):
    path = project / "notebooks" / "text" / "00_start_here.py"
    path.write_text(path.read_text(encoding="utf-8").replace("\n\n# %%\n", "\n\n\n# %%\n"), encoding="utf-8")
    assert pairs.main([str(project)]) == 0


@pytest.mark.parametrize("lost", ["00_start_here.ipynb", "text/00_start_here.py"])
def test_a_missing_twin_fails(project, capsys, lost):
    (project / "notebooks" / lost).unlink()
    assert pairs.main([str(project)]) == 1
    assert f"no notebooks/{lost}" in capsys.readouterr().out


def picture_of(notebook):
    """The data of the first picture."""
    return next(
        o.data
        for c in notebook.cells
        for o in c.get("outputs", [])
        if "<img" in o.get("data", {}).get("text/html", "")
    )


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda n: n.metadata.update(widgets={"state": {}}), "'widgets'"),
        (lambda n: n.metadata.language_info.update(version="3.11"), "interpreter version"),
        (lambda n: n.cells[3].metadata.update(execution={"iopub.status.busy": "x"}), "'execution'"),
        (lambda n: picture_of(n).update({builder.WIDGET: {"model_id": "0"}}), "no kernel keeps alive"),
    ],
)
def test_noise_fails(project, capsys, change, message):
    edit(project, change)
    assert pairs.main([str(project)]) == 1
    assert message in capsys.readouterr().out


def test_no_notebooks_is_no_problem(tmp_path):
    assert pairs.main([str(tmp_path)]) == 0


def test_two_builds_give_the_same_bytes_and_no_noise(tmp_path):
    source = tmp_path / "99_tiny.py"
    source.write_text(
        "# %% [markdown]\n# # A title\n\n# %%\nimport ipywidgets\nipywidgets.IntSlider(3)\n\n#"
        " %%\nprint(1)\nprint(2)\n",
        encoding="utf-8",
    )
    books = []
    for _ in range(2):
        notebook = builder.clean(builder.execute(source, tmp_path), "99_tiny")
        books.append(nbformat.writes(notebook, version=4))
    assert books[0] == books[1]
    assert [c.id for c in notebook.cells] == ["99_tiny-00", "99_tiny-01", "99_tiny-02"]
    assert [c.execution_count for c in notebook.cells[1:]] == [1, 2]
    assert builder.WIDGET not in str(notebook.cells[1].outputs)
    assert notebook.cells[2].outputs == [nbformat.v4.new_output("stream", name="stdout", text="1\n2\n")]


def test_an_unknown_stem_is_named(capsys):
    assert builder.main(["77_nothing"]) == 1
    assert "77_nothing" in capsys.readouterr().out
