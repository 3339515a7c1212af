"""One table of exit codes: command by situation. Never a traceback, always one sentence."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from abkit import __version__, cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder that `abkit demo` fills."""
    folder = tmp_path_factory.mktemp("demo")
    assert cli.main(["demo", str(folder)]) == 0
    (folder / "cut.csv.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    (folder / "lost.csv").write_text(
        "user_id,arm\n" + "".join(f"{i},{'ab'[i % 4 > 0]}\n" for i in range(900))
    )
    (folder / "ids.csv").write_text("user_id,arm\n" + "".join(f"{i},arm{i}\n" for i in range(900)))
    return folder


def run(folder, *words, **options):
    command = [sys.executable, "-m", "abkit", *map(str, words)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, env=env, **options
    )


SRM = ("srm", "users.csv", "--arm", "arm", "--expect", "control=.5,treatment=.5")
ANALYZE = ("analyze", "users.csv", "--arm", "arm", "--control", "control", "--metric", "converted:proportion")
ASSIGN = ("assign", "users.csv", "--unit", "user_id", "--salt", "s", "--weights", "a=50%,b=.5")
PLAN = ("plan", "--baseline", ".1", "--lift", "5%")
TABLE = [  # situation, words, exit code, what one of the streams says
    ("sound split", SRM, 0, "fit the plan"),
    ("no plan is no pass", SRM[:4], 2, "No SRM was computed"),
    ("lost users", ("srm", "lost.csv", "--arm", "arm", "--expect", "a=.5,b=.5"), 1, "mismatch"),
    ("damaged archive, srm", ("srm", "cut.csv.gz", *SRM[2:]), 2, "damaged"),
    ("damaged archive, assign", ("assign", "cut.csv.gz", *ASSIGN[2:]), 2, "damaged"),
    ("damaged archive, analyze", ("analyze", "cut.csv.gz", *ANALYZE[2:]), 2, "damaged"),
    ("a report", ANALYZE, 0, "converted"),
    (
        "a report of events",
        (*ANALYZE[:1], "events.csv", *ANALYZE[2:], "--unit", "user_id", "--events"),
        0,
        "conv",
    ),
    ("a failed check", (*ANALYZE, "--expect", "control=.9,treatment=.1"), 1, "SRM"),
    ("no such file", ("analyze", "none.csv", *ANALYZE[2:]), 2, "none.csv"),
    ("the option that was typed", ("plan", "--baseline", ".5", "--lift", "1"), 2, "--lift"),
    ("per cent", PLAN, 0, "57,763 units"),
    ("little traffic", (*PLAN, "--arrivals", ".5"), 0, "not within"),
    ("arms", ASSIGN, 0, "user_id,arm"),
    ("a formula", (*ASSIGN[:-1], "=a=.5,b=.5"), 2, "formula"),
    ("many arms", ("srm", "ids.csv", *SRM[2:]), 2, "and 890 more"),
    ("the version", ("--version",), 0, __version__),
    ("no command", (), 2, "usage"),
    ("an unknown option", (*SRM, "--nonsense"), 2, "unknown"),
    ("html into nowhere", (*ANALYZE, "--html", "none/x.html"), 2, "--html"),
    ("demo twice", ("demo",), 2, "--force"),
    ("reset without a copy", ("reset", "07"), 2, "abkit lab"),
    ("reset of what is none", ("reset", "99"), 2, "NOTEBOOK must be one of 00"),
    ("reset of nothing", ("reset",), 2, "usage"),
]


@pytest.mark.parametrize(("situation", "words", "code", "says"), TABLE, ids=[row[0] for row in TABLE])
def test_exit_codes(demo, monkeypatch, capsys, situation, words, code, says):
    monkeypatch.chdir(demo)
    try:
        got = cli.main(list(words))
    except SystemExit as stop:
        got = stop.code
    out, err = capsys.readouterr()
    assert got == code, err
    assert says in out + err
    assert "Traceback" not in err and len(err) < 1_500


def test_the_module_is_the_command(demo):
    assert run(demo, "--version").stdout.split() == ["abkit", __version__]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("words", [ANALYZE, ASSIGN])
def test_a_full_disk_is_one_sentence(demo, words):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "abkit", *words]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        result = subprocess.run(command, cwd=demo, stdout=full, stderr=subprocess.PIPE, text=True, env=env)
    assert result.returncode == 2 and "no space left" in result.stderr and "Traceback" not in result.stderr


def test_a_closed_pipe_is_one_sentence(demo):
    line = f"{sys.executable} -m abkit {' '.join(ASSIGN)} | true; exit ${{PIPESTATUS[0]}}"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(["bash", "-c", line], cwd=demo, capture_output=True, text=True, env=env)
    assert result.returncode == 2 and "Traceback" not in result.stderr and "closed the pipe" in result.stderr


def test_ctrl_c_is_one_sentence(demo, monkeypatch, capsys):
    monkeypatch.setattr(
        "abkit.cli.sample_shares.srm_of_file", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    assert cli.main(list(SRM)) == 2
    assert "stopped by Ctrl-C" in capsys.readouterr().err


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_no_permission_is_one_sentence(demo, tmp_path):
    file = tmp_path / "users.csv"
    file.write_text((demo / "users.csv").read_text())
    file.chmod(0)
    assert run(tmp_path, *SRM).returncode == 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_a_terminal_cannot_show_is_replaced(demo, encoding):
    result = run(demo, *ANALYZE, env={"PYTHONIOENCODING": encoding}, encoding="latin-1")
    assert result.returncode == 0, result.stderr


def test_a_file_is_replaced_only_by_force_and_the_input_never(demo, tmp_path, monkeypatch):
    monkeypatch.chdir(demo)
    page = tmp_path / "r.html"
    page.write_text("mine")
    assert cli.main([*ANALYZE, "--html", str(page)]) == 2 and page.read_text() == "mine"
    assert cli.main([*ANALYZE, "--html", str(page), "--force"]) == 0 and "<table" in page.read_text()
    before = (demo / "users.csv").read_bytes()
    for words in ((*ANALYZE, "--html", "users.csv", "--force"), (*ASSIGN, "--out", "users.csv", "--force")):
        assert cli.main(list(words)) == 2 and (demo / "users.csv").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]  # no temporary file is left


def commands_of_readme():
    """The lines of the README's shell blocks that call abkit on the demonstration's files."""
    text = README.replace(chr(92) + "\n", " ")  # a backslash goes on in the next line
    return [line.split("#")[0].split() for line in text.splitlines() if line.startswith("abkit ")]


@pytest.mark.parametrize("words", commands_of_readme(), ids=" ".join)
def test_every_command_of_the_readme_runs_on_the_demonstration(demo, monkeypatch, capsys, words):
    monkeypatch.chdir(demo)
    try:
        code = cli.main([*words[1:], *(["--force"] if words[1] == "demo" else [])])
    except SystemExit as stop:  # --help
        code = stop.code
    assert code == 0, capsys.readouterr()


def test_sigterm_ends_the_server_too(tmp_path):
    code = (
        "import subprocess, sys; from abkit.cli import opening;"
        "server = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(server.pid, flush=True); opening._wait(server)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=env)
    child = int(parent.stdout.readline())
    time.sleep(0.5)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(timeout=20) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
