"""One assignment in four places: Python, DuckDB, PostgreSQL and Spark give 100,000 ids the same arms."""

import os

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import servers
from pyarrow import parquet

import abkit as ab

SEED = int(os.environ.get("ABKIT_SEED", "0"))
pytestmark = pytest.mark.engines
LABELS = {"con'trol": 1 / 3, "trea\\t{0}": 1 / 3, 'ü"x': 1 / 3}
HALVES = {"control": 0.5, "treatment": 0.5}
CALL = {"salt": "it's \\ ü", "share": 0.6, "column": "user id"}
ODD = [
    "",
    "O'Brien",
    'say "hi"',
    "użytkownik_ß",
    "x" * 300,
    "\U0001f600",
    "a.b",
    "%s",
    "back\\slash",
    " ",
    "a\nb",
    "e\u0301",
    "\u00e9",
]
ALPHABET = np.array(list("abcXYZ0189-_.'\"\\ éßżщ文日\U0001f600"))


@pytest.fixture(scope="module")
def table():
    """100,000 ids of 1 to 12 odd characters, and the hard ones, with a row number."""
    rng = np.random.default_rng(SEED)
    made = ["".join(rng.choice(ALPHABET, size)) for size in rng.integers(1, 13, 100_000 - len(ODD))]
    return pa.table({"row": range(100_000), "user id": ODD + made})


@pytest.fixture(scope="module")
def expected(table):
    return ab.assign(table["user id"].to_pylist(), LABELS, salt=CALL["salt"], share=CALL["share"]).tolist()


@pytest.fixture(scope="module")
def postgresql():
    with servers.postgresql() as connection:
        yield connection


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    with servers.spark(tmp_path_factory.mktemp("spark")) as session:
        yield session


def fill(postgresql, table, kind):
    with postgresql.cursor() as cursor:
        cursor.execute(
            f'DROP TABLE IF EXISTS ids; CREATE TEMPORARY TABLE ids ("row" integer, "user id" {kind})'
        )
        with cursor.copy('COPY ids ("row", "user id") FROM STDIN') as copy:
            for row in zip(*(table[name].to_pylist() for name in ("row", "user id")), strict=True):
                copy.write_row(row)


def test_the_ids_are_hard_enough(table, expected):
    ids = table["user id"].to_pylist()
    assert len(ids) == 100_000 and max(map(len, ids)) == 300 and "" in ids
    assert set(expected) == {*LABELS, None}
    assert any("'" in i and "\\" in i for i in ids) and any(ord(c) > 0xFFFF for i in ids for c in i)


def test_duckdb(table, expected):
    with duckdb.connect() as connection:
        connection.register("ids", table)
        got = connection.execute(f'SELECT {ab.assign_sql(LABELS, **CALL)} FROM ids ORDER BY "row"').fetchall()
    assert [arm for (arm,) in got] == expected


def test_postgresql(postgresql, table, expected):
    fill(postgresql, table, "text")
    query = f'SELECT {ab.assign_sql(LABELS, dialect="postgresql", **CALL)} FROM ids ORDER BY "row"'
    assert [arm for (arm,) in postgresql.execute(query.encode()).fetchall()] == expected


def test_postgresql_whole_numbers(postgresql):
    fill(postgresql, pa.table({"row": range(2_000), "user id": range(-1_000, 1_000)}), "bigint")
    query = (
        f"SELECT {ab.assign_sql(HALVES, salt='n', column='user id', dialect='postgresql')} FROM ids ORDER BY"
        ' "row"'
    )
    assert [arm for (arm,) in postgresql.execute(query.encode()).fetchall()] == ab.assign(
        range(-1_000, 1_000), HALVES, salt="n"
    ).tolist()


def test_spark(spark, table, expected, tmp_path):
    parquet.write_table(table, tmp_path / "ids.parquet")
    spark.read.parquet(str(tmp_path / "ids.parquet")).createOrReplaceTempView("ids")
    got = spark.sql(
        f"SELECT {ab.assign_sql(LABELS, dialect='spark', **CALL)} AS arm FROM ids ORDER BY `row`"
    ).collect()
    assert [row.arm for row in got] == expected


def test_spark_whole_numbers(spark):
    query = (
        f"SELECT {ab.assign_sql(HALVES, salt='n', column='id', dialect='spark')} AS arm FROM range(-1000,"
        " 1000) ORDER BY id"
    )
    assert [row.arm for row in spark.sql(query).collect()] == ab.assign(
        range(-1_000, 1_000), HALVES, salt="n"
    ).tolist()


def test_teeth_another_salt_gives_other_arms(table, expected):
    other = ab.assign_sql(LABELS, **(CALL | {"salt": "other"}))
    with duckdb.connect() as connection:
        connection.register("ids", table)
        got = connection.execute(f'SELECT {other} FROM ids ORDER BY "row"').fetchall()
    assert [arm for (arm,) in got] != expected
