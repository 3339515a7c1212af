"""`abkit assign`: the arms of the rule, written once, and refusals in one sentence."""

import csv
import hashlib

import pandas as pd
import pytest

from abkit import cli

IDS = ["7", "007", "ann", "O'Brien", "użytkownik", 'say "hi"', "a,b", *(f"user-{i}" for i in range(500))]


def brute(unit, salt):
    return int(hashlib.md5(f"{salt}.{unit}".encode()).hexdigest()[:15], 16) % 10_000


def expected(unit, share):
    return (
        ""
        if brute(unit, "s/entry") >= 10_000 * share
        else "control"
        if brute(unit, "s/arm") < 5_000
        else "treatment"
    )


def run(file, *more, salt="s"):
    return cli.main(
        [
            "assign",
            str(file),
            "--unit",
            "id",
            "--weights",
            "control=.5,treatment=.5",
            "--salt",
            salt,
            *map(str, more),
        ]
    )


@pytest.fixture
def users(tmp_path):
    pd.DataFrame({"id": IDS, "other": 1}).to_csv(tmp_path / "users.csv", index=False)
    return tmp_path / "users.csv"


def test_arms_are_those_of_the_rule_in_the_order_of_the_file(users, tmp_path, capsys):
    assert run(users, "--share", 0.4, "--out", tmp_path / "arms.csv") == 0
    with (tmp_path / "arms.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    assert rows == [["id", "arm"], *([unit, expected(unit, 0.4)] for unit in IDS)]
    out = capsys.readouterr().out
    assert f"not enrolled {sum(arm == '' for _, arm in rows[1:])}" in out


def test_without_out_the_screen_gets_the_table(users, capsys):
    assert run(users) == 0
    assert list(csv.reader(capsys.readouterr().out.splitlines()))[1:] == [
        [unit, expected(unit, 1)] for unit in IDS
    ]


def test_parquet_with_whole_numbers(tmp_path, capsys):
    pd.DataFrame({"id": range(50)}).to_parquet(tmp_path / "users.parquet")
    assert run(tmp_path / "users.parquet") == 0
    assert list(csv.reader(capsys.readouterr().out.splitlines()))[1:] == [
        [str(i), expected(i, 1)] for i in range(50)
    ]


def test_a_file_that_exists_is_never_replaced(users, capsys):
    before = users.read_bytes()
    assert run(users, "--out", users) == 2
    assert users.read_bytes() == before and "must not be the file that is read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('id\n7\n""\n', "every row"),
        ("id\n", "at least one id"),
        ("unit\n7\n", "--unit must name columns of the table, which are unit"),
    ],
)
def test_ids_that_are_missing_are_refused(tmp_path, capsys, text, word):
    (tmp_path / "bad.csv").write_text(text)
    assert run(tmp_path / "bad.csv") == 2
    assert word in capsys.readouterr().err


def test_shares_outside_their_range_are_refused(users, capsys):
    assert run(users, "--share", 50) == 2
    assert "between 0 and 1" in capsys.readouterr().err
