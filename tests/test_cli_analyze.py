"""`abkit analyze` reads a file and answers with a report and an exit code."""

import json

import numpy as np
import pandas as pd
import pytest

from abkit.cli import main


@pytest.fixture
def file(tmp_path):
    n = 1_000
    frame = pd.DataFrame(
        {
            "user": np.arange(n),
            "arm": np.tile(["control", "new"], n // 2),
            "converted": np.arange(n) // 2 % 5 < np.tile([1, 2], n // 2),
            "revenue": np.arange(n) % 17 + 0.5,
            "clicks": np.arange(n) % 3,
            "views": 1 + np.arange(n) % 7,
            "load_ms": 300 + np.arange(n) % 11,
        }
    )
    frame.astype({"converted": int}).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


BASE = ["--arm", "arm", "--control", "control", "--metric", "converted:proportion"]
FULL = [
    *BASE,
    "--metric",
    "revenue:mean",
    "--metric",
    "clicks/views:ratio",
    "--guardrail",
    "load_ms:mean:down:10",
    "--unit",
    "user",
]


def test_a_report_names_the_decision_and_every_n(file, capsys):
    assert main(["analyze", str(file), *FULL, "--expect", "control=.5,new=.5"]) == 0
    out = capsys.readouterr().out
    assert (
        "new against control: SHIP" in out
        and out.count("n 500 + 500") == 4
        and "the shares fit the plan" in out
    )


def test_json_and_markdown_and_html(file, capsys, tmp_path):
    assert main(["analyze", str(file), *FULL, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["decisions"]["new"]["action"] == "ship"
    assert facts["lines"][0]["estimate"] == pytest.approx(0.2, rel=1e-12)  # 2 of 5 against 1 of 5
    assert main(["analyze", str(file), *FULL, "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("# Report")
    assert main(["analyze", str(file), *FULL, "--html", str(tmp_path / "r.html")]) == 0
    assert (tmp_path / "r.html").read_text(encoding="utf-8").count("<svg") == 4


def test_a_mismatch_exits_with_1_and_no_effect(file, capsys):
    assert main(["analyze", str(file), *FULL, "--expect", "control=.9,new=.1"]) == 1
    assert "corrected" not in capsys.readouterr().out


def test_worth_and_information_move_the_decision(file, capsys):
    main(["analyze", str(file), *BASE, "--worth", ".2"])
    assert "new against control: INCONCLUSIVE" in capsys.readouterr().out
    main(["analyze", str(file), *BASE, "--worth", ".2", "--information", ".6"])
    assert "new against control: EXTEND" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options, message",
    [
        (["--metric", "revenue"], "--metric must look like"),
        (["--metric", "revenue:median"], "--metric must look like"),
        (["--metric", "clicks:ratio"], "`denominator` must be given for a ratio"),
        (["--guardrail", "load_ms:mean:down"], "--guardrail must look like"),
        (["--guardrail", "load_ms:mean:left:3"], "`direction`"),
        (["--expect", "control=.5,old=.5"], "--expect must name every arm"),
        (["--correction", "none"], "--correction"),
        (["--unit", "person"], "--unit must name columns"),
        (
            ["--information", "50"],
            "--information must be a share of the plan, at most 2; got 50. Is that per cent",
        ),
        (["--worth", "2"], "--worth must be below 1 for a proportion"),
        (["--guardrail", "converted:proportion:down:2"], "`margin` must be below 1 for a proportion; got 2"),
        (["--metric", "arm:mean"], "--metric must not read the column of the arm, unit or cluster; got arm"),
        (["--metric", "sales:mean"], "--metric must name columns of the table"),
        (["--html", "/no/such/place/r.html"], "--html must be a file"),
    ],
)
def test_bad_input_exits_with_2_and_says_why(file, capsys, options, message):
    assert main(["analyze", str(file), *BASE, *options]) == 2
    assert message in capsys.readouterr().err


EVENTS = "user,arm,bought,spent\n1,old,0,2\n1,old,1,3\n2,old,0,1\n3,new,1,4\n3,new,1,4\n4,new,0,2\n,old,1,9\n"


def test_events_are_summed_to_units_first(tmp_path, capsys):
    log = tmp_path / "log.csv"
    log.write_text(EVENTS)
    spec = [
        "analyze",
        str(log),
        "--arm",
        "arm",
        "--control",
        "old",
        "--metric",
        "bought:proportion",
        "--metric",
        "spent:mean",
        "--json",
    ]
    assert main([*spec, "--events", "--unit", "user"]) == 0
    out, err = capsys.readouterr()
    lines = {line["metric"]: line for line in json.loads(out)["lines"]}
    assert (
        lines["spent"]["estimate"] == pytest.approx((8 + 2) / 2 - (5 + 1) / 2)
        and lines["spent"]["n_control"] == 2
    )
    assert (
        lines["bought"]["estimate"] == 0
    )  # one of two users bought in each arm, whoever bought twice counts once
    assert "1 rows have no value in user or arm" in err
    assert main([*spec, "--unit", "user"]) == 1  # without --events the repeated users are a failed check
    assert main([*spec, "--events", "--unit", "user", "--metric", "spent/bought:ratio"]) == 2
    assert "as a proportion and as a sum of events; got bought. Make two columns." in capsys.readouterr().err
    assert main([*spec, "--events"]) == 2 and "--unit must be given with --events" in capsys.readouterr().err


def test_a_million_rows_are_read_whole(tmp_path, capsys):
    rng = np.random.default_rng(1)
    n = 1_000_000
    import pyarrow as pa
    from pyarrow import csv

    y, arm = rng.integers(0, 2, n), rng.integers(0, 2, n)
    csv.write_csv(
        pa.table({"user": np.arange(n), "arm": np.array(["a", "b"])[arm], "y": y, "x": rng.random(n)}),
        tmp_path / "big.csv",
    )
    assert (
        main(
            [
                "analyze",
                str(tmp_path / "big.csv"),
                "--arm",
                "arm",
                "--control",
                "a",
                "--metric",
                "y:proportion",
                "--metric",
                "x:mean",
                "--expect",
                "a=.5,b=.5",
                "--unit",
                "user",
                "--json",
            ]
        )
        == 0
    )
    first = json.loads(capsys.readouterr().out)["lines"][0]
    assert first["n_control"] + first["n_treatment"] == n
    assert first["estimate"] == pytest.approx(y[arm == 1].mean() - y[arm == 0].mean(), abs=1e-12)


@pytest.mark.parametrize(
    "cell, message",
    [
        ("1,5", "the file must have 2 fields in every row"),
        ("nil", "`y` must hold numbers or booleans; got text such as 'nil' in line 2 of"),
        ("", "must hold at least one complete row; got 30 rows, all dropped; missing values: y 30"),
    ],
)
def test_a_column_that_is_no_number_says_what_stands_there(tmp_path, capsys, cell, message):
    (tmp_path / "t.csv").write_text(
        "arm,y\n" + "".join(f"{'ab'[i % 2]},{cell if i % 3 == 0 or not cell else i}\n" for i in range(30))
    )
    assert (
        main(["analyze", str(tmp_path / "t.csv"), "--arm", "arm", "--control", "a", "--metric", "y:mean"])
        == 2
    )
    assert message in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_ends_the_pipe_without_a_traceback(file):
    import subprocess
    import sys

    command = (
        f"{sys.executable} -c 'from abkit.cli import main; raise SystemExit(main())' analyze {file}"
        f" {' '.join(FULL)} --json | head -n 1"
    )
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stdout == "{\n" and "Traceback" not in done.stderr
