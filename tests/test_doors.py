"""Files as real exports look, at every door: each call and each command gives the same right answer, or
refuses.
"""

import csv
import io
import json
import re
import runpy
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import abkit as ab
from abkit.cli import main
from abkit.tables import raw

MAKE = runpy.run_path(str(Path(__file__).parent / "cases" / "make.py"))["main"]


@dataclass
class Right:
    """What a file holds: rows of arm a and b, units, rows with a value, mean of b − mean of a; or why it is
    refused.
    """

    a: int = 0
    b: int = 0
    units: int = 0
    known: int | None = None
    effect: float | None = None
    refused: str = ""
    numbers_only: bool = False  # the fault lies in the number column, which some doors do not read
    column: str = "spent"
    kind: str = "mean"


def refused(why, **more):
    return Right(refused=why, **more)


PLAIN = Right(400, 400, 800, effect=5.0)
SMALL = Right(30, 30, 60)
RIGHT = {
    "plain.csv": PLAIN,
    "data[1].csv": PLAIN,
    "data1.csv": Right(400, 400, 800, effect=0.0),
    "arm=b/users.csv": PLAIN,
    "spent=3/users.csv": PLAIN,
    "apostrophes.csv": Right(31, 31, 62, effect=1.0, column="bought", kind="proportion"),
    "hash_ids.csv": Right(100, 100, 200, effect=5.0),
    "two_exports.csv": refused("line 52"),
    "short_row.csv": refused("line 12"),
    "same_name_twice.csv": refused("different column names; .*spent"),
    "blanks.csv": Right(60, 60, 120, effect=5.0),
    "ids_long.csv": Right(20, 20, 40),
    "ids_visitors.csv": Right(20, 20, 40),
    "ids_versions.csv": Right(20, 20, 40),
    "ids_letters.csv": Right(3, 3, 6),
    "cell_thousands.csv": refused(r"'1,234\.50' in line 32", numbers_only=True),
    "cell_minus.csv": refused(r"'−5\.00' in line 32", numbers_only=True),
    "cell_brackets.csv": refused(r"'\(5\.00\)' in line 32", numbers_only=True),
    "cell_na.csv": Right(30, 30, 60, known=59),
    "bom.csv": SMALL,
    "crlf.csv": SMALL,
    "semicolon.csv": refused("separator.* ';'"),
    "utf16.csv": refused("UTF-16.*[Ss]ave it as UTF-8"),
    "latin1.csv": refused("UTF-8; .*line 2"),
    "cut.csv.gz": refused("damaged"),
    "flipped.csv.gz": refused("damaged"),
    "plain.tsv": PLAIN,
    "plain.jsonl": PLAIN,
    "plain.csv.gz": PLAIN,
    "plain.parquet": PLAIN,
    **{f"odd {mark}name.csv": PLAIN for mark in "?*~'\"#"},
    **{f"odd {mark}name.parquet": PLAIN for mark in "?*~'\""},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The cases of make.py, the same rows in the other formats, and names that look like patterns beside
    decoys.
    """
    folder = tmp_path_factory.mktemp("cases")
    MAKE(folder)
    text = (folder / "plain.csv").read_text()
    (folder / "plain.tsv").write_text(text.replace(",", "\t"))
    rows = list(csv.DictReader(io.StringIO(text)))
    (folder / "plain.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "plain.csv.gz").write_bytes(__import__("gzip").compress(text.encode()))
    pq.write_table(pa.csv.read_csv(folder / "plain.csv"), folder / "plain.parquet")
    pq.write_table(pa.csv.read_csv(folder / "data1.csv"), folder / "data1.parquet")
    for mark in "?*~'\"#":
        for kind in ("csv", "parquet"):
            shutil.copy(folder / f"plain.{kind}", folder / f"odd {mark}name.{kind}")
            shutil.copy(folder / f"data1.{kind}", folder / f"odd xname.{kind}")
    return folder


def _plan(right):
    return ab.Analysis("arm", "a", (ab.Metric(right.column, right.kind),), unit="user")


def _report(facts):
    row = facts["lines"][0]
    units = next(check["message"] for check in facts["checks"] if check["name"] == "units")
    return {
        "arms": facts["counts"],
        "known": row["n_control"] + row["n_treatment"],
        "effect": row["estimate"],
        "units": int(units.split(" units, one row each")[0].replace(",", "")),
    }


def _moments(found):
    a, b = found["a"], found["b"]
    return {"known": a.n + b.n, "effect": float(b.mean[0] - a.mean[0])}


def _summed(file, column):
    found = ab.sum_units(file, [column], unit="user", arm="arm")
    mean = found.groupby("arm")[column].mean()
    return {
        "units": len(found),
        "arms": found.arm.value_counts().to_dict(),
        "known": int(found[column].notna().sum()),
        "effect": mean["b"] - mean["a"],
    }


def _command(capsys, *arguments, codes=(0,)):
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    if code == 2:
        named = ("abkit: `", "abkit: --", "abkit: the file")
        assert err.startswith(named) and err.count("\n") == 1 and out == ""
        raise ValueError(err)
    assert code in codes, (out, err)
    return out


def _srm(file, right, capsys):
    words = ("srm", file, "--arm", "arm", "--expect", "a=.5,b=.5")
    counts = _command(capsys, *words, codes=(0, 1))  # what is counted matters here, not the verdict
    return {"arms": {k: int(n.replace(",", "")) for k, n in re.findall(r"(\w) ([\d,]+) \(planned", counts)}}


def _assign(file, right, capsys):
    out = _command(capsys, "assign", file, "--unit", "user", "--weights", "a=.5,b=.5", "--salt", "s")
    return {"units": len({row[0] for row in list(csv.reader(io.StringIO(out)))[1:]})}


def _analyze(file, right, capsys, *more):
    spec = [
        "--arm",
        "arm",
        "--control",
        "a",
        "--metric",
        f"{right.column}:{right.kind}",
        "--unit",
        "user",
        "--json",
    ]
    return _report(json.loads(_command(capsys, "analyze", file, *spec, *more)))


DOORS = {
    "analyze": lambda file, right, capsys: _report(ab.analyze(file, _plan(right)).facts()),
    "arm_counts": lambda file, right, capsys: {"arms": ab.arm_counts(file, "arm").counts},
    "reduce_table": lambda file, right, capsys: _moments(
        ab.reduce_table(file, right.column, by="arm").moments
    ),
    "from_table": lambda file, right, capsys: _moments(ab.Moments.from_table(file, [right.column], by="arm")),
    "count_units": lambda file, right, capsys: {"units": ab.count_units(file, "user", arm="arm").units},
    "sum_units": lambda file, right, capsys: _summed(file, right.column),
    "srm command": _srm,
    "assign command": _assign,
    "analyze command": _analyze,
    "analyze --events": lambda file, right, capsys: _analyze(file, right, capsys, "--events"),
}
NO_NUMBERS = ("arm_counts", "count_units", "srm command", "assign command")


def _holds(found, right):
    wanted = {
        "arms": {"a": right.a, "b": right.b},
        "units": right.units,
        "known": right.a + right.b if right.known is None else right.known,
    }
    for name in found.keys() & wanted.keys():
        assert found[name] == wanted[name], name
    if right.effect is not None and "effect" in found:
        assert found["effect"] == pytest.approx(right.effect, abs=0.6)  # 60 rows an arm, sd 1: 3 errors


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", RIGHT)
def test_every_door_gives_the_right_answer_or_the_right_refusal(name, door, folder, capsys):
    right, file = RIGHT[name], folder / name
    if right.refused and not (right.numbers_only and door in NO_NUMBERS):
        with pytest.raises(ValueError, match=right.refused):
            DOORS[door](file, right, capsys)
        return
    found = DOORS[door](file, right, capsys)
    _holds(found, Right(30, 30, 60) if right.refused else right)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", ["plain.csv", "cell_na.csv", "plain.parquet", "plain.jsonl"])
def test_without_duckdb_the_rules_are_the_same(name, door, folder, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    _holds(DOORS[door](folder / name, RIGHT[name], capsys), RIGHT[name])


ROWS = "".join(f"u{i},{'ab'[i % 2]},{i}\n" for i in range(40))
HEAD = "user,arm,spent\n"
WRONG = {
    "a second export of the same columns": (HEAD + ROWS + HEAD + ROWS, "one header; .* line 42"),
    "a second export with its byte-order mark": (
        HEAD + ROWS + "\ufeff" + HEAD + ROWS,
        "one header; .* line 42",
    ),
    "a second header as the last line": (HEAD + ROWS + HEAD.strip(), "one header; .* line 42"),
    "a quote that opens nothing": (HEAD + ROWS + 'u5" x,a,1\n', 'a lone " in line 42'),
    "a quote that nobody closes": (HEAD + ROWS + '"u50,a,1\n' + ROWS, 'a lone " in line 42'),
    "text after a closing quote": (HEAD + '"u1"x,a,1\n', 'a lone " in line 2'),
    "a row too long": (HEAD + ROWS + "u50,a,1,2\n", "3 fields in every row, .* got 4 in line 42"),
    "two rows of wrong lengths that cancel": (HEAD + "u1,a,1,u2\nb,2\n" + ROWS, "got 4 in line 2"),
    "a row after a field of two lines": (HEAD + '"u\n1",a,1\nu2,a\n', "got 2 in line 4"),
    "old line ends": (HEAD + ROWS.replace("\n", "\r") + "\n", "line feed; got a lone return in line 2"),
    "a byte 0": (HEAD + "u1,a,\0\n", "UTF-8; got a byte 0 in line 2"),
    "a field of 10 MB": (HEAD + ROWS + f"{'x' * 10_000_000},a,1\n", "rows below 1 MB; .* line 42"),
    "a quoted field of 20 MB": (HEAD + ROWS + '"' + "x\n" * 10_000_000, "rows below 1 MB; .* line 42"),
    "a bar": ((HEAD + ROWS).replace(",", "|"), "separator '|'"),
    "a tab": ((HEAD + ROWS).replace(",", "\t"), r"separator '\\t'"),
    "a number with an underscore": (HEAD + ROWS + "u50,a,1_000\n", "'1_000' in line 42"),
    "truths among numbers": (HEAD + ROWS + "u50,a,true\n", "'true' in line 42"),
    "infinity": (HEAD + ROWS + "u50,a,inf\n", "1 infinite"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_broken_is_refused_with_its_line(case, tmp_path):
    text, message = WRONG[case]
    (tmp_path / "t.csv").write_bytes(text.encode())
    with pytest.raises(ValueError, match=f"^`(table|spent)` must .*{message}"):
        ab.reduce_table(tmp_path / "t.csv", "spent", by="arm")


def test_lines_are_counted_through_fields_of_several_lines_and_empty_lines(tmp_path):
    (tmp_path / "t.csv").write_text(HEAD + '"u\n1",a,1\n\nu2,b,x\n')
    with pytest.raises(ValueError, match="'x' in line 5 of"):
        ab.reduce_table(tmp_path / "t.csv", "spent", by="arm")


@pytest.mark.parametrize("size", [64, 97, 1_000])
def test_blocks_of_any_size_give_the_same_table(size, tmp_path, monkeypatch):
    rows = [(f'u"{i}' if i % 7 == 0 else f"u{i}\n", "ab"[i % 2], float(i)) for i in range(200)]
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows([("user", "arm", "spent"), *rows])
    monkeypatch.setattr(raw, "SIZE", size)
    found = ab.sum_units(tmp_path / "t.csv", ["spent"], unit="user", arm="arm")
    assert list(found.itertuples(index=False, name=None)) == [(u.strip(), arm, y) for u, arm, y in rows]


GOOD = {
    "quoted fields": (HEAD + '"u,1","a","1.5"\n"u ""2""",b,"2"\n', ["u,1", 'u "2"'], [1.5, 2.0]),
    "truths": (HEAD + "u1,a,true\nu2,b,False\n", ["u1", "u2"], [1.0, 0.0]),
    "blanks and signs": (HEAD + " u1 , a, +1.5 \nu2,b, NA\n", ["u1", "u2"], [1.5, None]),
    "no last line end": (HEAD + "u1,a,1\nu2,b,2", ["u1", "u2"], [1.0, 2.0]),
    "empty lines": (HEAD + "u1,a,1\n\n\nu2,b,2\n\n", ["u1", "u2"], [1.0, 2.0]),
    "names with blanks": ("user , arm,spent\nu1,a,1\nu2,b,2\n", ["u1", "u2"], [1.0, 2.0]),
    "Namibia": (HEAD + "NA,a,1\nnull,b,2\n", ["NA", "null"], [1.0, 2.0]),
    "exponents": (HEAD + "u1,a,1e3\nu2,b,-.5\n", ["u1", "u2"], [1000.0, -0.5]),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_is_sound_is_read(case, tmp_path):
    text, units, values = GOOD[case]
    (tmp_path / "t.csv").write_text(text)
    found = ab.sum_units(tmp_path / "t.csv", ["spent"], unit="user", arm="arm")
    assert found.user.tolist() == units and found.arm.tolist() == ["a", "b"]
    assert [None if value != value else value for value in found.spent] == values


JSON = {
    '{"user": 1, "arm": "a"}\n[1]\n': "one JSON object a line; .*line 2: list",
    '{"user": 1, "arm": "a"}\n{"user"': "one JSON object a line; .*line 2",
    '{"user": 1, "user": 2}\n': "line 1: a name that comes twice",
    '{"user": {"id": 1}, "arm": "a"}\n': "`user` must hold plain values; got dict in line 1",
    '{"user": 1}\n': "`arm` must name columns of the table, which are user; got 'arm'",
}


@pytest.mark.parametrize("text", JSON)
def test_json_lines_that_are_no_rows_are_refused(text, tmp_path):
    (tmp_path / "t.jsonl").write_text(text)
    with pytest.raises(ValueError, match=JSON[text]):
        ab.count_units(tmp_path / "t.jsonl", "user", arm="arm")


def test_json_lines_keep_ids_and_read_numbers_truths_and_gaps(tmp_path):
    ids = [10**19, "x ", 1000000000.25, 7]
    rows = [{"user": u, "arm": "a", "y": y} for u, y in zip(ids, (1, "2.5", None, True), strict=True)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows[:3])) + "\n\n")
    found = ab.sum_units(tmp_path / "t.jsonl", ["y"], unit="user", arm="arm")
    assert found.user.tolist() == ["10000000000000000000", "x", "1000000000.25"]
    assert found.y.tolist()[:2] == [1.0, 2.5] and found.y.isna().tolist() == [False, False, True]


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text(HEAD + ROWS)
    monkeypatch.setattr("builtins.open", lambda *a, **k: (_ for _ in ()).throw(PermissionError(13, "denied")))
    with pytest.raises(ValueError, match="`table` must be a file that can be read; got .*denied"):
        ab.arm_counts(tmp_path / "t.csv", "arm")
