"""Every back-end gives the moments that numpy gives in long double."""

import os
from fractions import Fraction

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from abkit.moments import Moments
from abkit.tables.reducing import arm_counts, moments_from_table, reduce_table

SEED = int(os.environ.get("ABKIT_SEED", "0"))
KINDS = ["pandas", "polars", "lazy", "pyarrow", "duckdb", "csv", "parquet"]
MEMORY = ["pandas", "polars", "pyarrow"]


def held_by(kind, frame, folder):
    """The same rows, held by another library."""
    if kind == "pandas":
        return frame
    if kind in ("polars", "lazy"):
        table = pl.from_pandas(frame)
        return table.lazy() if kind == "lazy" else table
    if kind in ("pyarrow", "duckdb"):
        table = pa.Table.from_pandas(frame, preserve_index=False)
        return table if kind == "pyarrow" else duckdb.from_arrow(table)
    path = folder / ("t.csv" if kind == "csv" else "t.parquet")
    if kind == "csv":
        frame.to_csv(path, index=False)
        return str(path)
    frame.to_parquet(path, index=False)
    return path


def rows(n=40_000):
    rng = np.random.default_rng(SEED)
    frame = pd.DataFrame(
        {
            "arm": rng.choice(["treatment", "control"], n),
            "y": rng.normal(3, 2, n),
            "bought": rng.random(n) < 0.3,
            "visits": rng.integers(0, 50, n),
            "segment": rng.integers(0, 30, n),
        }
    )
    frame["pre"] = 0.7 * frame["y"] + rng.normal(0, 1, n)
    return frame


def covariance(frame, names, centre=0.0):
    """Oracle: two passes over the rows in long double."""
    x = np.stack([frame[c].to_numpy().astype(np.longdouble) for c in names]) - np.longdouble(centre)
    d = x - x.mean(1, keepdims=True)
    return (d @ d.T / (x.shape[1] - 1)).astype(float), (x.mean(1) + np.longdouble(centre)).astype(float)


def same(moments, frame, names):
    cov, mean = covariance(frame, names)
    scale = np.sqrt(np.outer(np.diag(cov), np.diag(cov)))
    assert moments.n == len(frame)
    assert moments.names == tuple(names)
    np.testing.assert_allclose(moments.mean, mean, rtol=1e-12)  # the promise for engines
    np.testing.assert_allclose(moments.cov / scale, cov / scale, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("by", ["arm", "segment", None])
def test_moments_are_those_of_two_passes_in_long_double(kind, by, tmp_path):
    frame, names = rows(), ["y", "bought", "visits", "pre"]
    found = moments_from_table(held_by(kind, frame, tmp_path), names, by=by)
    if by is None:
        same(found, frame, names)
        return
    frame = frame.astype({"segment": str if kind == "csv" else int})  # labels of a text file are text
    expected = dict(list(frame.groupby(by)))
    assert list(found) == sorted(expected)
    assert all(type(k) in (str, int) for k in found)
    for label, part in expected.items():
        same(found[label], part, names)


@pytest.mark.parametrize("kind", KINDS)
def test_variance_keeps_nine_digits_at_mean_one_hundred_million(kind, tmp_path):
    frame = pd.DataFrame(
        {"y": np.random.default_rng(SEED).normal(1e8, 1, 100_000 if kind == "csv" else 1_000_000)}
    )
    found = moments_from_table(held_by(kind, frame, tmp_path), "y")
    exact = covariance(frame, ["y"], centre=1e8)[0]
    np.testing.assert_allclose(found.cov, exact, rtol=1e-9)  # the requirement


def test_a_plain_sum_of_squares_would_lose_the_nine_digits():
    y = np.random.default_rng(SEED).normal(1e8, 1, 100_000)
    naive = ((y**2).sum() - y.sum() ** 2 / len(y)) / (len(y) - 1)
    assert abs(naive / covariance(pd.DataFrame({"y": y}), ["y"], 1e8)[0][0, 0] - 1) > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_groups_far_from_the_first_rows_keep_their_digits(kind, tmp_path):
    rng = np.random.default_rng(SEED)
    frame = pd.DataFrame({"arm": ["a"] * 20_000 + ["b"] * 20_000, "y": rng.normal(0, 1, 40_000)})
    frame.loc[20_000:, "y"] += 1e7
    found = moments_from_table(held_by(kind, frame, tmp_path), "y", by="arm")
    exact = covariance(frame[20_000:], ["y"], centre=1e7)[0]
    np.testing.assert_allclose(found["b"].cov, exact, rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("groups", [1, 2, 12])
def test_equal_values_in_a_group_have_exactly_no_spread(kind, groups, tmp_path):
    arm = np.random.default_rng(SEED).integers(0, groups, 20_000)
    frame = pd.DataFrame({"arm": arm, "y": 0.7 + 0.1 * arm})
    found = moments_from_table(held_by(kind, frame, tmp_path), "y", by="arm")
    assert [m.scatter.tolist() for m in found.values()] == [[[0.0]]] * groups
    expected = [0.7 + 0.1 * float(k) for k in found]
    assert [m.mean[0] for m in found.values()] == pytest.approx(expected, rel=1e-15)  # one rounding


def test_small_table_is_exact_in_fractions():
    values = [0.1, 0.7, 2.5, -3.25, 8.0]
    exact = [Fraction(v) for v in values]
    mean = sum(exact) / 5
    var = sum((v - mean) ** 2 for v in exact) / 4
    found = moments_from_table(pd.DataFrame({"y": values}), "y")
    assert found.mean[0] == pytest.approx(float(mean), rel=1e-15)
    assert found.cov[0, 0] == pytest.approx(float(var), rel=1e-15)


@pytest.mark.parametrize("kind", MEMORY)
def test_forty_identical_calls_give_identical_bits(kind, tmp_path):
    rng = np.random.default_rng(SEED)
    frame = pd.DataFrame(
        {
            "arm": rng.integers(0, 2, 1_000_000),
            "y": rng.normal(size=1_000_000),
            "pre": rng.normal(size=1_000_000),
        }
    )
    table = held_by(kind, frame, tmp_path)
    calls = 40 if kind == "pyarrow" else 5
    results = {
        tuple(
            m.mean.tobytes() + m.scatter.tobytes()
            for m in moments_from_table(table, ["y", "pre"], by="arm").values()
        )
        for _ in range(calls)
    }
    assert len(results) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_missing_values_are_dropped_and_counted(kind, tmp_path):
    frame = rows(30_000)
    frame.loc[3:5, "y"] = np.nan
    frame.loc[5:6, "pre"] = np.nan
    frame.loc[[6, 29_999], "arm"] = None
    found = reduce_table(held_by(kind, frame, tmp_path), ["y", "pre"], by="arm")
    assert (found.rows, found.dropped) == (30_000, 5)
    assert found.dropped_by_column == {"y": 3, "pre": 2, "arm": 2}
    for label, part in frame[["arm", "y", "pre"]].dropna().groupby("arm"):
        same(found.moments[label], part, ["y", "pre"])


@pytest.mark.parametrize("kind", ["polars", "lazy", "pyarrow", "duckdb"])
def test_nan_and_null_are_both_missing(kind):
    table = pl.DataFrame({"y": [1.0, float("nan"), None, 4.0]})
    other = {"polars": table, "lazy": table.lazy(), "pyarrow": table.to_arrow()}
    found = reduce_table(other[kind] if kind in other else duckdb.from_arrow(table.to_arrow()), "y")
    assert (found.moments.n, found.moments.mean[0], found.dropped) == (2, 2.5, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_arm_counts_are_those_of_pandas(kind, tmp_path):
    frame = rows(5_000).astype({"segment": str if kind == "csv" else int})  # labels of a text file are text
    frame.loc[:6, "arm"] = None
    table = held_by(kind, frame, tmp_path)
    found = arm_counts(table, "arm")
    assert found.counts == frame["arm"].value_counts().to_dict()
    assert list(found.counts) == ["control", "treatment"]
    assert found.missing == 7
    nested = arm_counts(table, "arm", by="segment")
    expected = {s: part["arm"].value_counts().to_dict() for s, part in frame.groupby("segment")}
    assert nested.counts == expected
    assert nested.missing == 7


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"y": pd.array([1, None, 3], "Int64"), "g": pd.Categorical(["a", "b", "b"])}),
        pd.DataFrame({"y": pd.array([True, None, False], "boolean"), "g": ["a", "b", "b"]}),
        pa.table(
            {
                "y": pa.chunked_array([[1.0], [None, 3.0]]),
                "g": pa.chunked_array([["a", "b"], ["b"]]).dictionary_encode(),
            }
        ),
        pl.DataFrame({"y": [1, None, 3], "g": pl.Series(["a", "b", "b"], dtype=pl.Categorical)}),
    ],
    ids=["Int64", "boolean", "dictionary", "categorical"],
)
def test_nullable_and_categorical_columns_are_understood(table):
    found = reduce_table(table, "y", by="g")
    assert {k: m.n for k, m in found.moments.items()} == {"a": 1, "b": 1}
    assert found.dropped == 1


def test_shards_add_up_to_the_whole():
    frame = rows(20_000)
    parts = moments_from_table(frame[:7_000], ["y", "pre"]) + moments_from_table(frame[7_000:], ["y", "pre"])
    same(parts, frame, ["y", "pre"])


def test_from_table_is_the_same_function():
    frame = rows(100)
    assert Moments.from_table(frame, ["y"]).mean == moments_from_table(frame, "y").mean


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("change", "columns", "message"),
    [
        ({}, "revenue", "`columns` must name columns of the table, which are arm, y; got 'revenue'"),
        ({}, "arm", "`arm` must hold numbers or booleans"),
        ({"y": [1.0, np.inf, 2.0]}, "y", "`y` must hold finite numbers or missing values; got 1 infinite"),
        ({"y": [np.nan, np.nan, np.nan]}, "y", "`table` must hold at least one complete row; got 3 rows"),
    ],
    ids=["unknown column", "text", "infinite", "all dropped"],
)
def test_bad_columns_are_refused_on_every_back_end(kind, change, columns, message, tmp_path):
    frame = pd.DataFrame({"arm": ["a", "b", "b"], "y": [1.0, 2.0, 3.0]} | change)
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        moments_from_table(held_by(kind, frame, tmp_path), columns)


def test_unknown_group_and_arm_columns_list_what_exists():
    frame = rows(10)
    with pytest.raises(ValueError, match="`by` must name columns of the table, which are arm, y"):
        moments_from_table(frame, "y", by="group")
    with pytest.raises(ValueError, match="`arm` must name columns"):
        arm_counts(frame, "group")


def test_text_among_numbers_is_refused():
    with pytest.raises(ValueError, match="`y` must hold numbers or booleans"):
        moments_from_table(pd.DataFrame({"y": pd.Series([1, "2"], dtype=object)}), "y")


def test_labels_must_be_plain_and_of_one_type():
    mixed, nested = (
        pd.DataFrame({"arm": [1, "a"], "y": [1, 2]}),
        pl.DataFrame({"arm": [[1], [2]], "y": [1, 2]}),
    )
    for table in (mixed, nested, nested.lazy()):
        with pytest.raises(
            ValueError, match="must hold (plain labels|labels of one type|values of one type)"
        ):
            moments_from_table(table, "y", by="arm")
        with pytest.raises(ValueError, match="must hold (plain labels|values of one type)"):
            arm_counts(table, "arm")


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(ValueError, match="`table` must have different column names"):
        moments_from_table(pd.DataFrame([[1, 2]], columns=["y", "y"]), "y")


def test_csv_file_of_a_header_alone_has_no_rows(tmp_path):
    (tmp_path / "header.csv").write_text("arm,y\n")
    with pytest.raises(ValueError, match="at least one complete row; got no rows"):
        moments_from_table(tmp_path / "header.csv", "y")


def test_nan_is_a_missing_label_on_every_back_end():
    table = pl.DataFrame({"arm": [0.0, 1.0, float("nan"), 1.0], "y": [1.0, 2.0, 3.0, 4.0]})
    for same_rows in (
        table,
        table.lazy(),
        table.to_pandas(),
        table.to_arrow(),
        duckdb.from_arrow(table.to_arrow()),
    ):
        found = reduce_table(same_rows, "y", by="arm")
        assert (list(found.moments), found.dropped, found.dropped_by_column["arm"]) == ([0.0, 1.0], 1, 1)
        assert arm_counts(same_rows, "arm").counts == {0.0: 1, 1.0: 2}


def test_table_without_rows_is_refused():
    with pytest.raises(ValueError, match="at least one complete row; got no rows"):
        moments_from_table(pd.DataFrame({"y": np.zeros(0)}), "y")


def test_broken_files_are_refused(tmp_path):
    whole = tmp_path / "whole.parquet"
    pq.write_table(pa.table({"y": np.arange(10_000.0)}), whole)
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(whole.read_bytes()[:5_000])
    (tmp_path / "empty.csv").touch()
    (tmp_path / "a.xlsx").touch()
    for name, message in [
        ("cut.parquet", "whole, readable table"),
        ("empty.csv", "which is empty"),
        ("none.csv", "file that exists"),
        ("a.xlsx", "end in .csv"),
    ]:
        with pytest.raises(ValueError, match=f"`table` must .*{message}"):
            moments_from_table(tmp_path / name, "y")
    with pytest.raises(ValueError, match="`table` must be a pandas, .*; got list"):
        moments_from_table([1, 2], "y")


@pytest.mark.parametrize("columns", [[], ["y", "y"], [3], 3])
def test_columns_must_be_different_names(columns):
    with pytest.raises(ValueError, match="`columns` must be"):
        moments_from_table(rows(10), columns)


def test_a_csv_file_whose_first_rows_are_whole_numbers_loses_no_decimals(tmp_path):
    frame = pd.DataFrame(
        {
            "user": [str(i) for i in range(30_000)] + [f"u{i}" for i in range(30_000)],
            "late": [None] * 30_000 + [1.5] * 30_000,
            "arm": ["a", "b"] * 30_000,
            "y": [1.0] * 30_000 + [0.49] * 30_000,
        }
    )
    frame.to_csv(tmp_path / "late.csv", index=False)
    found = reduce_table(tmp_path / "late.csv", ["y", "late"], by="arm").moments["a"]
    assert found.mean.tolist() == pytest.approx([0.49, 1.5]) and found.n == 15_000
    whole = reduce_table(tmp_path / "late.csv", "y").moments
    assert whole.mean[0] == pytest.approx(frame.y.mean(), rel=1e-12)
    assert arm_counts(tmp_path / "late.csv", "arm").counts == {"a": 30_000, "b": 30_000}
