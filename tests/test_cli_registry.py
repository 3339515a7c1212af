"""`abkit registry`: a plan goes its way on the command line; exit codes; one sentence for every refusal."""

import json

import numpy as np
import pandas as pd
import pytest
from test_registry import NASTY, experiment

from abkit import Analysis, Metric
from abkit.cli import main


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code = main(["registry", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def plan(tmp_path):
    analysis = Analysis("arm", "control", (Metric("ordered", "proportion"),), unit="user")
    (tmp_path / "button.yaml").write_text(experiment(analysis=analysis).yaml(), encoding="utf-8")
    return tmp_path / "button.yaml"


@pytest.fixture
def table(tmp_path):
    n = 2 * 19_200
    frame = pd.DataFrame({"user": range(n), "arm": np.tile(["control", "big"], n // 2)})
    frame["ordered"] = (np.arange(n) // 2 % 100 < np.tile([25, 27], n // 2)).astype(int)
    frame.to_csv(tmp_path / "units.csv", index=False)
    return tmp_path / "units.csv"


def test_a_plan_goes_its_way(call, plan, table, tmp_path):
    code, out, _ = call("add", plan, "--by", "ines", "--note", "first idea")
    assert code == 0 and "19,147 units in control reach a power of 0.8" in out
    assert call("start", "button", "--at", "2026-03-02")[:2] == (0, "button: running\n")
    assert call("pause", "button", "--at", "2026-03-03")[0] == 0
    assert call("resume", "button", "--at", "2026-03-04")[0] == 0
    code, out, _ = call("analyze", "button", table, "--at", "2026-03-15")
    assert code == 0 and "button: analysed as registered." in out and "big against control: SHIP" in out
    assert call("complete", "button", "--at", "2026-03-15")[0] == 0
    code, out, _ = call("show", "button")
    assert (
        code == 0
        and "name: button" in out
        and "# 2026-03-02  start    running" in out
        and "by ines; first idea" in out
    )
    assert call("archive", "button", "--at", "2026-03-20")[1] == "button: archived\n"
    code, out, _ = call("list")
    assert out == "archived   2026-03-02 to 2026-03-15   button  [ordered; checkout; all] ines\n"
    assert json.loads(call("list", "--json")[1])[0]["outcome"]["decisions"] == {"big": "ship"}
    assert call("list", "--status", "running")[1] == "No experiments.\n"
    code, out, _ = call("scorecard")
    assert "1 experiments, 1 with a result, 1 to ship" in out
    assert call("scorecard", "--html", tmp_path / "card.html")[0] == 0 and (tmp_path / "card.html").exists()


def test_departures_and_conflicts_are_exit_code_one(call, plan, table, tmp_path):
    call("add", plan)
    call("start", "button", "--at", "2026-03-02")
    other = tmp_path / "other.yaml"
    analysis = Analysis("arm", "control", (Metric("ordered", "proportion"),), unit="user", alpha=0.1)
    other.write_text(experiment("other", analysis=analysis, plan=None, layer=None).yaml(), encoding="utf-8")
    code, out, _ = call("analyze", "button", table, "--at", "2026-03-15", "--done", other)
    assert code == 1 and "alpha: 0.1, planned 0.05" in out
    code, out, _ = call("analyze", "button", table, "--at", "2026-03-15", "--json")
    facts = json.loads(out)
    assert code == 1 and facts["look"] == 2 and facts["departures"] == ["looks: this is look 2, 1 planned"]
    code, out, _ = call("conflicts", other)
    assert (
        code == 1
        and "button (running), 2026-03-02 to 2026-03-15" in out
        and "one layer (for instance 'checkout')" in out
    )
    assert call("conflicts", "button")[:2] == (0, "No conflicts.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start", "nothing"), "registered experiment"),
        (("pause", "button"), "may go from draft to running only"),
        (("start", "button", "--at", "soon"), "must be a date"),
        (("add", "missing.yaml"), "YAML file that can be read"),
        (("list", "--status", "planned"), "must be one of"),
        (("show", "button", "--registry", "no/folder/r.sqlite"), "folder that exists"),
        (("analyze", "button", "units.csv"), "must have been started"),
        (("show", "button", "--registry", "button.yaml"), "must be a registry that can be opened"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_code_two(call, plan, table, words, said):
    call("add", plan)
    code, out, err = call(*words)
    assert code == 2 and out == "" and said in err and err.startswith("abkit: ") and "Traceback" not in err


def test_a_plan_without_its_power_needs_a_reason(call, plan):
    plan.write_text(plan.read_text(encoding="utf-8").replace("19147", "5000"), encoding="utf-8")
    assert "a power of 0.299" in call("add", plan)[1]
    code, _, err = call("start", "button")
    assert code == 2 and "needs 19,147" in err
    assert call("start", "button", "--underpowered", "a pilot")[0] == 0


@pytest.mark.parametrize("name", NASTY)
def test_names_are_inert(call, tmp_path, name):
    (tmp_path / "p.yaml").write_text(experiment(name).yaml(), encoding="utf-8")
    for words in (
        ("add", "p.yaml"),
        ("start", name),
        ("list",),
        ("show", name),
        ("conflicts", name),
        ("scorecard",),
    ):
        assert call(*words)[0] == 0, words
