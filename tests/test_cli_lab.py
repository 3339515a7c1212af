"""`abkit lab`, `abkit reset`, `abkit doctor`: a copy that keeps what the reader wrote. No server starts."""

import json
import os
import sys

import pytest

from abkit import cli
from abkit.cli import machine, opening
from abkit.course import copies, plan

ADDRESS = "http://127.0.0.1:8899/lab/tree/00_start_here.ipynb?token=abc"


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Three originals, and an empty current folder beside them."""
    folder = tmp_path / "originals"
    (folder / "text").mkdir(parents=True)
    for name in ("00_start_here.ipynb", "03_srm.ipynb", "07_peeking.ipynb"):
        (folder / name).write_text(f"first {name}")
    (folder / "README.md").write_text("map")
    (folder / "text" / "07_peeking.py").write_text("source")
    monkeypatch.setattr(plan, "folder", lambda: folder)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return folder


@pytest.fixture
def started(source, monkeypatch):
    """What `abkit lab` would start: (command, environment), instead of a server."""
    calls = []

    class Server:
        says, code = f"[I] chatter\n    {ADDRESS}\n", None

        def __init__(self, command, cwd, env, stdout, stdin, stderr, start_new_session):
            assert start_new_session and stdin == opening.subprocess.DEVNULL
            calls.append((command, env))
            stdout.write(self.says.encode())
            stdout.flush()

        def poll(self):
            return self.code

        def wait(self):
            return 0

    monkeypatch.setattr(opening.subprocess, "Popen", Server)
    monkeypatch.setattr(opening, "_has_display", lambda: True)
    calls.append(Server)
    return calls


def files(folder):
    return {p.name: p.read_text() for p in folder.iterdir() if p.is_file()}


def test_lab_makes_a_working_copy_and_leaves_the_originals_alone(started, source):
    before = files(source)
    assert cli.main(["lab"]) == 0
    assert files(source.parent / "here" / "my-notebooks") == before == files(source)


def test_lab_opens_the_first_notebook_and_passes_arguments_on(started, capsys):
    assert cli.main(["lab", "--port=8899"]) == 0
    command, environment = started[1]
    assert command[:3] == [sys.executable, "-m", "jupyterlab"] and command[-1] == "--port=8899"
    assert "--LabApp.default_url=/lab/tree/00_start_here.ipynb" in command
    assert "--ServerApp.ip=127.0.0.1" in command and "--no-browser" not in command
    assert environment["ABKIT_PROGRESS"] == "1" and environment["ABKIT_COURSE"].endswith("my-notebooks")
    shown = capsys.readouterr().out
    assert shown.endswith(f"\n\n{ADDRESS}\n") and "chatter" not in shown


def test_lab_opens_where_the_reader_was_and_says_what_was_done(started, capsys):
    cli.main(["lab"])
    known = {"opened": {"03": "2026-01-02", "07": "2026-01-03"}, "right": {"07.1": "x"}, "guesses": {}}
    copies.place(copies.Path.cwd()).joinpath("progress.json").write_text(json.dumps(known))
    cli.main(["lab"])
    assert "--LabApp.default_url=/lab/tree/07_peeking.ipynb" in started[2][0]
    said = capsys.readouterr().out
    assert "So far: 1 exercise right, 0 predictions made. You were last in 07 Peeking." in said


def test_lab_brings_its_settings(started, source):
    cli.main(["lab", "--folder", "mine"])
    folder = started[1][1]["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0]
    stored = json.loads(
        (copies.Path(folder) / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8")
    )
    assert folder.endswith(os.path.join("mine", ".abkit"))
    assert stored["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


@pytest.mark.parametrize("name", opening.SETTINGS)
def test_jupyterlab_knows_the_settings(name):
    extension, part = name.split(":")
    path = copies.Path(sys.prefix, "share/jupyter/lab/schemas", extension, f"{part}.json")
    known = json.loads(path.read_text(encoding="utf-8"))["properties"]
    assert set(opening.SETTINGS[name]) <= set(known)


def test_lab_without_a_display_prints_where_to_look(started, monkeypatch, capsys):
    monkeypatch.setattr(opening, "_has_display", lambda: False)
    assert cli.main(["lab"]) == 0
    assert "--no-browser" in started[1][0] and "no display" in capsys.readouterr().out


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_lab_allows_root_only_to_root(started, monkeypatch, user, allowed):
    monkeypatch.setattr(opening.os, "geteuid", lambda: user, raising=False)
    cli.main(["lab", "--no-browser"])
    assert ("--allow-root" in started[1][0]) is allowed


def test_lab_without_notebooks_says_what_to_do(source, capsys):
    (source / "00_start_here.ipynb").unlink()
    assert cli.main(["lab"]) == 2
    assert "Install abkit again" in capsys.readouterr().err


def test_lab_without_jupyterlab_says_what_to_install(source, monkeypatch, capsys):
    monkeypatch.setattr(opening.importlib.util, "find_spec", lambda name: None)
    assert cli.main(["lab"]) == 2
    assert capsys.readouterr().err.endswith("run  python -m pip install jupyterlab\n")


def test_a_server_that_ends_at_once_is_one_sentence(started, capsys):
    started[0].says, started[0].code = "traceback\nno free port\n", 1
    assert cli.main(["lab"]) == 2
    assert "could not start: no free port (see " in capsys.readouterr().err


def test_what_jupyter_is_asked_only_is_shown(started, capsys):
    started[0].says, started[0].code = "4.6.6\n", 0
    assert cli.main(["lab", "--version-of-jupyter"]) == 0
    assert capsys.readouterr().out.endswith("4.6.6\n")


@pytest.mark.parametrize("deaf", [False, True])
def test_ctrl_c_ends_the_server_also_one_that_does_not_listen(deaf):
    done = []

    class Server:
        def wait(self, patience=None):
            done.append("wait")
            if done == ["wait"]:
                raise KeyboardInterrupt
            if deaf and patience:
                raise opening.subprocess.TimeoutExpired("jupyter", patience)

        def terminate(self):
            done.append("terminate")

        def kill(self):
            done.append("kill")

    assert opening._wait(Server()) == 0
    assert done == ["wait", "terminate", "wait", *(["kill", "wait"] if deaf else [])]


def test_ctrl_c_before_the_address_ends_the_server():
    ended = []

    class Server:
        def wait(self, patience=None):
            return 0

        def terminate(self):
            ended.append(1)

    def interrupted():
        raise KeyboardInterrupt

    assert opening._wait(Server(), interrupted) == 0 and ended == [1]


@pytest.fixture
def copy(source):
    """A working copy of the three originals; 07 was changed by the reader."""
    target = copies.place(copies.Path.cwd())
    assert copies.update(source, target).copied == [p.name for p in copies.originals(source)]
    (target / "07_peeking.ipynb").write_text("mine")
    return target


def test_an_update_replaces_what_is_unchanged_and_keeps_what_is_not(source, copy):
    assert copies.update(source, copy) == copies.Update()
    for name in ("03_srm.ipynb", "07_peeking.ipynb"):
        (source / name).write_text("second")
    done = copies.update(source, copy)
    assert (done.replaced, done.kept, done.copied) == (["03_srm.ipynb"], ["07_peeking.ipynb"], [])
    assert files(copy)["03_srm.ipynb"] == "second" and files(copy)["07_peeking.ipynb"] == "mine"
    assert copies.update(source, copy).kept == ["07_peeking.ipynb"]  # said until it is reset


def test_without_a_manifest_nothing_is_overwritten(source, copy):
    (copy / ".abkit" / "manifest.json").write_text("broken")
    (source / "03_srm.ipynb").write_text("second")
    assert copies.update(source, copy).kept == ["03_srm.ipynb", "07_peeking.ipynb"]
    assert files(copy)["03_srm.ipynb"] == "first 03_srm.ipynb" and files(copy)["07_peeking.ipynb"] == "mine"


def test_a_deleted_notebook_comes_back(source, copy):
    (copy / "03_srm.ipynb").unlink()
    assert copies.update(source, copy).copied == ["03_srm.ipynb"]


def test_lab_says_that_a_newer_version_waits(started, source, copy, capsys):
    (source / "07_peeking.ipynb").write_text("second")
    assert cli.main(["lab"]) == 0
    assert "07_peeking.ipynb: yours is kept, and there is a newer version.  abkit reset 07" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize("word", ["07", "7", "07_peeking", "07_peeking.ipynb"])
def test_reset_restores_one_notebook_and_keeps_the_readers(copy, capsys, word):
    assert cli.main(["reset", word]) == 0
    assert files(copy)["07_peeking.ipynb"] == "first 07_peeking.ipynb"
    assert files(copy)["07_peeking_mine.ipynb"] == "mine"
    assert "Yours is kept as 07_peeking_mine.ipynb" in capsys.readouterr().out
    (copy / "07_peeking.ipynb").write_text("mine again")
    cli.main(["reset", word])
    assert files(copy)["07_peeking_mine_2.ipynb"] == "mine again"
    assert files(copy)["07_peeking_mine.ipynb"] == "mine"


def test_reset_of_an_unchanged_notebook_makes_no_copy(copy, monkeypatch, capsys):
    monkeypatch.chdir(copy)  # the working copy itself may be the current folder
    assert cli.main(["reset", "03"]) == 0
    assert "You had changed nothing" in capsys.readouterr().out
    assert "03_srm_mine.ipynb" not in files(copy)


def test_doctor_names_a_folder_that_cannot_be_written(monkeypatch, tmp_path):
    def refuse(**options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(machine.tempfile, "TemporaryFile", refuse)
    said = machine._folder_problems(tmp_path)
    assert len(said) == 1 and "(permission denied)" in said[0] and "cd ~" in said[0]


def test_doctor_names_missing_widgets(monkeypatch, tmp_path):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *parts: [str(tmp_path)])
    assert "pip install --force-reinstall jupyterlab_widgets" in machine._widget_problems()[0]


def test_doctor_names_missing_notebooks(source):
    (source / "00_start_here.ipynb").unlink()
    assert "00_start_here.ipynb is not in" in machine._notebook_problems()[0]


def test_after_a_plain_installation_one_package_is_the_cure(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    assert machine._cure("duckdb") == "run  python -m pip install duckdb  and start again."
    assert "causaldata" not in machine._required() and "duckdb" in machine._required()
