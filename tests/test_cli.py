"""The command line: exit codes, messages in one sentence, and files that are broken in the usual ways."""

from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from abkit import cli
from abkit.cli import machine

PLAN = "control=.5,treatment=.5"


@pytest.fixture
def trial(tmp_path):
    """A file of 4,000 units: sound on ios, with a third of the treated android units lost."""
    arms = {"ios": (1_000, 1_000), "android": (1_200, 800)}
    rows = [
        (arm, segment)
        for segment, sizes in arms.items()
        for arm, size in zip(("control", "treatment"), sizes, strict=True)
        for _ in range(size)
    ]
    path = tmp_path / "trial.csv"
    pd.DataFrame(rows, columns=["arm", "platform"]).to_csv(path, index=False)
    return path


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "sound.parquet"
    pd.DataFrame({"arm": ["control"] * 503 + ["treatment"] * 497}).to_parquet(path)
    return path


def run(*arguments):
    return cli.main([str(a) for a in arguments])


def test_a_sound_file_passes_with_code_0(sound, capsys):
    assert run("srm", sound, "--arm", "arm", "--expect", PLAN) == 0
    assert "control 503 (planned 500)" in capsys.readouterr().out


def test_a_mismatch_fails_with_code_1_and_the_p_value_of_scipy(trial, capsys):
    assert run("srm", trial, "--arm", "arm", "--expect", PLAN) == 1
    assert f"p = {stats.chisquare([2_200, 1_800]).pvalue:.2g}" in capsys.readouterr().out


def test_the_plan_decides_and_not_an_equal_split(trial, capsys):
    assert run("srm", trial, "--arm", "arm", "--expect", "control=.55,treatment=.45") == 0
    assert "planned 2,200" in capsys.readouterr().out


def test_alpha_moves_the_verdict(tmp_path):
    path = tmp_path / "edge.csv"
    path.write_text("arm\n" + "control\n" * 550 + "treatment\n" * 450)
    pvalue = stats.chisquare([550, 450]).pvalue
    assert 0.001 < pvalue < 0.01
    assert run("srm", path, "--arm", "arm", "--expect", PLAN) == 0
    assert run("srm", path, "--arm", "arm", "--expect", PLAN, "--alpha", "0.01") == 1


def test_without_a_plan_nothing_is_tested_and_the_counts_are_printed(trial, capsys):
    assert run("srm", trial, "--arm", "arm") == 2  # nothing was checked: no pass
    out = capsys.readouterr().out
    assert "control 2,200, treatment 1,800" in out
    assert "No SRM was computed" in out and "p =" not in out


def test_segments_name_where_the_units_were_lost(trial, capsys):
    assert run("srm", trial, "--arm", "arm", "--expect", PLAN, "--by", "platform") == 1
    lines = capsys.readouterr().out.splitlines()
    android, ios = (
        next(i for i, line in enumerate(lines) if line.startswith(f"  {name}:"))
        for name in ("android", "ios")
    )
    assert android < ios
    assert "mismatch" in lines[android] and "fit the plan" in lines[ios]


def test_segments_are_counted_without_a_plan(trial, capsys):
    assert run("srm", trial, "--arm", "arm", "--by", "platform") == 2
    assert "android: control 1,200, treatment 800" in capsys.readouterr().out


def test_opposite_losses_hide_in_the_total_but_not_by_segment(tmp_path):
    path = tmp_path / "hidden.csv"
    sizes = {("control", "a"): 600, ("treatment", "a"): 400, ("control", "b"): 400, ("treatment", "b"): 600}
    path.write_text("arm,group\n" + "".join(f"{arm},{group}\n" * n for (arm, group), n in sizes.items()))
    assert run("srm", path, "--arm", "arm", "--expect", PLAN) == 0
    assert run("srm", path, "--arm", "arm", "--expect", PLAN, "--by", "group") == 1


def test_a_planned_arm_without_units_is_a_mismatch(tmp_path):
    path = tmp_path / "lost.csv"
    path.write_text("arm\n" + "control\n" * 100)
    assert run("srm", path, "--arm", "arm", "--expect", PLAN) == 1


def test_whole_number_arms_are_read_as_they_are_written(tmp_path, capsys):
    path = tmp_path / "coded.csv"
    path.write_text("user,arm\n" + "1,0\n" * 50 + "2,1\n" * 50 + "3,\n" * 3)
    assert run("srm", path, "--arm", "arm", "--expect", "0=.5,1=.5") == 0
    assert "3 rows have no value in arm and are not counted." in capsys.readouterr().out


def test_rows_without_a_segment_count_in_the_total_and_are_named(tmp_path, capsys):
    path = tmp_path / "gaps.csv"
    path.write_text("arm,group\n" + "control,x\ntreatment,x\n" * 20 + "control,\ntreatment,\n" * 5)
    assert run("srm", path, "--arm", "arm", "--by", "group") == 2
    out = capsys.readouterr().out
    assert "10 rows have no value in group and are in no segment." in out
    assert "control 25, treatment 25" in out and "x: control 20, treatment 20" in out


def test_a_comma_too_many_is_refused_with_its_line(tmp_path, capsys):
    path = tmp_path / "trailing.csv"
    path.write_text(
        "user,arm\n" + "".join(f"{i},{arm},\n" for i in range(30) for arm in ("control", "treatment"))
    )
    assert run("srm", path, "--arm", "arm", "--expect", PLAN) == 2
    assert "must have 2 fields in every row, as in its header; got 3 in line 2" in capsys.readouterr().err


def cut(path, share=0.6):
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: int(len(data) * share)])


BAD = {
    "file not there": (lambda f: f.unlink(), ["--arm", "arm"], "must be the path of a file that exists"),
    "unknown column": (
        lambda f: None,
        ["--arm", "group"],
        "--arm must name columns of the table, which are arm; got 'group'",
    ),
    "unknown segment": (
        lambda f: None,
        ["--arm", "arm", "--by", "city"],
        "--by must name columns of the table",
    ),
    "cut Parquet": (cut, ["--arm", "arm"], "must be a whole, readable table"),
    "empty file": (lambda f: f.write_bytes(b""), ["--arm", "arm"], "which is empty"),
    "not Parquet at all": (lambda f: f.write_text("arm\ncontrol\n"), ["--arm", "arm"], "readable table"),
    "per cent": (
        lambda f: None,
        ["--arm", "arm", "--expect", "control=50,treatment=50"],
        "Is that per cent?",
    ),
    "sum below 1": (lambda f: None, ["--arm", "arm", "--expect", "control=.5,treatment=.4"], "must sum to 1"),
    "negative share": (
        lambda f: None,
        ["--arm", "arm", "--expect", "control=1.5,treatment=-.5"],
        "must not be negative",
    ),
    "arm not in the plan": (
        lambda f: None,
        ["--arm", "arm", "--expect", "control=.5,b=.5"],
        "The file also has treatment",
    ),
    "arm twice": (lambda f: None, ["--arm", "arm", "--expect", "a=.5,a=.5"], "each arm once"),
    "no shares": (lambda f: None, ["--arm", "arm", "--expect", "half"], "must look like"),
    "alpha in per cent": (
        lambda f: None,
        ["--arm", "arm", "--expect", PLAN, "--alpha", "5"],
        "between 0 and 1",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_ends_with_code_2_and_one_sentence(case, sound, capsys):
    spoil, arguments, message = BAD[case]
    spoil(sound)
    assert run("srm", sound, *arguments) == 2
    shown = capsys.readouterr()
    assert message in shown.err and shown.err.startswith(("abkit: --", "abkit: the file"))
    assert shown.out == "" and "Traceback" not in shown.err


@pytest.mark.parametrize("content", ["arm,user\n", "arm,user\n,1\n"])
def test_a_table_without_an_arm_is_bad_input(tmp_path, content, capsys):
    path = tmp_path / "none.csv"
    path.write_text(content)
    assert run("srm", path, "--arm", "arm", "--expect", PLAN) == 2
    assert "at least one row" in capsys.readouterr().err


def test_another_file_type_is_bad_input(tmp_path, capsys):
    path = tmp_path / "trial.xlsx"
    path.write_bytes(b"PK")
    assert run("srm", path, "--arm", "arm") == 2
    assert "must end in .csv" in capsys.readouterr().err


def test_only_lab_takes_unknown_arguments(sound):
    with pytest.raises(SystemExit) as stop:
        run("srm", sound, "--arm", "arm", "--port=1")
    assert stop.value.code == 2


def test_doctor_is_content_with_this_environment(capsys):
    assert run("doctor") == 0, capsys.readouterr().out
    assert "All is well" in capsys.readouterr().out


def test_doctor_names_another_version_and_what_to_run(monkeypatch, tmp_path, capsys):
    (tmp_path / "constraints.txt").write_text("numpy==1.0\nscikit_learn==0.1  # any spelling\n")
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    assert run("doctor") == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["numpy", "scikit-learn"]
    assert all(line.endswith(".") and "run " in line for line in lines)


def test_doctor_names_a_missing_package(monkeypatch):
    monkeypatch.setattr(machine, "_required", lambda: ["no-such-package"])
    assert machine._version_problems()[0].startswith("no-such-package is not installed: run")


def test_doctor_names_an_old_python():
    assert machine._python_problems((3, 10, 4)) == [
        "Python is 3.10.4: install Python 3.11 or newer and make the environment again."
    ]


def test_doctor_names_a_kernel_of_another_python(monkeypatch):
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    other = KernelSpec(argv=["/elsewhere/bin/python", "-m", "ipykernel_launcher"])
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: other)
    assert "starts another Python" in machine._kernel_problems()[0]


def test_doctor_looks_at_the_packages_of_lab_and_data():
    required = {machine._plain_name(name) for name in machine._required()}
    assert {"numpy", "jupyterlab", "causaldata", "sqlalchemy"} <= required
    assert "hypothesis" not in required
