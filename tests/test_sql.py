"""The SQL text gives the arms of `assign`: run here in DuckDB; tests/engines has PostgreSQL and Spark."""

import duckdb
import pandas as pd
import pytest

import abkit as ab

LABELS = {"con'trol": 1 / 3, "trea\\t{0}": 1 / 3, 'ü"x': 1 / 3}
ODD = ["", "O'Brien", 'say "hi"', "użytkownik_ß", "x" * 300, "\U0001f600", "a.b", "%s", "back\\slash", " "]


def test_duckdb_agrees_with_python_on_100_000_ids():
    ids = ODD + [f"user-{i}" if i % 2 else f"ü{i}'" for i in range(100_000)]
    frame = pd.DataFrame({'odd "id"': [*ids, None]})  # noqa: F841  (DuckDB reads it by name)
    text = ab.assign_sql(LABELS, salt="it's", share=0.6, column='odd "id"')
    got = [row[0] for row in duckdb.sql(f"SELECT {text} FROM frame").fetchall()]
    assert got[-1] is None
    assert got[:-1] == ab.assign(ids, LABELS, salt="it's", share=0.6).tolist()
    assert set(got) == {*LABELS, None}


def test_whole_numbers_agree_too():
    text = ab.assign_sql({"a": 0.5, "b": 0.5}, salt="s", column="id")
    got = duckdb.sql(f"SELECT {text} FROM (SELECT unnest(range(1000)) AS id)").fetchall()
    assert [row[0] for row in got] == ab.assign(range(1000), {"a": 0.5, "b": 0.5}, salt="s").tolist()


def test_an_arm_of_width_zero_is_never_given():
    text = ab.assign_sql({"a": 0.0, "b": 1.0}, salt="s", column="id")
    assert set(duckdb.sql(f"SELECT {text} FROM (SELECT unnest(range(1000)) AS id)").fetchall()) == {("b",)}


def test_spark_text_quotes_its_own_way():
    text = ab.assign_sql({"a'\\": 1.0}, salt="s", column="i`d", dialect="spark")
    assert "`i``d`" in text and r"'a\'\\'" in text and "conv(" in text


@pytest.mark.parametrize(
    "options", [{"dialect": "oracle"}, {"column": ""}, {"share": 0.00001}, {"salt": "a\0b"}]
)
def test_impossible_requests_raise(options):
    with pytest.raises(ValueError):
        ab.assign_sql({"a": 0.5, "b": 0.5}, **({"salt": "s", "column": "id"} | options))
